//! Telephone numbers.
//!
//! There is no checksum, so form and context decide. A number with a `+` or `00` and a country's
//! code is one wherever it stands, and so is one in a national form (Russia, Germany, Austria,
//! Switzerland, Great Britain, North America). A shorter or barer one needs a word before it that
//! says so; a word that numbers things speaks against it.

use std::sync::LazyLock;

use regex::Regex;

use super::context::{Word, words_before};
use super::{Kind, Text, after, before};

/// Digits in groups, perhaps with a plus sign and brackets.
static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?:\+\ ?)? (?:\([0-9][0-9\ ]{0,5}\)|[0-9]+)
        (?:[\ \u{a0}\u{202f}]?[-–‑/.\ \u{a0}\u{202f}]?[\ \u{a0}\u{202f}]?(?:\([0-9][0-9\ ]{0,5}\)|[0-9]+))*",
    )
    .ok()
});
/// An extension behind a number.
static EXTENSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^,?\s?(?i:ext\.?|extension|x|доб\.?|добавочный|dw\.?|durchwahl|app\.?)\s?[0-9]{1,5}\b",
    )
    .ok()
});

/// A number's digits, with what can differ between ways of writing it taken away: the last nine.
pub(in crate::transcript::redact) fn digits(number: &str) -> String {
    let main = number
        .split(|it: char| it.is_alphabetic())
        .next()
        .unwrap_or_default();
    let digits: String = main.chars().filter(char::is_ascii_digit).collect();
    let from = digits.len().saturating_sub(9);
    digits.get(from..).unwrap_or_default().to_owned()
}

pub(super) fn find(text: &mut Text<'_>, known: &[String]) {
    let whole = text.text;
    for found in NUMBER.iter().flat_map(|pattern| pattern.find_iter(whole)) {
        let (begin, number) = (found.start(), found.as_str());
        let end = begin + number.len();
        let apart = before(whole, begin).is_none_or(|it| {
            !(it.is_alphanumeric()
                || matches!(it, '_' | '-' | '.' | '/' | '#' | '№' | '$' | '€' | '£'))
        }) || begins_after_word(whole, begin);
        let ends =
            after(whole, end).is_none_or(|it| !(it.is_alphanumeric() || matches!(it, '_' | '%')));
        if !apart || !(ends || extension(whole, end).is_some()) {
            continue;
        }
        if is_phone(whole, begin, number, known) {
            let end = extension(whole, end).unwrap_or(end);
            text.take(Kind::Phone, begin..end);
        }
    }
}

/// `a@b.example/07700 900888`: a slash between two ways to reach somebody.
fn begins_after_word(text: &str, begin: usize) -> bool {
    let head = text.get(..begin).unwrap_or_default();
    head.ends_with('/') && head.trim_end_matches('/').ends_with(char::is_alphabetic)
}

fn extension(text: &str, end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let found = EXTENSION.as_ref()?.find(rest)?;
    Some(end + found.end())
}

fn is_phone(text: &str, begin: usize, number: &str, known: &[String]) -> bool {
    let plain: String = number.chars().filter(char::is_ascii_digit).collect();
    if !(7..=16).contains(&plain.len()) {
        return false;
    }
    if known.iter().any(|it| *it == digits(number)) {
        return true;
    }
    if is_date_or_time(number) {
        return false;
    }
    if number.starts_with('+') {
        return (8..=15).contains(&plain.len());
    }
    let words: Vec<Word> = words_before(text, begin, 5).collect();
    let near = words.iter().take(2);
    let thing = near
        .clone()
        .any(|word| matches!(word, Word::Thing | Word::Code));
    let called = words.contains(&Word::Phone);
    if plain.starts_with("00") && (11..=16).contains(&plain.len()) && !plain.starts_with("000") {
        return !thing || called;
    }
    let grouped = !number.bytes().all(|byte| byte.is_ascii_digit());
    let strong = national(&plain, number, grouped);
    if thing {
        strong && called
    } else {
        strong || called
    }
}

/// A form that only telephone numbers have.
fn national(plain: &str, number: &str, grouped: bool) -> bool {
    let length = plain.len();
    let begins = |heads: &[&str]| heads.iter().any(|head| plain.starts_with(head));
    let bracket = number.starts_with('(') || number.contains(" (") || number.contains('(');
    match length {
        // Russia and Kazakhstan: 8 or 7, three digits of the area, seven of the number.
        11 if begins(&["8", "7"]) && begins(&["83", "84", "88", "89", "79", "74", "78", "73"]) => {
            true
        }
        // North America with its trunk prefix.
        11 if plain.starts_with('1') && grouped => groups(number) == [1, 3, 3, 4],
        10 if plain.starts_with('9') && !grouped => true,
        _ if plain.starts_with('0') && (9..=13).contains(&length) => {
            grouped && !plain.starts_with("00")
                || length == 11 && begins(&["07", "015", "016", "017"])
                || length == 12 && begins(&["015", "016", "017"])
        }
        10 if bracket => true,
        10 => grouped && groups(number) == [3, 3, 4],
        _ => false,
    }
}

/// Lengths of the groups of digits.
fn groups(number: &str) -> Vec<usize> {
    number
        .split(|it: char| !it.is_ascii_digit())
        .map(str::len)
        .filter(|length| *length > 0)
        .collect()
}

/// `2026-11-28`, `28.11.2026 14 30`, a range of years: what calendars and clocks write.
fn is_date_or_time(number: &str) -> bool {
    if number.contains(['(', '+']) {
        return false;
    }
    let parts: Vec<&str> = number
        .split(|it: char| !it.is_ascii_digit())
        .filter(|it| !it.is_empty())
        .collect();
    let value = |place: usize| {
        parts
            .get(place)
            .and_then(|part| part.parse::<u32>().ok())
            .unwrap_or(0)
    };
    let year = |place: usize| {
        parts.get(place).is_some_and(|part| part.len() == 4) && (1900..2100).contains(&value(place))
    };
    let month = |place: usize| (1..=12).contains(&value(place));
    let day = |place: usize| (1..=31).contains(&value(place));
    let short = |place: usize| parts.get(place).is_some_and(|part| part.len() <= 2);
    let ymd = year(0) && short(1) && short(2) && month(1) && day(2);
    let dmy = year(2) && short(0) && short(1) && (day(0) && month(1) || month(0) && day(1));
    let years = parts.len() == 2 && year(0) && year(1);
    ymd || dmy || years
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phones(text: &str) -> Vec<&str> {
        let found = super::super::find(text, &[]);
        let phones = found.iter().filter(|it| it.kind == Kind::Phone);
        phones.filter_map(|it| text.get(it.range.clone())).collect()
    }

    #[test]
    fn form_and_context_decide() {
        for (text, found) in [
            ("+49 30 1234567", &["+49 30 1234567"][..]),
            ("звоните 8 (912) 345-67-89!", &["8 (912) 345-67-89"]),
            ("unter 0170/1234567 erreichbar", &["0170/1234567"]),
            ("call 555-0164 now", &["555-0164"]),
            ("order 555-01649", &[]),
            ("2026-11-28 14:30", &[]),
            ("заказ 4410295518", &[]),
            ("1 299 990 ₽", &[]),
        ] {
            assert_eq!(phones(text), found, "{text}");
        }
    }

    #[test]
    fn ways_of_writing_a_number_are_one_number() {
        for number in ["+49 170 1234567", "0170/1234567", "0049 (170) 12345-67"] {
            assert_eq!(digits(number), "701234567");
        }
        assert_eq!(digits("8 (912) 345-67-89 доб. 104"), digits("+79123456789"));
    }
}
