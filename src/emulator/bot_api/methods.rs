//! Which methods there are: what is not in this list does not exist.

use super::api::BotApi;
use super::error::Answer;
use super::params::Params;
use super::{album, chats, commands, edit, files, members, pass_on, pins, send, topics, webhook};

type Handler = fn(&BotApi, i64, &Params) -> Answer;

/// How a method is answered.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// At once.
    Now(Handler),
    /// `getUpdates`, which may wait.
    Poll,
}

use Work::Now;

/// Every method, by its documented name, with older names after the newer ones.
const METHODS: &[(&str, Work)] = &[
    ("getMe", Now(chats::get_me)),
    ("logOut", Now(chats::log_out)),
    ("close", Now(chats::log_out)),
    ("getUpdates", Work::Poll),
    ("setWebhook", Now(webhook::set)),
    ("deleteWebhook", Now(webhook::delete)),
    ("getWebhookInfo", Now(webhook::info)),
    ("sendMessage", Now(send::message)),
    ("forwardMessage", Now(pass_on::forward)),
    ("forwardMessages", Now(pass_on::forward_many)),
    ("copyMessage", Now(pass_on::copy)),
    ("copyMessages", Now(pass_on::copy_many)),
    ("sendPhoto", Now(send::photo)),
    ("sendAudio", Now(send::audio)),
    ("sendDocument", Now(send::document)),
    ("sendVideo", Now(send::video)),
    ("sendAnimation", Now(send::animation)),
    ("sendVoice", Now(send::voice)),
    ("sendVideoNote", Now(send::video_note)),
    ("sendSticker", Now(send::sticker)),
    ("sendMediaGroup", Now(album::send)),
    ("sendLocation", Now(send::location)),
    ("sendVenue", Now(send::venue)),
    ("sendContact", Now(send::contact)),
    ("sendPoll", Now(send::poll)),
    ("sendDice", Now(send::dice)),
    ("sendChatAction", Now(send::action)),
    ("setMessageReaction", Now(edit::react)),
    ("editMessageText", Now(edit::text)),
    ("editMessageCaption", Now(edit::caption)),
    ("editMessageMedia", Now(edit::media)),
    ("editMessageReplyMarkup", Now(edit::markup)),
    ("stopPoll", Now(edit::stop_poll)),
    ("deleteMessage", Now(edit::delete)),
    ("deleteMessages", Now(edit::delete_many)),
    ("answerCallbackQuery", Now(edit::answer_press)),
    ("getChat", Now(chats::get_chat)),
    ("getChatMember", Now(members::get)),
    ("getChatAdministrators", Now(members::administrators)),
    ("getChatMemberCount", Now(members::count)),
    ("getChatMembersCount", Now(members::count)),
    ("banChatMember", Now(members::ban)),
    ("kickChatMember", Now(members::ban)),
    ("unbanChatMember", Now(members::unban)),
    ("restrictChatMember", Now(members::restrict)),
    ("promoteChatMember", Now(members::promote)),
    ("leaveChat", Now(members::leave)),
    ("setChatTitle", Now(chats::set_title)),
    ("setChatDescription", Now(chats::set_description)),
    ("pinChatMessage", Now(pins::pin)),
    ("unpinChatMessage", Now(pins::unpin)),
    ("unpinAllChatMessages", Now(pins::unpin_all)),
    ("createForumTopic", Now(topics::create)),
    ("editForumTopic", Now(topics::edit)),
    ("closeForumTopic", Now(topics::close)),
    ("reopenForumTopic", Now(topics::reopen)),
    ("deleteForumTopic", Now(topics::delete)),
    ("unpinAllForumTopicMessages", Now(pins::unpin_topic)),
    ("editGeneralForumTopic", Now(topics::edit_general)),
    ("closeGeneralForumTopic", Now(topics::close_general)),
    ("reopenGeneralForumTopic", Now(topics::reopen_general)),
    ("hideGeneralForumTopic", Now(topics::hide_general)),
    ("unhideGeneralForumTopic", Now(topics::unhide_general)),
    (
        "unpinAllGeneralForumTopicMessages",
        Now(pins::unpin_general),
    ),
    ("getForumTopicIconStickers", Now(topics::icons)),
    ("setMyCommands", Now(commands::set)),
    ("getMyCommands", Now(commands::get)),
    ("deleteMyCommands", Now(commands::delete)),
    ("setMyName", Now(commands::set_name)),
    ("getMyName", Now(commands::get_name)),
    ("setMyDescription", Now(commands::set_description)),
    ("getMyDescription", Now(commands::get_description)),
    (
        "setMyShortDescription",
        Now(commands::set_short_description),
    ),
    (
        "getMyShortDescription",
        Now(commands::get_short_description),
    ),
    ("getUserProfilePhotos", Now(chats::profile_photos)),
    ("getFile", Now(files::get_file)),
];

/// The names of all methods that the built-in Bot API answers.
pub fn methods() -> impl Iterator<Item = &'static str> {
    METHODS.iter().map(|(name, _)| *name)
}

/// The method of that name, compared without case.
pub(super) fn find(name: &str) -> Option<Work> {
    METHODS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, work)| *work)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_whatever_their_case() {
        let names: BTreeSet<String> = methods().map(str::to_ascii_lowercase).collect();
        assert_eq!(names.len(), methods().count());
        assert!(matches!(find("GETUPDATES"), Some(Work::Poll)));
        assert!(find("sendMassage").is_none());
    }
}
