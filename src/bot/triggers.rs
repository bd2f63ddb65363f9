//! What happens by itself: the group's archive is followed, and what is configured for an event is
//! done once.
//!
//! A message counts some moments after it was written: what several sources see comes in another
//! order than it was written in. How far a group was followed lies in `state.db`, so that nothing is
//! passed over by a restart; what is older than a day is.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use regex::Regex;

use super::act;
use super::audit::{self, Audit, Outcome};
use super::command::Deed;
use super::customer;
use super::error::causes;
use super::note::Note;
use super::queue::Post;
use super::request::{CommandError, Group, Request, Shared};
use super::turns::Turns;
use crate::archive::{Handle, Order, Selection};
use crate::config::TriggerConfig;
use crate::connectors::{Live, Operator, Until};
use crate::model::{MessageId, Service, Snapshot, TopicId};
use crate::transcript::{Role, Roles};

/// How often time is looked at.
const TICK: Duration = Duration::from_secs(5);
/// How old a message must be, seconds.
const SETTLED: i64 = 3;
/// How long a customer's message may wait for what came before it to be read, seconds.
const PATIENCE: i64 = 600;
/// Messages that are looked at in one go.
const AT_ONCE: usize = 2_000;
/// What is older than this is not acted on any more, seconds.
const OLD: i64 = 86_400;

/// An event to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    TopicCreated,
    FirstMessage,
    Closed,
    Reopened,
    /// After so many seconds.
    NoAnswer(i64),
    /// A customer's message contains this.
    Text(String),
}

/// A trigger, ready.
#[derive(Clone, Debug)]
pub(super) struct Trigger {
    /// Tells it from others, also after a restart.
    name: String,
    when: When,
    pattern: Option<Regex>,
    deed: Option<Deed>,
    note: String,
}

/// Why a trigger cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// It runs what there is not.
    #[error("{run:?} is no action: write connector.action; there is: {known}")]
    Unknown {
        /// What it runs.
        run: String,
        /// What there is.
        known: String,
    },
    /// It runs what an operator must agree to.
    #[error("{run:?} asks an operator first: only an operator can run it")]
    Asks {
        /// What it runs.
        run: String,
    },
}

impl Trigger {
    /// Reads a trigger; its values were checked when the config was loaded.
    pub(super) fn new(
        config: &TriggerConfig,
        connectors: &[Arc<Live>],
    ) -> Result<Self, TriggerError> {
        let when = match config.on.as_str() {
            "topic_created" => When::TopicCreated,
            "first_message" => When::FirstMessage,
            "closed" => When::Closed,
            "reopened" => When::Reopened,
            "text" => When::Text(config.matches.clone()),
            _ => When::NoAnswer(i64::from(config.minutes) * 60),
        };
        let deed = match config.run.is_empty() {
            true => None,
            false => Some(action(&config.run, connectors)?),
        };
        let pattern = match &when {
            When::Text(pattern) => Regex::new(pattern).ok(),
            _ => None,
        };
        let name = format!(
            "{} {} {} {}",
            config.on, config.minutes, config.matches, config.run
        );
        Ok(Self {
            name: blake3::hash(name.as_bytes())
                .to_hex()
                .chars()
                .take(16)
                .collect(),
            when,
            pattern,
            deed,
            note: config.note.clone(),
        })
    }

    /// Its event's name, for logs.
    const fn event(&self) -> &'static str {
        match self.when {
            When::TopicCreated => "topic_created",
            When::FirstMessage => "first_message",
            When::Closed => "closed",
            When::Reopened => "reopened",
            When::NoAnswer(_) => "no_answer",
            When::Text(_) => "text",
        }
    }

    /// Whether a message is its event.
    fn meets(&self, snapshot: &Snapshot, role: Role, first: bool) -> bool {
        let message = &snapshot.message;
        let closed = match &message.service {
            Some(Service::TopicEdited { closed, .. }) => *closed,
            _ => None,
        };
        match &self.when {
            When::TopicCreated => matches!(message.service, Some(Service::TopicCreated { .. })),
            When::FirstMessage => role == Role::Customer && first,
            When::Closed => closed == Some(true),
            When::Reopened => closed == Some(false),
            When::NoAnswer(_) => false,
            When::Text(_) => {
                role == Role::Customer
                    && self
                        .pattern
                        .as_ref()
                        .is_some_and(|pattern| pattern.is_match(&message.text))
            }
        }
    }
}

