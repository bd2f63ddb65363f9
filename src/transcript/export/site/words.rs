//! Which words were written in which topics, for the search of the index.

use std::collections::HashMap;
use std::io::{self, Write};

/// Pairs of a word and a topic that are kept at most: some 40 MB of memory, 12 MB of page. More than
/// that belongs into `topicvault search`.
const MOST: usize = 4_000_000;
/// Longer ones are no words.
const LONGEST: usize = 32;

/// The words so far.
#[derive(Default)]
pub(super) struct Words {
    places: HashMap<String, Vec<u32>>,
    pairs: usize,
    /// Not everything is in it.
    pub(super) full: bool,
}

impl Words {
    /// Takes in what was written in the topic of this number; numbers ascend.
    pub(super) fn push(&mut self, number: u32, text: &str) {
        let words = text.split(|it: char| !it.is_alphanumeric());
        for word in words.filter(|word| (2..=LONGEST).contains(&word.chars().count())) {
            let word = word.to_lowercase().replace('ё', "е");
            match self.places.get_mut(&word) {
                Some(places) if places.last() == Some(&number) => {}
                Some(places) if self.pairs < MOST => {
                    places.push(number);
                    self.pairs += 1;
                }
                None if self.pairs < MOST => {
                    self.places.insert(word, vec![number]);
                    self.pairs += 1;
                }
                _ => self.full = true,
            }
        }
    }

    /// Writes them as JSON, words in order, each with the distances between its topics. Words are
    /// letters and digits, so that none could end the element in which this stands.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut words: Vec<(&String, &Vec<u32>)> = self.places.iter().collect();
        words.sort_unstable();
        out.write_all(b"{")?;
        for (place, (word, places)) in words.into_iter().enumerate() {
            let comma = if place > 0 { ",\n" } else { "" };
            write!(out, "{comma}\"{word}\":[")?;
            let mut before = 0;
            for (place, number) in places.iter().enumerate() {
                let comma = if place > 0 { "," } else { "" };
                write!(out, "{comma}{}", number - before)?;
                before = *number;
            }
            out.write_all(b"]")?;
        }
        out.write_all(b"}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_topics() {
        let mut words = Words::default();
        words.push(0, "Hello, WORLD! </script> \"x\" a Ёж");
        words.push(7, "world ёж");
        words.push(9, "world");
        let mut out = Vec::new();
        words.write(&mut out).unwrap_or_default();
        let text = String::from_utf8(out).unwrap_or_default();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(
            read,
            serde_json::json!({"hello": [0], "world": [0, 7, 2], "script": [0], "еж": [0, 7]})
        );
        assert!(!text.contains('<'));
    }
}
