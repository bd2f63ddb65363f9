//! A support desk for tests: a running emulator, a config that bridges it, a login that is done.

use std::io::{self, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use topicvault::archive::{Reader, Vault};
use topicvault::capture::{self, LoginPrompt};
use topicvault::config;
use topicvault::emulator::server::{Emulator, Settings, UserFacts};
use topicvault::emulator::world::Draft;
use topicvault::model::GroupId;

/// See the module.
pub(crate) struct Desk {
    pub(crate) emulator: Emulator,
    pub(crate) dir: TempDir,
    pub(crate) config: PathBuf,
    /// The support desk's group, bare.
    pub(crate) group: i64,
    /// A topic in it, open.
    pub(crate) topic: i32,
    /// Somebody who answers there, an administrator.
    pub(crate) operator: i64,
}

impl Desk {
    /// Starts the emulator, writes the config (with `extra` lines in `[vault]`) and logs in.
    pub(crate) async fn open(settings: Settings, vault: &str) -> Self {
        let desk = Self::logged_out(settings, vault).await;
        desk.log_in().await;
        desk
    }

    /// Logs the userbot in.
    pub(crate) async fn log_in(&self) {
        let loaded = config::load(Some(&self.config)).expect("the config loads");
        let mut prompt = Owner(self.userbot());
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            // A service that tries the login at this moment holds its file.
            match capture::login(&loaded.config.telegram, &loaded.base, &mut prompt).await {
                Ok(_) => return,
                Err(capture::CaptureError::Session(_)) if Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                Err(error) => panic!("the login fails: {error}"),
            }
        }
    }

    /// The same without a login.
    pub(crate) async fn logged_out(settings: Settings, vault: &str) -> Self {
        let emulator = Emulator::start(settings)
            .await
            .expect("the emulator starts");
        let dir = tempfile::tempdir().expect("a directory");
        let config = dir.path().join("topicvault.toml");
        let text = topicvault::demo::config(&emulator.facts(), &emulator.cast);
        std::fs::write(&config, format!("{text}\n[vault]\n{vault}\n"))
            .expect("the config is written");
        let group = emulator.cast.group;
        let operator = emulator
            .cast
            .operators
            .first()
            .copied()
            .expect("an operator");
        let topic = emulator
            .world
            .read(|state| {
                state
                    .group(group)?
                    .topics
                    .values()
                    .find(|topic| topic.id > 1 && !topic.closed)
                    .map(|topic| topic.id)
            })
            .expect("an open topic");
        Self {
            emulator,
            dir,
            config,
            group,
            topic,
            operator,
        }
    }

    /// The account that captures.
    pub(crate) fn userbot(&self) -> UserFacts {
        let id = self.emulator.cast.userbot;
        self.emulator
            .facts()
            .users
            .into_iter()
            .find(|user| user.id == id)
            .expect("the userbot's account")
    }

    pub(crate) fn group_id(&self) -> GroupId {
        GroupId::from_bare(self.group).expect("a group id")
    }

    /// The archive, once there is one.
    pub(crate) fn reader(&self) -> Option<Reader> {
        Vault::open(&self.dir.path().join("vault"))
            .and_then(|vault| vault.reader(self.group_id()))
            .ok()
    }

    /// The program with this desk's config.
    pub(crate) fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_topicvault"));
        command.arg("--config").arg(&self.config).args(args);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
            .env_remove("TOPICVAULT_KILL_AT")
            .env_remove("RUST_LOG");
        command
    }

    /// Runs a command to its end; its exit code, what it printed as JSON, and what it said besides.
    pub(crate) async fn ask(&self, args: &[&str]) -> (i32, Value, String) {
        let mut command = self.program(&[&["--json"], args].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let run = tokio::task::spawn_blocking(move || command.output());
        let output = tokio::time::timeout(Duration::from_secs(90), run).await;
        let output = output.expect("in time").expect("it ends").expect("it runs");
        let printed = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code().expect("an exit code"), printed, said)
    }

    /// Replaces text in the config.
    pub(crate) fn rewrite(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(&self.config).expect("the config is there");
        assert!(text.contains(from), "{from} is not in the config");
        std::fs::write(&self.config, text.replacen(from, to, 1)).expect("the config is written");
    }

    /// What our bot has posted: topic and text, in order.
    pub(crate) fn posted(&self) -> Vec<(i32, String)> {
        self.emulator.world.read(|state| {
            let group = state.group(self.group).expect("the group");
            group
                .messages
                .values()
                .filter(|message| message.from == self.emulator.cast.assistant)
                .map(|message| (message.topic, message.text.clone()))
                .collect()
        })
    }

    /// Waits until our bot has posted a text with these words; returns its topic and the text.
    pub(crate) async fn until_posted(&self, words: &str) -> (i32, String) {
        let deadline = Instant::now() + Duration::from_secs(90);
        loop {
            let posted = self.posted();
            if let Some(found) = posted.iter().find(|(_, text)| text.contains(words)) {
                return found.clone();
            }
            assert!(Instant::now() < deadline, "{words:?} is not in {posted:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a message is in the archive.
    pub(crate) async fn until_captured(&self, id: i32) {
        let deadline = Instant::now() + Duration::from_secs(90);
        let wanted = topicvault::model::MessageId(id);
        while self
            .reader()
            .and_then(|reader| reader.message(wanted).ok().flatten())
            .is_none()
        {
            assert!(Instant::now() < deadline, "message {id} was never captured");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// An operator writes in the topic; returns the message's id.
    pub(crate) fn operator_says(&self, text: &str) -> i32 {
        let draft = Draft {
            topic: self.topic,
            text: text.to_owned(),
            ..Draft::default()
        };
        self.emulator
            .world
            .write(|state| state.post(self.group, self.operator, draft))
            .expect("the operator may write")
    }
}

/// A program that runs, and what it has said on stderr so far.
pub(crate) struct Spoken {
    pub(crate) child: Child,
    said: Arc<Mutex<String>>,
}

impl Spoken {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = child.stderr.take().expect("stderr is piped");
        let said = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..length]);
                heard.lock().expect("nobody panicked").push_str(&text);
            }
        });
        Self { child, said }
    }

    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("nobody panicked").clone()
    }

    /// Waits until it has said something.
    pub(crate) async fn until_said(&mut self, words: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.said().contains(words) {
            let ended = self.child.try_wait().expect("it can be waited for");
            assert!(ended.is_none(), "it ended: {}", self.said());
            assert!(
                Instant::now() < deadline,
                "{words:?} is not in: {}",
                self.said()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it cleanly.
    pub(crate) async fn end(self) {
        assert!(terminate(self.child).await.success());
        let said = self.said.lock().expect("nobody panicked");
        assert!(!said.contains("panicked"), "{said}");
    }
}

/// Sends SIGTERM to a child of ours and waits for its end.
pub(crate) async fn terminate(mut child: Child) -> ExitStatus {
    // std has no way to send SIGTERM, and unsafe code is forbidden: every shell has kill.
    let sent = Command::new("sh")
        .args(["-c", "kill -TERM \"$0\"", &child.id().to_string()])
        .status()
        .expect("a shell runs");
    assert!(sent.success(), "the child could not be signalled");
    for _ in 0..600 {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    child.kill().expect("the child is ours to kill");
    panic!("SIGTERM did not end the service within 30 s");
}

/// Answers a login's questions with what the account's owner knows.
pub(crate) struct Owner(pub(crate) UserFacts);

impl LoginPrompt for Owner {
    fn phone(&mut self) -> io::Result<String> {
        Ok(self.0.phone.clone())
    }

    fn code(&mut self, again: bool) -> io::Result<String> {
        assert!(!again, "the right code was refused");
        Ok(self.0.code.clone())
    }

    fn password(&mut self, _hint: Option<&str>, again: bool) -> io::Result<String> {
        assert!(!again, "the right password was refused");
        Ok(self.0.password.clone().unwrap_or_default())
    }
}

/// Numbers that follow from a seed (xorshift64*).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit` (0 when that is 0).
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D);
        number.checked_rem(limit).unwrap_or(0)
    }
}
