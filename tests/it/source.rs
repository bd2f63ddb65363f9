//! Reads Rust source as far as import rules need it: paths, without comments, texts and tests.

use std::path::{Path, PathBuf};

/// A source file of the product.
pub(crate) struct SourceFile {
    /// Below `src`, with `/`: `capture/session/store.rs`.
    pub(crate) path: String,
    /// As it stands on disk.
    pub(crate) text: String,
}

impl SourceFile {
    /// All of `src`, in the order of their paths.
    pub(crate) fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// The modules it lies in: `["capture", "session", "store"]`.
    pub(crate) fn module(&self) -> Vec<&str> {
        let mut parts: Vec<&str> = self.path.trim_end_matches(".rs").split('/').collect();
        if matches!(parts.last(), Some(&"mod" | &"lib" | &"main")) {
            parts.pop();
        }
        parts
    }

    /// Whether all of it is test code.
    pub(crate) fn is_test(&self) -> bool {
        self.module()
            .iter()
            .any(|part| *part == "tests" || part.ends_with("_tests"))
    }

    /// The paths below our own crate that its product code names, each as its segments.
    pub(crate) fn own_paths(&self) -> Vec<Vec<String>> {
        let code = product_code(&self.text);
        let mut found = Vec::new();
        for (at, _) in code.match_indices("crate::") {
            if is_word_start(&code, at) && !code[..at].ends_with("$") {
                tree(&code[at + "crate::".len()..], &[], &mut found);
            }
        }
        let up = "super::".repeat(self.module().len());
        let mut upwards = Vec::new();
        for (at, _) in code.match_indices(&up) {
            // A longer chain would leave the crate, a shorter one stays within the module.
            if !up.is_empty() && is_word_start(&code, at) {
                tree(&code[at + up.len()..], &[], &mut upwards);
            }
        }
        // In an inline module the same chain leads less far, to names that are no modules.
        let modules = modules();
        upwards.retain(|path| path.first().is_some_and(|first| modules.contains(first)));
        found.extend(upwards);
        found
    }

    /// The foreign crates with this prefix that its product code names.
    pub(crate) fn foreign(&self, prefix: &str) -> Vec<String> {
        let code = product_code(&self.text);
        code.match_indices(prefix)
            .filter(|(at, _)| is_word_start(&code, *at) && !code[..*at].ends_with('.'))
            .filter_map(|(at, _)| {
                let name = identifier(&code[at..]);
                let after = code[at + name.len()..].trim_start();
                (after.starts_with("::") || after.starts_with(';')).then_some(name)
            })
            .collect()
    }
}

/// The modules at the crate's root.
fn modules() -> Vec<String> {
    std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .collect()
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<SourceFile>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).unwrap();
            files.push(SourceFile {
                path: below.to_string_lossy().replace('\\', "/"),
                text: std::fs::read_to_string(&path).unwrap(),
            });
        }
    }
}

/// Code without comments and texts, up to an inline `mod tests`.
fn product_code(text: &str) -> String {
    let code = bare(text);
    match code.find("#[cfg(test)]\nmod tests {") {
        Some(end) => code[..end].to_owned(),
        None => code,
    }
}

/// Replaces comments by nothing and the insides of texts by nothing.
fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = &rest[block_comment(rest)..];
        } else if let Some(length) = raw_text(rest).filter(|_| !ends_in_word(&out)) {
            out.push_str("\"\"");
            rest = &rest[length..];
        } else if c == '"' {
            out.push_str("\"\"");
            rest = &rest[quoted(rest, '"')..];
        } else if c == '\'' && is_character(rest) {
            out.push_str("' '");
            rest = &rest[quoted(rest, '\'')..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Length of a raw text (`r"…"`, `br#"…"#`) at the start.
fn raw_text(text: &str) -> Option<usize> {
    let after = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    let inside = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = text.len() - inside.len();
    Some(
        inside
            .find(&end)
            .map_or(text.len(), |at| start + at + end.len()),
    )
}

/// Length of a text or character in quotes, escapes considered.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Tells `'x'` and `'\n'` from the lifetime `'a`.
fn is_character(text: &str) -> bool {
    let mut chars = text.chars().skip(1);
    match chars.next() {
        Some('\\') => true,
        Some(_) => chars.next() == Some('\''),
        None => false,
    }
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(is_word)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_word_start(code: &str, at: usize) -> bool {
    !ends_in_word(&code[..at]) && !code[..at].ends_with("::")
}

fn identifier(text: &str) -> String {
    text.chars().take_while(|c| is_word(*c)).collect()
}

/// Reads a path or a `{tree, of::paths}` and adds each full path; returns what it consumed.
fn tree(text: &str, prefix: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let mut at = text.len() - text.trim_start().len();
    if text[at..].starts_with('{') {
        at += 1;
        loop {
            at += tree(&text[at..], prefix, found);
            let rest = &text[at..];
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            // `as name` and the comma are passed over.
            let skip = trimmed.find([',', '}']).unwrap_or(trimmed.len());
            at += skip;
            if trimmed[skip..].starts_with(',') {
                at += 1;
            } else {
                return (at + 1).min(text.len());
            }
        }
    }
    let name = identifier(&text[at..]);
    at += name.len();
    let mut path = prefix.to_vec();
    if !name.is_empty() {
        path.push(name);
    }
    let rest = text[at..].trim_start();
    if let Some(inner) = rest.strip_prefix("::") {
        let start = text.len() - inner.len();
        let next = inner.trim_start();
        if next.starts_with('{') || next.starts_with(is_word) {
            return start + tree(inner, &path, found);
        }
    }
    if path.len() > prefix.len() {
        found.push(path);
    }
    at
}

#[test]
fn paths_are_found_in_every_spelling() {
    let file = SourceFile {
        path: "bot/queue/send.rs".to_owned(),
        text: r##"
            // crate::comment::is_none
            /* crate::comment /* nested */ crate::comment */
            use crate::{
                archive::{Reader, codec::{self, Frame}},
                model as words,
                capture,
            };
            use super::super::super::config::Config;
            use super::super::sibling;
            pub(in crate::bot) fn f<'a>(x: &'a str) -> char {
                let _ = "crate::text::is_none";
                let _ = r#"crate::text " is_none"#;
                crate::crm::TopicsApi::new();
                '"'
            }
            use teloxide::prelude::*;
            fn g() { rusqlite::Connection::open(""); let my_teloxide = 1; x.teloxide; }
"##
        .to_owned()
            + "\n#[cfg(test)]\nmod tests {\n use crate::emulator::World;\n}\n",
    };
    let mut paths: Vec<String> = file
        .own_paths()
        .iter()
        .map(|path| path.join("::"))
        .collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "archive::Reader",
            "archive::codec::Frame",
            "archive::codec::self",
            "bot",
            "capture",
            "config::Config",
            "crm::TopicsApi::new",
            "model",
        ]
    );
    assert_eq!(file.foreign("teloxide"), ["teloxide"]);
    assert_eq!(file.foreign("rusqlite"), ["rusqlite"]);
    assert_eq!(file.foreign("grammers_"), [""; 0]);
}
