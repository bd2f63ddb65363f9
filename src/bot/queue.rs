//! A group's queue: takes posts, lets them leave as [`Line`] says, tries again where that helps.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::line::{Lane, Limits, Line, Next};
use super::note::{ForCustomer, Note};
use crate::model::{GroupId, MessageId, TopicId};

/// Back-off after the first failure; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// An answer older than this helps nobody.
const TOO_OLD: Duration = Duration::from_secs(15 * 60);

/// Something to post.
#[derive(Clone, Debug)]
pub(super) enum Post {
    /// A text.
    Text {
        /// Where.
        topic: TopicId,
        /// What.
        note: Note,
        /// Buttons below it, in one row.
        buttons: Vec<Button>,
    },
    /// Words for the customer.
    Answer {
        /// Where.
        topic: TopicId,
        /// What.
        words: ForCustomer,
    },
    /// A file; it must exist until the answer comes.
    Document {
        /// Where.
        topic: TopicId,
        /// What to read.
        path: PathBuf,
        /// What to call it.
        name: String,
        /// What to say with it.
        caption: Note,
    },
    /// A new text for a message of ours.
    Edit {
        /// Which one.
        message: MessageId,
        /// What.
        note: Note,
    },
}

/// A button below a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Button {
    /// What stands on it.
    pub(super) text: String,
    /// What it carries, 64 bytes at most.
    pub(super) data: String,
}

impl Post {
    /// A note in a topic.
    pub(super) const fn note(topic: TopicId, note: Note) -> Self {
        Self::Text {
            topic,
            note,
            buttons: Vec::new(),
        }
    }

    const fn lane(&self) -> Lane {
        match self {
            Self::Text { .. } | Self::Answer { .. } | Self::Edit { .. } => Lane::Text,
            Self::Document { .. } => Lane::Document,
        }
    }
}

/// Why a post did not go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Telegram asks for a pause.
    Wait(Duration),
    /// Nothing was sent; another attempt may help.
    NotSent(String),
    /// It was sent, and the network or the server failed: it may have been taken.
    Unclear(String),
    /// It was taken, and the answer cannot be read.
    Taken(String),
    /// No attempt will help: the topic is gone, the bot may not write.
    Never(String),
}

/// What posts.
pub(super) trait Transport: Send + Sync + 'static {
    /// Posts in a group; the id is the message's.
    fn send(
        &self,
        group: GroupId,
        post: &Post,
    ) -> impl Future<Output = Result<MessageId, Refusal>> + Send;
}

/// The post was dropped; why was logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Dropped {
    /// It is not in the group.
    #[error("the post could not be delivered")]
    NotSent,
    /// It is not in the group: it waited too long for a network or for Telegram.
    #[error("the post could not be delivered in time")]
    Late,
    /// It may be in the group.
    #[error("whether the post was delivered is not known")]
    Unclear,
}

/// The entrance of a group's queue; its end is when all entrances are gone.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    entrance: mpsc::UnboundedSender<Item>,
}

#[derive(Debug)]
struct Item {
    post: Post,
    since: Instant,
    pause: Duration,
    answer: Option<oneshot::Sender<Result<MessageId, Dropped>>>,
}

impl Item {
    fn end(self, outcome: Result<MessageId, Dropped>) {
        if let Some(answer) = self.answer {
            // Whoever posted may have stopped caring.
            let _ = answer.send(outcome);
        }
    }
}

impl Queue {
    /// A group's queue, and the work that delivers. The work ends after the last entrance is gone
    /// and all is delivered.
    pub(super) fn new<T: Transport>(
        group: GroupId,
        transport: Arc<T>,
        limits: Limits,
    ) -> (Self, impl Future<Output = ()> + Send + use<T>) {
        let (entrance, items) = mpsc::unbounded_channel();
        (Self { entrance }, drive(group, transport, limits, items))
    }

    /// Posts; returns when Telegram has it.
    pub(super) async fn post(&self, post: Post) -> Result<MessageId, Dropped> {
        let (answer, delivered) = oneshot::channel();
        self.enter(post, Some(answer));
        // The service ends, or the transport broke off.
        delivered.await.unwrap_or(Err(Dropped::Unclear))
    }

    /// Changes a message of ours, some time; of several changes only the last one may be seen.
    pub(super) fn edit(&self, message: MessageId, note: Note) {
        self.enter(Post::Edit { message, note }, None);
    }

