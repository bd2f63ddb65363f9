//! What operators do with outside systems: what they see is kept word for word.

use std::path::Path;
use std::time::Duration;

use super::Rig;
use crate::config::{Delivery, Secret};
use crate::emulator::systems::{Fault, Systems};
use crate::emulator::world::{Draft, Message, Standing, State};
use crate::model::PersonId;

/// A desk with a CRM, a billing service and Notion.
pub(super) struct Desk {
    pub(super) rig: Rig,
    pub(super) systems: Systems,
    _dir: tempfile::TempDir,
    /// The topic's customer.
    pub(super) customer: i64,
    pub(super) seen: usize,
}

const BILLING: &str = "preset = \"billing\"\n[secrets]\ntoken = { file = \"billing.token\" }\n";
const NOTION: &str = "preset = \"notion\"\n[secrets]\ntoken = { file = \"notion.token\" }\n";

pub(super) fn write(dir: &Path, name: &str, text: &str) {
    std::fs::write(dir.join(name), text).unwrap();
}

impl Desk {
    pub(super) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut crate::config::Config)) -> Self {
        let listen = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let systems = Systems::start(listen, 1).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let facts = systems.facts();
        write(dir.path(), "billing.token", &facts.billing.token);
        write(dir.path(), "notion.token", &facts.notion.token);
        let billing = format!("{BILLING}[settings]\nurl = \"{}\"\n", facts.billing.url);
        write(dir.path(), "billing.toml", &billing);
        let notion = format!(
            "base_url = \"{}\"\n{NOTION}[settings]\ndatabase = \"{}\"\n",
            facts.notion.url, facts.notion.database_id
        );
        write(dir.path(), "notion.toml", &notion);
        let rig = Rig::with(|config, emulator| {
            let crm = emulator.facts().crm;
            config.crm.url = crm.url;
            config.crm.api_key = Secret::new(crm.api_key);
            config.crm.instance = crm.instance;
            config.crm.instance_api_key = Secret::new(crm.instance_api_key);
            config.connectors.dir = dir.path().to_owned();
            config.groups[0].language = Some("en".to_owned());
            change(config);
        })
        .await;
        let customer = rig.emulator.world.read(|state| {
            let group = state.group(rig.emulator.cast.group).unwrap();
            group.topics[&rig.topic].customer.unwrap()
        });
        Self {
            rig,
            systems,
            _dir: dir,
            customer,
            seen: 0,
        }
    }

    /// An operator gives a command; what they read then.
    pub(super) async fn says(&mut self, text: &str) -> Message {
        self.rig.says(self.rig.operator(), text);
        self.next().await
    }

    /// The next thing that the bot posts.
    pub(super) async fn next(&mut self) -> Message {
        let posted = self.rig.answers(self.seen + 1).await;
        self.seen += 1;
        posted[self.seen - 1].clone()
    }

    /// Presses a button of a message.
    pub(super) fn press(&self, by: i64, message: &Message, label: &str) {
        let buttons = message.buttons.iter().flatten();
        let data = buttons
            .filter(|button| button.text == label)
            .find_map(|button| button.data.clone())
            .unwrap();
        self.rig
            .emulator
            .world
            .write(|state| state.press(self.rig.emulator.cast.group, by, message.id, &data))
            .unwrap();
    }

    /// An operator edits what they wrote.
    pub(super) fn edit(&self, message: i32, text: &str) {
        let draft = Draft {
            text: text.to_owned(),
            ..Draft::default()
        };
        let (group, operator) = (self.rig.emulator.cast.group, self.rig.operator());
        let edit = |state: &mut State| state.edit(group, operator, message, draft);
        self.rig.emulator.world.write(edit).unwrap();
    }

    /// An operator closes the customer's topic.
    pub(super) fn close_topic(&self) {
        let (group, operator) = (self.rig.emulator.cast.group, self.rig.operator());
        let topic = self.rig.topic;
        let close =
            |state: &mut State| state.edit_topic(group, operator, topic, None, Some(true), None);
        self.rig.emulator.world.write(close).unwrap();
    }

    /// Waits until a message says something.
    pub(super) async fn until(&self, message: &Message, says: &str) -> Message {
        let posted = self
            .rig
            .until(|posted| {
                let same = posted.iter().find(|one| one.id == message.id);
                same.is_some_and(|one| one.text.contains(says))
            })
            .await;
        posted.into_iter().find(|one| one.id == message.id).unwrap()
    }

    /// As people see it: formatting marked, buttons below, what differs from run to run named.
    pub(super) fn shown(&self, message: &Message) -> String {
        let mut units: Vec<String> = message
            .text
            .encode_utf16()
            .map(|unit| String::from_utf16_lossy(&[unit]))
            .collect();
        for entity in &message.entities {
            let from = entity.offset as usize;
            let to = from + entity.length as usize - 1;
            let (open, close) = match entity.kind.as_str() {
                "bold" => ("*".to_owned(), "*".to_owned()),
                "code" => ("`".to_owned(), "`".to_owned()),
                "text_link" => (
                    "[".to_owned(),
                    format!("]({})", entity.href.clone().unwrap_or_default()),
                ),
                _ => continue,
            };
            units[from] = format!("{open}{}", units[from]);
            units[to] = format!("{}{close}", units[to]);
        }
        let mut shown = units.concat();
        let buttons: Vec<&str> = message
            .buttons
            .iter()
            .flatten()
            .map(|button| button.text.as_str())
            .collect();
        if !buttons.is_empty() {
            shown.push_str(&format!("\n({})", buttons.join(") (")));
        }
        let shown = shown
            .replace(&self.customer.to_string(), "CUSTOMER")
            .replace(&self.rig.operator().to_string(), "OPERATOR")
            .replace(&self.rig.emulator.cast.group.to_string(), "GROUP")
            .replace(&format!("/{}", self.rig.topic), "/TOPIC")
            .replace('\u{a0}', " ");
        // Days differ from day to day.
        let day = r"(\d{4}-\d\d-\d\d|\d\d\.\d\d\.\d{4})( \d\d:\d\d:\d\d( UTC)?)?|\d+ (Tg\.|дн\.)";
        let day = regex::Regex::new(day).unwrap();
        day.replace_all(&shown, "DAY").into_owned()
    }

    pub(super) fn delivered(&self) -> Vec<String> {
        let delivered = self.rig.emulator.crm.delivered();
        let bot = self.rig.emulator.cast.assistant;
        let ours = delivered.into_iter().filter(|one| one.from == bot);
        ours.map(|one| one.text).collect()
    }
}

