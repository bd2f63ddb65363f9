//! A preset at work against a local system that behaves as the real one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use tempfile::TempDir;

use super::super::build::connector;
use super::super::{Context, Failure, Live, Markup, Memory, Operator, Outcome, Until};
use crate::emulator::systems::{Fault, FaultQueue, Journal, Systems};
use crate::i18n::Language;
use crate::model::{Customer, GroupId, PersonId, TopicId};

/// One preset and its system.
pub(super) struct Bench {
    pub(super) systems: Systems,
    pub(super) live: Arc<Live>,
    dir: TempDir,
    name: &'static str,
    file: String,
}

/// Name and tags.
pub(super) type Record = (String, Vec<String>);

/// How a preset is told where its system is.
pub(super) struct Preset {
    pub(super) name: &'static str,
    /// Its part of a connector's file: address and settings.
    pub(super) file: fn(&Systems) -> String,
    /// Secrets, as names and what they are.
    pub(super) secrets: fn(&Systems) -> Vec<(&'static str, String)>,
    /// The path of a request that changes something contains this.
    pub(super) changes_at: &'static str,
    pub(super) faults: fn(&Systems) -> FaultQueue,
    pub(super) journal: fn(&Systems) -> Journal,
    /// Name and tags of the records of a Telegram user.
    pub(super) records: fn(&Systems, i64) -> Vec<Record>,
    /// Fills it with other people's records, so that there are several pages.
    pub(super) crowd: fn(&Systems),
}

impl Bench {
    pub(super) async fn start(preset: &Preset) -> Self {
        let listen = (std::net::Ipv4Addr::LOCALHOST, 0).into();
        let systems = Systems::start(listen, 1).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut file = format!(
            "preset = \"{}\"\n{}\n",
            preset.name,
            (preset.file)(&systems)
        );
        // Tests do not wait as long as people do.
        file.push_str("[limits]\ntimeout = 1.0\nbudget = 12.0\n[secrets]\n");
        for (name, secret) in (preset.secrets)(&systems) {
            std::fs::write(dir.path().join(name), secret).unwrap();
            file.push_str(&format!("{name} = {{ file = \"{name}\" }}\n"));
        }
        let live = live(preset.name, &file, dir.path(), Memory::default());
        Self {
            systems,
            live,
            dir,
            name: preset.name,
            file,
        }
    }

    /// The same connector with other words in its file.
    pub(super) fn changed(&self, from: &str, to: &str) -> Arc<Live> {
        self.changed_with(Memory::default(), from, to)
    }

    /// The same with a memory.
    pub(super) fn changed_with(&self, memory: Memory, from: &str, to: &str) -> Arc<Live> {
        assert!(self.file.contains(from), "{}", self.file);
        let file = self.file.replace(from, to);
        live(self.name, &file, self.dir.path(), memory)
    }

    /// The same connector anew, with a memory.
    pub(super) fn again(&self, memory: Memory) -> Arc<Live> {
        live(self.name, &self.file, self.dir.path(), memory)
    }

    /// Where its secrets lie.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(super) async fn record(&self, user: i64, tags: &str) -> Result<Markup, Failure> {
        run(&self.live, "record", &context(user), tags).await
    }
}

pub(super) fn live(name: &str, file: &str, dir: &Path, memory: Memory) -> Arc<Live> {
    let made = connector(name, name, file);
    let made = made.unwrap_or_else(|problems| panic!("{file}\n{problems:#?}"));
    Arc::new(Live::new(made, dir, memory))
}

/// Runs an action to its end; what the operator reads.
pub(super) async fn run(
    live: &Live,
    action: &str,
    context: &Context,
    arguments: &str,
) -> Result<Markup, Failure> {
    let action = Arc::clone(&live.connector.actions[action]);
    let mut context = context.clone();
    context.arguments = action.grammar.parse(arguments).unwrap();
    match live.run(&action, &context, Until::End).await? {
        Outcome::Done { reply, .. } | Outcome::Refused { reply } => {
            Ok(Markup::read(&reply).unwrap_or_else(|error| panic!("{error}: {reply}")))
        }
        Outcome::Ask { question } => panic!("asked: {question}"),
    }
}

pub(super) fn context(user: i64) -> Context {
    let text = |text: &str| Some(text.to_owned());
    Context {
        customer: Some(Customer {
            user_id: Some(PersonId(user)),
            first_name: text("Anna <b>\"&'"),
            last_name: text("=Schmidt"),
            username: text("anna_s"),
            language: text("de"),
            phone: text("+49301234567"),
            chat_title: None,
        }),
        operator: Operator::default(),
        group: GroupId::EXAMPLE,
        group_title: text("Desk"),
        topic: TopicId(5343),
        topic_title: text("Anna"),
        accounts: Vec::new(),
        arguments: Map::new(),
        language: Language::English,
        mask: false,
        now: 1_795_442_709,
        key: "test-1".to_owned(),
    }
}

/// The href of a reply's first link.
pub(super) fn link(markup: &Markup) -> String {
    let found = markup
        .entities
        .iter()
        .find_map(|entity| match &entity.kind {
            crate::model::EntityKind::TextLink { href } => Some(href.clone()),
            _ => None,
        });
    found.unwrap_or_else(|| panic!("no link in {markup:?}"))
}

/// Texts of a list below a key of each.
pub(super) fn texts(list: &Value, key: &str) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    let texts = items.filter_map(|item| item.get(key).and_then(Value::as_str));
    texts.map(str::to_owned).collect()
}

/// Faults that must be told in one sentence, each with what it must be taken for.
pub(super) fn hang() -> Fault {
    Fault::Hang { seconds: 3 }
}

pub(super) const SOON: Duration = Duration::from_secs(30);
