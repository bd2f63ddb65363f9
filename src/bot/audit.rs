//! Who asked for what and what came of it, kept in the vault.

use super::error::causes;
use super::store::Store;
use crate::archive::AuditEntry;
use crate::model::{GroupId, PersonId, TopicId};

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Somebody may, and it was begun.
    Allowed,
    /// Somebody may not, and hears nothing.
    Refused,
    /// It was answered.
    Served,
    /// It went wrong.
    Failed,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Served => "served",
            Self::Failed => "failed",
        }
    }
}

/// Writes the audit log.
#[derive(Clone, Debug)]
pub(super) struct Audit {
    store: Store,
}

/// Whose deed it is, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deed<'a> {
    pub(super) group: GroupId,
    pub(super) topic: TopicId,
    pub(super) person: PersonId,
    /// A command's name.
    pub(super) action: &'a str,
}

impl Audit {
    pub(super) const fn new(store: Store) -> Self {
        Self { store }
    }

    /// Writes a line; `result` holds nothing secret and nothing about the customer. A log that
    /// cannot be written is reported, but keeps nobody from working.
    pub(super) async fn write(&self, deed: Deed<'_>, outcome: Outcome, result: Option<String>) {
        let entry = AuditEntry {
            at: jiff::Timestamp::now().as_second(),
            group: deed.group,
            topic: deed.topic,
            person: deed.person,
            action: deed.action.to_owned(),
            outcome: outcome.word().to_owned(),
            result,
        };
        let written = self.store.with(move |state| state.audit(&entry)).await;
        if let Err(error) = written {
            tracing::error!(error = causes(&error), "the audit log could not be written");
        }
    }
}
