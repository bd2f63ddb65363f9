//! Outside systems with the whole service: what happens by itself, and what a kill leaves behind.

use std::collections::BTreeSet;
use std::process::Child;
use std::time::{Duration, Instant};

use topicvault::emulator::server::{Limits, Relay, Settings};
use topicvault::emulator::world::{Draft, Message};

use crate::desk::{Desk, terminate};

/// What may have been sent is looked for in the archive for more than a minute.
const PATIENCE: Duration = Duration::from_secs(150);

/// A desk with a billing service and Notion, and a customer's topic in it.
struct Office {
    desk: Desk,
    topic: i32,
    customer: i64,
}

impl Office {
    async fn open(relay: Relay, group: &str) -> Self {
        let settings = Settings {
            messages: 60,
            limits: Limits::OFF,
            relay,
            ..Settings::default()
        };
        let desk = Desk::open(settings, "").await;
        // The emulator's config has a way to the customer already.
        desk.rewrite("delivery = \"userbot\"\n", "");
        desk.rewrite("[groups.roles]", &format!("{group}\n[groups.roles]"));
        let facts = desk.emulator.facts().systems;
        let dir = desk.dir.path().join("connectors");
        std::fs::create_dir(&dir).unwrap();
        let billing = format!("[settings]\nurl = \"{}\"", facts.billing.url);
        let notion = format!(
            "base_url = \"{}\"\n[settings]\ndatabase = \"{}\"",
            facts.notion.url, facts.notion.database_id
        );
        for (name, own, token) in [
            ("billing", billing, &facts.billing.token),
            ("notion", notion, &facts.notion.token),
        ] {
            let secret = format!("[secrets]\ntoken = {{ file = \"{name}.token\" }}");
            let text = format!("preset = \"{name}\"\n{own}\n{secret}\n");
            std::fs::write(dir.join(format!("{name}.toml")), text).unwrap();
            std::fs::write(dir.join(format!("{name}.token")), token).unwrap();
        }
        let found = desk.emulator.world.read(|state| {
            let topics = state.group(desk.group).unwrap().topics.values();
            let open = topics.filter(|topic| !topic.closed);
            open.filter_map(|topic| Some((topic.id, topic.customer?)))
                .next()
        });
        let (topic, customer) = found.unwrap();
        Self {
            desk,
            topic,
            customer,
        }
    }

