//! The Bot API over HTTP, as any client sees it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod access;
mod chats;
mod desk;
mod guarded;
mod happenings;
mod posting;
mod refusals;
mod updates;
mod webhooks;

use serde_json::Value;

use super::Limits;
use crate::emulator::server::{Emulator, Relay, Settings};
use crate::emulator::world::Draft;

async fn start(limits: Limits, relay: Relay) -> Emulator {
    let settings = Settings {
        messages: 60,
        relay,
        limits,
        ..Settings::default()
    };
    Emulator::start(settings).await.unwrap()
}

async fn quiet() -> Emulator {
    start(Limits::OFF, Relay::Bot).await
}

impl Emulator {
    fn url(&self, bot: i64, method: &str) -> String {
        let token = self.bot_token(bot).unwrap();
        format!("{}/bot{token}/{method}", self.bot_api)
    }

    async fn call(&self, method: &str, body: Value) -> Value {
        let url = self.url(self.cast.assistant, method);
        let client = reqwest::Client::new();
        let answer = client.post(url).json(&body).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// A topic of a customer.
    fn topic(&self) -> i32 {
        self.world.read(|state| {
            let group = state.group(self.cast.group).unwrap();
            let mut topics = group.topics.values();
            topics
                .find(|topic| topic.customer.is_some() && !topic.closed)
                .unwrap()
                .id
        })
    }

    fn chat(&self) -> i64 {
        super::encode::chat_id(self.cast.group)
    }

    fn operator_says(&self, text: &str) -> i32 {
        let draft = Draft {
            topic: self.topic(),
            text: text.to_owned(),
            ..Draft::default()
        };
        self.world
            .write(|state| state.post(self.cast.group, self.cast.operators[0], draft))
            .unwrap()
    }
}

fn description(answer: &Value) -> (i64, &str) {
    (
        answer["error_code"].as_i64().unwrap_or_default(),
        answer["description"].as_str().unwrap_or_default(),
    )
}
