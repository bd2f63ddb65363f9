//! What is captured: the groups, their archives, and the order of what is written to them.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::AtomicI32;
use std::sync::{Arc, Mutex as SyncMutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use tokio::sync::{Mutex, Notify};

use super::allow::Telegram;
use super::clock;
use super::error::CaptureError;
use super::heal::Again;
use super::orders::Orders;
use super::pacer::Pacer;
use super::progress::Board;
use super::session::SessionFile;
use crate::archive::{Appended, Handle, Position, Reader, Submitted};
use crate::metrics::Metrics;
use crate::model::{Event, GroupId, MessageId, Observed, Person, PersonId, Source};

/// The position under which the counter is stored up to which no update is missing.
const FOLLOWED: &str = "followed";

/// Touched messages beyond which those are forgotten that no question waits for.
const FORGET: usize = 10_000;

/// Names that are remembered at most; one that was forgotten is written once more.
const NAMES: usize = 10_000;

/// Readers that are kept open.
const IDLE: usize = 8;

/// A group and its archive.
pub(super) struct Target {
    /// Which group.
    pub(super) group: GroupId,
    /// Its archive.
    pub(super) archive: Handle,
    /// The messages that live updates touched since the oldest question to history was sent whose
    /// answer is still to be written. An answer shows the group as it was some time ago, so it must
    /// not overwrite them; and the lock is held until either stands in the archive's line, so that
    /// neither overtakes the other.
    touched: Mutex<Touched>,
    /// The counter up to which no update is missing here; none until it is known.
    followed: Mutex<Option<i32>>,
    /// The names as last written, so that an unchanged one is not written with every message.
    names: SyncMutex<HashMap<PersonId, Person>>,
    /// Readers that nobody uses just now.
    idle: Arc<SyncMutex<Vec<Reader>>>,
    /// Messages to be looked at once more, soon.
    pub(super) again: Again,
    /// The first id that the group shows us; what it hides is not gone.
    pub(super) shown_from: AtomicI32,
    /// Tells that ids may be unknown.
    pub(super) backfill: Notify,
    metrics: Metrics,
}

/// What live updates changed, and when, in a count of its own.
#[derive(Default)]
struct Touched {
    count: u64,
    messages: HashMap<MessageId, u64>,
    marks: HashMap<MessageId, u64>,
    /// Questions under way, by the count when they were sent.
    open: Arc<SyncMutex<BTreeMap<u64, usize>>>,
}

impl Touched {
    fn note(&mut self, events: &[Event]) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = open.keys().next().copied();
        drop(open);
        let Some(oldest) = oldest else {
            // Nobody is asking.
            self.messages.clear();
            self.marks.clear();
            self.count += 1;
            return;
        };
        if self.messages.len() + self.marks.len() > FORGET {
            self.messages.retain(|_, at| *at > oldest);
            self.marks.retain(|_, at| *at > oldest);
        }
        self.count += 1;
        let now = self.count;
        for event in events {
            match event {
                Event::Message(message) => drop(self.messages.insert(message.id, now)),
                Event::Mark { id, .. } => drop(self.marks.insert(*id, now)),
                Event::Deleted(ids) | Event::Empty(ids) => {
                    self.messages.extend(ids.iter().map(|id| (*id, now)));
                }
                _ => {}
            }
        }
    }

    /// Whether a message was touched after a question was sent.
    fn message_since(&self, asked: &Asked, id: MessageId) -> bool {
        self.messages.get(&id).is_some_and(|at| *at > asked.at)
    }

    fn mark_since(&self, asked: &Asked, id: MessageId) -> bool {
        self.marks.get(&id).is_some_and(|at| *at > asked.at) || self.message_since(asked, id)
    }
}

/// A question to history that is under way: what live updates tell meanwhile, they know better.
pub(super) struct Asked {
    at: u64,
    open: Arc<SyncMutex<BTreeMap<u64, usize>>>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Entry::Occupied(mut entry) = open.entry(self.at) {
            *entry.get_mut() -= 1;
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

/// Events in the archive's line.
struct Written {
    submitted: Submitted,
    count: usize,
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
            shown_from: AtomicI32::new(0),
            backfill: Notify::new(),
            metrics,
        }
    }

