//! The time, as the log writes it; and noticing when somebody sets the clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often both clocks are compared.
const COMPARE_EVERY: Duration = Duration::from_secs(5);

/// What counts as a jump, seconds. Telegram refuses messages that are 30 s ahead or 300 s behind.
const JUMP: i64 = 30;

/// Unix seconds.
pub(super) fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

/// Returns when the wall clock has jumped against the one that nobody sets, with the jump in
/// seconds, forward positive. A computer that slept shows as one, too: its own clock stood still.
pub(super) async fn jumped() -> i64 {
    let began = Instant::now();
    let mut jumps = Jumps::new(began.elapsed(), now());
    loop {
        tokio::time::sleep(COMPARE_EVERY).await;
        if let Some(jump) = jumps.look(began.elapsed(), now()) {
            return jump;
        }
    }
}

/// Compares two clocks.
struct Jumps {
    steady: i64,
    wall: i64,
}

impl Jumps {
    fn new(steady: Duration, wall: i64) -> Self {
        Self {
            steady: seconds(steady),
            wall,
        }
    }

    /// The jump since the last look, if there was one. Slow correction of the clock is none.
    fn look(&mut self, steady: Duration, wall: i64) -> Option<i64> {
        let steady = seconds(steady);
        let jump = wall.saturating_sub(self.wall) - (steady - self.steady);
        (self.steady, self.wall) = (steady, wall);
        (jump.abs() > JUMP).then_some(jump)
    }
}

fn seconds(time: Duration) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_are_noticed_once_in_both_directions() {
        let at = Duration::from_secs;
        let mut jumps = Jumps::new(at(0), 1_000);
        assert_eq!(jumps.look(at(5), 1_005), None);
        assert_eq!(jumps.look(at(10), 1_035), None, "25 s are no jump");
        assert_eq!(jumps.look(at(15), 4_640), Some(3_600));
        assert_eq!(jumps.look(at(20), 4_645), None);
        assert_eq!(jumps.look(at(25), 1_050), Some(-3_600));
        assert_eq!(jumps.look(at(30), 1_055), None);
    }

    #[test]
    fn slow_correction_is_no_jump() {
        let mut jumps = Jumps::new(Duration::ZERO, 0);
        for step in 1..1_000 {
            let steady = Duration::from_secs(step * 5);
            assert_eq!(
                jumps.look(steady, i64::try_from(step * 6).unwrap_or(0)),
                None
            );
        }
    }
}
