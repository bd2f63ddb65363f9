//! Import, sealing, reading and search, measured.
//!
//! `cargo bench --bench archive -- [FILE | N] [--level L]`: FILE holds messages as JSON Lines
//! (`id, topic, date, from_id, text` and, where there is one, `reply_to, edit_date, media, entities,
//! service`); N synthetic messages are made otherwise.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs
)]

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde_json::Value;
use topicvault::archive::{
    CompactPolicy, Compactor, Order, Query, Reader, SealPolicy, Search, Selection, Vault,
};
use topicvault::config::RoleRules;
use topicvault::model::{
    Event, GroupId, Message, MessageId, Observed, PersonId, Reply, Service, Source, TopicId,
};
use topicvault::transcript::{Format, Options, render};

/// Events a transaction, as an import appends them.
const BATCH: usize = 8192;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test --benches` runs this too, without `--bench`: then it only shows that it works.
    let for_real = args.iter().any(|arg| arg == "--bench");
    let mut level = 3;
    let mut source = None;
    let mut rest = args.iter().filter(|arg| *arg != "--bench");
    while let Some(arg) = rest.next() {
        if arg == "--level" {
            level = rest.next().ok_or("--level needs a number")?.parse()?;
        } else {
            source = Some(arg.clone());
        }
    }
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let messages = match source.as_deref().map(|text| (text, text.parse::<usize>())) {
        None => synthetic(if for_real { 100_000 } else { 2_000 }, &mut random),
        Some((_, Ok(count))) => synthetic(count, &mut random),
        Some((path, Err(_))) => read(path)?,
    };
    let (topics, queries) = samples(&messages, &mut random);
    let total = messages.len();
    println!("{total} messages, level {level}");

    let dir = tempfile::tempdir()?;
    let group = GroupId::from_bare(2_101_424_779).ok_or("no group")?;
    if let Ok(kept) = std::env::var("REUSE") {
        std::fs::copy(kept, dir.path().join(format!("{group}.db")))?;
        let reader = Vault::open(dir.path())?.reader(group)?;
        for _ in 0..5 {
            searches(&reader, &queries)?;
        }
        return Ok(());
    }
    let vault = Vault::create(dir.path())?;
    import(&vault, group, messages, level)?;
    let before = vault.reader(group)?.stats()?.bytes;
    let start = Instant::now();
    let mut writer = vault.writer(group)?;
    let policy = CompactPolicy {
        level: 19,
        segments: 1,
    };
    Compactor::new(vault.reader(group)?, policy)
        .run(&mut |fold| writer.fold(&fold), &mut |_| {
            ControlFlow::Continue(())
        })?;
    writer.vacuum()?;
    drop(writer);
    println!(
        "compact     {}, before {:.1}",
        rate(total, start.elapsed()),
        before as f64 / total as f64
    );
    // What the search index takes: the file with and without it.
    let copy = dir.path().join("copy.db");
    std::fs::copy(vault.reader(group)?.path(), &copy)?;
    let conn = rusqlite::Connection::open(&copy)?;
    conn.execute_batch("PRAGMA journal_mode = DELETE; DROP TABLE run_words; VACUUM")?;
    drop(conn);
    let bare = std::fs::metadata(&copy)?.len();
    println!(
        "archive     {:.2} bytes a message without its index",
        bare as f64 / total as f64
    );
    if let Ok(kept) = std::env::var("KEEP") {
        std::fs::copy(vault.reader(group)?.path(), kept)?;
    }

    let reader = vault.reader(group)?;
    let stats = reader.stats()?;
    let per = |bytes: u64| bytes as f64 / total as f64;
    println!(
        "file        {:.1} bytes a message ({} frames)",
        per(stats.bytes),
        stats.frames
    );

    for order in [Order::Id, Order::Topic] {
        let start = Instant::now();
        let mut count = 0_usize;
        reader.read(&Selection::default(), order, &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        })?;
        assert_eq!(count, total, "everything is read once");
        println!("read {order:?}   {}", rate(count, start.elapsed()));
    }
    for order in [Order::Id, Order::Topic] {
        let options = Options {
            format: Format::Jsonl,
            selection: Selection::default(),
            last: None,
            order,
            roles: RoleRules::default(),
            timezone: jiff::tz::TimeZone::UTC,
            language: "en".to_owned(),
        };
        let start = Instant::now();
        let summary = render(&reader, &options, &mut std::io::sink(), &mut |_| {
            ControlFlow::Continue(())
        })?;
        assert_eq!(summary.messages, total as u64, "everything is exported");
        println!("jsonl {order:?}  {}", rate(total, start.elapsed()));
    }
    let mut times = Vec::new();
    for topic in topics {
        let start = Instant::now();
        reader.last(topic, 50)?;
        times.push(start.elapsed());
    }
    println!("last 50     {}", percentiles(times));
    searches(&reader, &queries)?;
    Ok(())
}

fn searches(reader: &Reader, queries: &[String]) -> Result<(), Box<dyn Error>> {
    let mut times = Vec::new();
    for words in queries {
        let Ok(query) = Query::parse(words, &jiff::tz::TimeZone::UTC) else {
            continue;
        };
        let search = Search {
            query,
            limit: 50,
            ..Search::default()
        };
        let start = Instant::now();
        let mut looked = 0;
        let hits = reader.search(&search, &mut || {
            looked += 1;
            ControlFlow::Continue(())
        })?;
        times.push(start.elapsed());
        if std::env::var("SLOW").is_ok() {
            println!(
                "{:?} {:?} looked {looked} hits {}",
                start.elapsed(),
                words,
                hits.len()
            );
        }
    }
    println!("search 50   {}", percentiles(times));
    Ok(())
}

fn import(
    vault: &Vault,
    group: GroupId,
    messages: Vec<Message>,
    level: i32,
) -> Result<(), Box<dyn Error>> {
    let total = messages.len();
    let events: Vec<Observed> = messages
        .into_iter()
        .map(|message| Observed {
            event: Event::Message(Box::new(message)),
            source: Source::Import,
            at: 1_700_000_000,
        })
        .collect();
    let mut writer = vault.writer(group)?;
    let policy = SealPolicy {
        hot_messages: 32_768,
        level,
    };
    let (mut appending, mut sealing) = (Duration::ZERO, Duration::ZERO);
    for batch in events.chunks(BATCH) {
        let start = Instant::now();
        writer.append(batch, &[])?;
        appending += start.elapsed();
        let start = Instant::now();
        writer.seal(&policy)?;
        sealing += start.elapsed();
    }
    let start = Instant::now();
    writer.seal(&SealPolicy {
        hot_messages: 1,
        level,
    })?;
    drop(writer);
    sealing += start.elapsed();
    println!("append      {}", rate(total, appending));
    println!("seal        {}", rate(total, sealing));
    println!("both        {}", rate(total, appending + sealing));
    Ok(())
}

fn rate(count: usize, time: Duration) -> String {
    format!(
        "{:.0} messages/s ({:.2} s)",
        count as f64 / time.as_secs_f64(),
        time.as_secs_f64()
    )
}

fn percentiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times
            .get(place)
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    format!(
        "p50 {:.3} ms, p99 {:.3} ms ({} calls)",
        at(50),
        at(99),
        times.len()
    )
}

/// Random topics, and queries of one or two words that occur.
fn samples(messages: &[Message], random: &mut Random) -> (Vec<TopicId>, Vec<String>) {
    let mut topics = Vec::new();
    let mut queries = Vec::new();
    while topics.len() < 1000 {
        let message = &messages[random.below(messages.len())];
        topics.push(message.topic);
        let words: Vec<&str> = message.text.split_whitespace().collect();
        if queries.len() < 200 && words.len() > 1 {
            let first = words[random.below(words.len())];
            let second = words[random.below(words.len())];
            queries.push(if queries.len() % 2 == 0 {
                first.to_owned()
            } else {
                format!("{first} {second}")
            });
        }
    }
    (topics, queries)
}

fn read(path: &str) -> Result<Vec<Message>, Box<dyn Error>> {
    let mut messages = Vec::new();
    for line in BufReader::new(File::open(path)?).lines() {
        messages.push(message(&serde_json::from_str(&line?)?).ok_or("a message without an id")?);
    }
    Ok(messages)
}

fn message(line: &Value) -> Option<Message> {
    let number = |key: &str| line.get(key).and_then(Value::as_i64);
    let text = |key: &str| line.get(key).and_then(Value::as_str);
    let small = |key: &str| number(key).and_then(|value| i32::try_from(value).ok());
    let id = small("id")?;
    let mut message = Message::text(
        MessageId(id),
        TopicId(small("topic")?),
        number("date")?,
        PersonId(number("from_id").unwrap_or(1)),
        text("text").unwrap_or_default(),
    );
    message.edit_date = number("edit_date");
    message.reply_to = small("reply_to").map(|id| Reply::to(MessageId(id)));
    if text("service").is_some() {
        message.service = Some(Service::TopicCreated {
            title: text("title").unwrap_or_default().to_owned(),
        });
    }
    if let Some(entities) = line.get("entities") {
        message.entities = serde_json::from_value(entities.clone()).ok()?;
    }
    if let Some(mut media) = line.get("media").cloned() {
        let kind = media.get("type").cloned()?;
        media.as_object_mut()?.insert("kind".to_owned(), kind);
        message.media = serde_json::from_value(media).ok();
    }
    Some(message)
}

/// Customers and operators taking turns in many topics.
fn synthetic(count: usize, random: &mut Random) -> Vec<Message> {
    const WORDS: &[&str] = &[
        "hello",
        "please",
        "order",
        "invoice",
        "thanks",
        "when",
        "where",
        "delivery",
        "refund",
        "привет",
        "заказ",
        "счёт",
        "когда",
        "спасибо",
        "оплата",
        "guten",
        "Tag",
        "Rechnung",
        "Bestellung",
        "danke",
        "bitte",
        "tomorrow",
        "завтра",
        "morgen",
    ];
    (1..=count)
        .map(|number| {
            let id = number as i32;
            let topic = random.below(count / 40 + 1) as i32 + 1;
            let words: Vec<String> = (0..random.below(14) + 1)
                .map(|_| match random.below(8) {
                    0 => random.below(10_000).to_string(),
                    _ => WORDS[random.below(WORDS.len())].to_owned(),
                })
                .collect();
            Message::text(
                MessageId(id),
                TopicId(topic),
                1_700_000_000 + i64::from(id) * 7,
                PersonId(1000 + i64::from(topic) * i64::from(id % 2)),
                words.join(" "),
            )
        })
        .collect()
}

/// A small generator, so that runs compare.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}
