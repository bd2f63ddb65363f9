//! Selling: for how long, for how much.

use jiff::Span;
use jiff::civil::Date;

use super::account::Tariff;
use super::money::Money;

/// A stretch of time that can be paid for: a letter and a number, such as `m6`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    Days(i64),
    Weeks(i64),
    Months(i64),
    Years(i64),
}

impl Period {
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut letters = text.chars();
        let unit = letters.next()?;
        let number = letters.as_str();
        // `parse` would take a sign and leading zeros.
        if number.starts_with('0') || !number.chars().all(|letter| letter.is_ascii_digit()) {
            return None;
        }
        let number: i64 = number.parse().ok()?;
        let (period, most) = match unit {
            'd' => (Self::Days(number), 366),
            'w' => (Self::Weeks(number), 52),
            'm' => (Self::Months(number), 36),
            'y' => (Self::Years(number), 3),
            _ => return None,
        };
        (number <= most).then_some(period)
    }

    pub(super) fn after(self, from: Date) -> Date {
        let span = match self {
            Self::Days(number) => Span::new().days(number),
            Self::Weeks(number) => Span::new().weeks(number),
            Self::Months(number) => Span::new().months(number),
            Self::Years(number) => Span::new().years(number),
        };
        from.checked_add(span).unwrap_or(Date::MAX)
    }

    /// A month has thirty days where days are paid for.
    pub(super) fn price(self, tariff: Tariff) -> Money {
        match self {
            Self::Days(number) => tariff.month.part(number, 30),
            Self::Weeks(number) => tariff.month.part(number * 7, 30),
            Self::Months(number) => tariff.month.part(number, 1),
            Self::Years(number) => tariff.month.part(number * 12, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn periods_are_a_letter_and_a_number() {
        assert_eq!(Period::read("m6"), Some(Period::Months(6)));
        assert_eq!(Period::read("d30"), Some(Period::Days(30)));
        for wrong in [
            "", "m", "6m", "m0", "m-1", "m+1", "m06", "M6", "y4", "d1.5", "я1", "w99",
        ] {
            assert_eq!(Period::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn months_end_where_the_calendar_says() {
        let month = Period::Months(1);
        assert_eq!(month.after(date(2026, 1, 31)), date(2026, 2, 28));
    }

    #[test]
    fn prices_follow_from_the_month() {
        let basic = Tariff::find("t1").unwrap();
        let price = |text| Period::read(text).unwrap().price(basic).0;
        assert_eq!(
            (price("m6"), price("y1"), price("d30"), price("w1")),
            (2_940, 5_880, 490, 115)
        );
    }
}
