//! `docs/connectors.md` is followed word for word: what it tells to write is written, what it tells
//! to type is typed, and what it says comes back comes back.

use std::path::Path;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use topicvault::app::Service;
use topicvault::config;
use topicvault::connectors::Connector;
use topicvault::emulator::server::{Limits, Settings};
use topicvault::emulator::world::{Draft, Message};

use crate::desk::Desk;
use crate::program::Program;

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/connectors.md");
    std::fs::read_to_string(path).expect("the page is there")
}

/// The blocks of a section: what they are, and what they hold.
fn blocks(page: &str, section: &str) -> Vec<(String, String)> {
    let (_, rest) = page
        .split_once(&format!("\n## {section}\n"))
        .expect(section);
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let mut parts = section.split("```");
    let mut blocks = Vec::new();
    while let (Some(_), Some(block)) = (parts.next(), parts.next()) {
        let (kind, text) = block.split_once('\n').expect("a block has lines");
        blocks.push((kind.trim().to_owned(), text.to_owned()));
    }
    blocks
}

/// A customer's topic, where an operator types and reads.
struct Topic<'a> {
    desk: &'a Desk,
    id: i32,
}

impl Topic<'_> {
    async fn types(&self, text: &str) -> Message {
        let draft = Draft {
            topic: self.id,
            text: text.trim().to_owned(),
            ..Draft::default()
        };
        let (group, operator) = (self.desk.group, self.desk.operator);
        let world = &self.desk.emulator.world;
        let asked = world.write(|state| state.post(group, operator, draft));
        let asked = asked.expect("it can be typed");
        self.read(|message| message.id > asked).await
    }

    async fn read(&self, wanted: impl Fn(&Message) -> bool) -> Message {
        let ours = self.desk.emulator.cast.assistant;
        for _ in 0..1_000 {
            let found = self.desk.emulator.world.read(|state| {
                let group = state.group(self.desk.group)?;
                let mut messages = group.messages.values();
                messages
                    .find(|message| {
                        message.from == ours && message.topic == self.id && wanted(message)
                    })
                    .cloned()
            });
            if let Some(found) = found {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no answer came")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ten_minutes_are_followed() {
    let page = page();
    let blocks = blocks(&page, "Ten minutes: your own billing service");
    let [
        _service,
        file,
        check,
        balance,
        balance_reply,
        more,
        extend,
        question,
        done,
        wrong,
        usage,
    ] = blocks.as_slice()
    else {
        panic!("the tutorial has other blocks: {blocks:#?}");
    };
    let settings = Settings {
        messages: 60,
        limits: Limits::OFF,
        ..Settings::default()
    };
    let desk = Desk::open(settings, "").await;
    let facts = desk.emulator.facts().systems.billing;
    let here = |text: &str| text.replace("https://billing.example", &facts.url);
    let dir = desk.dir.path().join("connectors");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("shop.toml"), here(&file.1)).unwrap();
    std::fs::write(dir.join("shop.token"), &facts.token).unwrap();

    // Check it.
    let (command, printed) = check.1.split_once('\n').unwrap();
    let arguments = command.strip_prefix("$ topicvault ").unwrap();
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let program = Program::new();
    std::fs::create_dir(program.dir().join("connectors")).unwrap();
    for name in ["shop.toml", "shop.token"] {
        std::fs::copy(dir.join(name), program.dir().join("connectors").join(name)).unwrap();
    }
    let ran = program.run(&arguments).with(0);
    assert_eq!(ran.stdout, here(printed));

    // Use it.
    let customer = desk.emulator.world.read(|state| {
        let group = state.group(desk.group).unwrap();
        let topics = group.topics.values();
        let open = topics.filter(|topic| !topic.closed);
        open.filter_map(|topic| Some((topic.id, topic.customer?)))
            .next()
    });
    let (id, customer) = customer.unwrap();
    for account in desk.emulator.systems.billing().records() {
        // Only the account of the page is this customer's.
        let account = account["id"].as_str().unwrap();
        desk.emulator.systems.billing().take(account);
    }
    desk.emulator.systems.billing().give("N005", customer);
    let topic = Topic { desk: &desk, id };
    let service = start(&desk).await;
    assert_eq!(topic.types(&balance.1).await.text, balance_reply.1.trim());
    end(service).await;

    // Change something.
    let whole = format!("{}\n{}", here(&file.1), more.1);
    std::fs::write(dir.join("shop.toml"), &whole).unwrap();
    program.file("connectors/shop.toml", whole);
    program.run(&arguments).with(0);
    let service = start(&desk).await;
    let asked = topic.types(&extend.1).await;
    assert_eq!(asked.text, question.1.trim());
    let buttons: Vec<_> = asked.buttons.iter().flatten().collect();
    let labels: Vec<&str> = buttons.iter().map(|button| button.text.as_str()).collect();
    assert_eq!(labels, ["Yes", "No"]);
    let data = buttons[0].data.clone().unwrap();
    let world = &desk.emulator.world;
    let press = world.write(|state| state.press(desk.group, desk.operator, asked.id, &data));
    press.unwrap();
    let answered = topic
        .read(|message| message.id == asked.id && message.text.contains("is active"))
        .await;
    let first = answered.text.lines().next().unwrap();
    assert_eq!(first, done.1.trim());
    assert_eq!(topic.types(&wrong.1).await.text, usage.1.trim());
    end(service).await;
    let delivered = desk.emulator.crm.delivered();
    let ours = desk.emulator.cast.assistant;
    assert!(
        delivered.iter().all(|one| one.from != ours),
        "{delivered:?}"
    );
}

async fn start(desk: &Desk) -> (Service, CancellationToken) {
    let loaded = config::load(Some(&desk.config)).expect("the config loads");
    let stop = CancellationToken::new();
    let service = Service::start(&loaded.config, &loaded.base, stop.clone()).await;
    (service.expect("the service starts"), stop)
}

async fn end((service, stop): (Service, CancellationToken)) {
    stop.cancel();
    service.wait().await.expect("it ends well");
}

/// Every other file of the page is taken as it stands.
#[test]
fn the_examples_are_connectors() {
    let page = page();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("example.toml");
    let presets = blocks(&page, "Presets");
    let files: Vec<&str> = presets
        .iter()
        .filter(|(kind, _)| kind == "toml")
        .map(|(_, text)| text.as_str())
        .collect();
    let [notion, oauth] = files.as_slice() else {
        panic!("{files:#?}");
    };
    let amocrm = format!("preset = \"amocrm\"\n{oauth}");
    for file in [*notion, amocrm.as_str()] {
        std::fs::write(&path, file).unwrap();
        if let Err(error) = Connector::read(&path) {
            panic!("{file}\n{error}");
        }
    }
    let rest = blocks(&page, "Triggers, permissions, words for the customer");
    std::fs::write(&path, &rest[1].1).unwrap();
    if let Err(error) = Connector::read(&path) {
        panic!("{error}");
    }
    let group = format!("[[groups]]\nid = \"5\"\n{}", rest[0].1);
    let config = dir.path().join("topicvault.toml");
    std::fs::write(&config, group).unwrap();
    config::load_with(Some(&config), &Default::default()).expect("the block loads");
}

/// What the page lists of keys and values is what there is.
#[test]
fn every_value_of_templates_is_listed() {
    let page = page();
    for name in topicvault::connectors::values() {
        assert!(page.contains(&format!("`{name}`")), "{name} is not listed");
    }
}
