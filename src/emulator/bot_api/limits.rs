//! How often a bot may post.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Telegram's limits for bots; `None` switches one off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages a minute to one group.
    pub group_per_minute: Option<u32>,
    /// Messages that may come at once before one a second is the rule, by chat.
    pub chat_burst: Option<u32>,
    /// Messages a second over all chats.
    pub per_second: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            group_per_minute: Some(20),
            chat_burst: Some(5),
            per_second: Some(30),
        }
    }
}

impl Limits {
    /// No limits, for tests about something else.
    pub const OFF: Self = Self {
        group_per_minute: None,
        chat_burst: None,
        per_second: None,
    };
}

/// Remembers who posted when.
#[derive(Debug)]
pub(super) struct Limiter {
    limits: Limits,
    /// By bot and chat, the last minute.
    chats: BTreeMap<(i64, i64), VecDeque<Instant>>,
    /// By bot, the last second.
    bots: BTreeMap<i64, VecDeque<Instant>>,
}

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

impl Limiter {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            chats: BTreeMap::new(),
            bots: BTreeMap::new(),
        }
    }

    /// Counts so many posts, or says how many seconds to wait; what was refused does not count.
    /// Several at once (an album) pass where one would, and all of them are paid for.
    pub(super) fn admit(
        &mut self,
        bot: i64,
        chat: i64,
        posts: usize,
        now: Instant,
    ) -> Result<(), u32> {
        let of_chat = self.chats.entry((bot, chat)).or_default();
        let of_bot = self.bots.entry(bot).or_default();
        forget(of_chat, MINUTE, now);
        forget(of_bot, SECOND, now);
        let mut wait = Duration::ZERO;
        if let Some(most) = self.limits.group_per_minute {
            wait = wait.max(until_free(of_chat, most, MINUTE, now));
        }
        if let Some(most) = self.limits.per_second {
            wait = wait.max(until_free(of_bot, most, SECOND, now));
        }
        if let Some(burst) = self.limits.chat_burst {
            // So many within as many seconds: one a second on average, a burst in between.
            let span = SECOND * burst;
            let recent: VecDeque<Instant> = of_chat
                .iter()
                .copied()
                .filter(|at| now.duration_since(*at) < span)
                .collect();
            wait = wait.max(until_free(&recent, burst, span, now));
        }
        if wait.is_zero() {
            of_chat.extend(std::iter::repeat_n(now, posts));
            of_bot.extend(std::iter::repeat_n(now, posts));
            return Ok(());
        }
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Err(u32::try_from(seconds).unwrap_or(u32::MAX).max(1))
    }
}

fn forget(times: &mut VecDeque<Instant>, span: Duration, now: Instant) {
    while times
        .front()
        .is_some_and(|at| now.duration_since(*at) >= span)
    {
        times.pop_front();
    }
}

/// How long until fewer than `most` of `times` lie within the last `span`.
fn until_free(times: &VecDeque<Instant>, most: u32, span: Duration, now: Instant) -> Duration {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let Some(surplus) = times.len().checked_sub(most) else {
        return Duration::ZERO;
    };
    times.get(surplus).map_or(Duration::ZERO, |at| {
        span.saturating_sub(now.duration_since(*at))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_a_minute_to_a_group_and_no_more() {
        let mut limiter = Limiter::new(Limits::default());
        let start = Instant::now();
        for second in 0..20 {
            let now = start + Duration::from_secs(second);
            assert_eq!(limiter.admit(1, -100, 1, now), Ok(()), "{second}");
        }
        let now = start + Duration::from_secs(20);
        assert_eq!(limiter.admit(1, -100, 1, now), Err(40));
        assert_eq!(limiter.admit(1, -200, 1, now), Ok(()), "another group");
        assert_eq!(limiter.admit(2, -100, 1, now), Ok(()), "another bot");
        assert_eq!(limiter.admit(1, -100, 1, start + MINUTE), Ok(()));
    }

    #[test]
    fn a_burst_passes_and_is_paid_for() {
        let mut limiter = Limiter::new(Limits::default());
        let now = Instant::now();
        for _ in 0..5 {
            assert_eq!(limiter.admit(1, -100, 1, now), Ok(()));
        }
        assert_eq!(limiter.admit(1, -100, 1, now), Err(5));
        assert_eq!(limiter.admit(1, -100, 1, now + SECOND * 5), Ok(()));
    }

    #[test]
    fn an_album_counts_each_message() {
        let mut limiter = Limiter::new(Limits::default());
        let now = Instant::now();
        assert_eq!(limiter.admit(1, -100, 10, now), Ok(()));
        assert_eq!(limiter.admit(1, -100, 1, now), Err(5), "the burst");
        let later = now + SECOND * 5;
        assert_eq!(limiter.admit(1, -100, 10, later), Ok(()));
        let later = now + SECOND * 10;
        assert_eq!(limiter.admit(1, -100, 1, later), Err(50), "the minute");
    }

    #[test]
    fn off_is_off() {
        let mut limiter = Limiter::new(Limits::OFF);
        let now = Instant::now();
        assert!((0..1000).all(|_| limiter.admit(1, -100, 1, now).is_ok()));
    }
}
