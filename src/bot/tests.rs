//! The bot against the built-in Telegram: real HTTP, real rules on who sees what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::indexing_slicing)]

mod arrival;
mod desk;
mod languages;
mod logs;
mod once;
mod parts;
mod search;
mod ways;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Archives, BotError, Membership, Notices, Surroundings, check, run};
use crate::archive::{AuditEntry, Handle, Vault};
use crate::capture::Progress;
use crate::config::{Config, GroupConfig, Secret, TrainingConsent};
use crate::emulator::faults::Failure;
use crate::emulator::server::{Emulator, Limits, Relay, Settings};
use crate::emulator::world::{Draft, Message};
use crate::model::{self, Event, GroupId, MessageId, Observed, PersonId, Source};

/// A desk with an archive and a running bot.
struct Rig {
    emulator: Emulator,
    _dir: TempDir,
    vault: Vault,
    config: Config,
    topic: i32,
    progress: watch::Sender<HashMap<GroupId, Progress>>,
    archives: watch::Sender<BTreeMap<GroupId, Handle>>,
    stop: CancellationToken,
    bot: JoinHandle<Result<(), BotError>>,
}

async fn emulator() -> Emulator {
    let settings = Settings {
        messages: 60,
        relay: Relay::User,
        limits: Limits::OFF,
        ..Settings::default()
    };
    Emulator::start(settings).await.unwrap()
}

fn config(emulator: &Emulator) -> Config {
    let mut config = Config::default();
    config.bot.token = Secret::new(emulator.bot_token(emulator.cast.assistant).unwrap());
    config.bot.api_url = emulator.bot_api.clone();
    config.groups = vec![group(emulator)];
    config
}

fn group(emulator: &Emulator) -> GroupConfig {
    let toml = format!("id = \"{}\"", emulator.cast.group);
    let mut group: GroupConfig = toml::from_str(&toml).unwrap();
    group.roles.relays = vec![emulator.cast.relay_user];
    group
}