    /// Starts the service; what it says lies in a file.
    fn run(&self, kill_at: Option<&str>) -> Child {
        let mut command = self.desk.program(&["run"]);
        if let Some(step) = kill_at {
            command.env("TOPICVAULT_KILL_AT", step);
        }
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.desk.dir.path().join("log"));
        command.stderr(log.unwrap());
        command.spawn().expect("the service's binary starts")
    }

    /// What the service has said.
    fn log(&self) -> String {
        std::fs::read_to_string(self.desk.dir.path().join("log")).unwrap_or_default()
    }

    fn says(&self, text: &str) -> i32 {
        let draft = Draft {
            topic: self.topic,
            text: text.to_owned(),
            ..Draft::default()
        };
        let (group, operator) = (self.desk.group, self.desk.operator);
        let world = &self.desk.emulator.world;
        world
            .write(|state| state.post(group, operator, draft))
            .unwrap()
    }

    fn customer_says(&self, customer: i64, text: &str, date: Option<i64>) -> i32 {
        let draft = Draft {
            text: text.to_owned(),
            date,
            ..Draft::default()
        };
        let said = self.desk.emulator.crm.customer_says(customer, draft);
        said.unwrap().0
    }

    /// What our bot has posted.
    fn posted(&self) -> Vec<Message> {
        let ours = self.desk.emulator.cast.assistant;
        self.desk.emulator.world.read(|state| {
            let messages = state.group(self.desk.group).unwrap().messages.values();
            messages
                .filter(|message| message.from == ours)
                .cloned()
                .collect()
        })
    }

    /// Waits for a post.
    async fn until(&self, wanted: impl Fn(&Message) -> bool) -> Message {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = self.posted().into_iter().find(|message| wanted(message)) {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "posted only {:#?}
{}",
                self.posted(),
                self.log()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn press_yes(&self, question: &Message) {
        let button = question.buttons.iter().flatten().next().unwrap();
        let data = button.data.clone().unwrap();
        let (group, operator) = (self.desk.group, self.desk.operator);
        let world = &self.desk.emulator.world;
        let press = world.write(|state| state.press(group, operator, question.id, &data));
        press.unwrap();
    }

    /// What reached customers of ours: of what the bot and the userbot wrote.
    fn delivered(&self) -> Vec<String> {
        let cast = &self.desk.emulator.cast;
        let delivered = self.desk.emulator.crm.delivered().into_iter();
        let ours = delivered.filter(|one| one.from == cast.assistant || one.from == cast.userbot);
        ours.map(|one| one.text).collect()
    }

    fn balance(&self) -> String {
        let account = self
            .desk
            .emulator
            .systems
            .billing()
            .account("N007")
            .unwrap();
        account["balance"]["amount"].as_str().unwrap().to_owned()
    }
}

const TRIGGERS: &str = r#"
[[groups.triggers]]
on = "topic_created"
note = "a new topic"

[[groups.triggers]]
on = "first_message"
run = "notion.record"

[[groups.triggers]]
on = "text"
matches = "(?i)refund|возврат"
note = "see the handbook"

[[groups.triggers]]
on = "no_answer"
minutes = 5
note = "waits for five minutes"

[[groups.triggers]]
on = "closed"
note = "it is over"

[[groups.triggers]]
on = "reopened"
note = "it goes on"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_in_topics_is_acted_on_once() {
    let office = Office::open(Relay::Bot, TRIGGERS).await;
    let mut service = office.run(None);
    office.says("/help");
    office.until(|message| message.text.contains("/help")).await;
    // The triggers follow the group once it is captured.
    tokio::time::sleep(Duration::from_secs(6)).await;

    // Somebody who has never written: a topic opens.
    let newcomer = *office.desk.emulator.cast.customers.last().unwrap();
    let topic = office.customer_says(newcomer, "Hello", None);
    let there = |words: &'static str| {
        move |message: &Message| message.topic == topic && message.text.contains(words)
    };
    office.until(there("a new topic")).await;
    office.until(there("created in Notion")).await;
    office.customer_says(newcomer, "I want a REFUND", None);
    office.until(there("see the handbook")).await;

    // One who has waited for six minutes.
    let now = i64::from(u32::try_from(jiff::Timestamp::now().as_second()).unwrap());
    office.customer_says(office.customer, "Anybody there?", Some(now - 360));
    let waits = |message: &Message| {
        message.topic == office.topic && message.text.contains("waits for five")
    };
    office.until(waits).await;

    // In a closed topic only administrators can write.
    let world = &office.desk.emulator.world;
    let (group, operator) = (office.desk.group, office.desk.operator);
    let ours = office.desk.emulator.cast.assistant;
    world.write(|state| state.add_member(group, ours, true));
    for (closed, words) in [(true, "it is over"), (false, "it goes on")] {
        let edit = |state: &mut topicvault::emulator::world::State| {
            state.edit_topic(group, operator, topic, None, Some(closed), None)
        };
        world.write(edit).unwrap();
        office.until(there(words)).await;
    }

    // Nothing is done again after a restart.
    let before = office.posted().len();
    service.kill().unwrap();
    service.wait().unwrap();
    let service = office.run(None);
    tokio::time::sleep(Duration::from_secs(12)).await;
    office.says("/status");
    office
        .until(|message| message.text.contains("Captured"))
        .await;
    let texts: Vec<String> = office.posted().into_iter().map(|one| one.text).collect();
    assert_eq!(texts.len(), before + 1, "{texts:#?}");
    assert_eq!(office.desk.emulator.systems.notion().records().len(), 1);
    assert_eq!(office.delivered(), Vec::<String>::new());
    terminate(service).await;
}

