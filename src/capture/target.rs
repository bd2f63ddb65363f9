//! What is captured: the groups, their archives, and the order of what is written to them.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::sync::Mutex;

use super::allow::Telegram;
use super::clock;
use super::error::CaptureError;
use super::flood::Flood;
use super::heal::Again;
use super::progress::Board;
use super::session::SessionFile;
use crate::archive::{Appended, Handle, Position, Reader};
use crate::metrics::Metrics;
use crate::model::{Event, GroupId, MessageId, Observed, Person, PersonId, Source};

/// The position under which the counter is stored up to which no update is missing.
const FOLLOWED: &str = "followed";

/// Readers that are kept open.
const IDLE: usize = 2;

/// A group and its archive.
pub(super) struct Target {
    /// Which group.
    pub(super) group: GroupId,
    /// Its archive.
    pub(super) archive: Handle,
    /// The messages that live updates touched since the last question to history was sent.
    /// History's answer shows the group as it was some time ago, so it must not overwrite them;
    /// and the lock is held while either is written, so that neither overtakes the other.
    touched: Mutex<Touched>,
    /// The counter up to which no update is missing here; none until it is known.
    followed: Mutex<Option<i32>>,
    /// The names as last written, so that an unchanged one is not written with every message.
    names: SyncMutex<HashMap<PersonId, Person>>,
    /// Readers that nobody uses just now.
    idle: Arc<SyncMutex<Vec<Reader>>>,
    /// Messages to be looked at once more, soon.
    pub(super) again: Again,
    metrics: Metrics,
}

/// What live updates changed.
#[derive(Default)]
struct Touched {
    messages: HashSet<MessageId>,
    marks: HashSet<MessageId>,
}

impl Target {
    pub(super) fn new(group: GroupId, archive: Handle, metrics: Metrics) -> Self {
        Self {
            group,
            archive,
            touched: Mutex::default(),
            followed: Mutex::new(None),
            names: SyncMutex::new(HashMap::new()),
            idle: Arc::default(),
            again: Again::default(),
            metrics,
        }
    }

    /// Writes what happened just now.
    pub(super) async fn write_live(
        &self,
        events: Vec<Event>,
        positions: Vec<Position>,
    ) -> Result<Appended, CaptureError> {
        let mut touched = self.touched.lock().await;
        for event in &events {
            match event {
                Event::Message(message) => {
                    touched.messages.insert(message.id);
                }
                Event::Mark { id, .. } => {
                    touched.marks.insert(*id);
                }
                Event::Deleted(ids) | Event::Empty(ids) => touched.messages.extend(ids),
                _ => {}
            }
        }
        self.append(events, positions, Source::Live).await
    }

    /// The counter up to which every update has been committed.
    pub(super) async fn followed(
        &self,
        session: &SessionFile,
    ) -> Result<Option<i32>, CaptureError> {
        let mut followed = self.followed.lock().await;
        if followed.is_none() {
            let stored = self.look(|reader| Ok(reader.position(FOLLOWED)?)).await?;
            *followed = stored
                .and_then(|pts| i32::try_from(pts).ok())
                .filter(|pts| *pts > 0)
                .or_else(|| session.channel_pts(self.group.bare()));
        }
        Ok(*followed)
    }

    /// Writes what happened just now, each update with the counter after it and what it adds to
    /// it; those that follow on what we have move ours. Repeats and gaps do not.
    pub(super) async fn write_followed(
        &self,
        events: Vec<Event>,
        mut positions: Vec<Position>,
        counters: &[(i32, i32)],
    ) -> Result<Appended, CaptureError> {
        let mut followed = self.followed.lock().await;
        let before = *followed;
        let mut reached = before;
        for (after, count) in counters.iter().filter(|(_, count)| *count > 0) {
            // The first one ever: what was before it, history tells.
            if reached.is_none_or(|pts| after.checked_sub(*count) == Some(pts)) {
                reached = Some(*after);
            }
        }
        if let Some(pts) = reached.filter(|_| reached != before) {
            positions.push(Self::followed_position(pts));
        }
        let done = self.write_live(events, positions).await?;
        *followed = reached;
        Ok(done)
    }

    /// A difference was committed up to this counter.
    pub(super) async fn follow_to(&self, pts: i32) -> Result<(), CaptureError> {
        let position = {
            let mut followed = self.followed.lock().await;
            let reached = followed.map_or(pts, |known| known.max(pts));
            *followed = Some(reached);
            Self::followed_position(reached)
        };
        self.append(Vec::new(), vec![position], Source::Live)
            .await
            .map(drop)
    }

