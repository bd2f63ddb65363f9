//! What can be said to `export`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use crate::archive::Order;
use crate::cli::output;
use crate::transcript::{Format, Role};

/// Options of `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The group: title, -100…, bare id or t.me/c/… link; several times for several groups; may be
    /// left out where the vault has one
    #[arg(
        long,
        value_name = "GROUP",
        allow_hyphen_values = true,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub group: Vec<String>,
    /// File format [default: what the name of --out says, else html]
    #[arg(long, short, value_name = "F")]
    pub format: Option<Format>,
    /// File or directory to write to; `-`: stdout [default: a file named after topic and date]
    #[arg(long, short, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// A file a topic, in the directory --out; of html, a site with an index and search
    #[arg(long)]
    pub by_topic: bool,
    /// Replace what is there already
    #[arg(long)]
    pub force: bool,
    /// Check the files of an export against its manifest, and write nothing
    #[arg(
        long,
        value_name = "MANIFEST",
        conflicts_with_all = ["group", "format", "out", "by_topic", "force", "topic", "last"]
    )]
    pub verify: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it")]
    pub selection: SelectionArgs,
}

/// Which messages.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which messages")]
pub struct SelectionArgs {
    /// Only these topics
    #[arg(long, value_name = "ID")]
    pub topic: Vec<i32>,
    /// Only what concerns this person, by id or @username: their topics as a customer, and what
    /// they wrote elsewhere
    #[arg(long, value_name = "USER", allow_hyphen_values = true)]
    pub user: Vec<String>,
    /// Only messages with this role
    #[arg(long, value_name = "ROLE")]
    pub role: Vec<RoleArg>,
    /// Only the last so many messages
    #[arg(long, value_name = "N", value_parser = output::at_least_one)]
    pub last: Option<usize>,
    /// Only messages sent at or after this time: 2026-11-23, 2026-11-23T14:30:00Z or Unix seconds
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Only messages sent before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Only messages with media of this kind (photo, document, …), with `any`, or with `none`
    #[arg(long, value_name = "KIND")]
    pub media: Vec<String>,
    /// Only topics whose customer writes in this language: en, de, ru, …
    #[arg(long, value_name = "LANG", value_parser = NonEmptyStringValueParser::new())]
    pub language: Vec<String>,
    /// Only topics in which customer and desk took at least so many turns
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub min_turns: u32,
    /// Only closed topics
    #[arg(long)]
    pub closed: bool,
    /// Leave deleted messages out
    #[arg(long)]
    pub skip_deleted: bool,
    /// In which order messages stand
    #[arg(long, value_name = "ORDER", default_value = "topic")]
    pub order: OrderArg,
}

/// In which order messages stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderArg {
    /// Topic by topic
    Topic,
    /// The whole group by message id
    Id,
}

impl From<OrderArg> for Order {
    fn from(order: OrderArg) -> Self {
        match order {
            OrderArg::Topic => Self::Topic,
            OrderArg::Id => Self::Id,
        }
    }
}

/// A message's role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// From the customer
    Customer,
    /// From a person who answers
    Operator,
    /// From an answering bot
    Assistant,
    /// A comment that never reaches the customer
    Note,
    /// A bot command
    Command,
    /// Telegram's own
    Service,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Customer => Self::Customer,
            RoleArg::Operator => Self::Operator,
            RoleArg::Assistant => Self::Assistant,
            RoleArg::Note => Self::Note,
            RoleArg::Command => Self::Command,
            RoleArg::Service => Self::Service,
        }
    }
}