/// A kill while a tariff is activated: it is charged once at most, the customer hears of it once at
/// most, and operators are told where it is not known.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_money_is_spent_spends_it_once_and_tells() {
    for (relay, delivery) in [(Relay::User, "bot"), (Relay::Bot, "userbot")] {
        for (step, is_done, is_told) in [
            // Whether it was done is not known to us then, and said so.
            ("question.doing", Some(false), Some(false)),
            ("question.acted", Some(true), Some(false)),
            // The customer is told after the next start, once.
            ("outbox.before_post", Some(true), Some(true)),
            ("outbox.after_post", Some(true), Some(true)),
        ] {
            let office = Office::open(relay, &format!("delivery = \"{delivery}\"")).await;
            let billing = office.desk.emulator.systems.billing();
            let accounts = billing.records();
            for account in &accounts {
                billing.take(account["id"].as_str().unwrap());
            }
            billing.give("N007", office.customer);
            billing.set_balance("N007", 100_000);
            let mut service = office.run(Some(step));
            office.says("/activate t1 m6");
            let asked = office.until(|message| !message.buttons.is_empty()).await;
            office.press_yes(&asked);
            let deadline = Instant::now() + PATIENCE;
            while service.try_wait().unwrap().is_none() {
                assert!(Instant::now() < deadline, "{step} was never passed");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let service = office.run(None);
            // The next start tells of what was broken off.
            if step.starts_with("question.") {
                office
                    .until(|message| message.text.contains("was stopped while"))
                    .await;
            } else {
                let deadline = Instant::now() + PATIENCE;
                while office.delivered().is_empty() {
                    assert!(
                        Instant::now() < deadline,
                        "{step} {delivery}: nothing was told"
                    );
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
            tokio::time::sleep(Duration::from_secs(4)).await;
            let charged = office.balance() == "970.60";
            assert!(charged || office.balance() == "1000.00", "{step}");
            assert_eq!(Some(charged), is_done, "{step} {delivery}");
            let delivered = office.delivered();
            assert!(delivered.len() <= 1, "{step} {delivery}: {delivered:?}");
            assert_eq!(Some(delivered.len() == 1), is_told, "{step} {delivery}");
            terminate(service).await;
        }
    }
}

/// Every file of a directory that a person sees is one that the page tells of.
#[test]
fn presets_are_all_told_of() {
    let page = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/connectors.md"),
    )
    .unwrap();
    let told: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    for preset in topicvault::connectors::presets::names() {
        assert!(told.contains(preset), "{preset}");
    }
}

/// What is changed in `connectors/` counts without a restart; what cannot be used changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn connectors_are_followed_while_the_service_runs() {
    let office = Office::open(Relay::User, "").await;
    let service = office.run(None);
    let file = office
        .desk
        .dir
        .path()
        .join("connectors")
        .join("notion.toml");
    let was = std::fs::read_to_string(&file).unwrap();
    office.says("/help");
    office
        .until(|message| message.text.contains("/notion"))
        .await;

    std::fs::write(&file, format!("{was}\ntitel = 1\n")).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while !office.log().contains("going on with what was read before") {
        assert!(Instant::now() < deadline, "{}", office.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    office.says("/notion vip");
    office
        .until(|message| message.text.contains("created in"))
        .await;

    let renamed = format!("{was}\n[actions.record]\ncommand = \"card\"\n");
    std::fs::write(&file, renamed).unwrap();
    // It is looked at every few seconds.
    let there = |posted: Vec<Message>| posted.iter().any(|one| one.text.contains("/card"));
    while !there(office.posted()) {
        assert!(Instant::now() < deadline, "{}", office.log());
        office.says("/help");
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    terminate(service).await;
}
