//! Which keys there are, and holding a file against them.
//!
//! serde's own `deny_unknown_fields` names a key without its section and its errors quote the
//! offending line, which may be a secret. So the file is first walked against the known keys;
//! these are not listed a second time but derived by serialising a fully filled configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::error::{ConfigError, Origin};
use super::{Config, GroupConfig, Secret, ServerConfig, TriggerConfig};

/// Tables whose keys are the user's own.
const OPEN: &[&str] = &[
    "bot.names",
    "media.max_sizes",
    "groups[].staff",
    "groups[].permissions",
];

/// A configuration in which every optional part is present, with the default of every key and the
/// examples of `schema/config.toml` where there is none.
pub(super) fn reference() -> Config {
    let mut config = Config::default();
    config.telegram.server = Some(ServerConfig {
        dc_id: 2,
        address: std::net::SocketAddrV4::new(std::net::Ipv4Addr::LOCALHOST, 4430),
        auth_key: Secret::default(),
    });
    config.groups = vec![GroupConfig {
        language: Some("en".to_owned()),
        account: Some("default".to_owned()),
        triggers: vec![TriggerConfig {
            on: "no_answer".to_owned(),
            minutes: 15,
            note: "Nobody has answered for 15 minutes.".to_owned(),
            ..TriggerConfig::default()
        }],
        ..GroupConfig::new("-1001234567890")
    }];
    config
}

/// All known keys with values of their types.
pub(super) fn known() -> Table {
    // A struct of plain values always serialises; an empty table would refuse every key, which
    // the tests would notice at once.
    Table::try_from(reference()).unwrap_or_default()
}

/// On which line each key of a file stands: `groups[0].id` → 12.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(BTreeMap<String, usize>);

impl Lines {
    /// The line of a key, if the file sets it.
    pub(super) fn get(&self, key: &str) -> Option<usize> {
        self.0.get(key).copied()
    }

    /// The innermost key on a line.
    pub(super) fn key_at(&self, line: usize) -> Option<String> {
        let on_line = self.0.iter().filter(|(_, at)| **at == line);
        on_line.map(|(key, _)| key.clone()).max_by_key(String::len)
    }
}

/// Line (from 1) of a byte offset.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Holds a parsed file against the known keys and their types.
pub(super) fn check(
    path: &Path,
    text: &str,
    table: &DeTable<'_>,
    known: &Table,
) -> Result<Lines, ConfigError> {
    let mut walk = Walk {
        path,
        text,
        root: known,
        lines: Lines::default(),
    };
    walk.table(table, known, "")?;
    Ok(walk.lines)
}

struct Walk<'a> {
    path: &'a Path,
    text: &'a str,
    root: &'a Table,
    lines: Lines,
}

impl Walk<'_> {
    fn origin(&self, offset: usize) -> Origin {
        Origin::File {
            path: PathBuf::from(self.path),
            line: line_at(self.text, offset),
        }
    }

    fn table(
        &mut self,
        table: &DeTable<'_>,
        known: &Table,
        prefix: &str,
    ) -> Result<(), ConfigError> {
        // In the order of the file, so that the first mistake is the one reported.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let name: &str = key.get_ref();
            let full = join(prefix, name);
            let at = key.span().start;
            self.lines.0.insert(full.clone(), line_at(self.text, at));
            let Some(expected) = known.get(name) else {
                return Err(ConfigError::UnknownKey {
                    origin: self.origin(at),
                    key: full,
                    nearest: nearest(name, prefix, known, self.root),
                });
            };
            self.value(value, expected, &full, at)?;
        }
        Ok(())
    }

    fn value(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        expected: &Value,
        key: &str,
        at: usize,
    ) -> Result<(), ConfigError> {
        match (value.get_ref(), expected) {
            (DeValue::Table(_), Value::Table(_)) if is_open(key) => Ok(()),
            (DeValue::Table(table), Value::Table(known)) => self.table(table, known, key),
            (DeValue::Array(items), Value::Array(examples)) => {
                for (index, item) in items.iter().enumerate() {
                    // Lists without an example hold numbers; serde checks those.
                    if let Some(example) = examples.first() {
                        let key = format!("{key}[{index}]");
                        self.value(item, example, &key, item.span().start)?;
                    }
                }
                Ok(())
            }
            (DeValue::String(_), Value::String(_))
            | (DeValue::Integer(_), Value::Integer(_))
            | (DeValue::Boolean(_), Value::Boolean(_)) => Ok(()),
            (_, expected) => Err(ConfigError::Invalid {
                origin: self.origin(at),
                key: key.to_owned(),
                problem: format!("must be {}", describe(expected)),
                help: example(key, expected),
            }),
        }
    }
}

/// Whether a table's keys are the user's own; of a list, all items are alike.
fn is_open(key: &str) -> bool {
    let mut general = String::with_capacity(key.len());
    for part in key.split_inclusive(['[', ']']) {
        let is_index = part.ends_with(']');
        general.push_str(if is_index { "]" } else { part });
    }
    OPEN.contains(&general.as_str())
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn describe(expected: &Value) -> &'static str {
    match expected {
        Value::String(_) => "a text in quotes",
        Value::Integer(_) => "a whole number",
        Value::Float(_) => "a number",
        Value::Boolean(_) => "true or false",
        Value::Datetime(_) => "a date",
        Value::Array(items) if items.iter().any(Value::is_table) => "a list of tables",
        Value::Array(items) if items.iter().any(Value::is_str) => "a list of names in brackets",
        Value::Array(_) => "a list of numbers in brackets",
        Value::Table(_) => "a table",
    }
}

fn example(key: &str, expected: &Value) -> Option<String> {
    let name = key.rsplit('.').next().unwrap_or(key);
    match expected {
        Value::Table(_) => Some(format!("write a section [{key}]")),
        Value::Array(items) if items.iter().any(Value::is_table) => {
            Some(format!("write one [[{key}]] block for each"))
        }
        Value::Array(items) if items.iter().any(Value::is_str) => Some(format!(
            "such as: {name} = [\"photo\", \"voice\"], or [] for none"
        )),
        Value::Array(_) => Some(format!("such as: {name} = [1234567]")),
        Value::String(_) => Some(format!("such as: {name} = \"…\"")),
        _ => None,
    }
}

/// The key that was probably meant: similar and in the same section, or of the same name in
/// another one.
fn nearest(name: &str, prefix: &str, known: &Table, root: &Table) -> Option<String> {
    let similar = known
        .keys()
        .map(|key| (strsim::normalized_damerau_levenshtein(name, key), key))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|(a, _), (b, _)| a.total_cmp(b));
    if let Some((_, key)) = similar {
        return Some(join(prefix, key));
    }
    let mut found = None;
    find(root, "", &mut |path, key| {
        if key == name && found.is_none() {
            found = Some(path.to_owned());
        }
    });
    found
}

/// Calls `each` with the path and name of every key below a table.
pub(super) fn find(table: &Table, prefix: &str, each: &mut dyn FnMut(&str, &str)) {
    for (key, value) in table {
        let path = join(prefix, key);
        each(&path, key);
        match value {
            Value::Table(inner) => find(inner, &path, each),
            Value::Array(items) => {
                if let Some(Value::Table(inner)) = items.first() {
                    find(inner, &path, each);
                }
            }
            _ => {}
        }
    }
}
