//! Who comes to the stage from outside: the owner of the userbot's account, and a witness.

use std::io;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::narrate::Narrator;
use crate::bot::{self, Seen};
use crate::capture::LoginPrompt;
use crate::emulator::server::Emulator;
use crate::emulator::world::{Bot, User};

/// An id that no one in the world has: a bot that only listens.
const WITNESS: i64 = 7_999_999_999;

/// Lets an ordinary bot (privacy mode off, no administrator) join and listen with teloxide.
pub(super) fn call_witness(
    emulator: &Emulator,
    stop: &CancellationToken,
) -> mpsc::UnboundedReceiver<Seen> {
    let token = emulator.world.write(|state| {
        let token = format!("{WITNESS}:{:032x}", state.hash(WITNESS).unsigned_abs());
        let bot = Bot {
            token: token.clone(),
            privacy_mode: false,
            bot_to_bot: false,
        };
        state.add_user(User {
            id: WITNESS,
            first_name: "Ordinary Bot".to_owned(),
            username: Some("ordinary_bot".to_owned()),
            bot: Some(bot),
            ..User::default()
        });
        state.add_member(emulator.cast.group, WITNESS, false);
        token
    });
    let (sender, reports) = mpsc::unbounded_channel();
    tokio::spawn(bot::witness(
        token,
        emulator.bot_api.clone(),
        sender,
        stop.clone(),
    ));
    reports
}

/// Answers the login's questions as its owner would, and says so.
pub(super) struct DemoLogin {
    pub(super) narrator: Narrator,
    pub(super) phone: String,
    pub(super) code: String,
    pub(super) password: String,
}

impl LoginPrompt for DemoLogin {
    fn phone(&mut self) -> io::Result<String> {
        self.narrator.remark(&format!("phone: {}", self.phone));
        Ok(self.phone.clone())
    }

    fn code(&mut self, _again: bool) -> io::Result<String> {
        self.narrator.remark("the code that Telegram sent: entered");
        Ok(self.code.clone())
    }

    fn password(&mut self, _hint: Option<&str>, _again: bool) -> io::Result<String> {
        self.narrator.remark("the two-step password: entered");
        Ok(self.password.clone())
    }
}
