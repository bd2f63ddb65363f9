//! Text as search sees it: folded letters, where they stood, and where words begin.

use unicode_normalization::UnicodeNormalization;

/// What no word holds.
pub(super) const SEPARATOR: char = ' ';

/// A text made ready; reused from text to text, so that scanning does not allocate.
#[derive(Debug, Default)]
pub(super) struct Folded {
    /// Letters and digits, folded, with one [`SEPARATOR`] between words.
    pub(super) letters: Vec<char>,
    /// The character of the text that each of them stems from.
    origins: Vec<usize>,
    /// Places in `letters` where a word begins.
    pub(super) starts: Vec<usize>,
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
            if !is_of_word(letter) {
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
            fold(letter, |folded| {
                self.letters.push(folded);
                self.origins.push(origin);
            });
        }
    }

    fn push(&mut self, letter: char, origin: usize) {
        self.letters.push(letter);
        self.origins.push(origin);
    }

    /// The range of the text's characters that a range of letters stems from.
    pub(super) fn origin(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let first = self.origins.get(start)?;
        let last = self.origins.get(end.checked_sub(1)?)?;
        Some((*first, last + 1))
    }

    /// The letters from a place to the end of its word.
    pub(super) fn word(&self, start: usize) -> &[char] {
        let rest = self.letters.get(start..).unwrap_or_default();
        let end = rest.iter().position(|letter| *letter == SEPARATOR);
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    }
}

/// A letter as it is compared: small, without accents, one form of each.
fn fold(letter: char, mut push: impl FnMut(char)) {
    match letter {
        ascii if ascii.is_ascii() => push(ascii.to_ascii_lowercase()),
        'а'..='я' => push(letter),
        'А'..='Я' => letter.to_lowercase().for_each(push),
        // Cyrillic letters that are not variants of others but have a mark when taken apart.
        'ё' | 'Ё' => push('е'),
        'ї' | 'Ї' => push('ї'),
        'ў' | 'Ў' => push('ў'),
        // Capitals and Switzerland write SS.
        'ß' | 'ẞ' => {
            push('s');
            push('s');
        }
        'æ' | 'Æ' => {
            push('a');
            push('e');
        }
        'œ' | 'Œ' => {
            push('o');
            push('e');
        }
        'ø' | 'Ø' => push('o'),
        'ł' | 'Ł' => push('l'),
        'ς' => push('σ'),
        // Korean syllables fall apart into letters.
        '\u{AC00}'..='\u{D7A3}' => push(letter),
        _ => {
            for lower in letter.to_lowercase() {
                for part in std::iter::once(lower).nfd() {
                    match part {
                        mark if is_mark(mark) => {}
                        'ς' => push('σ'),
                        other => push(other),
                    }
                }
            }
        }
    }
}

/// Letters and digits of all scripts; the commonest without a search.
fn is_of_word(letter: char) -> bool {
    match letter {
        ascii if ascii.is_ascii() => ascii.is_ascii_alphanumeric(),
        'А'..='я' => true,
        other => other.is_alphanumeric(),
    }
}

/// Accents, stress marks and the like, which nobody types when searching.
fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&letter)
}

/// Chinese, Japanese, Thai and Lao put no spaces between words: one may begin at any letter.
pub(super) fn writes_without_spaces(letter: char) -> bool {
    matches!(letter,
        '\u{E00}'..='\u{EFF}'
        | '\u{2E80}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}
