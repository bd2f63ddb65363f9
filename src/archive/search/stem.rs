//! Words without their endings: German, English and Russian.

use rust_stemmers::{Algorithm, Stemmer};

/// What is common to the forms of a word. Latin letters do not say whether a word is German or
/// English, so there are two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stems {
    Latin { english: String, german: String },
    Russian(String),
    None,
}

/// The three stemmers.
pub(super) struct Stemmers {
    english: Stemmer,
    german: Stemmer,
    russian: Stemmer,
}

impl std::fmt::Debug for Stemmers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stemmers")
    }
}

impl Default for Stemmers {
    fn default() -> Self {
        Self {
            english: Stemmer::create(Algorithm::English),
            german: Stemmer::create(Algorithm::German),
            russian: Stemmer::create(Algorithm::Russian),
        }
    }
}

impl Stemmers {
    /// The stems of a folded word; numbers, short words and other scripts have none.
    pub(super) fn stems(&self, word: &str) -> Stems {
        if word.chars().nth(3).is_none() {
            return Stems::None;
        }
        if word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Stems::Latin {
                english: self.english.stem(word).into_owned(),
                german: self.german.stem(word).into_owned(),
            };
        }
        if word.chars().all(|letter| matches!(letter, 'а'..='я')) {
            return Stems::Russian(self.russian.stem(word).into_owned());
        }
        Stems::None
    }
}

impl Stems {
    /// Whether two words may be forms of one.
    pub(super) fn meet(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Latin { english, german },
                Self::Latin {
                    english: other_english,
                    german: other_german,
                },
            ) => english == other_english || german == other_german,
            (Self::Russian(one), Self::Russian(other)) => one == other,
            _ => false,
        }
    }

    /// How many letters all forms of `word` that it meets begin with.
    pub(super) fn common(&self, word: &str) -> usize {
        let begin = |stem: &str| {
            let same = word.chars().zip(stem.chars());
            same.take_while(|(one, other)| one == other).count()
        };
        match self {
            Self::Latin { english, german } => {
                // Delivery, deliveries.
                let open = english.strip_suffix('i').unwrap_or(english);
                begin(open).min(begin(german))
            }
            Self::Russian(stem) => begin(stem),
            Self::None => word.chars().count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_meet() {
        let stemmers = Stemmers::default();
        for (one, other, meet) in [
            ("заказов", "заказ", true),
            ("возвраты", "возврата", true),
            ("оплатил", "оплатила", true),
            ("заказ", "замок", false),
            ("bestellungen", "bestellung", true),
            ("bucher", "buch", true),
            ("rechnung", "rechner", false),
            ("refunds", "refunded", true),
            ("deliveries", "delivery", true),
            ("order", "border", false),
        ] {
            let (left, right) = (stemmers.stems(one), stemmers.stems(other));
            assert_eq!(left.meet(&right), meet, "{one} {other}: {left:?} {right:?}");
            if meet {
                let common = left.common(one).min(right.common(other));
                let begin: String = one.chars().take(common).collect();
                assert!(other.starts_with(&begin), "{one} {other}");
            }
        }
    }
}
