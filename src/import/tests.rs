//! What a file holds is in the archive afterwards, once, and comes out again as it went in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::fs;

use serde_json::{Value, json};

use super::*;
use crate::archive::{Order, Reader, Selection};
use crate::model::{MessageId, TopicId};
use crate::transcript::{self, Format};

struct Place {
    dir: tempfile::TempDir,
    vault: Vault,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::create(&dir.path().join("vault")).unwrap();
        Self { dir, vault }
    }

    fn reader(&self) -> Reader {
        self.vault.reader(group()).unwrap()
    }
}

fn group() -> GroupId {
    GroupId::from_bare(2_101_424_779).unwrap()
}

fn options() -> Options {
    Options {
        group: None,
        zone: TimeZone::UTC,
        skip_bad: false,
        files: None,
        level: 3,
        at: 1_795_392_000,
    }
}

fn import(place: &Place, text: &str, options: &Options) -> Result<Report, ImportError> {
    telegram(&place.vault, text.as_bytes(), options, &mut |_| {
        ControlFlow::Continue(())
    })
}

/// An export of a forum: topics 2 and 3, replies within replies, an edit, a photo.
fn export(more: &[Value]) -> String {
    let said = |id: i32, answers: i32, text: &str| {
        json!({"id": id, "type": "message", "date_unixtime": (1_700_000_000 + id).to_string(),
            "from": format!("P{}", id % 3), "from_id": format!("user{}", id % 3 + 10),
            "reply_to_message_id": answers, "text": text,
            "text_entities": [{"type": "plain", "text": text}]})
    };
    let created = |id: i32, title: &str| {
        json!({"id": id, "type": "service", "date_unixtime": "1700000000", "actor": "Bot",
            "actor_id": "user99", "action": "topic_created", "title": title, "text": "",
            "text_entities": []})
    };
    let mut messages = vec![
        created(2, "Anna"),
        created(3, "Борис"),
        said(4, 2, "Hello, my order"),
        said(5, 3, "Где заказ?"),
        said(6, 4, "which order?"),
        said(7, 6, "number 7"),
        said(8, 5, "Скоро"),
    ];
    messages[3]["edited_unixtime"] = json!("1700000100");
    let mut general = said(9, 0, "to everybody");
    general
        .as_object_mut()
        .unwrap()
        .remove("reply_to_message_id");
    messages.push(general);
    let mut photo = said(10, 3, "see");
    photo["photo"] = json!("photos/p.jpg");
    photo["photo_file_size"] = json!(5);
    messages.push(photo);
    messages.extend_from_slice(more);
    let mut text = "{\n \"name\": \"Support desk\",\n \"type\": \"private_supergroup\",\n \"id\": 2101424779,\n \"messages\": [\n".to_owned();
    for (place, message) in messages.iter().enumerate() {
        let end = if place + 1 < messages.len() { "," } else { "" };
        writeln!(text, "  {message}{end}").unwrap();
    }
    text + " ]\n}\n"
}

