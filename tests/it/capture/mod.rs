//! The userbot against the built-in Telegram: a real grammers client, a real archive.

mod around;
mod away;
mod defects;
mod follows;
mod login;
mod media;
mod trouble;

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use topicvault::archive::{Handle, Order, SealPolicy, Selection, Vault};
use topicvault::capture::{CaptureError, LoginPrompt, Me, Progress, Userbot, login};
use topicvault::config::{Secret, ServerConfig, TelegramConfig};
use topicvault::emulator::faults::Failure;
use topicvault::emulator::server::{Emulator, Settings, UserFacts};
use topicvault::emulator::world::{Draft, Message};
use topicvault::model::{GroupId, Snapshot};

/// A running emulator, and a place for sessions and vault.
struct Desk {
    emulator: Emulator,
    dir: TempDir,
    config: TelegramConfig,
    user: UserFacts,
    group: GroupId,
}

impl Desk {
    async fn open(messages: usize) -> Self {
        let emulator = Emulator::start(Settings {
            messages,
            ..Settings::default()
        })
        .await
        .unwrap();
        let facts = emulator.facts();
        let user = facts.users[0].clone();
        let config = TelegramConfig {
            api_id: facts.api.api_id,
            api_hash: Secret::new(facts.api.api_hash.clone()),
            server: Some(ServerConfig {
                dc_id: facts.mtproto.dc_id,
                address: facts.mtproto.addr.parse().unwrap(),
                auth_key: Secret::new(facts.mtproto.auth_key_hex.clone()),
            }),
            ..TelegramConfig::default()
        };
        let group = GroupId::from_bare(emulator.cast.group).unwrap();
        Self {
            emulator,
            dir: tempfile::tempdir().unwrap(),
            config,
            user,
            group,
        }
    }

    /// A desk whose userbot is logged in.
    async fn logged_in(messages: usize) -> Self {
        let desk = Self::open(messages).await;
        desk.log_in(&mut Answers::right(&desk.user)).await.unwrap();
        desk
    }

    fn base(&self) -> &Path {
        self.dir.path()
    }

    async fn log_in(&self, prompt: &mut dyn LoginPrompt) -> Result<Me, CaptureError> {
        soon(login(&self.config, self.base(), prompt)).await
    }

    async fn connect(&self) -> Result<Userbot, CaptureError> {
        soon(Userbot::connect(&self.config, self.base())).await
    }

    fn vault(&self) -> Vault {
        Vault::create(&self.dir.path().join("vault")).unwrap()
    }

    /// Starts capturing.
    async fn run(&self) -> Running {
        self.run_as(|userbot| userbot).await
    }

    /// The same with a say in how.
    async fn run_as(&self, change: impl FnOnce(Userbot) -> Userbot) -> Running {
        let policy = SealPolicy {
            hot_messages: 100,
            level: 3,
        };
        let archive = Handle::spawn(&self.vault(), self.group, policy).unwrap();
        let userbot = change(self.connect().await.unwrap());
        let (sender, progress) = watch::channel(HashMap::new());
        let stop = CancellationToken::new();
        let task =
            tokio::spawn(userbot.run(vec![(self.group, archive.clone())], sender, stop.clone()));
        Running {
            group: self.group,
            archive,
            progress,
            stop,
            task,
        }
    }

    /// Starts capturing and waits until nothing is missing.
    async fn caught_up(&self) -> Running {
        let mut running = self.run().await;
        running.wait(Progress::is_whole).await;
        running
    }

    fn post(&self, text: &str) -> i32 {
        let topic = self.topics().first().copied().unwrap_or(1);
        let draft = Draft {
            topic,
            text: text.to_owned(),
            ..Draft::default()
        };
        let (group, author) = (self.emulator.cast.group, self.emulator.cast.author);
        self.emulator
            .world
            .write(|state| state.post(group, author, draft))
            .unwrap()
    }

    fn edit(&self, id: i32, text: &str) {
        let draft = Draft {
            text: text.to_owned(),
            // Two versions of the same second would be one to everybody.
            date: Some(self.emulator.world.read(|state| state.now()) + i64::from(id)),
            ..Draft::default()
        };
        let (group, author) = (self.emulator.cast.group, self.emulator.cast.author);
        self.emulator
            .world
            .write(|state| state.edit(group, author, id, draft))
            .unwrap();
    }

    fn delete(&self, ids: &[i32]) {
        let (group, operator) = (self.emulator.cast.group, self.emulator.cast.operators[0]);
        self.emulator
            .world
            .write(|state| state.delete(group, operator, ids))
            .unwrap();
    }

    /// Topics other than General.
    fn topics(&self) -> Vec<i32> {
        self.emulator.world.read(|state| {
            let group = state.group(self.emulator.cast.group).unwrap();
            group.topics.keys().copied().filter(|id| *id > 1).collect()
        })
    }

