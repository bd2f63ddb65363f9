//! Links that carry a secret or name somebody.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::random::is_random;
use super::{Kind, Text, before};

/// Something with a scheme, or a host and a path. What ends it is decided afterwards.
static LINK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        \b[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s<>"“”«»„‘’`{}|\\^⟦⟧]+
        | \b(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+\p{L}{2,}
          (?::\d{2,5})?[/?\#][^\s<>"“”«»„‘’`{}|\\^⟦⟧]*"#,
    )
    .ok()
});

/// Hosts behind which a first path segment is an invitation.
#[rustfmt::skip]
const INVITING: &[&str] = &[
    "discord.gg", "chat.whatsapp.com", "discord.com/invite", "join.slack.com", "signal.group",
];
/// Hosts of Telegram's links.
const TELEGRAM: [&str; 4] = ["t.me", "telegram.me", "telegram.dog", "www.t.me"];
/// First path segments of Telegram's links that name no person.
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "c", "s", "share", "addstickers", "addemoji", "addtheme", "proxy", "socks", "iv", "bg",
    "boost", "giftcode", "invoice", "login", "setlanguage", "contact", "confirmphone",
    "addlist",
];
/// Names of parameters whose value is a secret, or somebody.
#[rustfmt::skip]
const SECRET: &[&str] = &[
    "token", "key", "apikey", "api_key", "api-key", "access_token", "id_token", "refresh_token",
    "auth", "authorization", "secret", "client_secret", "signature", "sig", "sign", "hmac",
    "hash", "session", "sessionid", "session_id", "sid", "jsessionid", "phpsessid", "password",
    "passwd", "pass", "pwd", "pw", "passwort", "otp", "pin", "code", "invite", "invitation",
    "einladung", "ticket", "jwt", "login", "user", "username", "email", "e-mail", "mail",
    "phone", "tel", "ref_token",
];

pub(super) fn find(text: &mut Text<'_>) {
    let Some(pattern) = LINK.as_ref() else {
        return;
    };
    let whole = text.text;
    for found in pattern.find_iter(whole) {
        // `name@host/path` is an address with something behind it.
        if before(whole, found.start()) == Some('@') {
            continue;
        }
        let link = trimmed(found.as_str());
        let range = found.start()..found.start() + link.len();
        match judged(link) {
            Some(kind) => text.take(kind, range),
            None => close(text, range, link),
        }
    }
}

/// Keeps what says nothing of anybody as it is. An address of a machine in it is still one, so only what
/// follows the host is closed.
fn close(text: &mut Text<'_>, range: Range<usize>, link: &str) {
    let host = link.find("://").map_or(0, |place| place + 3);
    let path = link.get(host..).and_then(|rest| rest.find(['/', '?', '#']));
    if let Some(path) = path {
        text.closed.push(range.start + host + path..range.end);
    }
}

/// The link without the punctuation of the sentence around it.
fn trimmed(link: &str) -> &str {
    let mut link = link;
    loop {
        let shorter = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '…', '_']);
        let unbalanced = |open: char, close: char| {
            shorter.ends_with(close)
                && shorter.matches(close).count() > shorter.matches(open).count()
        };
        let shorter = if unbalanced('(', ')') || unbalanced('[', ']') {
            shorter.get(..shorter.len() - 1).unwrap_or_default()
        } else {
            shorter
        };
        if shorter.len() == link.len() {
            return link;
        }
        link = shorter;
    }
}

/// What a link gives away.
fn judged(link: &str) -> Option<Kind> {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(place) => rest.split_at(place),
        None => (rest, ""),
    };
    if let Some((user, _)) = authority.rsplit_once('@')
        && !user.is_empty()
    {
        return Some(Kind::Link);
    }
    let host = authority
        .split(':')
        .next()
        .unwrap_or_default()
        .to_lowercase();
    if TELEGRAM.contains(&host.as_str()) {
        return telegram(path);
    }
    if host == "wa.me" && path.bytes().filter(u8::is_ascii_digit).count() >= 7 {
        return Some(Kind::Link);
    }
    let invites = |place: &&str| {
        let inside = format!("{host}{path}");
        inside
            .strip_prefix(*place)
            .is_some_and(|rest| rest.len() > 1)
    };
    let (path, values) = match path.find(['?', '#']) {
        Some(place) => path.split_at(place),
        None => (path, ""),
    };
    let secret = INVITING.iter().any(invites)
        || path
            .split(['/', ';', '=', ':', '~', '+'])
            .any(is_random_segment)
        || values.split(['?', '&', '#', ';']).any(is_secret);
    secret.then_some(Kind::Link)
}

fn telegram(path: &str) -> Option<Kind> {
    let mut segments = path.trim_start_matches('/').split(['/', '?', '#']);
    let first = segments.next().unwrap_or_default();
    if first.starts_with('+') && first.len() > 1 {
        return Some(Kind::Link);
    }
    if [
        "joinchat",
        "giftcode",
        "invoice",
        "confirmphone",
        "login",
        "addlist",
    ]
    .contains(&first)
    {
        return Some(Kind::Link);
    }
    let name = (4..=32).contains(&first.len())
        && first.starts_with(|it: char| it.is_ascii_alphabetic())
        && first
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (name && !NOBODY.contains(&first)).then_some(Kind::Username)
}

fn is_random_segment(segment: &str) -> bool {
    // The ending of a file is none of its name.
    let stem = match segment.rsplit_once('.') {
        Some((stem, ending)) if (1..=6).contains(&ending.len()) => stem,
        _ => segment,
    };
    is_random(stem)
}

/// A parameter, or a fragment without a name, that is a secret.
fn is_secret(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return is_random(parameter);
    };
    let name = name.to_lowercase();
    let name = name
        .trim_start_matches("x-amz-")
        .trim_start_matches("x-goog-");
    if name.starts_with("utm_") || value.is_empty() {
        return false;
    }
    let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
    SECRET.contains(&name) && value.len() >= 4
        || SECRET.contains(&last) && value.len() >= 6
        || value.contains("%40")
        || value.contains('@')
        || is_random(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_something_away_is_told_from_what_does_not() {
        for (link, kind) in [
            ("https://a.example/reset?token=abcd1234", Some(Kind::Link)),
            ("https://user:pass@a.example/x", Some(Kind::Link)),
            ("https://a.example/s/LxyQZ70iFuYim6g", Some(Kind::Link)),
            ("https://t.me/+nsN7Ixa7K36ZWDn0", Some(Kind::Link)),
            ("t.me/anna_s", Some(Kind::Username)),
            ("https://t.me/c/2101424779/5343/5360", None),
            (
                "https://a.example/?utm_source=x&utm_campaign=bf26aB9dE2",
                None,
            ),
            (
                "https://a.example/blog/2026/11/28/why-we-raised-prices",
                None,
            ),
            ("https://docs.example.com/api/v2/users?page=2&lang=en", None),
            ("https://www.example.com", None),
        ] {
            assert_eq!(judged(link), kind, "{link}");
        }
    }

    #[test]
    fn the_sentence_around_a_link_is_no_part_of_it() {
        for (link, expected) in [
            ("https://a.example/x).", "https://a.example/x"),
            ("https://a.example/x_(y)", "https://a.example/x_(y)"),
            ("https://a.example/x?!", "https://a.example/x"),
        ] {
            assert_eq!(trimmed(link), expected);
        }
    }
}
