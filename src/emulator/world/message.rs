//! Messages as the world knows them: the ground truth.

use serde::Serialize;

use super::content::Content;
use super::reactions::Reaction;

/// Formatting; offsets and lengths count UTF-16 units. `kind` is the name that Telegram Desktop's
/// export gives it (`bold`, `link`, `text_link`, `mention`, `bot_command`, …).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Entity {
    /// Name of the kind.
    #[serde(rename = "type")]
    pub kind: String,
    /// First UTF-16 unit.
    pub offset: i32,
    /// Number of UTF-16 units.
    pub length: i32,
    /// Target of a `text_link`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
    /// Language of a `pre`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Who a `mention_name` means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<i64>,
    /// Whether a `blockquote` is folded up at first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub collapsed: bool,
}

/// A button below a message: it opens `url`, calls back with `data`, or copies `copy`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Button {
    /// Label.
    pub text: String,
    /// Target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Callback data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// What to copy to the clipboard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
}

/// Where a message was forwarded from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Forward {
    /// Original author, unless hidden.
    pub from: Option<i64>,
    /// Their name where only that is shown.
    pub name: Option<String>,
    /// When the original was sent.
    pub date: i64,
}

/// A quoted part of another message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// What is quoted.
    pub text: String,
    /// Its formatting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Where it begins in the other message, UTF-16 units.
    pub offset: i32,
}

/// Telegram's own messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Service {
    /// The group was created.
    GroupTitle {
        /// Its title.
        title: String,
    },
    /// The group got another title.
    Renamed {
        /// The new one.
        title: String,
    },
    /// A topic began.
    TopicCreated {
        /// Its title.
        title: String,
    },
    /// A topic changed; only what changed is present.
    TopicEdited {
        /// New title.
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Closed or reopened.
        #[serde(skip_serializing_if = "Option::is_none")]
        closed: Option<bool>,
        /// General alone: hidden or shown again.
        #[serde(skip_serializing_if = "Option::is_none")]
        hidden: Option<bool>,
    },
    /// A message was pinned.
    Pinned {
        /// Which one.
        message: i32,
    },
    /// People were added.
    Joined {
        /// Who.
        people: Vec<i64>,
    },
    /// Somebody left or was removed.
    Left {
        /// Who.
        person: i64,
    },
}

/// A version that was replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastVersion {
    /// Text at that time.
    pub text: String,
    /// Formatting at that time.
    pub entities: Vec<Entity>,
    /// File at that time.
    pub file: Option<i64>,
    /// When that version was made.
    pub edit_date: Option<i64>,
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// Bare id of its group.
    pub group: i64,
    /// Id within the group.
    pub id: i32,
    /// Topic; General is 1.
    pub topic: i32,
    /// Unix seconds.
    pub date: i64,
    /// Author's user id.
    pub from: i64,
    /// Text or caption.
    pub text: String,
    /// Formatting.
    pub entities: Vec<Entity>,
    /// Message replied to; the bare membership in a topic is no reply.
    pub reply_to: Option<i32>,
    /// When last edited.
    pub edit_date: Option<i64>,
    /// Photo or document, by id.
    pub file: Option<i64>,
    /// What it carries instead of a file.
    pub content: Option<Content>,
    /// The album that it belongs to; messages of one album share it.
    pub album: Option<i64>,
    /// The part of the message replied to that is quoted.
    pub quote: Option<Quote>,
    /// Reactions, oldest first.
    pub reactions: Vec<Reaction>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// Whether it was sent without a sound.
    pub silent: bool,
    /// Whether it may not be forwarded or saved.
    pub protected: bool,
    /// Where forwarded from.
    pub forward: Option<Forward>,
    /// Inline bot it was made with.
    pub via_bot: Option<i64>,
    /// Rows of buttons.
    pub buttons: Vec<Vec<Button>>,
    /// Set for Telegram's own messages.
    pub service: Option<Service>,
    /// Versions that were replaced, oldest first.
    pub versions: Vec<PastVersion>,
    /// When deleted; the world remembers, no face shows it.
    pub deleted_at: Option<i64>,
}

impl Message {
    /// The message as it is, without the versions before: what a change of it tells. A message that
    /// is edited a thousand times would otherwise be kept a million times.
    pub(super) fn without_past(&mut self) -> Self {
        let versions = std::mem::take(&mut self.versions);
        let now = self.clone();
        self.versions = versions;
        now
    }
}

/// What someone wants to post.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// Topic; 0 and 1 both mean General.
    pub topic: i32,
    /// Text or caption.
    pub text: String,
    /// Formatting, beside what is found in the text (commands, links, mentions).
    pub entities: Vec<Entity>,
    /// Message replied to.
    pub reply_to: Option<i32>,
    /// File to carry.
    pub file: Option<i64>,
    /// What to carry instead of a file.
    pub content: Option<Content>,
    /// The album that it belongs to.
    pub album: Option<i64>,
    /// Part of the message replied to.
    pub quote: Option<Quote>,
    /// Without a sound.
    pub silent: bool,
    /// Not to be forwarded or saved.
    pub protected: bool,
    /// Buttons.
    pub buttons: Vec<Vec<Button>>,
    /// Forwarded from.
    pub forward: Option<Forward>,
    /// When; the world's clock if `None`.
    pub date: Option<i64>,
}