    /// Every message that exists.
    fn existing(&self) -> BTreeMap<i32, Message> {
        self.emulator.world.read(|state| {
            let group = state.group(self.emulator.cast.group).unwrap();
            group
                .messages
                .iter()
                .filter(|(_, message)| message.deleted_at.is_none())
                .map(|(id, message)| (*id, message.clone()))
                .collect()
        })
    }

    /// Every message that the archive holds.
    fn archived(&self) -> BTreeMap<i32, Snapshot> {
        let mut all = BTreeMap::new();
        let reader = self.vault().reader(self.group).unwrap();
        reader
            .read(&Selection::default(), Order::Id, &mut |snapshot| {
                all.insert(snapshot.message.id.0, snapshot);
                ControlFlow::Continue(())
            })
            .unwrap();
        all
    }

    /// What differs between what exists and what the archive holds as existing; nothing, usually.
    fn differences(&self) -> Vec<String> {
        let (existing, archived) = (self.existing(), self.archived());
        let mut found = Vec::new();
        for (id, real) in &existing {
            let Some(held) = archived.get(id) else {
                found.push(format!("{id}: missing"));
                continue;
            };
            let message = &held.message;
            let same = held.deleted_at.is_none()
                && message.text == real.text
                && message.topic.0 == real.topic
                && message.from.map(|from| from.0) == Some(real.from)
                && message.date == real.date
                && message.edit_date == real.edit_date
                && message.service.is_some() == real.service.is_some()
                && message.reply_to.as_ref().map(|reply| reply.id.0) == real.reply_to;
            if !same {
                found.push(format!("{id}: {held:?} instead of {real:?}"));
            }
        }
        for (id, held) in &archived {
            if !existing.contains_key(id) && held.deleted_at.is_none() {
                found.push(format!("{id}: not deleted"));
            }
        }
        let reader = self.vault().reader(self.group).unwrap();
        let top = existing.keys().next_back().copied().unwrap_or(1);
        for range in reader.unknown(1..=top).unwrap() {
            found.push(format!("{range:?}: unknown"));
        }
        found
    }

    /// Waits until the archive equals the group; fails with what differs if it never does.
    async fn wait_equal(&self) {
        for _ in 0..200 {
            if self.differences().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(self.differences(), Vec::<String>::new());
    }
}

/// A userbot at work.
struct Running {
    group: GroupId,
    archive: Handle,
    progress: watch::Receiver<HashMap<GroupId, Progress>>,
    stop: CancellationToken,
    task: JoinHandle<Result<(), CaptureError>>,
}

impl Running {
    /// Waits for progress.
    async fn wait(&mut self, mut reached: impl FnMut(&Progress) -> bool) {
        let group = self.group;
        let wanted = self
            .progress
            .wait_for(|all| all.get(&group).is_some_and(&mut reached));
        soon(wanted).await.expect("the run goes on");
    }

    /// Waits for the run's own end.
    async fn end(self) -> Result<(), CaptureError> {
        let result = soon(self.task).await.unwrap();
        self.archive.close().await.unwrap();
        result
    }

    /// Stops it cleanly.
    async fn stop(self) {
        self.stop.cancel();
        self.end().await.unwrap();
    }
}

/// What a person would answer at the terminal, in order.
#[derive(Default)]
struct Answers {
    phone: String,
    codes: Vec<String>,
    passwords: Vec<String>,
    /// What was asked again.
    again: u32,
}

impl Answers {
    fn right(user: &UserFacts) -> Self {
        Self {
            phone: user.phone.clone(),
            codes: vec![user.code.clone()],
            passwords: user.password.clone().into_iter().collect(),
            again: 0,
        }
    }

    fn next(
        &mut self,
        of: fn(&mut Self) -> &mut Vec<String>,
        again: bool,
    ) -> std::io::Result<String> {
        self.again += u32::from(again);
        let answers = of(self);
        if answers.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(answers.remove(0))
    }
}

impl LoginPrompt for Answers {
    fn phone(&mut self) -> std::io::Result<String> {
        if self.phone.is_empty() {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(self.phone.clone())
    }

    fn code(&mut self, again: bool) -> std::io::Result<String> {
        self.next(|answers| &mut answers.codes, again)
    }

    fn password(&mut self, _hint: Option<&str>, again: bool) -> std::io::Result<String> {
        self.next(|answers| &mut answers.passwords, again)
    }
}

/// A future that must not take for ever.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future)
        .await
        .expect("in time")
}

/// A refusal of the server.
fn failure(method: &str, code: i32, message: &str, times: u32) -> Failure {
    Failure {
        method: method.to_owned(),
        code,
        message: message.to_owned(),
        retry_after: None,
        times,
    }
}
