//! `emulator`: the built-in Telegram alone.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::follow::say;
use super::parent::Parent;
use super::{exit, interrupt, output, private_file};
use crate::demo;
use crate::emulator::server::{Emulator, EmulatorError, MOST_MESSAGES, Relay, Settings};
use crate::emulator::world::State;
use crate::emulator::worldfile::{WorldError, WorldFile};

/// Options of `emulator`.
#[derive(Debug, Args)]
#[command(
    after_help = "One JSON line on standard output says that it is ready and what clients need to \
                  know. It ends on Ctrl-C, on SIGTERM, and when a pipe on its standard input is \
                  closed. GET / on the control port lists what can be asked of it."
)]
pub struct EmulatorArgs {
    /// A world of your own, TOML or JSON, instead of the built-in support desk
    #[arg(long, value_name = "FILE", conflicts_with_all = ["messages", "relay_user"])]
    pub world: Option<PathBuf>,
    /// Decides everything that is left to chance: ids, codes, tokens, texts, faults
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// About so many messages in the built-in world
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = messages)]
    pub messages: usize,
    /// Let customers' messages come through a relay user account instead of the CRM's bot
    #[arg(long)]
    pub relay_user: bool,
    /// Address to listen on, IPv4 or IPv6; anything but loopback lets others in
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub listen: IpAddr,
    /// Port of MTProto; 0 lets the system choose, as for the others
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub mtproto_port: u16,
    /// Port of the Bot API
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub bot_api_port: u16,
    /// Port of the CRM and of control
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub control_port: u16,
    /// Port of the outside systems: Notion, Google Sheets and others
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub systems_port: u16,
    /// Also write a config with which `topicvault --config FILE run` bridges it, login done
    #[arg(long, value_name = "FILE")]
    pub config_out: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &EmulatorArgs) -> Result<(), Failure> {
    let world = args.world.as_deref().map(WorldFile::read).transpose()?;
    let settings = Settings {
        seed: args.seed,
        messages: args.messages,
        world,
        relay: if args.relay_user {
            Relay::User
        } else {
            Relay::Bot
        },
        listen: args.listen,
        mtproto_port: args.mtproto_port,
        bot_api_port: args.bot_api_port,
        control_port: args.control_port,
        systems_port: args.systems_port,
        ..Settings::default()
    };
    if let Some(path) = &args.config_out {
        may_write(path)?;
    }
    let runtime = context.runtime()?;
    let ran = runtime.block_on(async {
        // From now on: whoever sends a signal as soon as the line is there is heard, and a large
        // world in the making does not hold the end up.
        let signal = interrupt::signal();
        let parent = Parent::watch();
        let over = async {
            tokio::select! {
                () = signal => {}
                () = parent.gone() => {}
            }
        };
        let mut over = std::pin::pin!(over);
        let emulator = tokio::select! {
            started = Emulator::start(settings) => started?,
            () = &mut over => return Ok(()),
        };
        let facts = emulator.facts();
        if let Some(path) = &args.config_out {
            let written = |state: &State| demo::ready_config(&facts, &emulator.cast, state);
            let config = emulator.world.read(written).ok_or_else(|| {
                Failure::new(
                    exit::CONFIG,
                    "--config-out: this world has no desk with topics, or nobody for the userbot to be",
                )
                .help("add somebody to `users` and a group with topics to `groups` in the world's file")
            })?;
            private_file::write(path, &config, "--config-out")?;
        }
        if !args.listen.is_loopback() {
            say(&format!(
                "warning: everyone who reaches {} owns this world: reads it, posts as anybody, \
                 and gets every key",
                args.listen
            ));
        }
        output::print(|out| {
            serde_json::to_writer(&mut *out, &facts)?;
            writeln!(out)
        })?;
        if let Some(user) = facts
            .users
            .iter()
            .find(|user| user.id == emulator.cast.userbot)
        {
            say(&format!(
                "the built-in Telegram is up until Ctrl-C; the userbot logs in with phone {}, code {}{}",
                user.phone,
                user.code,
                user.password
                    .as_ref()
                    .map_or_else(String::new, |password| format!(", password “{password}”")),
            ));
        }
        over.await;
        emulator.stop().await;
        Ok(())
    });
    // A world that is still being built is left to its thread, which ends with the process.
    runtime.shutdown_background();
    ran
}

/// Reads `--messages`, which is bounded as all of them are held in memory.
fn messages(text: &str) -> Result<usize, String> {
    let number: u64 = text.parse().map_err(|error| format!("{error}"))?;
    usize::try_from(number)
        .ok()
        .filter(|number| *number <= MOST_MESSAGES)
        .ok_or_else(|| format!("at most {MOST_MESSAGES} messages: all are held in memory"))
}

/// A file that is there already is only replaced where an emulator wrote it and nobody changed it.
fn may_write(path: &Path) -> Result<(), Failure> {
    if !path.exists() || demo::is_untouched_config(path) {
        return Ok(());
    }
    let what = if demo::is_demo_config(path) {
        "was changed since an emulator wrote it"
    } else {
        "is there already and is no emulator's"
    };
    Err(
        Failure::new(exit::USAGE, format!("{} {what}", path.display()))
            .help("name another file with --config-out, or remove this one"),
    )
}

impl From<EmulatorError> for Failure {
    fn from(error: EmulatorError) -> Self {
        match error {
            EmulatorError::World(error) => error.into(),
            error => Self::new(exit::NETWORK, error.to_string()),
        }
    }
}

impl From<WorldError> for Failure {
    fn from(error: WorldError) -> Self {
        Self::new(exit::CONFIG, error.to_string())
            .help("schema/world.toml in the source shows and explains every key")
    }
}
