//! Dates as each language writes them, in a given time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::language::Language;

impl Language {
    /// A day: `2026-11-23`, `23.11.2026`.
    #[must_use]
    pub fn day(self, date: jiff::civil::Date) -> String {
        let (year, month, day) = (date.year(), date.month(), date.day());
        match self {
            Self::English => format!("{year:04}-{month:02}-{day:02}"),
            Self::German | Self::Russian => format!("{day:02}.{month:02}.{year:04}"),
        }
    }

    /// A moment (Unix seconds) with its zone: `2026-11-23 14:05:09 UTC`. Times out of range are
    /// written as the nearest possible one.
    #[must_use]
    pub fn moment(self, seconds: i64, zone: &TimeZone) -> String {
        let moment = Timestamp::from_second(seconds).unwrap_or(if seconds < 0 {
            Timestamp::MIN
        } else {
            Timestamp::MAX
        });
        let zoned = moment.to_zoned(zone.clone());
        format!(
            "{} {:02}:{:02}:{:02} {}",
            self.day(zoned.date()),
            zoned.hour(),
            zoned.minute(),
            zoned.second(),
            zoned.strftime("%Z"),
        )
    }
}
