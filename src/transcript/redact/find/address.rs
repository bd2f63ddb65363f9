//! IP addresses.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

use super::context::{Word, words_before};
use super::{Kind, Text, after, before};

static V4: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}").ok());
static V6: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\.[0-9]{1,3}){0,3}").ok()
});

pub(super) fn find(text: &mut Text<'_>) {
    let whole = text.text;
    for found in V6.iter().flat_map(|pattern| pattern.find_iter(whole)) {
        let apart = before(whole, found.start())
            .is_none_or(|it| !(it.is_alphanumeric() || matches!(it, ':' | '.' | '_')));
        let ends = after(whole, found.end())
            .is_none_or(|it| !(it.is_alphanumeric() || matches!(it, ':' | '_')));
        let digit = found.as_str().bytes().any(|byte| byte.is_ascii_digit());
        if apart && ends && digit && found.as_str().parse::<Ipv6Addr>().is_ok() {
            text.take(Kind::Ip, found.range());
        }
    }
    let mut versions: Vec<Option<u8>> = Vec::new();
    for found in V4.iter().flat_map(|pattern| pattern.find_iter(whole)) {
        let apart = before(whole, found.start())
            .is_none_or(|it| !(it.is_alphanumeric() || matches!(it, '.' | '_')));
        let rest = after(whole, found.end());
        let ends = rest.is_none_or(|it| !(it.is_alphanumeric() || it == '_'));
        // More numbers follow: a version, an object identifier.
        let goes_on = rest == Some('.')
            && after(whole, found.end() + 1).is_some_and(|it| it.is_ascii_digit());
        if !apart || !ends || goes_on {
            continue;
        }
        let Ok(address) = found.as_str().parse::<Ipv4Addr>() else {
            continue;
        };
        // Beside a version another one needs no word: `3.0.0.4 bricks it, 3.0.0.3 was fine`.
        let first = address.octets().first().copied();
        let beside = versions.contains(&first);
        if beside || is_version(whole, found.start()) {
            versions.push(first);
        } else {
            text.take(Kind::Ip, found.range());
        }
    }
}

/// The words before say that it is a version or a chapter.
fn is_version(text: &str, begin: usize) -> bool {
    words_before(text, begin, 3).any(|word| word == Word::Version)
}
