//! Accounts, groups and their archives: who captures what, as the configuration says now.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::arrival::First;
use super::{AppError, Board, GRACE, customers};
use crate::archive::{CompactPolicy, Handle, OpenError, SealPolicy, Vault};
use crate::capture::{Account, Orders, Wanted};
use crate::config::Config;
use crate::crm::Crm;
use crate::metrics::Metrics;
use crate::model::GroupId;

/// How long a group that is given up may take to let go of its archive.
const LETTING_GO: Duration = Duration::from_secs(5);

/// What the team works in and with.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) vault: Vault,
    pub(super) base: PathBuf,
    pub(super) orders: Orders,
    pub(super) crm: Option<Arc<dyn Crm>>,
    pub(super) board: watch::Sender<Board>,
    pub(super) metrics: Metrics,
    pub(super) stop: CancellationToken,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Team {
    place: Place,
    /// The archives that are open.
    archives: watch::Sender<Wanted>,
    accounts: BTreeMap<String, Member>,
    /// What asks the CRM about each group.
    asking: BTreeMap<GroupId, Part>,
}

/// An account at work.
#[derive(Debug)]
struct Member {
    wanted: watch::Sender<Wanted>,
    part: Part,
}

/// Something that runs and can be ended by itself.
#[derive(Debug)]
struct Part {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Part {
    fn start<F>(within: &CancellationToken, work: impl FnOnce(CancellationToken) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = within.child_token();
        Self {
            task: tokio::spawn(work(stop.clone())),
            stop,
        }
    }

    async fn end(self, what: &str) {
        self.stop.cancel();
        match tokio::time::timeout(2 * GRACE, self.task).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => error!(
                what,
                "a part broke off; this is a defect, please report it with the log"
            ),
            Err(_) => warn!(what, "a part did not end in time and was left behind"),
        }
    }
}

impl Team {
    /// Opens the archives and lets the accounts begin.
    ///
    /// # Errors
    /// When an archive cannot be opened.
    pub(super) async fn start(
        place: Place,
        config: &Config,
        mut first: BTreeMap<String, First>,
    ) -> Result<Self, AppError> {
        let mut team = Self {
            place,
            archives: watch::Sender::default(),
            accounts: BTreeMap::new(),
            asking: BTreeMap::new(),
        };
        for (account, groups) in config.accounts() {
            let mut wanted = Wanted::new();
            for group in groups {
                let archive = team.open(config, group)?;
                wanted.insert(group, archive.clone());
                team.note(group, archive);
            }
            let first = first.remove(&account);
            team.employ(config, account, wanted, first);
        }
        team.ask();
        Ok(team)
    }

    /// Brings everything in line with a new configuration: groups and the accounts they need come
    /// and go. What cannot be opened is told and left alone until the next change.
    pub(super) async fn follow(&mut self, config: &Config) {
        let plan = config.accounts();
        let home = |group: GroupId| {
            let found = plan.iter().find(|(_, groups)| groups.contains(&group));
            found.map(|(account, _)| account)
        };
        // First who lets go, then who takes over: an archive has one writer.
        let mut left = Vec::new();
        for (account, member) in &self.accounts {
            let gone: BTreeSet<GroupId> = member
                .wanted
                .borrow()
                .keys()
                .copied()
                .filter(|group| home(*group) != Some(account))
                .collect();
            if !gone.is_empty() {
                member
                    .wanted
                    .send_modify(|wanted| wanted.retain(|group, _| !gone.contains(group)));
                left.extend(gone);
            }
        }
        self.await_release(&left).await;
        for group in left {
            if home(group).is_none() {
                self.close(group).await;
            }
        }
        let idle: Vec<String> = self
            .accounts
            .keys()
            .filter(|account| !plan.contains_key(*account))
            .cloned()
            .collect();
        for account in idle {
            if let Some(member) = self.accounts.remove(&account) {
                member.part.end("an account").await;
                info!(account, "the account is not needed any more");
            }
        }
        for (account, groups) in plan {
            let mut wanted = Wanted::new();
            for group in groups {
                match self.archive(config, group) {
                    Ok(archive) => drop(wanted.insert(group, archive)),
                    Err(error) => error!(%group, %error, "the group cannot be captured"),
                }
            }
            match self.accounts.get(&account) {
                Some(member) => {
                    member.wanted.send_if_modified(|known| {
                        let changed = !known.keys().eq(wanted.keys());
                        *known = wanted;
                        changed
                    });
                }
                None if wanted.is_empty() => {}
                None => self.employ(config, account, wanted, None),
            }
        }
        self.ask();
    }

