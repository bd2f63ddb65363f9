//! Text as search sees it: folded letters, where they stood, and where words begin.

/// What no word holds.
const SEPARATOR: char = ' ';

/// A query: the words that must all occur, folded.
#[derive(Debug)]
pub(super) struct Query {
    words: Vec<Vec<char>>,
}

impl Query {
    /// Cuts a query into words; punctuation only separates.
    pub(super) fn new(query: &str) -> Self {
        let mut folded = Folded::default();
        folded.set(query);
        let mut words: Vec<Vec<char>> = folded
            .letters
            .split(|letter| *letter == SEPARATOR)
            .filter(|word| !word.is_empty())
            .map(<[char]>::to_vec)
            .collect();
        words.sort();
        words.dedup();
        Self { words }
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Where each word occurs as the beginning of a word, as ranges of the text's characters,
    /// ascending; `None` unless all do.
    pub(super) fn find(&self, text: &Folded) -> Option<Vec<(usize, usize)>> {
        let mut found = Vec::new();
        for word in &self.words {
            let before = found.len();
            for start in &text.starts {
                let rest = text.letters.get(*start..).unwrap_or_default();
                if rest.starts_with(word) {
                    let last = start + word.len() - 1;
                    let range = text.origins.get(*start).zip(text.origins.get(last));
                    found.extend(range.map(|(first, last)| (*first, last + 1)));
                }
            }
            if found.len() == before {
                return None;
            }
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }
}

/// A text made ready; reused from text to text, so that scanning does not allocate.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// Letters and digits, folded, with one [`SEPARATOR`] between words.
    letters: Vec<char>,
    /// The character of the text that each of them stems from.
    origins: Vec<usize>,
    /// Places in `letters` where a word begins.
    starts: Vec<usize>,
}

impl Folded {
    /// Takes a text.
    pub(super) fn set(&mut self, text: &str) {
        self.letters.clear();
        self.origins.clear();
        self.starts.clear();
        let mut within = false;
        for (origin, letter) in text.chars().enumerate() {
            if is_mark(letter) {
                continue;
            }
            if !letter.is_alphanumeric() {
                within = false;
                continue;
            }
            if !within && !self.letters.is_empty() {
                self.letters.push(SEPARATOR);
                self.origins.push(origin);
            }
            if !within || writes_without_spaces(letter) {
                self.starts.push(self.letters.len());
            }
            within = true;
            if letter.is_ascii() {
                self.letters.push(letter.to_ascii_lowercase());
                self.origins.push(origin);
                continue;
            }
            for lower in letter.to_lowercase() {
                if is_mark(lower) {
                    continue;
                }
                self.letters.push(match lower {
                    'ё' => 'е',
                    'ς' => 'σ',
                    other => other,
                });
                self.origins.push(origin);
            }
        }
    }
}

/// Stress marks and the like, which nobody types when searching.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&letter)
}

/// Chinese, Japanese, Thai and Lao put no spaces between words: one may begin at any letter.
fn writes_without_spaces(letter: char) -> bool {
    matches!(letter,
        '\u{E00}'..='\u{EFF}'
        | '\u{2E80}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn find(query: &str, text: &str) -> Option<Vec<(usize, usize)>> {
        let mut folded = Folded::default();
        folded.set(text);
        Query::new(query).find(&folded)
    }

    #[test]
    fn case_does_not_matter_in_any_script() {
        for (query, text) in [
            ("hello", "Well, HELLO there"),
            ("ПРИВЕТ", "ну привет"),
            ("елка", "Ёлка"),
            ("größe", "die GRÖSSE und die GRÖßE"),
            ("οδοσ", "ΟΔΟΣ οδός ὁδὸς"),
            ("istanbul", "İSTANBUL"),
            ("замок", "старый за\u{301}мок"),
            ("天气", "今天天气很好"),
        ] {
            assert!(find(query, text).is_some(), "{query} in {text}");
        }
    }

    #[test]
    fn words_match_from_their_beginning_and_all_must() {
        assert_eq!(
            find("pay", "repay PAYMENT pay"),
            Some(vec![(6, 13 - 4), (14, 17)])
        );
        assert_eq!(find("ment", "payment"), None);
        assert_eq!(find("a b", "a c"), None);
        assert!(find("card, visa!", "my Visa card").is_some());
        assert!(find("4917", "+49 17").is_none());
    }

    #[test]
    fn a_query_of_signs_is_empty() {
        assert!(Query::new(" ?! ").is_empty());
        assert!(!Query::new("a?").is_empty());
    }
}
