//! Redaction, judged by labelled texts in three languages.
//!
//! A labelled place counts as found where all of it is covered by what was found of its kind; what
//! was found counts as right where it touches a place labelled so. The held-out texts were not
//! looked at while the rules were written.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::find::{Kind, find};
use super::key::Key;
use super::names::Names;
use crate::model::Customer;

#[derive(Deserialize)]
struct Line {
    id: String,
    #[serde(default)]
    customer: Fields,
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Fields {
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    chat_title: Option<String>,
    phone: Option<String>,
}

#[derive(Clone, Copy, Default)]
struct Score {
    labelled: u32,
    found: u32,
    claimed: u32,
    right: u32,
}

impl Score {
    fn add(&mut self, other: Self) {
        self.labelled += other.labelled;
        self.found += other.found;
        self.claimed += other.claimed;
        self.right += other.right;
    }

    fn recall(self) -> f64 {
        f64::from(self.found) / f64::from(self.labelled.max(1))
    }

    fn precision(self) -> f64 {
        f64::from(self.right) / f64::from(self.claimed.max(1))
    }
}

const KINDS: [Kind; 8] = [
    Kind::Phone,
    Kind::Email,
    Kind::Card,
    Kind::Iban,
    Kind::Ip,
    Kind::Link,
    Kind::Username,
    Kind::Name,
];
const LANGUAGES: [&str; 3] = ["en", "ru", "de"];
const SETS: [&str; 2] = ["", "held-out"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/redaction")
}

/// The text without its labels, and what they say.
fn labels(marked: &str) -> (String, Vec<(String, Range<usize>)>) {
    let (mut text, mut labels) = (String::new(), Vec::new());
    let mut rest = marked;
    while let Some((before, tail)) = rest.split_once('⟦') {
        text.push_str(before);
        let (label, tail) = tail.split_once('⟧').unwrap();
        let (kind, value) = label.split_once('|').unwrap();
        let begin = text.len();
        text.push_str(value);
        labels.push((kind.to_owned(), begin..text.len()));
        rest = tail;
    }
    text.push_str(rest);
    (text, labels)
}

fn judge(set: &str, language: &str, mistakes: &mut String) -> BTreeMap<&'static str, Score> {
    let path = folder().join(set).join(format!("{language}.jsonl"));
    let mut scores: BTreeMap<&'static str, Score> = BTreeMap::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let line: Line = serde_json::from_str(line).unwrap();
        let (text, labels) = labels(&line.text);
        let customer = Customer {
            first_name: line.customer.first_name,
            last_name: line.customer.last_name,
            username: line.customer.username,
            chat_title: line.customer.chat_title,
            phone: line.customer.phone,
            ..Customer::default()
        };
        let pseudonym = Key::new([0; 32]).pseudonym("person", b"");
        let names = Names::new(Some(&customer), pseudonym);
        let structured = find(&text, &names.phones);
        for kind in KINDS {
            let score = scores.entry(kind.name()).or_default();
            let found: Vec<Range<usize>> = match kind {
                // What is replaced already is no name any more.
                Kind::Name => {
                    let mut found = names.find(&text);
                    found.retain(|it| {
                        structured
                            .iter()
                            .all(|other| other.range.end <= it.start || it.end <= other.range.start)
                    });
                    found
                }
                kind => {
                    let of_kind = structured.iter().filter(|found| found.kind == kind);
                    of_kind.map(|found| found.range.clone()).collect()
                }
            };
            let wanted: Vec<&Range<usize>> = labels
                .iter()
                .filter(|(name, _)| name == kind.name())
                .map(|(_, range)| range)
                .collect();
            for range in &wanted {
                score.labelled += 1;
                let covers = |byte: usize| {
                    let space = text.as_bytes()[byte].is_ascii_whitespace();
                    let joint = kind == Kind::Name && (space || text.as_bytes()[byte] == b'-');
                    joint || found.iter().any(|it| it.contains(&byte))
                };
                if (range.start..range.end).all(covers) {
                    score.found += 1;
                } else {
                    let value = &text[(*range).clone()];
                    let _ = writeln!(mistakes, "{} missed {}: {value}", line.id, kind.name());
                }
            }
            for range in &found {
                score.claimed += 1;
                if wanted
                    .iter()
                    .any(|it| it.start < range.end && range.start < it.end)
                {
                    score.right += 1;
                } else {
                    let value = &text[range.clone()];
                    let _ = writeln!(mistakes, "{} wrong {}: {value}", line.id, kind.name());
                }
            }
        }
    }
    scores
}

/// The table of the documentation.
fn table() -> (String, Vec<String>) {
    let mut table = String::from(
        "| texts | language | kind | labelled | recall | precision |\n|---|---|---|---|---|---|\n",
    );
    let mut below = Vec::new();
    for set in SETS {
        let texts = if set.is_empty() { "development" } else { set };
        for language in LANGUAGES {
            let mut mistakes = String::new();
            let scores = judge(set, language, &mut mistakes);
            // Nobody looks at the held-out ones.
            if set.is_empty() {
                println!("{mistakes}");
            }
            let mut all = Score::default();
            let mut row = |kind: &str, score: Score| {
                let (recall, precision) = (score.recall(), score.precision());
                let _ = writeln!(
                    table,
                    "| {texts} | {language} | {kind} | {} | {recall:.3} | {precision:.3} |",
                    score.labelled
                );
            };
            for kind in KINDS {
                let score = scores[kind.name()];
                row(kind.name(), score);
                if kind != Kind::Name {
                    all.add(score);
                }
            }
            row("**all but names**", all);
            if all.recall() < 0.99 || all.precision() < 0.97 {
                below.push(format!("{texts} {language}"));
            }
        }
    }
    (table, below)
}

#[test]
fn structured_kinds_are_found_in_every_language() {
    let (table, below) = table();
    println!("{table}");
    assert!(below.is_empty(), "{below:?}");
}

#[test]
fn the_documentation_has_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/redaction.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (table, _) = table();
    assert!(page.contains(&table), "docs/redaction.md lacks\n{table}");
}
