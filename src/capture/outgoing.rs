//! Words for customers that the userbot writes in the topic, like an operator: what lies in the
//! vault's outbox for it, and nothing else.
//!
//! Each has a random id of its own, made from the row it lies in, and Telegram takes none twice: one
//! that a kill left in doubt is sent again without harm.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use grammers_client::tl;
use grammers_mtsender::InvocationError;

use super::account::input_channel;
use super::clock;
use super::error::CaptureError;
use super::target::Context;
use crate::archive::{Outgoing, OutgoingState, State};
use crate::model::{MessageId, TopicId};
use crate::steps;

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Time between two messages.
const GAP: Duration = Duration::from_secs(1);
/// Longest pause between two attempts at one message.
const LONGEST_PAUSE: u64 = 60;
/// For so long it is certain that Telegram knows a random id again, seconds.
const REMEMBERED: i64 = 3600;

/// What became of an attempt.
enum Sent {
    /// It is in the group.
    There(Option<MessageId>),
    /// It is not, and another attempt may help.
    Later(String),
    /// It may be, and another attempt tells.
    Unclear,
    /// No attempt will help.
    Never(String),
}

/// Sends until the connection ends. Trouble with the outbox is told and tried again: capture does
/// not end because of it.
pub(super) async fn deliver(context: Arc<Context>) {
    let mut troubled = false;
    // When a message that failed may be tried again.
    let mut pauses: HashMap<i64, Instant> = HashMap::new();
    loop {
        match waiting(&context).await {
            Ok(waiting) => {
                troubled = false;
                let now = Instant::now();
                pauses.retain(|_, until| *until > now);
                for outgoing in waiting {
                    if pauses.contains_key(&outgoing.id) {
                        continue;
                    }
                    let pause = 1 << outgoing.attempts.min(6);
                    let until = now + Duration::from_secs(LONGEST_PAUSE.min(pause));
                    match one(&context, &outgoing).await {
                        Ok(true) => {}
                        Ok(false) => drop(pauses.insert(outgoing.id, until)),
                        Err(error) => {
                            pauses.insert(outgoing.id, until);
                            tracing::warn!(group = %outgoing.group, %error, "the outbox has trouble");
                        }
                    }
                    tokio::time::sleep(GAP).await;
                }
            }
            Err(error) if !troubled => {
                troubled = true;
                tracing::warn!(%error, "the outbox cannot be read");
            }
            Err(_) => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// What waits in the groups of this connection.
async fn waiting(context: &Context) -> Result<Vec<Outgoing>, CaptureError> {
    let groups = context.targets.groups();
    let read = context.orders.with(move |state| {
        let mut waiting = Vec::new();
        for group in groups {
            waiting.extend(state.outgoing("userbot", group)?);
        }
        Ok(waiting)
    });
    Ok(read.await?.unwrap_or_default())
}

/// Tries to send a message; whether there is nothing more to do about it.
async fn one(context: &Context, outgoing: &Outgoing) -> Result<bool, CaptureError> {
    let (id, now) = (outgoing.id, clock::now());
    let in_doubt = outgoing.state == OutgoingState::Sending;
    let since = outgoing.begun_at.unwrap_or_default();
    if in_doubt && now.saturating_sub(since) > REMEMBERED {
        note(context, move |state| state.given_up(id, Outgoing::DOUBTFUL)).await?;
        return Ok(true);
    }
    if outgoing.is_old(now) && !in_doubt {
        note(context, move |state| state.given_up(id, Outgoing::LATE)).await?;
        return Ok(true);
    }
    // Since when it is in doubt stays as it is.
    let begun = if in_doubt { since } else { now };
    note(context, move |state| state.sending(id, begun)).await?;
    steps::passed("outbox.before_post");
    let sent = send(context, outgoing).await;
    steps::passed("outbox.after_post");
    match sent {
        Sent::There(message) => {
            note(context, move |state| state.sent(id, message)).await?;
            Ok(true)
        }
        Sent::Later(problem) => {
            tracing::info!(group = %outgoing.group, problem, "a message for a customer is sent later");
            if !in_doubt {
                note(context, move |state| state.not_sent(id)).await?;
            }
            Ok(false)
        }
        // It stays "being sent".
        Sent::Unclear => Ok(false),
        Sent::Never(problem) => {
            tracing::warn!(group = %outgoing.group, problem, "a message for a customer cannot be sent");
            let problem = if in_doubt {
                Outgoing::DOUBTFUL.to_owned()
            } else {
                problem
            };
            note(context, move |state| state.given_up(id, &problem)).await?;
            Ok(true)
        }
    }
}

async fn note<T: Send + 'static>(
    context: &Context,
    work: impl FnOnce(&mut State) -> Result<T, crate::archive::ArchiveError> + Send + 'static,
) -> Result<(), CaptureError> {
    context.orders.with(work).await?;
    Ok(())
}

async fn send(context: &Context, outgoing: &Outgoing) -> Sent {
    let channel = match input_channel(&context.session, outgoing.group) {
        Ok(channel) => channel,
        Err(error) => return Sent::Later(error.to_string()),
    };
    let random_id = random_id(outgoing);
    let request = tl::functions::messages::SendMessage {
        no_webpage: true,
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer: tl::types::InputPeerChannel {
            channel_id: channel.channel_id,
            access_hash: channel.access_hash,
        }
        .into(),
        reply_to: place(outgoing.topic),
        message: outgoing.text.clone(),
        random_id,
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as: None,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
        rich_message: None,
    };
    match context.telegram.send(&request).await {
        Ok(updates) => Sent::There(id_in(&updates, random_id)),
        Err(InvocationError::Rpc(error)) => match error.name.as_str() {
            // It arrived the time before.
            "RANDOM_ID_DUPLICATE" => Sent::There(None),
            _ if error.code == 420 => Sent::Later(error.name),
            _ if error.code >= 500 || error.code < 0 => Sent::Unclear,
            _ => Sent::Never(error.name),
        },
        Err(error) => {
            // What the connection's end means is decided by whoever holds it.
            tracing::debug!(%error, "a message for a customer met a broken connection");
            Sent::Unclear
        }
    }
}

/// General is not named; another topic is by the message that created it.
fn place(topic: TopicId) -> Option<tl::enums::InputReplyTo> {
    (topic != TopicId::GENERAL).then(|| {
        tl::types::InputReplyToMessage {
            reply_to_msg_id: topic.0,
            top_msg_id: Some(topic.0),
            reply_to_peer_id: None,
            quote_text: None,
            quote_entities: None,
            quote_offset: None,
            monoforum_peer_id: None,
            todo_item_id: None,
            poll_option: None,
        }
        .into()
    })
}

/// The same for the same row, and for no other.
fn random_id(outgoing: &Outgoing) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(outgoing.group.bare().to_string().as_bytes());
    hasher.update(outgoing.origin.as_bytes());
    let mut bytes = [0; 8];
    hasher.finalize_xof().fill(&mut bytes);
    i64::from_le_bytes(bytes)
}

fn id_in(updates: &tl::enums::Updates, random_id: i64) -> Option<MessageId> {
    let updates = match updates {
        tl::enums::Updates::Updates(updates) => &updates.updates,
        tl::enums::Updates::Combined(updates) => &updates.updates,
        _ => return None,
    };
    updates.iter().find_map(|update| match update {
        tl::enums::Update::MessageId(it) if it.random_id == random_id => Some(MessageId(it.id)),
        _ => None,
    })
}
