//! A request, taken apart.

use std::net::IpAddr;

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// A whole request to one system.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: Method,
    /// The parts of the path below the system's base, decoded.
    pub(super) parts: Vec<String>,
    /// Names and values, decoded, in their order.
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Who calls.
    pub(super) peer: IpAddr,
}

impl Call {
    pub(super) fn new(
        peer: IpAddr,
        path: &str,
        parts: &axum::http::request::Parts,
        body: Bytes,
    ) -> Self {
        let pieces = path.trim_start_matches('/').split('/');
        Self {
            method: parts.method.clone(),
            parts: pieces.map(|piece| decoded(piece, false)).collect(),
            query: form(parts.uri.query().unwrap_or_default()),
            headers: parts.headers.clone(),
            body,
            peer,
        }
    }

    /// Method and parts of the path, to be matched.
    pub(super) fn at(&self) -> (&str, Vec<&str>) {
        let parts = self.parts.iter().map(String::as_str);
        (self.method.as_str(), parts.collect())
    }

    /// A header; nothing where it is not there or no text.
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The token of a header `Authorization: Bearer …`.
    pub(super) fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header(AUTHORIZATION.as_str()).split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }

    /// Name and password of a header `Authorization: Basic …`.
    pub(super) fn basic(&self) -> Option<(String, String)> {
        let (scheme, coded) = self.header(AUTHORIZATION.as_str()).split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
        let (name, password) = text.split_once(':')?;
        Some((name.to_owned(), password.to_owned()))
    }

    /// What the body is said to be, without parameters, in lower case.
    pub(super) fn kind(&self) -> String {
        let kind = self.header(CONTENT_TYPE.as_str());
        let kind = kind.split(';').next().unwrap_or_default();
        kind.trim().to_ascii_lowercase()
    }

    /// The first value of a name in the query.
    pub(super) fn asked(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A name in the query that is not among those known.
    pub(super) fn unknown(&self, known: &[&str]) -> Option<&str> {
        let names = self.query.iter().map(|(name, _)| name.as_str());
        names.into_iter().find(|name| !known.contains(name))
    }

    /// The body as an HTML form.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        form(&String::from_utf8_lossy(&self.body))
    }
}

fn form(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name, true), decoded(value, true))
        })
        .collect()
}

/// Takes percent signs out; in forms and queries a plus is a space.
fn decoded(text: &str, form: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        rest = others;
        let escaped = match others {
            [high, low, after @ ..] if *first == b'%' => digit(*high)
                .zip(digit(*low))
                .map(|(high, low)| (high * 16 + low, after)),
            _ => None,
        };
        match escaped {
            Some((byte, after)) => {
                bytes.push(byte);
                rest = after;
            }
            None if form && *first == b'+' => bytes.push(b' '),
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_and_paths_are_decoded() {
        assert_eq!(decoded("Sheet1%21A%3AC+x", false), "Sheet1!A:C+x");
        assert_eq!(decoded("%D0%96+%", true), "Ж %");
        let pairs = form("a=1&&b=%26&c");
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(pairs, [("a", "1"), ("b", "&"), ("c", "")]);
    }
}
