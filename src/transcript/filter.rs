//! Which messages, beyond what the archive itself selects by.

use super::role::Role;
use crate::model::{MediaKind, Message, PersonId, TopicId};

/// Narrows a selection. The default takes everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only what concerns these people: the topics of these customers, and what these accounts
    /// wrote elsewhere (empty: everybody).
    pub people: Vec<PersonId>,
    /// Only messages with these roles (empty: all).
    pub roles: Vec<Role>,
    /// Only messages with, or without, media.
    pub media: MediaFilter,
    /// Only topics whose customer writes in one of these languages, ISO 639-1 (empty: all). In
    /// formats for training each session is looked at by itself.
    pub languages: Vec<String>,
    /// Only topics in which customer and desk took at least so many turns. In formats for
    /// training, sessions.
    pub min_turns: u32,
    /// Only topics that are closed.
    pub closed: bool,
}

/// What a message must carry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MediaFilter {
    /// Whatever it is.
    #[default]
    Whatever,
    /// Media of any kind. A link's preview is none.
    Any,
    /// Nothing but text.
    None,
    /// Media of one of these kinds.
    Kinds(Vec<MediaKind>),
}

impl MediaFilter {
    /// Whether a message passes.
    #[must_use]
    pub fn takes(&self, message: &Message) -> bool {
        let media = message.media.as_ref().map(|media| media.kind);
        let shown = media.filter(|kind| *kind != MediaKind::WebPage);
        match self {
            Self::Whatever => true,
            Self::Any => shown.is_some(),
            Self::None => shown.is_none() && message.service.is_none(),
            Self::Kinds(kinds) => media.is_some_and(|kind| kinds.contains(&kind)),
        }
    }
}

impl Filter {
    /// Whether it takes everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it chooses among topics, for which all their messages must be looked at.
    pub(super) fn looks_into_topics(&self) -> bool {
        self.min_turns > 1 || !self.languages.is_empty()
    }

    /// Whether a message passes by what it is itself; `theirs` are the topics of the people.
    pub(super) fn takes(
        &self,
        message: &Message,
        role: impl FnOnce() -> Role,
        theirs: &[TopicId],
    ) -> bool {
        let concerns = self.people.is_empty()
            || theirs.binary_search(&message.topic).is_ok()
            || message.from.is_some_and(|from| self.people.contains(&from));
        concerns
            && self.media.takes(message)
            && (self.roles.is_empty() || self.roles.contains(&role()))
    }
}
