//! The composition root: wires capture, archive, CRM and bot together, supervises them, and shuts
//! them down in the order in which data flows.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use crate::archive::{ArchiveError, Handle, OpenError, SealPolicy, Vault};
use crate::bot::{self, BotError};
use crate::capture::{CaptureError, Progress, Userbot};
use crate::config::{Config, ConfigError};
use crate::crm::{CrmError, TopicsApi};
use crate::model::GroupId;

mod customers;
mod rota;

/// How long the parts may take to end once told to; what is committed is safe in any case.
const GRACE: Duration = Duration::from_secs(10);
/// First and longest pause before a failed bot is started again.
const BOT_PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));

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
    /// A part ended by a panic.
    #[error("{0} ended unexpectedly; this is a defect, please report it with the log")]
    Panicked(&'static str),
}

/// A service that has started.
#[derive(Debug)]
pub struct Service {
    vault: Vault,
    archives: Vec<(GroupId, Handle)>,
    progress: watch::Receiver<HashMap<GroupId, Progress>>,
    capture: JoinHandle<Result<(), CaptureError>>,
    helpers: Vec<JoinHandle<()>>,
    stop: CancellationToken,
}

impl Service {
    /// Opens the vault, connects the userbot, checks groups, bot and CRM, and starts them all.
    /// `base` is what relative paths of the config start from.
    ///
    /// # Errors
    /// Whatever would make the service useless is found here, before anything runs.
    pub async fn start(
        config: &Config,
        base: &Path,
        stop: CancellationToken,
    ) -> Result<Self, AppError> {
        config.require_telegram()?;
        config.require_groups()?;
        let groups: Vec<GroupId> = config
            .groups
            .iter()
            .filter_map(|group| group.group().ok())
            .collect();
        let vault = Vault::create(&base.join(&config.vault.dir))?;
        let crm = TopicsApi::new(&config.crm)?;
        let userbot = Userbot::connect(&config.telegram, base).await?;
        info!(user = userbot.me().id, "userbot connected");
        let titles = userbot.check_groups(&groups).await?;
        let has_bot = !config.bot.token.is_empty();
        if has_bot {
            match bot::check(config).await {
                Ok(_) => {}
                // The bot waits for the network by itself; capture must not.
                Err(reason @ BotError::Unreachable { .. }) => warn!(error = %reason, "no bot yet"),
                Err(reason) => return Err(reason.into()),
            }
        }

        let policy = SealPolicy {
            hot_messages: config.vault.seal_after,
            level: config.vault.seal_level,
        };
        let mut archives = Vec::with_capacity(groups.len());
        for (group, title) in groups.into_iter().zip(titles) {
            let handle = Handle::spawn(&vault, group, policy)?;
            handle.set_title(title).await?;
            archives.push((group, handle));
        }

        let (report, progress) = watch::channel(HashMap::new());
        let capture = tokio::spawn(userbot.run(archives.clone(), report, stop.clone()));
        let mut helpers = Vec::new();
        if let Some(crm) = crm {
            for (group, handle) in &archives {
                let work = customers::follow(*group, handle.clone(), crm.clone(), stop.clone());
                helpers.push(tokio::spawn(work));
            }
        }
        if has_bot {
            let work = keep_bot(
                config.clone(),
                vault.clone(),
                progress.clone(),
                stop.clone(),
            );
            helpers.push(tokio::spawn(work));
        }
        Ok(Self {
            vault,
            archives,
            progress,
            capture,
            helpers,
            stop,
        })
    }

    /// The vault it writes to.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// How far capture is, group by group.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<HashMap<GroupId, Progress>> {
        self.progress.clone()
    }

    /// Runs until told to stop or until capture fails; then ends every part and closes the archives.
    ///
    /// # Errors
    /// What made capture end. The archives hold all that was committed before.
    pub async fn wait(self) -> Result<(), AppError> {
        let mut outcome = match self.capture.await {
            Ok(outcome) => outcome.map_err(AppError::from),
            Err(_) => Err(AppError::Panicked("capture")),
        };
        self.stop.cancel();
        for helper in self.helpers {
            if tokio::time::timeout(GRACE, helper).await.is_err() {
                warn!("a part did not end in time and was left behind");
            }
        }
        for (_, handle) in self.archives {
            // What ended capture says more than an archive that has ended already.
            let closed = handle.close().await.map_err(AppError::from);
            outcome = outcome.and(closed);
        }
        outcome
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

/// Keeps the bot running: capture must not end because the bot has trouble.
async fn keep_bot(
    config: Config,
    vault: Vault,
    progress: watch::Receiver<HashMap<GroupId, Progress>>,
    stop: CancellationToken,
) {
    let (mut pause, longest) = BOT_PAUSE;
    while !stop.is_cancelled() {
        // A task of its own: a panic in it is trouble like any other.
        let work = tokio::spawn(bot::run(
            config.clone(),
            vault.clone(),
            progress.clone(),
            stop.clone(),
        ));
        let Ok(outcome) = work.await else {
            error!(retry_in = ?pause, "the bot broke off; this is a defect, please report it with the log");
            if rest(pause, &stop).await {
                return;
            }
            pause = (pause * 2).min(longest);
            continue;
        };
        match outcome {
            Ok(()) => return,
            Err(
                reason @ (BotError::Unreachable { .. }
                | BotError::OtherPoller
                | BotError::Client { .. }
                | BotError::State(_)
                | BotError::Scratch { .. }),
            ) => error!(error = %reason, retry_in = ?pause, "the bot stopped"),
            Err(reason) => {
                error!(error = %reason, "the bot stopped and stays so until the next start; capture goes on");
                return;
            }
        }
        if rest(pause, &stop).await {
            return;
        }
        pause = (pause * 2).min(longest);
    }
}

/// Pauses; `true`: told to stop meanwhile.
async fn rest(pause: Duration, stop: &CancellationToken) -> bool {
    tokio::time::timeout(pause, stop.cancelled()).await.is_ok()
}
