//! Follows the config file and the connectors' files while the service runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::team::Team;
use crate::bot;
use crate::config::{BotConfig, Config, ConfigError, Loaded};
use crate::connectors;

/// How often to look at the file.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Loads the configuration anew, as at the start.
pub type Loader = Box<dyn Fn() -> Result<Loaded, ConfigError> + Send + Sync>;

/// Where the configuration comes from.
pub struct Source {
    /// The file to look at.
    pub path: PathBuf,
    /// How it is loaded, with everything that lies over it.
    pub load: Loader,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Looks every few seconds, and on SIGHUP, until stopped. A file that cannot be used changes
/// nothing and is told once.
pub(super) async fn keep(
    source: Source,
    config: watch::Sender<Arc<Config>>,
    team: Arc<Mutex<Team>>,
    stop: CancellationToken,
) {
    let mut hangup = Hangup::listen();
    let read = || {
        let connectors = connectors::fingerprint(&config.borrow().connectors.dir);
        (fingerprint(&source.path), connectors)
    };
    let mut known = read();
    loop {
        let asked = tokio::select! {
            () = stop.cancelled() => return,
            () = hangup.next() => true,
            () = tokio::time::sleep(LOOK_EVERY) => false,
        };
        let now = read();
        if now == known && !asked {
            continue;
        }
        // Somebody may be writing it: what counts is a file that stands still.
        tokio::time::sleep(LOOK_EVERY / 10).await;
        if read() != now {
            continue;
        }
        known = now;
        let old = Arc::clone(&config.borrow());
        match load(&source).map(|new| merge(&old, new)) {
            Ok(merged) => {
                if has_bot(&merged)
                    && let Err(error) = bot::consider_config(&merged)
                {
                    error!(%error, "the bot could not work with what was changed; going on with what was read before");
                    // Capture needs none of it.
                    team.lock().await.follow(&merged).await;
                    continue;
                }
                team.lock().await.follow(&merged).await;
                info!(
                    groups = merged.groups.len(),
                    "the configuration was read again"
                );
                config.send_replace(Arc::new(merged));
            }
            Err(error) => {
                let help = error.help().unwrap_or_default();
                error!(%error, help, "the config file cannot be used; going on with what was read before");
            }
        }
    }
}

fn has_bot(config: &Config) -> bool {
    !config.bot.token.is_empty()
}

fn load(source: &Source) -> Result<Config, ConfigError> {
    let config = (source.load)()?.config;
    config.require_telegram()?;
    config.require_groups()?;
    Ok(config)
}

/// The new configuration as far as it takes effect now; tells what does not.
fn merge(old: &Config, new: Config) -> Config {
    for key in later(old, &new) {
        warn!(key, "this change takes effect after a restart");
    }
    let mut merged = old.clone();
    merged.bot = BotConfig {
        token: old.bot.token.clone(),
        api_url: old.bot.api_url.clone(),
        ..new.bot
    };
    merged.vault.low_space = new.vault.low_space;
    merged.privacy = new.privacy;
    merged.groups = new.groups;
    merged
}

/// The keys whose change takes effect after a restart only.
fn later(old: &Config, new: &Config) -> Vec<&'static str> {
    let server = |config: &Config| {
        let server = config.telegram.server.as_ref()?;
        Some((
            server.dc_id,
            server.address,
            server.auth_key.expose().to_owned(),
        ))
    };
    let crm = |config: &Config| {
        let crm = &config.crm;
        let keys = [&crm.api_key, &crm.instance_api_key].map(|key| key.expose().to_owned());
        let often = (crm.cache, crm.per_second);
        (crm.url.clone(), crm.instance.clone(), keys, often)
    };
    [
        (
            "telegram.api_id",
            old.telegram.api_id != new.telegram.api_id,
        ),
        (
            "telegram.api_hash",
            old.telegram.api_hash != new.telegram.api_hash,
        ),
        (
            "telegram.account",
            old.telegram.account != new.telegram.account,
        ),
        (
            "telegram.sessions",
            old.telegram.sessions != new.telegram.sessions,
        ),
        ("telegram.server", server(old) != server(new)),
        (
            "telegram.session_key",
            old.telegram.session_key != new.telegram.session_key,
        ),
        ("media", old.media != new.media),
        ("bot.token", old.bot.token != new.bot.token),
        ("bot.api_url", old.bot.api_url != new.bot.api_url),
        ("crm", crm(old) != crm(new)),
        ("connectors.dir", old.connectors.dir != new.connectors.dir),
        ("vault.dir", old.vault.dir != new.vault.dir),
        (
            "vault.seal_after",
            old.vault.seal_after != new.vault.seal_after,
        ),
        (
            "vault.seal_level",
            old.vault.seal_level != new.vault.seal_level,
        ),
        ("http.listen", old.http.listen != new.http.listen),
    ]
    .into_iter()
    .filter_map(|(key, changed)| changed.then_some(key))
    .collect()
}

/// What the file holds; `None` while there is none.
fn fingerprint(path: &Path) -> Option<blake3::Hash> {
    std::fs::read(path).ok().map(|text| blake3::hash(&text))
}

/// SIGHUP, the usual way to say "read it again".
struct Hangup {
    #[cfg(unix)]
    signal: Option<tokio::signal::unix::Signal>,
}

impl Hangup {
    fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signal: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()).ok(),
        }
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.signal
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{GroupConfig, Secret};

    #[test]
    fn what_can_take_effect_does_and_the_rest_is_named() {
        let old = Config::default();
        let mut new = Config::default();
        new.telegram.api_id = 7;
        new.bot.token = Secret::new("1:other");
        new.bot.alert_after = 5;
        new.vault.dir = "elsewhere".into();
        new.vault.low_space = 9;
        new.groups = vec![GroupConfig::new("5")];
        assert_eq!(
            later(&old, &new),
            ["telegram.api_id", "bot.token", "vault.dir"]
        );
        let merged = merge(&old, new);
        assert_eq!(merged.telegram.api_id, 0);
        assert!(merged.bot.token.is_empty());
        assert_eq!(merged.bot.alert_after, 5);
        assert_eq!(merged.vault.dir, old.vault.dir);
        assert_eq!(merged.vault.low_space, 9);
        assert_eq!(merged.groups.len(), 1);
    }

    #[test]
    fn nothing_changed_is_nothing_to_tell() {
        assert!(later(&Config::default(), &Config::default()).is_empty());
    }
}