    /// Changes a message of ours; returns when Telegram has it.
    pub(super) async fn change(
        &self,
        message: MessageId,
        note: Note,
    ) -> Result<MessageId, Dropped> {
        self.post(Post::Edit { message, note }).await
    }

    fn enter(&self, post: Post, answer: Option<oneshot::Sender<Result<MessageId, Dropped>>>) {
        // The queue only ends before its entrances when the service is torn down.
        let _ = self.entrance.send(Item {
            post,
            since: Instant::now(),
            pause: FIRST_PAUSE,
            answer,
        });
    }
}

async fn drive<T: Transport>(
    group: GroupId,
    transport: Arc<T>,
    limits: Limits,
    mut items: mpsc::UnboundedReceiver<Item>,
) {
    let mut line: Line<Item> = Line::new(limits);
    let mut flights: JoinSet<(Item, Result<MessageId, Refusal>)> = JoinSet::new();
    let mut open = true;
    loop {
        let until = match line.next(Instant::now()) {
            Next::Send(_, item) => {
                let transport = Arc::clone(&transport);
                flights.spawn(async move {
                    let outcome = transport.send(group, &item.post).await;
                    (item, outcome)
                });
                continue;
            }
            Next::Wait(until) => Some(until),
            Next::Idle if !open && flights.is_empty() => return,
            Next::Idle => None,
        };
        tokio::select! {
            item = items.recv(), if open => match item {
                Some(item) => enqueue(&mut line, item),
                None => open = false,
            },
            Some(landed) = flights.join_next(), if !flights.is_empty() => match landed {
                Ok((item, outcome)) => land(group, &mut line, item, outcome),
                // A panic in the transport: which lane it blocked is unknown, so free both.
                Err(error) => {
                    tracing::error!(group = %group, %error, "a post ended unexpectedly");
                    line.done(Lane::Text);
                    line.done(Lane::Document);
                }
            },
            () = pause(until) => {}
        }
    }
}

async fn pause(until: Option<Instant>) {
    match until {
        Some(until) => tokio::time::sleep_until(until.into()).await,
        None => std::future::pending().await,
    }
}

fn enqueue(line: &mut Line<Item>, item: Item) {
    match item.post {
        Post::Edit { message, .. } => line.push_edit(message, item),
        Post::Text { .. } | Post::Answer { .. } | Post::Document { .. } => {
            line.push(item.post.lane(), item);
        }
    }
}