impl Rig {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::with(|config, _| change(config)).await
    }

    async fn with(change: impl FnOnce(&mut Config, &Emulator)) -> Self {
        let emulator = emulator().await;
        let mut config = config(&emulator);
        change(&mut config, &emulator);
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::create(dir.path()).unwrap();
        let (progress, seen) = watch::channel(HashMap::new());
        let (archives, open) = watch::channel(BTreeMap::new());
        let stop = CancellationToken::new();
        let topic = emulator.world.read(|state| {
            let group = state.group(emulator.cast.group).unwrap();
            let mut topics = group.topics.values();
            topics
                .find(|topic| topic.customer.is_some() && !topic.closed)
                .unwrap()
                .id
        });
        let bot = tokio::spawn(run(
            config.clone(),
            surroundings(&vault, seen, open, &config),
            stop.clone(),
        ));
        Self {
            emulator,
            _dir: dir,
            vault,
            config,
            topic,
            progress,
            archives,
            stop,
            bot,
        }
    }

    fn group(&self) -> GroupId {
        GroupId::from_bare(self.emulator.cast.group).unwrap()
    }

    /// Stops the bot and starts it again.
    async fn restart(&mut self) {
        self.stop.cancel();
        (&mut self.bot).await.unwrap().unwrap();
        self.stop = CancellationToken::new();
        self.bot = tokio::spawn(run(
            self.config.clone(),
            surroundings(
                &self.vault,
                self.progress.subscribe(),
                self.archives.subscribe(),
                &self.config,
            ),
            self.stop.clone(),
        ));
    }

    fn says_in(&self, topic: i32, user: i64, text: &str) -> i32 {
        let draft = Draft {
            topic,
            text: text.to_owned(),
            ..Draft::default()
        };
        self.emulator
            .world
            .write(|state| state.post(self.emulator.cast.group, user, draft))
            .unwrap()
    }

    fn says(&self, user: i64, text: &str) -> i32 {
        self.says_in(self.topic, user, text)
    }

    fn operator(&self) -> i64 {
        self.emulator.cast.operators[0]
    }

    /// What the bot has posted.
    fn posted(&self) -> Vec<Message> {
        self.emulator.world.read(|state| {
            let group = state.group(self.emulator.cast.group).unwrap();
            let ours = |message: &&Message| message.from == self.emulator.cast.assistant;
            group.messages.values().filter(ours).cloned().collect()
        })
    }

    /// Waits until the bot's posts are as wanted.
    async fn until(&self, wanted: impl Fn(&[Message]) -> bool) -> Vec<Message> {
        let mut changes = self.emulator.world.changes();
        let wait = async {
            loop {
                changes.borrow_and_update();
                let posted = self.posted();
                if wanted(&posted) {
                    return posted;
                }
                changes.changed().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(120), wait)
            .await
            .unwrap_or_else(|_| panic!("the bot posted only {:#?}", self.posted()))
    }

    async fn answers(&self, count: usize) -> Vec<Message> {
        self.until(|posted| posted.len() >= count).await
    }

    /// Says that a userbot captures the group and has caught up.
    fn captured(&self) {
        let progress = Progress {
            caught_up: true,
            ..Progress::default()
        };
        let captured = HashMap::from([(self.group(), progress)]);
        self.progress.send_replace(captured);
    }

    /// Puts what is in the group into the archive, as capture would.
    fn archive(&self) {
        let events: Vec<Observed> = self.emulator.world.read(|state| {
            let group = state.group(self.emulator.cast.group).unwrap();
            group.messages.values().map(observed).collect()
        });
        let mut writer = self.vault.writer(self.group()).unwrap();
        writer.append(&events, &[]).unwrap();
    }

    fn file(&self, message: &Message) -> (String, Vec<u8>) {
        self.emulator.world.read(|state| {
            let file = state.file(message.file.unwrap()).unwrap();
            (file.name.clone(), file.bytes.to_vec())
        })
    }

    fn audit(&self) -> Vec<AuditEntry> {
        self.vault.state().unwrap().audit_log(100).unwrap()
    }

    /// Stops the bot; whatever it ever posted was a note, and no customer got any of it.
    async fn end(self) {
        self.stop.cancel();
        self.bot.await.unwrap().unwrap();
        let posted = self.emulator.world.read(|state| {
            let group = state.group(self.emulator.cast.group).unwrap();
            let ours = |message: &&Message| message.from == self.emulator.cast.assistant;
            group
                .messages
                .values()
                .filter(ours)
                .cloned()
                .collect::<Vec<_>>()
        });
        for message in &posted {
            assert!(message.text.starts_with("/ "), "{message:?}");
            for version in &message.versions {
                assert!(version.text.starts_with("/ "), "{version:?}");
            }
            // Where the CRM passes on replies, a reply would be passed on.
            assert_eq!(message.reply_to, None);
        }
        let left: Vec<_> = std::fs::read_dir(self.vault.dir().join("tmp"))
            .unwrap()
            .collect();
        assert!(left.is_empty(), "{left:?}");
        for delivered in self.emulator.crm.delivered() {
            assert!(
                posted
                    .iter()
                    .all(|message| message.id != delivered.message_id),
                "{delivered:?}"
            );
        }
    }
}

fn observed(message: &Message) -> Observed {
    let event = if message.deleted_at.is_some() {
        Event::Deleted(vec![MessageId(message.id)])
    } else {
        let mut json = serde_json::json!({
            "id": message.id,
            "topic": message.topic,
            "date": message.date,
            "from": message.from,
            "text": message.text,
        });
        if message.id == message.topic {
            json["service"] = serde_json::json!({"action": "topic_created", "title": "Anna S."});
        }
        Event::Message(Box::new(
            serde_json::from_value::<model::Message>(json).unwrap(),
        ))
    };
    Observed {
        event,
        source: Source::History,
        at: message.date,
    }
}

/// What the bot works with.
fn surroundings(
    vault: &Vault,
    progress: watch::Receiver<HashMap<GroupId, Progress>>,
    archives: Archives,
    config: &Config,
) -> Surroundings {
    Surroundings {
        vault: vault.clone(),
        progress,
        notices: Notices::default(),
        archives,
        crm: crate::crm::connect(&config.crm).unwrap(),
    }
}

