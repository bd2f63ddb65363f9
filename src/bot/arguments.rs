//! What follows `/export`: a format and a range, in any order.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use crate::i18n::Phrase;
use crate::transcript::Format;

/// What to export.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ExportArguments {
    /// As what.
    pub(super) format: Format,
    /// Only the last so many.
    pub(super) last: Option<usize>,
    /// Only sent at or after this time, Unix seconds.
    pub(super) since: Option<i64>,
    /// Only sent before this time, Unix seconds.
    pub(super) until: Option<i64>,
    /// With pseudonyms in the place of personal data.
    pub(super) redacted: bool,
}

/// Longest quotation of what somebody typed.
const QUOTED: usize = 40;

/// Reads arguments; `now` and `zone` say what "yesterday" is. An error is the phrase that explains it.
pub(super) fn parse(
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<ExportArguments, Phrase> {
    let (mut format, mut last, mut all, mut redacted) = (None, None, false, false);
    let (mut since, mut until) = (None, None);
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        let contradiction = || Phrase::Contradiction { word: quote(word) };
        let missing = || Phrase::ValueMissing { word: quote(word) };
        let lower = word.to_lowercase();
        let twice = match lower.as_str() {
            "last" => {
                let value = words.next().ok_or_else(missing)?;
                last.replace(count(value)?).is_some()
            }
            "since" | "until" => {
                let value = words.next().ok_or_else(missing)?;
                let date = moment(value, now, zone)
                    .ok_or_else(|| Phrase::NotADate { word: quote(value) })?;
                let place = if lower == "since" {
                    &mut since
                } else {
                    &mut until
                };
                place.replace(date).is_some()
            }
            "all" => std::mem::replace(&mut all, true),
            "redacted" => {
                // Said twice it is as true.
                redacted = true;
                false
            }
            other => match named(other) {
                Some(wanted) => format.replace(wanted).is_some(),
                None => return Err(Phrase::UnknownWord { word: quote(word) }),
            },
        };
        let narrowed = last.is_some() || since.is_some() || until.is_some();
        if twice || all && narrowed {
            return Err(contradiction());
        }
    }
    Ok(ExportArguments {
        format: format.unwrap_or(Format::Html),
        last,
        since,
        until,
        redacted,
    })
}

/// A format by what it is called in a topic.
fn named(word: &str) -> Option<Format> {
    Some(match word {
        "html" => Format::Html,
        "json" | "telegram" => Format::Telegram,
        "jsonl" => Format::Jsonl,
        "markdown" | "md" => Format::Markdown,
        "csv" => Format::Csv,
        "parquet" => Format::Parquet,
        "openai" => Format::Openai,
        "sharegpt" => Format::Sharegpt,
        "trl" => Format::Trl,
        "dataset" => Format::Dataset,
        _ => return None,
    })
}

fn quote(word: &str) -> String {
    word.chars().take(QUOTED).collect()
}

fn count(text: &str) -> Result<usize, Phrase> {
    text.parse()
        .ok()
        .filter(|number| *number > 0)
        .ok_or_else(|| Phrase::NotANumber { word: quote(text) })
}

/// The beginning of a day, or so long before now.
fn moment(text: &str, now: Timestamp, zone: &TimeZone) -> Option<i64> {
    let lower = text.to_lowercase();
    let today = now.to_zoned(zone.clone()).date();
    let date = match lower.as_str() {
        "today" | "heute" | "сегодня" => today,
        "yesterday" | "gestern" | "вчера" => today.yesterday().ok()?,
        _ => match (ago(&lower), written(&lower)) {
            (Some(span), _) => {
                return Some(
                    now.to_zoned(zone.clone())
                        .checked_sub(span)
                        .ok()?
                        .timestamp()
                        .as_second(),
                );
            }
            (None, Some(date)) => date,
            (None, None) => return None,
        },
    };
    let start = date
        .to_datetime(Time::midnight())
        .to_zoned(zone.clone())
        .ok()?;
    Some(start.timestamp().as_second())
}

/// `7d`, `12h`, `2w`.
fn ago(text: &str) -> Option<Span> {
    let unit = text.chars().next_back()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    // Bounds that no archive exceeds: a span of jiff panics on absurd numbers.
    if !(1..=100_000).contains(&number) {
        return None;
    }
    match unit {
        'h' => Some(number.hours()),
        'd' => Some(number.days()),
        'w' => Some((number * 7).days()),
        _ => None,
    }
}

