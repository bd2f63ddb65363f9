//! `topicvault emulator` as a program: what it prints, what it reads and writes, how it ends.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use topicvault::cli::exit;

use crate::desk::terminate;
use crate::program::Program;

/// A running emulator and what it said about itself.
struct Running {
    child: Child,
    line: String,
    facts: Value,
}

/// Starts it and waits until it is ready.
fn start(mut command: Command) -> Running {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let stdout = child.stdout.take().expect("stdout is piped");
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("a line of text");
    let facts = serde_json::from_str(&line).expect("the line is JSON");
    Running { child, line, facts }
}

impl Running {
    fn url(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.facts["control"].as_str().expect("a control port")
        )
    }

    async fn get(&self, path: &str) -> String {
        let answer = reqwest::get(self.url(path)).await.expect("an answer");
        answer.text().await.expect("text")
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let client = reqwest::Client::new();
        let answer = client.post(self.url(path)).json(body).send().await;
        answer.expect("an answer").json().await.expect("JSON")
    }

    /// The facts without what the system chose: ports.
    fn without_ports(&self) -> String {
        let mut text = self.line.clone();
        for url in ["bot_api", "control"] {
            let port = self.facts[url]
                .as_str()
                .and_then(|url| url.rsplit(':').next());
            text = text.replace(port.expect("a port"), "PORT");
        }
        let systems = self.facts["systems"]["notion"]["url"].as_str();
        let base = systems.and_then(|url| url.strip_suffix("/notion"));
        text = text.replace(base.expect("an address"), "http://SYSTEMS");
        let addr = self.facts["mtproto"]["addr"].as_str().expect("an address");
        text.replace(addr.rsplit(':').next().expect("a port"), "PORT")
    }

    /// Ends it; it has to end well.
    async fn end(self) {
        assert!(terminate(self.child).await.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_line_tells_everything_and_a_seed_always_the_same() {
    let program = Program::new();
    let options = ["emulator", "--seed", "7", "--messages", "80"];
    let one = start(program.command(&options));
    let two = start(program.command(&options));
    let other = start(program.command(&["emulator", "--seed", "8", "--messages", "80"]));
    assert!(!one.line.trim_end().contains('\n'));
    let facts = &one.facts;
    let pem = facts["mtproto"]["rsa_public_key_pem"]
        .as_str()
        .expect("a key");
    assert!(pem.starts_with("-----BEGIN RSA PUBLIC KEY-----"), "{pem}");
    assert_eq!(facts["mtproto"]["dc_id"], 2);
    assert!(
        facts["mtproto"]["layer"]
            .as_i64()
            .is_some_and(|layer| layer > 200)
    );
    for (list, keys) in [
        (
            "users",
            &[
                "id",
                "first_name",
                "username",
                "phone",
                "code",
                "password",
                "auth_key_hex",
            ][..],
        ),
        (
            "bots",
            &["id", "username", "token", "privacy_mode", "bot_to_bot"],
        ),
        ("groups", &["id", "title", "topics"]),
    ] {
        let first = facts[list][0].as_object().expect("an object");
        assert!(
            keys.iter().all(|key| first.contains_key(*key)),
            "{list}: {first:?}"
        );
    }
    assert!(facts["groups"][0]["topics"][0].get("title").is_some());
    assert_eq!(one.without_ports(), two.without_ports());
    assert_ne!(one.without_ports(), other.without_ports());
    let truth = one.get("/world/messages").await;
    assert!(truth.lines().count() >= 80);
    assert_eq!(truth, two.get("/world/messages").await);
    assert_ne!(truth, other.get("/world/messages").await);

    // The same requests meet the same faults.
    let mut runs = Vec::new();
    for running in [&one, &two] {
        let faults = json!({ "bot_api": { "method": "getMe", "probability": 0.5 } });
        running.post("/faults", &faults).await;
        let token = running.facts["bots"][0]["token"].as_str().expect("a token");
        let base = running.facts["bot_api"].as_str().expect("an address");
        let mut seen = Vec::new();
        for _ in 0..20 {
            let answer = reqwest::get(format!("{base}/bot{token}/getMe")).await;
            seen.push(answer.expect("an answer").status().as_u16());
        }
        runs.push(seen);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(
        runs[0].contains(&200) && runs[0].contains(&500),
        "{:?}",
        runs[0]
    );
    for running in [one, two, other] {
        running.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_from_a_file_is_served() {
    let program = Program::new();
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/world.toml");
    let example = example.to_str().expect("a path in UTF-8");
    let running = start(program.command(&["emulator", "--world", example]));
    assert_eq!(running.facts["groups"][0]["id"], 1_500_000_001);
    assert_eq!(running.facts["bots"][0]["username"], "acme_helper_bot");
    let truth = running.get("/world/messages?group=1500000001").await;
    assert!(truth.contains("Let me look it up for you."), "{truth}");
    let clock: Value = serde_json::from_str(&running.get("/clock").await).expect("JSON");
    assert!((1_772_452_800..1_772_453_100).contains(&clock["now"].as_i64().expect("a time")));
    let said = running
        .post(
            "/actions",
            &json!({ "do": "customer", "text": "Any news?" }),
        )
        .await;
    let topic = said["topic"].as_i64().expect("a topic");
    let answer = json!({ "do": "post", "as": "nadja", "topic": topic, "text": "It is here" });
    running.post("/actions", &answer).await;
    assert!(running.get("/world/delivered").await.contains("It is here"));
    running.end().await;
}

#[test]
fn files_without_sense_are_refused_by_name_and_line() {
    let program = Program::new();
    program.file(
        "typo.toml",
        "[[users]]\nfirst_name = \"Ann\"\nlastname = \"x\"\n",
    );
    let ran = program.run(&["emulator", "--world", "typo.toml"]);
    let ran = ran.with(i32::from(exit::CONFIG));
    assert!(ran.stderr.contains("typo.toml:3"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("did you mean `last_name`?"),
        "{}",
        ran.stderr
    );
    let ran = program.run(&["emulator", "--world", "none.toml"]);
    let ran = ran.with(i32::from(exit::CONFIG));
    assert!(ran.stderr.contains("none.toml"), "{}", ran.stderr);
    program.file("world.toml", "");
    let both = ["emulator", "--world", "world.toml", "--messages", "5"];
    let ran = program.run(&both).with(i32::from(exit::USAGE));
    assert!(
        ran.stderr.contains("--messages") && ran.stderr.contains("--world"),
        "{}",
        ran.stderr
    );
    // Nobody to be the userbot: there is nothing to bridge.
    let ran = program.run(&[
        "emulator",
        "--world",
        "world.toml",
        "--config-out",
        "c.toml",
    ]);
    let ran = ran.with(i32::from(exit::CONFIG));
    assert!(ran.stderr.contains("`users`"), "{}", ran.stderr);
    let ran = program.run(&["emulator", "--listen", "localhost"]);
    ran.with(i32::from(exit::USAGE));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_listens_where_it_is_told_and_warns() {
    let program = Program::new();
    let mut command = program.command(&["emulator", "--listen", "0.0.0.0", "--messages", "5"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut said = String::new();
    let stderr = child.stderr.take().expect("stderr is piped");
    BufReader::new(stderr).read_line(&mut said).expect("a line");
    assert!(
        said.contains("warning") && said.contains("owns this world"),
        "{said}"
    );
    assert!(terminate(child).await.success());
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return; // a machine without IPv6
    }
    let running = start(program.command(&["emulator", "--listen", "::1", "--messages", "5"]));
    let control = running.facts["control"].as_str().expect("an address");
    assert!(control.starts_with("http://[::1]:"), "{control}");
    assert!(running.get("/").await.contains("/actions"));
    running.end().await;
}

#[test]
fn it_ends_when_its_pipe_is_closed_and_not_without_one() {
    let program = Program::new();
    let mut command = program.command(&["emulator", "--messages", "5"]);
    command.stdin(Stdio::piped());
    let mut running = start(command);
    std::thread::sleep(Duration::from_millis(200));
    assert!(
        running.child.try_wait().expect("a state").is_none(),
        "the pipe is open"
    );
    drop(running.child.stdin.take());
    let patience = Instant::now() + Duration::from_secs(20);
    let status = loop {
        if let Some(status) = running.child.try_wait().expect("a state") {
            break status;
        }
        assert!(Instant::now() < patience, "it does not end");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(0));

    let mut running = start(program.command(&["emulator", "--messages", "5"]));
    std::thread::sleep(Duration::from_millis(300));
    let state = running.child.try_wait().expect("a state");
    assert!(state.is_none(), "no pipe, no end");
    running.child.kill().expect("the child is ours to kill");
    running.child.wait().expect("it ends");
}

/// Bridges an emulator with the config that it wrote, and finds what is said in its world.
async fn bridge(options: &[&str], said: Value, words: &str) {
    let program = Program::new();
    let options = [&["emulator"], options, &["--config-out", "bridge.toml"]].concat();
    let running = start(program.command(&options));
    let config = ["--config", "bridge.toml"];
    let mut service = program
        .command(&[&config[..], &["run"]].concat())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("run starts");
    let answer = running.post("/actions", &said).await;
    let id = answer["message"].as_i64().expect("a message");
    let search = [&config[..], &["search", words, "--json"]].concat();
    let patience = Instant::now() + Duration::from_secs(60);
    let hit = loop {
        let ran = program.run(&search);
        let hits: Value = serde_json::from_str(&ran.stdout).unwrap_or_default();
        if let Some(hit) = hits.get(0) {
            break hit.clone();
        }
        let ended = service.try_wait().expect("a state");
        assert!(ended.is_none(), "run ended: {ended:?}");
        assert!(Instant::now() < patience, "not found: {ran:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(hit["id"], id);
    let export = ["export", "--format", "jsonl", "--out", "out.jsonl"];
    program.run(&[&config[..], &export].concat()).with(0);
    let out = program.dir().join("out.jsonl");
    let text = std::fs::read_to_string(out).expect("the export");
    assert!(text.contains(words), "{text}");
    assert!(terminate(service).await.success());
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn run_bridges_it_with_no_further_step() {
    let post = json!({ "do": "post", "as": "jonas_weber", "text": "Quetzalcoatl was delivered" });
    bridge(&["--messages", "60"], post, "Quetzalcoatl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn run_bridges_a_world_from_a_file() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/world.toml");
    let example = example.to_str().expect("a path in UTF-8");
    let said = json!({ "do": "customer", "text": "Has Quetzalcoatl arrived?" });
    bridge(&["--world", example], said, "Quetzalcoatl").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_world_has_a_vault_of_its_own_and_no_config_is_lost() {
    let program = Program::new();
    let config = program.dir().join("c.toml");
    let mut texts = Vec::new();
    for seed in ["21", "22", "22"] {
        let options = ["emulator", "--seed", seed, "--messages", "30"];
        let running = start(program.command(&[&options[..], &["--config-out", "c.toml"]].concat()));
        texts.push(std::fs::read_to_string(&config).expect("the config"));
        running.end().await;
    }
    let line = |text: &str, start: &str| {
        let mut lines = text.lines();
        let found = lines.find(|line| line.starts_with(start));
        found.map(str::to_owned).expect("such a line")
    };
    for start in ["dir = \"vault-emulator-", "account = "] {
        assert_ne!(line(&texts[0], start), line(&texts[1], start));
        assert_eq!(line(&texts[1], start), line(&texts[2], start));
    }
    // A desk with another past is another world, even under the same seed.
    let options = ["emulator", "--seed", "22", "--messages", "60"];
    let running = start(program.command(&[&options[..], &["--config-out", "c.toml"]].concat()));
    let longer = std::fs::read_to_string(&config).expect("the config");
    running.end().await;
    assert_ne!(line(&longer, "dir ="), line(&texts[2], "dir ="));

    // Changed by hand: somebody's own.
    program.file("c.toml", format!("{longer}\n[log]\n"));
    let ran = program.run(&["emulator", "--messages", "5", "--config-out", "c.toml"]);
    let ran = ran.with(i32::from(exit::USAGE));
    assert!(ran.stderr.contains("was changed"), "{}", ran.stderr);
    program.file("c.toml", "[telegram]\n");
    let ran = program.run(&["emulator", "--messages", "5", "--config-out", "c.toml"]);
    let ran = ran.with(i32::from(exit::USAGE));
    assert!(ran.stderr.contains("no emulator's"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_while_the_world_is_built() {
    let program = Program::new();
    let mut command = program.command(&["emulator", "--messages", "400000"]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut stdout = child.stdout.take().expect("stdout is piped");
    tokio::time::sleep(Duration::from_millis(700)).await;
    let asked = Instant::now();
    assert!(terminate(child).await.success());
    assert!(asked.elapsed() < Duration::from_secs(2), "{asked:?}");
    let mut said = String::new();
    std::io::Read::read_to_string(&mut stdout, &mut said).expect("text");
    assert_eq!(said, "", "it was not ready yet");

    let ran = program.run(&["emulator", "--messages", "1000000000000"]);
    let ran = ran.with(i32::from(exit::USAGE));
    assert!(ran.stderr.contains("at most 5000000"), "{}", ran.stderr);
}

#[test]
fn its_help_is_stable() {
    let ran = Program::new().run(&["emulator", "--help"]).with(0);
    insta::with_settings!({omit_expression => true}, {
        insta::assert_snapshot!(ran.stdout);
    });
}
