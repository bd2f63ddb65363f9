//! The demo's stage: the emulator, the service that bridges it, and a witness.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::bridge;
use super::compare::{Comparison, compare};
use super::narrate::{Held, Narrator, Sides};
use super::options::{DemoError, Options};
use super::outside;
use super::place::{CONFIG, make_dir, take, write_private};
use super::summary::{Reached, Summary};
use super::visitors::{DemoLogin, call_witness};
use crate::app::Service;
use crate::archive::{Reader, Vault};
use crate::bot::Seen;
use crate::capture;
use crate::config::{self, Loaded, RoleRules};
use crate::emulator::scenario::Step;
use crate::emulator::server::{Emulator, Settings};
use crate::emulator::world::{Draft, User};
use crate::model::{GroupId, MessageId};
use crate::transcript;

/// How long the narrator waits for the archive and the witness to catch up with one step.
const STEP_PATIENCE: Duration = Duration::from_millis(700);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Everything that runs during a demo.
#[derive(Debug)]
pub struct Stage {
    /// The built-in Telegram.
    pub emulator: Emulator,
    service: Service,
    reader: Reader,
    rules: RoleRules,
    dir: PathBuf,
    /// Keeps other demos out of it.
    _place: std::fs::File,
    reports: mpsc::UnboundedReceiver<Seen>,
    seen: Vec<Seen>,
    stop: CancellationToken,
}

impl Stage {
    /// Builds the stage: world, config file, login through the real flow, service, witness.
    ///
    /// # Errors
    /// See [`DemoError`].
    pub async fn build(options: &Options, narrator: Narrator) -> Result<Self, DemoError> {
        let place = take(&options.dir)?;
        let settings = Settings {
            seed: options.seed,
            messages: options.messages,
            relay: options.relay,
            ..Settings::default()
        };
        narrator.chapter("The built-in Telegram starts");
        let emulator = Emulator::start(settings).await?;
        let facts = emulator.facts();
        let path = options.dir.join(CONFIG);
        write_private(&path, &bridge::config(&facts, &emulator.cast))?;
        outside::write(&options.dir, &facts.systems)?;
        let count = emulator.world.read(|state| {
            state
                .group(emulator.cast.group)
                .map_or(0, |group| group.messages.len())
        });
        narrator.remark(&format!(
            "MTProto on {}, Bot API on {}",
            emulator.mtproto, emulator.bot_api
        ));
        narrator.remark(&format!(
            "a support desk with {count} messages, one topic a customer"
        ));

        let Loaded { config, base, .. } = config::load(Some(&path))?;
        narrator.chapter("The userbot logs in");
        let user = facts
            .users
            .iter()
            .find(|user| user.id == emulator.cast.userbot);
        let mut prompt = DemoLogin {
            narrator,
            phone: user.map(|user| user.phone.clone()).unwrap_or_default(),
            code: user.map(|user| user.code.clone()).unwrap_or_default(),
            password: user
                .and_then(|user| user.password.clone())
                .unwrap_or_default(),
        };
        let me = capture::login(&config.telegram, &base, &mut prompt).await?;
        narrator.remark(&format!("logged in as {}", me.name));

        let stop = CancellationToken::new();
        let reports = call_witness(&emulator, &stop);
        narrator.chapter("Capture and bot start");
        let service = Service::start(&config, &base, stop.clone()).await?;
        let group = GroupId::from_bare(emulator.cast.group);
        let reader = match group {
            Some(group) => service.vault().reader(group)?,
            None => return Err(DemoError::NotADemo(options.dir.clone())),
        };
        let rules = config
            .groups
            .first()
            .map(|group| group.roles.clone())
            .unwrap_or_default();
        let dir = options.dir.clone();
        Ok(Self {
            emulator,
            service,
            reader,
            rules,
            dir,
            _place: place,
            reports,
            seen: Vec::new(),
            stop,
        })
    }

