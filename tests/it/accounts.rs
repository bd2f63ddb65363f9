//! Logins from the command line: by QR code, listed, encrypted, ended.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use topicvault::cli::exit;
use topicvault::emulator::server::Settings;

use crate::desk::{Desk, terminate};

const KEY: &str = "TOPICVAULT_TELEGRAM_SESSION_KEY";
const PATIENCE: Duration = Duration::from_secs(60);

fn small() -> Settings {
    Settings {
        messages: 40,
        ..Settings::default()
    }
}

/// Runs a program to its end; the emulator lives in this process, so waiting must not block it.
async fn ran(mut command: Command) -> (u8, String, String) {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = tokio::time::timeout(PATIENCE, run).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let code = output.status.code().unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert!(!err.contains("panicked"), "{err}");
    (u8::try_from(code).unwrap(), out, err)
}

async fn listed(desk: &Desk, args: &[&str]) -> Value {
    let (_, out, err) = ran(desk.program(&[&["--json", "accounts"], args].concat())).await;
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"))
}

fn session(desk: &Desk) -> PathBuf {
    desk.dir.path().join("sessions/default.session")
}

/// Reads what `login --qr` shows until there is a link.
fn link(shown: &mut impl Iterator<Item = std::io::Result<String>>) -> Option<String> {
    shown.find_map(|line| {
        let line = line.ok()?;
        let (_, rest) = line.split_once("tg://login?token=")?;
        Some(rest.trim().to_owned())
    })
}

/// Starts `login --qr`; returns it, and the tokens that it shows.
fn show_code(desk: &Desk) -> (Child, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let mut command = desk.program(&["--json", "login", "--qr"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (found, tokens) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        while let Some(token) = link(&mut lines) {
            let _ = found.send(token);
        }
    });
    (child, tokens)
}

