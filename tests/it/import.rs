//! Files into archives, by the real program.

use crate::program::Program;
use crate::vault::ids;

const EXPORT: &str = r#"{
 "name": "Old desk", "type": "private_supergroup", "id": 77, "messages": [
  {"id": 2, "type": "service", "date": "2026-11-23T00:00:00", "date_unixtime": "1795392000", "actor": "Bot", "actor_id": "user9", "action": "topic_created", "title": "Anna", "text": "", "text_entities": []},
  {"id": 3, "type": "message", "date_unixtime": "1795392001", "from": "Anna", "from_id": "user5", "reply_to_message_id": 2, "text": "Where is my refund?", "photo": "p.jpg"},
  {"id": 4, "type": "message", "date_unixtime": "1795392002", "from": "Bo", "from_id": "user6", "reply_to_message_id": 3, "text": "On its way"}
 ]
}
"#;

#[test]
fn an_export_is_imported_and_found_without_any_account() {
    let program = Program::new();
    program.file("result.json", EXPORT);
    program.file("p.jpg", "a photo");
    let ran = program.run(&["import", "result.json"]).with(0);
    assert_eq!(
        ran.stdout,
        "Old desk (-1000000000077): 3 messages, 3 new, 0 changed, 0 known, 1 file\n"
    );
    assert_eq!(
        ids(&program
            .run(&["search", "refunds topic:anna", "--json"])
            .with(0)),
        [3]
    );
    let again = program
        .run(&["import", "result.json", "--json"])
        .with(0)
        .json();
    assert_eq!(again["groups"][0]["known"], 3);

    // Out as JSON Lines, through a pipe into another vault, and out again.
    let lines = program
        .run(&["export", "--format", "jsonl", "--out", "-"])
        .with(0)
        .stdout;
    program.file("lines.jsonl", &lines);
    program
        .run(&["--vault", "other", "import", "lines.jsonl", "--no-seal"])
        .with(0);
    let out = [
        "--vault", "other", "export", "--format", "jsonl", "--out", "-",
    ];
    assert_eq!(program.run(&out).with(0).stdout, lines);
}

#[test]
fn what_cannot_be_imported_is_said_with_its_place() {
    let program = Program::new();
    let ran = program.run(&["import", "nowhere.json"]).with(10);
    assert!(
        ran.stderr.contains("help: Telegram Desktop"),
        "{}",
        ran.stderr
    );
    program.run(&["import", "."]).with(2);
    program.file("page.json", "<html>");
    let ran = program.run(&["import", "page.json"]).with(10);
    assert!(
        ran.stderr
            .contains("page.json, line 1 (byte 0): this is no Telegram"),
        "{}",
        ran.stderr
    );
    program.file("bad.json", EXPORT.replace("\"id\": 4", "\"id\": \"4\""));
    let ran = program.run(&["import", "bad.json"]).with(10);
    assert!(
        ran.stderr.contains("bad.json, line 5 (byte "),
        "{}",
        ran.stderr
    );
    program.run(&["import", "--check", "bad.json"]).with(10);
    let ran = program
        .run(&["import", "--check", "--skip-bad", "bad.json"])
        .with(0);
    assert_eq!(ran.stdout, "Old desk: 2 messages can be read, 1 cannot\n");
    let ran = program.run(&["import", "--skip-bad", "bad.json"]).with(0);
    assert!(ran.stdout.contains("1 left out"), "{}", ran.stdout);
    assert!(ran.stderr.contains("left out: line 5"), "{}", ran.stderr);
    program.file("bad.jsonl", "{\"group\": 1\n");
    let ran = program.run(&["import", "--skip-bad", "bad.jsonl"]).with(7);
    assert!(ran.stderr.contains("left out: line 1"), "{}", ran.stderr);
    assert!(ran.stderr.contains("no line of"), "{}", ran.stderr);
    program.file(
        "chat.json",
        EXPORT.replace("private_supergroup", "personal_chat"),
    );
    let ran = program.run(&["import", "chat.json"]).with(7);
    assert!(ran.stderr.contains("--group ID"), "{}", ran.stderr);
    program
        .run(&["import", "chat.json", "--group", "-1000000000078"])
        .with(0);
}