fn all(reader: &Reader) -> Vec<crate::model::Snapshot> {
    let mut found = Vec::new();
    reader
        .read(&Selection::default(), Order::Id, &mut |snapshot| {
            found.push(snapshot);
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

fn written(reader: &Reader, format: Format) -> String {
    let options = transcript::Options {
        order: Order::Id,
        ..transcript::Options::new(format)
    };
    let mut out = Vec::new();
    transcript::render(reader, &options, &mut out, &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn topics_are_found_through_replies() {
    let place = Place::new();
    let report = import(&place, &export(&[]), &options()).unwrap();
    let [imported] = report.groups.as_slice() else {
        panic!()
    };
    assert_eq!((imported.messages, imported.new, imported.known), (9, 9, 0));
    let reader = place.reader();
    assert_eq!(reader.title().unwrap().as_deref(), Some("Support desk"));
    let topics: Vec<_> = all(&reader)
        .iter()
        .map(|it| {
            (
                it.message.id.0,
                it.message.topic.0,
                it.message.reply_to.as_ref().map(|to| to.id.0),
            )
        })
        .collect();
    assert_eq!(
        topics,
        [
            (2, 2, None),
            (3, 3, None),
            (4, 2, None),
            (5, 3, None),
            (6, 2, Some(4)),
            (7, 2, Some(6)),
            (8, 3, Some(5)),
            (9, 1, None),
            (10, 3, None)
        ]
    );
    let named: Vec<_> = reader
        .topics()
        .unwrap()
        .into_iter()
        .map(|topic| topic.title)
        .collect();
    assert_eq!(named, ["General", "Anna", "Борис"]);
    assert_eq!(reader.people().unwrap().len(), 4);
    assert_eq!(reader.stats().unwrap().hot, 0);
}

#[test]
fn again_is_nothing_new_and_more_is_added() {
    let place = Place::new();
    import(&place, &export(&[]), &options()).unwrap();
    let before = all(&place.reader());
    for _ in 0..2 {
        let report = import(&place, &export(&[]), &options()).unwrap();
        let imported = &report.groups[0];
        assert_eq!((imported.new, imported.edited, imported.known), (0, 0, 9));
        assert_eq!(all(&place.reader()), before);
    }
    // A later export: one more, whose answer's topic only the archive knows, and an edit.
    let later = r#"{"name": "Support desk", "type": "private_supergroup", "id": 2101424779, "messages": [
        {"id": 4, "type": "message", "date_unixtime": "1700000004", "edited_unixtime": "1700000500",
         "from": "P1", "from_id": "user11", "reply_to_message_id": 2, "text": "Hello, my order 7"},
        {"id": 11, "type": "message", "date_unixtime": "1700000011", "from": "P1", "from_id": "user11",
         "reply_to_message_id": 7, "text": "thanks"},
        {"id": 12, "type": "message", "date_unixtime": "1700000012", "from_id": "user11",
         "reply_to_message_id": 99, "text": "?"}]}"#;
    let report = import(&place, later, &options()).unwrap();
    let imported = &report.groups[0];
    assert_eq!(
        (imported.new, imported.edited, imported.known, imported.lost),
        (2, 1, 0, 1)
    );
    let reader = place.reader();
    let message = |id| reader.message(MessageId(id)).unwrap().unwrap();
    assert_eq!(message(11).message.topic, TopicId(2));
    assert_eq!(message(12).message.topic, TopicId::GENERAL);
    let edited = message(4);
    assert_eq!(edited.message.text, "Hello, my order 7");
    assert_eq!(edited.versions[0].text, "Hello, my order");
}

#[test]
fn what_went_in_comes_out() {
    let place = Place::new();
    let text = export(&[]);
    import(&place, &text, &options()).unwrap();
    let parsed = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let came = parsed(&written(&place.reader(), Format::Telegram));
    let went = parsed(&text);
    for (came, went) in came["messages"]
        .as_array()
        .unwrap()
        .iter()
        .zip(went["messages"].as_array().unwrap())
    {
        for (key, value) in went.as_object().unwrap() {
            match key.as_str() {
                // Files that do not lie there are said to be left out.
                "photo" => assert!(came[key].as_str().unwrap().starts_with('(')),
                _ => assert_eq!(&came[key], value, "{key} of {went}"),
            }
        }
    }
    // Our own exports, in both formats, into another vault each, and out again.
    let lines = written(&place.reader(), Format::Jsonl);
    let json = written(&place.reader(), Format::Telegram);
    let other = Place::new();
    super::lines(&other.vault, lines.as_bytes(), &options(), &mut |_| {
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(written(&other.reader(), Format::Jsonl), lines);
    let third = Place::new();
    import(&third, &json, &options()).unwrap();
    assert_eq!(written(&third.reader(), Format::Telegram), json);
}

#[test]
fn records_that_cannot_be_read_are_said_and_left_out_only_when_asked_to() {
    let place = Place::new();
    let text = export(&[
        json!({"id": "x"}),
        json!({"id": 11, "type": "message", "date_unixtime": "1700000011", "text": "last"}),
    ]);
    let error = import(&place, &text, &options()).unwrap_err().to_string();
    assert!(error.starts_with("line 15 (byte "), "{error}");
    assert!(!error.contains('x'), "{error}");
    assert_eq!(all(&place.reader()).len(), 9, "what came before is there");
    let skipping = Options {
        skip_bad: true,
        ..options()
    };
    let report = import(&place, &text, &skipping).unwrap();
    let imported = &report.groups[0];
    assert_eq!(
        (imported.new, imported.known, imported.left_out.bad_count),
        (1, 9, 1)
    );
    assert_eq!(imported.left_out.bad[0].line, 15);

    let cut = text.get(..text.len() - 30).unwrap();
    let place = Place::new();
    let error = import(&place, cut, &skipping).unwrap_err().to_string();
    assert!(error.contains("middle of this"), "{error}");
    assert_eq!(all(&place.reader()).len(), 9);
}

#[test]
fn files_are_taken_along_but_only_those_that_lie_beside_it() {
    let place = Place::new();
    let beside = place.dir.path().join("export");
    fs::create_dir_all(beside.join("photos")).unwrap();
    fs::write(beside.join("photos/p.jpg"), b"\xFF\xD8 a photo").unwrap();
    fs::write(place.dir.path().join("secret"), b"not yours").unwrap();
    let with = |id: i32, path: &str| {
        json!({"id": id, "type": "message", "date_unixtime": "1700000011", "from_id": "user5",
            "text": "", "file": path, "file_name": "f"})
    };
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.dir.path().join("secret"), beside.join("link")).unwrap();
    let text = export(&[
        with(11, "../secret"),
        with(12, "/etc/passwd"),
        with(13, "link"),
        with(14, "gone.pdf"),
        with(15, "photos/p.jpg"),
    ]);
    let options = Options {
        files: Some(beside),
        ..options()
    };
    for round in 0..2 {
        let report = import(&place, &text, &options).unwrap();
        assert_eq!(report.groups[0].files, 2);
        assert_eq!(report.groups[0].new, if round == 0 { 14 } else { 0 });
        let reader = place.reader();
        let media = |id| {
            reader
                .message(MessageId(id))
                .unwrap()
                .unwrap()
                .message
                .media
                .unwrap()
        };
        assert!(media(10).file_id.unwrap() < 0);
        assert_eq!(media(10).file_id, media(15).file_id, "one content");
        for id in 11..15 {
            assert_eq!(media(id).file_id, None, "{id}");
        }
        let store = place.vault.media();
        let hash = blake3::hash(b"\xFF\xD8 a photo");
        assert!(store.open(&hash).unwrap().is_some());
        assert!(store.unfinished(group()).unwrap().is_empty());
    }
}

#[test]
fn only_supergroups_are_taken_unless_one_is_named() {
    let chat = |kind: &str, id: i64| {
        format!(
            r#"{{"name": "C{id}", "type": "{kind}", "id": {id}, "messages": [{{"id": 1, "type": "message", "date_unixtime": "5", "from_id": "user1", "text": "in {id}"}}]}}"#
        )
    };
    let whole = format!(
        r#"{{"about": "", "chats": {{"list": [{}, {}, {}]}}}}"#,
        chat("personal_chat", 5),
        chat("private_supergroup", 77),
        chat("public_supergroup", 78)
    );
    let place = Place::new();
    let report = import(&place, &whole, &options()).unwrap();
    assert_eq!((report.groups.len(), report.passed_over), (2, 1));
    let one = Options {
        group: GroupId::from_bare(78),
        ..options()
    };
    let place = Place::new();
    let report = import(&place, &chat("personal_chat", 5), &one).unwrap();
    assert_eq!(report.groups[0].group, 78);
}

#[test]
fn much_is_read_in_parts_and_goes_on_after_an_interruption() {
    let more: Vec<Value> = (11..40_011)
        .map(|id| {
            json!({"id": id, "type": "message", "date_unixtime": (1_700_000_000 + id).to_string(),
                "from": "P", "from_id": "user5", "reply_to_message_id": if id % 5 == 0 { id - 3 } else { 2 + id % 2 },
                "text": format!("message {id}")})
        })
        .collect();
    let text = export(&more);
    let whole = Place::new();
    import(&whole, &text, &options()).unwrap();
    let place = Place::new();
    let report = telegram(&place.vault, text.as_bytes(), &options(), &mut |_| {
        ControlFlow::Break(())
    })
    .unwrap();
    assert_eq!(report.groups[0].new, 8_192);
    let report = import(&place, &text, &options()).unwrap();
    assert_eq!(
        (report.groups[0].known, report.groups[0].new),
        (8_192, 40_009 - 8_192)
    );
    assert!(all(&place.reader()) == all(&whole.reader()));
    assert_eq!(whole.reader().stats().unwrap().unknown, 1);
}

#[test]
fn lines_that_cannot_be_read_are_counted_wherever_they_stand() {
    let place = Place::new();
    import(&place, &export(&[]), &options()).unwrap();
    let lines = written(&place.reader(), Format::Jsonl);
    let long = format!("{{\"text\": \"{}\"}}\n", "x".repeat(17 << 20));
    let text = format!("{{\"group\": 1\n\n{long}{lines}nothing\n");
    let import = |options: &Options| {
        let place = Place::new();
        let mut go_on = |_| ControlFlow::Continue(());
        super::lines(&place.vault, text.as_bytes(), options, &mut go_on)
    };
    let error = import(&options()).unwrap_err().to_string();
    assert!(error.starts_with("line 1 (byte 0)"), "{error}");
    let skipping = Options {
        skip_bad: true,
        ..options()
    };
    let report = import(&skipping).unwrap();
    let places = |left_out: &LeftOut| -> Vec<(u64, u64)> {
        let bad = left_out.bad.iter();
        bad.map(|bad| (bad.line, bad.offset)).collect()
    };
    assert_eq!(report.left_out.bad_count, 2);
    assert_eq!(places(&report.left_out), [(1, 0), (3, 13)]);
    let [imported] = report.groups.as_slice() else {
        unreachable!("one group");
    };
    assert_eq!((imported.new, imported.left_out.bad_count), (9, 1));
    let last = 4 + lines.lines().count() as u64;
    let offset = 13 + long.len() + lines.len();
    assert_eq!(places(&imported.left_out), [(last, offset as u64)]);
}
