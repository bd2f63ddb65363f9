//! How conversations are made to train on.

use super::system::SystemPrompt;

/// How conversations are made, beside what [`Filter`](crate::transcript::Filter) leaves.
#[derive(Clone, Debug)]
pub struct TrainingOptions {
    /// The group's customers consented to training; without that nothing is made.
    pub consent: bool,
    /// Seconds without a word after which a new session begins.
    pub silence: i64,
    /// What each conversation begins with.
    pub system: Option<SystemPrompt>,
    /// Which share of customers goes where.
    pub splits: Splits,
    /// From which share of common runs of words a conversation counts as a repetition and is left
    /// out, 0 to 1; `None`: everything stays.
    pub near: Option<f64>,
}

impl Default for TrainingOptions {
    fn default() -> Self {
        Self {
            consent: false,
            silence: 6 * 3600,
            system: None,
            splits: Splits::default(),
            near: Some(0.85),
        }
    }
}

/// Hundredths of the customers for each split; what is left is the test's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splits {
    /// For training.
    pub train: u8,
    /// To choose between models.
    pub validation: u8,
}

impl Default for Splits {
    fn default() -> Self {
        Self {
            train: 90,
            validation: 5,
        }
    }
}

/// Where a conversation goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Split {
    Train,
    Validation,
    Test,
}

impl Split {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

impl Splits {
    /// Where a customer goes, by a number that is evenly spread.
    pub(super) fn of(self, number: u64) -> Split {
        let place = number % 100;
        let train = u64::from(self.train);
        if place < train {
            Split::Train
        } else if place < train + u64::from(self.validation) {
            Split::Validation
        } else {
            Split::Test
        }
    }
}

impl std::str::FromStr for Splits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no split: three numbers that make 100, such as 90/5/5");
        let parts: Vec<u8> = text
            .split('/')
            .map(|part| part.trim().parse().map_err(|_| wrong()))
            .collect::<Result<_, _>>()?;
        match parts.as_slice() {
            [train, validation, test]
                if u32::from(*train) + u32::from(*validation) + u32::from(*test) == 100 =>
            {
                Ok(Self {
                    train: *train,
                    validation: *validation,
                })
            }
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_hundredths() {
        let splits: Splits = "80/10/10".parse().unwrap_or_default();
        let count = |split| {
            (0..1000)
                .filter(|number| splits.of(*number) == split)
                .count()
        };
        let all = [Split::Train, Split::Validation, Split::Test];
        assert_eq!(all.map(count), [800, 100, 100]);
        for wrong in ["90/5", "90/5/4", "a/b/c", "200/-100/0", "", "90/5/5/0"] {
            assert!(wrong.parse::<Splits>().is_err(), "{wrong}");
        }
    }
}
