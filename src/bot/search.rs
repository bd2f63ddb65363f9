//! `/search`: the archive's search, asked from a topic.

use std::ops::ControlFlow;
use std::time::Duration;

use super::command::Own;
use super::note::Note;
use super::render::{PATIENCE, wait_for};
use super::request::{CommandError, Request, Shared};
use crate::archive::{Hit, Query, QueryError, Search};
use crate::i18n::Phrase;
use crate::model::{Snapshot, TopicId};
use crate::transcript::SearchRoles;

/// Messages shown: what fits a message of Telegram and a look.
const SHOWN: usize = 10;
/// Longest list of hits, in UTF-16 code units: a message without its head.
const LONGEST: usize = 3_900;
/// Longest title or name, in characters.
const NAME: usize = 40;
/// Stands for the topic in which the command was given.
const HERE: &str = "topic:here";

/// Finds messages of the whole group, or of the topic.
pub(super) async fn run(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let (words, here) = without_here(&request.arguments, request.topic);
    let query = match Query::parse(&words, &request.group.zone) {
        Ok(query) => query,
        Err(error) => {
            let command = shared.table.name_of(Own::Search).to_owned();
            let mut phrases: Vec<Phrase> = explain(error).into_iter().collect();
            phrases.push(Phrase::SearchUsage { command });
            request.say(&phrases).await?;
            return Ok(());
        }
    };
    let capture = shared.capture_of(request.group.id);
    // While nothing is captured there is nothing to wait for.
    let working = capture.is_some_and(|capture| capture.down.is_none());
    let patience = if working { PATIENCE } else { Duration::ZERO };
    let vault = shared.vault.clone();
    let abandon = shared.abandon.clone();
    let asked = request.clone();
    let (table, me, username) = (shared.table.clone(), shared.id, shared.username.clone());
    let hits = tokio::task::spawn_blocking(move || -> Result<_, CommandError> {
        if !vault.groups()?.contains(&asked.group.id) {
            return Ok(None);
        }
        let reader = vault.reader(asked.group.id)?;
        wait_for(&reader, asked.message, patience, &abandon)?;
        let roles = SearchRoles::new(&reader, &query, asked.group.rules())?;
        let role_of = |snapshot: &Snapshot| roles.name_of(snapshot);
        let is_ours = |snapshot: &Snapshot| {
            let message = &snapshot.message;
            message.from == Some(me) || table.find(&message.text, &username).is_some()
        };
        let search = Search {
            query,
            topics: if here { vec![asked.topic] } else { Vec::new() },
            limit: SHOWN,
            newest: false,
            // Commands and the bot's own answers say what was asked for, over and over.
            passes_over: Some(&is_ours),
            role_of: Some(&role_of),
        };
        let hits = reader.search(&search, &mut || {
            if abandon.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        if abandon.is_cancelled() {
            return Err(CommandError::Interrupted);
        }
        Ok(Some(hits))
    })
    .await??;
    match hits {
        None => request.say(&[Phrase::NothingCaptured]).await?,
        Some(hits) if hits.is_empty() => request.say(&[Phrase::SearchNothing]).await?,
        Some(hits) => {
            let note = answer(request, &hits);
            request.put(note).await?
        }
    };
    Ok(())
}

/// Takes [`HERE`] out of what was asked; whether it was there. Where nothing else was asked, its
/// messages are.
fn without_here(text: &str, topic: TopicId) -> (String, bool) {
    let is_here = |word: &&str| word.eq_ignore_ascii_case(HERE);
    let here = text.split_whitespace().any(|word| is_here(&word));
    if !here {
        return (text.to_owned(), false);
    }
    let rest = text.split_whitespace().filter(|word| !is_here(word));
    let mut words: String = rest.collect::<Vec<_>>().join(" ");
    if words.is_empty() {
        words = format!("topic:{topic}");
    }
    (words, true)
}

/// What is wrong with a query, where the usage alone does not say it.
fn explain(error: QueryError) -> Option<Phrase> {
    match error {
        QueryError::Empty => None,
        QueryError::NoValue(filter, _) => Some(Phrase::ValueMissing {
            word: format!("{filter}:"),
        }),
        QueryError::UnknownHas(value) => Some(Phrase::UnknownValue {
            word: format!("has:{}", cut(&value)),
            known: Query::KINDS.join(", "),
        }),
        QueryError::UnknownRole(value) => Some(Phrase::UnknownValue {
            word: format!("role:{}", cut(&value)),
            known: Query::ROLES.join(", "),
        }),
        QueryError::Date(filter, value) => Some(Phrase::NotADate {
            word: format!("{filter}:{}", cut(&value)),
        }),
    }
}

/// The hits, each with its topic, its author, what matches in bold, and a link.
fn answer(request: &Request, hits: &[Hit]) -> Note {
    let language = request.language;
    let mut pieces: Vec<(String, bool)> = Vec::new();
    let (mut shown, mut length) = (0, 0);
    for hit in hits {
        let sent = jiff::Timestamp::from_second(hit.date).unwrap_or_default();
        let day = language.day(sent.to_zoned(request.group.zone.clone()).date());
        let mut facts = vec![day];
        let names = [hit.topic_title.as_deref(), hit.from.as_deref()];
        facts.extend(names.into_iter().flatten().map(cut));
        if hit.deleted {
            facts.push(language.say(&Phrase::SearchDeleted));
        }
        let mut block = vec![(format!("\n\n{}\n", facts.join(" · ")), false)];
        block.extend(marked(&hit.snippet, &hit.matches));
        block.push((format!("\n{}", hit.link), false));
        let units = block.iter().map(|(text, _)| text.encode_utf16().count());
        length += units.sum::<usize>();
        if length > LONGEST {
            break;
        }
        pieces.extend(block);
        shown += 1;
    }
    let messages = u64::try_from(shown).unwrap_or(u64::MAX);
    let head = if shown == SHOWN || shown < hits.len() {
        Phrase::SearchBest { messages }
    } else {
        Phrase::SearchFound { messages }
    };
    pieces.insert(0, (language.say(&head), false));
    let pieces = pieces.iter().map(|(text, bold)| (text.as_str(), *bold));
    Note::of_pieces(&request.group.prefix, pieces)
}

/// A snippet cut where its matches, which are bold, begin and end.
fn marked(snippet: &str, matches: &[(usize, usize)]) -> Vec<(String, bool)> {
    let letters: Vec<char> = snippet.chars().collect();
    let part = |from: usize, to: usize| letters.get(from..to).unwrap_or_default().iter().collect();
    let mut pieces = Vec::new();
    let mut done = 0;
    for (begin, end) in matches {
        pieces.push((part(done, *begin), false));
        pieces.push((part(*begin, *end), true));
        done = *end;
    }
    pieces.push((part(done, letters.len()), false));
    pieces
}

/// The beginning of a name on one line.
fn cut(text: &str) -> String {
    let mut short: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(NAME)
        .collect();
    if text.chars().nth(NAME).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn here_is_the_topic_of_the_command() {
        for (text, words, here) in [
            ("a \"b  c\"", "a \"b  c\"", false),
            ("a topic:Here b", "a b", true),
            ("topic:here", "topic:7", true),
        ] {
            assert_eq!(without_here(text, TopicId(7)), (words.to_owned(), here));
        }
    }

    #[test]
    fn matches_are_bold() {
        let pieces = marked("Где мой возврат", &[(0, 3), (8, 15)]);
        let bold: Vec<&str> = pieces
            .iter()
            .filter(|(_, bold)| *bold)
            .map(|(text, _)| text.as_str())
            .collect();
        assert_eq!(bold, ["Где", "возврат"]);
        let whole: String = pieces.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(whole, "Где мой возврат");
    }

    #[test]
    fn names_are_short_and_on_one_line() {
        assert_eq!(cut("An\nna"), "An na");
        assert_eq!(cut(&"ж".repeat(41)).chars().count(), 41);
    }
}
