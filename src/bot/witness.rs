//! A second, ordinary bot that only listens: what a teloxide client is shown of a group. The demo
//! and the tests hold it against what the archive captured.

use std::time::Duration;

use teloxide::prelude::*;
use teloxide::types::UpdateKind;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::model::{GroupId, MessageId};

/// Seconds that one long poll may last.
const POLL_SECONDS: u32 = 10;

/// A message as the Bot API showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// In which group.
    pub group: GroupId,
    /// Which message.
    pub id: MessageId,
    /// Text or caption; empty for service messages.
    pub text: String,
    /// This update announced an edit.
    pub edited: bool,
}

/// Listens until stopped and reports every message that the Bot API shows this token.
/// Network trouble is retried; an address that cannot be read ends it at once.
pub async fn witness(
    token: String,
    api_url: String,
    seen: mpsc::UnboundedSender<Seen>,
    stop: CancellationToken,
) {
    let Ok(api_url) = api_url.parse() else { return };
    let bot = Bot::new(token).set_api_url(api_url);
    let mut offset = 0;
    loop {
        let poll = bot.get_updates().offset(offset).timeout(POLL_SECONDS);
        let updates = tokio::select! {
            () = stop.cancelled() => return,
            updates = poll.send() => updates,
        };
        let Ok(updates) = updates else {
            debug!("the witness's poll failed; once more in a second");
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        for update in updates {
            offset = update.id.as_offset();
            let (message, edited) = match update.kind {
                UpdateKind::Message(message) => (message, false),
                UpdateKind::EditedMessage(message) => (message, true),
                _ => continue,
            };
            let Some(group) = GroupId::from_marked(message.chat.id.0) else {
                continue;
            };
            let text = message
                .text()
                .or_else(|| message.caption())
                .unwrap_or_default()
                .to_owned();
            let report = Seen {
                group,
                id: MessageId(message.id.0),
                text,
                edited,
            };
            if seen.send(report).is_err() {
                return;
            }
        }
    }
}
