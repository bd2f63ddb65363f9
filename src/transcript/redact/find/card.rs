//! Payment cards: ISO/IEC 7812, checked by Luhn's formula.

use std::ops::Range;

use super::context::{Word, words_before};
use super::{Kind, Text, after, before};

pub(super) fn find(text: &mut Text<'_>) {
    let whole = text.text;
    let mut place = 0;
    while let Some(begin) = next_digit(whole, place) {
        let groups = groups(whole, begin);
        let mut first = 0;
        // What stands beside a card may be a number too: the longest run of groups that is one.
        while first < groups.len() {
            match longest(whole, groups.get(first..).unwrap_or_default()) {
                Some((range, count)) => {
                    text.take(Kind::Card, range);
                    first += count;
                }
                None => first += 1,
            }
        }
        place = groups.last().map_or(begin + 1, |last| last.end);
    }
}

fn next_digit(text: &str, from: usize) -> Option<usize> {
    let found = text
        .get(from..)?
        .bytes()
        .position(|byte| byte.is_ascii_digit())?;
    Some(from + found)
}

/// Groups of digits by single spaces or hyphens.
fn groups(text: &str, begin: usize) -> Vec<Range<usize>> {
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut between = false;
    for (at, character) in text.get(begin..).unwrap_or_default().char_indices() {
        let at = begin + at;
        match character {
            '0'..='9' => match groups.last_mut() {
                Some(last) if last.end == at => last.end += 1,
                _ => groups.push(at..at + 1),
            },
            ' ' | '-' | '\u{a0}' | '\u{202f}' if !between => {
                between = true;
                continue;
            }
            _ => break,
        }
        between = false;
    }
    groups
}

/// The longest card that begins with the first group, and of how many groups it is.
fn longest(text: &str, groups: &[Range<usize>]) -> Option<(Range<usize>, usize)> {
    let first = groups.first()?;
    let alone = before(text, first.start)
        .is_none_or(|it| !(it.is_alphanumeric() || matches!(it, '+' | '.' | '_')));
    if !alone {
        return None;
    }
    let words: Vec<Word> = words_before(text, first.start, 3).collect();
    let called = words.contains(&Word::Card);
    if words.iter().take(2).any(|word| *word == Word::Code) {
        return None;
    }
    (1..=groups.len().min(7)).rev().find_map(|count| {
        let last = groups.get(count - 1)?;
        let range = first.start..last.end;
        let digits: Vec<u8> = text
            .get(range.clone())?
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(|byte| byte - b'0')
            .collect();
        let ends = after(text, last.end).is_none_or(|it| !(it.is_alphanumeric() || it == '_'));
        let fits =
            (13..=19).contains(&digits.len()) && (called || is_issued(&digits)) && luhn(&digits);
        (ends && fits).then_some((range, count))
    })
}

/// Issuer and length, by the issuers' published ranges.
fn is_issued(digits: &[u8]) -> bool {
    let prefix = |count: usize| {
        digits
            .iter()
            .take(count)
            .fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let (two, three, four) = (prefix(2), prefix(3), prefix(4));
    match digits.len() {
        13 => prefix(1) == 4,
        14 => matches!(three, 300..=305 | 309) || matches!(two, 36 | 38 | 39),
        15 => matches!(two, 34 | 37),
        16 => {
            prefix(1) == 4
                || matches!(two, 50..=58 | 60..=69)
                || matches!(four, 2200..=2204 | 2221..=2720 | 3500..=3599)
        }
        17..=19 => {
            matches!(two, 50 | 56..=58 | 60..=69)
                || matches!(four, 2200..=2204)
                || (digits.len() == 19 && prefix(1) == 4)
        }
        _ => false,
    }
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = (digits.iter().rev().enumerate())
        .map(|(place, digit)| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit @ 5..) => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10) && digits.iter().any(|digit| *digit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(text: &str) -> Vec<&str> {
        let mut it = Text {
            text,
            found: Vec::new(),
            closed: Vec::new(),
        };
        find(&mut it);
        it.found
            .iter()
            .filter_map(|found| text.get(found.range.clone()))
            .collect()
    }

    #[test]
    fn cards_pass_their_checksum_and_come_from_an_issuer() {
        for (text, found) in [
            ("card 4111 1111 1111 1111.", &["4111 1111 1111 1111"][..]),
            ("4111-1111-1111-1111", &["4111-1111-1111-1111"]),
            ("371449635398431", &["371449635398431"]),
            ("4111 1111 1111 1112", &[]),
            ("0000 0000 0000 0000", &[]),
            ("IMEI 490154203237518", &[]),
        ] {
            assert_eq!(cards(text), found, "{text}");
        }
    }
}
