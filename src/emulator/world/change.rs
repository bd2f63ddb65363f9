//! The log: everything that happened, in order.

use super::message::Message;
use super::standing::Standing;

/// One change of a group.
#[derive(Clone, Debug)]
pub struct Change {
    /// Bare id of the group.
    pub group: i64,
    /// The channel's pts after it.
    pub pts: i32,
    /// By how much it moved pts; 0 for what no difference tells again.
    pub pts_count: i32,
    /// The world's clock, Unix seconds.
    pub at: i64,
    /// What happened.
    pub what: What,
    /// The bots that were there. Who may know of something is decided when it happens, however
    /// late they ask.
    pub(super) witnesses: Vec<Witness>,
    /// The customer for whom the topic of a posted message stood.
    pub customer: Option<i64>,
}

/// A bot in the group when something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Witness {
    /// Its id.
    pub(super) bot: i64,
    /// Whether Telegram shows it the message concerned.
    pub(super) reads: bool,
    /// Whether it was an administrator.
    pub(super) administers: bool,
}

impl Change {
    /// Whether a bot was shown the message that this is about.
    #[must_use]
    pub fn read_by(&self, bot: i64) -> bool {
        self.witness(bot).is_some_and(|witness| witness.reads)
    }

    /// Whether a bot was an administrator then.
    #[must_use]
    pub fn administered_by(&self, bot: i64) -> bool {
        self.witness(bot).is_some_and(|witness| witness.administers)
    }

    fn witness(&self, bot: i64) -> Option<&Witness> {
        self.witnesses.iter().find(|witness| witness.bot == bot)
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub enum What {
    /// A message was posted; as it was then.
    Posted(Message),
    /// A message was edited; as it was then.
    Edited(Message),
    /// Messages were deleted.
    Deleted(Vec<i32>),
    /// Messages were pinned or unpinned.
    Pinned {
        /// Which ones.
        messages: Vec<i32>,
        /// Pinned, or unpinned.
        pinned: bool,
    },
    /// Somebody changed their reactions to a message. Moves no pts.
    Reacted {
        /// Which message; as it is afterwards.
        message: Message,
        /// Whose reactions.
        by: i64,
        /// Their emoji before.
        old: Vec<String>,
        /// Their emoji now.
        new: Vec<String>,
    },
    /// Somebody voted in a poll, or took their vote back. Moves no pts.
    Voted {
        /// The poll's message, as it is afterwards.
        message: Message,
        /// Who.
        by: i64,
        /// Which options, counted from 0; none: the vote was taken back.
        options: Vec<usize>,
    },
    /// A member's standing changed. Moves no pts.
    Member {
        /// Whose.
        user: i64,
        /// Who changed it.
        by: i64,
        /// Before.
        old: Standing,
        /// Now.
        new: Standing,
    },
    /// A topic was pinned or unpinned in the list. Moves no pts.
    TopicPinned {
        /// Which one.
        topic: i32,
        /// Pinned, or unpinned.
        pinned: bool,
    },
    /// Somebody pressed a button; a bot may answer. Moves no pts.
    Pressed(Press),
}

/// A button pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Press {
    /// The world's number for it.
    pub id: i64,
    /// Who pressed.
    pub by: i64,
    /// The message with the button.
    pub message: i32,
    /// The author of that message: the bot to be told.
    pub bot: i64,
    /// The button's data.
    pub data: String,
}

/// A bot's answer to a press.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PressAnswer {
    /// What is shown; nothing where empty.
    pub text: String,
    /// In a window to be closed instead of a short notice.
    pub alert: bool,
    /// What is opened.
    pub url: Option<String>,
    /// How long clients may remember the answer, seconds.
    pub cache_time: i32,
}
