//! What others ask of capture by way of the vault's `state.db`: backfills, and what lies in the
//! outbox.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::clock;
use crate::archive::{ArchiveError, Backfill, BackfillState, State, Vault};
use crate::model::GroupId;

/// How often to look whether somebody asked for one, or ended one.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The open backfills of a vault. Trouble with their file is told and tried again; what is
/// unknown is read without being asked for, so nothing waits for it.
#[derive(Clone, Debug)]
pub struct Orders {
    state: Option<Arc<Mutex<State>>>,
    open: watch::Sender<Vec<Backfill>>,
    alone: bool,
}

impl Default for Orders {
    /// Nobody asks for anything.
    fn default() -> Self {
        Self {
            state: None,
            open: watch::Sender::new(Vec::new()),
            alone: false,
        }
    }
}

impl Orders {
    /// Those of a vault; [`Orders::follow`] keeps them up to date.
    ///
    /// # Errors
    /// When `state.db` cannot be opened.
    pub fn of(vault: &Vault) -> Result<Self, crate::archive::OpenError> {
        let state = vault.state()?;
        Ok(Self {
            open: watch::Sender::new(state.backfills(true).unwrap_or_default()),
            state: Some(Arc::new(Mutex::new(state))),
            alone: false,
        })
    }

    /// Nothing is read without being asked for, besides what is new.
    #[must_use]
    pub fn alone(self) -> Self {
        Self {
            alone: true,
            ..self
        }
    }

    /// Whether nothing is read without being asked for.
    pub(super) fn are_alone(&self) -> bool {
        self.alone
    }

    /// Looks for new and ended ones until stopped.
    pub async fn follow(self, stop: CancellationToken) {
        let mut troubled = false;
        loop {
            let trouble = self.refresh().await.err();
            if let Some(error) = trouble.as_ref().filter(|_| !troubled) {
                tracing::warn!(%error, "backfills that were asked for cannot be looked up");
            }
            troubled = trouble.is_some();
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn refresh(&self) -> Result<(), ArchiveError> {
        let Some(open) = self.with(|state| state.backfills(true)).await? else {
            return Ok(());
        };
        self.open.send_if_modified(|known| {
            let changed = *known != open;
            *known = open;
            changed
        });
        Ok(())
    }

    /// The one to work on in a group: topics come before the whole, else who asked first.
    pub(super) fn first(&self, group: GroupId) -> Option<Backfill> {
        let open = self.open.borrow();
        let ours = open.iter().filter(|it| it.wish.group == group);
        ours.min_by_key(|it| (it.wish.topic.is_none(), it.id))
            .cloned()
    }

    /// Whether one is still wanted, and nothing that comes before it.
    pub(super) fn is_first(&self, order: &Backfill) -> bool {
        self.first(order.wish.group)
            .is_some_and(|first| first.id == order.id)
    }

    /// Returns when there is one for a group.
    pub(super) async fn wait_for(&self, group: GroupId) {
        let mut open = self.open.subscribe();
        let any = |open: &Vec<Backfill>| open.iter().any(|it| it.wish.group == group);
        if open.wait_for(any).await.is_err() {
            std::future::pending::<()>().await; // never: the sender is ours
        }
    }

    /// Work on one begins.
    pub(super) async fn begin(&self, id: i64) {
        let work = move |state: &mut State| state.begin_backfill(id, clock::now());
        self.note(work).await;
    }

    /// So far has it come.
    pub(super) async fn advance(
        &self,
        id: i64,
        position: Option<i32>,
        done: u64,
        remaining: Option<u64>,
    ) {
        let work = move |state: &mut State| {
            state.advance_backfill(id, position, done, remaining, clock::now())
        };
        self.note(work).await;
    }

    /// It has ended.
    pub(super) async fn end(&self, id: i64, end: BackfillState, problem: Option<String>) {
        let work =
            move |state: &mut State| state.end_backfill(id, end, problem.as_deref(), clock::now());
        self.note(work).await;
        if let Err(error) = self.refresh().await {
            tracing::warn!(%error, "backfills that were asked for cannot be looked up");
        }
    }

    /// What cannot be noted costs a page that is read twice; capture must not end because of it.
    async fn note<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, ArchiveError> + Send + 'static,
    ) {
        if let Err(error) = self.with(work).await {
            tracing::warn!(%error, "how far a backfill is cannot be noted");
        }
    }

    /// Telegram asks whoever reads these groups to wait, or no longer does.
    pub(super) async fn waiting(&self, groups: Vec<GroupId>, until: Option<i64>) {
        let told =
            |open: &Backfill| groups.contains(&open.wish.group) && open.waiting_until != until;
        if !self.open.borrow().iter().any(told) {
            return;
        }
        let work = move |state: &mut State| {
            groups
                .iter()
                .try_for_each(|group| state.backfills_wait(*group, until))
        };
        if let Err(error) = self.with(work).await {
            tracing::debug!(%error, "a wait could not be noted");
        }
    }

    /// `None` where there are none.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<Option<T>, ArchiveError> {
        let Some(state) = self.state.clone() else {
            return Ok(None);
        };
        let work = move || work(&mut state.lock().unwrap_or_else(PoisonError::into_inner));
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done.map(Some),
            Err(_) => Ok(None), // the runtime ends
        }
    }
}
