//! The pacer against a Telegram that keeps a bucket.

use super::*;

/// Telegram as far as it matters here: a bucket that time fills, and whole seconds to wait.
struct Limit {
    rate: f64,
    burst: f64,
    calls: f64,
    filled: Instant,
    until: Instant,
    permitted: u32,
    waits: u32,
    impatient: u32,
}

impl Limit {
    fn new(rate: f64, burst: f64) -> Self {
        let now = Instant::now();
        Self {
            rate,
            burst,
            calls: burst,
            filled: now,
            until: now,
            permitted: 0,
            waits: 0,
            impatient: 0,
        }
    }

    fn call(&mut self) -> Option<Duration> {
        let now = Instant::now();
        let gained = (now - self.filled).as_secs_f64() * self.rate;
        self.calls = (self.calls + gained).min(self.burst);
        self.filled = now;
        if now < self.until {
            self.impatient += 1;
            return Some(Duration::from_secs(60));
        }
        if self.calls >= 1.0 {
            self.calls -= 1.0;
            self.permitted += 1;
            return None;
        }
        self.waits += 1;
        let wait = ((1.0 - self.calls) / self.rate).ceil().max(1.0);
        let wait = Duration::from_secs_f64(wait);
        self.until = now + wait;
        Some(wait)
    }
}

/// Calls for so long; part of the permitted rate that was used, waits, impatient calls.
async fn play(gentle: bool, rate: f64, burst: f64, minutes: u64) -> (f64, u32, u32) {
    let pacer = Pacer::new(gentle);
    let mut limit = Limit::new(rate, burst);
    let begin = Instant::now();
    let length = Duration::from_secs(60 * minutes);
    while begin.elapsed() < length {
        pacer.turn(Lane::History, false).await;
        match limit.call() {
            None => pacer.answered(Lane::History),
            Some(wait) => pacer.wait(Lane::History, wait),
        }
        // An answer takes its time.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let allowed = rate * begin.elapsed().as_secs_f64();
    (
        f64::from(limit.permitted) / allowed,
        limit.waits,
        limit.impatient,
    )
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_learnt_from_few_waits_and_used_well() {
    let mut bad = Vec::new();
    for (rate, burst) in [
        (10.0, 20.0),
        (10.0, 5.0),
        (10.0, 1.0),
        (2.0, 30.0),
        (5.0, 100.0),
        (50.0, 50.0),
        (1.0, 3.0),
        (0.5, 20.0),
    ] {
        let (used, waits, impatient) = play(false, rate, burst, 5).await;
        let line = format!("{rate}/s, burst {burst}: {used:.2} of it, {waits} waits");
        println!("{line}");
        // Without any burst the limit is felt only at the limit itself.
        let enough = if burst > 1.0 { 0.8 } else { 0.7 };
        if used < enough || waits > 4 || impatient > 0 {
            bad.push(line);
        }
    }
    assert_eq!(bad, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_wait_out_of_the_blue_costs_little_more_than_itself() {
    let pacer = Pacer::new(false);
    for _ in 0..2 {
        pacer.turn(Lane::History, true).await;
        pacer.wait(Lane::History, Duration::from_secs(2));
    }
    let begin = Instant::now();
    for _ in 0..10 {
        pacer.turn(Lane::History, true).await;
        pacer.answered(Lane::History);
    }
    assert!(
        begin.elapsed() < Duration::from_secs(60),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_gentle_pace_provokes_no_wait_where_what_is_usual_is_allowed() {
    let (_, waits, _) = play(true, 3.0, 20.0, 60).await;
    assert_eq!(waits, 0);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_held_up_at_a_server_without_limits() {
    let pacer = Pacer::new(false);
    let begin = Instant::now();
    for _ in 0..1_000 {
        pacer.turn(Lane::History, false).await;
        pacer.answered(Lane::History);
    }
    assert_eq!(begin.elapsed(), Duration::ZERO);
    assert_eq!(pacer.width(Lane::History), WIDE);
    assert_eq!(pacer.width(Lane::Topics), 1);
}

#[tokio::test(start_paused = true)]
async fn the_whole_wait_is_kept_on_its_lane_alone() {
    let pacer = Pacer::new(false);
    pacer.turn(Lane::History, true).await;
    pacer.wait(Lane::History, Duration::from_secs(86_400));
    assert_eq!(pacer.left(), Some(Duration::from_secs(86_400)));
    let begin = Instant::now();
    pacer.turn(Lane::Differences, true).await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
    pacer.turn(Lane::History, true).await;
    assert!(begin.elapsed() >= Duration::from_secs(86_400));
    assert_eq!(pacer.left(), None);
}

#[tokio::test(start_paused = true)]
async fn backfill_gives_way_to_healing() {
    let pacer = Pacer::new(false);
    pacer.wait(Lane::History, Duration::from_secs(1));
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for (name, pressing) in [("backfill", false), ("healing", true), ("healing", true)] {
        let (pacer, order) = (pacer.clone(), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            pacer.turn(Lane::History, pressing).await;
            let mut order = order.lock().unwrap_or_else(PoisonError::into_inner);
            order.push(name);
        }));
    }
    for task in tasks {
        task.await.unwrap_or(());
    }
    let order = order.lock().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(*order, ["healing", "healing", "backfill"]);
}

#[test]
fn methods_have_their_lanes() {
    for method in crate::capture::READING {
        let lane = Lane::of(method);
        let known = method.contains("Participants")
            || method.contains("Reactions")
            || method.contains("Users")
            || method.contains("Channels")
            || method.contains("FullChannel")
            || method.contains("Dialogs");
        assert_eq!(lane == Lane::Other, known, "{method}");
    }
}
