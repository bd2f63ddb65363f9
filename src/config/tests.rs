#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::template::uncommented;
use super::*;

const SECRET: &str = "sw0rdfish-never-show-this";

fn load_text(text: &str) -> Result<Loaded, ConfigError> {
    load_env(text, &[])
}

fn load_env(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let dir = tempfile::tempdir().unwrap();
    load_in(dir.path(), text, variables)
}

fn load_in(dir: &Path, text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let path = dir.join("topicvault.toml");
    std::fs::write(&path, text).unwrap();
    let variables: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    load_with(Some(&path), &variables)
}

/// The error's text without the temporary directory, and its help.
fn refusal(text: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let error = load_in(dir.path(), text, &[]).expect_err("must be refused");
    let all = match error.help() {
        Some(help) => format!("{error}\n  help: {help}"),
        None => error.to_string(),
    };
    let all = all.replace(&format!("{}/", dir.path().display()), "");
    assert!(!all.contains(SECRET), "shows a secret: {all}");
    all
}

#[test]
fn the_template_lists_every_key_with_its_default() {
    let parsed: Table = uncommented().parse().unwrap();
    assert_eq!(parsed, keys::known());
}

#[test]
fn the_template_as_it_is_changes_nothing() {
    let config: Config = toml::from_str(TEMPLATE).unwrap();
    assert_eq!(
        Table::try_from(config).unwrap(),
        Table::try_from(Config::default()).unwrap()
    );
}

#[test]
fn filling_the_template_sets_keys_and_keeps_the_comments() {
    let text = fill(&[
        ("telegram.api_id", "12345".to_owned()),
        ("telegram.api_hash", quote("a\"b\\c")),
        ("groups.id", quote("-1002101424779")),
        ("groups.timezone", quote("Europe/Berlin")),
        ("groups.roles.relays", "[7]".to_owned()),
    ]);
    let loaded = load_text(&text).unwrap();
    assert_eq!(loaded.config.telegram.api_id, 12345);
    assert_eq!(loaded.config.telegram.api_hash.expose(), "a\"b\\c");
    let [group] = loaded.config.groups.as_slice() else {
        panic!("one group");
    };
    assert_eq!(group.group().unwrap().bare(), 2_101_424_779);
    assert_eq!(group.timezone, "Europe/Berlin");
    assert_eq!(group.roles.relays, [7]);
    assert_eq!(
        text.lines().filter(|line| line.starts_with("# ")).count(),
        TEMPLATE
            .lines()
            .filter(|line| line.starts_with("# "))
            .count()
    );
    assert!(loaded.config.telegram.server.is_none());
}

#[test]
fn unknown_keys_are_named_with_line_and_nearest() {
    insta::with_settings!({omit_expression => true}, {
    insta::assert_snapshot!(
        [
            "[telegram]\napi_idd = 1\n",
            "\n\n[telegramm]\napi_id = 1\n",
            "token = \"sw0rdfish-never-show-this\"\n",
            "[bot]\ncolour = 1\n",
            "[[groups]]\nid = \"5\"\n\n[[groups]]\nid = \"6\"\ntime_zone = \"UTC\"\n",
            "[telegram.server]\nport = 3\n",
            "[[groups]]\nid = \"5\"\nroles = { relay = [1] }\n",
        ]
        .map(refusal)
        .join("\n")
    );
    });
}

#[test]
fn wrong_values_are_named_and_never_shown() {
    insta::with_settings!({omit_expression => true}, {
    insta::assert_snapshot!(
        [
            "[telegram]\napi_hash = sw0rdfish-never-show-this\n",
            "[telegram]\napi_id = \"sw0rdfish-never-show-this\"\n",
            "[telegram]\napi_id = 99999999999\n",
            "[telegram]\napi_id = -4\n",
            "[telegram]\napi_hash = 12345\n",
            "[telegram]\naccount = \"../x\"\n",
            "[telegram.server]\ndc_id = 2\n",
            "[telegram.server]\ndc_id = 2\naddress = \"sw0rdfish-never-show-this\"\nauth_key = \"\"\n",
            "[telegram.server]\ndc_id = 2\naddress = \"127.0.0.1:1\"\nauth_key = \"sw0rdfish-never-show-this\"\n",
            "[bot]\ntoken = \"sw0rdfish-never-show-this\"\n",
            "[bot]\nupload_limit = 5\n",
            "bot = 5\n",
            "groups = 5\n",
            "[[groups]]\ntimezone = \"UTC\"\n",
            "[[groups]]\nid = \"support\"\n",
            "[[groups]]\nid = \"5\"\ntimezone = \"Mars/Olympus\"\n",
            "[[groups]]\nid = \"5\"\nlanguage = \"fr\"\n",
            "[[groups]]\nid = \"5\"\noperators = [\"sw0rdfish-never-show-this\"]\n",
            "[[groups]]\nid = \"5\"\n[[groups]]\nid = \"-1000000000005\"\n",
            "[vault]\nseal_level = 22\n",
            "[vault]\nseal_level = 3\nseal_level = 4\n",
            "[bot\ntoken = 1\n",
        ]
        .map(refusal)
        .join("\n")
    );
    });
}

