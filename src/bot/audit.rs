//! Who asked for what, kept in the vault.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::{BotError, causes};
use crate::archive::{AuditEntry, State, Vault};
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
    state: Arc<Mutex<State>>,
}

impl Audit {
    /// Opens the log.
    pub(super) fn open(vault: &Vault) -> Result<Self, BotError> {
        Ok(Self {
            state: Arc::new(Mutex::new(vault.state()?)),
        })
    }

    /// Writes a line. A log that cannot be written is reported, but keeps nobody from working.
    pub(super) async fn write(
        &self,
        group: GroupId,
        topic: TopicId,
        person: PersonId,
        action: &str,
        outcome: Outcome,
    ) {
        let entry = AuditEntry {
            at: jiff::Timestamp::now().as_second(),
            group,
            topic,
            person,
            action: action.to_owned(),
            outcome: outcome.word().to_owned(),
        };
        let state = Arc::clone(&self.state);
        let written = tokio::task::spawn_blocking(move || {
            state
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .audit(&entry)
        })
        .await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(error = causes(&error), "the audit log could not be written")
            }
            Err(error) => tracing::error!(%error, "the audit log could not be written"),
        }
    }
}
