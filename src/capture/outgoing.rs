//! Words for customers that the userbot writes in the topic, like an operator: what lies in the
//! vault's outbox for it, and nothing else.
//!
//! Each has a random id of its own, made from the row it lies in, and Telegram takes none twice: one
//! that a kill left in doubt is sent again without harm.

use std::sync::Arc;
use std::time::Duration;

use grammers_client::tl;
use grammers_mtsender::InvocationError;

use super::account::input_channel;
use super::clock;
use super::error::CaptureError;
use super::target::Context;
use crate::archive::{Outgoing, State};
use crate::model::{MessageId, TopicId};
use crate::steps;

/// How often the outbox is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Time between two messages.
const GAP: Duration = Duration::from_secs(1);
/// Attempts at one message.
const ATTEMPTS: u32 = 10;
/// Longest text of a message, in UTF-16 code units.
const LONGEST: usize = 4096;

/// What became of an attempt.
enum Sent {
    /// It is in the group.
    There(Option<MessageId>),
    /// Another attempt may help.
    Later(String),
    /// No attempt will.
    Never(String),
}

/// Sends until the connection ends. Trouble with the outbox is told and tried again: capture does
/// not end because of it.
pub(super) async fn deliver(context: Arc<Context>) {
    let mut troubled = false;
    loop {
        let groups = context.targets.groups();
        let waiting = context.orders.with(|state| state.outgoing("userbot")).await;
        match waiting {
            Ok(waiting) => {
                troubled = false;
                let ours = waiting.into_iter().flatten();
                for outgoing in ours.filter(|one| groups.contains(&one.group)) {
                    if let Err(error) = one(&context, &outgoing).await {
                        tracing::warn!(group = %outgoing.group, %error, "the outbox has trouble");
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

async fn one(context: &Context, outgoing: &Outgoing) -> Result<(), CaptureError> {
    let (id, now) = (outgoing.id, clock::now());
    note(context, move |state| state.sending(id, now)).await?;
    steps::passed("outbox.before_post");
    let sent = send(context, outgoing).await?;
    steps::passed("outbox.after_post");
    match sent {
        Sent::There(message) => note(context, move |state| state.sent(id, message)).await,
        Sent::Later(problem) if outgoing.attempts < ATTEMPTS => {
            tracing::info!(group = %outgoing.group, problem, "a message for a customer is sent later");
            note(context, move |state| state.not_sent(id)).await
        }
        Sent::Later(problem) | Sent::Never(problem) => {
            tracing::warn!(group = %outgoing.group, problem, "a message for a customer cannot be sent");
            note(context, move |state| state.given_up(id, &problem)).await
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

async fn send(context: &Context, outgoing: &Outgoing) -> Result<Sent, CaptureError> {
    let channel = input_channel(&context.session, outgoing.group)?;
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
        message: text(&outgoing.text),
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
    Ok(match context.telegram.send(&request).await {
        Ok(updates) => Sent::There(id_in(&updates, random_id)),
        Err(InvocationError::Rpc(error)) => match error.name.as_str() {
            // It arrived the time before.
            "RANDOM_ID_DUPLICATE" => Sent::There(None),
            _ if error.code == 420 || error.code >= 500 || error.code < 0 => {
                Sent::Later(error.name)
            }
            _ => Sent::Never(error.name),
        },
        Err(error) => {
            // What the connection's end means is decided by whoever holds it.
            tracing::debug!(%error, "a message for a customer met a broken connection");
            Sent::Later("the connection broke".to_owned())
        }
    })
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

/// What begins with a slash would be a command or a note, and not arrive.
fn text(text: &str) -> String {
    let begins = |letter: char| letter == '/' || letter.is_whitespace();
    let text = text.trim_start_matches(begins).trim_end();
    let mut room = LONGEST;
    text.chars()
        .take_while(|letter| {
            let fits = letter.len_utf16() <= room;
            room = room.saturating_sub(letter.len_utf16());
            fits
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_words_become_a_note_or_a_command() {
        for (written, sent) in [
            ("Hello", "Hello"),
            (" /link N005", "link N005"),
            ("/ /link N005", "link N005"),
            ("/ / x ", "x"),
        ] {
            assert_eq!(text(written), sent);
        }
    }
}
