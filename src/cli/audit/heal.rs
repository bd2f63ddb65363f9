//! `audit --heal`: everything that is unknown is fetched first.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::super::context::{self, Context};
use super::super::failure::Failure;
use super::super::follow::{follow, say};
use super::super::interrupt;
use crate::app::{self, Healed};
use crate::archive::Vault;
use crate::config::Loaded;
use crate::model::GroupId;

/// How long a service may bring nothing new before it is waited for no longer: it tries again what
/// Telegram did not tell once a minute.
const STILL: Duration = Duration::from_secs(90);

/// Lets the userbot read until nothing is unknown, in all groups or in one. A service that is
/// running does so by itself, and is waited for.
pub(super) fn heal(context: &Context, loaded: &Loaded, group: Option<&str>) -> Result<(), Failure> {
    let mut config = loaded.config.clone();
    if let Some(wanted) = group {
        let group = context::configured(context, loaded, wanted)?;
        config
            .groups
            .retain(|it| it.group().is_ok_and(|id| id == group));
    }
    context.runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let told = stop.clone();
        tokio::spawn(interrupt::twice(move || {
            say("stopping; what was read is stored");
            told.cancel();
        }));
        let shown = {
            let stop = stop.clone();
            move |vault: Vault, progress| {
                tokio::spawn(follow(vault, progress, stop));
            }
        };
        match app::heal(&config, &loaded.base, stop.clone(), shown).await {
            Ok(Healed::Whole) => Ok(()),
            Ok(Healed::InPart) => {
                say("no more can be had from Telegram now");
                Ok(())
            }
            Ok(Healed::Stopped) => Err(Failure::interrupted()),
            Err(error) if error.is_in_use() => {
                say("a service uses this vault and heals by itself; waiting for it");
                let groups = config.groups.iter();
                let groups = groups.filter_map(|group| group.group().ok()).collect();
                wait_for_service(&context.vault(loaded)?, groups, &stop).await
            }
            Err(error) => Err(error.into()),
        }
    })
}

/// Waits until nothing is unknown in these archives, or until nothing has become known for long.
async fn wait_for_service(
    vault: &Vault,
    groups: Vec<GroupId>,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let (mut fewest, mut since) = (u64::MAX, Instant::now());
    loop {
        let mut unknown = 0;
        for group in &groups {
            let reader = vault.reader(*group)?;
            // Until it was compared once, nobody knows how much there is.
            unknown += match reader.position("watermark")? {
                Some(_) => reader.stats()?.unknown,
                None => u64::from(u32::MAX),
            };
        }
        if unknown < fewest {
            (fewest, since) = (unknown, Instant::now());
        }
        if unknown == 0 {
            return Ok(());
        }
        if since.elapsed() > STILL {
            say("nothing has become known for a while; this is how it stands now");
            return Ok(());
        }
        tokio::select! {
            () = stop.cancelled() => return Err(Failure::interrupted()),
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}
