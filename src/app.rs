//! The composition root: wires capture, archive, CRM and bot together, supervises them, and shuts
//! them down in the order in which data flows.
//!
//! Nothing ends because something else has trouble: without Telegram the bot serves from the
//! archives, without the bot capture goes on. `team` holds what belongs to accounts and groups and
//! follows the configuration; `desk` keeps the bot; `alarm` decides what operators are told;
//! `health` answers whoever watches the service.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::archive::{ArchiveError, OpenError, Vault};
use crate::bot::{self, BotError, Notices};
use crate::capture::{CaptureError, Orders, Progress, SessionError};
use crate::config::{Config, ConfigError};
use crate::crm::{self, CrmError};
use crate::memory;
use crate::metrics::Metrics;
use crate::model::GroupId;

mod alarm;
mod arrival;
mod customers;
mod desk;
mod disk;
mod heal;
mod health;
mod reload;
mod rota;
mod scrape;
mod systemd;
mod team;

pub use heal::{Healed, backfill, heal};
pub use reload::{Loader, Source};

/// How long the parts may take to end once told to; what is committed is safe in any case.
const GRACE: Duration = Duration::from_secs(10);

/// How often free memory is given back to the system.
const GIVE_BACK: Duration = Duration::from_secs(30);

/// Why the service could not start or had to end.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The configuration does not allow it.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The vault or an archive cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// An archive cannot be written.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Telegram or the userbot's account.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The companion bot.
    #[error(transparent)]
    Bot(#[from] BotError),
    /// The CRM's settings.
    #[error(transparent)]
    Crm(#[from] CrmError),
    /// The HTTP port cannot be used.
    #[error("cannot listen on http.listen = \"{address}\" ({source}): choose another port")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
}

impl AppError {
    /// Another service holds the vault or the login.
    #[must_use]
    pub const fn is_in_use(&self) -> bool {
        matches!(
            self,
            Self::Open(OpenError::Locked { .. })
                | Self::Capture(CaptureError::Session(SessionError::InUse { .. }))
        )
    }
}

/// How far capture of each group is.
pub type Board = HashMap<GroupId, Progress>;

/// A service that has started.
#[derive(Debug)]
pub struct Service {
    vault: Vault,
    config: watch::Sender<Arc<Config>>,
    progress: watch::Receiver<Board>,
    team: Arc<Mutex<team::Team>>,
    helpers: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Service {
    /// Opens the vault, connects the userbots, checks groups, bot and CRM, and starts them all.
    /// `base` is what relative paths of the config start from.
    ///
    /// Telegram need not be there: the service starts without it and goes on trying. What it says,
    /// if it is there, counts: a group that is none or not ours is an error.
    ///
    /// # Errors
    /// Whatever waiting does not put right is found here, before anything runs.
    pub async fn start(
        config: &Config,
        base: &Path,
        stop: CancellationToken,
    ) -> Result<Self, AppError> {
        Self::start_with(config, base, stop, |orders| orders).await
    }

    /// The same with a say in what is read beside what happens now.
    async fn start_with(
        config: &Config,
        base: &Path,
        stop: CancellationToken,
        orders: impl FnOnce(Orders) -> Orders,
    ) -> Result<Self, AppError> {
        config.require_telegram()?;
        config.require_groups()?;
        let vault = Vault::create(&base.join(&config.vault.dir))?;
        let crm = crm::connect(&config.crm)?;
        let listener = health::listen(&config.http).await?;
        let has_bot = !config.bot.token.is_empty();
        let first = arrival::connect(config, base).await?;
        let nobody = first.values().all(arrival::needs_a_person);
        if nobody && !has_bot && listener.is_none() {
            // Nothing could be served, and nobody would be told.
            if let Some(Err(error)) = first.into_values().next() {
                return Err(error.into());
            }
            return Err(CaptureError::NotLoggedIn.into());
        }
        if has_bot {
            match bot::check(config).await {
                Ok(_) => {}
                // The bot waits for the network by itself; capture must not.
                Err(reason @ BotError::Unreachable { .. }) => warn!(error = %reason, "no bot yet"),
                Err(reason) => return Err(reason.into()),
            }
        }

        let metrics = Metrics::default();
        let orders = orders(Orders::of(&vault)?);
        let (board, progress) = watch::channel(Board::new());
        let place = team::Place {
            vault: vault.clone(),
            base: base.to_owned(),
            orders: orders.clone(),
            crm: crm.clone(),
            board,
            metrics: metrics.clone(),
            stop: stop.clone(),
        };
        let desk_crm = crm;
        let team = team::Team::start(place, config, first).await?;
        let (sender, config) = watch::channel(Arc::new(config.clone()));

        let notices = has_bot.then(Notices::default);
        let watched = alarm::Watched {
            config: config.clone(),
            vault: vault.clone(),
            progress: progress.clone(),
            metrics: metrics.clone(),
            notices: notices.clone(),
        };
        let mut helpers = vec![
            tokio::spawn(alarm::keep(watched, stop.clone())),
            tokio::spawn(systemd::keep(progress.clone(), stop.clone())),
            tokio::spawn(orders.follow(stop.clone())),
            tokio::spawn(give_back(stop.clone())),
        ];
        if let Some(notices) = notices {
            let surroundings = bot::Surroundings {
                vault: vault.clone(),
                progress: progress.clone(),
                notices,
                archives: team.archives(),
                crm: desk_crm,
            };
            let work = desk::keep(config.clone(), surroundings, stop.clone());
            helpers.push(tokio::spawn(work));
        }
        if let Some(listener) = listener {
            let wanted = config.borrow().media.policy();
            let scraped = scrape::Scraped::new(vault.clone(), wanted, progress.clone(), metrics);
            helpers.push(tokio::spawn(health::serve(listener, scraped, stop.clone())));
        }
        Ok(Self {
            vault,
            config: sender,
            progress,
            team: Arc::new(Mutex::new(team)),
            helpers,
            stop,
        })
    }

    /// Follows the config file from now on: groups that are added to it are captured, others are
    /// given up, operators and roles take effect.
    pub fn follow(&mut self, source: Source) {
        let work = reload::keep(
            source,
            self.config.clone(),
            Arc::clone(&self.team),
            self.stop.clone(),
        );
        self.helpers.push(tokio::spawn(work));
    }

    /// The vault it writes to.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// How far capture is, group by group.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Board> {
        self.progress.clone()
    }

    /// Runs until told to stop; then ends every part and closes the archives.
    ///
    /// # Errors
    /// When an archive could not be closed well. It holds all that was committed before.
    pub async fn wait(self) -> Result<(), AppError> {
        self.stop.cancelled().await;
        for helper in self.helpers {
            if tokio::time::timeout(GRACE, helper).await.is_err() {
                warn!("a part did not end in time and was left behind");
            }
        }
        self.team.lock().await.end().await
    }
}

/// Starts the service and runs it until `stop`.
///
/// # Errors
/// See [`Service::start`] and [`Service::wait`].
pub async fn run(config: &Config, base: &Path, stop: CancellationToken) -> Result<(), AppError> {
    Service::start(config, base, stop).await?.wait().await
}

/// Where a config's relative paths start: the directory of its file.
#[must_use]
pub fn base_of(config_file: &Path) -> PathBuf {
    match config_file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Gives free memory back now and then: what much work leaves behind stays for months otherwise.
async fn give_back(stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(GIVE_BACK) => {
                // Whether it ends early or late, nobody waits for it.
                drop(tokio::task::spawn_blocking(memory::give_back).await);
            }
        }
    }
}
