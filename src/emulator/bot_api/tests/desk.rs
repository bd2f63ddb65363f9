//! A small world whose Bot API is asked without a socket.

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::super::{BotApi, Limits};
use crate::emulator::faults::Faults;
use crate::emulator::world::{Bot, Draft, State, User, World};

pub(super) const GROUP: i64 = 100;
pub(super) const CHAT: i64 = -1_000_000_000_100;
/// People: the owner, a member, somebody who is not in the group.
pub(super) const OWNER: i64 = 1;
pub(super) const ANNA: i64 = 2;
pub(super) const STRANGER: i64 = 3;
/// Bots: an administrator, a member, another member, one that is not in the group.
pub(super) const CHIEF: i64 = 11;
pub(super) const PLAIN: i64 = 12;
pub(super) const OTHER: i64 = 13;
pub(super) const OUTSIDER: i64 = 14;

#[derive(Debug)]
pub(super) struct Desk {
    pub(super) world: World,
    pub(super) api: BotApi,
    pub(super) stop: CancellationToken,
}

pub(super) fn desk(limits: Limits) -> Desk {
    let mut state = State::new(7);
    for (id, name, bot) in [
        (OWNER, "Owner", false),
        (ANNA, "Anna", false),
        (STRANGER, "Stranger", false),
        (CHIEF, "chief_bot", true),
        (PLAIN, "plain_bot", true),
        (OTHER, "other_bot", true),
        (OUTSIDER, "outsider_bot", true),
    ] {
        state.add_user(User {
            id,
            first_name: name.to_owned(),
            username: Some(name.to_owned()),
            bot: bot.then(|| Bot {
                token: format!("{id}:secret"),
                privacy_mode: false,
                bot_to_bot: false,
            }),
            ..User::default()
        });
    }
    let now = state.now();
    state.add_group(GROUP, "Desk", true, OWNER, now);
    for member in [ANNA, PLAIN, OTHER] {
        state.add_member(GROUP, member, false);
    }
    state.add_member(GROUP, CHIEF, true);
    let world = World::new(state);
    let stop = CancellationToken::new();
    let api = BotApi::new(world.clone(), Faults::default(), limits, stop.clone());
    Desk { world, api, stop }
}

impl Desk {
    /// A call in the group; status and body.
    pub(super) fn raw(&self, bot: i64, method: &str, mut params: Value) -> (u16, Value) {
        if params.get("chat_id").is_none() {
            params["chat_id"] = json!(CHAT);
        }
        let path = format!("/bot{bot}:secret/{method}");
        let body = params.to_string();
        self.api.answer(&path, "application/json", body.as_bytes())
    }

    /// A call that must succeed; its result.
    pub(super) fn call(&self, bot: i64, method: &str, params: Value) -> Value {
        let (status, body) = self.raw(bot, method, params);
        assert_eq!(status, 200, "{method}: {body}");
        body["result"].clone()
    }

    /// A call that must be refused; Telegram's words.
    pub(super) fn refused(&self, bot: i64, method: &str, params: Value) -> String {
        let (status, body) = self.raw(bot, method, params);
        assert_ne!(status, 200, "{method}: {body}");
        assert_eq!(body["ok"], false);
        assert_eq!(body["error_code"], status);
        body["description"].as_str().unwrap().to_owned()
    }

    pub(super) fn says(&self, who: i64, text: &str) -> i32 {
        let draft = Draft {
            text: text.to_owned(),
            ..Draft::default()
        };
        self.world
            .write(|state| state.post(GROUP, who, draft))
            .unwrap()
    }

    /// What waits for a bot, forgotten by asking: kind and content.
    pub(super) fn updates(&self, bot: i64) -> Vec<(String, Value)> {
        let updates = self.call(bot, "getUpdates", json!({}));
        let updates = updates.as_array().unwrap().clone();
        if let Some(last) = updates.last() {
            let next = last["update_id"].as_i64().unwrap() + 1;
            self.call(bot, "getUpdates", json!({ "offset": next }));
        }
        updates
            .iter()
            .map(|update| {
                let (kind, content) = update
                    .as_object()
                    .unwrap()
                    .iter()
                    .find(|(name, _)| *name != "update_id")
                    .unwrap();
                (kind.clone(), content.clone())
            })
            .collect()
    }

    pub(super) fn kinds(&self, bot: i64) -> Vec<String> {
        let updates = self.updates(bot);
        updates.into_iter().map(|(kind, _)| kind).collect()
    }
}
