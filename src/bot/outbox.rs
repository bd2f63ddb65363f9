//! Brings what lies in the outbox to customers, each thing once.
//!
//! A row says "being sent" before Telegram is asked and "sent" after it answered. One that a kill or
//! a broken connection left between the two may have been sent: then the group's archive is asked, which holds what the
//! bot posted as soon as capture has caught up. Where nothing captures the group it cannot be known,
//! and operators are told instead of a customer hearing it twice.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::customer;
use super::error::causes;
use super::note::{ForCustomer, Note};
use super::queue::{Dropped, Post};
use super::request::{CommandError, Group, Shared};
use crate::archive::{Order, Outgoing, OutgoingState, Selection, State};
use crate::connectors::{Operator, Outcome, Until};
use crate::i18n::Phrase;
use crate::model::MessageId;
use crate::steps;

/// How often the outbox is looked at without being told to.
const LOOK: Duration = Duration::from_secs(5);
/// How long capture may take to catch up before a message in doubt is given up.
const DOUBT: Duration = Duration::from_secs(600);
/// What capture has not seen in so long was not sent: within that time it notices a connection that
/// is dead.
const SEEN: Duration = Duration::from_secs(75);
/// The userbot gives up by itself before that, seconds.
const SPARE: i64 = 7200;
/// Longest pause between two attempts by a connector, seconds.
const LONGEST_PAUSE: i64 = 600;
/// Clocks of servers and ours may differ by so much, seconds.
const CLOCKS: i64 = 30;

/// What became of a message in doubt.
enum Doubt {
    Sent(MessageId),
    /// It is not in the archive, and capture is whole.
    Missing,
    /// Nobody can say yet.
    Open,
}

/// What is known since the start.
#[derive(Debug, Default)]
struct Since {
    /// Messages in doubt.
    doubts: HashMap<i64, Doubted>,
    /// What operators could not be told of.
    unheard: HashSet<i64>,
}

/// Since when a message is in doubt.
#[derive(Debug)]
struct Doubted {
    since: Instant,
    /// Since when capture is whole without a break and has not seen it.
    seen: Option<Instant>,
}

impl Doubted {
    fn now() -> Self {
        Self {
            since: Instant::now(),
            seen: None,
        }
    }
}