#[tokio::test]
async fn info_shows_the_customer_their_accounts_and_what_is_missing() {
    let mut desk = Desk::open().await;
    desk.rig.archive();
    let empty = desk.says("/info").await;
    desk.systems.billing().give("N001", desk.customer);
    desk.says("/link N005").await;
    desk.says("/notion vip").await;
    let full = desk.says("/info").await;
    desk.systems.billing().faults.push(Fault::Forbidden);
    desk.systems.notion().faults.push(Fault::ExpiredToken);
    let partial = desk.says("/info").await;
    let shown: Vec<String> = [empty, full, partial]
        .iter()
        .map(|message| desk.shown(message))
        .collect();
    insta::assert_snapshot!(shown.join("\n\n----\n\n"));
    desk.rig.end().await;
}

#[tokio::test]
async fn a_record_is_made_and_its_tags_changed() {
    let mut desk = Desk::open().await;
    let made = desk.says("/notion vip trial").await;
    let changed = desk.says("/notion -trial").await;
    let shown = [made, changed].map(|message| desk.shown(&message));
    insta::assert_snapshot!(shown.join("\n\n----\n\n"));
    assert_eq!(desk.systems.notion().records().len(), 1);
    assert_eq!(desk.delivered(), Vec::<String>::new());
    desk.rig.end().await;
}

#[tokio::test]
async fn a_tariff_is_activated_after_a_question_and_the_customer_is_told() {
    let mut desk = Desk::with(|config| config.groups[0].delivery = Delivery::Bot).await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 100_000);
    let asked = desk.says("/activate t1 m6").await;
    let question = desk.shown(&asked);
    // Nobody else may press, and nothing was done before.
    let before = desk.systems.billing().account("N002").unwrap();
    desk.press(desk.rig.emulator.cast.visitor, &asked, "Yes");
    desk.press(desk.rig.operator(), &asked, "Yes");
    let done = desk.until(&asked, "is active").await;
    assert_ne!(desk.systems.billing().account("N002").unwrap(), before);
    let told = desk.next().await;
    let shown = [question, desk.shown(&done), desk.shown(&told)];
    insta::assert_snapshot!(shown.join("\n\n----\n\n"));
    // Nothing is left to press.
    assert!(done.buttons.iter().flatten().next().is_none());
    assert_eq!(desk.delivered(), [told.text]);
    let audit = desk.rig.audit();
    let of_visitor = audit
        .iter()
        .find(|entry| entry.person == PersonId(desk.rig.emulator.cast.visitor));
    assert_eq!(
        of_visitor.map(|entry| entry.outcome.as_str()),
        Some("refused")
    );
}

#[tokio::test]
async fn what_does_not_fit_or_is_called_off_changes_nothing() {
    let mut desk = Desk::open().await;
    let nobody = desk.says("/activate t1 m6").await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 1);
    let mut shown = vec![desk.shown(&nobody)];
    for command in [
        "/activate",
        "/activate t1 6m",
        "/activate t9 m6",
        "/admin on",
    ] {
        let answer = desk.says(command).await;
        shown.push(format!("{command}\n{}", desk.shown(&answer)));
    }
    let asked = desk.says("/activate t1 m6").await;
    desk.press(desk.rig.operator(), &asked, "Yes");
    shown.push(desk.shown(&desk.until(&asked, "not enough").await));
    let asked = desk.says("/activate t1 m6").await;
    desk.press(desk.rig.operator(), &asked, "No");
    shown.push(desk.shown(&desk.until(&asked, "Called off").await));
    insta::assert_snapshot!(shown.join("\n\n----\n\n"));
    desk.rig.end().await;
}

