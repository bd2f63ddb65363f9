//! Text as search sees it: folded letters, where they stood, and where words begin.

/// What no word holds.
const SEPARATOR: char = ' ';

/// A query: the words and phrases that must all occur, folded.
#[derive(Debug)]
pub(super) struct Query {
    words: Vec<Vec<char>>,
}

impl Query {
    /// Cuts a query at its spaces; what stands in double quotes stays together, and so do the
    /// parts of `e-mail` or `invoice_7.pdf`.
    pub(super) fn new(query: &str) -> Self {
        let mut folded = Folded::default();
        let mut words = Vec::new();
        let mut add = |word: &str| {
            folded.set(word);
            if !folded.letters.is_empty() {
                words.push(folded.letters.clone());
            }
        };
        for (number, part) in query.split('"').enumerate() {
            if number % 2 == 1 {
                add(part);
            } else {
                part.split_whitespace().for_each(&mut add);
            }
        }
        words.sort();
        words.dedup();
        Self { words }
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Where each word occurs as the beginning of a word, as ranges of the text's characters,
    /// ascending and apart; `None` unless all do.
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
        // One word may begin with another: what overlaps is one match.
        found.dedup_by(|later, kept| {
            let overlap = later.0 < kept.1;
            if overlap {
                kept.1 = kept.1.max(later.1);
            }
            overlap
        });
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
                self.push(SEPARATOR, origin);
            }
            if !within || writes_without_spaces(letter) {
                self.starts.push(self.letters.len());
            }
            within = true;
            if letter.is_ascii() {
                self.push(letter.to_ascii_lowercase(), origin);
                continue;
            }
            for lower in letter.to_lowercase() {
                match lower {
                    mark if is_mark(mark) => {}
                    'ё' => self.push('е', origin),
                    'ς' => self.push('σ', origin),
                    // Capitals and Switzerland write SS.
                    'ß' => {
                        self.push('s', origin);
                        self.push('s', origin);
                    }
                    other => self.push(other, origin),
                }
            }
        }
    }

    fn push(&mut self, letter: char, origin: usize) {
        self.letters.push(letter);
        self.origins.push(origin);
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
            ("größe", "die GRÖSSE"),
            ("grüsse", "Viele Grüße"),
            ("GRÜẞE", "viele grüsse"),
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
    fn a_phrase_stays_together() {
        assert!(find("\"left  OUR\" depot", "Depot: it left our house").is_some());
        assert!(find("\"left our\"", "our parcel left").is_none());
        assert!(find("an \"open end", "an open end").is_some());
        assert!(find("e-mail", "my E-Mail").is_some());
        assert!(find("e-mail", "mail for e").is_none());
    }

    #[test]
    fn matches_are_apart_and_of_whole_characters() {
        assert_eq!(find("ref refund", "a refund"), Some(vec![(2, 8)]));
        assert_eq!(find("gros", "groß da"), Some(vec![(0, 4)]));
    }

    #[test]
    fn a_query_of_signs_is_empty() {
        assert!(Query::new(" ?! \" \"").is_empty());
        assert!(!Query::new("a?").is_empty());
    }
}
