//! What the benchmarks share.
#![allow(dead_code, unreachable_pub)]

use std::error::Error;
use std::fs;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use topicvault::archive::{CompactPolicy, Compactor, Order, SealPolicy, Vault};
use topicvault::import;
use topicvault::model::GroupId;
use topicvault::transcript::{Format, Options};

pub type Done<T> = Result<T, Box<dyn Error>>;

/// A small generator, so that runs compare.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// A word, two words and a phrase of a text, where it has them.
pub fn queries(text: &str, random: &mut Random) -> Option<[String; 3]> {
    let is_word = |word: &&str| word.chars().all(char::is_alphanumeric);
    let words: Vec<&str> = text.split_whitespace().filter(is_word).collect();
    let pairs: Vec<(&str, &str)> = text
        .split_whitespace()
        .zip(text.split_whitespace().skip(1))
        .filter(|(one, two)| is_word(one) && is_word(two))
        .collect();
    if words.len() < 2 || pairs.is_empty() {
        return None;
    }
    let first = words[random.below(words.len())];
    let second = words[random.below(words.len())];
    let (one, two) = pairs[random.below(pairs.len())];
    Some([
        first.to_owned(),
        format!("{first} {second}"),
        format!("\"{one} {two}\""),
    ])
}

/// Half and all but a hundredth of the times are below these, in ms.
pub fn percentiles(mut times: Vec<Duration>) -> (f64, f64) {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times
            .get(place)
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    (at(50), at(99))
}

pub fn timed<T>(work: impl FnOnce() -> Done<T>) -> Done<(Duration, T)> {
    let start = Instant::now();
    let done = work()?;
    Ok((start.elapsed(), done))
}

/// The most memory that this process has had, in MB; 0 where the system does not say.
pub fn peak() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1e3
}

/// How exports are taken in.
pub fn import_options() -> import::Options {
    import::Options {
        group: None,
        zone: jiff::tz::TimeZone::UTC,
        skip_bad: false,
        files: None,
        level: 3,
        at: 1_700_000_000,
    }
}

/// How everything is written.
pub fn export_options(format: Format, order: Order) -> Options {
    Options {
        order,
        ..Options::new(format)
    }
}

/// What `seal` does.
pub fn seal(vault: &Vault, group: GroupId) -> Done<()> {
    let mut writer = vault.writer(group)?;
    writer.seal(&SealPolicy {
        hot_messages: 1,
        level: 6,
    })?;
    let policy = CompactPolicy {
        level: 19,
        segments: 1,
    };
    Compactor::new(vault.reader(group)?, policy)
        .run(&mut |fold| writer.fold(&fold), &mut |_| {
            ControlFlow::Continue(())
        })?;
    writer.vacuum()?;
    Ok(())
}

/// Bytes of a file, and of it without the search index; `copy` is where there is room to try.
pub fn sizes(file: &std::path::Path, copy: &std::path::Path) -> Done<(usize, usize)> {
    fs::copy(file, copy)?;
    rusqlite::Connection::open(copy)?
        .execute_batch("PRAGMA journal_mode = DELETE; DROP TABLE run_words; VACUUM")?;
    let length = |path| fs::metadata(path).map(|it| it.len() as usize);
    let both = (length(file)?, length(copy)?);
    fs::remove_file(copy)?;
    Ok(both)
}

/// A made-up desk as Telegram Desktop exports it.
pub fn small(messages: usize) -> String {
    let mut random = Random(7);
    let mut export =
        String::from(r#"{"name": "Desk", "type": "private_supergroup", "id": 77, "messages": ["#);
    for id in 2..messages + 2 {
        let (topic, date) = (2 + id % 50, 1_700_000_000 + id * 7);
        let comma = if id > 2 { "," } else { "" };
        if id < 52 {
            export += &format!(
                "{comma}\n{}",
                serde_json::json!({"id": id, "type": "service", "date_unixtime": date.to_string(),
                    "action": "topic_created", "title": format!("T{id}"), "text": ""})
            );
        } else {
            let word = ["order", "заказ", "Rechnung", "please"][random.below(4)];
            export += &format!(
                "{comma}\n{}",
                serde_json::json!({"id": id, "type": "message", "date_unixtime": date.to_string(),
                    "from": "A", "from_id": "user5", "reply_to_message_id": topic,
                    "text": format!("my {word} number {} is late", random.below(500))})
            );
        }
    }
    export + "]}"
}
