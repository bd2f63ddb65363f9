//! The bot as a second source: what the Bot API shows of a group goes into its archive as well.
//!
//! That is what people write, other bots' messages where bot-to-bot mode is on, and edits; never
//! deletions. Where the userbot is there too it changes nothing but what the archive knows to be
//! confirmed; while the userbot is away it is what would else be known only afterwards, or, edited
//! or deleted meanwhile, never.

use std::collections::BTreeMap;
use teloxide::types::{Update, UpdateKind};
use tokio::sync::watch;

use super::convert;
use crate::archive::Handle;
use crate::model::{GroupId, Observed, Source};

/// The archives that are open, by group.
pub type Archives = watch::Receiver<BTreeMap<GroupId, Handle>>;

/// Writes what updates show.
#[derive(Debug)]
pub(super) struct Recorder {
    archives: Archives,
    /// Trouble was told.
    troubled: bool,
}

impl Recorder {
    pub(super) fn new(archives: Archives) -> Self {
        Self {
            archives,
            troubled: false,
        }
    }

    /// Commits what updates show. Where that fails the bot goes on serving: the userbot reads the
    /// same from history.
    pub(super) async fn record(&mut self, updates: &[Update]) {
        let mut batches: BTreeMap<GroupId, Vec<Observed>> = BTreeMap::new();
        let at = jiff::Timestamp::now().as_second();
        for update in updates {
            let (UpdateKind::Message(message) | UpdateKind::EditedMessage(message)) = &update.kind
            else {
                continue;
            };
            let Some(group) = GroupId::from_marked(message.chat.id.0) else {
                continue;
            };
            let seen = |event| Observed {
                event,
                source: Source::Bot,
                at,
            };
            let events = convert::events(message).into_iter().map(seen);
            batches.entry(group).or_default().extend(events);
        }
        for (group, events) in batches {
            let archive = self.archives.borrow().get(&group).cloned();
            let Some(archive) = archive else { continue };
            match archive.append(events, Vec::new()).await {
                Ok(done) => {
                    self.troubled = false;
                    if done.new + done.edited > 0 {
                        tracing::debug!(%group, new = done.new, edited = done.edited, "the bot was first");
                    }
                }
                Err(error) if !self.troubled => {
                    self.troubled = true;
                    tracing::warn!(%group, %error, "what the bot saw could not be archived; the userbot will read it from history");
                }
                Err(_) => {}
            }
        }
    }
}