#[tokio::test]
async fn operators_are_served_and_all_others_get_silence() {
    let rig = Rig::start(|_| {}).await;
    let cast = rig.emulator.cast.clone();
    rig.says(cast.visitor, "/help");
    // A customer's words: posted by the CRM's relay account, which is a person for Telegram.
    rig.says(cast.relay_user, "/export");
    rig.says(cast.crm_bot, "/export");
    rig.says(cast.visitor, "/ a note, no command");
    rig.says(rig.operator(), "/help@parcel_bot");
    rig.says(rig.operator(), "/nothing");
    rig.answers(0).await;
    rig.says(rig.operator(), "/help");
    let posted = rig.answers(1).await;
    assert_eq!(posted.len(), 1, "{posted:#?}");
    assert_eq!(posted[0].topic, rig.topic);
    assert!(posted[0].text.contains("/export – "), "{}", posted[0].text);
    let audit = rig.audit();
    let of = |person: i64| -> Vec<&str> {
        audit
            .iter()
            .rev()
            .filter(|entry| entry.person == PersonId(person))
            .map(|entry| entry.outcome.as_str())
            .collect()
    };
    assert_eq!(of(cast.visitor), ["refused"]);
    assert_eq!(of(cast.relay_user), ["refused"]);
    assert_eq!(of(cast.crm_bot), [""; 0]);
    assert_eq!(of(rig.operator()).first(), Some(&"allowed"));
    rig.end().await;
}

#[tokio::test]
async fn people_named_in_the_config_are_operators_and_each_hears_their_language() {
    let visitor = emulator().await.cast.visitor;
    let rig = Rig::start(|config| config.groups[0].operators = vec![visitor]).await;
    rig.says(visitor, "/help");
    rig.answers(1).await;
    rig.says(rig.emulator.cast.operators[1], "/help");
    let posted = rig.answers(2).await;
    assert!(
        posted[1].text.starts_with("/ Befehle"),
        "{}",
        posted[1].text
    );
    rig.end().await;

    let rig = Rig::start(|config| config.groups[0].language = Some("ru".into())).await;
    rig.says(rig.operator(), "/help");
    let posted = rig.answers(1).await;
    assert!(
        posted[0].text.starts_with("/ Команды"),
        "{}",
        posted[0].text
    );
    rig.end().await;
}

#[tokio::test]
async fn an_export_is_a_file_of_its_own_topic() {
    let rig = Rig::start(|_| {}).await;
    rig.archive();
    rig.says(rig.operator(), "/export json last 3");
    let posted = rig.answers(1).await;
    assert_eq!(posted[0].topic, rig.topic);
    assert!(
        posted[0].text.starts_with("/ Anna S.: 3\u{a0}messages."),
        "{}",
        posted[0].text
    );
    let (name, bytes) = rig.file(&posted[0]);
    assert!(
        name.starts_with(&format!("Anna-S-{}-", rig.topic)) && name.ends_with(".json"),
        "{name}"
    );
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(json["messages"].as_array().unwrap().len(), 3);

    // General has no thread to answer in.
    let username = rig.emulator.world.read(|state| {
        let bot = state.user(rig.emulator.cast.assistant).unwrap();
        bot.username.clone().unwrap()
    });
    rig.says_in(1, rig.operator(), &format!("/transcript@{username}"));
    let posted = rig.answers(2).await;
    assert_eq!(posted[1].topic, 1);
    let (name, bytes) = rig.file(&posted[1]);
    assert!(name.ends_with(".html"), "{name}");
    assert!(String::from_utf8(bytes).unwrap().contains("<html"));
    rig.end().await;
}

