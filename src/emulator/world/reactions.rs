//! Reactions to messages.

use serde::Serialize;

use super::change::What;
use super::refusal::Refusal;
use super::standing::Standing;
use super::state::State;

/// The emoji that everybody may react with, as Telegram names them.
pub const EMOJI: [&str; 73] = [
    "❤",
    "👍",
    "👎",
    "🔥",
    "🥰",
    "👏",
    "😁",
    "🤔",
    "🤯",
    "😱",
    "🤬",
    "😢",
    "🎉",
    "🤩",
    "🤮",
    "💩",
    "🙏",
    "👌",
    "🕊",
    "🤡",
    "🥱",
    "🥴",
    "😍",
    "🐳",
    "❤‍🔥",
    "🌚",
    "🌭",
    "💯",
    "🤣",
    "⚡",
    "🍌",
    "🏆",
    "💔",
    "🤨",
    "😐",
    "🍓",
    "🍾",
    "💋",
    "🖕",
    "😈",
    "😴",
    "😭",
    "🤓",
    "👻",
    "👨‍💻",
    "👀",
    "🎃",
    "🙈",
    "😇",
    "😨",
    "🤝",
    "✍",
    "🤗",
    "🫡",
    "🎅",
    "🎄",
    "☃",
    "💅",
    "🤪",
    "🗿",
    "🆒",
    "💘",
    "🙉",
    "🦄",
    "😘",
    "💊",
    "🙊",
    "😎",
    "👾",
    "🤷‍♂",
    "🤷",
    "🤷‍♀",
    "😡",
];

/// Reactions one account may put on one message.
const MOST: usize = 1;

/// One person's reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Whose.
    pub by: i64,
    /// With what.
    pub emoji: String,
    /// When, Unix seconds.
    pub date: i64,
}

impl State {
    /// Sets somebody's reactions to a message; none takes them back. Variation selectors are
    /// dropped, as Telegram does. Returns whether anything changed.
    pub fn react(&mut self, group: i64, by: i64, id: i32, emoji: &[&str]) -> Result<bool, Refusal> {
        let date = self.now();
        let place = self.member(group, by)?;
        if place.standing(by) == Standing::Restricted {
            return Err(Refusal::MayNotWrite);
        }
        let message = place.visible(id).ok_or(Refusal::NoSuchMessage)?;
        if message.service.is_some() {
            return Err(Refusal::NoSuchMessage);
        }
        let new: Vec<String> = emoji
            .iter()
            .map(|emoji| emoji.replace('\u{fe0f}', ""))
            .collect();
        if new.len() > MOST {
            return Err(Refusal::TooManyReactions);
        }
        if new.iter().any(|emoji| !EMOJI.contains(&emoji.as_str())) {
            return Err(Refusal::NoSuchReaction);
        }
        let own = message.reactions.iter().filter(|known| known.by == by);
        let old: Vec<String> = own.map(|known| known.emoji.clone()).collect();
        if old == new {
            return Ok(false);
        }
        let Some(message) = self.message_mut(group, id) else {
            return Err(Refusal::NoSuchMessage);
        };
        message.reactions.retain(|known| known.by != by);
        message.reactions.extend(new.iter().map(|emoji| Reaction {
            by,
            emoji: emoji.clone(),
            date,
        }));
        let message = message.without_past();
        let what = What::Reacted {
            message,
            by,
            old,
            new,
        };
        self.record(group, 0, what);
        Ok(true)
    }
}