#[tokio::test]
async fn links_are_made_ended_and_remembered() {
    let mut desk = Desk::open().await;
    let mut shown = Vec::new();
    for command in [
        "/link",
        "/link N999",
        "/link N005",
        "/link N005",
        "/link N005 111 222",
        "/link N006",
        "/links N005",
        "/unlink N005 222",
        "/unlink N005 222",
        "/links N005",
        "/links",
        "/link N005 anna",
    ] {
        let answer = desk.says(command).await;
        shown.push(format!("{command}\n{}", desk.shown(&answer)));
    }
    insta::assert_snapshot!(shown.join("\n\n"));
    desk.rig.end().await;
}

#[tokio::test]
async fn buttons_work_after_a_restart() {
    let mut desk = Desk::open().await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 100_000);
    let asked = desk.says("/activate t1 m6").await;
    desk.rig.restart().await;
    desk.press(desk.rig.operator(), &asked, "Yes");
    let done = desk.until(&asked, "is active").await;
    assert!(
        done.text.contains("The customer was not told"),
        "{}",
        done.text
    );
    desk.rig.end().await;
}

#[tokio::test]
async fn an_edited_command_runs_again_once() {
    let mut desk = Desk::open().await;
    let command = desk.rig.says(desk.rig.operator(), "/notion a b");
    let first = desk.next().await;
    assert!(first.text.contains("Tags: a, b"), "{}", first.text);
    desk.edit(command, "/notion -b");
    let second = desk.rig.answers(2).await;
    assert!(second[1].text.contains("Tags: a"), "{}", second[1].text);
    desk.edit(command, "/notion c");
    tokio::time::sleep(Duration::from_millis(300)).await;
    desk.seen = 2;
    let help = desk.says("/links N005").await;
    assert!(help.text.contains("Users of N005"), "{}", help.text);
    desk.rig.end().await;
}

#[tokio::test]
async fn a_change_of_rights_counts_at_once() {
    let mut desk = Desk::open().await;
    // Not the owner, who stays one.
    let operator = desk.rig.emulator.cast.operators[1];
    desk.rig.says(operator, "/links N005");
    desk.next().await;
    let group = desk.rig.emulator.cast.group;
    let owner = desk
        .rig
        .emulator
        .world
        .read(|state| state.group(group).unwrap().owner);
    let set = |standing| {
        let set = |state: &mut State| state.set_standing(group, owner, operator, standing);
        desk.rig.emulator.world.write(set).unwrap();
    };
    set(Standing::Member);
    // What came together may share an answer for a moment.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    desk.rig.says(operator, "/links N005");
    for _ in 0..200 {
        let refused = |entry: &crate::archive::AuditEntry| entry.outcome == "refused";
        if desk.rig.audit().iter().any(refused) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let last = desk.rig.audit().remove(0);
    assert_eq!(last.outcome, "refused", "{last:?}");
    set(Standing::Administrator);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    desk.rig.says(operator, "/links N005");
    desk.next().await;
    desk.rig.end().await;
}

#[tokio::test]
async fn each_command_has_its_permission_and_help_shows_only_those() {
    let mut desk = Desk::with(|config| {
        let group = &mut config.groups[0];
        let to = |who: &str| vec![who.to_owned()];
        group
            .permissions
            .insert("activate".to_owned(), to("nobody"));
        group
            .permissions
            .insert("export".to_owned(), to("auditors"));
        group.staff.insert("auditors".to_owned(), vec![1]);
    })
    .await;
    let help = desk.says("/help").await;
    assert!(!help.text.contains("/activate"), "{}", help.text);
    assert!(!help.text.contains("/export"), "{}", help.text);
    assert!(help.text.contains("/deactivate [account]"), "{}", help.text);
    desk.rig.says(desk.rig.operator(), "/activate t1 m6");
    let next = desk.says("/links N005").await;
    assert!(next.text.contains("Users of"), "{}", next.text);
    desk.rig.end().await;
}

#[tokio::test]
async fn of_many_presses_one_counts() {
    let mut desk = Desk::open().await;
    desk.systems.billing().give("N002", desk.customer);
    desk.systems.billing().set_balance("N002", 100_000);
    let asked = desk.says("/activate t1 m6").await;
    for _ in 0..4 {
        for operator in &desk.rig.emulator.cast.operators.clone() {
            desk.press(*operator, &asked, "Yes");
        }
    }
    desk.until(&asked, "is active").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let account = desk.systems.billing().account("N002").unwrap();
    assert_eq!(account["balance"]["amount"], "970.60");
    desk.rig.end().await;
}
