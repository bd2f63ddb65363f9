//! `stats`, `search` and `export` over a small vault, and vaults that cannot be used.

use std::process::Stdio;

use serde_json::Value;
use topicvault::archive::Vault;
use topicvault::model::{
    Event, GroupId, Message, MessageId, Observed, Person, PersonId, PersonKind, Service, Source,
    TopicId,
};

use crate::program::{Program, Ran};

const GROUP: &str = "-1002101424779";
/// 2026-11-23 00:00 UTC.
const DAY: i64 = 1_795_392_000;

fn seen(event: Event) -> Observed {
    Observed {
        event,
        source: Source::Live,
        at: DAY,
    }
}

fn said(id: i32, topic: i32, text: &str) -> Observed {
    let message = Message::text(
        MessageId(id),
        TopicId(topic),
        DAY + i64::from(id),
        PersonId(7),
        text,
    );
    seen(Event::Message(Box::new(message)))
}

fn topic(id: i32, title: &str) -> Observed {
    let mut message = Message::text(MessageId(id), TopicId(id), DAY, PersonId(7), "");
    message.service = Some(Service::TopicCreated {
        title: title.to_owned(),
    });
    seen(Event::Message(Box::new(message)))
}

/// A program with a vault of one group, "Support desk", in `vault`.
fn with_vault() -> Program {
    let program = Program::new();
    add_group(&program, GROUP, "Support desk");
    program
}

fn add_group(program: &Program, group: &str, title: &str) {
    let group: GroupId = group.parse().unwrap();
    let vault = Vault::create(&program.dir().join("vault")).unwrap();
    let mut writer = vault.writer(group).unwrap();
    writer.set_title(title).unwrap();
    writer
        .append(
            &[
                seen(Event::Person(Person {
                    id: PersonId(7),
                    kind: PersonKind::Bot,
                    name: "CRM \u{1b}[31mbot".to_owned(),
                    username: None,
                })),
                topic(2, "Anna"),
                topic(3, "Борис"),
                said(4, 2, "Where is my REFUND, please?"),
                said(5, 3, "Где мой Возврат?"),
                said(6, 2, "refund refund \u{1b}[2J"),
                said(7, 2, "thanks"),
                seen(Event::Deleted(vec![MessageId(7)])),
            ],
            &[],
        )
        .unwrap();
}

pub(crate) fn ids(ran: &Ran) -> Vec<i64> {
    let hits = ran.json();
    let hits = hits.as_array().expect("an array");
    hits.iter().filter_map(|hit| hit["id"].as_i64()).collect()
}

#[test]
fn an_archive_is_packed_and_says_the_same() {
    let program = with_vault();
    let before = program
        .run(&["export", "--format", "jsonl", "--out", "-"])
        .with(0)
        .stdout;
    let lines = program.run(&["seal", "--json"]).with(0).json();
    assert_eq!(lines[0]["messages"], 6);
    assert_eq!(lines[0]["packed"], 6);
    assert!(lines[0]["bytes"].as_u64() <= lines[0]["before"].as_u64());
    let after = program
        .run(&["export", "--format", "jsonl", "--out", "-"])
        .with(0)
        .stdout;
    assert_eq!(before, after);
    // Nothing is left to do.
    let ran = program.run(&["seal"]).with(0);
    assert!(
        ran.stdout
            .starts_with("Support desk (-1002101424779): 6 messages, "),
        "{}",
        ran.stdout
    );
    let lines = program
        .run(&["seal", "--json", "--group", GROUP])
        .with(0)
        .json();
    assert_eq!(lines[0]["packed"], 0);

    // Whoever writes is left alone.
    let vault = Vault::open(&program.dir().join("vault")).unwrap();
    let _writer = vault.writer(GROUP.parse().unwrap()).unwrap();
    let ran = program.run(&["seal"]).with(6);
    assert!(
        ran.stderr.contains("is being written by process"),
        "{}",
        ran.stderr
    );
}

