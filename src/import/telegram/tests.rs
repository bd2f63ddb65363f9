#![allow(clippy::unwrap_used, clippy::panic)]
use super::*;

fn parse(json: &str) -> Result<Read, String> {
    let raw: Raw<'_> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    read(raw, &TimeZone::get("Europe/Berlin").unwrap())
}

#[test]
fn an_ordinary_message() {
    let read = parse(
        r#"{"id": 7, "type": "message", "date": "2026-11-23T01:00:00", "date_unixtime": "1795392000",
        "edited": "2026-11-23T01:01:00", "edited_unixtime": "1795392060",
        "from": "Anna \u0421", "from_id": "user5", "reply_to_message_id": 3,
        "text": ["See ", {"type": "link", "text": "https://x.y"}],
        "text_entities": [{"type": "plain", "text": "See "}, {"type": "link", "text": "https://x.y"}],
        "reactions": [{"type": "emoji", "count": 2, "emoji": "👍",
            "recent": [{"from": "Bo", "from_id": "user6", "date": "2026-11-23T02:00:00"}]}],
        "inline_bot_buttons": [[{"type": "url", "text": "Go", "data": "https://g"}, {"type": "callback", "text": "No", "data": "x"}]]}"#,
    )
    .unwrap();
    let message = &read.snapshot.message;
    assert_eq!((message.id.0, message.date), (7, 1_795_392_000));
    assert_eq!(message.edit_date, Some(1_795_392_060));
    assert_eq!(message.text, "See https://x.y");
    assert_eq!(message.entities.len(), 1);
    assert_eq!(read.answers, Some(MessageId(3)));
    let author = read.author.unwrap();
    assert_eq!((author.id, author.name.as_str()), (PersonId(5), "Anna С"));
    assert_eq!(read.snapshot.by, Some(Source::Import));
    let reactions = read.snapshot.marks.reactions.unwrap();
    assert_eq!(reactions.counts[0].count, 2);
    assert_eq!(reactions.people[0].date, 1_795_395_600);
    assert_eq!(message.buttons[0][0].url.as_deref(), Some("https://g"));
    assert_eq!(message.buttons[0][1].url, None);
}

#[test]
fn older_exports_have_less() {
    let read = parse(r#"{"id": 7, "type": "message", "date": "2026-11-23T01:00:00", "from": "A", "from_id": 5, "text": "hi"}"#).unwrap();
    assert_eq!(read.snapshot.message.date, 1_795_392_000);
    assert_eq!(read.snapshot.message.from, Some(PersonId(5)));
    assert_eq!(read.snapshot.message.text, "hi");
}

#[test]
fn media_by_its_keys() {
    let common = r#""id": 7, "type": "message", "date_unixtime": "1", "text": """#;
    for (keys, kind, file) in [
        (
            r#""photo": "photos/a.jpg", "photo_file_size": 9, "width": 3, "height": 4"#,
            MediaKind::Photo,
            Some("photos/a.jpg"),
        ),
        (
            r#""photo": "(File not included. Change data exporting settings to download.)""#,
            MediaKind::Photo,
            None,
        ),
        (
            r#""file": "files/a.ogg", "media_type": "voice_message", "duration_seconds": 3"#,
            MediaKind::Voice,
            Some("files/a.ogg"),
        ),
        (
            r#""file": "stickers/a.webp", "media_type": "sticker", "sticker_emoji": "👍""#,
            MediaKind::Sticker,
            Some("stickers/a.webp"),
        ),
        (
            r#""file": "files/a.pdf", "file_name": "a.pdf", "mime_type": "application/pdf""#,
            MediaKind::Document,
            Some("files/a.pdf"),
        ),
        (
            r#""contact_information": {"first_name": "A", "last_name": "", "phone_number": "+49 1"}"#,
            MediaKind::Contact,
            None,
        ),
        (
            r#""location_information": {"latitude": 52.5, "longitude": 13.4}"#,
            MediaKind::Location,
            None,
        ),
        (
            r#""poll": {"question": "Q?", "closed": true, "total_voters": 2, "answers": [{"text": "a", "voters": 2}]}"#,
            MediaKind::Poll,
            None,
        ),
        (
            r#""photo": "photos/x.jpg", "self_destruct_period_seconds": 5"#,
            MediaKind::Expiring,
            None,
        ),
    ] {
        let read = parse(&format!("{{{common}, {keys}}}")).unwrap();
        let media = read.snapshot.message.media.unwrap();
        assert_eq!(media.kind, kind, "{keys}");
        assert_eq!(read.file.as_deref(), file, "{keys}");
    }
}

#[test]
fn service_messages_tell_what_happened() {
    let read = parse(r#"{"id": 2, "type": "service", "date_unixtime": "5", "actor": "Bot", "actor_id": "user99", "action": "topic_created", "title": "Anna", "text": "", "text_entities": []}"#).unwrap();
    assert_eq!(
        read.snapshot.message.service,
        Some(Service::TopicCreated {
            title: "Anna".to_owned()
        })
    );
    assert_eq!(read.snapshot.message.from, Some(PersonId(99)));
    let read = parse(r#"{"id": 3, "type": "service", "date_unixtime": "5", "action": "something_new", "text": ""}"#).unwrap();
    assert_eq!(
        read.snapshot.message.service,
        Some(Service::Other {
            name: "something_new".to_owned()
        })
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    for (json, said) in [
        (
            r#"{"id": 99999999999, "date_unixtime": "1", "text": ""}"#,
            "out of range",
        ),
        (r#"{"id": 1, "text": ""}"#, "no date"),
        (
            r#"{"id": 1, "date_unixtime": "1", "text": 5}"#,
            "neither text",
        ),
        (
            r#"{"id": 1, "date_unixtime": "1", "from_id": "dog5", "text": ""}"#,
            "author's id",
        ),
        (r#"{"text": ""}"#, "missing field"),
    ] {
        let error = parse(json).unwrap_err();
        assert!(error.contains(said), "{json}: {error}");
    }
}

#[test]
fn peers_are_read_in_all_their_forms() {
    let peer = |text: &str| super::peer(&Value::from(text));
    assert_eq!(peer("user5"), Some(PersonId(5)));
    assert_eq!(peer("chat77"), Some(PersonId(-77)));
    assert_eq!(
        peer("channel2101424779"),
        Some(PersonId(-1_002_101_424_779))
    );
    assert_eq!(peer("chat18446744073709551615"), None);
    assert_eq!(peer(""), None);
}
