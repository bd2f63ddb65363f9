//! Pauses between attempts: longer and longer, and never the same for everybody.

use std::time::Duration;

/// The pauses before the next attempts.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    next: Duration,
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub(super) const fn new(first: Duration, longest: Duration) -> Self {
        Self {
            next: first,
            first,
            longest,
        }
    }

    /// The next pause: half of it is certain, half is chance, so that not all who lost the same
    /// server come back at the same moment.
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause / 2 + (pause / 2).mul_f64(chance())
    }

    /// The last attempt was a good one: begin with short pauses again.
    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// A number from 0 to 1.
pub(super) fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without a source of chance the pause is only less varied.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_vary_and_begin_anew() {
        let second = Duration::from_secs(1);
        let mut backoff = Backoff::new(second, 60 * second);
        for bound in [1, 2, 4, 8, 16, 32, 60, 60] {
            let pause = backoff.next();
            assert!(
                pause >= second * bound / 2 && pause <= second * bound,
                "{pause:?}"
            );
        }
        backoff.reset();
        assert!(backoff.next() <= second);
        let mut seen: Vec<_> = (0..8)
            .map(|_| Backoff::new(60 * second, 60 * second).next())
            .collect();
        seen.dedup();
        assert!(seen.len() > 1, "no chance in it");
    }
}
