//! What was made and what was left out, counted.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::options::Split;
use super::sample::Sample;
use crate::transcript::Options;

/// Upper bounds of the classes of lengths; the last class is open.
const TURNS: [u64; 8] = [2, 4, 6, 8, 12, 16, 24, 32];
const TOKENS: [u64; 9] = [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192, 16_384];

/// What an export made to train on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// As `--format` names it.
    pub format: String,
    /// Whose tokens are counted.
    pub tokenizer: String,
    /// Conversations.
    pub sessions: u64,
    /// Their turns, the system prompt not counted.
    pub turns: u64,
    /// Messages that were made into turns.
    pub messages: u64,
    /// Customers.
    pub customers: u64,
    /// Tokens of all that is said.
    pub tokens: u64,
    /// Conversations by language; `unknown` where it could not be told.
    pub languages: BTreeMap<String, u64>,
    /// Conversations by turns.
    pub turns_per_session: Vec<Class>,
    /// Conversations by tokens.
    pub tokens_per_session: Vec<Class>,
    /// Each split that has something.
    pub splits: BTreeMap<String, SplitReport>,
    /// What was left out, and why.
    pub left_out: LeftOut,
    /// Personal data that was replaced, by kind.
    pub redacted: BTreeMap<String, u64>,
    /// From which share of common runs of words a conversation counted as a repetition.
    pub near_duplicates_from: Option<f64>,
    /// The day of the newest conversation, UTC.
    pub newest: Option<String>,
}

/// How many conversations are how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    /// From so many…
    pub from: u64,
    /// … to so many; `None`: or more.
    pub to: Option<u64>,
    /// Conversations.
    pub sessions: u64,
}

/// A split.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitReport {
    /// Conversations.
    pub sessions: u64,
    /// Their turns.
    pub turns: u64,
    /// Their tokens.
    pub tokens: u64,
    /// Customers, none of whom is in another split.
    pub customers: u64,
}

/// What was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Whole conversations, by reason.
    pub sessions: BTreeMap<String, u64>,
    /// Messages, by reason.
    pub messages: BTreeMap<String, u64>,
}

/// Why a conversation was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// One side never spoke, or fewer turns than asked for.
    TooShort,
    /// It nearly repeats another one.
    Repeats,
    /// It is not known who speaks.
    Unsure,
    /// Another language than asked for.
    Language,
    /// Nothing of it is new.
    NotNew,
    /// It may still go on.
    GoesOn,
}

impl Reason {
    const fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::Repeats => "near_duplicate",
            Self::Unsure => "unsure_who_speaks",
            Self::Language => "other_language",
            Self::NotNew => "not_new",
            Self::GoesOn => "may_go_on",
        }
    }
}

/// Counts while conversations are made.
#[derive(Debug, Default)]
pub(super) struct Tally {
    report: Report,
    turns: Vec<u64>,
    tokens: Vec<u64>,
    customers: BTreeMap<Split, HashSet<u64>>,
    newest: Option<i64>,
}

impl Tally {
    pub(super) fn new(options: &Options, tokenizer: &str) -> Self {
        Self {
            report: Report {
                format: options.format.name().to_owned(),
                tokenizer: tokenizer.to_owned(),
                near_duplicates_from: options.training.near,
                ..Report::default()
            },
            ..Self::default()
        }
    }

    pub(super) fn sample(&mut self, sample: &Sample, split: Split, customer: u64) {
        self.newest = self.newest.max(Some(sample.started));
        let report = &mut self.report;
        let turns = sample.turns.len() as u64;
        let tokens = u64::from(sample.tokens);
        let messages = sample.turns.iter().map(|turn| u64::from(turn.messages));
        report.sessions += 1;
        report.turns += turns;
        report.tokens += tokens;
        report.messages += messages.sum::<u64>();
        let language = sample.language.as_deref().unwrap_or("unknown");
        *report.languages.entry(language.to_owned()).or_default() += 1;
        count(&mut self.turns, &TURNS, turns);
        count(&mut self.tokens, &TOKENS, tokens);
        let place = report.splits.entry(split.name().to_owned()).or_default();
        place.sessions += 1;
        place.turns += turns;
        place.tokens += tokens;
        self.customers.entry(split).or_default().insert(customer);
    }

    pub(super) fn without(&mut self, reason: Reason) {
        let sessions = &mut self.report.left_out.sessions;
        *sessions.entry(reason.name().to_owned()).or_default() += 1;
    }

    pub(super) fn without_messages(&mut self, why: &'static str, messages: u64) {
        if messages > 0 {
            *self
                .report
                .left_out
                .messages
                .entry(why.to_owned())
                .or_default() += messages;
        }
    }

    pub(super) fn finish(mut self, redacted: BTreeMap<String, u64>) -> Report {
        self.report.redacted = redacted;
        let newest = self
            .newest
            .and_then(|at| jiff::Timestamp::from_second(at).ok());
        self.report.newest = newest.map(|at| at.strftime("%Y-%m-%d").to_string());
        for (split, customers) in &self.customers {
            if let Some(place) = self.report.splits.get_mut(split.name()) {
                place.customers = customers.len() as u64;
            }
            self.report.customers += customers.len() as u64;
        }
        // Sides alternate and both ends are fixed, so that turns are even.
        self.report.turns_per_session = classes(&self.turns, &TURNS, 2, 2);
        self.report.tokens_per_session = classes(&self.tokens, &TOKENS, 1, 1);
        self.report
    }
}

fn count(classes: &mut Vec<u64>, bounds: &[u64], value: u64) {
    classes.resize(bounds.len() + 1, 0);
    let place = bounds.partition_point(|bound| *bound < value);
    if let Some(class) = classes.get_mut(place) {
        *class += 1;
    }
}

fn classes(counts: &[u64], bounds: &[u64], least: u64, step: u64) -> Vec<Class> {
    let mut from = least;
    let mut classes = Vec::new();
    for place in 0..=bounds.len() {
        let to = bounds.get(place).copied();
        classes.push(Class {
            from,
            to,
            sessions: counts.get(place).copied().unwrap_or(0),
        });
        from = to.map_or(from, |to| to + step);
    }
    classes
}