/// What Telegram Desktop writes for a forum, with a reply within a topic.
#[test]
fn sql_sees_messages_as_tables() {
    let program = with_vault();
    let ask = |args: &[&str]| program.run(&[&["sql"], args].concat());
    let ran =
        ask(&["SELECT id, topic_title, text FROM messages WHERE topic = 3 ORDER BY id"]).with(0);
    assert_eq!(
        ran.stdout,
        "id\ttopic_title\ttext\n3\tБорис\t\n5\tБорис\tГде мой Возврат?\n"
    );
    let ran = ask(&[
        "--json",
        "SELECT count(*) AS n, max(deleted_at) IS NOT NULL AS gone FROM messages",
    ])
    .with(0);
    assert_eq!(ran.json()[0]["n"], 6);
    assert_eq!(ran.json()[0]["gone"], 1);
    assert_eq!(
        ask(&["SELECT id FROM messages WHERE id > 99"])
            .with(0)
            .stdout,
        "id\n"
    );
    assert_eq!(
        ask(&["--json", "SELECT id FROM messages WHERE id > 99"])
            .with(0)
            .json(),
        Value::Array(Vec::new())
    );
    let ran = ask(&["DROP TABLE messages"]).with(2);
    assert!(
        ran.stderr.contains("help: topicvault sql --help"),
        "{}",
        ran.stderr
    );
    let ran = ask(&["SELECT text FROM messages WHERE id = 6"]).with(0);
    assert!(!ran.stdout.contains('\u{1b}'));
}

#[test]
fn stats_show_every_group() {
    let program = with_vault();
    let ran = program.run(&["stats", "--json"]).with(0);
    let lines = ran.json();
    assert_eq!(lines[0]["group"], 2_101_424_779_i64);
    assert_eq!(lines[0]["title"], "Support desk");
    assert_eq!(lines[0]["deleted"], 1);
    assert_eq!(
        lines[0]["topics"].as_u64().map(|topics| topics >= 2),
        Some(true)
    );
    let ran = program.run(&["stats"]).with(0);
    assert!(ran.stdout.contains("Support desk"), "{}", ran.stdout);
}

#[test]
fn search_finds_all_words_in_any_case_newest_first() {
    let program = with_vault();
    assert_eq!(
        ids(&program.run(&["search", "Refund", "--json"]).with(0)),
        [6, 4]
    );
    assert_eq!(
        ids(&program.run(&["search", "refund where", "--json"]).with(0)),
        [4]
    );
    assert_eq!(
        ids(&program.run(&["search", "возврат", "--json"]).with(0)),
        [5]
    );
    assert_eq!(
        ids(&program
            .run(&["search", "refund", "--limit", "1", "--json"])
            .with(0)),
        [6]
    );
    assert_eq!(
        ids(&program
            .run(&["search", "refund", "--topic", "3", "--json"])
            .with(0)),
        [0; 0]
    );
    let ran = program.run(&["search", "where", "--json"]).with(0);
    let hits = ran.json();
    assert_eq!(hits[0]["link"], "https://t.me/c/2101424779/2/4");
    assert_eq!(hits[0]["topic_title"], "Anna");
}

