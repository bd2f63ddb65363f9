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
    /// The actor may read only.
    #[error("CHAT_WRITE_FORBIDDEN")]
    MayNotWrite,
    /// The owner's standing cannot be changed.
    #[error("USER_CREATOR")]
    OwnerStays,
    /// Only the owner may change what an administrator is.
    #[error("USER_ADMIN_INVALID")]
    AdministratorStays,
    /// The account is no member.
    #[error("USER_NOT_PARTICIPANT")]
    NotAMember,
    /// No such account.
    #[error("USER_ID_INVALID")]
    NoSuchUser,
    /// Not an emoji that can be reacted with.
    #[error("REACTION_INVALID")]
    NoSuchReaction,
    /// More reactions to one message than allowed.
    #[error("REACTIONS_TOO_MANY")]
    TooManyReactions,
    /// More pinned topics than allowed.
    #[error("PINNED_TOO_MUCH")]
    TooManyPins,
    /// The message is no poll.
    #[error("MESSAGE_ID_INVALID")]
    NoPoll,
    /// The poll takes no more votes.
    #[error("MESSAGE_POLL_CLOSED")]
    PollClosed,
    /// The poll has no such answer.
    #[error("OPTION_INVALID")]
    NoSuchOption,
    /// Voted already.
    #[error("REVOTE_NOT_ALLOWED")]
    AlreadyVoted,
    /// The message has no such button, or nobody listens to it.
    #[error("DATA_INVALID")]
    NoSuchButton,
    /// No such press of a button, or it was answered already.
    #[error("QUERY_ID_INVALID")]
    NoSuchPress,
    /// A message of this kind cannot be changed so.
    #[error("MEDIA_INVALID")]
    WrongMedia,
    /// The group's content may not be passed on.
    #[error("CHAT_FORWARDS_RESTRICTED")]
    Protected,
    /// What is quoted does not stand in the message replied to.
    #[error("QUOTE_TEXT_INVALID")]
    NoSuchQuote,
    /// A poll's question is empty or too long.
    #[error("POLL_QUESTION_INVALID")]
    BadQuestion,
    /// A poll has no answers or too many.
    #[error("POLL_ANSWERS_INVALID")]
    BadAnswers,
    /// A poll's answer is empty or too long.
    #[error("POLL_ANSWER_INVALID")]
    BadAnswer,
    /// A quiz's right answer is none of its answers.
    #[error("QUIZ_CORRECT_ANSWER_INVALID")]
    BadCorrectAnswer,
    /// A contact without a name.
    #[error("CONTACT_NAME_EMPTY")]
    NoContactName,
    /// A contact without a number.
    #[error("PHONE_NUMBER_INVALID")]
    NoContactPhone,
    /// A field of a contact or a venue is too long.
    #[error("MEDIA_INVALID")]
    FieldTooLong,
    /// A point that is not on Earth.
    #[error("GEO_POINT_INVALID")]
    BadPoint,
    /// More buttons than allowed, in all or in a row, or an empty row.
    #[error("REPLY_MARKUP_TOO_LONG")]
    TooManyButtons,
    /// A button's label is empty or too long.
    #[error("BUTTON_TEXT_INVALID")]
    BadButtonText,
    /// A button's data is empty or too long.
    #[error("BUTTON_DATA_INVALID")]
    BadButtonData,
    /// A button's link leads nowhere.
    #[error("BUTTON_URL_INVALID")]
    BadButtonUrl,
    /// A button's text to copy is empty or too long.
    #[error("BUTTON_COPY_TEXT_INVALID")]
    BadButtonCopy,
    /// A button that does nothing, or two things.
    #[error("BUTTON_TYPE_INVALID")]
    BadButton,
    /// An album of what does not go together.
    #[error("MULTI_MEDIA_INVALID")]
    BadAlbum,
    /// A topic's title is empty or too long.
    #[error("TOPIC_TITLE_EMPTY")]
    NoTopicTitle,
    /// A group's title is empty or too long.
    #[error("CHAT_TITLE_EMPTY")]
    NoTitle,
    /// A group's description is too long.
    #[error("CHAT_ABOUT_TOO_LONG")]
    AboutTooLong,
}