/// `2026-11-01` or `01.11.2026`.
fn written(text: &str) -> Option<Date> {
    let (year, month, day) = match text.split(['-', '.']).collect::<Vec<_>>().as_slice() {
        [year, month, day] if text.contains('-') => (*year, *month, *day),
        [day, month, year] => (*year, *month, *day),
        _ => return None,
    };
    if year.len() != 4 || text.contains('-') == text.contains('.') {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    /// 2026-11-23 01:30 in Berlin, when it is still the 22nd in UTC… by half an hour.
    const NOW: &str = "2026-11-23T00:30:00+01:00";

    fn read(text: &str) -> Result<ExportArguments, Phrase> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        parse(text, NOW.parse().unwrap(), &zone)
    }

    fn since(text: &str) -> Option<String> {
        read(&format!("since {text}"))
            .ok()
            .and_then(|arguments| arguments.since)
            .map(|second| Timestamp::from_second(second).unwrap().to_string())
    }

    #[test]
    fn nothing_means_a_page_of_everything() {
        let everything = ExportArguments {
            format: Format::Html,
            last: None,
            since: None,
            until: None,
            redacted: false,
        };
        assert_eq!(read(""), Ok(everything.clone()));
        assert_eq!(read("  all "), Ok(everything.clone()));
        assert_eq!(read("ALL Html"), Ok(everything));
    }

    #[test]
    fn order_does_not_matter() {
        let wanted = ExportArguments {
            format: Format::Telegram,
            last: Some(100),
            since: None,
            until: None,
            redacted: false,
        };
        assert_eq!(read("json last 100"), Ok(wanted.clone()));
        assert_eq!(read("last 100 json"), Ok(wanted));
        assert_eq!(
            read("since today jsonl last 5"),
            Ok(ExportArguments {
                format: Format::Jsonl,
                last: Some(5),
                since: Some(1_795_388_400),
                until: None,
                redacted: false,
            })
        );
    }

    #[test]
    fn every_format_can_be_asked_for_and_redacted() {
        for (text, format) in [
            ("md", Format::Markdown),
            ("CSV", Format::Csv),
            ("parquet", Format::Parquet),
            ("openai", Format::Openai),
            ("dataset", Format::Dataset),
        ] {
            let wanted = read(&format!("redacted until 2026-11-20 {text}"));
            assert_eq!(
                wanted,
                Ok(ExportArguments {
                    format,
                    last: None,
                    since: None,
                    until: Some(1_795_129_200),
                    redacted: true,
                })
            );
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_the_group_s_zone() {
        let midnight = Some("2026-11-22T23:00:00Z".to_owned());
        for text in [
            "today",
            "heute",
            "Сегодня",
            "2026-11-23",
            "23.11.2026",
            "23.11.2026",
        ] {
            assert_eq!(since(text), midnight, "{text}");
        }
        for text in ["yesterday", "Gestern", "вчера"] {
            assert_eq!(since(text), Some("2026-11-21T23:00:00Z".into()), "{text}");
        }
        assert_eq!(since("01.07.2026"), Some("2026-06-30T22:00:00Z".into()));
        assert_eq!(since("1.7.2026"), Some("2026-06-30T22:00:00Z".into()));
    }

    #[test]
    fn so_long_ago_counts_from_now() {
        assert_eq!(since("7d"), Some("2026-11-15T23:30:00Z".into()));
        assert_eq!(since("1w"), since("7d"));
        assert_eq!(since("2h"), Some("2026-11-22T21:30:00Z".into()));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let word = |text: &str| text.to_owned();
        for (text, error) in [
            ("pdf", Phrase::UnknownWord { word: word("pdf") }),
            ("html json", Phrase::Contradiction { word: word("json") }),
            ("last", Phrase::ValueMissing { word: word("last") }),
            (
                "since",
                Phrase::ValueMissing {
                    word: word("since"),
                },
            ),
            ("last 0", Phrase::NotANumber { word: word("0") }),
            ("last -3", Phrase::NotANumber { word: word("-3") }),
            ("last ten", Phrase::NotANumber { word: word("ten") }),
            (
                "since never",
                Phrase::NotADate {
                    word: word("never"),
                },
            ),
            (
                "since 2026-02-30",
                Phrase::NotADate {
                    word: word("2026-02-30"),
                },
            ),
            (
                "since 01.13.2026",
                Phrase::NotADate {
                    word: word("01.13.2026"),
                },
            ),
            (
                "since 01.11.26",
                Phrase::NotADate {
                    word: word("01.11.26"),
                },
            ),
            ("since 0d", Phrase::NotADate { word: word("0d") }),
            (
                "since 99999999999d",
                Phrase::NotADate {
                    word: word("99999999999d"),
                },
            ),
            ("since ü", Phrase::NotADate { word: word("ü") }),
            ("all last 3", Phrase::Contradiction { word: word("last") }),
            ("last 3 all", Phrase::Contradiction { word: word("all") }),
            (
                "last 3 last 4",
                Phrase::Contradiction { word: word("last") },
            ),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
        assert!(
            matches!(read(&"x".repeat(500)), Err(Phrase::UnknownWord { word }) if word.len() == QUOTED)
        );
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in ".{0,60}", since in "since .{0,20}") {
            let _ = read(&text);
            let _ = read(&since);
        }
    }
}