#[test]
fn queries_have_filters_and_say_what_they_do_not_know() {
    let program = with_vault();
    for (args, found) in [
        (vec!["refund -where"], vec![6]),
        (vec!["refund, please", "topic:anna"], vec![4]),
        (vec!["from:crm", "refund"], vec![6, 4]),
        (vec!["role:assistant refund"], vec![6, 4]),
        (vec!["role:customer refund"], vec![]),
        (vec!["has:photo"], vec![]),
        (vec!["возвраты after:2026-11-22"], vec![5]),
        (vec!["my refund"], vec![4]),
        (vec!["my", "refund where"], vec![]),
    ] {
        let all = [&["search", "--json"], args.as_slice()].concat();
        assert_eq!(ids(&program.run(&all).with(0)), found, "{args:?}");
    }
    for (query, said) in [
        ("has:horns", "`has:horns` is unknown"),
        ("after:soon", "`after:soon` is no date"),
        ("?!", "no letters or digits"),
    ] {
        let ran = program.run(&["search", query]).with(2);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn no_hits_are_no_error() {
    let program = with_vault();
    assert_eq!(
        program.run(&["search", "nothing like it"]).with(0).stdout,
        ""
    );
    let ran = program
        .run(&["search", "nothing like it", "--json"])
        .with(0);
    assert_eq!(ran.json(), Value::Array(Vec::new()));
    program.run(&["search", "refund", "--topic", "99"]).with(7);
    program.run(&["search", "refund", "-n", "0"]).with(2);
}

#[test]
fn text_from_telegram_cannot_drive_the_terminal() {
    let program = with_vault();
    let ran = program
        .run(&["--color", "never", "search", "refund"])
        .with(0);
    assert!(!ran.stdout.contains('\u{1b}'), "{:?}", ran.stdout);
    let ran = program
        .run(&["--color", "always", "search", "refund"])
        .with(0);
    assert!(!ran.stdout.contains("\u{1b}[2J"), "{:?}", ran.stdout);
    assert!(ran.stdout.contains("\u{1b}["), "colours: {:?}", ran.stdout);
}

#[test]
fn a_group_goes_by_many_names() {
    let program = with_vault();
    add_group(&program, "555", "Sales desk");
    for name in [
        "-1002101424779",
        "2101424779",
        "https://t.me/c/2101424779/2/4",
        "Support desk",
        "support",
    ] {
        let ran = program.run(&["stats", "--group", name, "--json"]).with(0);
        assert_eq!(ran.json()[0]["title"], "Support desk", "{name}");
    }
    let ran = program.run(&["stats", "--group", "desk"]).with(2);
    assert!(ran.stderr.contains("more than one group"), "{}", ran.stderr);
    let ran = program.run(&["stats", "--group", "-1009"]).with(7);
    assert!(ran.stderr.contains("Sales desk"), "{}", ran.stderr);
    let ran = program.run(&["export", "--out", "-"]).with(2);
    assert!(
        ran.stderr.contains("2 groups; say which one"),
        "{}",
        ran.stderr
    );
}

#[test]
fn export_writes_one_whole_file_and_never_overwrites() {
    let program = with_vault();
    let ran = program
        .run(&["export", "--out", "all.jsonl", "--json"])
        .with(0);
    let report = ran.json();
    assert_eq!(report["file"], "all.jsonl");
    assert_eq!(report["group"], 2_101_424_779_i64);
    let path = program.dir().join("all.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(report["bytes"].as_u64(), Some(text.len() as u64));
    assert!(
        text.lines()
            .all(|line| serde_json::from_str::<Value>(line).is_ok())
    );
    assert!(text.contains("Возврат"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    program.run(&["export", "--out", "all.jsonl"]).with(2);
    let ran = program
        .run(&[
            "export",
            "--out",
            "all.jsonl",
            "--force",
            "--topic",
            "3",
            "--json",
        ])
        .with(0);
    assert_eq!(ran.json()["topics"], 1);

    let ran = program
        .run(&["export", "--topic", "2", "--format", "telegram"])
        .with(0);
    assert!(ran.stdout.contains("Anna"), "{}", ran.stdout);
    let left: Vec<String> = std::fs::read_dir(program.dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".part"))
        .collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn export_to_stdout_is_the_transcript_alone() {
    let program = with_vault();
    let ran = program
        .run(&["export", "--format", "jsonl", "--order", "id", "--out", "-"])
        .with(0);
    let ids: Vec<i64> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|line| line["id"].as_i64())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    assert!(ids.contains(&5));
    let ran = program
        .run(&[
            "export",
            "--format",
            "jsonl",
            "--out",
            "-",
            "--since",
            "2027-01-01",
        ])
        .with(0);
    assert!(!ran.stdout.contains("REFUND"));
}

#[test]
fn export_refuses_what_is_not_there() {
    let program = with_vault();
    program
        .run(&["export", "--topic", "99", "--out", "x.html"])
        .with(7);
    assert!(!program.dir().join("x.html").exists());
    program.run(&["export", "--group", "Sales"]).with(7);
    let ran = program.run(&["export", "--since", "yesterday"]).with(2);
    assert!(ran.stderr.contains("is no time"), "{}", ran.stderr);
    for wrong in [
        &["--last", "0"][..],
        &["--group", ""],
        &["--out", "x.pdf"],
        &["--out", "/dev/null", "--force"],
        &["--since", "2026-11-02", "--until", "2026-11-01"],
    ] {
        program.run(&[&["export"], wrong].concat()).with(2);
    }
    program
        .run(&["export", "--topic", "2", "--topic", "99"])
        .with(7);
    let ran = program
        .run(&["export", "--out", "no/such/dir/x.html"])
        .with(1);
    assert!(ran.stderr.contains("cannot write"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_stops_reading_ends_an_export_quietly() {
    let program = with_vault();
    let mut child = program
        .command(&["export", "--format", "html", "--out", "-"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let others: Vec<&str> = said
        .lines()
        .filter(|line| !line.starts_with("note: "))
        .collect();
    assert!(others.is_empty(), "{said}");
    assert_eq!(output.status.code(), Some(0));
}

fn archive(program: &Program) -> std::path::PathBuf {
    let dir = program.dir().join("vault");
    let found = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.extension().is_some_and(|extension| extension == "db")
                && path.file_stem().is_some_and(|stem| stem == "2101424779")
        });
    found.expect("an archive")
}

#[test]
fn a_truncated_archive_is_named_and_hides_no_other() {
    let program = with_vault();
    add_group(&program, "555", "Sales desk");
    let path = archive(&program);
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 3]).unwrap();
    let ran = program.run(&["stats", "--json"]).with(6);
    assert!(ran.stderr.contains("2101424779.db"), "{}", ran.stderr);
    assert_eq!(ran.json()[0]["title"], "Sales desk");

    std::fs::write(&path, "this is no database at all, but long enough to look").unwrap();
    let ran = program.run(&["search", "x"]).with(6);
    assert!(ran.stderr.contains("2101424779.db"), "{}", ran.stderr);
}

#[test]
fn an_archive_of_a_newer_version_is_refused_with_advice() {
    let program = with_vault();
    rusqlite::Connection::open(archive(&program))
        .unwrap()
        .execute(
            "UPDATE meta SET value = '999' WHERE key = 'format_major'",
            [],
        )
        .unwrap();
    let ran = program.run(&["stats"]).with(6);
    assert!(ran.stderr.contains("upgrade topicvault"), "{}", ran.stderr);
}

#[test]
fn an_empty_vault_says_so() {
    let program = Program::new();
    Vault::create(&program.dir().join("vault")).unwrap();
    let ran = program.run(&["stats"]).with(0);
    assert!(ran.stdout.contains("is empty"), "{}", ran.stdout);
    assert_eq!(
        program.run(&["stats", "--json"]).with(0).json(),
        Value::Array(Vec::new())
    );
    program.run(&["export"]).with(7);
    program.run(&["search", "x"]).with(0);
}

#[test]
fn a_vault_that_is_no_directory_is_named() {
    let program = Program::new();
    program.file("vault", "x");
    let ran = program.run(&["stats"]).with(6);
    assert!(ran.stderr.contains("vault"), "{}", ran.stderr);
    let ran = program.run(&["doctor", "--offline", "--json"]).with(8);
    let checks = ran.json();
    let failed = checks.as_array().expect("an array").iter().any(|check| {
        check["name"] == "vault" && check["state"] == "failed" && check["help"].is_string()
    });
    assert!(failed, "{checks}");
}

#[test]
fn doctor_says_what_to_do_and_fails() {
    let program = Program::new();
    let ran = program.run(&["doctor", "--offline", "--json"]).with(8);
    let checks = ran.json();
    let checks = checks.as_array().expect("an array");
    let of = |name: &str, state: &str| {
        checks
            .iter()
            .any(|check| check["name"] == name && check["state"] == state)
    };
    assert!(of("config", "failed"), "{checks:?}");
    assert!(of("session", "failed"), "{checks:?}");
    assert!(of("vault", "ok"), "{checks:?}");
    let ran = program.run(&["doctor", "--offline"]).with(8);
    assert!(ran.stdout.contains("topicvault init"), "{}", ran.stdout);
    assert!(ran.stdout.contains("topicvault login"), "{}", ran.stdout);
}
