//! Who asked for what and what came of it, kept in the vault.

use super::error::causes;
use super::store::Store;
use crate::archive::AuditEntry;
use crate::i18n::Phrase;
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

/// What a deed came to, for the audit log and for operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It was done.
    Done,
    /// It was done, and the customer is told.
    Told,
    /// It was done, and could not be said.
    Unsaid,
    /// It was not done, and why was said.
    NotDone,
    /// The operator was asked first.
    Asked,
    /// An operator agreed.
    Agreed,
    /// An operator called it off.
    CalledOff,
    /// It was agreed to too late.
    Late,
    /// A note was posted.
    Noted,
    /// Users were linked.
    Linked,
    /// Users were unlinked.
    Unlinked,
    /// All was shown.
    Complete,
    /// Some parts were missing.
    Partly,
    /// The arguments did not fit.
    Misfit,
}

impl Came {
    const ALL: [(Self, &'static str, Phrase); 14] = [
        (Self::Done, "done", Phrase::CameDone),
        (Self::Told, "done, the customer is told", Phrase::CameTold),
        (Self::Unsaid, "done, not said", Phrase::CameUnsaid),
        (Self::NotDone, "not done", Phrase::CameNotDone),
        (Self::Asked, "asked", Phrase::CameAsked),
        (Self::Agreed, "agreed", Phrase::CameAgreed),
        (Self::CalledOff, "called off", Phrase::CameCalledOff),
        (Self::Late, "too late", Phrase::CameLate),
        (Self::Noted, "noted", Phrase::CameNoted),
        (Self::Linked, "linked", Phrase::CameLinked),
        (Self::Unlinked, "unlinked", Phrase::CameUnlinked),
        (Self::Complete, "complete", Phrase::CameComplete),
        (Self::Partly, "incomplete", Phrase::CamePartly),
        (Self::Misfit, "wrong arguments", Phrase::CameMisfit),
    ];

    /// As the audit log has it.
    pub(super) fn word(self) -> String {
        let known = Self::ALL.iter().find(|(came, ..)| *came == self);
        known.map_or_else(String::new, |(_, word, _)| (*word).to_owned())
    }

    /// What an entry of the audit log tells operators.
    pub(super) fn phrase(entry: &AuditEntry) -> Phrase {
        let result = entry.result.as_deref();
        let known = Self::ALL
            .into_iter()
            .find(|(_, word, _)| Some(*word) == result);
        let of_outcome = match entry.outcome.as_str() {
            "failed" => Phrase::CameFailed,
            "refused" => Phrase::CameRefused,
            "allowed" => Phrase::CameBegun,
            _ => Phrase::CameDone,
        };
        known.map_or(of_outcome, |(_, _, phrase)| phrase)
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
