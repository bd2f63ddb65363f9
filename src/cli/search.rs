//! `search`: messages that contain all the given words.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io::Write;
use std::ops::ControlFlow;

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use serde::Serialize;

use super::context::{self, Context};
use super::failure::Failure;
use super::follow::say;
use super::interrupt::Interrupt;
use super::{exit, output};
use crate::archive::{Order, Reader, Selection};
use crate::model::{GroupId, MessageId, PersonId, Snapshot, TopicId, message_link};

/// Characters shown around the first match.
const AROUND: usize = 60;

/// Options of `search`.
#[derive(Debug, Args)]
pub struct SearchArgs {
    /// Words that must all occur, in any order and case; a "phrase" in quotes stays together
    #[arg(required = true, value_name = "QUERY")]
    pub query: Vec<String>,
    /// Only this group: title, -100…, bare id or t.me/c/… link
    #[arg(
        long,
        value_name = "GROUP",
        allow_hyphen_values = true,
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub group: Option<String>,
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

/// A message that was found. Field names are those of the JSON Lines format.
#[derive(Debug, Serialize)]
struct Hit {
    group: GroupId,
    id: MessageId,
    topic: TopicId,
    topic_title: Option<String>,
    date: i64,
    from_id: Option<PersonId>,
    from: Option<String>,
    kind: &'static str,
    text: String,
    deleted: bool,
    link: String,
}

pub(super) fn run(context: &Context, args: &SearchArgs) -> Result<(), Failure> {
    let words: Vec<String> = args.query.iter().flat_map(|part| words(part)).collect();
    if words.is_empty() {
        return Err(Failure::new(exit::USAGE, "there is nothing to search for")
            .help("topicvault search refund"));
    }
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let interrupt = Interrupt::listen();
    let mut hits = Vec::new();
    let readers = context::readers(&vault, args.group.as_deref())?;
    if let [reader] = readers.as_slice() {
        context::known_topics(reader, &args.topic)?;
    }
    for reader in readers {
        hits.extend(find(&reader, &words, args, &interrupt)?);
    }
    hits.sort_by_key(|hit| Reverse((hit.date, hit.id)));
    hits.truncate(args.limit);
    if context.global.json {
        return output::print_json(&hits);
    }
    if hits.is_empty() {
        say("nothing found");
    }
    output::print(|out| hits.iter().try_for_each(|hit| show(out, hit, &words)))
}

/// A query's words in lower case; what stands in double quotes is one of them.
fn words(query: &str) -> Vec<String> {
    query
        .split('"')
        .enumerate()
        .flat_map(|(number, part)| {
            let words = part.split_whitespace().map(str::to_lowercase);
            if number % 2 == 1 {
                vec![words.collect::<Vec<_>>().join(" ")]
            } else {
                words.collect()
            }
        })
        .filter(|word| !word.is_empty())
        .collect()
}

/// The newest hits of one archive, in no order.
fn find(
    reader: &Reader,
    words: &[String],
    args: &SearchArgs,
    interrupt: &Interrupt,
) -> Result<Vec<Hit>, Failure> {
    let selection = Selection {
        topics: args.topic.iter().copied().map(TopicId).collect(),
        ..Selection::default()
    };
    // Least date on top: what falls out when a newer hit comes in. Memory stays at the limit.
    let mut best: BinaryHeap<Reverse<(i64, MessageId)>> = BinaryHeap::new();
    let mut kept: HashMap<MessageId, Snapshot> = HashMap::new();
    reader.read(&selection, Order::Topic, &mut |snapshot| {
        if interrupt.is_set() {
            return ControlFlow::Break(());
        }
        if matches(&snapshot, words) {
            let id = snapshot.message.id;
            best.push(Reverse((snapshot.message.date, id)));
            kept.insert(id, snapshot);
            if best.len() > args.limit
                && let Some(Reverse((_, oldest))) = best.pop()
            {
                kept.remove(&oldest);
            }
        }
        ControlFlow::Continue(())
    })?;
    if interrupt.is_set() {
        return Err(Failure::interrupted());
    }
    let people = reader.people()?;
    let topics: HashMap<TopicId, String> = reader
        .topics()?
        .into_iter()
        .map(|topic| (topic.id, topic.title))
        .collect();
    let group = reader.group();
    Ok(kept
        .into_values()
        .map(|snapshot| {
            let kind = snapshot.message.kind();
            let message = snapshot.message;
            Hit {
                group,
                id: message.id,
                topic: message.topic,
                topic_title: topics.get(&message.topic).cloned(),
                date: message.date,
                from_id: message.from,
                from: message
                    .from
                    .and_then(|id| people.get(&id))
                    .map(|person| person.name.clone()),
                kind,
                link: message_link(group, message.topic, message.id),
                text: message.text,
                deleted: snapshot.deleted_at.is_some(),
            }
        })
        .collect())
}

/// Whether all words occur in the text or the name of the file.
fn matches(snapshot: &Snapshot, words: &[String]) -> bool {
    let message = &snapshot.message;
    let file = message
        .media
        .as_ref()
        .and_then(|media| media.file_name.as_deref())
        .unwrap_or_default();
    if message.text.is_empty() && file.is_empty() {
        return false;
    }
    let text = format!("{}\n{file}", message.text).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn show(out: &mut Vec<u8>, hit: &Hit, words: &[String]) -> std::io::Result<()> {
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
    for (part, is_match) in snippet(&output::plain(&hit.text), words) {
        if is_match {
            write!(out, "{red}{part}{red:#}")?;
        } else {
            write!(out, "{part}")?;
        }
    }
    writeln!(out, "\n  {dim}{}{dim:#}", hit.link)
}

/// A stretch of the text around its first match, cut into parts: what matches and what does not.
fn snippet(text: &str, words: &[String]) -> Vec<(String, bool)> {
    // Lower case may have another number of characters than the original (İ), so matching goes
    // by character and not by byte offset.
    let chars: Vec<char> = text.chars().collect();
    let lower: Vec<String> = chars.iter().map(|c| c.to_lowercase().collect()).collect();
    let mut marked = vec![false; chars.len()];
    for start in 0..chars.len() {
        for word in words {
            let mut rest = word.as_str();
            let mut end = start;
            while let Some(after) = lower
                .get(end)
                .filter(|_| !rest.is_empty())
                .and_then(|c| rest.strip_prefix(c.as_str()))
            {
                rest = after;
                end += 1;
            }
            if rest.is_empty() {
                marked
                    .iter_mut()
                    .take(end)
                    .skip(start)
                    .for_each(|m| *m = true);
            }
        }
    }
    let first = marked.iter().position(|m| *m).unwrap_or(0);
    let from = first.saturating_sub(AROUND / 2);
    let mut parts: Vec<(String, bool)> = Vec::new();
    if from > 0 {
        parts.push(("…".to_owned(), false));
    }
    for (c, is_match) in chars.iter().zip(&marked).skip(from).take(2 * AROUND) {
        match parts.last_mut() {
            Some((part, last)) if last == is_match => part.push(*c),
            _ => parts.push((c.to_string(), *is_match)),
        }
    }
    if from + 2 * AROUND < chars.len() {
        parts.push(("…".to_owned(), false));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, words: &[&str]) -> String {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        snippet(text, &words)
            .into_iter()
            .map(|(part, is_match)| if is_match { format!("[{part}]") } else { part })
            .collect()
    }

    #[test]
    fn a_query_is_cut_into_words_and_phrases() {
        assert_eq!(words(" Refund  now "), ["refund", "now"]);
        assert_eq!(words("\"Left  OUR\" depot"), ["left our", "depot"]);
        assert_eq!(words("an \"open end"), ["an", "open end"]);
        assert_eq!(words("\" \""), [""; 0]);
    }

    #[test]
    fn matches_are_marked_in_any_case_and_script() {
        assert_eq!(
            marked("Refund for the REFUND", &["refund"]),
            "[Refund] for the [REFUND]"
        );
        assert_eq!(
            marked("Где мой Возврат?", &["возврат"]),
            "Где мой [Возврат]?"
        );
        assert_eq!(marked("große Maße", &["maß"]), "große [Maß]e");
        assert_eq!(marked("nothing", &["else"]), "nothing");
        assert_eq!(marked("", &["x"]), "");
    }

    #[test]
    fn long_texts_are_cut_around_the_match() {
        let text = format!("{}needle{}", "a".repeat(500), "b".repeat(500));
        let shown = marked(&text, &["needle"]);
        assert!(shown.starts_with('…') && shown.ends_with('…'), "{shown}");
        assert!(shown.contains("[needle]"), "{shown}");
        assert!(shown.chars().count() < 140, "{shown}");
    }
}
