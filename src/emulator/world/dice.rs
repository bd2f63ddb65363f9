//! What falls by chance.

use super::content::Content;
use super::state::State;

/// An emoji that falls by chance, and how high it goes.
pub type Dice = (&'static str, i32);

/// All of them.
const DICE: [Dice; 6] = [
    ("🎲", 6),
    ("🎯", 6),
    ("🎳", 6),
    ("🏀", 5),
    ("⚽", 5),
    ("🎰", 64),
];

/// The dice that an emoji stands for; variation selectors do not count.
#[must_use]
pub fn dice(emoji: &str) -> Option<Dice> {
    let plain = emoji.replace('\u{fe0f}', "");
    DICE.into_iter().find(|(known, _)| *known == plain)
}

impl State {
    /// Throws a dice or the like; how it falls follows from the seed.
    pub fn throw(&mut self, (emoji, highest): Dice) -> Content {
        let number = self.make_number();
        let fallen = self.hash(number).rem_euclid(i64::from(highest)) + 1;
        Content::Dice {
            emoji: emoji.to_owned(),
            value: i32::try_from(fallen).unwrap_or(1),
        }
    }
}
