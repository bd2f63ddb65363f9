//! Which files are fetched when.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use grammers_client::tl;

use super::super::account::{input_channel, is_no_member};
use super::super::clock;
use super::super::convert::{self, Found};
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::fetch::Fetch;
use super::remote::{Remote, remote};
use super::{Busy, Full, Media, Pauses, Stop};
use crate::archive::{FileChange, SeenFile, WantedFile};
use crate::model::{GroupId, MediaPolicy, MessageId};

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
    NoRoom(Full),
}

/// What became of a few files.
#[derive(Default)]
struct Round {
    /// Some were dealt with.
    dealt: bool,
    /// Something that is wanted does not fit.
    full: Option<Full>,
}

/// The newest files that a policy wants.
async fn wanted(
    target: &Target,
    policy: MediaPolicy,
    count: usize,
) -> Result<Vec<WantedFile>, CaptureError> {
    target
        .look(move |reader| Ok(reader.wanted_files(&policy, clock::now(), count)?))
        .await
}

impl Media {
    /// Fetches whatever is wanted, for ever; ends with trouble that is not a file's own.
    pub(super) async fn work(self: Arc<Self>, context: Arc<Context>) -> Result<(), Stop> {
        let busy: Busy = Arc::new(Arc::clone(&self.busy).lock_owned().await);
        let pauses = Pauses::of(&context);
        loop {
            let seen = commits(&context);
            let (mut fetched, mut full) = (false, None);
            for group in context.targets.groups() {
                let Some(target) = context.targets.get(group) else {
                    continue;
                };
                self.settle(&busy, &target).await?;
                if !self.policy.wants_any() {
                    continue;
                }
                match self.batch(&busy, &context, &target).await {
                    Ok(round) => {
                        fetched |= round.dealt;
                        full = full.or(round.full);
                    }
                    // The healer tells it; the other groups go on.
                    Err(Stop::Capture(error)) if is_no_member(&error) => {}
                    Err(stop) => return Err(stop),
                }
            }
            self.tell_full(full);
            if !fetched {
                let look_again = full.map(|_| pauses.trouble);
                self.rest(&context, seen, pauses, look_again).await?;
            }
        }
    }

    /// Fetches a few files of a group, the newest of those that there is room for.
    async fn batch(
        &self,
        busy: &Busy,
        context: &Arc<Context>,
        target: &Arc<Target>,
    ) -> Result<Round, Stop> {
        let policy = self.policy;
        let some = wanted(target, policy, 1).await?;
        if some.is_empty() {
            return Ok(Round::default());
        }
        let room = self.room(busy, &target.archive.media()).await?;
        // What cannot fit is not even asked about.
        let fitting = match room {
            None => policy,
            Some(room) if room.left == 0 => MediaPolicy::default(),
            Some(room) => policy.up_to(room.left.saturating_add(room.begun)),
        };
        let files = wanted(target, fitting, TOGETHER).await?;
        let mut round = Round::default();
        if files.is_empty() {
            round.full = room.map(|room| room.limit);
            return Ok(round);
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
                    // Others may be smaller.
                    Turn::NoRoom(limit) => {
                        round.full = Some(limit);
                        continue;
                    }
                },
                Lead::Nowhere(reason) => FileChange::Gone {
                    id: file.id,
                    message: file.message,
                    reason: reason.to_owned(),
                },
                Lead::Unsaid => fetch.failed(&file, "Telegram does not show the message"),
            };
            fetch.note(change).await?;
            round.dealt = true;
        }
        Ok(round)
    }

    /// Waits until something was archived, or something that failed is due again.
    async fn rest(
        &self,
        context: &Context,
        seen: HashMap<GroupId, i64>,
        pauses: Pauses,
        look_again: Option<Duration>,
    ) -> Result<(), Stop> {
        let look_again = look_again.map(|pause| Instant::now() + pause);
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
            if look_again.is_some_and(|then| then <= Instant::now()) {
                return Ok(());
            }
            // What does not fit is due all the time.
            let due = due.is_some_and(|due| due <= clock::now()) && look_again.is_none();
            if due || commits(context) != seen {
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
