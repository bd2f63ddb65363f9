//! Why the world says no, in words that both faces translate.

/// A refused operation. `Display` is MTProto's error name; the Bot API has its own wording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such group, or the actor is no member.
    #[error("CHANNEL_PRIVATE")]
    NoSuchGroup,
    /// No such topic.
    #[error("TOPIC_DELETED")]
    NoSuchTopic,
    /// The topic is closed and the actor no administrator.
    #[error("TOPIC_CLOSED")]
    TopicClosed,
    /// No such message, or deleted.
    #[error("MESSAGE_ID_INVALID")]
    NoSuchMessage,
    /// The message replied to does not exist.
    #[error("REPLY_MESSAGE_ID_INVALID")]
    NoSuchReply,
    /// Somebody else's message, and the actor no administrator.
    #[error("MESSAGE_AUTHOR_REQUIRED")]
    NotTheAuthor,
    /// Nothing to say.
    #[error("MESSAGE_EMPTY")]
    Empty,
    /// More than 4,096 characters (1,024 in a caption).
    #[error("MESSAGE_TOO_LONG")]
    TooLong,
    /// An edit that changes nothing.
    #[error("MESSAGE_NOT_MODIFIED")]
    NotModified,
    /// The group has no topics.
    #[error("CHANNEL_FORUM_MISSING")]
    NoForum,
    /// An administrator's right is missing.
    #[error("CHAT_ADMIN_REQUIRED")]
    AdministratorRequired,
}