#[tokio::test]
async fn every_format_comes_as_one_file_and_redacted_where_that_is_asked() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("pseudonyms.key");
    let rig = Rig::with(|config, _| {
        config.privacy.pseudonym_key.clone_from(&key);
        config.groups[0].training_consent = TrainingConsent::Customers;
    })
    .await;
    rig.says(rig.operator(), "Write to max@shop.example, please");
    rig.archive();
    for (number, (asked, ending)) in (1..).zip([
        ("/export csv redacted", ".csv"),
        ("/export md", ".md"),
        ("/export parquet", ".parquet"),
    ]) {
        rig.says(rig.operator(), asked);
        let posted = rig.answers(number).await;
        let (name, bytes) = rig.file(&posted[number - 1]);
        assert!(name.ends_with(ending), "{name}");
        let text = String::from_utf8_lossy(&bytes);
        match ending {
            ".csv" => assert!(
                text.contains("[EMAIL_") && !text.contains("max@shop"),
                "{text}"
            ),
            ".md" => assert!(text.contains("max@shop.example"), "{text}"),
            _ => assert!(bytes.starts_with(b"PAR1")),
        }
    }
    rig.end().await;
}

#[tokio::test]
async fn nothing_is_made_to_train_on_without_consent() {
    let rig = Rig::start(|_| {}).await;
    rig.archive();
    rig.says(rig.operator(), "/export openai");
    let posted = rig.answers(1).await;
    assert!(
        posted[0].text.starts_with("/ Nothing was made to train on"),
        "{}",
        posted[0].text
    );
    rig.end().await;
}

#[tokio::test]
async fn wrong_arguments_and_empty_archives_are_explained() {
    let rig = Rig::start(|_| {}).await;
    rig.says(rig.operator(), "/export pdf");
    let posted = rig.answers(1).await;
    assert!(
        posted[0]
            .text
            .starts_with("/ “pdf” means nothing here.\n/export [format"),
        "{}",
        posted[0].text
    );
    rig.says(rig.operator(), "/export");
    let posted = rig.answers(2).await;
    assert!(posted[1].text.starts_with("/ Nothing to export"));
    rig.says(rig.operator(), "/status");
    let posted = rig.answers(3).await;
    assert!(posted[2].text.starts_with("/ Nothing of this group"));
    rig.archive();
    rig.says(rig.operator(), "/status");
    let posted = rig.answers(4).await;
    assert!(posted[3].text.contains("Captured: "), "{}", posted[3].text);
    assert!(posted[3].text.contains("Lag: 1\u{a0}message behind"));
    rig.end().await;
}

#[tokio::test]
async fn what_is_too_large_is_compressed_and_what_still_is_is_split() {
    let rig = Rig::start(|config| config.bot.upload_limit = 1024).await;
    rig.archive();
    rig.says(rig.operator(), "/export html");
    let parts = |posted: &[Message]| -> Option<usize> {
        let (_, rest) = posted.first()?.text.rsplit_once("Part 1 of ")?;
        rest.trim_end_matches('.').parse().ok()
    };
    let posted = rig
        .until(|posted| parts(posted) == Some(posted.len()))
        .await;
    assert!(posted.len() > 1, "{posted:#?}");
    assert!(posted[0].text.contains("Join: cat "), "{}", posted[0].text);
    let mut joined = Vec::new();
    for (number, message) in (1..).zip(&posted) {
        let (name, bytes) = rig.file(message);
        assert!(name.ends_with(&format!(".html.zst.{number:03}")), "{name}");
        assert!(bytes.len() <= 1024);
        joined.extend(bytes);
    }
    let page = zstd::decode_all(joined.as_slice()).unwrap();
    assert!(String::from_utf8(page).unwrap().contains("<html"));
    rig.end().await;
}

