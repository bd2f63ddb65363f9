//! E-mail addresses and @names.

use std::sync::LazyLock;

use regex::Regex;

use super::{Kind, Text, after, before};

/// Local part and domain, in any script (RFC 6531); the last part of the domain is letters.
static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"[\p{L}\p{N}](?:[\p{L}\p{N}._%+'=~!#$&*/-]*[\p{L}\p{N}_+-])?@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+(?:xn--[a-z0-9-]+|\p{L}{2,})",
    )
    .ok()
});

/// Telegram's own rule, and names of four characters, which are sold.
static NAME: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"@[A-Za-z][A-Za-z0-9_]{3,31}").ok());

/// What begins with an @ and is nobody.
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "@media", "@import", "@font", "@keyframes", "@everyone", "@here", "@channel", "@charset",
];

/// Endings of files, which stand behind an @ too: `logo@2x.png`.
#[rustfmt::skip]
const FILES: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "webp", "svg", "pdf", "js", "css", "html", "json", "tsx",
];

pub(super) fn find(text: &mut Text<'_>) {
    let whole = text.text;
    for found in EMAIL.iter().flat_map(|pattern| pattern.find_iter(whole)) {
        // What leads up to it may be another word: `mailto:`, `e-mail=`, `a/b@c`.
        let address = found.as_str();
        let local = address.find('@').unwrap_or_default();
        let head = address.get(..local).unwrap_or_default();
        let begin = head
            .rfind(['/', '=', '!', '#', '&', '*', '$'])
            .map_or(0, |place| place + 1);
        let ending = address.rsplit('.').next().unwrap_or_default();
        if !FILES.contains(&ending.to_lowercase().as_str()) {
            text.take(Kind::Email, found.start() + begin..found.end());
        }
    }
    for found in NAME.iter().flat_map(|pattern| pattern.find_iter(whole)) {
        let apart = before(whole, found.start())
            .is_none_or(|it| !(it.is_alphanumeric() || matches!(it, '@' | '_' | '.' | '/' | '%')));
        let rest = after(whole, found.end());
        // A package `@scope/name`, a longer word, another domain.
        let ends = rest.is_none_or(|it| !(it.is_alphanumeric() || matches!(it, '/' | '@' | '_')));
        let dotted =
            rest == Some('.') && after(whole, found.end() + 1).is_some_and(char::is_alphanumeric);
        if apart && ends && !dotted && !NOBODY.contains(&found.as_str()) {
            text.take(Kind::Username, found.range());
        }
    }
}