fn land(
    group: GroupId,
    line: &mut Line<Item>,
    mut item: Item,
    outcome: Result<MessageId, Refusal>,
) {
    let lane = item.post.lane();
    line.done(lane);
    let now = Instant::now();
    let wait = match outcome {
        Ok(id) => return item.end(Ok(id)),
        Err(Refusal::Never(cause)) => {
            tracing::warn!(group = %group, %cause, "a post was dropped");
            return item.end(Err(Dropped::NotSent));
        }
        Err(Refusal::Taken(cause)) => {
            tracing::warn!(group = %group, %cause, "a post's answer cannot be read");
            return item.end(Err(Dropped::Unclear));
        }
        // A customer must not hear the same twice; an operator may.
        Err(Refusal::Unclear(cause)) if matches!(item.post, Post::Answer { .. }) => {
            tracing::warn!(group = %group, %cause, "whether a post was taken is not known");
            return item.end(Err(Dropped::Unclear));
        }
        Err(Refusal::Wait(wait)) => {
            tracing::info!(group = %group, seconds = wait.as_secs(), "Telegram asks to wait");
            wait
        }
        Err(Refusal::NotSent(cause) | Refusal::Unclear(cause)) => {
            let wait = item.pause;
            item.pause = (item.pause * 2).min(LONGEST_PAUSE);
            tracing::warn!(group = %group, %cause, seconds = wait.as_secs(), "posting failed, trying again");
            wait
        }
    };
    if now.saturating_duration_since(item.since) > TOO_OLD {
        tracing::warn!(group = %group, "a post was dropped: it could not be delivered in time");
        return item.end(Err(Dropped::Late));
    }
    line.hold(now + wait);
    match item.post {
        Post::Edit { message, .. } => line.edit_again(message, item),
        Post::Text { .. } | Post::Answer { .. } | Post::Document { .. } => line.again(lane, item),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Mutex;

    use tokio::task::JoinHandle;

    use super::super::note::NotePrefix;
    use super::*;

    /// Answers as it was told to, and remembers what was sent.
    #[derive(Default)]
    struct Script {
        outcomes: Mutex<Vec<Refusal>>,
        sent: Mutex<Vec<String>>,
    }

    impl Transport for Script {
        async fn send(&self, _group: GroupId, post: &Post) -> Result<MessageId, Refusal> {
            // A document takes long.
            let text = match post {
                Post::Text { note, .. } | Post::Edit { note, .. } => note.text(),
                Post::Answer { words, .. } => words.text().to_owned(),
                Post::Document { caption, .. } => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    caption.caption()
                }
            };
            let mut outcomes = self.outcomes.lock().unwrap();
            if !outcomes.is_empty() {
                return Err(outcomes.remove(0));
            }
            let mut sent = self.sent.lock().unwrap();
            sent.push(text);
            Ok(MessageId(i32::try_from(sent.len()).unwrap()))
        }
    }

    fn start(outcomes: Vec<Refusal>) -> (Arc<Script>, Queue, JoinHandle<()>) {
        let script = Arc::new(Script {
            outcomes: Mutex::new(outcomes),
            ..Script::default()
        });
        let limits = Limits {
            per_minute: 1000,
            gap: Duration::from_millis(1),
        };
        let group = GroupId::from_bare(1).unwrap();
        let (queue, work) = Queue::new(group, Arc::clone(&script), limits);
        (script, queue, tokio::spawn(work))
    }

    fn note(text: &str) -> Note {
        Note::new(&NotePrefix::default(), text)
    }

    fn text(text: &str) -> Post {
        Post::note(TopicId::GENERAL, note(text))
    }

    #[tokio::test]
    async fn a_post_is_tried_again_and_then_answered() {
        let (script, queue, task) = start(vec![
            Refusal::Wait(Duration::from_millis(5)),
            Refusal::Wait(Duration::from_millis(5)),
        ]);
        let (first, second) = tokio::join!(queue.post(text("a")), queue.post(text("b")));
        assert_eq!((first, second), (Ok(MessageId(1)), Ok(MessageId(2))));
        drop(queue);
        task.await.unwrap();
        assert_eq!(*script.sent.lock().unwrap(), ["/ a", "/ b"]);
    }

    #[tokio::test]
    async fn what_can_never_be_delivered_is_dropped_and_the_rest_goes_on() {
        let (script, queue, task) = start(vec![Refusal::Never("message thread not found".into())]);
        assert_eq!(queue.post(text("a")).await, Err(Dropped::NotSent));
        assert_eq!(queue.post(text("b")).await, Ok(MessageId(1)));
        drop(queue);
        task.await.unwrap();
        assert_eq!(*script.sent.lock().unwrap(), ["/ b"]);
    }

    #[tokio::test]
    async fn words_for_a_customer_are_not_said_again_where_they_may_have_arrived() {
        let answer = || Post::Answer {
            topic: TopicId::GENERAL,
            words: ForCustomer::new(&NotePrefix::default(), "Hello").unwrap(),
        };
        for (refusal, again) in [
            (Refusal::Wait(Duration::from_millis(5)), true),
            (Refusal::Unclear("the connection broke".into()), false),
            (Refusal::Taken("not JSON".into()), false),
        ] {
            let (script, queue, task) = start(vec![refusal]);
            let posted = queue.post(answer()).await;
            assert_eq!(posted == Ok(MessageId(1)), again);
            assert!(again || posted == Err(Dropped::Unclear));
            drop(queue);
            task.await.unwrap();
            assert_eq!(script.sent.lock().unwrap().len(), usize::from(again));
        }
    }

    #[tokio::test]
    async fn a_slow_document_does_not_keep_a_text_waiting_and_the_end_waits_for_both() {
        let (script, queue, task) = start(Vec::new());
        let document = Post::Document {
            topic: TopicId::GENERAL,
            path: PathBuf::new(),
            name: String::new(),
            caption: note("document"),
        };
        let sending = {
            let queue = queue.clone();
            tokio::spawn(async move { queue.post(document).await })
        };
        tokio::task::yield_now().await;
        queue.post(text("text")).await.unwrap();
        queue.edit(MessageId(1), note("one"));
        queue.edit(MessageId(1), note("two"));
        drop(queue);
        task.await.unwrap();
        assert!(sending.await.unwrap().is_ok());
        let sent = script.sent.lock().unwrap();
        assert_eq!(sent.first().map(String::as_str), Some("/ text"));
        assert!(sent.contains(&"/ two".to_owned()) && sent.contains(&"/ document".to_owned()));
    }
}
