//! Roles where the configuration does not say who is who: what `doctor`, `export` and `search` make of
//! a group.

use topicvault::archive::Vault;
use topicvault::model::{
    Event, GroupId, Message, MessageId, Observed, Person, PersonId, PersonKind, Service, Source,
    TopicId,
};

use crate::program::Program;

const GROUP: &str = "-1002101424779";
/// 2026-11-23 00:00 UTC.
const DAY: i64 = 1_795_392_000;
const CRM: i64 = 6_200_300_402;
const OURS: i64 = 7_100_200_301;
const PARCEL: i64 = 5_300_400_503;
const ANNA: i64 = 301_000_101;
const MAX: i64 = 301_001_218;

const CONFIG: &str = r#"
[bot]
token = "7100200301:AAabcdefghijklmnopqrstuvwxyz0123456"

[[groups]]
id = "-1002101424779"
"#;

/// A vault of a desk with so many topics, and a config with more lines at its end.
fn with_desk(topics: i32, config: &str) -> Program {
    let program = Program::new();
    let group: GroupId = GROUP.parse().unwrap();
    let vault = Vault::create(&program.dir().join("vault")).unwrap();
    let mut events = Vec::new();
    for (id, kind, name) in [
        (CRM, PersonKind::Bot, "Desk CRM"),
        (OURS, PersonKind::Bot, "Desk Assistant"),
        (PARCEL, PersonKind::Bot, "Parcel Watch"),
        (ANNA, PersonKind::User, "Anna"),
        (MAX, PersonKind::User, "Max"),
    ] {
        events.push(Event::Person(Person {
            id: PersonId(id),
            kind,
            name: name.to_owned(),
            username: None,
        }));
    }
    for number in 0..topics {
        let topic = 10 * number + 10;
        let operator = if number % 2 == 0 { ANNA } else { MAX };
        let mut said = vec![
            (CRM, "Where is my refund?"),
            (operator, "/ he called before"),
            (operator, "The refund is on its way"),
            (CRM, "Thanks"),
        ];
        match number {
            0 => said.push((PARCEL, "Your parcel is at the door")),
            1 => said.push((OURS, "Is there anything else?")),
            _ => {}
        }
        let text = |id: i32, who: i64, text: &str| {
            let date = DAY + i64::from(id) * 60;
            Message::text(MessageId(id), TopicId(topic), date, PersonId(who), text)
        };
        let mut created = text(topic, CRM, "");
        created.service = Some(Service::TopicCreated {
            title: format!("Customer {number}"),
        });
        events.push(Event::Message(Box::new(created)));
        for (id, (who, words)) in (topic + 1..).zip(said) {
            events.push(Event::Message(Box::new(text(id, who, words))));
        }
    }
    let observed: Vec<Observed> = events
        .into_iter()
        .map(|event| Observed {
            event,
            source: Source::Live,
            at: DAY,
        })
        .collect();
    let mut writer = vault.writer(group).unwrap();
    writer.append(&observed, &[]).unwrap();
    program.file("topicvault.toml", format!("{CONFIG}{config}"));
    program
}

/// What `doctor` says of roles.
fn doctor(program: &Program) -> String {
    let ran = program.run(&["doctor", "--offline"]).with(8);
    let mut told = String::new();
    let mut ours = false;
    for line in ran.stdout.lines() {
        // What to do stands below.
        ours = line.contains(" roles ") || (ours && line.starts_with("  "));
        if ours {
            told.push_str(line);
            told.push('\n');
        }
    }
    told
}

#[test]
fn doctor_says_who_plays_which_part() {
    insta::with_settings!({omit_expression => true}, {
        insta::assert_snapshot!("doctor_found", doctor(&with_desk(8, "")));
        insta::assert_snapshot!("doctor_thin", doctor(&with_desk(3, "")));
        let said = "roles = { relays = [6200300402], assistants = [7100200301, 5300400503] }\n";
        insta::assert_snapshot!("doctor_configured", doctor(&with_desk(8, said)));
        let other = Program::new();
        other.file("topicvault.toml", CONFIG);
        insta::assert_snapshot!("doctor_without_archive", doctor(&other));
    });
}

#[test]
fn doctor_says_it_to_programs_too() {
    let program = with_desk(8, "");
    let ran = program.run(&["doctor", "--offline", "--json"]).with(8);
    let checks = ran.json();
    let roles: Vec<_> = checks
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["name"] == "roles")
        .collect();
    assert_eq!(roles.len(), 3, "{roles:?}");
    assert_eq!(roles[0]["state"], "ok");
    assert_eq!(
        roles[0]["help"],
        "groups.roles.relays = [6200300402] settles it"
    );
    assert_eq!(roles[2]["state"], "warning");
}

#[test]
fn an_export_notes_who_was_found_and_counts_what_is_unsure() {
    let export = ["export", "--out", "x.jsonl", "--force"];
    let ran = with_desk(8, "")
        .run(&[&["--json"], &export[..]].concat())
        .with(0);
    let report = ran.json();
    assert_eq!(report["unsure"], 1, "{report}");
    assert_eq!(report["relays"][0]["origin"], "found");
    assert_eq!(report["relays"][0]["candidates"][0]["id"], CRM);
    assert_eq!(
        report["relays"][0]["candidates"][0]["evidence"]["created"],
        8
    );
    let noted = "note: customers' messages are those of Desk CRM (6200300402)";
    assert!(ran.stderr.contains(noted), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("role of 1 message is unsure"),
        "{}",
        ran.stderr
    );

    let ran = with_desk(3, "").run(&export).with(0);
    for words in [
        "it is not known who",
        "groups.roles.relays",
        "too few topics",
        "13 messages",
    ] {
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }

    // Where the configuration says it there is nothing to note.
    let said = "roles = { relays = [6200300402], assistants = [7100200301, 5300400503] }\n";
    let ran = with_desk(8, said).run(&export).with(0);
    for word in ["customers' messages", "unsure"] {
        assert!(!ran.stderr.contains(word), "{}", ran.stderr);
    }
}

#[test]
fn a_search_for_a_role_knows_who_was_found() {
    let search = |program: &Program, query: &str| {
        let ran = program
            .run(&["search", query, "--limit", "100", "--json"])
            .with(0);
        ran.json().as_array().unwrap().len()
    };
    let program = with_desk(8, "");
    assert_eq!(search(&program, "refund role:customer"), 8);
    assert_eq!(search(&program, "refund role:operator"), 8);
    // Nobody was found: as ever, a bot's words are an assistant's.
    let thin = with_desk(3, "");
    assert_eq!(search(&thin, "refund role:customer"), 0);
    assert_eq!(search(&thin, "refund role:assistant"), 3);
}
