//! `export`: what is chosen, where it goes, and its manifest.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::Program;

/// A group as Telegram Desktop exports it: Anna and Борис, whose messages the CRM's bot posts.
fn with_export() -> Program {
    let program = Program::new();
    let service = |id: i64, title: &str| {
        json!({
            "id": id, "type": "service", "date_unixtime": "1795392000", "actor": "CRM",
            "actor_id": "user777", "action": "topic_created", "title": title, "text": "",
        })
    };
    let said = |id: i64, topic: i64, by: i64, text: &str| {
        json!({
            "id": id, "type": "message", "date_unixtime": (1_795_392_000 + id).to_string(),
            "from": if by == 777 { "CRM" } else { "Max" }, "from_id": format!("user{by}"),
            "reply_to_message_id": topic, "text": text,
        })
    };
    let messages = [
        service(2, "Anna"),
        service(3, "Борис"),
        said(
            4,
            2,
            777,
            "Hello, where is my refund for the last month, please?",
        ),
        said(5, 3, 777, "Здравствуйте, где мой возврат за прошлый месяц?"),
        said(6, 2, 400, "It is on its way to you, Anna."),
        said(7, 2, 400, "/ she called twice"),
        said(8, 2, 777, "=HYPERLINK(\"http://x\")"),
    ];
    let file = json!({
        "name": "Support desk", "type": "private_supergroup", "id": 2_101_424_779_i64,
        "messages": messages,
    });
    fs::write(program.dir().join("result.json"), file.to_string()).unwrap();
    fs::write(
        program.dir().join("topicvault.toml"),
        "[vault]\ndir = \"vault\"\n[[groups]]\nid = \"2101424779\"\n[groups.roles]\nrelays = [777]\n",
    )
    .unwrap();
    program.run(&["import", "result.json"]).with(0);
    program
}

fn ids(text: &str) -> Vec<i64> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_i64();
    text.lines().filter_map(id).collect()
}

fn files(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).unwrap();
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
    names.sort();
    names
}

#[test]
fn what_is_chosen_is_what_is_written() {
    let program = with_export();
    let chosen = |asked: &[&str]| {
        let base = ["export", "--format", "jsonl", "--out", "-"];
        ids(&program.run(&[&base, asked].concat()).with(0).stdout)
    };
    for (asked, expected) in [
        (&["--role", "customer"][..], &[4, 8, 5][..]),
        (&["--role", "note", "--role", "operator"], &[6, 7]),
        (&["--language", "ru"], &[3, 5]),
        (&["--language", "en", "--role", "operator"], &[6]),
        (&["--min-turns", "3"], &[2, 4, 6, 7, 8]),
        (&["--closed"], &[]),
        (&["--user", "400"], &[6, 7]),
        (&["--media", "any"], &[]),
        (&["--role", "customer", "--last", "2"], &[8, 5]),
    ] {
        assert_eq!(chosen(asked), expected, "{asked:?}");
    }
    for (wrong, code) in [
        (&["--user", "@nobody"][..], 7),
        (&["--user", "Anna"], 2),
        (&["--media", "hologram"], 2),
        (&["--role", "boss"], 2),
        (&["--by-topic"], 2),
    ] {
        let base = ["export", "--format", "jsonl", "--out", "-"];
        program.run(&[&base, wrong].concat()).with(code);
    }
}

#[test]
fn a_file_a_topic_lies_in_a_directory_with_its_manifest() {
    let program = with_export();
    let base = [
        "export",
        "--format",
        "markdown",
        "--by-topic",
        "--out",
        "md",
    ];
    let ran = program.run(&base).with(0);
    assert!(
        ran.stdout.contains("7 messages in 2 topics"),
        "{}",
        ran.stdout
    );
    let dir = program.dir().join("md");
    assert_eq!(files(&dir), ["2-Anna.md", "3-Борис.md", "manifest.json"]);
    let page = fs::read_to_string(dir.join("2-Anna.md")).unwrap();
    assert!(page.contains("It is on its way to you, Anna."), "{page}");
    let before = fs::read(dir.join("manifest.json")).unwrap();

    let ran = program.run(&base).with(2);
    assert!(ran.stderr.contains("is there already"), "{}", ran.stderr);
    program.run(&[&base[..], &["--force"]].concat()).with(0);
    assert_eq!(fs::read(dir.join("manifest.json")).unwrap(), before);

    // A directory of somebody else's is never replaced.
    fs::create_dir(program.dir().join("mine")).unwrap();
    fs::write(program.dir().join("mine/precious"), "x").unwrap();
    let wrong = ["export", "--by-topic", "--force", "--out", "mine"];
    let ran = program.run(&wrong).with(2);
    assert!(
        ran.stderr.contains("holds something else"),
        "{}",
        ran.stderr
    );
    assert_eq!(files(&program.dir().join("mine")), ["precious"]);
}