async fn scan(desk: &Desk, token: &str) {
    let body = json!({ "do": "scan", "as": desk.emulator.cast.userbot, "token": token });
    let answer = reqwest::Client::new()
        .post(format!("{}/actions", desk.emulator.control))
        .json(&body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    assert!(status.is_success(), "{}", answer.text().await.unwrap());
}

async fn finished(child: Child) -> (u8, Value) {
    let run = tokio::task::spawn_blocking(move || child.wait_with_output().unwrap());
    let output = tokio::time::timeout(PATIENCE, run).await.unwrap().unwrap();
    let code = u8::try_from(output.status.code().unwrap()).unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (code, json)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qr_code_logs_in_and_the_login_captures() {
    let desk = Desk::logged_out(small(), "").await;
    let id = desk.emulator.cast.userbot;
    desk.emulator.world.write(|state| {
        state.user_mut(id).unwrap().password = None;
    });
    let began = Instant::now();
    let (child, mut tokens) = show_code(&desk);
    let token = tokio::time::timeout(PATIENCE, tokens.recv()).await.unwrap();
    scan(&desk, &token.unwrap()).await;
    let (code, who) = finished(child).await;
    assert_eq!(code, exit::OK);
    assert_eq!(who["id"], id);
    // Telegram said at once that it was scanned: nobody waited for the code to expire.
    assert!(began.elapsed() < Duration::from_secs(20));
    let service = desk.program(&["run"]).spawn().unwrap();
    let said = desk.operator_says("after a login by code");
    let deadline = Instant::now() + PATIENCE;
    while desk
        .reader()
        .and_then(|reader| reader.message(topicvault::model::MessageId(said)).ok()?)
        .is_none()
    {
        assert!(Instant::now() < deadline, "it was never captured");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(terminate(service).await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_qr_code_the_two_step_password_is_asked_for() {
    use std::io::Write as _;
    let desk = Desk::logged_out(small(), "").await;
    let id = desk.emulator.cast.userbot;
    desk.emulator.world.write(|state| {
        state.user_mut(id).unwrap().password = Some("correct horse".to_owned());
    });
    let (mut child, mut tokens) = show_code(&desk);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"wrong\ncorrect horse\n").unwrap();
    let token = tokio::time::timeout(PATIENCE, tokens.recv()).await.unwrap();
    scan(&desk, &token.unwrap()).await;
    let (code, who) = finished(child).await;
    assert_eq!((code, &who["id"]), (exit::OK, &json!(id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_nobody_scans_is_renewed() {
    let desk = Desk::logged_out(small(), "").await;
    let id = desk.emulator.cast.userbot;
    desk.emulator.world.write(|state| {
        state.user_mut(id).unwrap().password = None;
    });
    let (child, mut tokens) = show_code(&desk);
    let first = tokio::time::timeout(PATIENCE, tokens.recv()).await.unwrap();
    let second = tokio::time::timeout(PATIENCE, tokens.recv()).await.unwrap();
    assert_ne!(first, second);
    scan(&desk, &second.unwrap()).await;
    assert_eq!(finished(child).await.0, exit::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_are_listed_encrypted_and_ended() {
    let desk = Desk::open(small(), "").await;
    let id = desk.emulator.cast.userbot;
    let all = listed(&desk, &[]).await;
    assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
    let one = &all[0];
    assert_eq!(
        (&one["account"], &one["id"]),
        (&json!("default"), &json!(id))
    );
    assert_eq!(one["encrypted"], false);
    assert_eq!(
        (&one["in_use"], &one["valid"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(one["groups"], json!([desk.group_id().marked()]));
    assert!(one["name"].as_str().is_some_and(|name| !name.is_empty()));

    // With a key, whoever uses it next encrypts it; from then on nobody reads it without.
    let key = "correct horse battery staple";
    let mut check = desk.program(&["accounts", "--check"]);
    check.env(KEY, key);
    let (code, out, _) = ran(check).await;
    assert_eq!(code, exit::OK, "{out}");
    assert!(out.contains("encrypted") && out.contains("good"), "{out}");
    assert!(!out.contains("not encrypted"), "{out}");
    let all = listed(&desk, &[]).await;
    assert_eq!(all[0]["encrypted"], true);
    assert_eq!(all[0]["id"], Value::Null);
    let (code, _, err) = ran(desk.program(&["run"])).await;
    assert_eq!(code, exit::LOGIN);
    assert!(err.contains("telegram.session_key"), "{err}");
    let mut wrong = desk.program(&["run"]);
    wrong.env(KEY, "another passphrase");
    let (code, _, err) = ran(wrong).await;
    assert_eq!(code, exit::LOGIN);
    assert!(err.contains("another key"), "{err}");
    let mut doctor = desk.program(&["doctor", "--offline"]);
    doctor.env(KEY, key);
    let (_, out, _) = ran(doctor).await;
    assert!(out.contains("default.session, encrypted"), "{out}");

    // While a service uses it, it is neither ended nor removed.
    let mut run = desk.program(&["run"]);
    let service = run.env(KEY, key).spawn().unwrap();
    let deadline = Instant::now() + PATIENCE;
    while listed(&desk, &[]).await[0]["in_use"] != true {
        assert!(Instant::now() < deadline, "nobody uses it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for args in [&["logout", "--yes"][..], &["logout", "--yes", "--forget"]] {
        let mut command = desk.program(args);
        command.env(KEY, key);
        let (code, _, err) = ran(command).await;
        assert_eq!(code, exit::LOGIN);
        assert!(err.contains("in use"), "{err}");
    }
    assert!(terminate(service).await.success());

    let (code, _, err) = ran(desk.program(&["logout"])).await;
    assert_eq!(code, exit::USAGE);
    assert!(err.contains("--yes"), "{err}");
    assert!(session(&desk).exists());
    let mut logout = desk.program(&["--json", "logout", "--yes"]);
    logout.env(KEY, key);
    let (code, out, err) = ran(logout).await;
    assert_eq!(code, exit::OK, "{err}");
    assert!(out.contains("\"ended\""), "{out}");
    for end in ["", "-wal", "-shm"] {
        let left = PathBuf::from(format!("{}{end}", session(&desk).display()));
        assert!(!left.exists(), "{}", left.display());
    }
    let calls = desk
        .emulator
        .world
        .read(|state| state.journal.methods.clone());
    let mut calls = calls.values();
    assert!(calls.any(|calls| calls.contains_key("auth.logOut")));
    assert_eq!(listed(&desk, &[]).await, json!([]));
    let (code, ..) = ran(desk.program(&["logout", "--yes"])).await;
    assert_eq!(code, exit::LOGIN);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_telegram_ended_is_told_and_cleared_away() {
    let desk = Desk::open(small(), "").await;
    desk.emulator.keys.revoke(desk.emulator.cast.userbot);
    let (code, out, _) = ran(desk.program(&["accounts", "--check"])).await;
    assert_eq!(code, exit::LOGIN);
    assert!(out.contains("no longer good"), "{out}");
    let (code, out, err) = ran(desk.program(&["--json", "logout", "--yes"])).await;
    assert_eq!(code, exit::OK, "{err}");
    assert!(out.contains("already_ended"), "{out}");
    assert!(!session(&desk).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_telegram_keeps_the_login_unless_it_is_to_be_forgotten() {
    let desk = Desk::open(small(), "").await;
    let text = std::fs::read_to_string(&desk.config).unwrap();
    let address = desk.emulator.facts().mtproto.addr;
    // Port 9 of this machine: nobody listens there.
    std::fs::write(&desk.config, text.replace(&address, "127.0.0.1:9")).unwrap();
    let (code, _, err) = ran(desk.program(&["logout", "--yes"])).await;
    assert_eq!(code, exit::NETWORK, "{err}");
    assert!(
        err.contains("still good") && err.contains("--forget"),
        "{err}"
    );
    assert!(session(&desk).exists());
    let (code, out, _) = ran(desk.program(&["logout", "--yes", "--forget"])).await;
    assert_eq!(code, exit::OK);
    assert!(out.contains("Devices"), "{out}");
    assert!(!session(&desk).exists());
}
