//! Conversations, cut out of topics.

use crate::model::{MediaKind, Message, MessageId};
use crate::transcript::role::Role;

/// Messages after which a session is cut whatever happens: a machine that talks is no conversation,
/// and memory has an end.
const MOST_MESSAGES: u32 = 2_000;
/// Bytes after which a session is cut.
const MOST_BYTES: usize = 1 << 20;

/// What one side says until the other one speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// The desk speaks, operator or assistant; else the customer.
    pub(super) desk: bool,
    pub(super) text: String,
    /// Messages that it was made of.
    pub(super) messages: u32,
}

/// A stretch of a topic without a long silence, as it is being read.
#[derive(Clone, Debug, Default)]
pub(super) struct Session {
    pub(super) first: Option<MessageId>,
    pub(super) started: i64,
    last: i64,
    pub(super) turns: Vec<Turn>,
    messages: u32,
    bytes: usize,
    /// Something of it is new since the last export of the same name.
    pub(super) fresh: bool,
    /// Its messages with what they are now, where that is asked.
    pub(super) had: Vec<(MessageId, u32)>,
    /// Somebody speaks of whom the rules do not settle who it is.
    pub(super) unsure: bool,
}

impl Session {
    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }

    /// Whether a message of this date belongs to another session.
    pub(super) fn ends_before(&self, date: i64, silence: i64) -> bool {
        !self.is_empty()
            && (date.saturating_sub(self.last) > silence
                || self.messages >= MOST_MESSAGES
                || self.bytes >= MOST_BYTES)
    }

    /// Takes in what somebody said.
    pub(super) fn push(&mut self, message: &Message, desk: bool, text: &str) {
        if self.is_empty() {
            self.first = Some(message.id);
            self.started = message.date;
        }
        self.last = message.date;
        self.messages += 1;
        self.bytes += text.len();
        match self.turns.last_mut() {
            Some(turn) if turn.desk == desk => {
                turn.text.push('\n');
                turn.text.push_str(text);
                turn.messages += 1;
            }
            _ => self.turns.push(Turn {
                desk,
                text: text.to_owned(),
                messages: 1,
            }),
        }
    }

    /// When its last message was sent.
    pub(super) fn ended(&self) -> i64 {
        self.last
    }

    /// Leaves what trainers want: the customer begins, the desk has the last word. Says how many
    /// messages fell off the beginning and the end.
    pub(super) fn trim(&mut self) -> (u32, u32) {
        let leading = match self.turns.first() {
            Some(turn) if turn.desk => self.turns.remove(0).messages,
            _ => 0,
        };
        let trailing = match self.turns.last() {
            Some(turn) if !turn.desk => self.turns.pop().map_or(0, |turn| turn.messages),
            _ => 0,
        };
        (leading, trailing)
    }
}

/// Whose turn a role makes; `None`: it is no part of the conversation.
pub(super) const fn side(role: Role) -> Option<bool> {
    match role {
        Role::Customer => Some(false),
        Role::Operator | Role::Assistant => Some(true),
        Role::Note | Role::Command | Role::Service => None,
    }
}

/// What stands for media that a model does not see.
pub(super) const fn placeholder(kind: MediaKind) -> Option<&'static str> {
    Some(match kind {
        MediaKind::Photo => "[photo]",
        MediaKind::Video | MediaKind::Animation => "[video]",
        MediaKind::VideoNote => "[video message]",
        MediaKind::Voice => "[voice message]",
        MediaKind::Audio => "[audio]",
        MediaKind::Sticker => "[sticker]",
        MediaKind::Document => "[file]",
        MediaKind::Contact => "[contact]",
        MediaKind::Location | MediaKind::Venue => "[location]",
        MediaKind::Poll => "[poll]",
        MediaKind::Checklist => "[checklist]",
        MediaKind::Invoice => "[invoice]",
        MediaKind::Story => "[story]",
        MediaKind::Expiring => "[self-destructing media]",
        // A preview repeats what the text says, the others say nothing.
        MediaKind::WebPage
        | MediaKind::Dice
        | MediaKind::Game
        | MediaKind::Giveaway
        | MediaKind::PaidMedia
        | MediaKind::Unsupported => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PersonId, TopicId};

    fn session(turns: &[(bool, &str)]) -> Session {
        let mut session = Session::default();
        for (number, (desk, text)) in (1..).zip(turns) {
            let message = Message::text(
                MessageId(number),
                TopicId(1),
                number.into(),
                PersonId(1),
                *text,
            );
            session.push(&message, *desk, text);
        }
        session
    }

    fn texts(session: &Session) -> Vec<&str> {
        session
            .turns
            .iter()
            .map(|turn| turn.text.as_str())
            .collect()
    }

    #[test]
    fn turns_of_one_side_are_merged_and_the_ends_are_trimmed() {
        let mut it = session(&[
            (true, "Welcome"),
            (true, "How can we help?"),
            (false, "Hello"),
            (false, "It does not work"),
            (true, "What does it say?"),
            (false, "Thanks"),
        ]);
        assert_eq!(it.trim(), (2, 1));
        assert_eq!(texts(&it), ["Hello\nIt does not work", "What does it say?"]);
        let mut alone = session(&[(true, "Anybody there?")]);
        assert_eq!(alone.trim(), (1, 0));
        assert!(alone.is_empty());
    }

    #[test]
    fn silence_and_size_end_a_session() {
        let mut it = session(&[(false, "a"), (true, "b")]);
        assert!(!it.ends_before(2 + 3600, 3600));
        assert!(it.ends_before(3 + 3600, 3600));
        it.bytes = MOST_BYTES;
        assert!(it.ends_before(3, 3600));
        assert!(!Session::default().ends_before(i64::MAX, 3600));
    }
}