    fn followed_position(pts: i32) -> Position {
        Position {
            name: FOLLOWED.to_owned(),
            value: i64::from(pts),
        }
    }

    /// A question is about to be put to history.
    pub(super) async fn ask_history(&self) {
        *self.touched.lock().await = Touched::default();
    }

    /// Writes what history answered, without what live updates know better.
    pub(super) async fn write_history(
        &self,
        mut events: Vec<Event>,
        positions: Vec<Position>,
    ) -> Result<Appended, CaptureError> {
        let touched = self.touched.lock().await;
        if !touched.messages.is_empty() || !touched.marks.is_empty() {
            events.retain_mut(|event| match event {
                Event::Message(message) => !touched.messages.contains(&message.id),
                Event::Mark { id, .. } => {
                    !touched.marks.contains(id) && !touched.messages.contains(id)
                }
                Event::Deleted(ids) | Event::Empty(ids) => {
                    ids.retain(|id| !touched.messages.contains(id));
                    !ids.is_empty()
                }
                _ => true,
            });
        }
        self.append(events, positions, Source::History).await
    }

    async fn append(
        &self,
        events: Vec<Event>,
        positions: Vec<Position>,
        source: Source,
    ) -> Result<Appended, CaptureError> {
        let at = clock::now();
        let count = events.len();
        let events = events
            .into_iter()
            .map(|event| Observed { event, source, at })
            .collect();
        let done = self.archive.append(events, positions).await?;
        self.metrics.committed(self.group, source, count, done.new);
        Ok(done)
    }

    /// Those of the people who are named and whose name is new or changed.
    pub(super) fn news_of(&self, people: &[Person], named: &HashSet<PersonId>) -> Vec<Event> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        people
            .iter()
            .filter(|person| named.contains(&person.id))
            .filter(|person| names.get(&person.id) != Some(person))
            .cloned()
            .collect::<Vec<_>>()
            .into_iter()
            .map(|person| {
                names.insert(person.id, person.clone());
                Event::Person(person)
            })
            .collect()
    }

    /// Looks something up in the archive, off the runtime's threads.
    pub(super) async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Reader) -> Result<T, CaptureError> + Send + 'static,
    ) -> Result<T, CaptureError> {
        let archive = self.archive.clone();
        let idle = Arc::clone(&self.idle);
        let work = move || {
            let kept = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let reader = match kept {
                Some(reader) => reader,
                None => archive.reader()?,
            };
            let found = look(&reader);
            // Opening one reads the whole schema.
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            if found.is_ok() && idle.len() < IDLE {
                reader.let_go();
                idle.push(reader);
            }
            found
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
            Err(CaptureError::Unreachable {
                reason: "a look into the archive was cut off".to_owned(),
            })
        })
    }
}

/// The groups that are captured; some may come and go while a run goes on.
#[derive(Default)]
pub(super) struct Targets(RwLock<HashMap<GroupId, Arc<Target>>>);

impl Targets {
    fn all(&self) -> RwLockReadGuard<'_, HashMap<GroupId, Arc<Target>>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A group's, where it is captured.
    pub(super) fn get(&self, group: GroupId) -> Option<Arc<Target>> {
        self.all().get(&group).cloned()
    }

    /// Whether a group is captured.
    pub(super) fn has(&self, group: GroupId) -> bool {
        self.all().contains_key(&group)
    }

    /// The groups, ascending.
    pub(super) fn groups(&self) -> Vec<GroupId> {
        let mut groups: Vec<_> = self.all().keys().copied().collect();
        groups.sort_unstable();
        groups
    }

    /// Captures one more.
    pub(super) fn add(&self, target: Target) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(target.group, Arc::new(target));
    }

    /// Captures one less. What is being written to it is not waited for.
    pub(super) fn remove(&self, group: GroupId) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(&group);
    }
}

/// What every part of a run shares.
pub(super) struct Context {
    pub(super) session: Arc<SessionFile>,
    pub(super) telegram: Telegram,
    pub(super) targets: Arc<Targets>,
    pub(super) board: Board,
    pub(super) flood: Flood,
    /// The pause between pages of a long reconciliation.
    pub(super) pace: Duration,
    /// How long to have nothing to do before a page of old messages is looked at again.
    pub(super) recheck_every: Duration,
    /// How long what changed around a message is left alone before it is looked at again.
    pub(super) settle: Duration,
    /// How often to ask whether the line is alive, and how long to wait for the answer.
    pub(super) watch: (Duration, Duration),
    pub(super) metrics: Metrics,
}
