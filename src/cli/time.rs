//! Times on the command line.

use jiff::civil;
use jiff::tz::TimeZone;

/// Reads a time: `2026-11-23`, `2026-11-23 14:30`, `2026-11-23T14:30:00Z` or Unix seconds. Where
/// no offset is given the time is the group's.
///
/// # Errors
/// When the text is no time.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Result<i64, String> {
    let text = text.trim();
    // Four digits alone would be a year to a person, so seconds need to be plausible ones.
    if text.len() > 6
        && let Ok(seconds) = text.parse::<i64>()
    {
        return Ok(seconds);
    }
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.as_second());
    }
    let civil = text
        .parse::<civil::DateTime>()
        .or_else(|_| text.parse::<civil::Date>().map(|date| date.at(0, 0, 0, 0)));
    civil
        .ok()
        .and_then(|time| time.to_zoned(zone.clone()).ok())
        .map(|time| time.timestamp().as_second())
        .ok_or_else(|| {
            format!("{text:?} is no time: use 2026-11-23, 2026-11-23T14:30:00Z or Unix seconds")
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn times_are_read_in_the_groups_zone_unless_they_say_otherwise() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        for (text, seconds) in [
            ("2026-11-23", 1_795_388_400),
            ("2026-11-23 14:30", 1_795_440_600),
            ("2026-11-23T14:30:00Z", 1_795_444_200),
            ("1795444200", 1_795_444_200),
        ] {
            assert_eq!(parse(text, &berlin), Ok(seconds), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "yesterday", "2026", "2026-13-01", "23.11.2026"] {
            assert!(parse(text, &TimeZone::UTC).is_err(), "{text}");
        }
    }
}
