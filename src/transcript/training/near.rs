//! Conversations that nearly repeat another one.
//!
//! `MinHash` by one permutation with rotation (Li, Owen, Zhang 2012; Shrivastava, Li 2014) over runs
//! of three words, found again through bands of the signature (Indyk, Motwani 1998). What is digits
//! or a pseudonym counts as alike, so that the same macro with another number is a repetition.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hasher;

use super::session::Turn;

/// Values of a signature; the estimate of the Jaccard index is off by 0.045 at 0.85 (one standard
/// deviation).
const BINS: usize = 64;
const BINS_F: f64 = 64.0;
/// Values of a band: two conversations that share 0.85 of their runs miss each other in all of
/// the sixteen bands with a probability of 6 in 100,000.
const ROWS: usize = 4;
const BANDS: usize = BINS / ROWS;
/// Words that make a run.
const RUN: usize = 3;

/// The conversations so far. Takes about 0.5 KB for each.
#[derive(Debug, Default)]
pub(super) struct Near {
    /// From which share of runs two are near, 0 to 1.
    threshold: f64,
    signatures: Vec<[u16; BINS]>,
    /// For each band's content, the last conversation that has it.
    bands: HashMap<u64, u32>,
    /// For each conversation and band, the one before with the same content, plus one.
    before: Vec<[u32; BANDS]>,
    words: Vec<u64>,
}

impl Near {
    pub(super) fn new(threshold: f64) -> Self {
        Self {
            threshold,
            ..Self::default()
        }
    }

    /// Whether a conversation nearly repeats one before it; remembers it if not.
    pub(super) fn repeats(&mut self, turns: &[Turn]) -> bool {
        let signature = self.signature(turns);
        let bands = bands(&signature);
        for band in &bands {
            let mut next = self.bands.get(band).copied();
            while let Some(place) = next {
                let place = place as usize;
                if self.is_near(place, &signature) {
                    return true;
                }
                let band = bands.iter().position(|it| it == band).unwrap_or_default();
                let links = self.before.get(place);
                let before = links.and_then(|links| links.get(band)).copied();
                next = before.and_then(|before| before.checked_sub(1));
            }
        }
        let Ok(place) = u32::try_from(self.signatures.len()) else {
            return false;
        };
        let mut links = [0; BANDS];
        for (band, link) in bands.into_iter().zip(&mut links) {
            match self.bands.entry(band) {
                Entry::Occupied(mut last) => *link = last.insert(place) + 1,
                Entry::Vacant(first) => {
                    first.insert(place);
                }
            }
        }
        self.signatures.push(signature);
        self.before.push(links);
        false
    }

    fn is_near(&self, place: usize, signature: &[u16; BINS]) -> bool {
        self.signatures.get(place).is_some_and(|other| {
            // Sums of equal width are what vector instructions do.
            let same: u16 = (other.iter().zip(signature))
                .map(|(a, b)| u16::from(a == b))
                .sum();
            f64::from(same) >= self.threshold * BINS_F
        })
    }

    fn signature(&mut self, turns: &[Turn]) -> [u16; BINS] {
        self.words.clear();
        for turn in turns {
            words(&turn.text, turn.desk, &mut self.words);
        }
        let mut least = [u64::MAX; BINS];
        let mut put = |run: &[u64]| {
            let hash = run
                .iter()
                .fold(0x9E37_79B9_7F4A_7C15, |hash, word| mix(hash ^ word));
            let bin = (hash >> 58) as usize;
            if let Some(value) = least.get_mut(bin) {
                *value = (*value).min(hash & ((1 << 58) - 1));
            }
        };
        if self.words.len() < RUN {
            put(&self.words);
        }
        self.words.windows(RUN).for_each(&mut put);
        filled(&least)
    }
}

/// Fills empty bins from the next one that is not, by how far it is away.
fn filled(least: &[u64; BINS]) -> [u16; BINS] {
    let mut signature = [0; BINS];
    for (bin, value) in signature.iter_mut().enumerate() {
        let found = (0..BINS).find_map(|step| {
            let value = least.get((bin + step) % BINS).copied()?;
            (value != u64::MAX).then(|| mix(value.wrapping_add(step as u64)))
        });
        *value = (found.unwrap_or_default() >> 48) as u16;
    }
    signature
}

fn bands(signature: &[u16; BINS]) -> [u64; BANDS] {
    let mut bands = [0; BANDS];
    for ((number, band), rows) in (0_u64..).zip(&mut bands).zip(signature.chunks(ROWS)) {
        *band = rows
            .iter()
            .fold(mix(number + 1), |hash, value| mix(hash ^ u64::from(*value)));
    }
    bands
}

