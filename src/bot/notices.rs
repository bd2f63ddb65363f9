//! What the service has to tell the operators of a group by itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::note::Note;
use super::queue::Post;
use super::request::Group;
use crate::capture::Trouble;
use crate::i18n::{Language, Phrase};
use crate::model::GroupId;

/// News older than this is none: the bot was away for longer.
const STALE: Duration = Duration::from_secs(15 * 60);

/// Something that operators should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// The group is not captured.
    Down {
        /// Since when, Unix seconds.
        since: i64,
        /// Why.
        trouble: Trouble,
    },
    /// It is captured again.
    Back {
        /// After so many seconds.
        seconds: u64,
    },
    /// The disk of the vault fills up.
    DiskLow {
        /// Bytes that are free.
        free: u64,
    },
}

/// The way to the bot for alerts. Clones share it; it outlives a bot that is started anew.
#[derive(Clone, Debug)]
pub struct Notices {
    entrance: mpsc::UnboundedSender<(GroupId, Alert, Instant)>,
    waiting: Arc<Mutex<mpsc::UnboundedReceiver<(GroupId, Alert, Instant)>>>,
}

impl Default for Notices {
    fn default() -> Self {
        let (entrance, waiting) = mpsc::unbounded_channel();
        Self {
            entrance,
            waiting: Arc::new(Mutex::new(waiting)),
        }
    }
}

impl Notices {
    /// Tells the operators of a group, as soon as the bot can.
    pub fn tell(&self, group: GroupId, alert: Alert) {
        // We hold the other end ourselves.
        let _ = self.entrance.send((group, alert, Instant::now()));
    }

    /// Posts what is told, until cancelled.
    pub(super) async fn deliver(
        self,
        groups: HashMap<GroupId, Arc<Group>>,
        ending: CancellationToken,
    ) {
        let mut waiting = self.waiting.lock().await;
        let mut posts = JoinSet::new();
        loop {
            let told = tokio::select! {
                () = ending.cancelled() => return,
                told = waiting.recv() => told,
            };
            let Some((id, alert, since)) = told else {
                return;
            };
            while posts.try_join_next().is_some() {}
            let Some(group) = groups.get(&id).filter(|_| since.elapsed() < STALE) else {
                continue;
            };
            let post = Post::note(group.alerts, note(group, alert));
            let queue = group.queue.clone();
            // Why a post was dropped is logged where it was.
            posts.spawn(async move {
                let _ = queue.post(post).await;
            });
        }
    }
}

fn note(group: &Group, alert: Alert) -> Note {
    let language = group.language.unwrap_or_default();
    let lines: Vec<String> = phrases(alert, language, &group.zone)
        .iter()
        .map(|phrase| language.say(phrase))
        .collect();
    Note::new(&group.prefix, &lines.join("\n"))
}

fn phrases(alert: Alert, language: Language, zone: &jiff::tz::TimeZone) -> Vec<Phrase> {
    match alert {
        Alert::Down { since, trouble } => vec![
            Phrase::AlertDown {
                moment: language.moment(since, zone),
            },
            explain(trouble),
        ],
        Alert::Back { seconds } => vec![Phrase::AlertBack { seconds }],
        Alert::DiskLow { free } => vec![Phrase::AlertDisk { free }],
    }
}

/// What kind of trouble it is, and what to do.
pub(super) const fn explain(trouble: Trouble) -> Phrase {
    match trouble {
        Trouble::Unreachable => Phrase::TroubleUnreachable,
        Trouble::Wait => Phrase::TroubleWait,
        Trouble::NotLoggedIn => Phrase::TroubleNotLoggedIn,
        Trouble::Revoked => Phrase::TroubleRevoked,
        Trouble::Duplicated => Phrase::TroubleDuplicated,
        Trouble::Deactivated => Phrase::TroubleDeactivated,
        Trouble::Moved => Phrase::TroubleMoved,
        Trouble::Session => Phrase::TroubleSession,
        Trouble::NotMember => Phrase::TroubleNotMember,
        Trouble::NotForum => Phrase::TroubleNotForum,
        Trouble::DiskFull => Phrase::TroubleDiskFull,
        Trouble::Archive => Phrase::TroubleArchive,
        Trouble::Settings => Phrase::TroubleSettings,
        Trouble::Other => Phrase::TroubleOther,
    }
}
