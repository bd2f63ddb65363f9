//! Worlds from files: the example, what is left out, and what is refused.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::path::Path;

use proptest::prelude::*;

use super::{WorldError, WorldFile};
use crate::emulator::scenario::Cast;
use crate::emulator::truth;
use crate::emulator::world::State;

const EXAMPLE: &str = include_str!("../../../schema/world.toml");

fn read(text: &str) -> Result<WorldFile, WorldError> {
    WorldFile::parse(Path::new("world.toml"), text, false)
}

fn build(text: &str, seed: u64) -> Result<(State, Cast), WorldError> {
    read(text)?.build(seed)
}

#[test]
fn the_example_is_the_world_it_describes() {
    let (state, cast) = build(EXAMPLE, 1).unwrap();
    let id = |name: &str| {
        let mut users = state.users();
        users
            .find(|user| user.username.as_deref() == Some(name))
            .unwrap()
            .id
    };
    assert!((state.now() - 1_772_452_800).abs() < 5);
    assert_eq!(cast.group, 1_500_000_001);
    assert_eq!(cast.userbot, id("acme_archive"));
    assert_eq!(cast.people[0], cast.userbot);
    assert_eq!(cast.assistant, 7_000_000_077);
    assert_eq!(
        (cast.author, cast.crm_bot),
        (id("acme_crm_bot"), id("acme_crm_bot"))
    );
    assert_eq!(cast.customers, [id("emma_c")]);
    assert!(!cast.people.contains(&id("emma_c")));
    assert_eq!(cast.operators, [700_000_001]);
    let nadja = state.user(700_000_001).unwrap();
    assert_eq!(nadja.phone.as_deref(), Some("491515000001"));
    assert_eq!(
        (nadja.code.as_str(), nadja.password.as_deref()),
        ("24680", Some("hunter2"))
    );

    let desk = state.group(cast.group).unwrap();
    assert_eq!(
        (desk.about.as_str(), desk.owner),
        ("Everything customers ask", 700_000_001)
    );
    let lines = truth::messages(&state, &cast, cast.group, None);
    let roles: Vec<&str> = lines
        .iter()
        .map(|line| line["role"].as_str().unwrap())
        .collect();
    assert_eq!(
        roles,
        [
            "service", "operator", "service", "customer", "operator", "operator", "customer",
            "customer", "note"
        ]
    );
    assert_eq!(lines[1]["pinned"], true);
    assert_eq!(lines[3]["reactions"][0]["emoji"], "👀");
    assert_eq!(lines[4]["reply_to"], lines[3]["id"]);
    assert_eq!(lines[4]["text"], "Let me look it up for you.");
    assert_eq!(lines[4]["versions"][0]["text"], "Let me look.");
    assert_eq!(lines[5]["media"]["file_name"], "route.txt");
    assert_eq!(lines[6]["album"], lines[7]["album"]);
    assert_eq!(lines[8]["deleted"], true);
    let dates: Vec<i64> = lines
        .iter()
        .map(|line| line["date"].as_i64().unwrap())
        .collect();
    assert!(dates.windows(2).all(|two| two[0] <= two[1]), "{dates:?}");
    let lounge = state
        .groups()
        .find(|group| group.title == "Lounge")
        .unwrap();
    assert!(!lounge.forum && lounge.messages.len() == 2);
}

#[test]
fn what_is_left_out_follows_from_the_seed() {
    let secrets = |seed| {
        let (state, _) = build(EXAMPLE, seed).unwrap();
        let users = state.users().map(|user| {
            let token = user.bot.as_ref().map(|bot| bot.token.clone());
            (user.id, user.phone.clone(), user.code.clone(), token)
        });
        users.collect::<Vec<_>>()
    };
    assert_eq!(secrets(3), secrets(3));
    assert_ne!(secrets(3), secrets(4));
    let (state, cast) = build(EXAMPLE, 3).unwrap();
    let (again, _) = build(EXAMPLE, 3).unwrap();
    assert_eq!(
        truth::messages(&state, &cast, cast.group, None),
        truth::messages(&again, &cast, cast.group, None)
    );
}

#[test]
fn json_says_the_same() {
    let value: toml::Value = toml::from_str(
        &EXAMPLE
            .replace("2026-03-02T12:00:00Z", "\"2026-03-02T12:00:00Z\"")
            .replace("= 2026-02", "= \"2026-02")
            .replace(":00Z\n", ":00Z\"\n")
            .replace("Z\"\"", "Z\""),
    )
    .unwrap();
    let text = serde_json::to_string_pretty(&value).unwrap();
    let world = WorldFile::parse(Path::new("world.json"), &text, true).unwrap();
    let (state, cast) = world.build(1).unwrap();
    let (other, _) = build(EXAMPLE, 1).unwrap();
    assert_eq!(
        truth::messages(&state, &cast, cast.group, None),
        truth::messages(&other, &cast, cast.group, None)
    );
}