/// The action that a name of the config means, `connector.action`.
pub(super) fn action(run: &str, connectors: &[Arc<Live>]) -> Result<Deed, TriggerError> {
    let all = connectors.iter().flat_map(|live| {
        let actions = live.connector.actions.values();
        actions.map(move |action| Deed {
            live: Arc::clone(live),
            action: Arc::clone(action),
        })
    });
    let named: Vec<(String, Deed)> = all
        .map(|deed| {
            (
                format!("{}.{}", deed.live.connector.name, deed.action.name),
                deed,
            )
        })
        .collect();
    let run = run.to_owned();
    let Some((_, found)) = named.iter().find(|(name, _)| *name == run) else {
        let known: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        let known = known.join(", ");
        return Err(TriggerError::Unknown { run, known });
    };
    if found.action.confirm.is_some() {
        return Err(TriggerError::Asks { run });
    }
    Ok(found.clone())
}

/// Something that is to be done.
struct Due {
    trigger: usize,
    topic: TopicId,
    about: MessageId,
}

/// Follows a group until the service ends.
pub(super) async fn follow(
    shared: Arc<Shared>,
    audit: Audit,
    group: Arc<Group>,
    mut archives: super::source::Archives,
) {
    if group.triggers.is_empty() {
        return;
    }
    let mut watch = Watch {
        group: Arc::clone(&group),
        turns: Turns::default(),
        reached: None,
        cursor: format!("triggers {}", group.id.bare()),
    };
    loop {
        let archive = archives.borrow_and_update().get(&group.id).cloned();
        if let Some(archive) = archive {
            match watch.look(&shared, &archive).await {
                Ok(due) => {
                    for due in due {
                        perform(&shared, &audit, &group, due).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(group = %group.id, error = causes(&error), "triggers cannot follow the group");
                }
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

/// How far a group was followed.
struct Watch {
    group: Arc<Group>,
    turns: Turns,
    /// The last message that was taken.
    reached: Option<i32>,
    /// Under which name that is kept.
    cursor: String,
}

impl Watch {
    /// Reads on, and says what is to be done.
    async fn look(&mut self, shared: &Shared, archive: &Handle) -> Result<Vec<Due>, CommandError> {
        let now = jiff::Timestamp::now().as_second();
        let begin = match self.reached {
            Some(reached) => reached,
            None => self.begin(shared, archive, now).await?,
        };
        let group = Arc::clone(&self.group);
        let archive = archive.clone();
        let mut turns = std::mem::take(&mut self.turns);
        let read = move || -> Result<(Turns, i32, Vec<Due>), CommandError> {
            let reader = archive.reader()?;
            let roles = Roles::new(&reader, group.rules.clone())?;
            let selection = Selection {
                ids: Some(begin.saturating_add(1)..=i32::MAX),
                ..Selection::default()
            };
            let mut found = Vec::new();
            reader.read(&selection, Order::Id, &mut |snapshot| {
                if snapshot.message.date > now - SETTLED || found.len() >= AT_ONCE {
                    return ControlFlow::Break(());
                }
                let role = roles.of(&snapshot.message);
                found.push((snapshot, role));
                ControlFlow::Continue(())
            })?;
            let wants_first = group
                .triggers
                .iter()
                .any(|it| it.when == When::FirstMessage);
            let mut reached = begin;
            let mut due = Vec::new();
            for (snapshot, role) in found {
                let message = &snapshot.message;
                let age = now - message.date;
                let mut first = false;
                if wants_first && role == Role::Customer && age < OLD {
                    // What came before may not have been read yet: then it is looked at again.
                    let before = message.topic.0..=message.id.0;
                    if age < PATIENCE && !reader.unknown(before)?.is_empty() {
                        break;
                    }
                    first = is_first(&reader, &roles, message.topic, message.id)?;
                }
                reached = message.id.0;
                turns.take(&snapshot, role);
                if age >= OLD {
                    continue;
                }
                for (trigger, it) in group.triggers.iter().enumerate() {
                    if it.meets(&snapshot, role, first) {
                        due.push(Due {
                            trigger,
                            topic: message.topic,
                            about: message.id,
                        });
                    }
                }
            }
            Ok((turns, reached, due))
        };
        let (turns, reached, mut due) = tokio::task::spawn_blocking(read).await??;
        self.turns = turns;
        for (trigger, it) in self.group.triggers.iter().enumerate() {
            let When::NoAnswer(seconds) = it.when else {
                continue;
            };
            for (topic, waiting) in self.turns.longest() {
                let waited = now - waiting.since;
                if (seconds..OLD + seconds).contains(&waited) {
                    due.push(Due {
                        trigger,
                        topic,
                        about: waiting.message,
                    });
                }
            }
        }
        // What is due is done once whatever happens; so the place may be kept before.
        if self.reached != Some(reached) {
            self.reached = Some(reached);
            let cursor = self.cursor.clone();
            shared
                .state
                .with(move |state| state.keep_place(&cursor, i64::from(reached)))
                .await?;
        }
        Ok(due)
    }

    /// Where to begin: where it was left, or, the first time, with what is new from now on. Whose
    /// turn it is in each topic is found out from the last day.
    async fn begin(
        &mut self,
        shared: &Shared,
        archive: &Handle,
        now: i64,
    ) -> Result<i32, CommandError> {
        let cursor = self.cursor.clone();
        let kept = shared.state.with(move |state| state.place(&cursor)).await?;
        let group = Arc::clone(&self.group);
        let archive = archive.clone();
        let read = move || -> Result<(Turns, i32), CommandError> {
            let reader = archive.reader()?;
            let newest = reader.stats()?.ids.map_or(0, |(_, newest)| newest);
            let begin = kept
                .and_then(|kept| i32::try_from(kept).ok())
                .unwrap_or(newest);
            let begin = begin.min(newest);
            let roles = Roles::new(&reader, group.rules.clone())?;
            let mut turns = Turns::default();
            let selection = Selection {
                ids: Some(1..=begin),
                since: Some(now - 2 * OLD),
                ..Selection::default()
            };
            reader.read(&selection, Order::Id, &mut |snapshot| {
                turns.take(&snapshot, roles.of(&snapshot.message));
                ControlFlow::Continue(())
            })?;
            Ok((turns, begin))
        };
        let (turns, begin) = tokio::task::spawn_blocking(read).await??;
        self.turns = turns;
        Ok(begin)
    }
}

/// Whether no customer's message of the topic is older.
fn is_first(
    reader: &crate::archive::Reader,
    roles: &Roles,
    topic: TopicId,
    id: MessageId,
) -> Result<bool, CommandError> {
    let selection = Selection {
        topics: vec![topic],
        ids: Some(1..=id.0.saturating_sub(1)),
        ..Selection::default()
    };
    let mut first = true;
    reader.read(&selection, Order::Id, &mut |snapshot| {
        if roles.of(&snapshot.message) == Role::Customer {
            first = false;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok(first)
}

/// Does what a trigger is for, once.
async fn perform(shared: &Shared, audit: &Audit, group: &Arc<Group>, due: Due) {
    let Some(trigger) = group.triggers.get(due.trigger) else {
        return;
    };
    let now = jiff::Timestamp::now().as_second();
    let (id, topic, name) = (group.id, due.topic, trigger.name.clone());
    let first = shared
        .state
        .with(move |state| state.fire(id, topic, &name, due.about, now))
        .await;
    match first {
        Ok(true) => {}
        Ok(false) => return,
        Err(error) => {
            tracing::error!(group = %id, error = causes(&error), "a trigger could not be noted");
            return;
        }
    }
    let action = format!("trigger {}", trigger.event());
    let logged = audit::Deed {
        group: id,
        topic,
        person: shared.id,
        action: &action,
    };
    tracing::info!(group = %id, %topic, event = trigger.event(), "a trigger does its work");
    if !trigger.note.is_empty() {
        let note = Note::new(&group.prefix, &trigger.note);
        // Why it was dropped is logged where it was.
        let _ = group.queue.post(Post::note(topic, note)).await;
    }
    let (outcome, result) = match &trigger.deed {
        None => (Outcome::Served, "noted".to_owned()),
        Some(deed) => match run(shared, group, deed, &due).await {
            Ok(done) => done,
            Err(error) => (Outcome::Failed, causes(&error)),
        },
    };
    audit.write(logged, outcome, Some(result)).await;
}

async fn run(
    shared: &Shared,
    group: &Arc<Group>,
    deed: &Deed,
    due: &Due,
) -> Result<(Outcome, String), CommandError> {
    let known = customer::known(shared, group, due.topic).await?;
    let request = Request {
        group: Arc::clone(group),
        topic: due.topic,
        message: due.about,
        person: shared.id,
        language: group.language.unwrap_or_default(),
        operator: Operator::default(),
        standing: super::permission::Standing::default(),
        arguments: String::new(),
    };
    let context = act::context(&request, &known);
    let (markup, done) = match deed.live.run(&deed.action, &context, Until::End).await {
        Ok(outcome) => {
            let (markup, result) = act::finish(shared, &request, deed, &known, outcome).await?;
            (markup, (Outcome::Served, result))
        }
        Err(failure) => {
            let connector = &deed.live.connector.name;
            tracing::error!(group = %group.id, topic = %due.topic, %connector, error = %failure, "a trigger's action failed");
            let markup = act::apology(deed, &failure, &known, request.language);
            (markup, (Outcome::Failed, failure.to_string()))
        }
    };
    request.reply(&markup).await?;
    Ok(done)
}
