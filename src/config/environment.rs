//! The environment's part: `TOPICVAULT_<SECTION>_<KEY>` wins over the file.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::error::{ConfigError, Origin};

/// What all our variables begin with.
pub(super) const PREFIX: &str = "TOPICVAULT_";

/// Lays the variables over a file's table. Returns which variable set which key, and the names of
/// variables that look like ours but belong to no key.
pub(super) fn overlay(
    table: &mut Table,
    known: &Table,
    variables: &BTreeMap<String, String>,
) -> Result<(BTreeMap<String, String>, Vec<String>), ConfigError> {
    let mut used = BTreeMap::new();
    set(table, known, "", variables, &mut used)?;
    let stray = variables
        .keys()
        .filter(|name| !used.values().any(|known| known == *name))
        .filter(|name| {
            known.iter().any(|(section, value)| {
                value.is_table() && name.starts_with(&variable(&format!("{section}.")))
            })
        })
        .cloned()
        .collect();
    Ok((used, stray))
}

/// The variable of a key: `crm.api_key` → `TOPICVAULT_CRM_API_KEY`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}

fn set(
    table: &mut Table,
    known: &Table,
    prefix: &str,
    variables: &BTreeMap<String, String>,
    used: &mut BTreeMap<String, String>,
) -> Result<(), ConfigError> {
    for (key, expected) in known {
        let path = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        if let Value::Table(inner) = expected {
            // An untouched section stays absent, so that `[telegram.server]` is not half there.
            let mut section = match table.get(key) {
                Some(Value::Table(section)) => section.clone(),
                _ => Table::new(),
            };
            set(&mut section, inner, &path, variables, used)?;
            if !section.is_empty() {
                table.insert(key.clone(), Value::Table(section));
            }
            continue;
        }
        let name = variable(&path);
        let Some(text) = variables.get(&name) else {
            continue;
        };
        if let Some(value) = parse(text, expected, &path, &name)? {
            table.insert(key.clone(), value);
            used.insert(path, name);
        }
    }
    Ok(())
}

fn parse(
    text: &str,
    expected: &Value,
    path: &str,
    name: &str,
) -> Result<Option<Value>, ConfigError> {
    let wrong = |problem: &str| ConfigError::Invalid {
        origin: Origin::Environment(name.to_owned()),
        key: path.to_owned(),
        problem: problem.to_owned(),
        help: None,
    };
    match expected {
        Value::String(_) => Ok(Some(Value::String(text.to_owned()))),
        Value::Integer(_) => text
            .trim()
            .parse()
            .map(|number| Some(Value::Integer(number)))
            .map_err(|_| wrong("must be a whole number")),
        Value::Boolean(_) => match text.trim() {
            "true" | "1" => Ok(Some(Value::Boolean(true))),
            "false" | "0" => Ok(Some(Value::Boolean(false))),
            _ => Err(wrong("must be true or false")),
        },
        // Lists and groups have no place in a variable.
        _ => Ok(None),
    }
}
