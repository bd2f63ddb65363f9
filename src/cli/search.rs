//! `search`: the archives' search over several groups, printed.

use std::cmp::Reverse;
use std::io::Write;
use std::ops::ControlFlow;

use clap::Args;
use jiff::tz::TimeZone;

use super::args::WhichGroup;
use super::context::{self, Context};
use super::failure::Failure;
use super::follow::say;
use super::interrupt::Interrupt;
use super::{exit, output, roles};
use crate::archive::{Hit, Query, Search};
use crate::config::RoleRules;
use crate::model::{Snapshot, TopicId};
use crate::transcript::SearchRoles;

/// Options of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words, "phrases" and filters, see below
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// Which group.
    #[command(flatten)]
    pub group: WhichGroup,
    /// Only these topics
    #[arg(long, value_name = "ID")]
    pub topic: Vec<i32>,
    /// At most so many hits
    #[arg(
        long,
        short = 'n',
        value_name = "N",
        default_value_t = 20,
        value_parser = output::at_least_one
    )]
    pub limit: usize,
    /// The newest rather than the best
    #[arg(long)]
    pub newest: bool,
}

/// The language of queries, below the help.
pub(super) const QUERIES: &str = "\
Queries (in single quotes, so that the shell leaves them alone):
  refund order       both words, in any order and case, also other forms of them (refunded, orders)
                     and words that begin so; words of one or two letters match whole
  \"left our depot\"   the words together, in this order
  -test              not this word
  from:anna          written by somebody of this name, @username or id
  role:operator      customer, operator, assistant, note, command or service
  topic:5343         in this topic, by id or title
  has:photo          photo, video, voice, audio, document, sticker, animation, video_note, poll,
                     contact, location, file, media, link, reply, forward, edit or reaction
  after:2026-11-01   sent on this day or later; before:2026-12-01 on an earlier one";

pub(super) fn run(context: &Context, args: &SearchArgs) -> Result<(), Failure> {
    // The shell has taken the quotes off what it kept together.
    let text = match args.query.as_slice() {
        [whole] => whole.clone(),
        words => words
            .iter()
            .map(|word| quoted(word))
            .collect::<Vec<_>>()
            .join(" "),
    };
    parse(&text, &TimeZone::UTC)?;
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let interrupt = Interrupt::listen();
    let mut go_on = || {
        if interrupt.is_set() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let mut hits = Vec::new();
    let readers = context::readers(&vault, args.group.group.as_deref())?;
    if let [reader] = readers.as_slice() {
        context::known_topics(reader, &args.topic)?;
    }
    for reader in readers {
        let group = loaded.config.group(reader.group());
        let zone = group
            .and_then(|group| group.zone())
            .unwrap_or(TimeZone::UTC);
        let query = parse(&text, &zone)?;
        // Who plays which part is looked for where it is asked for.
        let rules = match query.asks_for_roles() {
            true => roles::cast(&reader, &loaded.config)?.rules().clone(),
            false => RoleRules::default(),
        };
        let roles = SearchRoles::new(&reader, &query, rules)?;
        let role_of = |snapshot: &Snapshot| roles.name_of(snapshot);
        let search = Search {
            query,
            topics: args.topic.iter().copied().map(TopicId).collect(),
            limit: args.limit,
            newest: args.newest,
            passes_over: None,
            role_of: Some(&role_of),
        };
        hits.extend(reader.search(&search, &mut go_on)?);
        if interrupt.is_set() {
            return Err(Failure::interrupted());
        }
    }
    // Each archive's best come first already.
    hits.sort_by_key(|hit| Reverse((if args.newest { 0 } else { hit.score }, hit.date, hit.id)));
    hits.truncate(args.limit);
    if context.global.json {
        return output::print_json(&hits);
    }
    if hits.is_empty() {
        say("nothing found");
    }
    output::print(|out| hits.iter().try_for_each(|hit| show(out, hit)))
}

fn parse(text: &str, zone: &TimeZone) -> Result<Query, Failure> {
    Query::parse(text, zone).map_err(|error| {
        Failure::new(exit::USAGE, error.to_string())
            .help("topicvault search --help explains queries")
    })
}

/// What the shell kept together is a phrase, unless it is a whole query.
fn quoted(word: &str) -> String {
    let has_space = word.contains(char::is_whitespace);
    match word.split_once(':') {
        Some((filter, value)) if has_space && !word.contains('"') => {
            format!("{filter}:\"{value}\"")
        }
        None if has_space && !word.contains('"') => format!("\"{word}\""),
        _ => word.to_owned(),
    }
}

fn show(out: &mut Vec<u8>, hit: &Hit) -> std::io::Result<()> {
    let dim = anstyle::Style::new().dimmed();
    let bold = anstyle::Style::new().bold();
    writeln!(
        out,
        "{dim}{}{dim:#}  {bold}{}{bold:#}  {}{}",
        output::date(hit.date),
        output::plain(hit.topic_title.as_deref().unwrap_or("–")),
        output::plain(hit.from.as_deref().unwrap_or("–")),
        if hit.deleted { "  (deleted)" } else { "" },
    )?;
    let red = anstyle::AnsiColor::Red.on_default().bold();
    write!(out, "  ")?;
    let mut matches = hit.matches.iter().peekable();
    for (place, letter) in hit.snippet.chars().enumerate() {
        if matches.peek().is_some_and(|(begin, _)| *begin == place) {
            write!(out, "{red}")?;
        }
        write!(out, "{letter}")?;
        if matches.next_if(|(_, end)| *end == place + 1).is_some() {
            write!(out, "{red:#}")?;
        }
    }
    writeln!(out, "\n  {dim}{}{dim:#}", hit.link)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{GroupId, MessageId};

    #[test]
    fn matches_are_coloured() {
        let hit = Hit {
            group: GroupId::from_bare(5).unwrap_or_else(|| unreachable!("a group")),
            id: MessageId(7),
            topic: TopicId(6),
            topic_title: Some("An\nna".to_owned()),
            date: 1_795_392_000,
            from_id: None,
            from: None,
            kind: "text",
            text: "Где мой возврат".to_owned(),
            deleted: true,
            link: "https://t.me/c/5/6/7".to_owned(),
            snippet: "Где мой возврат".to_owned(),
            matches: vec![(0, 3), (8, 15)],
            score: 0,
        };
        let mut out = Vec::new();
        assert!(show(&mut out, &hit).is_ok());
        let red = anstyle::AnsiColor::Red.on_default().bold();
        let text = String::from_utf8_lossy(&out)
            .replace(&red.render().to_string(), "[")
            .replace(&red.render_reset().to_string(), "]");
        assert!(text.contains("  [Где] мой [возврат]\n"), "{text}");
        assert!(text.contains("(deleted)"), "{text}");
        assert!(!text.contains("An\n"), "{text}");
    }
}