/// Sends what is for a group until the service ends.
pub(super) async fn drain(shared: Arc<Shared>, group: Arc<Group>) {
    let mut since = Since::default();
    loop {
        if let Err(error) = look(&shared, &group, &mut since).await {
            let group = group.id;
            tracing::error!(%group, error = causes(&error), "the outbox has trouble");
        }
        tokio::select! {
            () = shared.ending.cancelled() => return,
            () = shared.outbox.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Sends what waits in a group, and tells of what was given up.
async fn look(shared: &Shared, group: &Arc<Group>, since: &mut Since) -> Result<(), CommandError> {
    let id = group.id;
    let waiting = shared.state.with(move |state| {
        let mut waiting = state.outgoing("bot", id)?;
        waiting.extend(state.outgoing("crm_api", id)?);
        waiting.extend(state.outgoing("userbot", id)?);
        Ok(waiting)
    });
    for outgoing in waiting.await? {
        if shared.ending.is_cancelled() {
            return Ok(());
        }
        match outgoing.delivery.as_str() {
            "crm_api" => call(shared, group, outgoing).await?,
            "userbot" => abandoned(shared, outgoing).await?,
            _ => send(shared, group, outgoing, since).await?,
        }
    }
    tell(shared, group, &mut since.unheard).await
}

/// The userbot sends by itself; where none has done so for long, none is there.
async fn abandoned(shared: &Shared, outgoing: Outgoing) -> Result<(), CommandError> {
    let now = jiff::Timestamp::now().as_second();
    if !outgoing.is_old(now - SPARE) {
        return Ok(());
    }
    let id = outgoing.id;
    let problem = match outgoing.state {
        OutgoingState::Sending => Outgoing::DOUBTFUL,
        _ => Outgoing::LATE,
    };
    let given_up = move |state: &mut State| state.given_up(id, problem);
    shared.state.with(given_up).await
}

async fn send(
    shared: &Shared,
    group: &Group,
    outgoing: Outgoing,
    since: &mut Since,
) -> Result<(), CommandError> {
    let id = outgoing.id;
    let now = jiff::Timestamp::now().as_second();
    if outgoing.state == OutgoingState::Sending {
        let doubted = since.doubts.entry(id).or_insert_with(Doubted::now);
        match doubt(shared, group, &outgoing).await? {
            Doubt::Sent(message) => {
                let sent = move |state: &mut State| state.sent(id, Some(message));
                return shared.state.with(sent).await;
            }
            Doubt::Missing if doubted.seen.get_or_insert_with(Instant::now).elapsed() < SEEN => {
                return Ok(());
            }
            Doubt::Missing => {}
            Doubt::Open if doubted.since.elapsed() < DOUBT => {
                // Capture has to see it from the beginning again.
                doubted.seen = None;
                return Ok(());
            }
            Doubt::Open => {
                let given_up = move |state: &mut State| state.given_up(id, Outgoing::DOUBTFUL);
                return shared.state.with(given_up).await;
            }
        }
    }
    since.doubts.remove(&id);
    if outgoing.is_old(now) {
        let given_up = move |state: &mut State| state.given_up(id, Outgoing::LATE);
        return shared.state.with(given_up).await;
    }
    let sending = move |state: &mut State| state.sending(id, now);
    shared.state.with(sending).await?;
    let post = Post::Answer {
        topic: outgoing.topic,
        words: ForCustomer::of(&outgoing),
    };
    steps::passed("outbox.before_post");
    let posted = group.queue.post(post).await;
    steps::passed("outbox.after_post");
    match posted {
        Ok(message) => {
            let sent = move |state: &mut State| state.sent(id, Some(message));
            shared.state.with(sent).await
        }
        // What became of it is found out when capture has caught up, also after a start.
        Err(Dropped::Unclear) => Ok(()),
        // For a day it is tried again.
        Err(Dropped::Late) => shared.state.with(move |state| state.not_sent(id)).await,
        Err(Dropped::NotSent) => {
            let given_up = move |state: &mut State| state.given_up(id, "Telegram did not take it");
            shared.state.with(given_up).await
        }
    }
}

/// Brings words to the customer by a connector's action.
async fn call(shared: &Shared, group: &Arc<Group>, outgoing: Outgoing) -> Result<(), CommandError> {
    let id = outgoing.id;
    let Some(deed) = &group.delivery_action else {
        // Another way was configured meanwhile; what waits for this one is not lost in silence.
        let given_up = move |state: &mut State| state.given_up(id, "the group has another way now");
        return shared.state.with(given_up).await;
    };
    let now = jiff::Timestamp::now().as_second();
    let repeats = deed.action.repeats();
    let in_doubt = outgoing.state == OutgoingState::Sending;
    let doubtful = in_doubt && (!repeats || outgoing.is_old(now));
    if outgoing.is_old(now) && !in_doubt {
        let given_up = move |state: &mut State| state.given_up(id, Outgoing::LATE);
        return shared.state.with(given_up).await;
    }
    let pause = LONGEST_PAUSE.min(1 << outgoing.attempts.min(10));
    if outgoing.begun_at.is_some_and(|begun| now - begun < pause) {
        return Ok(());
    }
    if doubtful {
        let given_up = move |state: &mut State| state.given_up(id, Outgoing::DOUBTFUL);
        return shared.state.with(given_up).await;
    }
    let known = customer::known(shared, group, outgoing.topic).await?;
    let sending = move |state: &mut State| state.sending(id, now);
    shared.state.with(sending).await?;
    let language = group.language.unwrap_or_default();
    let operator = Operator::default();
    let key = blake3::hash(outgoing.origin.as_bytes())
        .to_hex()
        .to_string();
    let mut context = customer::context(group, outgoing.topic, &known, operator, language, key);
    let text = outgoing.text.clone().into();
    context.arguments.insert("text".to_owned(), text);
    steps::passed("outbox.before_post");
    let outcome = deed.live.run(&deed.action, &context, Until::End).await;
    steps::passed("outbox.after_post");
    let work = move |state: &mut State| match outcome {
        Ok(Outcome::Done { .. }) => state.sent(id, None),
        Ok(_) => state.given_up(id, "the CRM did not take it"),
        // It stays "being sent" and is asked for again: that does no harm.
        Err(failure) if failure.uncertain && repeats => Ok(()),
        Err(failure) if failure.uncertain => state.given_up(id, Outgoing::DOUBTFUL),
        Err(failure) if failure.is_passing() => state.not_sent(id),
        Err(failure) => state.given_up(id, &failure.to_string()),
    };
    shared.state.with(work).await
}

/// Tells operators of what was given up, by us or by the userbot.
async fn tell(
    shared: &Shared,
    group: &Arc<Group>,
    unheard: &mut HashSet<i64>,
) -> Result<(), CommandError> {
    let id = group.id;
    for outgoing in shared
        .state
        .with(move |state| state.given_up_untold(id))
        .await?
    {
        let id = outgoing.id;
        if unheard.contains(&id) {
            continue;
        }
        let mut text = outgoing.text.clone();
        if group.mask
            && let Some(customer) = customer::known(shared, group, outgoing.topic)
                .await?
                .customer
        {
            text = customer.conceal(&text, str::to_owned);
        }
        let phrase = match outgoing.problem.as_deref() {
            Some(Outgoing::DOUBTFUL) => Phrase::NoticeDoubt { text },
            _ => Phrase::NoticeFailed { text },
        };
        let language = group.language.unwrap_or_default();
        let note = Note::new(&group.prefix, &language.say(&phrase));
        match group.tell(outgoing.topic, note, language).await {
            Ok(_) => shared.state.with(move |state| state.told(id)).await?,
            // There is no network now.
            Err(Dropped::Late) => {}
            // The service ends, or it is not known: once more after the next start. Where nothing
            // can be written at all, as without the bot in the group, the log has told why.
            Err(_) => drop(unheard.insert(id)),
        }
    }
    Ok(())
}

/// Whether a message that was being sent is in the group.
async fn doubt(shared: &Shared, group: &Group, outgoing: &Outgoing) -> Result<Doubt, CommandError> {
    let capture = shared.capture_of(group.id);
    let whole = capture.is_some_and(|capture| capture.down.is_none() && capture.caught_up);
    let (vault, id, topic) = (shared.vault.clone(), group.id, outgoing.topic);
    let since = outgoing.begun_at.unwrap_or_default() - CLOCKS;
    let words = ForCustomer::of(outgoing);
    let bot = shared.id;
    // An earlier message may say the same.
    let others = shared
        .state
        .with(move |state| state.sent_from(id, ""))
        .await?;
    let find = move || -> Result<Option<MessageId>, CommandError> {
        if !vault.groups()?.contains(&id) {
            return Ok(None);
        }
        let reader = vault.reader(id)?;
        let selection = Selection {
            topics: vec![topic],
            since: Some(since),
            ..Selection::default()
        };
        let mut found = None;
        reader.read(&selection, Order::Id, &mut |snapshot| {
            let message = &snapshot.message;
            let same = || same_words(&message.text, words.text());
            if message.from == Some(bot) && !others.contains(&message.id) && same() {
                found = Some(message.id);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })?;
        Ok(found)
    };
    let found = tokio::task::spawn_blocking(find).await??;
    Ok(match found {
        Some(message) => Doubt::Sent(message),
        None if whole => Doubt::Missing,
        None => Doubt::Open,
    })
}

/// Telegram writes white space in its own way.
fn same_words(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}
