//! Numbers that follow from a seed.

/// SplitMix64: small, good enough for stories, and the same everywhere.
#[derive(Clone, Debug)]
pub(in crate::emulator) struct Random(u64);

impl Random {
    pub(in crate::emulator) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(in crate::emulator) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or_default()
    }

    /// True in `percent` of cases.
    pub(in crate::emulator) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// True in a part of cases, 0 to 1.
    pub(in crate::emulator) fn happens(&mut self, part: f64) -> bool {
        // 53 bits are what a double holds exactly.
        let drawn = self.next() >> 11;
        let drawn = drawn as f64 / (1_u64 << 53) as f64;
        drawn < part
    }

    /// One of `choices`; `None` where there is none.
    pub(in crate::emulator) fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        choices.get(self.below(choices.len()))
    }
}
