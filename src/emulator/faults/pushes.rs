//! What becomes of updates on their way to a client.

use serde::{Deserialize, Serialize};

use super::chance::draw;

/// Faults of pushes over MTProto; parts are 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushFaults {
    /// Nothing is pushed.
    pub mute: bool,
    /// Part that is lost: clients find a gap.
    pub lose: f64,
    /// Part that comes twice.
    pub duplicate: f64,
    /// Part that comes after the one that follows it.
    pub reorder: f64,
    /// How long everything takes longer, milliseconds.
    pub delay_ms: u64,
    /// How many of the next pushes say only that too much happened in the group.
    pub too_long: u32,
}

impl PushFaults {
    /// What is wrong with it, if anything.
    ///
    /// # Errors
    /// Words for whoever wrote it.
    pub fn check(&self) -> Result<(), String> {
        for (name, part) in [
            ("lose", self.lose),
            ("duplicate", self.duplicate),
            ("reorder", self.reorder),
        ] {
            if !(0.0..=1.0).contains(&part) {
                return Err(format!("`{name}` is a part of all pushes, 0 to 1"));
            }
        }
        Ok(())
    }

    /// What arrives of what is sent to an account: each with its index in the world's log, which
    /// decides its fate on every connection alike. `held` is the connection's: what is held back
    /// until something follows it.
    pub(super) fn pass<T: Clone>(
        &self,
        (seed, account): (u64, i64),
        sent: Vec<(usize, T)>,
        held: &mut Option<T>,
    ) -> Vec<T> {
        if self.lose == 0.0 && self.duplicate == 0.0 && self.reorder == 0.0 && held.is_none() {
            return sent.into_iter().map(|(_, one)| one).collect();
        }
        let happens = |fault: &str, part: f64, index: usize| {
            let number = u64::try_from(index).unwrap_or_default();
            part > 0.0 && draw(seed, fault, account, "push", number).happens(part)
        };
        let mut arrives = Vec::with_capacity(sent.len());
        for (index, one) in sent {
            let lost = happens("lose", self.lose, index);
            let twice = happens("duplicate", self.duplicate, index);
            let late = happens("reorder", self.reorder, index);
            if lost {
                continue;
            }
            if late && held.is_none() {
                *held = Some(one);
                continue;
            }
            if twice {
                arrives.push(one.clone());
            }
            arrives.push(one);
            arrives.extend(held.take());
        }
        arrives
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(faults: PushFaults, seed: u64, sent: std::ops::Range<u32>) -> Vec<u32> {
        let mut held = None;
        let sent = sent.map(|one| (one as usize, one));
        let one_by_one = sent.flat_map(|one| faults.pass((seed, 7), vec![one], &mut held));
        one_by_one.collect()
    }

    #[test]
    fn without_faults_all_arrives_in_order() {
        assert_eq!(pass(PushFaults::default(), 1, 0..5), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn everything_lost_twice_or_late() {
        let all = |lose, duplicate, reorder| PushFaults {
            lose,
            duplicate,
            reorder,
            ..PushFaults::default()
        };
        assert!(pass(all(1.0, 0.0, 0.0), 1, 0..5).is_empty());
        assert_eq!(pass(all(0.0, 1.0, 0.0), 1, 0..2), [0, 0, 1, 1]);
        assert_eq!(pass(all(0.0, 0.0, 1.0), 1, 0..4), [1, 0, 3, 2]);
        assert!(all(1.1, 0.0, 0.0).check().is_err());
        assert!(all(0.0, f64::NAN, 0.0).check().is_err());
    }

    #[test]
    fn chance_follows_from_the_seed_and_nothing_else_is_lost() {
        let faults = PushFaults {
            duplicate: 0.2,
            reorder: 0.2,
            ..PushFaults::default()
        };
        let arrived = pass(faults, 9, 0..200);
        assert_eq!(arrived, pass(faults, 9, 0..200));
        assert_ne!(arrived, pass(faults, 10, 0..200));
        let mut all = arrived.clone();
        all.sort_unstable();
        all.dedup();
        assert!(all.len() >= 199, "at most the last is still held back");
        assert!(arrived.len() > 220 && arrived.windows(2).any(|two| two[0] > two[1]));
    }

    #[test]
    fn each_change_has_its_fate_however_it_is_sent() {
        let faults = PushFaults {
            lose: 0.3,
            duplicate: 0.3,
            ..PushFaults::default()
        };
        let sent = |range: std::ops::Range<usize>| range.map(|one| (one, one)).collect::<Vec<_>>();
        let pass = |account, sent| faults.pass((9, account), sent, &mut None);
        let whole = pass(1, sent(0..100));
        let parts = [pass(1, sent(0..37)), pass(1, sent(37..100))].concat();
        assert_eq!(whole, parts);
        let later = pass(1, sent(50..100));
        assert!(whole.ends_with(&later), "who came later misses the same");
        assert_ne!(
            whole,
            pass(2, sent(0..100)),
            "another account, another fate"
        );
    }
}
