//! A trigger of the config, ready: an event, and what is to be done then.

use std::sync::Arc;

use regex::Regex;

use super::command::Deed;
use crate::config::TriggerConfig;
use crate::connectors::Live;
use crate::model::{Service, Snapshot};
use crate::transcript::Role;

/// An event to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    TopicCreated,
    FirstMessage,
    Closed,
    Reopened,
    /// After so many seconds.
    NoAnswer(i64),
    /// A customer's message contains this.
    Text(String),
}

/// A trigger, ready.
#[derive(Clone, Debug)]
pub(super) struct Trigger {
    /// Tells it from others, also after a restart.
    pub(super) name: String,
    pub(super) when: When,
    pattern: Option<Regex>,
    pub(super) deed: Option<Deed>,
    pub(super) note: String,
}

/// Why a trigger cannot work.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    /// It runs what there is not.
    #[error("{run:?} is no action: write connector.action; there is: {known}")]
    Unknown {
        /// What it runs.
        run: String,
        /// What there is.
        known: String,
    },
    /// It runs what wants arguments.
    #[error("{run:?} wants arguments, and a trigger has none to give: {usage}")]
    Wants {
        /// What it runs.
        run: String,
        /// What it wants.
        usage: String,
    },
    /// It runs what an operator must agree to.
    #[error("{run:?} asks an operator first: only an operator can run it")]
    Asks {
        /// What it runs.
        run: String,
    },
}

impl Trigger {
    /// Reads a trigger; its values were checked when the config was loaded.
    pub(super) fn new(
        config: &TriggerConfig,
        connectors: &[Arc<Live>],
    ) -> Result<Self, TriggerError> {
        let when = match config.on.as_str() {
            "topic_created" => When::TopicCreated,
            "first_message" => When::FirstMessage,
            "closed" => When::Closed,
            "reopened" => When::Reopened,
            "text" => When::Text(config.matches.clone()),
            _ => When::NoAnswer(i64::from(config.minutes) * 60),
        };
        let deed = match config.run.is_empty() {
            true => None,
            false => Some(action(&config.run, connectors, "")?),
        };
        let pattern = match &when {
            When::Text(pattern) => Regex::new(pattern).ok(),
            _ => None,
        };
        // A note that is worded anew is no other trigger where it is not all there is.
        let does = match config.run.is_empty() {
            true => &config.note,
            false => &config.run,
        };
        let name = format!("{} {} {} {does}", config.on, config.minutes, config.matches);
        Ok(Self {
            name: blake3::hash(name.as_bytes())
                .to_hex()
                .chars()
                .take(16)
                .collect(),
            when,
            pattern,
            deed,
            note: config.note.clone(),
        })
    }

    /// Its event's name, for logs.
    pub(super) const fn event(&self) -> &'static str {
        match self.when {
            When::TopicCreated => "topic_created",
            When::FirstMessage => "first_message",
            When::Closed => "closed",
            When::Reopened => "reopened",
            When::NoAnswer(_) => "no_answer",
            When::Text(_) => "text",
        }
    }

    /// Whether a message is its event.
    pub(super) fn meets(&self, snapshot: &Snapshot, role: Role, first: bool) -> bool {
        let message = &snapshot.message;
        let closed = match &message.service {
            Some(Service::TopicEdited { closed, .. }) => *closed,
            _ => None,
        };
        match &self.when {
            When::TopicCreated => matches!(message.service, Some(Service::TopicCreated { .. })),
            When::FirstMessage => role == Role::Customer && first,
            When::Closed => closed == Some(true),
            When::Reopened => closed == Some(false),
            When::NoAnswer(_) => false,
            When::Text(_) => {
                role == Role::Customer
                    && self
                        .pattern
                        .as_ref()
                        .is_some_and(|pattern| pattern.is_match(&message.text))
            }
        }
    }
}

/// The action that a name of the config means, `connector.action`, to be run with some arguments.
pub(super) fn action(
    run: &str,
    connectors: &[Arc<Live>],
    arguments: &str,
) -> Result<Deed, TriggerError> {
    let all = connectors.iter().flat_map(|live| {
        let actions = live.connector.actions.values();
        actions.map(move |action| Deed {
            live: Arc::clone(live),
            action: Arc::clone(action),
        })
    });
    let named: Vec<(String, Deed)> = all
        .map(|deed| {
            (
                format!("{}.{}", deed.live.connector.name, deed.action.name),
                deed,
            )
        })
        .collect();
    let run = run.to_owned();
    let Some((_, found)) = named.iter().find(|(name, _)| *name == run) else {
        let known: Vec<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
        let known = known.join(", ");
        return Err(TriggerError::Unknown { run, known });
    };
    if found.action.confirm.is_some() {
        return Err(TriggerError::Asks { run });
    }
    if found.action.grammar.parse(arguments).is_err() {
        let usage = found.action.grammar.usage();
        return Err(TriggerError::Wants { run, usage });
    }
    Ok(found.clone())
}
