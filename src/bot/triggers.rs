//! What happens by itself: the group's archive is followed, and what is configured for an event is
//! done once.
//!
//! A message counts some moments after it was written: what several sources see comes in another
//! order than it was written in. How far a group was followed lies in `state.db`, so that nothing is
//! passed over by a restart; what is older than a day is.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use super::act;
use super::audit::{self, Audit, Outcome};
use super::command::Deed;
use super::customer;
use super::error::causes;
use super::note::Note;
use super::request::{CommandError, Group, Request, Shared};
use super::trigger::{Trigger, When};
use super::turns::{AUTOMATIC, Turns};
use crate::archive::{Fired, Handle, Order, Selection, State};
use crate::connectors::{Operator, Until};
use crate::i18n::Came;
use crate::model::{MessageId, TopicId};
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
    let mut watch = Watch {
        group: Arc::clone(&group),
        turns: Turns::default(),
        reached: None,
        cursor: format!("triggers {}", group.id.bare()),
    };
    loop {
        let archive = archives.borrow_and_update().get(&group.id).cloned();
        if let Some(archive) = archive
            && let Err(error) = watch.go_on(&shared, &audit, &archive).await
        {
            // Whose turn it is may be half known: it is found out again from where it was left.
            watch.reached = None;
            tracing::warn!(group = %group.id, error = causes(&error), "triggers cannot follow the group");
        }
        tokio::select! {
            () = shared.ending.cancelled() => return,
            () = tokio::time::sleep(TICK) => {}
        }
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
    /// Reads on, does what is to be done, and then keeps the place: what a kill leaves undone is met
    /// again.
    async fn go_on(
        &mut self,
        shared: &Shared,
        audit: &Audit,
        archive: &Handle,
    ) -> Result<(), CommandError> {
        let begun = self.reached;
        let now = jiff::Timestamp::now().as_second();
        let (mut due, whole) = self.look(shared, archive, now).await?;
        // An answer may lie behind what is missing.
        if whole {
            due.extend(self.overdue(now));
        }
        for due in due {
            // Its place is not kept: it is met again after the next start.
            if shared.ending.is_cancelled() {
                self.reached = None;
                return Ok(());
            }
            perform(shared, audit, &self.group, due).await?;
        }
        if self.reached != begun
            && let Some(reached) = self.reached
        {
            let cursor = self.cursor.clone();
            let keep = move |state: &mut State| state.keep_place(&cursor, i64::from(reached));
            shared.state.with(keep).await?;
        }
        Ok(())
    }

    /// Reads on, and says what is to be done about what was read, and whether nothing is missing.
    async fn look(
        &mut self,
        shared: &Shared,
        archive: &Handle,
        now: i64,
    ) -> Result<(Vec<Due>, bool), CommandError> {
        let begin = match self.reached {
            Some(reached) => reached,
            None => self.begin(shared, archive, now).await?,
        };
        // While nothing is captured, what is missing is still to come.
        let capture = shared.capture_of(self.group.id);
        let behind = capture.is_some_and(|it| it.down.is_some() || !it.caught_up);
        let patience = if behind { OLD } else { PATIENCE };
        let group = Arc::clone(&self.group);
        let archive = archive.clone();
        let mut turns = std::mem::take(&mut self.turns);
        turns.look(shared, self.group.id).await?;
        let read = move || -> Result<(Turns, i32, Vec<Due>, bool), CommandError> {
            let reader = archive.reader()?;
            let roles = Roles::new(&reader, group.rules())?;
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
            let last = found.last().map_or(begin, |(it, _)| it.message.id.0);
            let unknown = reader.unknown(begin.saturating_add(1)..=last)?;
            let gap = unknown.first().map_or(i32::MAX, |range| *range.start());
            let triggers = group.triggers.iter();
            let wants_first = triggers
                .clone()
                .any(|trigger| trigger.when == When::FirstMessage);
            let mut reached = begin;
            let mut whole = found.len() < AT_ONCE;
            let mut due = Vec::new();
            for (snapshot, role) in found {
                let message = &snapshot.message;
                let age = now - message.date;
                // What came before may not have been read yet: then it is looked at again.
                if age < patience && message.id.0 > gap {
                    whole = false;
                    break;
                }
                let mut first = false;
                if wants_first && role == Role::Customer && age < OLD {
                    let before = message.topic.0..=message.id.0;
                    if age < patience && !reader.unknown(before)?.is_empty() {
                        whole = false;
                        break;
                    }
                    first = is_first(&reader, &roles, message.topic, message.id)?;
                }
                reached = message.id.0;
                turns.take(&snapshot, role);
                if age >= OLD {
                    continue;
                }
                for (trigger, it) in triggers.clone().enumerate() {
                    if it.meets(&snapshot, role, first) {
                        due.push(Due {
                            trigger,
                            topic: message.topic,
                            about: message.id,
                        });
                    }
                }
            }
            Ok((turns, reached, due, whole))
        };
        let (turns, reached, due, whole) = tokio::task::spawn_blocking(read).await??;
        self.turns = turns;
        self.reached = Some(reached);
        Ok((due, whole && !behind))
    }

    /// Customers who have waited for as long as a trigger says.
    fn overdue(&self, now: i64) -> Vec<Due> {
        let mut due = Vec::new();
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
        due
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
        let mut turns = Turns::of(shared, self.group.id).await?;
        let read = move || -> Result<(Turns, i32), CommandError> {
            let reader = archive.reader()?;
            let newest = reader.stats()?.ids.map_or(0, |(_, newest)| newest);
            let begin = kept
                .and_then(|kept| i32::try_from(kept).ok())
                .unwrap_or(newest);
            let begin = begin.min(newest);
            let roles = Roles::new(&reader, group.rules())?;
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
async fn perform(
    shared: &Shared,
    audit: &Audit,
    group: &Arc<Group>,
    due: Due,
) -> Result<(), CommandError> {
    let Some(trigger) = group.triggers.get(due.trigger) else {
        return Ok(());
    };
    let now = jiff::Timestamp::now().as_second();
    let fired = Fired {
        group: group.id,
        topic: due.topic,
        trigger: trigger.name.clone(),
        about: due.about,
    };
    let noted = fired.clone();
    let first = shared.state.with(move |state| state.fire(&noted, now));
    if !first.await? {
        return Ok(());
    }
    let (id, topic) = (group.id, due.topic);
    let action = format!("trigger {}", trigger.event());
    let logged = audit::Deed {
        group: id,
        topic,
        person: shared.id,
        action: &action,
    };
    tracing::info!(group = %id, %topic, event = trigger.event(), "a trigger does its work");
    if !trigger.note.is_empty() {
        let (note, language) = (Note::new(&group.prefix, &trigger.note), group.language);
        // Why it was dropped is logged where it was.
        let _ = group.tell(topic, note, language.unwrap_or_default()).await;
    }
    let (outcome, result) = match &trigger.deed {
        None => (Outcome::Served, Came::Noted.word().to_owned()),
        Some(deed) => match run(shared, group, trigger, deed, &due).await {
            Ok(done) => done,
            Err(error) => (Outcome::Failed, causes(&error)),
        },
    };
    audit.write(logged, outcome, Some(result)).await;
    shared.state.with(move |state| state.fired(&fired)).await
}

async fn run(
    shared: &Shared,
    group: &Arc<Group>,
    trigger: &Trigger,
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
    let mut context = act::context(&request, &known, deed);
    // Two triggers may do the same about one message.
    context.key = format!("{AUTOMATIC}{}-{}", trigger.name, context.key);
    let (markup, done) = match deed.live.run(&deed.action, &context, Until::End).await {
        Ok(outcome) => {
            let (markup, came) = act::finish(shared, &request, &context, outcome).await;
            (markup, (Outcome::Served, came.word().to_owned()))
        }
        Err(failure) => {
            let connector = &deed.live.connector.name;
            tracing::error!(group = %group.id, topic = %due.topic, %connector, error = %failure, "a trigger's action failed");
            let markup = act::apology(deed, &failure, &known, request.language);
            (markup, (Outcome::Failed, failure.to_string()))
        }
    };
    // Why it was dropped is logged where it was.
    let _ = request.reply(&markup).await;
    Ok(done)
}
