//! What goes wrong between us and Telegram: each a message that says what and what to do, a
//! documented exit code, and nothing lost.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use topicvault::cli::exit;
use topicvault::emulator::faults::Failure;
use topicvault::emulator::server::Settings;

use crate::desk::{Desk, Spoken, terminate};

const PATIENCE: Duration = Duration::from_secs(60);

/// A program that has ended: its exit code and what it said on stderr.
struct Ended {
    code: Option<i32>,
    said: String,
}

impl Ended {
    #[track_caller]
    fn with(self, code: u8, words: &[&str]) {
        assert_eq!(self.code, Some(i32::from(code)), "{}", self.said);
        assert!(!self.said.contains("panicked"), "{}", self.said);
        for word in words {
            assert!(
                self.said.contains(word),
                "{word:?} is not in: {}",
                self.said
            );
        }
    }
}

fn small() -> Settings {
    Settings {
        messages: 60,
        ..Settings::default()
    }
}

/// Starts a program whose stderr is kept.
fn start(command: &mut Command) -> Child {
    command
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// Waits for the end; the emulator runs in this process, so waiting must not block it.
async fn ended(mut child: Child) -> Ended {
    let deadline = Instant::now() + PATIENCE;
    let status: ExitStatus = loop {
        if let Some(status) = child.try_wait().expect("the child can be waited for") {
            break status;
        }
        if Instant::now() > deadline {
            child.kill().expect("the child is ours to kill");
            panic!("the program did not end");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let mut said = String::new();
    child
        .stderr
        .take()
        .expect("stderr is piped")
        .read_to_string(&mut said)
        .expect("stderr is text");
    Ended {
        code: status.code(),
        said,
    }
}

/// Replaces text in the desk's config.
fn rewrite(desk: &Desk, from: &str, to: &str) {
    desk.rewrite(from, to);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_login_and_bot_has_nothing_to_do() {
    let desk = Desk::logged_out(small(), "").await;
    let token = desk
        .emulator
        .bot_token(desk.emulator.cast.assistant)
        .expect("the bot has a token");
    rewrite(&desk, &token, "");
    ended(start(&mut desk.program(&["run"])))
        .await
        .with(exit::LOGIN, &["not logged in", "topicvault login"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_without_a_login_waits_for_one() {
    let desk = Desk::logged_out(small(), "").await;
    desk.rewrite("[[groups]]\n", "[[groups]]\nlanguage = \"en\"\n");
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("not logged in").await;
    desk.operator_says("/status");
    desk.until_posted("Nobody is logged in").await;
    // The file of the login is nobody's meanwhile.
    desk.log_in().await;
    desk.until_captured(2).await;
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_application_is_refused() {
    let desk = Desk::logged_out(small(), "").await;
    let hash = desk.emulator.facts().api.api_hash;
    rewrite(&desk, &hash, "00000000000000000000000000000000");
    let phone = desk.userbot().phone;
    let ended = ended(start(&mut desk.program(&["login", "--phone", &phone]))).await;
    assert!(
        !ended.said.contains(&phone),
        "the phone number was printed: {}",
        ended.said
    );
    ended.with(exit::CONFIG, &["api_id", "my.telegram.org"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_ends_after_three_tries() {
    let desk = Desk::logged_out(small(), "").await;
    let phone = desk.userbot().phone;
    let answers = desk.dir.path().join("answers");
    std::fs::write(&answers, "00001\n00002\n00003\n").expect("answers are written");
    let mut command = desk.program(&["login", "--phone", &phone]);
    command.stdin(std::fs::File::open(&answers).expect("answers can be read"));
    ended(start(&mut command))
        .await
        .with(exit::LOGIN, &["code", "topicvault login"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_bot_token_is_refused_and_not_printed() {
    let desk = Desk::open(small(), "").await;
    let token = desk
        .emulator
        .bot_token(desk.emulator.cast.assistant)
        .expect("the bot has a token");
    let id = token.split(':').next().unwrap_or_default();
    let wrong = format!("{id}:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    rewrite(&desk, &token, &wrong);
    let ended = ended(start(&mut desk.program(&["run"]))).await;
    assert!(
        !ended.said.contains(&wrong),
        "the token was printed: {}",
        ended.said
    );
    ended.with(exit::CONFIG, &["token", "@BotFather"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_that_cannot_be_captured_are_named() {
    let desk = Desk::open(small(), "").await;
    let cast = &desk.emulator.cast;
    let mut now = desk.group;
    for (group, words) in [(cast.foreign_group, "member"), (cast.plain_group, "topics")] {
        rewrite(
            &desk,
            &format!("id = \"{now}\""),
            &format!("id = \"{group}\""),
        );
        now = group;
        ended(start(&mut desk.program(&["run"])))
            .await
            .with(exit::CONFIG, &[&group.to_string(), words]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_serves_one_process_at_a_time() {
    let desk = Desk::open(small(), "").await;
    let first = start(&mut desk.program(&["run"]));
    desk.until_captured(2).await;
    ended(start(&mut desk.program(&["run"])))
        .await
        .with(exit::LOGIN, &["session", "another"]);
    assert!(terminate(first).await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_session_is_told_and_can_be_renewed_while_the_bot_serves() {
    let desk = Desk::open(small(), "").await;
    desk.rewrite("[[groups]]\n", "[[groups]]\nlanguage = \"en\"\n");
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    let id = desk.operator_says("the last message before the session was revoked");
    desk.until_captured(id).await;
    desk.emulator.keys.revoke(desk.emulator.cast.userbot);
    desk.emulator.faults.drop_connections();
    service.until_said("no longer knows this login").await;
    desk.operator_says("/status");
    desk.until_posted("ended in another app").await;
    let missed = desk.operator_says("nobody is there to capture it");
    desk.log_in().await;
    desk.until_captured(missed).await;
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_used_twice_is_told() {
    let desk = Desk::open(small(), "").await;
    desk.emulator.faults.fail_mtproto(Failure {
        method: "*".to_owned(),
        code: 406,
        message: "AUTH_KEY_DUPLICATED".to_owned(),
        retry_after: None,
        times: 1_000,
    });
    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("used at two places").await;
    assert!(service.said().contains("topicvault login"));
    service.end().await;
}

/// Files that may not grow are the full disk that needs no other rights than one's own.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fills_up_is_told_and_nothing_is_lost() {
    let desk = Desk::open(small(), "").await;
    let service = desk.program(&["run"]).spawn().expect("the program starts");
    desk.until_captured(2).await;
    assert!(terminate(service).await.success());

    let program = desk.program(&["run"]);
    let mut command = Command::new("sh");
    command
        .args(["-c", r#"trap "" XFSZ; ulimit -f 1500; exec "$@""#, "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    let mut service = Spoken::start(&mut command);
    let deadline = Instant::now() + PATIENCE;
    let mut last = 0;
    while !service.said().contains("vault") || !service.said().contains("trying again") {
        assert!(Instant::now() < deadline, "the limit was never reached");
        last = desk.operator_says(&format!("{last} {}", "нет места ".repeat(300)));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // It is still there: the bot serves what is stored.
    assert!(
        service
            .child
            .try_wait()
            .expect("it can be waited for")
            .is_none()
    );
    // An archive that cannot be written need not end well.
    terminate(service.child).await;

    let mut service = Spoken::start(&mut desk.program(&["run"]));
    service.until_said("capturing one group").await;
    desk.until_captured(last).await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let reader = desk.reader().expect("the archive opens");
        let world = &desk.emulator.world;
        let compared = world
            .read(|state| topicvault::demo::compare(state, desk.group, &reader))
            .expect("the archive can be read");
        if compared.is_equal() {
            break;
        }
        assert!(Instant::now() < deadline, "{compared:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emulator_on_a_port_in_use_says_so() {
    let desk = Desk::logged_out(small(), "").await;
    let port = desk.emulator.mtproto.port().to_string();
    let mut command = desk.program(&["emulator", "--mtproto-port", &port]);
    ended(start(&mut command))
        .await
        .with(exit::NETWORK, &["in use", &port]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_tells_neither_secrets_nor_correspondence() {
    let desk = Desk::open(small(), "").await;
    let mut service = start(&mut desk.program(&["run", "-vvv"]));
    let mut stderr = service.stderr.take().expect("stderr is piped");
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        stderr.read_to_string(&mut said).map(|_| said)
    });
    let id = desk.operator_says("Zanzibar: the customer's secret wish");
    desk.until_captured(id).await;
    desk.operator_says("/status");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(terminate(service).await.success());
    let said = reader
        .join()
        .expect("the reader ends")
        .expect("stderr is text");
    assert!(
        said.contains("topicvault"),
        "nothing was logged: the test proves nothing"
    );
    let facts = desk.emulator.facts();
    let user = desk.userbot();
    let bot = desk
        .emulator
        .bot_token(desk.emulator.cast.assistant)
        .expect("the bot has a token");
    let secrets = [
        facts.api.api_hash.as_str(),
        &bot,
        &facts.mtproto.auth_key_hex,
        user.phone.trim_start_matches('+'),
        &facts.crm.api_key,
        &facts.crm.instance_api_key,
        "Zanzibar",
    ];
    for secret in secrets {
        assert!(!said.contains(secret), "the log tells {secret:?}: {said}");
    }
}
