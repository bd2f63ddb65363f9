//! What keeps the service going, and what it tells those who watch it.

use std::time::{Duration, Instant};

use topicvault::archive::Vault;
use topicvault::capture;
use topicvault::config::{self, Secret};
use topicvault::emulator::server::Settings;
use topicvault::emulator::world::Draft;
use topicvault::model::{GroupId, MessageId, TopicId};

use crate::desk::{Desk, Owner, Spoken};

const PATIENCE: Duration = Duration::from_secs(90);

async fn open() -> Desk {
    let settings = Settings {
        messages: 60,
        ..Settings::default()
    };
    let desk = Desk::open(settings, "").await;
    desk.rewrite("[[groups]]\n", "[[groups]]\nlanguage = \"en\"\n");
    desk
}

/// A port that nobody listens on just now.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

async fn get(port: u16, path: &str) -> Option<(u16, String)> {
    let client = reqwest::Client::builder().no_proxy().build().ok()?;
    let url = format!("http://127.0.0.1:{port}{path}");
    let answer = client.get(url).send().await.ok()?;
    Some((answer.status().as_u16(), answer.text().await.ok()?))
}

async fn until_ready(port: u16, wanted: u16) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = get(port, "/readyz").await;
        if let Some((status, text)) = &answer
            && *status == wanted
        {
            return text.clone();
        }
        assert!(Instant::now() < deadline, "{answer:?} instead of {wanted}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Posts in the group that the desk's account is not in; returns the message's id.
fn elsewhere(desk: &Desk, text: &str) -> i32 {
    let group = desk.emulator.cast.foreign_group;
    desk.emulator
        .world
        .write(|state| {
            let topic = state
                .group(group)
                .and_then(|group| group.topics.keys().copied().find(|id| *id > 1));
            let draft = Draft {
                topic: topic.unwrap_or(1),
                text: text.to_owned(),
                ..Draft::default()
            };
            state.post(group, desk.operator, draft)
        })
        .expect("the operator may write")
}

async fn until_held(desk: &Desk, group: GroupId, id: i32) {
    let deadline = Instant::now() + PATIENCE;
    let held = || {
        let vault = Vault::open(&desk.dir.path().join("vault")).ok()?;
        vault.reader(group).ok()?.message(MessageId(id)).ok()?
    };
    while held().is_none() {
        assert!(
            Instant::now() < deadline,
            "message {id} of {group} is missing"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_serves_without_telegram_and_operators_are_told_once() {
    let desk = open().await;
    desk.rewrite("[bot]\n", "[bot]\nalert_after = 2\n");
    let faults = &desk.emulator.faults;
    faults.refuse_connections(Duration::from_secs(3_600));
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    desk.operator_says("/status");
    service.until_said("cannot be reached").await;
    let (topic, _) = desk.until_posted("Attention").await;
    assert_eq!(topic, TopicId::GENERAL.0);
    desk.operator_says("/status");
    let (topic, status) = desk.until_posted("Capture has been down").await;
    assert_eq!(topic, desk.topic);
    assert!(status.contains("cannot be reached"), "{status}");

    let missed = desk.operator_says("nobody captures it");
    tokio::time::sleep(Duration::from_secs(4)).await;
    faults.clear();
    desk.until_captured(missed).await;
    let (topic, _) = desk.until_posted("captured again").await;
    assert_eq!(topic, TopicId::GENERAL.0);

    // Trouble that comes back at once is not told again.
    faults.refuse_connections(Duration::from_secs(3_600));
    faults.drop_connections();
    tokio::time::sleep(Duration::from_secs(15)).await;
    faults.clear();
    let missed = desk.operator_says("nobody captures it either");
    desk.until_captured(missed).await;
    let posted = desk.posted();
    let count = |words: &str| {
        posted
            .iter()
            .filter(|(_, text)| text.contains(words))
            .count()
    };
    assert_eq!(
        (count("Attention"), count("captured again")),
        (1, 1),
        "{posted:#?}"
    );
    assert!(
        posted.iter().all(|(_, text)| text.starts_with("/ ")),
        "{posted:#?}"
    );
    assert!(
        desk.emulator
            .crm
            .delivered()
            .iter()
            .all(|delivered| { posted.iter().all(|(_, text)| *text != delivered.text) })
    );
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_come_and_go_with_the_config_file() {
    let desk = open().await;
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    desk.until_captured(2).await;
    let cast = &desk.emulator.cast;
    let (foreign, userbot) = (cast.foreign_group, cast.userbot);
    let group = GroupId::from_bare(foreign).expect("a group id");
    desk.emulator
        .world
        .write(|state| state.add_member(foreign, userbot, false));
    let before = std::fs::read_to_string(&desk.config).expect("the config is there");
    let with = format!("{before}\n[[groups]]\nid = \"{foreign}\"\n");
    std::fs::write(&desk.config, &with).expect("the config is written");
    let id = elsewhere(&desk, "in a group that was added");
    until_held(&desk, group, id).await;
    let id = elsewhere(&desk, "and followed live");
    until_held(&desk, group, id).await;

    std::fs::write(&desk.config, format!("{with}\nnonsense = 1\n")).expect("it is written");
    service.until_said("cannot be used").await;
    let id = elsewhere(&desk, "a broken file changes nothing");
    until_held(&desk, group, id).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(
        service.said().matches("cannot be used").count(),
        1,
        "{}",
        service.said()
    );

    std::fs::write(&desk.config, &before).expect("the config is written");
    let vault = Vault::open(&desk.dir.path().join("vault")).expect("the vault opens");
    let deadline = Instant::now() + PATIENCE;
    // The archive is free when it can be written by somebody else.
    while let Err(error) = vault.writer(group).map(drop) {
        assert!(Instant::now() < deadline, "{error}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let unwanted = elsewhere(&desk, "nobody wants it");
    let id = desk.operator_says("the desk goes on");
    desk.until_captured(id).await;
    let reader = vault.reader(group).expect("it can be read");
    assert!(
        reader
            .message(MessageId(unwanted))
            .expect("it can be read")
            .is_none()
    );
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_accounts_capture_a_group_each() {
    let desk = open().await;
    let foreign = desk.emulator.cast.foreign_group;
    let facts = desk.emulator.facts();
    let other = facts
        .users
        .into_iter()
        .find(|user| user.id == desk.operator)
        .expect("the operator's account");
    let loaded = config::load(Some(&desk.config)).expect("the config loads");
    let mut telegram = loaded.config.telegram.clone();
    telegram.account = "second".to_owned();
    if let Some(server) = &mut telegram.server {
        server.auth_key = Secret::new(other.auth_key_hex.clone());
    }
    let me = capture::login(&telegram, &loaded.base, &mut Owner(other.clone()))
        .await
        .expect("the login works");
    assert_eq!(me.id, other.id);
    let text = std::fs::read_to_string(&desk.config).expect("the config is there");
    let more = format!("\n[[groups]]\nid = \"{foreign}\"\naccount = \"second\"\n");
    std::fs::write(&desk.config, text + &more).expect("the config is written");

    let service = Spoken::start(&mut desk.program(&["run"]));
    let group = GroupId::from_bare(foreign).expect("a group id");
    let there = elsewhere(&desk, "captured by the second account");
    let here = desk.operator_says("captured by the first account");
    until_held(&desk, group, there).await;
    desk.until_captured(here).await;

    // One of them is locked out; the other one goes on.
    desk.emulator.keys.revoke(desk.emulator.cast.userbot);
    desk.emulator.faults.drop_connections();
    let there = elsewhere(&desk, "the second account goes on");
    until_held(&desk, group, there).await;
    desk.operator_says("/status");
    desk.until_posted("ended in another app").await;
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_follows_what_happens_and_metrics_can_be_read() {
    let desk = open().await;
    let port = free_port();
    let text = std::fs::read_to_string(&desk.config).expect("the config is there");
    let more = format!("\n[http]\nlisten = \"127.0.0.1:{port}\"\n");
    std::fs::write(&desk.config, text + &more).expect("the config is written");
    let service = Spoken::start(&mut desk.program(&["run"]));
    let ready = until_ready(port, 200).await;
    assert!(ready.contains("\"live\""), "{ready}");
    assert_eq!(get(port, "/livez").await.expect("an answer").0, 200);
    let id = desk.operator_says("to be counted");
    desk.until_captured(id).await;

    let (_, metrics) = get(port, "/metrics").await.expect("an answer");
    let group = desk.group;
    let value = |name: &str| -> f64 {
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} is not in {metrics}"))
            .parse()
            .expect("a number")
    };
    assert!(
        value(&format!(
            "topicvault_events_total{{group=\"{group}\",source=\"live\"}}"
        )) >= 1.0
    );
    assert!(
        value(&format!(
            "topicvault_messages_total{{group=\"{group}\",source=\"history\"}}"
        )) >= 50.0
    );
    assert!(value("topicvault_commit_lag_seconds_count") >= 1.0);
    assert!(
        value(&format!(
            "topicvault_capture_state{{group=\"{group}\",state=\"live\"}}"
        )) == 1.0
    );
    assert!(value(&format!("topicvault_unknown_ids{{group=\"{group}\"}}")) == 0.0);
    assert!(value(&format!("topicvault_archive_bytes{{group=\"{group}\"}}")) > 1_000.0);
    assert!(value("process_resident_memory_bytes") > 1_000_000.0);
    assert!(value("topicvault_disk_free_bytes") > 0.0);
    assert!(metrics.trim_end().ends_with("# EOF"));
    let title = desk.emulator.world.read(|state| {
        let group = state.group(group).expect("the group");
        group.title.clone()
    });
    assert!(!metrics.contains(&title), "a title is in the metrics");

    let faults = &desk.emulator.faults;
    faults.refuse_connections(Duration::from_secs(3_600));
    faults.drop_connections();
    let refused = until_ready(port, 503).await;
    assert!(refused.contains("\"unreachable\""), "{refused}");
    assert_eq!(get(port, "/livez").await.expect("an answer").0, 200);
    faults.clear();
    until_ready(port, 200).await;
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_refuses_the_start() {
    let desk = open().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let text = std::fs::read_to_string(&desk.config).expect("the config is there");
    let more = format!("\n[http]\nlisten = \"{address}\"\n");
    std::fs::write(&desk.config, text + &more).expect("the config is written");
    let output = desk
        .program(&["run"])
        .stderr(std::process::Stdio::piped())
        .output();
    let output = output.expect("the program runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(i32::from(topicvault::cli::exit::CONFIG)),
        "{said}"
    );
    assert!(said.contains("http.listen"), "{said}");
}

/// What the service tells systemd, whose end of the socket the test plays.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn systemd_is_told_what_it_wants_to_know() {
    let desk = open().await;
    let path = desk.dir.path().join("notify");
    let socket = tokio::net::UnixDatagram::bind(&path).expect("a socket");
    let mut command = desk.program(&["run"]);
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "1500000")
        .env_remove("WATCHDOG_PID");
    let service = Spoken::start(&mut command);
    let mut told = Vec::new();
    let mut hear = async |wanted: &str| {
        let mut bytes = [0; 1024];
        loop {
            let length = tokio::time::timeout(PATIENCE, socket.recv(&mut bytes))
                .await
                .unwrap_or_else(|_| panic!("{wanted} was never told: {told:?}"))
                .expect("the socket works");
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            told.push(text.clone());
            if text.contains(wanted) {
                return;
            }
        }
    };
    for wanted in ["READY=1", "live: 1", "WATCHDOG=1", "WATCHDOG=1"] {
        hear(wanted).await;
    }
    let ending = tokio::spawn(service.end());
    hear("STOPPING=1").await;
    ending.await.expect("it ends cleanly");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_is_told_early_and_once() {
    let desk = open().await;
    // More than any disk has: little is free by that measure.
    desk.rewrite("[vault]\n", "[vault]\nlow_space = 9000000000000000000\n");
    let service = Spoken::start(&mut desk.program(&["run"]));
    let (topic, _) = desk.until_posted("The disk of the archive fills up").await;
    assert_eq!(topic, TopicId::GENERAL.0);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let posted = desk.posted();
    assert_eq!(posted.len(), 1, "{posted:#?}");
    service.end().await;
}
