//! Exit codes and bad input, against the real program.

use std::process::Stdio;

use crate::program::{Program, finish};

const SECRET: &str = "sw0rdfish-never-show-this";

#[test]
fn no_or_a_wrong_command_is_a_usage_error() {
    let program = Program::new();
    program.run(&[]).with(2);
    program.run(&["exprot"]).with(2);
    program.run(&["search"]).with(2);
    program.run(&["search", " "]).with(2);
    program.run(&["export", "--format", "docx"]).with(2);
    program.run(&["--version"]).with(0);
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_right_one() {
    let program = Program::new();
    program.file("topicvault.toml", "[telegram]\n\napi_idd = 5\n");
    let ran = program.run(&["stats"]).with(3);
    assert_eq!(ran.stdout, "");
    assert_eq!(
        ran.stderr,
        "error: topicvault.toml:3: unknown key `telegram.api_idd`\n\
         help: did you mean `telegram.api_id`?\n"
    );
}

#[test]
fn a_missing_config_file_is_named() {
    let ran = Program::new()
        .run(&["--config", "no.toml", "stats"])
        .with(3);
    assert!(
        ran.stderr.contains("no config file no.toml"),
        "{}",
        ran.stderr
    );
}

#[test]
fn secrets_are_never_shown() {
    for text in [
        format!("[bot]\ntoken = \"{SECRET}\"\n"),
        format!("[bot]\ntoken = {SECRET}\n"),
        format!("[telegram]\napi_id = \"{SECRET}\"\n"),
        format!("[telegram]\napi_hash = [\"{SECRET}\"]\n"),
    ] {
        let program = Program::new();
        program.file("topicvault.toml", &text);
        let ran = program.run(&["-vvv", "stats"]).with(3);
        assert!(!ran.stderr.contains(SECRET), "{}", ran.stderr);
    }
}

#[test]
fn what_a_command_needs_is_named() {
    let program = Program::new();
    let ran = program.run(&["login"]).with(3);
    assert!(ran.stderr.contains("`telegram.api_id` is not set"));
    assert!(ran.stderr.contains("https://my.telegram.org/apps"));
    program.file("topicvault.toml", "[telegram]\napi_id = 5\n");
    let ran = program.run(&["login"]).with(3);
    assert!(ran.stderr.contains("`telegram.api_hash` is not set"));
    let ran = program.run(&["run"]).with(3);
    assert!(ran.stderr.contains("`telegram.api_hash` is not set"));
}

#[test]
fn the_environment_is_read() {
    let program = Program::new();
    let ran = finish(
        program
            .command(&["login"])
            .env("TOPICVAULT_TELEGRAM_API_ID", "5"),
    )
    .with(3);
    assert!(ran.stderr.contains("`telegram.api_hash` is not set"));
    let ran = finish(
        program
            .command(&["login"])
            .env("TOPICVAULT_TELEGRAM_API_ID", SECRET),
    )
    .with(3);
    assert!(ran.stderr.contains("TOPICVAULT_TELEGRAM_API_ID"));
    assert!(!ran.stderr.contains(SECRET));
}

#[test]
fn a_missing_vault_is_named() {
    for command in ["stats", "export"] {
        let ran = Program::new().run(&["--vault", "nowhere", command]).with(6);
        assert!(ran.stderr.contains("no vault at"), "{}", ran.stderr);
        assert!(ran.stderr.contains("nowhere"), "{}", ran.stderr);
    }
}

#[test]
fn init_writes_a_config_that_loads_and_never_overwrites() {
    let program = Program::new();
    let flags = [
        "init",
        "--json",
        "--api-id",
        "12345",
        "--api-hash",
        "0123456789abcdef0123456789abcdef",
        "--group",
        "https://t.me/c/2101424779/5/7",
        "--relay",
        "777, 778",
        "--purpose",
        "answering \"customers\"",
    ];
    let ran = program.run(&flags).with(0);
    assert_eq!(ran.json()["missing"], serde_json::json!([]));
    let path = program.dir().join("topicvault.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("id = \"-1002101424779\""), "{text}");
    assert!(text.contains("relays = [777, 778]"), "{text}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // It loads: the next complaint is about the vault.
    program.run(&["stats"]).with(6);

    let ran = program.run(&["init", "--api-id", "1"]).with(2);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    let ran = program.run(&["init", "--force"]).with(0);
    assert!(
        ran.stdout.contains("@CUSTOM_COMMANDS@ /info /export"),
        "{}",
        ran.stdout
    );
    let line = ran.stdout.lines().find(|line| line.contains("@CUSTOM_"));
    assert!(document("README.md").contains(line.unwrap().trim()));
    assert!(ran.stdout.contains("telegram.api_id"), "{}", ran.stdout);
}

#[test]
fn init_refuses_what_cannot_be_right() {
    for (flag, value) in [
        ("--api-id", "zero"),
        ("--api-hash", "short"),
        ("--group", "support"),
        ("--relay", "crm_bot"),
        ("--bot-token", "12"),
        ("--timezone", "Mars/Olympus"),
        ("--crm-url", "crm.example"),
        ("--retention-days", "long"),
    ] {
        let program = Program::new();
        let ran = program.run(&["init", flag, value]).with(2);
        assert!(ran.stderr.contains(flag), "{}", ran.stderr);
        assert!(!program.dir().join("topicvault.toml").exists());
    }
}

#[test]
fn init_prints_every_key() {
    let ran = Program::new().run(&["init", "--print"]).with(0);
    assert!(ran.stdout.contains("#api_hash = \"\""));
    assert!(ran.stdout.contains("#seal_level = 6"));
}

#[test]
fn completions_are_for_this_program() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = Program::new().run(&["completions", shell]).with(0);
        assert!(ran.stdout.contains("topicvault"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let program = Program::new();
    let mut child = program
        .command(&["init", "--print"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_config_that_others_can_read_is_warned_about() {
    let program = Program::new();
    program.file("topicvault.toml", "[telegram]\napi_hash = \"x\"\n");
    let ran = program.run(&["stats"]).with(6);
    if cfg!(unix) {
        assert!(ran.stderr.contains("chmod 600"), "{}", ran.stderr);
    }
}

#[test]
fn login_that_gets_no_answer_says_so() {
    let program = Program::new();
    program.file(
        "topicvault.toml",
        "[telegram]\napi_id = 5\napi_hash = \"x\"\naccount = \"../evil\"\n",
    );
    let ran = program.run(&["login"]).with(3);
    assert!(ran.stderr.contains("telegram.account"), "{}", ran.stderr);
    program.run(&["login", "--account", "../evil"]).with(3);
    program.file("topicvault.toml", "");
    program.run(&["login", "--account", "../evil"]).with(2);
    assert!(!program.dir().join("sessions").exists());
}

/// A document of the repository.
fn document(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn exit_codes_are_documented_as_they_are() {
    let source = document("src/cli/exit.rs");
    let table: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! | "))
        .collect();
    let written = document("docs/exit-codes.md");
    let documented: Vec<&str> = written
        .lines()
        .filter_map(|line| line.strip_prefix("| "))
        .collect();
    assert_eq!(documented, table);
    for line in source.lines() {
        let Some((_, code)) = line.split_once(": u8 = ") else {
            continue;
        };
        let row = format!("{} | ", code.trim_end_matches(';'));
        assert!(table.iter().any(|line| line.starts_with(&row)), "{code}");
    }
}

#[cfg(all(unix, feature = "emulator"))]
#[test]
fn ctrl_c_ends_a_demo_that_has_hardly_begun() {
    use std::io::{BufRead, BufReader};

    let program = Program::new();
    let mut child = program
        .command(&["demo", "--dir", "here"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // Its first words: from here on it listens.
    assert!(lines.any(|line| line.unwrap().contains("Telegram starts")));
    // The shell's own kill: nothing else need be installed.
    let kill = format!("kill -INT {}", child.id());
    assert!(
        std::process::Command::new("sh")
            .args(["-c", &kill])
            .status()
            .unwrap()
            .success()
    );
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest:?}");
    // What it left is a demo's or nothing, so that the next one may have the directory.
    let left = std::fs::read_dir(program.dir().join("here")).unwrap();
    let names: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        names.len() < 2 || names.iter().any(|name| name == "topicvault.toml"),
        "{names:?}"
    );
}

#[cfg(feature = "emulator")]
#[test]
fn an_emulator_never_overwrites_somebodys_config() {
    let program = Program::new();
    program.file("topicvault.toml", "[telegram]\n");
    let ran = program
        .run(&["emulator", "--config-out", "topicvault.toml"])
        .with(2);
    assert!(ran.stderr.contains("--config-out"), "{}", ran.stderr);
}
