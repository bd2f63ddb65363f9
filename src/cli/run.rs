//! `run`: the service.

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::context::{Context, load};
use super::failure::Failure;
use super::follow::{follow, say};
use super::interrupt;
use crate::app;

/// Options of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {}

pub(super) fn run(context: &Context, _args: &RunArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    context.runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let on_signal = stop.clone();
        tokio::spawn(interrupt::twice(move || {
            say("stopping; press Ctrl-C again to end at once");
            on_signal.cancel();
        }));
        let starting = app::Service::start(&loaded.config, &loaded.base, stop.clone());
        let mut service = tokio::select! {
            service = starting => service?,
            () = stop.cancelled() => return Ok(()),
        };
        if let Some(path) = loaded.path.clone() {
            let global = context.global.clone();
            let load = Box::new(move || load(&global));
            service.follow(app::Source { path, load });
        }
        say(&format!(
            "capturing {} into {}; Ctrl-C ends it cleanly",
            match loaded.config.groups.len() {
                1 => "one group".to_owned(),
                several => format!("{several} groups"),
            },
            service.vault().dir().display(),
        ));
        let shown = tokio::spawn(follow(service.vault().clone(), service.progress(), stop));
        service.wait().await?;
        // It ends by itself when nobody reports any more; how is of no interest.
        let _ = shown.await;
        say("stopped; everything captured is stored");
        Ok(())
    })
}
