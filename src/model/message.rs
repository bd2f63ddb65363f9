//! A message, its versions, and what surrounds its text.

use serde::{Deserialize, Serialize};

use super::event::Source;
use super::ids::{MessageId, PersonId, TopicId};
use super::mark::Marks;
use super::media::{Media, MediaKind};

/// Formatting of a stretch of text. Offset and length count UTF-16 units, as Telegram does.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// First UTF-16 unit.
    pub offset: u32,
    /// Number of UTF-16 units.
    pub length: u32,
    /// What it is.
    #[serde(flatten)]
    pub kind: EntityKind,
}

/// The kinds of formatting, named as Telegram Desktop's export names them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EntityKind {
    /// `@username`.
    Mention,
    /// A mention of a user without a username.
    MentionName {
        /// Who is meant.
        user_id: PersonId,
    },
    /// `#tag`.
    Hashtag,
    /// `$USD`.
    Cashtag,
    /// `/command`.
    BotCommand,
    /// A bare URL.
    Link,
    /// Text that links elsewhere.
    TextLink {
        /// Where to.
        href: String,
    },
    /// A mail address.
    Email,
    /// A phone number.
    Phone,
    /// A bank card number.
    BankCard,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
    /// Underlined.
    Underline,
    /// Struck through.
    Strikethrough,
    /// Hidden until tapped.
    Spoiler,
    /// Inline code.
    Code,
    /// A block of code.
    Pre {
        /// Language, may be empty.
        language: String,
    },
    /// A quotation.
    Blockquote,
    /// A custom emoji.
    CustomEmoji {
        /// The document that draws it.
        document_id: i64,
    },
    /// A kind that this version does not know.
    Unknown {
        /// Name of the constructor.
        name: String,
    },
}

/// What a message answers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reply {
    /// The message replied to; in another group only when `external`.
    pub id: MessageId,
    /// The quoted part, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// Formatting of `quote`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quote_entities: Vec<Entity>,
    /// The other chat, where Telegram names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat: Option<PersonId>,
    /// The message replied to stands in another chat.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub external: bool,
}

impl Reply {
    /// A plain reply to a message of the same group.
    #[must_use]
    pub const fn to(id: MessageId) -> Self {
        Self {
            id,
            quote: None,
            quote_entities: Vec::new(),
            chat: None,
            external: false,
        }
    }
}

/// Where a forwarded message came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Forward {
    /// The original author, unless hidden.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PersonId>,
    /// The original author's name where only that is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When the original was sent, Unix seconds.
    pub date: i64,
}

/// A button below a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Button {
    /// Label.
    pub text: String,
    /// Target of a link button; other kinds are described by their constructor's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Telegram's own messages about the group, as far as this version reads them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Service {
    /// A topic began; the message's id is the topic's.
    TopicCreated {
        /// Title at that time.
        title: String,
    },
    /// A topic changed; only what changed is present.
    TopicEdited {
        /// New title.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// Closed or reopened.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        closed: Option<bool>,
        /// Hidden or shown (General only).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hidden: Option<bool>,
    },
    /// A message was pinned.
    Pinned {
        /// Which one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<MessageId>,
    },
    /// People were added or joined.
    Joined {
        /// Who.
        people: Vec<PersonId>,
    },
    /// Someone left or was removed.
    Left {
        /// Who.
        person: PersonId,
    },
    /// The group was created or renamed.
    GroupTitle {
        /// The title.
        title: String,
    },
    /// Any other action.
    Other {
        /// Name of Telegram's constructor.
        name: String,
    },
}

/// A message as one source observed it: one version, with all that this version of the product
/// reads of it. Who the author *is* (customer, operator …) is resolved on reading.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Id within the group.
    pub id: MessageId,
    /// Topic it stands in.
    pub topic: TopicId,
    /// When it was sent, Unix seconds.
    pub date: i64,
    /// Who wrote it; `None` where Telegram does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<PersonId>,
    /// Text or caption.
    #[serde(default)]
    pub text: String,
    /// Formatting of `text`, ordered by offset.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// What it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Reply>,
    /// When this version was made, Unix seconds; `None` for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_date: Option<i64>,
    /// Photo, document and so on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// Where it was forwarded from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<Forward>,
    /// The inline bot it was made with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via_bot: Option<PersonId>,
    /// Rows of buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Messages sent together share this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<i64>,
    /// Set when this is Telegram's own message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// Name of the constructor where the message could not be read at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<String>,
}

impl Message {
    /// A text message; fill in what else there is.
    #[must_use]
    pub fn text(
        id: MessageId,
        topic: TopicId,
        date: i64,
        from: PersonId,
        text: impl Into<String>,
    ) -> Self {
        Self {
            id,
            topic,
            date,
            from: Some(from),
            text: text.into(),
            entities: Vec::new(),
            reply_to: None,
            edit_date: None,
            media: None,
            forward: None,
            via_bot: None,
            buttons: Vec::new(),
            album: None,
            service: None,
            unsupported: None,
        }
    }

    /// The `kind` of the JSON Lines format: `text`, `service`, `unsupported` or the media's kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.service.is_some() {
            return "service";
        }
        if self.unsupported.is_some() {
            return "unsupported";
        }
        match self.media.as_ref().map(|media| media.kind) {
            None | Some(MediaKind::WebPage) => "text",
            Some(MediaKind::Photo) => "photo",
            Some(MediaKind::Video) => "video",
            Some(MediaKind::VideoNote) => "video_note",
            Some(MediaKind::Voice) => "voice",
            Some(MediaKind::Audio) => "audio",
            Some(MediaKind::Animation) => "animation",
            Some(MediaKind::Sticker) => "sticker",
            Some(MediaKind::Document) => "document",
            Some(MediaKind::Contact) => "contact",
            Some(MediaKind::Location) => "location",
            Some(MediaKind::Venue) => "venue",
            Some(MediaKind::Poll) => "poll",
            Some(MediaKind::Dice) => "dice",
            Some(MediaKind::Story) => "story",
            Some(MediaKind::Invoice) => "invoice",
            Some(MediaKind::Game) => "game",
            Some(MediaKind::Giveaway) => "giveaway",
            Some(MediaKind::PaidMedia) => "paid_media",
            Some(MediaKind::Checklist) => "checklist",
            Some(MediaKind::Expiring) => "expiring",
            Some(MediaKind::Unsupported) => "unsupported",
        }
    }

    /// Whether two observations show the same version, apart from when it was edited: Telegram
    /// moves `edit_date` for reactions and buttons too, and nobody wants those as versions.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.text == other.text
            && self.entities == other.entities
            && self.media == other.media
            && self.buttons == other.buttons
            && self.service == other.service
            && self.unsupported == other.unsupported
    }
}

/// An earlier version of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Text or caption at that time.
    pub text: String,
    /// Formatting.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    /// Media at that time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// When that version was made; `None` for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edit_date: Option<i64>,
}

/// All that the archive knows of one message: its latest state, the versions before it, and
/// whether it was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Latest version.
    pub message: Message,
    /// Earlier versions, oldest first.
    pub versions: Vec<Version>,
    /// When its deletion was observed, Unix seconds.
    pub deleted_at: Option<i64>,
    /// Who showed the latest version, where that was not the userbot.
    pub by: Option<Source>,
    /// What surrounds it.
    pub marks: Marks,
}