    /// Waits until the archive is equal to the group, or for as long as `patience` says.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub async fn settle(&self, patience: Duration) -> Result<Comparison, DemoError> {
        let deadline = Instant::now() + patience;
        let mut pause = LOOK_AGAIN;
        loop {
            let group = self.emulator.cast.group;
            let comparison = self
                .emulator
                .world
                .read(|state| compare(state, group, &self.reader))?;
            if comparison.is_equal() || Instant::now() >= deadline {
                return Ok(comparison);
            }
            tokio::time::sleep(pause).await;
            // Comparing everything is work for large worlds: look ever less often.
            pause = (pause * 2).min(Duration::from_secs(1));
        }
    }

    /// How both sides saw a step, once they had the time to.
    ///
    /// # Errors
    /// When the archive cannot be read.
    pub async fn sides(&mut self, step: &Step) -> Result<Sides, DemoError> {
        let deadline = Instant::now() + STEP_PATIENCE;
        let id = MessageId(step.message_id);
        loop {
            while let Ok(seen) = self.reports.try_recv() {
                self.seen.push(seen);
            }
            let held = self.reader.message(id)?;
            let expected = self.emulator.world.read(|state| {
                let message = state
                    .group(self.emulator.cast.group)?
                    .messages
                    .get(&step.message_id)?;
                Some((message.text.clone(), message.deleted_at.is_some()))
            });
            let archived = held.map(|held| {
                let current = expected.as_ref().is_none_or(|(text, deleted)| {
                    *text == held.message.text && *deleted == held.deleted_at.is_some()
                });
                let is_bot = |person: crate::model::PersonId| {
                    self.emulator
                        .world
                        .read(|state| state.user(person.0).is_some_and(User::is_bot))
                };
                let role = transcript::role(&held.message, &self.rules, &is_bot);
                (
                    Held {
                        role,
                        versions: held.versions.len(),
                        deleted: held.deleted_at.is_some(),
                    },
                    current,
                )
            });
            let shown_to_bot = self.seen.iter().any(|seen| seen.id == id);
            let done = archived.is_some_and(|(_, current)| current);
            if (done && shown_to_bot) || Instant::now() >= deadline {
                return Ok(Sides {
                    shown_to_bot,
                    archived: archived.map(|(held, _)| held),
                });
            }
            // The witness polls: what it will be shown arrives within moments of the archive's.
            if done && Instant::now() + STEP_PATIENCE / 2 >= deadline {
                return Ok(Sides {
                    shown_to_bot,
                    archived: archived.map(|(held, _)| held),
                });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// The open topic that has the most messages.
    pub(super) fn busiest_topic(&self) -> Option<i32> {
        let cast = &self.emulator.cast;
        self.emulator.world.read(|state| {
            let group = state.group(cast.group)?;
            let open = |topic: &i32| {
                let topic = group.topics.get(topic);
                topic.is_some_and(|topic| topic.id > 1 && !topic.closed)
            };
            let mut counts = BTreeMap::<i32, usize>::new();
            for message in group.messages.values() {
                *counts.entry(message.topic).or_default() += 1;
            }
            let counts = counts.into_iter().filter(|(topic, _)| open(topic));
            let busiest = counts.max_by_key(|(_, count)| *count)?;
            Some(busiest.0)
        })
    }

    /// The name of the operator who types.
    pub(super) fn operator_name(&self) -> String {
        let cast = &self.emulator.cast;
        self.emulator.world.read(|state| {
            let operator = cast.operators.first().and_then(|id| state.user(*id));
            operator.map(User::name).unwrap_or_default()
        })
    }

    /// Lets an operator type a command in the busiest topic; whether it could be typed there.
    pub fn operator_types(&self, command: &str) -> bool {
        let cast = &self.emulator.cast;
        let Some(topic) = self.busiest_topic() else {
            return false;
        };
        let draft = Draft {
            topic,
            text: command.to_owned(),
            ..Draft::default()
        };
        let post = |operator| {
            let world = &self.emulator.world;
            world.write(|state| state.post(cast.group, operator, draft))
        };
        cast.operators
            .first()
            .is_some_and(|operator| post(*operator).is_ok())
    }

    /// Waits until the bot has answered with at least `count` documents, then saves them all.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub async fn collect_exports(
        &self,
        count: usize,
        patience: Duration,
    ) -> Result<Vec<PathBuf>, DemoError> {
        let deadline = Instant::now() + patience;
        let mut files = self.documents();
        while files.len() < count && Instant::now() < deadline {
            tokio::time::sleep(LOOK_AGAIN * 5).await;
            files = self.documents();
        }
        let folder = self.dir.join("exports");
        let mut paths = Vec::new();
        for (id, name, bytes) in files {
            // Names come from topics' titles through the bot; only their last part is used.
            let safe = Path::new(&name)
                .file_name()
                .map_or_else(|| "export".into(), ToOwned::to_owned);
            let mut unique = std::ffi::OsString::from(format!("{id}-"));
            unique.push(safe);
            let path = folder.join(unique);
            make_dir(&folder)?;
            fs::write(&path, &bytes).map_err(|source| DemoError::Write {
                path: path.clone(),
                source,
            })?;
            paths.push(path);
        }
        Ok(paths)
    }

    /// Documents that our bot has posted: message id, file name, content.
    fn documents(&self) -> Vec<(i32, String, std::sync::Arc<[u8]>)> {
        let cast = &self.emulator.cast;
        self.emulator.world.read(|state| {
            let group = state.group(cast.group);
            let own = group
                .into_iter()
                .flat_map(|group| group.messages.values())
                .filter(|message| message.from == cast.assistant);
            own.filter_map(|message| {
                let file = state.file(message.file?)?;
                Some((message.id, file.name.clone(), file.bytes.clone()))
            })
            .collect()
        })
    }

    /// Ends service, witness and emulator, and says what was found.
    ///
    /// # Errors
    /// When the service did not end well.
    pub async fn close(
        mut self,
        comparison: Comparison,
        exports: Vec<PathBuf>,
    ) -> Result<Summary, DemoError> {
        self.stop.cancel();
        // The last connection to close tidies the file's log away; it should be the writer's.
        drop(self.reader);
        let vault = self.service.vault().dir().to_owned();
        self.service.wait().await?;
        while let Ok(seen) = self.reports.try_recv() {
            self.seen.push(seen);
        }
        let meant = Vault::open(&vault)?.state()?.meant_for_customers()?;
        let delivered = self.emulator.crm.delivered();
        let reached = Reached {
            delivered: &delivered,
            meant,
        };
        let cast = self.emulator.cast.clone();
        let seen = &self.seen;
        let summary = self
            .emulator
            .world
            .read(|state| Summary::new(comparison, seen, state, &cast, reached, exports, vault));
        self.emulator.stop().await;
        Ok(summary)
    }
}
