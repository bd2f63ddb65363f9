//! `audit`: an archive that is complete says so, one that is not names what is missing and is healed.

use serde_json::Value;
use topicvault::archive::{FileChange, Vault};
use topicvault::emulator::faults::Failure;
use topicvault::emulator::server::Settings;
use topicvault::model::{
    Event, Media, MediaKind, Message, MessageId, Observed, PersonId, Source, TopicId,
};

use crate::desk::{Desk, Spoken};
use crate::program::Program;

const GROUP: &str = "2101424779";

/// A vault with a hole: ids 1 to 3 and 7 are known.
fn with_a_hole() -> Program {
    let program = Program::new();
    program.file("topicvault.toml", "");
    let vault = Vault::create(&program.dir().join("vault")).unwrap();
    let mut writer = vault.writer(GROUP.parse().unwrap()).unwrap();
    writer.set_title("Desk").unwrap();
    let seen = |event| Observed {
        event,
        source: Source::History,
        at: 1_700_000_000,
    };
    let message = |id: i32, topic| {
        let date = 1_700_000_000 + i64::from(id) * 3_600;
        let message = Message::text(MessageId(id), TopicId(topic), date, PersonId(5), "hello");
        seen(Event::Message(Box::new(message)))
    };
    let events = [
        message(1, 1),
        message(2, 2),
        message(7, 2),
        seen(Event::Deleted(vec![MessageId(2)])),
        seen(Event::Empty(vec![MessageId(3)])),
    ];
    writer.append(&events, &[]).unwrap();
    program
}

#[test]
fn what_is_missing_is_named_and_tells_in_the_exit_code() {
    let program = with_a_hole();
    let ran = program.run(&["--json", "audit", "--topics"]).with(9);
    assert!(
        ran.stderr.contains("3 message ids unknown"),
        "{}",
        ran.stderr
    );
    let audit = &ran.json()[0];
    assert_eq!(audit["complete"], false);
    assert_eq!(audit["unknown"], serde_json::json!([[4, 6]]));
    let ids = &audit["ids"];
    for (name, count) in [
        ("captured", 2),
        ("deleted", 1),
        ("empty", 1),
        ("erased", 0),
        ("expired", 0),
        ("unknown", 3),
    ] {
        assert_eq!(ids[name], count, "{name}");
    }
    let topics = audit["topics"].as_array().unwrap();
    let of = |id: i32| topics.iter().find(|topic| topic["topic"] == id).unwrap();
    assert_eq!(
        (&of(2)["captured"], &of(2)["deleted"]),
        (&1.into(), &1.into())
    );
    assert_eq!(of(2)["unknown_at_most"], 3);
    assert_eq!(of(2)["oldest"]["id"], 2);
    assert_eq!(of(2)["newest"]["id"], 7);

    let text = program.run(&["audit"]).with(9).stdout;
    assert!(text.contains("3 ids unknown"), "{text}");
    assert!(text.contains("4 to 6"), "{text}");
    program.run(&["audit", "--topic", "99"]).with(7);
    program.run(&["audit", "--group", "nobody"]).with(7);
}

#[test]
fn missing_files_and_disputes_are_listed() {
    let program = with_a_hole();
    let vault = Vault::open(&program.dir().join("vault")).unwrap();
    let mut writer = vault.writer(GROUP.parse().unwrap()).unwrap();
    let seen = |message: Message, source| Observed {
        event: Event::Message(Box::new(message)),
        source,
        at: 1_700_000_000,
    };
    let mut carrying = Message::text(MessageId(8), TopicId(2), 1_700_100_000, PersonId(5), "");
    carrying.media = Some(Media {
        file_id: Some(4_711),
        size: Some(1_000),
        ..Media::of(MediaKind::Photo)
    });
    let other = Message::text(
        MessageId(7),
        TopicId(2),
        1_700_000_000,
        PersonId(5),
        "goodbye",
    );
    let events = [seen(carrying, Source::History), seen(other, Source::Bot)];
    writer.append(&events, &[]).unwrap();
    let failed = FileChange::Failed {
        id: 4_711,
        reason: "no luck".to_owned(),
        next_at: 1_800_000_000,
    };
    writer.note_files(&[failed]).unwrap();
    drop(writer);
    let ran = program.run(&["--json", "audit"]).with(9);
    let audit = &ran.json()[0];
    let file = &audit["missing_files"][0];
    assert_eq!((&file["file"], &file["tries"]), (&4_711.into(), &1.into()));
    assert_eq!(
        (&file["message"], &file["reason"]),
        (&8.into(), &"no luck".into())
    );
    let dispute = &audit["disputes"][0];
    assert_eq!(
        (&dispute["message"], &dispute["source"]),
        (&7.into(), &"bot".into())
    );
    assert_eq!(
        (&dispute["held"]["text"], &dispute["said"]["text"]),
        (&"hello".into(), &"goodbye".into())
    );
    let text = program.run(&["audit"]).with(9).stdout;
    assert!(text.contains("photo: no luck"), "{text}");
    // What was said is for those who ask for it.
    assert!(
        text.contains("disputes") && !text.contains("goodbye"),
        "{text}"
    );
}

