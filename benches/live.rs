//! How long live messages wait for their commit while the archive is sealed and compacted.
//!
//! `cargo bench --bench live -- DIR [--seconds N] [--rate N]`: DIR holds a `result.json` (a Telegram
//! Desktop export of one forum) that is imported first and then compacted beside the live messages.
//! Without it a small made-up desk shows that everything works.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, missing_docs)]

mod tools;

use std::fs::{self, File};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tools::{Done, percentiles};
use topicvault::archive::{CompactPolicy, Handle, SealPolicy, Vault};
use topicvault::import;
use topicvault::model::{Event, Message, MessageId, Observed, PersonId, Source, TopicId};

fn main() -> Done<()> {
    let (mut dir, mut seconds, mut rate) = (None, 20, 1000);
    // `cargo test --benches` runs this too.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--seconds" => seconds = args.next().ok_or("--seconds needs a number")?.parse()?,
            "--rate" => rate = args.next().ok_or("--rate needs a number")?.parse()?,
            path => dir = Some(PathBuf::from(path)),
        }
    }
    let made_up = tempfile::tempdir()?;
    let dir = match dir {
        Some(dir) => dir,
        None => {
            seconds = 1;
            fs::write(made_up.path().join("result.json"), tools::small(4_000))?;
            made_up.path().to_owned()
        }
    };
    println!(
        "{rate} messages a second for {seconds} s, each a commit of its own as far as they come apart"
    );
    let level = |level| CompactPolicy { level, segments: 1 };
    for (name, compact) in [
        ("sealing only", None),
        ("compacting at level 12", Some(level(12))),
        ("compacting at level 19", Some(level(19))),
    ] {
        let runtime = tokio::runtime::Runtime::new()?;
        let (times, left) = runtime.block_on(run(&dir, seconds, rate, compact))?;
        let worst = times
            .iter()
            .max()
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
            * 1e3;
        let (p50, p99) = percentiles(times);
        println!(
            "{name:<24} p50 {p50:6.2} ms, p99 {p99:6.2} ms, worst {worst:6.1} ms; {left} segments left"
        );
    }
    Ok(())
}

/// Appends at the rate beside the archive's own work; how long each commit took, and how many
/// segments there are in the end.
async fn run(
    dir: &Path,
    seconds: u64,
    rate: u32,
    compact: Option<CompactPolicy>,
) -> Done<(Vec<Duration>, i64)> {
    let place = tempfile::tempdir()?;
    let vault = Vault::create(place.path())?;
    let input = BufReader::with_capacity(1 << 18, File::open(dir.join("result.json"))?);
    let options = tools::import_options();
    import::telegram(&vault, input, &options, &mut |_| ControlFlow::Continue(()))?;
    let group = *vault.groups()?.first().ok_or("no archive")?;
    let newest = vault
        .reader(group)?
        .stats()?
        .ids
        .map_or(0, |(_, last)| last);
    let policy = SealPolicy {
        hot_messages: 5_000,
        level: 6,
    };
    let handle = Handle::spawn_compacting(&vault, group, policy, compact)?;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / rate);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut commits = tokio::task::JoinSet::new();
    let start = Instant::now();
    let mut id = newest;
    while start.elapsed() < Duration::from_secs(seconds) {
        ticks.tick().await;
        id += 1;
        let text = format!("the order {id} is still on its way to you, please be patient");
        let date = 1_790_000_000 + i64::from(id);
        let message = Message::text(
            MessageId(id),
            TopicId(2 + id % 500),
            date,
            PersonId(7),
            &text,
        );
        let event = Observed {
            event: Event::Message(Box::new(message)),
            source: Source::Live,
            at: date,
        };
        let handle = handle.clone();
        commits.spawn(async move {
            let begun = Instant::now();
            let done = handle.append(vec![event], Vec::new()).await;
            (begun.elapsed(), done)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = commits.join_next().await {
        let (time, appended) = done?;
        appended?;
        times.push(time);
    }
    let path = vault.reader(group)?.path().to_owned();
    let conn = rusqlite::Connection::open(path)?;
    let sql = "SELECT count(DISTINCT segment) FROM frame";
    let segments = conn.query_row(sql, [], |row| row.get(0))?;
    Ok((times, segments))
}
