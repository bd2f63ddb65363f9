//! What can be said to `export`.

use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use crate::archive::Order;
use crate::cli::output;
use crate::transcript::{Format, Role, Splits};

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
    /// Replace personal data by pseudonyms, see docs/redaction.md; always done in formats to train on
    #[arg(long)]
    pub redact: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it")]
    pub selection: SelectionArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it")]
    pub training: TrainingArgs,
}

/// How conversations to train on are made.
#[derive(Debug, Args)]
#[command(next_help_heading = "To train on (openai, sharegpt, trl, dataset)")]
pub struct TrainingArgs {
    /// After so long a silence a new session begins: 6h, 90m, 2d
    #[arg(long, value_name = "TIME", default_value = "6h", value_parser = silence)]
    pub silence: i64,
    /// What each session begins with, a template: {{ group }}, {{ language }}, {{ language_name }},
    /// {{ date }}; @FILE reads it from a file
    #[arg(long, value_name = "TEMPLATE")]
    pub system: Option<String>,
    /// Hundredths of the customers for training, validation and test
    #[arg(long, value_name = "A/B/C", default_value = "90/5/5")]
    pub split: Splits,
    /// From which share of common runs of words on a session counts as a repetition and is left out,
    /// 0.5 to 1
    #[arg(long, value_name = "SHARE", default_value = "0.85", value_parser = share)]
    pub near: f64,
    /// Keep sessions that repeat others
    #[arg(long)]
    pub keep_duplicates: bool,
}

/// `6h`, `90m`, `2d` as seconds.
fn silence(text: &str) -> Result<i64, String> {
    let wrong = || "must be a time such as 6h, 90m or 2d".to_owned();
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number: u32 = text
        .strip_suffix(unit)
        .and_then(|number| number.parse().ok())
        .ok_or_else(wrong)?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    match i64::from(number) * seconds {
        0 => Err(wrong()),
        seconds => Ok(seconds),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.5..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a number from 0.5 to 1".to_owned()),
    }
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
    /// Only what is new or changed since the last export under this name; that is noted when the
    /// export is done
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub since_last: Option<String>,
    /// With --since-last: forget what was exported under that name, and begin anew
    #[arg(long, requires = "since_last")]
    pub anew: bool,
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
