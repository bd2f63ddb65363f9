//! What is left to chance, decided so that nobody's timing matters.

use std::collections::BTreeMap;

use crate::emulator::scenario::Random;

/// Accounts and things of theirs that are counted apart; beyond these all share one count, as
/// names of methods come from outside.
const COUNTS: usize = 10_000;

/// Chance: every draw follows from the seed, what it is for, whose it is, and its number.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    seed: u64,
    counts: BTreeMap<(&'static str, i64, String), u64>,
}

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self {
            seed,
            counts: BTreeMap::new(),
        }
    }

    /// How often an account asked before, for one purpose and of one kind; counts it.
    pub(super) fn number(&mut self, purpose: &'static str, account: i64, of: &str) -> u64 {
        let mut key = (purpose, account, of.to_owned());
        if self.counts.len() >= COUNTS && !self.counts.contains_key(&key) {
            key = (purpose, 0, String::new());
        }
        let count = self.counts.entry(key).or_default();
        let number = *count;
        *count = count.saturating_add(1);
        number
    }

    /// The draws for an account's thing number `number`; `of` tells apart what has one purpose.
    pub(super) fn draw(&self, purpose: &str, account: i64, of: &str, number: u64) -> Random {
        draw(self.seed, purpose, account, of, number)
    }
}

/// [`Chance::draw`] with any seed.
pub(super) fn draw(seed: u64, purpose: &str, account: i64, of: &str, number: u64) -> Random {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&account.to_le_bytes());
    hasher.update(&number.to_le_bytes());
    // The only text that can hold anything comes last.
    hasher.update(purpose.as_bytes());
    hasher.update(b"\0");
    hasher.update(of.as_bytes());
    let eight = hasher.finalize().as_bytes().first_chunk().copied();
    Random::new(u64::from_le_bytes(eight.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ_in_all_that_they_follow_from() {
        let below = |mut random: Random| random.below(1 << 30);
        let one = below(draw(1, "lose", 7, "", 3));
        assert_eq!(one, below(draw(1, "lose", 7, "", 3)));
        for other in [
            draw(2, "lose", 7, "", 3),
            draw(1, "reorder", 7, "", 3),
            draw(1, "lose", 8, "", 3),
            draw(1, "lose", 7, "x", 3),
            draw(1, "lose", 7, "", 4),
        ] {
            assert_ne!(one, below(other));
        }
    }

    #[test]
    fn counts_are_bounded() {
        let mut chance = Chance::new(1);
        for name in 0..COUNTS * 2 {
            let _ = chance.number("calls", 7, &name.to_string());
        }
        assert!(chance.counts.len() <= COUNTS + 1);
        assert_eq!(chance.number("calls", 7, "0"), 1);
    }
}
