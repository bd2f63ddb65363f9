//! `emulator`: the built-in Telegram alone.

use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::failure::Failure;
use super::follow::say;
use super::{exit, interrupt, output, private_file};
use crate::demo;
use crate::emulator::server::{Emulator, EmulatorError, Relay, Settings};

/// Options of `emulator`.
#[derive(Debug, Args)]
pub struct EmulatorArgs {
    /// Another world
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// About so many messages in the world
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub messages: usize,
    /// Let customers' messages come through a relay user account instead of the CRM's bot
    #[arg(long)]
    pub relay_user: bool,
    /// Address to listen on; anything but loopback lets others in
    #[arg(long, value_name = "ADDR", default_value_t = Ipv4Addr::LOCALHOST)]
    pub listen: Ipv4Addr,
    /// Port of MTProto; 0 lets the system choose, as for the others
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub mtproto_port: u16,
    /// Port of the Bot API
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub bot_api_port: u16,
    /// Port of the CRM and of control
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub control_port: u16,
    /// Also write a config with which `topicvault --config FILE login` and `run` bridge it
    #[arg(long, value_name = "FILE")]
    pub config_out: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &EmulatorArgs) -> Result<(), Failure> {
    let settings = Settings {
        seed: args.seed,
        messages: args.messages,
        relay: if args.relay_user {
            Relay::User
        } else {
            Relay::Bot
        },
        listen: args.listen,
        mtproto_port: args.mtproto_port,
        bot_api_port: args.bot_api_port,
        control_port: args.control_port,
        ..Settings::default()
    };
    context.runtime()?.block_on(async {
        if let Some(path) = &args.config_out
            && path.exists()
            && !demo::is_demo_config(path)
        {
            return Err(Failure::new(
                exit::USAGE,
                format!("{} is there already and is no emulator's", path.display()),
            )
            .help("name another file with --config-out"));
        }
        let emulator = Emulator::start(settings).await?;
        let facts = emulator.facts();
        if let Some(path) = &args.config_out {
            private_file::write(path, &demo::config(&facts, &emulator.cast), "--config-out")?;
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
        interrupt::signal().await;
        emulator.stop().await;
        Ok(())
    })
}

impl From<EmulatorError> for Failure {
    fn from(error: EmulatorError) -> Self {
        Self::new(exit::NETWORK, error.to_string())
    }
}