    /// Ends everybody, then closes the archives.
    ///
    /// # Errors
    /// The first of an archive that did not close well.
    pub(super) async fn end(&mut self) -> Result<(), AppError> {
        for (_, part) in std::mem::take(&mut self.asking) {
            part.end("the CRM's questions").await;
        }
        for (_, member) in std::mem::take(&mut self.accounts) {
            member.part.end("an account").await;
        }
        let mut outcome = Ok(());
        for (_, handle) in self.archives.send_replace(Wanted::new()) {
            outcome = outcome.and(handle.close().await.map_err(AppError::from));
        }
        outcome
    }

    /// A group's archive, opened unless it is.
    fn archive(&mut self, config: &Config, group: GroupId) -> Result<Handle, OpenError> {
        let known = self.archives.borrow().get(&group).cloned();
        if let Some(archive) = known {
            return Ok(archive);
        }
        let archive = self.open(config, group)?;
        self.note(group, archive.clone());
        Ok(archive)
    }

    /// An archive is open.
    fn note(&self, group: GroupId, archive: Handle) {
        self.archives
            .send_modify(|open| drop(open.insert(group, archive)));
    }

    /// The archives that are open, for whoever writes to them besides.
    pub(super) fn archives(&self) -> watch::Receiver<Wanted> {
        self.archives.subscribe()
    }

    fn open(&self, config: &Config, group: GroupId) -> Result<Handle, OpenError> {
        let policy = SealPolicy {
            hot_messages: config.vault.seal_after,
            level: config.vault.seal_level,
        };
        let compact = (config.vault.compact_level > 0).then_some(CompactPolicy {
            level: config.vault.compact_level,
            segments: CompactPolicy::WORTHWHILE,
        });
        Handle::spawn_compacting(&self.place.vault, group, policy, compact)
    }

    /// Lets an account begin.
    fn employ(&mut self, config: &Config, account: String, wanted: Wanted, first: Option<First>) {
        let (wanted, seen) = watch::channel(wanted);
        let part = Part::start(&self.place.stop, |stop| {
            let account = Account {
                config: config.login_of(&account),
                media: config.media.clone(),
                orders: self.place.orders.clone(),
                base: self.place.base.clone(),
                wanted: seen,
                progress: self.place.board.clone(),
                metrics: self.place.metrics.clone(),
                stop,
            };
            account.keep(first)
        });
        self.accounts.insert(account, Member { wanted, part });
    }

    /// Has the CRM asked about each group that has an archive.
    fn ask(&mut self) {
        let Some(crm) = &self.place.crm else { return };
        let open = self.archives.borrow().clone();
        for (group, archive) in open {
            let crm = crm.clone();
            self.asking.entry(group).or_insert_with(|| {
                Part::start(&self.place.stop, |stop| {
                    customers::follow(group, archive, crm, stop)
                })
            });
        }
    }

    /// Waits until nobody writes to these groups any more, within bounds.
    async fn await_release(&self, groups: &[GroupId]) {
        let mut board = self.place.board.subscribe();
        let gone = board.wait_for(|board| groups.iter().all(|group| !board.contains_key(group)));
        if tokio::time::timeout(LETTING_GO, gone).await.is_err() {
            warn!("a group that was given up is still being written");
        }
    }

    async fn close(&mut self, group: GroupId) {
        if let Some(part) = self.asking.remove(&group) {
            part.end("the CRM's questions").await;
        }
        let mut closing = None;
        self.archives
            .send_modify(|open| closing = open.remove(&group));
        if let Some(archive) = closing {
            match archive.close().await {
                Ok(()) => {
                    info!(%group, "the group is not captured any more; its archive is closed")
                }
                Err(error) => error!(%group, %error, "the archive did not close well"),
            }
        }
    }
}
