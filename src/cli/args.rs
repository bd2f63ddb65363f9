//! What the command line understands.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::exit;

/// Captures a Telegram support desk into compressed, verifiable archives.
#[derive(Debug, Parser)]
#[command(
    name = "topicvault",
    version,
    about = "Never lose a customer conversation: a Telegram support desk in compressed, verifiable archives",
    after_help = exit::HELP,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What goes for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that go for every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options for every command")]
pub struct Global {
    /// Config file [default: ./topicvault.toml, else ~/.config/topicvault/config.toml]
    #[arg(
        long,
        short,
        global = true,
        value_name = "FILE",
        env = "TOPICVAULT_CONFIG"
    )]
    pub config: Option<PathBuf>,
    /// Directory of the archives [default: what the config says]
    #[arg(long, global = true, value_name = "DIR")]
    pub vault: Option<PathBuf>,
    /// Say more on stderr: -v what happens, -vv details, -vvv everything of ours
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Print results as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Colours: auto, always or never
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    pub color: Color,
    /// How logs look on stderr: text or json
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub log_format: LogFormat,
}

/// One group, for commands that can do without.
#[derive(Debug, Args)]
pub struct WhichGroup {
    /// Only this group: title, -100…, bare id or t.me/c/… link
    #[arg(
        long,
        value_name = "GROUP",
        allow_hyphen_values = true,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub group: Option<String>,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On terminals, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How logs look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// See the whole bridge at work against the built-in Telegram, without an account
    #[cfg(feature = "emulator")]
    Demo(super::demo::DemoArgs),
    /// Write a commented config file, asking for what it needs
    Init(super::init::InitArgs),
    /// Log the userbot in: phone number, code, two-step password; or a QR code
    Login(super::login::LoginArgs),
    /// Have Telegram end a login of the userbot, and remove its file
    Logout(super::logout::LogoutArgs),
    /// List the logins: whose they are, whether they are encrypted and in use, for which groups
    Accounts(super::accounts::AccountsArgs),
    /// Run the service, capture and bot, until Ctrl-C or SIGTERM
    Run(super::run::RunArgs),
    /// Write a transcript of a group or of some of its topics
    Export(super::export::ExportArgs),
    /// Find messages that contain all the given words
    #[command(after_help = super::search::QUERIES)]
    Search(super::search::SearchArgs),
    /// Show whether anything is missing; exit code 0 only when nothing is
    Audit(super::audit::AuditArgs),
    /// Have chosen topics, or the group from its beginning, read from Telegram first
    Backfill(super::backfill::BackfillArgs),
    /// Show what the vault holds
    Stats(super::stats::StatsArgs),
    /// Ask the vault in SQL
    #[command(after_help = super::sql::tables())]
    Sql(super::sql::SqlArgs),
    /// Take a Telegram Desktop export or topicvault's own JSON Lines into the vault
    Import(super::import::ImportArgs),
    /// List, show and check what describes outside systems
    Connector(super::connector::ConnectorArgs),
    /// Pack archives as tightly as it goes; `run` does so by itself, less thoroughly
    Seal(super::seal::SealArgs),
    /// Check config, login, groups, bot, CRM, disk and clock, and say what to do
    Doctor(super::doctor::DoctorArgs),
    /// Run the built-in Telegram alone, for anyone's bots and clients
    #[cfg(feature = "emulator")]
    Emulator(super::emulator::EmulatorArgs),
    /// Print completions for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}