#[tokio::test]
async fn a_slow_export_says_how_far_it_is_and_blocks_nobody() {
    let rig = Rig::start(|_| {}).await;
    rig.archive();
    // Capture runs but does not see the command: the export waits for it, and then says so.
    let progress = HashMap::from([(rig.group(), Progress::default())]);
    rig.progress.send(progress).unwrap();
    rig.says(rig.operator(), "/export");
    rig.says(rig.operator(), "/export");
    rig.says(rig.operator(), "/help");
    let done = |message: &Message| message.text.starts_with("/ Export ready");
    let posted = rig.until(|posted| posted.iter().any(done)).await;
    let place = |wanted: &dyn Fn(&Message) -> bool| posted.iter().position(wanted).unwrap();
    let file = place(&|message| message.file.is_some());
    assert!(place(&|message| message.text.starts_with("/ This export is being made")) < file);
    assert!(place(&|message| message.text.starts_with("/ Commands")) < file);
    let announced = place(&done);
    assert!(announced < file);
    assert!(
        posted[announced].versions[0]
            .text
            .starts_with("/ Export: waiting"),
        "{:?}",
        posted[announced]
    );
    assert!(posted[file].text.contains("Capture is behind"));
    let files = posted.iter().filter(|message| message.file.is_some());
    assert_eq!(files.count(), 1);
    rig.end().await;
}

#[tokio::test]
async fn telegram_s_wait_is_honoured_and_a_topic_that_is_gone_stops_nobody() {
    let rig = Rig::start(|_| {}).await;
    let failure = |code, message: &str, retry_after| Failure {
        method: "sendMessage".into(),
        code,
        message: message.into(),
        retry_after,
        times: 1,
    };
    rig.emulator
        .faults
        .fail_bot_api(failure(429, "Too Many Requests: retry after 1", Some(1)));
    rig.says(rig.operator(), "/help");
    assert_eq!(rig.answers(1).await.len(), 1);
    rig.emulator
        .faults
        .fail_bot_api(failure(400, "Bad Request: message thread not found", None));
    rig.says(rig.operator(), "/help");
    // It is said where operators are told of trouble.
    let posted = rig.answers(2).await;
    assert_eq!(posted[1].topic, 1);
    assert!(posted[1].text.contains("/ Nothing can be written"));
    assert!(posted[1].text.contains("/export"), "{}", posted[1].text);
    rig.says(rig.operator(), "/status");
    let posted = rig.answers(3).await;
    assert!(posted[2].text.starts_with("/ Nothing of this group"));
    rig.end().await;
}

#[tokio::test]
async fn nothing_is_served_twice_after_a_restart_and_what_came_meanwhile_is_served() {
    let mut rig = Rig::start(|_| {}).await;
    rig.says(rig.operator(), "/help");
    rig.answers(1).await;
    rig.restart().await;
    rig.says(rig.operator(), "/status");
    let posted = rig.answers(2).await;
    assert!(posted[1].text.starts_with("/ Nothing of this group"));
    rig.stop.cancel();
    (&mut rig.bot).await.unwrap().unwrap();
    rig.says(rig.operator(), "/help");
    rig.bot = tokio::spawn(async { Ok(()) });
    rig.restart().await;
    let posted = rig.answers(3).await;
    assert!(posted[2].text.starts_with("/ Commands"));
    rig.end().await;
}

#[tokio::test]
async fn the_commands_are_announced_in_the_group_in_each_language() {
    let rig = Rig::start(|config| {
        config
            .bot
            .names
            .insert("export".to_owned(), "vault".to_owned());
    })
    .await;
    rig.says(rig.operator(), "/vault");
    rig.answers(1).await;
    let token = rig.emulator.bot_token(rig.emulator.cast.assistant).unwrap();
    let url = format!("{}/bot{token}/getMyCommands", rig.emulator.bot_api);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (language, word) in [("", "send"), ("de", "senden"), ("ru", "прислать")] {
        let body = serde_json::json!({
            "scope": {"type": "chat", "chat_id": rig.group().marked()},
            "language_code": language,
        });
        // The announcement runs beside the commands.
        let described = loop {
            let answer = client.post(&url).json(&body).send().await.unwrap();
            let answer: serde_json::Value = answer.json().await.unwrap();
            let commands = answer["result"].as_array().cloned().unwrap_or_default();
            if let Some(vault) = commands.iter().find(|one| one["command"] == "vault") {
                break vault["description"].to_string();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(described.contains(word), "{described}");
    }
    rig.end().await;
}
