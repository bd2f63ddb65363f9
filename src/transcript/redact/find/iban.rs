//! International bank account numbers: ISO 13616, checked by ISO 7064's mod 97-10.

use super::{Kind, Text, before};

/// Countries with the length of their numbers, from SWIFT's registry.
#[rustfmt::skip]
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24), (b"AE", 23), (b"AL", 28), (b"AT", 20), (b"AZ", 28), (b"BA", 20), (b"BE", 16),
    (b"BG", 22), (b"BH", 22), (b"BI", 27), (b"BR", 29), (b"BY", 28), (b"CH", 21), (b"CR", 22),
    (b"CY", 28), (b"CZ", 24), (b"DE", 22), (b"DJ", 27), (b"DK", 18), (b"DO", 28), (b"EE", 20),
    (b"EG", 29), (b"ES", 24), (b"FI", 18), (b"FK", 18), (b"FO", 18), (b"FR", 27), (b"GB", 22),
    (b"GE", 22), (b"GI", 23), (b"GL", 18), (b"GR", 27), (b"GT", 28), (b"HN", 28), (b"HR", 21),
    (b"HU", 28), (b"IE", 22), (b"IL", 23), (b"IQ", 23), (b"IS", 26), (b"IT", 27), (b"JO", 30),
    (b"KW", 30), (b"KZ", 20), (b"LB", 28), (b"LC", 32), (b"LI", 21), (b"LT", 20), (b"LU", 20),
    (b"LV", 21), (b"LY", 25), (b"MC", 27), (b"MD", 24), (b"ME", 22), (b"MK", 19), (b"MN", 20),
    (b"MR", 27), (b"MT", 31), (b"MU", 30), (b"NI", 28), (b"NL", 18), (b"NO", 15), (b"OM", 23),
    (b"PK", 24), (b"PL", 28), (b"PS", 29), (b"PT", 25), (b"QA", 29), (b"RO", 24), (b"RS", 22),
    (b"RU", 33), (b"SA", 24), (b"SC", 31), (b"SD", 18), (b"SE", 24), (b"SI", 19), (b"SK", 24),
    (b"SM", 27), (b"SO", 23), (b"ST", 25), (b"SV", 28), (b"TL", 23), (b"TN", 24), (b"TR", 26),
    (b"UA", 29), (b"VA", 22), (b"VG", 24), (b"XK", 20),
];

pub(super) fn find(text: &mut Text<'_>) {
    let bytes = text.text.as_bytes();
    let mut place = 0;
    while let Some(window) = bytes.get(place..place + 4) {
        let begins = matches!(window, [a, b, c, d] if a.is_ascii_alphabetic()
            && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit());
        if begins
            && before(text.text, place).is_none_or(|it| !it.is_alphanumeric())
            && let Some(end) = end(text.text, place)
        {
            text.take(Kind::Iban, place..end);
            place = end;
        } else {
            place += 1;
        }
    }
}

/// Where the number that begins at `place` ends, if it is one. It may be written in groups.
fn end(text: &str, place: usize) -> Option<usize> {
    let country = text.get(place..place + 2)?.to_ascii_uppercase();
    let country: &[u8; 2] = country.as_bytes().try_into().ok()?;
    let length = LENGTHS.iter().find(|(known, _)| *known == country)?.1;
    let mut letters = Vec::with_capacity(length);
    let mut between = false;
    for (at, character) in text.get(place..)?.char_indices() {
        if letters.len() == length {
            break;
        }
        match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' => {
                letters.push(character.to_ascii_uppercase() as u8);
                between = false;
                if letters.len() == length {
                    let end = place + at + 1;
                    let alone = super::after(text, end).is_none_or(|it| !it.is_alphanumeric());
                    return (alone && is_valid(&letters)).then_some(end);
                }
            }
            ' ' | '\u{a0}' | '\u{202f}' | '-' | '.' if !between && !letters.is_empty() => {
                between = true;
            }
            _ => return None,
        }
    }
    None
}

/// The checksum: the first four moved to the end, letters as two digits, 1 modulo 97.
fn is_valid(letters: &[u8]) -> bool {
    let (head, tail) = letters.split_at(4.min(letters.len()));
    let rest = tail.iter().chain(head).fold(0_u32, |rest, letter| {
        let value = match letter {
            b'0'..=b'9' => u32::from(letter - b'0'),
            _ => u32::from(letter - b'A') + 10,
        };
        let shift = if value >= 10 { 100 } else { 10 };
        (rest * shift + value) % 97
    });
    rest == 1
}
