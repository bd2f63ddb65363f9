//! Whatever a bot sends, it is answered as Telegram answers, and the world stays whole.
#![no_main]

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use tokio_util::sync::CancellationToken;
use topicvault::emulator::bot_api::{BotApi, Limits, methods};
use topicvault::emulator::faults::Faults;
use topicvault::emulator::world::{Bot, Draft, State, User, World};

const GROUP: i64 = 100;

const KINDS: [&str; 4] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
];

/// A forum with a person, a bot that administers it, and a message of each.
fn world() -> World {
    let mut state = State::new(1);
    for id in [1, 2] {
        state.add_user(User {
            id,
            first_name: "Anna".to_owned(),
            bot: (id == 2).then(|| Bot {
                token: "2:secret".to_owned(),
                privacy_mode: false,
                bot_to_bot: false,
            }),
            ..User::default()
        });
    }
    state.add_group(GROUP, "Desk", true, 1, 1_700_000_000);
    state.add_member(GROUP, 2, true);
    for from in [1, 2] {
        let draft = Draft {
            text: "hello".to_owned(),
            ..Draft::default()
        };
        state.post(GROUP, from, draft).expect("a member may post");
    }
    World::new(state)
}

// The first byte chooses the method, the second the kind of body. The address names the group and
// the bot's message, so that bodies need not guess them; they may name others.
fuzz_target!(|input: (u8, u8, &[u8])| {
    static NAMES: OnceLock<Vec<&str>> = OnceLock::new();
    let (method, kind, body) = input;
    let names = NAMES.get_or_init(|| methods().collect());
    let name = names.get(usize::from(method)).unwrap_or(&"sendMessage");
    let kind = KINDS[usize::from(kind) % KINDS.len()];
    let limits = Limits::OFF;
    let api = BotApi::new(world(), Faults::default(), limits, CancellationToken::new());
    let path = format!(
        "/bot2:secret/{name}?chat_id=-1000000000100&from_chat_id=-1000000000100&message_id=3&user_id=1"
    );
    let (status, answer) = api.answer(&path, kind, body);
    assert!(matches!(status, 200 | 400 | 403 | 409 | 413), "{status}: {answer}");
    assert_eq!(answer["ok"], status == 200);
    let (status, me) = api.answer("/bot2:secret/getUpdates", "", b"");
    assert!(matches!(status, 200 | 409), "{status}: {me}");
    // Any path and body at all.
    let path = String::from_utf8_lossy(body);
    let _ = api.answer(&path, kind, body);
});