#[test]
fn the_environment_wins_over_the_file() {
    let loaded = load_env(
        "[telegram]\napi_id = 1\n[vault]\ndir = \"one\"\n",
        &[
            ("TOPICVAULT_TELEGRAM_API_ID", "2"),
            ("TOPICVAULT_TELEGRAM_API_HASH", "hash"),
            ("TOPICVAULT_CRM_INSTANCE_API_KEY", "key"),
            ("TOPICVAULT_BOT_TOKN", "x"),
            ("TOPICVAULT_KILL_AT", "x"),
        ],
    )
    .unwrap();
    assert_eq!(loaded.config.telegram.api_id, 2);
    assert_eq!(loaded.config.telegram.api_hash.expose(), "hash");
    assert_eq!(loaded.config.crm.instance_api_key.expose(), "key");
    assert!(loaded.config.telegram.server.is_none());
    assert!(loaded.config.vault.dir.ends_with("one"));
    let stray: Vec<_> = loaded
        .warnings
        .iter()
        .filter(|text| text.contains("TOPICVAULT_BOT_TOKN"))
        .collect();
    assert_eq!(stray.len(), 1, "{:?}", loaded.warnings);
    assert!(!loaded.warnings.iter().any(|text| text.contains("KILL_AT")));
}

#[test]
fn what_a_desk_cannot_do_is_said() {
    insta::with_settings!({omit_expression => true}, {
    insta::assert_snapshot!(
        [
            "permissions = { activate = [\"bilers\"] }",
            "delivery = \"pigeon\"",
            "delivery = \"crm_api\"",
            "delivery = \"bot\"\nroles = { reply_only = true }",
            "alerts = 0",
            "[[groups.triggers]]\non = \"opened\"\nnote = \"x\"",
            "[[groups.triggers]]\non = \"closed\"",
            "[[groups.triggers]]\non = \"no_answer\"\nnote = \"x\"",
            "[[groups.triggers]]\non = \"text\"\nnote = \"x\"",
            "[[groups.triggers]]\non = \"text\"\nmatches = \"(\"\nnote = \"x\"",
        ]
        .map(|group| refusal(&format!("[[groups]]\nid = \"5\"\n{group}\n")))
        .join("\n")
    );
    });
}

#[test]
fn a_wrong_variable_is_named_without_its_value() {
    let error = load_env("", &[("TOPICVAULT_TELEGRAM_API_ID", SECRET)]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "environment variable TOPICVAULT_TELEGRAM_API_ID: `telegram.api_id` must be a whole number"
    );
    let error = load_env("", &[("TOPICVAULT_BOT_TOKEN", SECRET)]).unwrap_err();
    assert!(
        error.to_string().contains("TOPICVAULT_BOT_TOKEN"),
        "{error}"
    );
    assert!(!error.to_string().contains(SECRET));
}

#[test]
fn a_server_may_be_put_together_from_file_and_environment() {
    let key = "ab".repeat(256);
    let loaded = load_env(
        "[telegram.server]\ndc_id = 2\naddress = \"127.0.0.1:4430\"\n",
        &[("TOPICVAULT_TELEGRAM_SERVER_AUTH_KEY", &key)],
    )
    .unwrap();
    let server = loaded.config.telegram.server.unwrap();
    assert_eq!(server.auth_key.expose(), key);
}

#[test]
fn relative_paths_are_relative_to_the_file() {
    let loaded = load_text("[telegram]\nsessions = \"logins\"\n[vault]\ndir = \"/abs\"\n").unwrap();
    assert_eq!(loaded.config.vault.dir, PathBuf::from("/abs"));
    assert_eq!(loaded.config.telegram.sessions, loaded.base.join("logins"));
    assert!(loaded.base.is_absolute());
}

#[cfg(unix)]
#[test]
fn a_readable_file_with_secrets_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("c.toml");
    let none = BTreeMap::new();
    let doubts = |text: &str, mode| {
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        load_with(Some(&path), &none).unwrap().warnings.len()
    };
    assert_eq!(doubts("[telegram]\napi_hash = \"x\"\n", 0o644), 1);
    assert_eq!(doubts("[telegram]\napi_hash = \"x\"\n", 0o600), 0);
    assert_eq!(doubts("[telegram]\napi_id = 4\n", 0o644), 0);
}

#[test]
fn what_a_command_needs_is_asked_for_by_name() {
    let config = Config::default();
    let error = config.require_telegram().unwrap_err();
    assert_eq!(error.to_string(), "`telegram.api_id` is not set");
    assert!(error.help().unwrap().contains("my.telegram.org"));
    assert!(config.require_groups().is_err());
    assert!(config.require_bot().is_err());
}

#[test]
fn a_missing_file_is_named() {
    let error = load_with(Some(&PathBuf::from("/nowhere/c.toml")), &BTreeMap::new()).unwrap_err();
    assert_eq!(error.to_string(), "there is no config file /nowhere/c.toml");
}

#[test]
fn every_variable_has_a_key_of_its_own() {
    let mut names = BTreeMap::new();
    keys::find(&keys::known(), "", &mut |path, _| {
        if !matches!(path.split('.').next(), Some("groups")) {
            let before = names.insert(environment::variable(path), path.to_owned());
            assert_eq!(before, None, "{path}");
        }
    });
    assert!(matches!(
        keys::known().get("telegram"),
        Some(Value::Table(_))
    ));
}
