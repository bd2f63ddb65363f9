//! After a start: tells operators of what a kill broke off, and closes it. None of it is done again
//! by itself: it may have been done, and what it was may cost money.

use std::collections::HashMap;
use std::sync::Arc;

use super::audit::{Audit, Deed, Outcome};
use super::error::causes;
use super::note::Note;
use super::question;
use super::request::{CommandError, Group, Shared};
use super::trigger::Trigger;
use crate::archive::{Fired, Question, QuestionState, Served, State};
use crate::connectors::Markup;
use crate::i18n::{Came, Phrase};
use crate::model::GroupId;

/// What was being done when the service ended.
#[derive(Debug, Default)]
pub(super) struct Broken {
    questions: Vec<Question>,
    commands: Vec<Served>,
    triggers: Vec<Fired>,
}

impl Broken {
    /// Reads it; nothing of it may have begun by then.
    pub(super) async fn read(shared: &Shared, groups: &HashMap<GroupId, Arc<Group>>) -> Self {
        let groups: Vec<GroupId> = groups.keys().copied().collect();
        let read = shared.state.with(move |state| {
            let mut triggers = Vec::new();
            for group in groups {
                triggers.extend(state.being_fired(group)?);
            }
            Ok(Self {
                questions: state.being_done()?,
                commands: state.being_served()?,
                triggers,
            })
        });
        match read.await {
            Ok(broken) => broken,
            Err(error) => {
                tracing::error!(error = causes(&error), "what was broken off cannot be read");
                Self::default()
            }
        }
    }

    /// Tells of it.
    pub(super) async fn tell(
        self,
        shared: Arc<Shared>,
        audit: Audit,
        groups: HashMap<GroupId, Arc<Group>>,
    ) {
        let write = async |group, topic, person, action: &str| {
            let deed = Deed {
                group,
                topic,
                person,
                action,
            };
            let result = Some(Came::Broken.word().to_owned());
            audit.write(deed, Outcome::Failed, result).await;
        };
        for question in self.questions {
            if let Some(group) = groups.get(&question.group) {
                let name = question::command(&shared, &question);
                let topic = question.topic;
                let person = question.answered_by.unwrap_or(question.person);
                write(group.id, topic, person, &name).await;
                note(group, self::question(&shared, group, &question).await);
            }
        }
        for command in self.commands {
            if let Some(group) = groups.get(&command.group) {
                let (topic, person) = (command.topic, command.person);
                write(group.id, topic, person, &command.command).await;
                note(group, self::command(&shared, group, command).await);
            }
        }
        for fired in self.triggers {
            if let Some(group) = groups.get(&fired.group) {
                let known = group.triggers.iter().find(|one| one.name == fired.trigger);
                if let Some(trigger) = known {
                    let name = format!("trigger {}", trigger.event());
                    write(group.id, fired.topic, shared.id, &name).await;
                }
                note(group, self::trigger(&shared, group, known, fired).await);
            }
        }
    }
}

fn note(group: &Group, told: Result<(), CommandError>) {
    if let Err(error) = told {
        let group = group.id;
        tracing::error!(%group, error = causes(&error), "what was broken off cannot be told");
    }
}

async fn question(shared: &Shared, group: &Group, question: &Question) -> Result<(), CommandError> {
    let language = group.language.unwrap_or_default();
    let markup = Markup::plain(&language.say(&Phrase::QuestionBroken));
    question::show(group, question, &markup, language).await;
    let token = question.token.clone();
    let person = question.answered_by.unwrap_or(question.person);
    let now = jiff::Timestamp::now().as_second();
    let (from, to) = (QuestionState::Doing, QuestionState::Off);
    let end = move |state: &mut State| state.answer(&token, from, to, person, now);
    shared.state.with(end).await?;
    Ok(())
}

async fn command(shared: &Shared, group: &Group, served: Served) -> Result<(), CommandError> {
    let language = group.language.unwrap_or_default();
    let shown = shared.table.named(&served.command);
    let phrase = Phrase::CommandBroken {
        command: shown.map_or(served.command, |known| known.shown.clone()),
    };
    let note = Note::new(&group.prefix, &language.say(&phrase));
    // Why it was dropped is logged where it was.
    let _ = group.tell(served.topic, note, language).await;
    let done = move |state: &mut State| state.turn_done(served.group, served.message);
    shared.state.with(done).await
}

async fn trigger(
    shared: &Shared,
    group: &Group,
    known: Option<&Trigger>,
    fired: Fired,
) -> Result<(), CommandError> {
    let language = group.language.unwrap_or_default();
    // Whoever changed the trigger is to know as well.
    let event = known.map_or("…", Trigger::event).to_owned();
    let phrase = Phrase::TriggerBroken { event };
    let note = Note::new(&group.prefix, &language.say(&phrase));
    let _ = group.tell(fired.topic, note, language).await;
    shared.state.with(move |state| state.fired(&fired)).await
}
