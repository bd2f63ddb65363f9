//! Telegram's rule on which messages a bot is shown in a group.

use super::message::{Message, Service};
use super::state::State;

/// Whether a bot receives a message (Bot API documentation, "Privacy mode", and the opt-in
/// bot-to-bot mode of 2026):
/// its own messages never; service messages always, and of those that it caused itself the ones
/// about the title, topics, pins and who left; other bots' messages only in bot-to-bot mode;
/// people's messages when privacy mode is off or the bot is an administrator, and otherwise only
/// commands that may be meant for it, replies to it and mentions of it. Somebody who left is shown
/// no more than that.
#[must_use]
pub fn bot_sees(state: &State, bot_id: i64, message: &Message) -> bool {
    let (Some(user), Some(group)) = (state.user(bot_id), state.group(message.group)) else {
        return false;
    };
    let Some(bot) = &user.bot else { return false };
    if !group.members.contains(&bot_id) {
        return message.service == Some(Service::Left { person: bot_id });
    }
    match &message.service {
        Some(Service::GroupTitle { .. } | Service::Joined { .. }) => {
            return message.from != bot_id;
        }
        Some(_) => return true,
        None if message.from == bot_id => return false,
        None => {}
    }
    if state
        .user(message.from)
        .is_some_and(|author| author.is_bot())
        && !bot.bot_to_bot
    {
        return false;
    }
    if !bot.privacy_mode || group.administrators.contains(&bot_id) {
        return true;
    }
    let name = user.username.as_deref().unwrap_or_default();
    let replies_to_it = message
        .reply_to
        .and_then(|id| group.messages.get(&id))
        .is_some_and(|target| target.from == bot_id);
    let mentions_it = !name.is_empty()
        && message
            .text
            .to_lowercase()
            .contains(&format!("@{}", name.to_lowercase()));
    replies_to_it
        || mentions_it
        || message.via_bot == Some(bot_id)
        || addressed_command(&message.text)
            .is_some_and(|(_, to)| to.is_none_or(|to| to.eq_ignore_ascii_case(name)))
}

/// Whether an account may read a message of a group that it is in: people may read all that is not
/// hidden from them, bots their own and what [`bot_sees`] shows them.
#[must_use]
pub fn may_read(state: &State, account: i64, message: &Message) -> bool {
    let group = state.group(message.group);
    let hidden = group
        .and_then(|group| group.first_shown.get(&account))
        .is_some_and(|first| message.id < *first);
    if hidden {
        return false;
    }
    let bot = state.user(account).is_some_and(|user| user.is_bot());
    !bot || message.from == account || bot_sees(state, account, message)
}

/// The command that a text begins with, and the bot it is addressed to: `/export@our_bot all`
/// gives `("export", Some("our_bot"))`. A note (`/ text`) is none.
#[must_use]
pub fn addressed_command(text: &str) -> Option<(&str, Option<&str>)> {
    let word = text.strip_prefix('/')?.split(char::is_whitespace).next()?;
    let (command, to) = match word.split_once('@') {
        Some((command, to)) => (command, Some(to)),
        None => (word, None),
    };
    let valid = !command.is_empty()
        && command
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    valid.then_some((command, to))
}

#[cfg(test)]
mod tests {
    use super::super::{Bot, Draft, User};
    use super::*;

    const GROUP: i64 = 100;

    fn world(privacy_mode: bool, bot_to_bot: bool, administrator: bool) -> State {
        let mut state = State::new(1);
        let bot = |token: &str, privacy_mode, bot_to_bot| {
            Some(Bot {
                token: token.to_owned(),
                privacy_mode,
                bot_to_bot,
            })
        };
        let user = |id, name: &str, bot| User {
            id,
            first_name: name.to_owned(),
            username: Some(name.to_owned()),
            bot,
            ..User::default()
        };
        state.add_user(user(1, "person", None));
        state.add_user(user(2, "our_bot", bot("2:a", privacy_mode, bot_to_bot)));
        state.add_user(user(3, "crm_bot", bot("3:a", false, false)));
        state.add_group(GROUP, "Desk", true, 1, 1_000);
        for member in [2, 3] {
            state.add_member(GROUP, member, administrator && member == 2);
        }
        state
    }

    fn sees(state: &mut State, from: i64, text: &str) -> bool {
        let draft = Draft {
            text: text.to_owned(),
            ..Draft::default()
        };
        let id = state.post(GROUP, from, draft);
        let message = id
            .ok()
            .and_then(|id| state.group(GROUP)?.visible(id).cloned());
        message.is_some_and(|message| bot_sees(state, 2, &message))
    }

    #[test]
    fn other_bots_are_hidden_whatever_the_rights() {
        for administrator in [false, true] {
            assert!(!sees(
                &mut world(false, false, administrator),
                3,
                "from a customer"
            ));
        }
        assert!(sees(&mut world(false, true, false), 3, "from a customer"));
        assert!(!sees(&mut world(false, true, false), 2, "its own"));
    }

    #[test]
    fn a_bot_hears_of_what_it_did_to_the_group() {
        let mut state = world(false, false, true);
        let pinned = state.post(
            GROUP,
            2,
            Draft {
                text: "rules".to_owned(),
                ..Draft::default()
            },
        );
        let Ok(Some(id)) = pinned.and_then(|id| state.pin(GROUP, 2, id, true, false)) else {
            panic!("nothing was pinned");
        };
        let told = |state: &State, id: i32| {
            let message = state.group(GROUP).and_then(|group| group.visible(id));
            message.is_some_and(|message| bot_sees(state, 2, message))
        };
        assert!(told(&state, id));
        let left = state.set_standing(GROUP, 1, 2, super::super::Standing::Banned);
        assert_eq!(left, Ok(()));
        let last = state.group(GROUP).and_then(|group| group.top_message());
        let last = last.map(|message| message.id).unwrap_or_default();
        assert!(told(&state, last), "that it was removed");
        assert!(!told(&state, id), "and no more than that");
    }

    #[test]
    fn privacy_mode_leaves_commands_and_mentions() {
        let mut state = world(true, false, false);
        assert!(!sees(&mut state, 1, "hello"));
        assert!(!sees(&mut state, 1, "/ a note"));
        assert!(!sees(&mut state, 1, "/export@crm_bot"));
        assert!(sees(&mut state, 1, "/export last 5"));
        assert!(sees(&mut state, 1, "/export@Our_Bot"));
        assert!(sees(&mut state, 1, "ask @our_bot"));
        assert!(sees(&mut world(false, false, false), 1, "hello"));
        assert!(sees(&mut world(true, false, true), 1, "hello"));
    }
}
