//! Buttons pressed and what bots answer.

use super::change::{Press, PressAnswer, What};
use super::limits;
use super::refusal::Refusal;
use super::state::State;

/// Presses that can wait for an answer; the oldest is forgotten first.
const WAITING: usize = 10_000;

impl State {
    /// Presses the button with this data below a message and returns the press's number. The bot
    /// that posted the message is told; its answer is had by [`State::press_answer`].
    pub fn press(&mut self, group: i64, by: i64, id: i32, data: &str) -> Result<i64, Refusal> {
        let place = self.member(group, by)?;
        let message = place.visible(id).ok_or(Refusal::NoSuchMessage)?;
        let bot = message.via_bot.unwrap_or(message.from);
        let there = message
            .buttons
            .iter()
            .flatten()
            .any(|button| button.url.is_none() && button.data.as_deref() == Some(data));
        if !there {
            return Err(Refusal::NoSuchButton);
        }
        if !self.user(bot).is_some_and(|user| user.is_bot()) {
            return Err(Refusal::NoSuchButton);
        }
        self.presses_made += 1;
        let number = self.hash(0x00ca_11ba).wrapping_add(self.presses_made) & i64::MAX;
        while self.presses.len() >= WAITING {
            self.presses.pop_first();
        }
        self.presses.insert(number, (bot, None));
        let press = Press {
            id: number,
            by,
            message: id,
            bot,
            data: data.to_owned(),
        };
        self.record(group, 0, What::Pressed(press));
        Ok(number)
    }

    /// A bot answers a press, once.
    pub fn answer_press(
        &mut self,
        bot: i64,
        press: i64,
        answer: PressAnswer,
    ) -> Result<(), Refusal> {
        limits::press_answer(&answer.text)?;
        match self.presses.get_mut(&press) {
            Some((of, known @ None)) if *of == bot => {
                *known = Some(answer);
                self.stir();
                Ok(())
            }
            _ => Err(Refusal::NoSuchPress),
        }
    }

    /// What was answered to a press so far.
    #[must_use]
    pub fn press_answer(&self, press: i64) -> Option<&PressAnswer> {
        self.presses.get(&press)?.1.as_ref()
    }
}
