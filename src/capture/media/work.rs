//! Which files are fetched when.

use std::collections::HashMap;
use std::sync::Arc;

use grammers_client::tl;

use super::super::account::{input_channel, is_no_member};
use super::super::clock;
use super::super::convert::{self, Found};
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::fetch::Fetch;
use super::remote::{Remote, remote};
use super::{Busy, Media, Pauses, Stop};
use crate::archive::{FileChange, SeenFile, WantedFile};
use crate::model::{GroupId, MessageId};

/// Files whose messages are asked for together: few, so that newer ones soon have their turn and
/// references are fresh.
const TOGETHER: usize = 16;

/// How a message that is asked for again stands to a file.
pub(super) enum Lead {
    /// It leads to the file.
    To(Remote),
    /// It was deleted, or carries something else by now.
    Nowhere(&'static str),
    /// Telegram left it out of its answer.
    Unsaid,
}

/// What became of a file's turn.
pub(super) enum Turn {
    /// The archive is to be told.
    Told(FileChange),
    /// There is no room for it.
    NoRoom,
}

impl Media {
    /// Fetches whatever is wanted, for ever; ends with trouble that is not a file's own.
    pub(super) async fn work(self: Arc<Self>, context: Arc<Context>) -> Result<(), Stop> {
        let busy: Busy = Arc::new(Arc::clone(&self.busy).lock_owned().await);
        let pauses = Pauses::of(&context);
        loop {
            let seen = commits(&context);
            let mut fetched = false;
            for group in context.targets.groups() {
                let Some(target) = context.targets.get(group) else {
                    continue;
                };
                self.settle(&busy, &target).await?;
                if !self.policy.wants_any() {
                    continue;
                }
                match self.batch(&busy, &context, &target).await {
                    Ok(any) => fetched |= any,
                    // The healer tells it; the other groups go on.
                    Err(Stop::Capture(error)) if is_no_member(&error) => {}
                    Err(stop) => return Err(stop),
                }
            }
            if self.state.borrow().full.is_some() {
                tokio::time::sleep(pauses.trouble).await;
            } else if !fetched {
                self.rest(&context, seen, pauses).await?;
            }
        }
    }

    /// Fetches a few files of a group; says whether there were any that could be dealt with.
    async fn batch(
        &self,
        busy: &Busy,
        context: &Arc<Context>,
        target: &Arc<Target>,
    ) -> Result<bool, Stop> {
        let policy = self.policy;
        let files = target
            .look(move |reader| Ok(reader.wanted_files(&policy, clock::now(), TOGETHER)?))
            .await?;
        if files.is_empty() {
            return Ok(false);
        }
        // Not even asked about while there is no room for the smallest piece.
        if self.room(busy, &target.archive.media(), 1).await?.is_some() {
            return Ok(false);
        }
        self.wait().await;
        let ids: Vec<MessageId> = files.iter().map(|file| file.message).collect();
        let messages = ask(context, target, &ids).await?;
        let mut fetch = Fetch {
            media: self,
            busy,
            context,
            target,
        };
        for file in files {
            let change = match lead(&messages, &file) {
                Lead::To(remote) => match fetch.file(&file, remote).await? {
                    Turn::Told(change) => change,
                    Turn::NoRoom => return Ok(true),
                },
                Lead::Nowhere(reason) => FileChange::Gone {
                    id: file.id,
                    message: file.message,
                    reason: reason.to_owned(),
                },
                Lead::Unsaid => fetch.failed(&file, "Telegram does not show the message"),
            };
            fetch.note(change).await?;
        }
        Ok(true)
    }

    /// Waits until something was archived, or something that failed is due again.
    async fn rest(
        &self,
        context: &Context,
        seen: HashMap<GroupId, i64>,
        pauses: Pauses,
    ) -> Result<(), Stop> {
        let mut due = None;
        for target in targets(context) {
            let policy = self.policy;
            let next = target
                .look(move |reader| Ok(reader.next_file_at(&policy)?))
                .await?;
            due = [due, next].into_iter().flatten().min();
        }
        loop {
            tokio::time::sleep(pauses.look).await;
            if due.is_some_and(|due| due <= clock::now()) || commits(context) != seen {
                return Ok(());
            }
        }
    }
}

fn targets(context: &Context) -> Vec<Arc<Target>> {
    let groups = context.targets.groups().into_iter();
    groups
        .filter_map(|group| context.targets.get(group))
        .collect()
}

/// How far each group's log is.
fn commits(context: &Context) -> HashMap<GroupId, i64> {
    targets(context)
        .into_iter()
        .map(|target| (target.group, *target.archive.commits().borrow()))
        .collect()
}

/// Asks for messages again: what they carry comes with fresh references.
pub(super) async fn ask(
    context: &Context,
    target: &Target,
    ids: &[MessageId],
) -> Result<HashMap<i32, tl::enums::Message>, CaptureError> {
    use tl::enums::messages::Messages;

    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let answer = context
        .telegram
        .read(&tl::functions::channels::GetMessages {
            channel: input_channel(&context.session, target.group)?.into(),
            id: ids
                .iter()
                .map(|id| tl::types::InputMessageId { id: id.0 }.into())
                .collect(),
        })
        .await?;
    let messages = match answer {
        Messages::ChannelMessages(part) => part.messages,
        Messages::Slice(part) => part.messages,
        Messages::Messages(all) => all.messages,
        Messages::NotModified(_) => Vec::new(),
    };
    Ok(messages
        .into_iter()
        .map(|message| (message.id(), message))
        .collect())
}

/// Whether a message, asked for again, still leads to a file.
pub(super) fn lead(messages: &HashMap<i32, tl::enums::Message>, file: &WantedFile) -> Lead {
    let Some(raw) = messages.get(&file.message.0) else {
        return Lead::Unsaid;
    };
    let message = match convert::message(raw) {
        Found::Nothing(_) => return Lead::Nowhere("the message was deleted"),
        Found::Message(message) => message,
    };
    if SeenFile::of(&message).is_none_or(|seen| seen.id != file.id) {
        return Lead::Nowhere("the message carries something else now");
    }
    remote(raw).map_or(Lead::Nowhere("Telegram no longer has the file"), Lead::To)
}
