//! Who may import whom, and how large things may get.

use crate::source::SourceFile;

/// Each module, and which of ours it may import; `a::B` allows only that name of `a`.
/// A module that is not listed here may import nothing.
const IMPORTS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("memory", &[]),
    ("pace", &[]),
    ("steps", &[]),
    ("i18n", &[]),
    ("config", &["model"]),
    ("archive", &["model", "steps"]),
    ("metrics", &["model"]),
    (
        "capture",
        &["model", "archive", "config", "steps", "metrics"],
    ),
    (
        "transcript",
        &["model", "archive", "config::RoleRules", "i18n"],
    ),
    ("import", &["model", "archive", "transcript"]),
    ("crm", &["model", "config", "pace"]),
    (
        "connectors",
        &[
            "model",
            "pace",
            "config::Secret",
            "i18n",
            "archive::ArchiveError",
            "archive::State",
        ],
    ),
    (
        "bot",
        &[
            "model",
            "archive",
            "transcript",
            "config",
            "i18n",
            "crm",
            "connectors",
            "steps",
            "capture::Progress",
            "capture::CaptureState",
            "capture::Trouble",
        ],
    ),
    ("emulator", &["model"]),
    (
        "app",
        &[
            "model",
            "config",
            "archive",
            "capture",
            "crm",
            "connectors",
            "bot",
            "metrics",
            "memory",
        ],
    ),
    (
        "demo",
        &[
            "model",
            "config",
            "archive",
            "capture",
            "transcript",
            "emulator",
            "app",
            // The witness: an ordinary bot that only listens.
            "bot::self",
            "bot::Seen",
            "bot::witness",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "config",
            "archive",
            "capture",
            "transcript",
            "import",
            "crm",
            "connectors",
            "emulator",
            "app",
            "demo",
            // What `doctor` asks; the bot itself is started by `app`.
            "bot::self",
            "bot::check",
            "bot::canary",
            "bot::BotError",
            "bot::Membership",
            // Of a connector's words in three languages, the terminal shows the English.
            "i18n::Language",
            // What `init` tells the CRM to leave to us.
            "bot::custom_commands",
        ],
    ),
];

/// Foreign crates that only some modules may name.
const FOREIGN: &[(&str, &[&str])] = &[
    ("grammers_", &["capture", "emulator"]),
    ("teloxide", &["bot"]),
    ("rusqlite", &["archive", "capture::session"]),
];

/// What may lie at the top, apart from hidden files.
const TOP: &[&str] = &[
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "benches",
    "clippy.toml",
    "docs",
    "examples",
    "fuzz",
    "schema",
    "sessions",
    "src",
    "tests",
    // Made by building and running.
    "target",
    "topicvault-demo",
    "topicvault.toml",
    "vault",
];

/// Longer files hold more than one noun.
const MOST_LINES: usize = 600;
/// Files of tests are lists and may be longer.
const MOST_TEST_LINES: usize = 800;

#[test]
fn modules_import_only_what_they_may() {
    let mut wrong = Vec::new();
    for file in SourceFile::all() {
        let module = file.module();
        // lib.rs and main.rs put everything together.
        let Some(own) = module.first().filter(|_| !file.is_test()) else {
            continue;
        };
        let allowed = IMPORTS
            .iter()
            .find(|(name, _)| name == own)
            .map_or(&[][..], |(_, allowed)| allowed);
        for path in file.own_paths() {
            let name = path.join("::");
            let fits = path.first().is_some_and(|first| first == own)
                || allowed
                    .iter()
                    .any(|rule| name == *rule || name.starts_with(&format!("{rule}::")))
                // Macros and the like are exported at the crate's root.
                || path.is_empty();
            if !fits {
                wrong.push(format!("src/{}: crate::{name}", file.path));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "imports against the rules:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn foreign_crates_stay_where_they_belong() {
    let mut wrong = Vec::new();
    for file in SourceFile::all() {
        if file.is_test() {
            continue;
        }
        let module = file.module().join("::");
        for (prefix, homes) in FOREIGN {
            let at_home = homes
                .iter()
                .any(|home| module == *home || module.starts_with(&format!("{home}::")));
            if !at_home {
                wrong.extend(
                    file.foreign(prefix)
                        .into_iter()
                        .map(|name| format!("src/{}: {name}", file.path)),
                );
            }
        }
    }
    wrong.dedup();
    assert!(
        wrong.is_empty(),
        "foreign crates out of place:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn files_stay_readable() {
    let long: Vec<String> = SourceFile::all()
        .into_iter()
        .filter(|file| {
            let most = if file.is_test() {
                MOST_TEST_LINES
            } else {
                MOST_LINES
            };
            file.text.lines().count() > most
        })
        .map(|file| format!("src/{}: {} lines", file.path, file.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "too long:\n{}", long.join("\n"));
}

#[test]
fn the_top_level_stays_tidy() {
    let stray: Vec<String> = std::fs::read_dir(env!("CARGO_MANIFEST_DIR"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str()))
        .collect();
    assert!(stray.is_empty(), "does not belong at the top: {stray:?}");
}
