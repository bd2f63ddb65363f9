//! The commented default configuration, and filling it in.

use std::fmt::Write as _;

/// `schema/config.toml`: every key with its default and what it means.
pub const TEMPLATE: &str = include_str!("../../schema/config.toml");

/// A TOML string literal of any text.
#[must_use]
pub fn quote(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The template with some keys set: `("telegram.api_id", "12345")`, values in TOML. Keys of the
/// group block are `groups.…`; setting one brings the block to life.
#[must_use]
pub fn fill(values: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(TEMPLATE.len() + 256);
    let mut section = String::new();
    for line in TEMPLATE.lines() {
        let bare = line.strip_prefix('#').unwrap_or(line);
        if let Some(header) = header(bare) {
            section = header.to_owned();
            // A block whose header is commented out is optional as a whole.
            let wanted = values
                .iter()
                .any(|(key, _)| key.rsplit_once('.').is_some_and(|(of, _)| of == section));
            let _ = writeln!(out, "{}", if wanted { bare } else { line });
            continue;
        }
        let set = bare.split_once(" = ").and_then(|(name, _)| {
            let full = format!("{section}.{name}");
            values.iter().find(|(key, _)| *key == full)
        });
        match set {
            Some((key, value)) => {
                let name = key.rsplit('.').next().unwrap_or(key);
                let _ = writeln!(out, "{name} = {value}");
            }
            None => {
                let _ = writeln!(out, "{line}");
            }
        }
    }
    out
}

/// The template with every default in force; what the tests hold against `Config::default`.
#[cfg(test)]
pub(super) fn uncommented() -> String {
    TEMPLATE
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest,
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect()
}

fn header(line: &str) -> Option<&str> {
    let inner = line.strip_prefix('[')?.strip_suffix(']')?;
    Some(
        inner
            .strip_prefix('[')
            .and_then(|inner| inner.strip_suffix(']'))
            .unwrap_or(inner),
    )
}