#[test]
fn a_manifest_tells_whether_files_are_as_they_were() {
    let program = with_export();
    program.run(&["export", "--out", "all.csv"]).with(0);
    let verify = ["export", "--verify", "all.csv.manifest.json"];
    let ran = program.run(&verify).with(0);
    assert!(
        ran.stdout.contains("as the manifest says"),
        "{}",
        ran.stdout
    );
    let path = program.dir().join("all.csv");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let ran = program.run(&verify).with(11);
    assert_eq!(ran.stdout.lines().next(), Some("differs  all.csv"));
    fs::remove_file(&path).unwrap();
    let ran = program.run(&[&verify[..], &["--json"]].concat()).with(11);
    assert_eq!(
        ran.json()["wrong"],
        json!([{"path": "all.csv", "verdict": "missing"}])
    );
    program.run(&["export", "--verify", "nothing.json"]).with(7);
    program.run(&["export", "--verify", "result.json"]).with(10);
}

#[test]
fn a_table_holds_no_formula() {
    let program = with_export();
    let ran = program
        .run(&["export", "--format", "csv", "--out", "-"])
        .with(0);
    let cell = ran.stdout.lines().find(|line| line.contains("HYPERLINK"));
    assert!(cell.unwrap().contains("\"'=HYPERLINK"), "{cell:?}");
}

#[test]
fn an_incremental_export_has_what_is_new() {
    let program = with_export();
    let base = [
        "export",
        "--format",
        "jsonl",
        "--out",
        "-",
        "--since-last",
        "warehouse",
    ];
    let pull = |more: &[&str]| ids(&program.run(&[&base[..], more].concat()).with(0).stdout);
    assert_eq!(pull(&["--role", "customer"]), [4, 8, 5]);
    assert_eq!(pull(&[]), [2, 6, 7, 3]);
    assert_eq!(pull(&[]), [0; 0]);
    assert_eq!(pull(&["--anew"]).len(), 7);
    program.run(&["export", "--anew", "--out", "x.csv"]).with(2);
    let wrong = ["export", "--since-last", "a/b", "--out", "x.csv"];
    program.run(&wrong).with(2);
    assert!(!program.dir().join("x.csv").exists());
}

#[test]
fn formats_to_train_on_need_consent() {
    let program = with_export();
    let wanted = ["export", "--format", "openai", "--out", "train.jsonl"];
    let ran = program.run(&wanted).with(3);
    assert!(ran.stderr.contains("training_consent"), "{}", ran.stderr);
    assert!(!program.dir().join("train.jsonl").exists());
    let config = program.dir().join("topicvault.toml");
    let text = fs::read_to_string(&config).unwrap();
    let consenting = text.replace(
        "[groups.roles]",
        "training_consent = \"customers\"\n[groups.roles]",
    );
    fs::write(&config, consenting).unwrap();
    let ran = program.run(&wanted).with(0);
    assert!(
        ran.stdout.contains("1 session in 2 turns of 1 customer"),
        "{}",
        ran.stdout
    );
    let line = fs::read_to_string(program.dir().join("train.jsonl")).unwrap();
    assert!(
        line.contains("[PERSON_") && !line.contains("Anna"),
        "{line}"
    );
    let ran = program
        .run(&["export", "--verify", "train.jsonl.manifest.json"])
        .with(0);
    assert!(ran.stdout.contains("3 files"), "{}", ran.stdout);
    // The key stands beside the config, for its owner only, and is used again.
    let key = fs::read(program.dir().join("pseudonyms.key")).unwrap();
    program.run(&[&wanted[..], &["--force"]].concat()).with(0);
    assert_eq!(
        fs::read_to_string(program.dir().join("train.jsonl")).unwrap(),
        line
    );
    assert_eq!(fs::read(program.dir().join("pseudonyms.key")).unwrap(), key);
    program
        .run(&["export", "--format", "openai", "--out", "t/"])
        .with(0);
    let made = files(&program.dir().join("t"));
    assert!(made.contains(&"report.html".to_owned()), "{made:?}");
    let nothing = ["--format", "dataset", "--language", "sv", "--out", "empty"];
    let ran = program.run(&[&["export"], &nothing[..]].concat()).with(0);
    let said = "no session was left";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    for wrong in [
        &["--system", "{{ customer }}"][..],
        &["--split", "50/50"],
        &["--silence", "soon"],
        &["--near", "7"],
    ] {
        program
            .run(&[&wanted[..], &["--force"], wrong].concat())
            .with(2);
    }
}
