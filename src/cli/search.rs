//! `search`: the archives' search over several groups, printed.

use std::cmp::Reverse;
use std::io::Write;
use std::ops::ControlFlow;

use clap::Args;

use super::args::WhichGroup;
use super::context::{self, Context};
use super::failure::Failure;
use super::follow::say;
use super::interrupt::Interrupt;
use super::{exit, output};
use crate::archive::{Hit, Search};
use crate::model::TopicId;

/// Options of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words or their beginnings that must all occur, in any order and case; a "phrase" in quotes stays together
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// Which group.
    #[command(flatten)]
    pub group: WhichGroup,
    /// Only these topics
    #[arg(long, value_name = "ID")]
    pub topic: Vec<i32>,
    /// At most so many hits, the newest
    #[arg(
        long,
        short = 'n',
        value_name = "N",
        default_value_t = 20,
        value_parser = output::at_least_one
    )]
    pub limit: usize,
}

pub(super) fn run(context: &Context, args: &SearchArgs) -> Result<(), Failure> {
    let search = Search {
        query: args.query.join(" "),
        topics: args.topic.iter().copied().map(TopicId).collect(),
        limit: args.limit,
    };
    if search.is_empty() {
        return Err(Failure::new(
            exit::USAGE,
            "the query has no letters or digits to search for",
        )
        .help("topicvault search refund"));
    }
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
        hits.extend(reader.search(&search, &mut go_on)?);
        if interrupt.is_set() {
            return Err(Failure::interrupted());
        }
    }
    hits.sort_by_key(|hit| Reverse((hit.date, hit.id)));
    hits.truncate(args.limit);
    if context.global.json {
        return output::print_json(&hits);
    }
    if hits.is_empty() {
        say("nothing found");
    }
    output::print(|out| hits.iter().try_for_each(|hit| show(out, hit)))
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
