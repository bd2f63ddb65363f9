//! The catalogue is complete, and figures are written as each language writes them.

#![allow(clippy::unwrap_used)]

use jiff::tz::TimeZone;

use super::{Language, Noun, Phrase};

#[test]
fn every_phrase_is_said_in_every_language_and_translated() {
    for phrase in Phrase::samples() {
        let said: Vec<String> = Language::ALL
            .iter()
            .map(|language| language.say(&phrase))
            .collect();
        for (language, text) in Language::ALL.iter().zip(&said) {
            assert!(!text.trim().is_empty(), "{phrase:?} in {language:?}");
            assert_eq!(text.trim(), text, "{phrase:?} in {language:?}");
            let cyrillic = text.chars().any(|c| ('а'..='я').contains(&c));
            assert_eq!(cyrillic, *language == Language::Russian, "{text}");
        }
        assert_ne!(said.first(), said.get(1), "{phrase:?} lacks German");
    }
}

#[test]
fn what_a_phrase_is_given_stands_in_it() {
    for phrase in Phrase::samples() {
        for language in Language::ALL {
            let given = format!("{phrase:?}").contains("x7");
            assert_eq!(language.say(&phrase).contains("x7"), given, "{phrase:?}");
        }
    }
}

#[test]
fn the_whole_catalogue() {
    let mut text = String::new();
    for phrase in Phrase::samples() {
        for language in Language::ALL {
            // A no-break space looks like any other in a snapshot: make it visible.
            let said = language.say(&phrase).replace('\u{a0}', "~");
            text.push_str(&format!("{}: {said}\n", language.tag()));
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn russian_counts_in_three_forms() {
    let count = |number| {
        Language::Russian
            .count(number, Noun::Message)
            .replace('\u{a0}', " ")
    };
    assert_eq!(count(0), "0 сообщений");
    assert_eq!(count(1), "1 сообщение");
    assert_eq!(count(2), "2 сообщения");
    assert_eq!(count(5), "5 сообщений");
    assert_eq!(count(11), "11 сообщений");
    assert_eq!(count(14), "14 сообщений");
    assert_eq!(count(21), "21 сообщение");
    assert_eq!(count(112), "112 сообщений");
    assert_eq!(count(1_024), "1 024 сообщения");
}

#[test]
fn english_and_german_count_in_two_forms() {
    for noun in Noun::ALL {
        for language in [Language::English, Language::German] {
            assert_ne!(
                language.count(1, noun).strip_prefix('1'),
                language.count(2, noun).strip_prefix('2')
            );
            assert_eq!(
                language.count(0, noun).strip_prefix('0'),
                language.count(2, noun).strip_prefix('2')
            );
        }
    }
}

#[test]
fn digits_are_grouped() {
    let said = |number| Language::ALL.map(|language| language.number(number));
    assert_eq!(said(0), ["0", "0", "0"]);
    assert_eq!(said(999), ["999", "999", "999"]);
    assert_eq!(said(12_345), ["12,345", "12.345", "12\u{a0}345"]);
    assert_eq!(
        said(u64::MAX),
        [
            "18,446,744,073,709,551,615",
            "18.446.744.073.709.551.615",
            "18\u{a0}446\u{a0}744\u{a0}073\u{a0}709\u{a0}551\u{a0}615"
        ]
    );
}

#[test]
fn sizes_are_rounded_to_a_tenth() {
    let size = |bytes| Language::German.size(bytes).replace('\u{a0}', " ");
    assert_eq!(size(0), "0 B");
    assert_eq!(size(999), "999 B");
    assert_eq!(size(1_000), "1 kB");
    assert_eq!(size(3_449_999), "3,4 MB");
    assert_eq!(size(50_000_000), "50 MB");
    assert_eq!(size(999_960), "1 MB");
    assert_eq!(size(u64::MAX), "18.446.744,1 TB");
    assert_eq!(Language::English.size(1_500), "1.5\u{a0}kB");
    assert_eq!(Language::Russian.size(1_500), "1,5\u{a0}кБ");
}

#[test]
fn moments_stand_in_the_group_s_time_zone() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(
        Language::English.moment(1_795_442_709, &TimeZone::UTC),
        "2026-11-23 14:05:09 UTC"
    );
    assert_eq!(
        Language::German.moment(1_795_442_709, &berlin),
        "23.11.2026 15:05:09 CET"
    );
    assert!(!Language::Russian.moment(i64::MIN, &berlin).is_empty());
}

#[test]
fn tags_are_recognised() {
    for language in Language::ALL {
        assert_eq!(Language::from_tag(language.tag()), language);
    }
    assert_eq!(Language::from_tag("de-AT"), Language::German);
    assert_eq!(Language::from_tag("RU_ru"), Language::Russian);
    assert_eq!(Language::from_tag(""), Language::English);
    assert_eq!(Language::from_tag("uk"), Language::English);
}
