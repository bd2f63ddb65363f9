//! Keeps the bot running: capture must not end because the bot has trouble, nor the other way
//! round.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::bot::{self, BotError, Surroundings};
use crate::config::Config;
use crate::connectors;

/// First and longest pause before a failed bot is started again.
const PAUSE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(300));

/// Keeps the bot running until stopped, and starts it anew when its part of the configuration
/// changes.
pub(super) async fn keep(
    mut config: watch::Receiver<Arc<Config>>,
    surroundings: Surroundings,
    stop: CancellationToken,
) {
    let (mut pause, longest) = PAUSE;
    while !stop.is_cancelled() {
        let current = Arc::clone(&config.borrow_and_update());
        let until = stop.child_token();
        // A task of its own: a panic in it is trouble like any other.
        let mut work = tokio::spawn(bot::run(
            Config::clone(&current),
            surroundings.clone(),
            until.clone(),
        ));
        let outcome = tokio::select! {
            outcome = &mut work => outcome,
            () = other(&mut config, &current) => {
                info!("the bot follows the new configuration");
                until.cancel();
                // What it has begun it ends within bounds of its own.
                let _ = work.await;
                pause = PAUSE.0;
                continue;
            }
        };
        match outcome {
            Ok(Ok(())) => return,
            Err(_) => {
                error!(retry_in = ?pause, "the bot broke off; this is a defect, please report it with the log");
            }
            Ok(Err(
                reason @ (BotError::Unreachable { .. }
                | BotError::OtherPoller
                | BotError::Client { .. }
                | BotError::State(_)
                | BotError::Scratch { .. }),
            )) => error!(error = %reason, retry_in = ?pause, "the bot stopped"),
            Ok(Err(reason)) => {
                error!(error = %reason, "the bot stopped and stays so until its configuration changes; capture goes on");
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = other(&mut config, &current) => continue,
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = (pause * 2).min(longest);
    }
}

/// Returns when what the bot reads of the configuration is another.
async fn other(config: &mut watch::Receiver<Arc<Config>>, current: &Config) {
    let known = part(current);
    loop {
        if config.changed().await.is_err() {
            // Nobody changes it any more.
            std::future::pending::<()>().await;
        }
        if part(&config.borrow_and_update()) != known {
            return;
        }
    }
}

/// What the bot reads, its own secrets aside: they do not change while it runs.
fn part(config: &Config) -> Option<(toml::Value, Vec<toml::Value>, blake3::Hash)> {
    let groups: Result<Vec<_>, _> = config.groups.iter().map(toml::Value::try_from).collect();
    let connectors = connectors::fingerprint(&config.connectors.dir);
    Some((
        toml::Value::try_from(&config.bot).ok()?,
        groups.ok()?,
        connectors,
    ))
}
