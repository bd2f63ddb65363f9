//! What follows a command: declared in the connector, checked before anything is done.

use std::fmt::Write as _;

use regex::Regex;
use serde_json::{Map, Value};

/// Longest text that an operator may give: a message of Telegram.
const LONGEST: usize = 4096;

/// The arguments that a command takes, in order.
#[derive(Clone, Debug, Default)]
pub struct Grammar {
    pub(super) arguments: Vec<Argument>,
}

/// One argument.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) optional: bool,
    pub(super) many: Many,
    pub(super) example: Option<String>,
}

/// What an argument may be.
#[derive(Clone, Debug)]
pub(super) enum Form {
    Any,
    OneOf(Vec<String>),
    /// The whole word.
    Pattern(Regex),
}

/// How much an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Many {
    /// One word.
    Word,
    /// All that is left, as one text.
    Rest,
    /// All words that are left, each for itself.
    List,
}

/// Why arguments do not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// One is missing.
    Missing {
        /// Its name.
        name: String,
    },
    /// One is not what it may be.
    Wrong {
        /// Its name.
        name: String,
        /// What stood there.
        word: String,
    },
    /// There is more than is wanted.
    TooMuch {
        /// The first that is too much.
        word: String,
    },
}

impl Grammar {
    /// Whether anything may follow.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// Reads what follows a command.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn parse(&self, text: &str) -> Result<Map<String, Value>, Misfit> {
        let text: String = text.chars().take(LONGEST).collect();
        let mut rest = text.trim();
        let mut values = Map::new();
        for argument in &self.arguments {
            let value = match argument.many {
                Many::Word => {
                    let (word, after) = split(rest);
                    // An optional word that does not fit leaves its place to the next argument.
                    if !word.is_empty() && !argument.takes(word) && argument.optional {
                        None
                    } else {
                        rest = after;
                        (!word.is_empty()).then(|| word.into())
                    }
                }
                Many::Rest => (!rest.is_empty()).then(|| std::mem::take(&mut rest).trim().into()),
                Many::List => {
                    let words = std::mem::take(&mut rest).split_whitespace();
                    let words: Vec<Value> = words.map(Value::from).collect();
                    (!words.is_empty()).then(|| words.into())
                }
            };
            match value {
                None if argument.optional => {}
                None => {
                    return Err(Misfit::Missing {
                        name: argument.name.clone(),
                    });
                }
                Some(value) => {
                    if let Some(word) = argument.misfit(&value) {
                        return Err(Misfit::Wrong {
                            name: argument.name.clone(),
                            word: quoted(word),
                        });
                    }
                    values.insert(argument.name.clone(), argument.canonical(value));
                }
            }
        }
        match split(rest).0 {
            "" => Ok(values),
            word => Err(Misfit::TooMuch { word: quoted(word) }),
        }
    }

    /// How it is to be written: `<t1|t2> <period> [comment…]`.
    #[must_use]
    pub fn usage(&self) -> String {
        let mut usage = String::new();
        for argument in &self.arguments {
            let mut shown = match &argument.form {
                Form::OneOf(words) => words.join("|"),
                Form::Any | Form::Pattern(_) => argument.name.clone(),
            };
            if argument.many != Many::Word {
                shown.push('…');
            }
            let (open, close) = if argument.optional {
                ('[', ']')
            } else {
                ('<', '>')
            };
            // Writing to a String cannot fail.
            let _ = write!(usage, " {open}{shown}{close}");
        }
        usage.trim_start().to_owned()
    }

    /// An example: ` t1 m6`.
    #[must_use]
    pub fn example(&self) -> String {
        let words = self.arguments.iter().filter_map(Argument::sample);
        words.collect::<Vec<_>>().join(" ")
    }
}

impl Argument {
    fn takes(&self, word: &str) -> bool {
        match &self.form {
            Form::Any => true,
            Form::OneOf(words) => words.iter().any(|known| known.eq_ignore_ascii_case(word)),
            Form::Pattern(pattern) => pattern.is_match(word),
        }
    }

    /// The word of a value that does not fit.
    fn misfit<'v>(&self, value: &'v Value) -> Option<&'v str> {
        let words: Vec<&str> = match value {
            Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
            value => value.as_str().into_iter().collect(),
        };
        words.into_iter().find(|word| !self.takes(word))
    }

    /// A choice is handed on as it was declared, however it was typed.
    fn canonical(&self, value: Value) -> Value {
        let Form::OneOf(words) = &self.form else {
            return value;
        };
        let known = |word: &str| {
            let same = words.iter().find(|known| known.eq_ignore_ascii_case(word));
            same.map_or_else(|| word.into(), |known| known.as_str().into())
        };
        match value {
            Value::String(word) => known(&word),
            Value::Array(list) => list
                .into_iter()
                .map(|word| word.as_str().map_or(Value::Null, known))
                .collect(),
            value => value,
        }
    }

    /// What might be given for it.
    pub(super) fn sample(&self) -> Option<String> {
        let first = match &self.form {
            Form::OneOf(words) => words.first().cloned(),
            Form::Any | Form::Pattern(_) => None,
        };
        let made_up = (!self.optional).then(|| self.name.clone());
        self.example.clone().or(first).or(made_up)
    }
}

fn split(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn quoted(word: &str) -> String {
    word.chars().take(40).collect()
}