    /// Puts into the archive's line what happened just now.
    async fn submit_live(
        &self,
        events: Vec<Event>,
        positions: Vec<Position>,
    ) -> Result<Written, CaptureError> {
        let mut touched = self.touched.lock().await;
        touched.note(&events);
        self.submit(events, positions, Source::Live).await
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
        let written = self.submit_live(events, positions).await?;
        *followed = reached;
        drop(followed);
        self.committed(written, Source::Live).await
    }

    /// A difference was committed up to this counter.
    pub(super) async fn follow_to(&self, pts: i32) -> Result<(), CaptureError> {
        let position = {
            let mut followed = self.followed.lock().await;
            let reached = followed.map_or(pts, |known| known.max(pts));
            *followed = Some(reached);
            Self::followed_position(reached)
        };
        self.write_positions(vec![position]).await
    }

    fn followed_position(pts: i32) -> Position {
        Position {
            name: FOLLOWED.to_owned(),
            value: i64::from(pts),
        }
    }

    /// A question is about to be put to history.
    pub(super) async fn ask_history(&self) -> Asked {
        let touched = self.touched.lock().await;
        let open = Arc::clone(&touched.open);
        let at = touched.count;
        *open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(at)
            .or_default() += 1;
        Asked { at, open }
    }

    /// Writes what history answered, without what live updates know better.
    pub(super) async fn write_history(
        &self,
        asked: &Asked,
        mut events: Vec<Event>,
    ) -> Result<Appended, CaptureError> {
        let written = {
            let touched = self.touched.lock().await;
            if !touched.messages.is_empty() || !touched.marks.is_empty() {
                events.retain_mut(|event| match event {
                    Event::Message(message) => !touched.message_since(asked, message.id),
                    Event::Mark { id, .. } => !touched.mark_since(asked, *id),
                    Event::Deleted(ids) | Event::Empty(ids) => {
                        ids.retain(|id| !touched.message_since(asked, *id));
                        !ids.is_empty()
                    }
                    _ => true,
                });
            }
            self.submit(events, Vec::new(), Source::History).await?
        };
        self.committed(written, Source::History).await
    }

    /// Writes positions.
    pub(super) async fn write_positions(
        &self,
        positions: Vec<Position>,
    ) -> Result<(), CaptureError> {
        let written = self.submit(Vec::new(), positions, Source::History).await?;
        self.committed(written, Source::History).await.map(drop)
    }

    async fn submit(
        &self,
        events: Vec<Event>,
        positions: Vec<Position>,
        source: Source,
    ) -> Result<Written, CaptureError> {
        let at = clock::now();
        let count = events.len();
        let events = events
            .into_iter()
            .map(|event| Observed { event, source, at })
            .collect();
        let submitted = self.archive.submit(events, positions).await?;
        Ok(Written { submitted, count })
    }

    async fn committed(&self, written: Written, source: Source) -> Result<Appended, CaptureError> {
        let done = written.submitted.committed().await?;
        self.metrics
            .committed(self.group, source, written.count, done.new);
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
                if names.len() >= NAMES {
                    names.clear();
                }
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

    /// Whether a group is still captured into this very archive.
    pub(super) fn still_has(&self, target: &Arc<Target>) -> bool {
        let here = self.get(target.group);
        here.is_some_and(|here| Arc::ptr_eq(&here, target))
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
    pub(super) orders: Orders,
    pub(super) pacer: Pacer,
    /// How long to have nothing to do before a page of old messages is looked at again.
    pub(super) recheck_every: Duration,
    /// How long what changed around a message is left alone before it is looked at again.
    pub(super) settle: Duration,
    /// How often to ask whether the line is alive, and how long to wait for the answer.
    pub(super) watch: (Duration, Duration),
    pub(super) metrics: Metrics,
}
