//! The words of a run, as they go into the index, and how they are asked for.
//!
//! A run has one entry, in which each word stands once. Words are folded as for comparing. Scripts
//! without spaces are cut into pairs of letters, and the last letter once more alone, so that one or
//! more letters from anywhere are found.

use std::collections::BTreeSet;

use super::fold::{Folded, SEPARATOR, writes_without_spaces};

/// Letters of a word at most; addresses and numbers without end are cut.
const LONGEST: usize = 32;

/// Collects the words of a run.
#[derive(Debug, Default)]
pub(in crate::archive) struct Words {
    folded: Folded,
    words: BTreeSet<String>,
    word: String,
}

impl Words {
    /// Adds the words of a text.
    pub(in crate::archive) fn add(&mut self, text: &str) {
        let mut folded = std::mem::take(&mut self.folded);
        folded.set(text);
        for part in parts(&folded.letters) {
            self.word.clear();
            self.word.extend(part.letters());
            if !self.words.contains(&self.word) {
                self.words.insert(self.word.clone());
            }
        }
        self.folded = folded;
    }

    /// All of them, apart by spaces, and begins anew.
    pub(in crate::archive) fn take(&mut self) -> String {
        let mut all = String::with_capacity(self.words.iter().map(|word| word.len() + 1).sum());
        for word in std::mem::take(&mut self.words) {
            if !all.is_empty() {
                all.push(SEPARATOR);
            }
            all.push_str(&word);
        }
        all
    }
}

/// A word of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Of a script with spaces.
    Word(&'a [char]),
    /// Two letters of a script without, or the last one.
    Pair(&'a [char]),
}

impl<'a> Part<'a> {
    pub(super) fn letters(self) -> impl Iterator<Item = char> + use<'a> {
        let (Self::Word(letters) | Self::Pair(letters)) = self;
        letters.iter().take(LONGEST).copied()
    }
}

/// The index's words of folded letters.
pub(super) fn parts(letters: &[char]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for word in letters.split(|letter| *letter == SEPARATOR) {
        for stretch in word.chunk_by(|a, b| writes_without_spaces(*a) == writes_without_spaces(*b))
        {
            if stretch
                .first()
                .is_some_and(|letter| writes_without_spaces(*letter))
            {
                parts.extend(stretch.windows(2).map(Part::Pair));
                parts.extend(stretch.get(stretch.len() - 1..).map(Part::Pair));
            } else if !stretch.is_empty() {
                parts.push(Part::Word(stretch));
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_stands_once() {
        let mut words = Words::default();
        words.add("Der Brief, der BRIEF an Müller");
        words.add("今天天气 ok iPhone15今");
        assert_eq!(
            words.take(),
            "an brief der iphone15 muller ok 今 今天 天天 天气 气"
        );
        assert_eq!(words.take(), "");
    }
}