#[test]
fn what_is_erased_is_not_missing() {
    let program = with_a_hole();
    let vault = Vault::open(&program.dir().join("vault")).unwrap();
    let mut writer = vault.writer(GROUP.parse().unwrap()).unwrap();
    writer
        .settle(4..=6, topicvault::archive::Known::Erased)
        .unwrap();
    drop(writer);
    let ran = program.run(&["--json", "audit"]).with(9);
    assert_eq!(ran.json()[0]["ids"]["erased"], 3);
    // Nothing is unknown; but nobody ever compared it with the group.
    assert_eq!(ran.json()[0]["ids"]["unknown"], 0);
    assert!(ran.stderr.contains("never compared"), "{}", ran.stderr);
}

async fn audit(desk: &Desk, args: &[&str]) -> (i32, Value) {
    let (code, printed, _) = desk.ask(&[&["audit"], args].concat()).await;
    (code, printed)
}

#[tokio::test(flavor = "multi_thread")]
async fn healing_fetches_everything_and_finds_what_changed() {
    let settings = Settings {
        messages: 1_500,
        ..Settings::default()
    };
    let desk = Desk::open(settings, "").await;
    let (code, audited) = audit(&desk, &["--heal"]).await;
    assert_eq!(
        (code, &audited[0]["complete"]),
        (0, &true.into()),
        "{audited}"
    );

    // While nobody looks.
    let (group, operator) = (desk.group, desk.emulator.cast.operators[0]);
    let gone = desk.emulator.world.write(|state| {
        let ids = state.group(group).unwrap().ids().to_vec();
        let newest: Vec<i32> = ids.iter().rev().take(3).copied().collect();
        state.delete(group, operator, &newest).unwrap()
    });
    let (code, audited) = audit(&desk, &["--heal"]).await;
    assert_eq!(code, 0);
    let deleted = audited[0]["ids"]["deleted"].as_u64().unwrap();
    assert_eq!(deleted, gone.len() as u64, "{audited}");
    let top = desk.emulator.world.read(|state| {
        let group = state.group(group).unwrap();
        *group.messages.keys().next_back().unwrap()
    });
    assert_eq!(audited[0]["up_to"], top);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_service_is_waited_for() {
    let settings = Settings {
        messages: 2_500,
        ..Settings::default()
    };
    let desk = Desk::open(settings, "").await;
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("capturing one group").await;
    let (code, audited) = audit(&desk, &["--heal", "--group", GROUP]).await;
    assert_eq!(
        (code, &audited[0]["complete"]),
        (0, &true.into()),
        "{audited}"
    );
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_ends_the_healing_all_the_same() {
    let settings = Settings {
        messages: 300,
        ..Settings::default()
    };
    let desk = Desk::open(settings, "").await;
    desk.emulator.faults.fail_mtproto(Failure {
        method: "messages.getHistory".to_owned(),
        code: 400,
        message: "CHAT_ADMIN_REQUIRED".to_owned(),
        retry_after: None,
        times: 1_000,
    });
    let (code, audited) = audit(&desk, &["--heal"]).await;
    assert_eq!(
        (code, &audited[0]["complete"]),
        (9, &false.into()),
        "{audited}"
    );

    // Of another group, nothing was asked.
    let (code, _) = audit(&desk, &["--heal", "--group", "4711"]).await;
    assert_eq!(code, 3);
}

#[test]
fn a_group_that_nobody_captured_yet_is_incomplete() {
    let program = with_a_hole();
    program.file("topicvault.toml", "[[groups]]\nid = \"4711\"\n");
    let ran = program.run(&["--json", "audit"]).with(9);
    let audits = ran.json();
    assert_eq!(audits[1]["group"], 4_711);
    assert_eq!(
        (&audits[1]["complete"], &audits[1]["up_to"]),
        (&false.into(), &0.into())
    );
    assert!(ran.stderr.contains("no archive yet"), "{}", ran.stderr);
}
