//! `demo`: the whole bridge against the built-in Telegram.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use super::failure::Failure;
use super::follow::say;
use super::{exit, interrupt, output};
use crate::demo::{self, DemoError, Options};
use crate::emulator::server::Relay;

/// Steps of the scenario: within 40 every sort of thing happens at least once.
const STEPS: usize = 44;

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where config, vault and exports are left
    #[arg(long, value_name = "DIR", default_value = "topicvault-demo")]
    pub dir: PathBuf,
    /// Play the scenario once, print how the archive compares with the truth, and end
    #[arg(long)]
    pub once: bool,
    /// Another world
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// About so many messages before the scenario starts
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub messages: usize,
    /// Let customers' messages come through a relay user account instead of the CRM's bot
    #[arg(long)]
    pub relay_user: bool,
}

pub(super) fn run(context: &Context, args: &DemoArgs) -> Result<(), Failure> {
    let options = Options {
        dir: std::path::absolute(&args.dir)?,
        seed: args.seed,
        messages: args.messages,
        relay: if args.relay_user {
            Relay::User
        } else {
            Relay::Bot
        },
        steps: STEPS,
        pace: Duration::from_millis(if args.once { 200 } else { 600 }),
    };
    let summary = context.runtime()?.block_on(async {
        let stop = CancellationToken::new();
        let on_signal = stop.clone();
        let once = args.once;
        tokio::spawn(interrupt::twice(move || {
            if !once {
                say("\nthe last messages are being stored; press Ctrl-C again to end at once");
            }
            on_signal.cancel();
        }));
        demo::run(&options, once, stop.cancelled())
            .await
            .map_err(Failure::from)
    })?;
    output::print(|out| {
        serde_json::to_writer(&mut *out, &summary)?;
        writeln!(out)
    })?;
    if summary.is_right() {
        Ok(())
    } else {
        Err(Failure::new(
            exit::UNEXPECTED,
            "the archive is not what it should be; the line above says where",
        )
        .help("this is a defect: please report it with the line and the seed"))
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Stopped => Self::interrupted(),
            DemoError::NotADemo(_) | DemoError::Busy(_) => {
                Self::new(exit::USAGE, error.to_string())
            }
            DemoError::Write { .. } => Self::new(exit::UNEXPECTED, error.to_string()),
            DemoError::Emulator(error) => error.into(),
            DemoError::Config(error) => error.into(),
            DemoError::Capture(error) => error.into(),
            DemoError::App(error) => error.into(),
            DemoError::Open(error) => error.into(),
            DemoError::Archive(error) => error.into(),
        }
    }
}
