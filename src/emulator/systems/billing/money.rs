//! Money, exact.

use serde_json::{Value, json};

/// Cents; may be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Money(pub(super) i64);

/// The only currency here.
pub(super) const CURRENCY: &str = "EUR";

impl Money {
    /// Such as `12.50` and `-0.05`.
    pub(super) fn amount(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        format!("{sign}{}.{:02}", cents / 100, cents % 100)
    }

    pub(super) fn view(self) -> Value {
        json!({ "amount": self.amount(), "currency": CURRENCY })
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// A part of it, rounded up to the cent.
    pub(super) fn part(self, of: i64, by: i64) -> Self {
        let by = i128::from(by.max(1));
        let product = i128::from(self.0) * i128::from(of);
        let rounded = (product + by - 1).div_euclid(by);
        Self(i64::try_from(rounded).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_exactly() {
        for (cents, text) in [
            (1_250, "12.50"),
            (-5, "-0.05"),
            (0, "0.00"),
            (100_000_001, "1000000.01"),
        ] {
            assert_eq!(Money(cents).amount(), text);
        }
    }

    #[test]
    fn parts_are_rounded_up() {
        assert_eq!(Money(490).part(7, 30), Money(115));
        assert_eq!(Money(900).part(30, 30), Money(900));
        assert_eq!(Money(i64::MAX).part(3, 1), Money(i64::MAX));
    }
}