#[test]
fn little_is_enough_and_nothing_is_no_world() {
    let (_, words) = refused("# nothing\n");
    assert!(words.contains("is empty"), "{words}");
    let text = r#"
        users = [{ first_name = "Ann" }]
        [[groups]]
        title = "Talk"
        messages = [{ from = "Ann", text = "hello" }]
    "#;
    let (state, cast) = build(text, 1).unwrap();
    let group = state.group(cast.group).unwrap();
    assert_eq!(group.owner, cast.userbot);
    assert_eq!(group.messages.len(), 2);
    assert_eq!((cast.author, cast.assistant), (0, 0));
}

#[test]
fn namesakes_are_told_apart_only_by_username() {
    let text = r#"
        users = [{ first_name = "Ann" }, { first_name = "Ann" }, { first_name = "Bo" }]
        [[groups]]
        title = "Talk"
    "#;
    let (state, cast) = build(text, 1).unwrap();
    assert_eq!(state.users().count(), 3);
    assert_eq!(state.user(cast.userbot).unwrap().first_name, "Ann");
    let (_, words) = refused(&format!("{text}members = [\"Ann\"]\n"));
    assert!(words.contains("several accounts"), "{words}");
}

#[test]
fn topics_can_be_closed_and_pinned_and_people_restricted() {
    let text = r#"
        users = [{ first_name = "Ann" }, { first_name = "Bob" }, { first_name = "Cid" }]
        [[groups]]
        title = "Talk"
        restricted = ["Bob"]
        banned = ["Cid"]
        [[groups.topics]]
        title = "Old"
        closed = true
        pinned = true
        messages = [{ from = "Bob", text = "before" }, { from = "Ann", text = "x", date = 1000 }]
    "#;
    let (state, cast) = build(text, 1).unwrap();
    let group = state.group(cast.group).unwrap();
    let topic = group
        .topics
        .values()
        .find(|topic| topic.title == "Old")
        .unwrap();
    assert!(topic.closed && topic.pinned);
    assert_eq!((group.restricted.len(), group.banned.len()), (1, 1));
    assert_eq!(topic.created, 1_000, "before its first message");
    let last = group.top_message().unwrap();
    assert!(matches!(
        last.service,
        Some(crate::emulator::world::Service::TopicEdited {
            closed: Some(true),
            ..
        })
    ));
}

/// What a file is refused with: the line and the words.
fn refused(text: &str) -> (Option<usize>, String) {
    match build(text, 1) {
        Ok(_) => panic!("{text} is no error"),
        Err(error) => (error.line, error.problem),
    }
}

#[test]
fn errors_say_where_and_what_to_do() {
    let base = "[[users]]\nfirst_name = \"Ann\"\nusername = \"ann\"\n";
    for (text, line, part) in [
        ("[[usrs]]\n", Some(1), "did you mean `users`?"),
        (
            "\n[[users]]\nfirstname = \"x\"\n",
            Some(3),
            "did you mean `first_name`?",
        ),
        ("[[users]]\nlast_name = \"x\"\n", None, "`first_name`"),
        ("[[users]]\nfirst_name = 5\n", Some(2), "string"),
        ("x = [", Some(1), ""),
        ("[[users]]\nid = -5\nfirst_name = \"A\"\n", None, "no id"),
        ("clock = \"tomorrow\"\n", Some(1), "2026-01-07T09:30:00Z"),
        ("clock = 99999999999\n", Some(1), "1970 and 2038"),
        ("[[bots]]\nusername = \"a b\"\n", Some(2), "no username"),
        (
            "[[bots]]\nusername = \"b\"\ntoken = \"x\"\n",
            Some(2),
            "`<id>:<secret>`",
        ),
        (
            "[[bots]]\nusername = \"b\"\nid = 1\ntoken = \"2:x\"\n",
            Some(2),
            "its own id",
        ),
        ("[[groups]]\ntitle = \"T\"\n", None, "needs an owner"),
    ] {
        let (found, words) = refused(text);
        assert_eq!(found, line, "{text}: {words}");
        assert!(words.contains(part), "{text}: {words}");
    }
    for (text, line, part) in [
        ("[[groups]]\n", None, "`title`"),
        (
            "[[groups]]\ntitle = \"T\"\nowner = \"anne\"\n",
            Some(6),
            "did you mean \"ann\"?",
        ),
        ("[desk]\ngroup = \"T\"\n", Some(5), "there is no group"),
        (
            "[[users]]\nfirst_name = \"B\"\nusername = \"Ann\"\n",
            Some(6),
            "two accounts",
        ),
        (
            "[[groups]]\ntitle = \"T\"\nmessages = [{ from = \"ann\" }]\n",
            Some(5),
            "`media`",
        ),
        (
            "[[groups]]\ntitle = \"T\"\nmessages = [{ from = \"ann\", text = \"x\", reply_to = \"k\" }]\n",
            Some(6),
            "earlier message",
        ),
        (
            "[[groups]]\ntitle = \"T\"\nmessages = [{ from = \"ann\", txt = \"x\" }]\n",
            Some(6),
            "did you mean `text`?",
        ),
        (
            "[[groups]]\ntitle = \"T\"\nforum = false\ntopics = [{ title = \"x\" }]\n",
            Some(5),
            "forum",
        ),
        (
            "[[groups]]\ntitle = \"T\"\ntopics = [{}]\n",
            Some(5),
            "neither",
        ),
        ("[desk]\nrelay = \"ann\"\n", None, "forum"),
        ("[desk]\nassistant = \"ann\"\n", None, "a bot"),
    ] {
        let text = format!("{base}{text}");
        let (found, words) = refused(&text);
        assert!(words.contains(part), "{text}: {words}");
        assert_eq!(found, line, "{text}: {words}");
    }
}