/// Hashes of a text's words, in small letters. Who says it counts: the same word from the other side
/// is another one.
fn words(text: &str, desk: bool, words: &mut Vec<u64>) {
    let mut hash = Fnv::new(desk);
    let (mut any, mut in_brackets) = (false, false);
    for character in text.chars() {
        // `[PHONE_k7x2q9sb]` counts as `phone`.
        match character {
            '_' if in_brackets => continue,
            '[' => in_brackets = true,
            ']' => in_brackets = false,
            _ => {}
        }
        if character.is_alphabetic() && !in_brackets {
            any = true;
            for small in character.to_lowercase() {
                hash.write_u32(small.into());
            }
        } else if character.is_numeric() || in_brackets {
            any = true;
            hash.write_u32(0);
        } else if std::mem::take(&mut any) {
            words.push(hash.finish());
            hash = Fnv::new(desk);
        }
    }
    if any {
        words.push(hash.finish());
    }
}

/// FNV-1a, whose value does not depend on the run of the program.
struct Fnv(u64);

impl Fnv {
    const fn new(desk: bool) -> Self {
        Self(0xCBF2_9CE4_8422_2325 ^ desk as u64)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32((*byte).into());
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.0 = (self.0 ^ u64::from(value)).wrapping_mul(0x0100_0000_01B3);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The finalizer of `SplitMix64`.
const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(texts: &[&str]) -> Vec<Turn> {
        let turn = |(place, text): (usize, &&str)| Turn {
            desk: place % 2 == 1,
            text: (*text).to_owned(),
            messages: 1,
        };
        texts.iter().enumerate().map(turn).collect()
    }

    const QUESTION: &str = "Good morning, I ordered a lamp two weeks ago and it has still not \
        arrived, could you please find out for me where it is at the moment and when it will come?";
    const ANSWER: &str = "Good morning and thank you for writing to us. I have looked your order up: \
        the parcel left our warehouse on Monday and the carrier says that it will be delivered \
        tomorrow between ten and twelve. I am sorry that it takes so long.";

    #[test]
    fn what_repeats_is_found() {
        let mut near = Near::new(0.85);
        assert!(!near.repeats(&said(&[QUESTION, ANSWER])));
        assert!(near.repeats(&said(&[QUESTION, ANSWER])));
        // Another case, number or greeting word does not make it another conversation.
        let loud = QUESTION.to_uppercase();
        assert!(near.repeats(&said(&[&loud, ANSWER])));
        let other = ANSWER.replace("Monday", "Friday");
        assert!(near.repeats(&said(&[QUESTION, &other])));
        let numbered = |number: &str| said(&[QUESTION, &format!("{ANSWER} It is order {number}.")]);
        assert!(near.repeats(&numbered("1234")) || near.repeats(&numbered("5678")));
    }

    #[test]
    fn what_is_different_is_kept() {
        let mut near = Near::new(0.85);
        assert!(!near.repeats(&said(&[QUESTION, ANSWER])));
        assert!(!near.repeats(&said(&[ANSWER, QUESTION])));
        assert!(!near.repeats(&said(&[QUESTION, "We have no such order."])));
        assert!(!near.repeats(&said(&["Hello", "Hello"])));
        assert!(!near.repeats(&said(&["Hi", "Hello"])));
        assert!(near.repeats(&said(&["Hi", "Hello"])));
        assert!(!near.repeats(&[]));
    }

    #[test]
    fn a_pseudonym_is_a_pseudonym() {
        let mut near = Near::new(0.85);
        let asked = |phone: &str| said(&["Call me please", &format!("We call {phone} today")]);
        assert!(!near.repeats(&asked("[PHONE_k7x2q9sb]")));
        assert!(near.repeats(&asked("[PHONE_zzzzzzzz]")));
    }

    #[test]
    fn the_estimate_is_near_the_truth() {
        // Texts that share a known part of their words.
        for (shared, low, high) in [(95, 0.75, 1.0), (70, 0.35, 0.7), (20, 0.0, 0.25)] {
            let text = |name: &str| {
                let words = (0..400).map(|word| match word % 100 < shared {
                    true => format!("word{}", letters(word)),
                    false => format!("{name}{}", letters(word)),
                });
                words.collect::<Vec<_>>().join(" ")
            };
            let mut near = Near::new(2.0);
            near.repeats(&said(&[&text("a")]));
            let signature = near.signature(&said(&[&text("b")]));
            let same = (near.signatures.iter().flatten().zip(&signature))
                .filter(|(a, b)| a == b)
                .count();
            let share = f64::from(u32::try_from(same).unwrap_or(0)) / 64.0;
            assert!((low..=high).contains(&share), "{shared}: {share}");
        }
    }

    fn letters(number: usize) -> String {
        number
            .to_string()
            .chars()
            .map(|digit| char::from(digit as u8 - b'0' + b'a'))
            .collect()
    }
}
