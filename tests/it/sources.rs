//! The bot as a second source: beside the userbot it changes nothing, without it nothing is lost.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use topicvault::archive::Witness;
use topicvault::emulator::server::Settings;
use topicvault::emulator::world::{
    Content, Draft, File, FileKind, Forward, Poll, PollOption, Quote,
};
use topicvault::model::{MessageId, Snapshot, Source};

use crate::desk::{Desk, Spoken};

const PATIENCE: Duration = Duration::from_secs(60);

async fn desk(messages: usize) -> Desk {
    let settings = Settings {
        messages,
        ..Settings::default()
    };
    Desk::open(settings, "").await
}

fn edit(desk: &Desk, id: i32, text: &str) {
    let draft = Draft {
        text: text.to_owned(),
        ..Draft::default()
    };
    let done = desk
        .emulator
        .world
        .write(|state| state.edit(desk.group, desk.operator, id, draft));
    done.unwrap();
}

fn held(desk: &Desk, id: i32) -> Option<Snapshot> {
    desk.reader()?.message(MessageId(id)).ok()?
}

fn texts(found: &Snapshot) -> Vec<&str> {
    let earlier = found.versions.iter().map(|version| version.text.as_str());
    earlier.chain([found.message.text.as_str()]).collect()
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn audit(desk: &Desk) -> Value {
    desk.ask(&["audit"]).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_the_userbot_it_neither_doubles_nor_disputes_anything() {
    let desk = desk(50).await;
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("caught up").await;
    let mut ids = Vec::new();
    let mut edited = BTreeMap::new();
    for number in 0..40 {
        let id = desk.operator_says(&format!(
            "*answer* {number} for @anna #{number} https://example.org"
        ));
        ids.push(id);
        if number % 4 == 0 {
            // The edit of a second ago has a time of its own.
            tokio::time::sleep(Duration::from_millis(30)).await;
            edit(&desk, id, &format!("better answer {number}"));
            edited.insert(id, format!("better answer {number}"));
        }
    }
    // What the bot says itself, it is not shown.
    let export = desk.operator_says("/status");
    desk.until_posted("messages").await;
    ids.push(export);
    for id in &ids {
        desk.until_captured(*id).await;
    }
    until("the edits are there", || {
        edited
            .iter()
            .all(|(id, text)| held(&desk, *id).is_some_and(|it| it.message.text == *text))
    })
    .await;
    // The bot has polled everything by then: the next poll is answered at once.
    tokio::time::sleep(Duration::from_secs(1)).await;
    for id in &ids {
        let found = held(&desk, *id).unwrap();
        let versions = 1 + usize::from(edited.contains_key(id));
        assert_eq!(texts(&found).len(), versions, "{:?}", texts(&found));
    }
    let audited = audit(&desk).await;
    assert_eq!(audited[0]["disputes"], serde_json::json!([]));
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_userbot_nothing_that_people_write_is_lost() {
    let desk = desk(50).await;
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("caught up").await;
    let before = desk.operator_says("before");
    desk.until_captured(before).await;

    // Telegram is out of reach over MTProto only.
    desk.emulator
        .faults
        .refuse_connections(Duration::from_secs(3_600));
    desk.emulator.faults.drop_connections();
    service.until_said("cannot be reached").await;
    let kept = desk.operator_says("kept");
    let gone = desk.operator_says("gone");
    for (id, text) in [(kept, "kept"), (gone, "gone")] {
        until("the bot has seen it", || {
            held(&desk, id).is_some_and(|it| it.message.text == text && it.by == Some(Source::Bot))
        })
        .await;
    }
    for (wait, text) in [(1_100, "kept, edited"), (1_100, "kept, edited twice")] {
        tokio::time::sleep(Duration::from_millis(wait)).await;
        edit(&desk, kept, text);
        until("the bot has seen the edit", || {
            held(&desk, kept).is_some_and(|it| it.message.text == text)
        })
        .await;
    }
    // Another bot is shown to ours only where Telegram lets bots see each other.
    let crm = desk.emulator.cast.crm_bot;
    let by_bot = |text: &str| {
        let draft = Draft {
            topic: desk.topic,
            text: text.to_owned(),
            ..Draft::default()
        };
        let posted = desk
            .emulator
            .world
            .write(|state| state.post(desk.group, crm, draft));
        posted.unwrap()
    };
    let hidden = by_bot("a customer's words");
    desk.emulator.world.write(|state| {
        for bot in [desk.emulator.cast.assistant, crm] {
            let user = state.user_mut(bot).unwrap();
            user.bot.as_mut().unwrap().bot_to_bot = true;
        }
    });
    let open = by_bot("a customer's next words");
    until("the bot has seen the other bot", || {
        held(&desk, open).is_some()
    })
    .await;
    assert_eq!(held(&desk, open).unwrap().by, Some(Source::Bot));
    assert_eq!(held(&desk, hidden), None);
    let done = desk
        .emulator
        .world
        .write(|state| state.delete(desk.group, desk.operator, &[gone]));
    done.unwrap();
    let witness = |id: i32| desk.reader().unwrap().coverage(id..=id).unwrap()[0].witness;
    assert_eq!(witness(kept), Witness::Bot);

    desk.emulator.faults.refuse_connections(Duration::ZERO);
    until("the userbot is back and knows better", || {
        held(&desk, gone).is_some_and(|it| it.deleted_at.is_some())
            && witness(kept) == Witness::Userbot
    })
    .await;
    let after = desk.operator_says("after");
    desk.until_captured(after).await;
    assert_eq!(texts(&held(&desk, hidden).unwrap()), ["a customer's words"]);
    let found = held(&desk, kept).unwrap();
    assert_eq!(
        texts(&found),
        ["kept", "kept, edited", "kept, edited twice"]
    );
    assert_eq!(texts(&held(&desk, gone).unwrap()), ["gone"]);
    assert_eq!(audit(&desk).await[0]["disputes"], serde_json::json!([]));
    service.end().await;
}

/// One of everything that people can post.
fn everything(desk: &Desk) -> Vec<Draft> {
    let first = desk.operator_says("a long sentence, *bold* for @anna, #tag https://example.org");
    let file = |kind| {
        let file = File {
            kind,
            name: "a name.bin".to_owned(),
            mime_type: "application/octet-stream".to_owned(),
            bytes: vec![1; 100].into(),
            width: 10,
            height: 10,
            duration: 3,
            emoji: "👍".to_owned(),
            ..File::default()
        };
        let id = desk.emulator.world.write(|state| state.add_file(file));
        let captioned = !matches!(kind, FileKind::VideoNote | FileKind::Sticker);
        Draft {
            text: if captioned { "see attached" } else { "" }.to_owned(),
            file: Some(id),
            ..Draft::default()
        }
    };
    let content = |content| Draft {
        content: Some(content),
        ..Draft::default()
    };
    let mut drafts: Vec<Draft> = FileKind::ALL.into_iter().map(file).collect();
    drafts.push(Draft {
        album: Some(4_711),
        ..file(FileKind::Photo)
    });
    drafts.push(content(Content::Contact {
        phone: "+49 170 1234567".to_owned(),
        first_name: "Anna".to_owned(),
        last_name: String::new(),
        user_id: None,
    }));
    drafts.push(content(Content::Poll(Poll {
        question: "Tea or coffee?".to_owned(),
        options: ["tea", "coffee"]
            .map(|text| PollOption {
                text: text.to_owned(),
                ..PollOption::default()
            })
            .into(),
        anonymous: true,
        ..Poll::default()
    })));
    drafts.push(Draft {
        text: "that one".to_owned(),
        reply_to: Some(first),
        quote: Some(Quote {
            text: "long".to_owned(),
            offset: 2,
            ..Quote::default()
        }),
        ..Draft::default()
    });
    drafts.push(Draft {
        text: "passed on".to_owned(),
        forward: Some(Forward {
            from: None,
            name: Some("Somebody".to_owned()),
            date: 1_700_000_000,
        }),
        ..Draft::default()
    });
    for draft in &mut drafts {
        draft.topic = desk.topic;
    }
    drafts
}

#[tokio::test(flavor = "multi_thread")]
async fn both_show_the_same_of_everything() {
    let desk = desk(50).await;
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("caught up").await;
    desk.emulator
        .faults
        .refuse_connections(Duration::from_secs(3_600));
    desk.emulator.faults.drop_connections();
    service.until_said("cannot be reached").await;
    let mut ids = Vec::new();
    for draft in everything(&desk) {
        let posted = desk
            .emulator
            .world
            .write(|state| state.post(desk.group, desk.operator, draft));
        ids.push(posted.unwrap());
    }
    let newest = *ids.last().unwrap();
    until("the bot has seen all", || held(&desk, newest).is_some()).await;
    let by_bot: Vec<Snapshot> = ids.iter().map(|id| held(&desk, *id).unwrap()).collect();
    assert!(by_bot.iter().all(|it| it.by == Some(Source::Bot)));

    desk.emulator.faults.refuse_connections(Duration::ZERO);
    let witness = |id: i32| desk.reader().unwrap().coverage(id..=id).unwrap()[0].witness;
    until("the userbot has seen all", || {
        ids.iter().all(|id| witness(*id) == Witness::Userbot)
    })
    .await;
    for bot in by_bot {
        let own = held(&desk, bot.message.id.0).unwrap();
        assert_eq!(own.versions, []);
        let (mut own, mut bot) = (own.message, bot.message.clone());
        assert_eq!(own.kind(), bot.kind());
        // What the Bot API does not tell of a file.
        if let (Some(own), Some(bot)) = (&mut own.media, &mut bot.media) {
            own.file_id = None;
            own.file_name = own.file_name.take().filter(|_| bot.file_name.is_some());
            own.mime_type = own.mime_type.take().filter(|_| bot.mime_type.is_some());
            own.width = own.width.take().filter(|_| bot.width.is_some());
            own.height = own.height.take().filter(|_| bot.height.is_some());
            own.note = own.note.take().filter(|_| bot.note.is_some());
        }
        assert_eq!(own, bot);
    }
    assert_eq!(audit(&desk).await[0]["disputes"], serde_json::json!([]));
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bot_saw_is_safe_before_telegram_forgets_it() {
    let desk = desk(30).await;
    // The userbot never comes.
    desk.emulator
        .faults
        .refuse_connections(Duration::from_secs(3_600));
    let mut ids = Vec::new();
    for round in 0..4 {
        let mut service = desk.program(&["run"]).spawn().unwrap();
        for number in 0..20 {
            let draft = Draft {
                topic: desk.topic,
                text: format!("{round} {number}"),
                ..Draft::default()
            };
            let id = desk
                .emulator
                .world
                .write(|state| state.post(desk.group, desk.operator, draft));
            ids.push(id.unwrap());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let newest = *ids.last().unwrap();
        if round == 3 {
            until("the last one is seen", || held(&desk, newest).is_some()).await;
        } else {
            tokio::time::sleep(Duration::from_millis(1_000 + 137 * round)).await;
        }
        service.kill().unwrap();
        service.wait().unwrap();
    }
    let lost: Vec<i32> = ids
        .iter()
        .copied()
        .filter(|id| held(&desk, *id).is_none())
        .collect();
    assert_eq!(lost, Vec::<i32>::new());
}
