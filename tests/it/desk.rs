//! A support desk for tests: a running emulator, a config that bridges it, a login that is done.

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

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
        let loaded = config::load(Some(&desk.config)).expect("the config loads");
        let mut prompt = Owner(desk.userbot());
        capture::login(&loaded.config.telegram, &loaded.base, &mut prompt)
            .await
            .expect("the login works");
        desk
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