#[test]
fn files_are_read_by_their_ending_and_missing_ones_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w.json");
    std::fs::write(&path, "{\n\"users\": [{ \"first_nam\": \"x\" }]\n}").unwrap();
    let error = WorldFile::read(&path).unwrap_err();
    assert_eq!(error.line, Some(2));
    let said = error.to_string();
    assert!(
        said.contains("w.json:2: ") && said.contains("did you mean `first_name`?"),
        "{said}"
    );
    std::fs::write(&path, [0xFF, 0xFE]).unwrap();
    assert!(
        WorldFile::read(&path)
            .unwrap_err()
            .problem
            .contains("as text")
    );
    let error = WorldFile::read(&dir.path().join("none.toml")).unwrap_err();
    assert!(error.problem.contains("check --world"), "{error}");
}

proptest! {
    /// Whatever a file says, it becomes a world or an error.
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", json: bool) {
        if let Ok(world) = WorldFile::parse(Path::new("x"), &text, json) {
            let _ = world.build(1);
        }
    }

    /// The same for files that are nearly right.
    #[test]
    fn no_damage_makes_it_panic(at in 0..EXAMPLE.len(), with in "[ -~\n]{0,6}", skip in 0..9_usize) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        let end = (at + skip).min(bytes.len());
        bytes.splice(at..end, with.into_bytes());
        let text = String::from_utf8_lossy(&bytes);
        if let Ok(world) = read(&text) {
            let _ = world.build(1);
        }
    }

    /// Dates and ids of any size.
    #[test]
    fn no_number_makes_it_panic(date: i64, id: i64, clock in 0..2_200_000_000_i64) {
        let text = format!(
            "clock = {clock}\n[[users]]\nfirst_name = \"A\"\nid = {id}\n[[groups]]\ntitle = \"T\"\n\
             created = {date}\nmessages = [{{ from = \"A\", text = \"x\", edits = [\"y\"] }}]\n"
        );
        if let Ok(world) = read(&text) {
            let _ = world.build(1);
        }
    }
}

#[test]
fn many_users_have_a_phone_number_each() {
    let users = "[[users]]\nfirst_name = \"Ann\"\n".repeat(12_000);
    let (state, _) = build(&users, 1).unwrap();
    let phones: std::collections::BTreeSet<String> = state
        .users()
        .filter_map(|user| user.phone.clone())
        .collect();
    assert_eq!(phones.len(), 12_000);
    // What the file gives is never given to somebody else before.
    let taken = state.users().next().unwrap().phone.clone().unwrap();
    let later = format!("[[users]]\nfirst_name = \"Ann\"\nphone = \"+{taken}\"\n");
    assert!(build(&format!("{users}{later}"), 1).is_ok());
}

#[test]
fn what_cannot_be_is_named_with_its_place() {
    let world = |message: &str| {
        format!(
            "clock = 2026-03-02T12:00:00Z\n[[users]]\nfirst_name = \"Ann\"\nusername = \"ann\"\n\
             [[groups]]\ntitle = \"Shop\"\n[[groups.messages]]\nfrom = \"ann\"\ntext = \"one\"\n\
             [[groups.messages]]\nfrom = \"ann\"\n{message}\n"
        )
    };
    build(&world("text = \"two\""), 1).unwrap();
    let edits = |many: usize| {
        let texts: Vec<String> = (0..many).map(|at| format!("\"{at}\"")).collect();
        world(&format!("text = \"two\"\nedits = [{}]", texts.join(",")))
    };
    build(&edits(1_000), 1).unwrap();
    for (text, parts) in [
        (
            world("text = \" \""),
            &["message 2", "\"Shop\"", "neither `text` nor `media`"][..],
        ),
        (
            world("text = \"two\"\ndate = 2026-03-02T12:01:00Z"),
            &["world.toml:12", "message 2", "\"Shop\"", "`clock`"],
        ),
        (edits(1_001), &["at most 1000 `edits`"]),
        (String::new(), &["empty", "`users`", "`groups`"]),
    ] {
        let error = build(&text, 1).unwrap_err().to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}
