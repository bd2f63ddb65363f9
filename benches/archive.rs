//! The archive beside a plain SQLite table and the limit of solid compression, in one run.
//!
//! `cargo bench --bench archive -- DIR`: DIR holds the same messages as `result.json` (a Telegram
//! Desktop export of one forum) and `messages.jsonl` (one a line: `id, topic, date, from_id, text`
//! and, where there is one, `reply_to, edit_date, media, entities`). Without it a small sample shows
//! that everything works. `--runs N` repeats what is quick; medians are printed. Peers are measured too
//! where their Python packages are installed (see `peers.py`; `PYTHON` names another interpreter).
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    missing_docs
)]

mod tools;

use std::fs;
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::Value;
use tools::{Done, Random, percentiles, queries};
use topicvault::archive::{Order, Query, Reader, Search, Vault};
use topicvault::import;
use topicvault::model::{GroupId, TopicId};
use topicvault::transcript::{Format, render};

/// Topics and queries that are asked for.
const TOPICS: usize = 1000;
const QUERIES: usize = 200;
/// Messages or hits wanted at once.
const WANTED: usize = 50;

fn main() -> Done<()> {
    let mut runs = 3;
    let mut dir = None;
    // `cargo test --benches` runs this too.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--runs" => runs = args.next().ok_or("--runs needs a number")?.parse()?,
            path => dir = Some(PathBuf::from(path)),
        }
    }
    let sample = tempfile::tempdir()?;
    let dir = match dir {
        Some(dir) => dir,
        None => {
            runs = 1;
            small(sample.path())?;
            sample.path().to_owned()
        }
    };
    let lines = fs::read_to_string(dir.join("messages.jsonl"))?;
    let messages: Vec<Value> = lines
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()?;
    let asked = Asked::of(&messages);
    let total = messages.len();
    println!(
        "N = {total} messages, {:.1} B of JSON Lines each",
        per(lines.len(), total)
    );

    let place = tempfile::tempdir()?;
    let ours = Ours::import(place.path(), &dir.join("result.json"), runs)?;
    let solid = solid(lines.as_bytes())?;
    let plain = Plain::fill(&place.path().join("plain.db"), &messages)?;

    println!("\nsize, bytes a message");
    let show = |name: &str, bytes: usize| {
        let each = per(bytes, total);
        println!(
            "  {name:<52} {each:8.2}   {:.3} of solid",
            bytes as f64 / solid as f64
        );
    };
    show("solid: zstd -19 --long=27, no random access", solid);
    show("ours, sealed, all but the search index", ours.bare);
    show("ours, the search index", ours.bytes - ours.bare);
    show("plain SQLite table, index on (topic, id)", plain.bytes);
    show("the same with FTS5 (unicode61)", plain.searchable_bytes);

    let peers = peers(&dir);
    for peer in &peers {
        if let Some(bytes) = peer["bytes"].as_u64() {
            show(
                peer["peer"].as_str().unwrap_or("?"),
                usize::try_from(bytes)?,
            );
        }
    }

    println!("\nspeed, messages a second");
    let rate = |name: &str, time: Duration| {
        let each = total as f64 / time.as_secs_f64();
        println!("  {name:<52} {each:10.0}   ({:.2} s)", time.as_secs_f64());
    };
    rate("ours: import, durable and searchable", ours.import);
    rate("ours: seal at level 19", ours.seal);
    rate("plain SQLite: insert", plain.insert);
    rate("plain SQLite: insert into FTS5", plain.index);
    for (name, format, order) in [
        (
            "ours: export to JSON Lines, by topic",
            Format::Jsonl,
            Order::Topic,
        ),
        (
            "ours: export to JSON Lines, by id",
            Format::Jsonl,
            Order::Id,
        ),
        (
            "ours: export to Telegram JSON, by id",
            Format::Telegram,
            Order::Id,
        ),
        ("ours: export to HTML, by topic", Format::Html, Order::Topic),
    ] {
        rate(name, median(runs, || export(&ours.reader, format, order))?);
    }
    rate("plain SQLite: select all by id into JSON", plain.export()?);
    for peer in &peers {
        if let Some(seconds) = peer["load_s"].as_f64() {
            let name = format!("{}: load", peer["peer"].as_str().unwrap_or("?"));
            rate(&name, Duration::from_secs_f64(seconds));
        }
    }

    println!("\nlatency, p50 / p99 in ms");
    let latency = |name: &str, times: Vec<Duration>| {
        let (p50, p99) = percentiles(times);
        println!("  {name:<52} {p50:8.3} / {p99:.3}");
    };
    latency(
        "ours: last 50 of a random topic, none kept",
        ours.last(&asked.topics, true)?,
    );
    latency(
        "ours: the same, frames kept",
        ours.last(&asked.topics, false)?,
    );
    latency("plain SQLite: last 50", plain.last(&asked.topics)?);
    for (name, queries) in [("words", &asked.words), ("phrases", &asked.phrases)] {
        latency(
            &format!("ours: search for {name}, best 50"),
            ours.search(queries)?,
        );
        latency(
            &format!("plain SQLite: FTS5, {name}, best 50"),
            plain.search(queries)?,
        );
    }
    for peer in &peers {
        for (what, name) in [("last", "last 50"), ("search", "search for a word, 50")] {
            let time = |percent: &str| peer[format!("{what}_{percent}_ms")].as_f64();
            if let (Some(p50), Some(p99)) = (time("p50"), time("p99")) {
                let name = format!("{}: {name}", peer["peer"].as_str().unwrap_or("?"));
                println!("  {name:<52} {p50:8.3} / {p99:.3}");
            }
        }
        if peer["missing"] == true {
            println!("  {}: not installed", peer["peer"].as_str().unwrap_or("?"));
        }
    }
    Ok(())
}

/// Topics and queries that occur, the same in each run.
struct Asked {
    topics: Vec<i32>,
    words: Vec<String>,
    phrases: Vec<String>,
}

impl Asked {
    fn of(messages: &[Value]) -> Self {
        let mut random = Random(0x9E37_79B9_7F4A_7C15);
        let mut asked = Self {
            topics: Vec::new(),
            words: Vec::new(),
            phrases: Vec::new(),
        };
        while asked.topics.len() < TOPICS {
            let message = &messages[random.below(messages.len())];
            asked.topics.push(message["topic"].as_i64().unwrap() as i32);
            let text = message["text"].as_str().unwrap_or_default();
            if asked.words.len() < QUERIES
                && let Some([word, words, phrase]) = queries(text, &mut random)
            {
                asked.words.push(match asked.words.len() % 2 {
                    0 => word,
                    _ => words,
                });
                asked.phrases.push(phrase);
            }
        }
        asked
    }
}

struct Ours {
    reader: Reader,
    import: Duration,
    seal: Duration,
    bytes: usize,
    bare: usize,
}

impl Ours {
    fn import(place: &Path, export: &Path, runs: usize) -> Done<Self> {
        let options = tools::import_options();
        let mut times = Vec::new();
        let mut opened = None;
        for run in 0..runs {
            let vault = Vault::create(&place.join(format!("vault{run}")))?;
            let input = BufReader::with_capacity(1 << 18, fs::File::open(export)?);
            let start = Instant::now();
            let report =
                import::telegram(&vault, input, &options, &mut |_| ControlFlow::Continue(()))?;
            times.push(start.elapsed());
            let group = GroupId::from_bare(report.groups[0].group).ok_or("no group")?;
            opened = Some((vault, group));
        }
        let (vault, group) = opened.ok_or("no run")?;
        let (seal, ()) = tools::timed(|| tools::seal(&vault, group))?;
        let reader = vault.reader(group)?;
        let (bytes, bare) = tools::sizes(reader.path(), &place.join("copy.db"))?;
        times.sort_unstable();
        Ok(Self {
            reader,
            import: times[times.len() / 2],
            seal,
            bytes,
            bare,
        })
    }

    fn last(&self, topics: &[i32], forget: bool) -> Done<Vec<Duration>> {
        let mut times = Vec::new();
        for topic in topics {
            if forget {
                self.reader.let_go_of_frames();
            }
            let start = Instant::now();
            self.reader.last(TopicId(*topic), WANTED)?;
            times.push(start.elapsed());
        }
        Ok(times)
    }

    fn search(&self, queries: &[String]) -> Done<Vec<Duration>> {
        let mut times = Vec::new();
        for query in queries {
            let search = Search {
                query: Query::parse(query, &jiff::tz::TimeZone::UTC)?,
                limit: WANTED,
                ..Search::default()
            };
            let start = Instant::now();
            self.reader
                .search(&search, &mut || ControlFlow::Continue(()))?;
            times.push(start.elapsed());
        }
        Ok(times)
    }
}

fn export(reader: &Reader, format: Format, order: Order) -> Done<()> {
    let options = tools::export_options(format, order);
    render(reader, &options, &mut std::io::sink(), &mut |_| {
        ControlFlow::Continue(())
    })?;
    Ok(())
}

/// What most tools do: a row a message, an index on topic and id, and FTS5 beside it.
struct Plain {
    conn: Connection,
    insert: Duration,
    index: Duration,
    bytes: usize,
    searchable_bytes: usize,
}

impl Plain {
    fn fill(path: &Path, messages: &[Value]) -> Done<Self> {
        let conn = Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             CREATE TABLE message (id INTEGER PRIMARY KEY, topic INTEGER, date INTEGER,
               from_id INTEGER, text TEXT, reply_to INTEGER, edit_date INTEGER, media TEXT,
               entities TEXT, service TEXT);
             CREATE INDEX message_topic ON message (topic, id);",
        )?;
        let start = Instant::now();
        conn.execute_batch("BEGIN")?;
        {
            let mut insert = conn
                .prepare("INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?;
            for message in messages {
                let whole = |key: &str| message[key].as_i64();
                let json = |key: &str| message.get(key).map(Value::to_string);
                insert.execute(params![
                    whole("id"),
                    whole("topic"),
                    whole("date"),
                    whole("from_id"),
                    message["text"].as_str(),
                    whole("reply_to"),
                    whole("edit_date"),
                    json("media"),
                    json("entities"),
                    message["title"].as_str()
                ])?;
            }
        }
        conn.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)")?;
        let insert = start.elapsed();
        let size = || fs::metadata(path).map(|it| it.len() as usize);
        let bytes = size()?;
        let start = Instant::now();
        conn.execute_batch(
            "CREATE VIRTUAL TABLE words USING fts5 (text, content = 'message', content_rowid = 'id');
             INSERT INTO words (words) VALUES ('rebuild'); PRAGMA wal_checkpoint(TRUNCATE)",
        )?;
        let index = start.elapsed();
        Ok(Self {
            insert,
            index,
            bytes,
            searchable_bytes: size()?,
            conn,
        })
    }

    fn export(&self) -> Done<Duration> {
        let start = Instant::now();
        let mut statement = self.conn.prepare(
            "SELECT json_object('id', id, 'topic', topic, 'date', date, 'from_id', from_id, \
               'text', text, 'reply_to', reply_to, 'edit_date', edit_date, 'media', media, \
               'entities', entities) FROM message ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            bytes += row.get_ref(0)?.as_str()?.len();
        }
        assert!(bytes > 0);
        Ok(start.elapsed())
    }

    fn last(&self, topics: &[i32]) -> Done<Vec<Duration>> {
        let sql = "SELECT * FROM message WHERE topic = ?1 ORDER BY id DESC LIMIT ?2";
        let mut times = Vec::new();
        for topic in topics {
            let start = Instant::now();
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![topic, WANTED as i64])?;
            while let Some(row) = rows.next()? {
                row.get_ref(4)?;
            }
            times.push(start.elapsed());
        }
        Ok(times)
    }

    fn search(&self, queries: &[String]) -> Done<Vec<Duration>> {
        let sql = "SELECT rowid, snippet(words, 0, '[', ']', '…', 20) FROM words \
                   WHERE words MATCH ?1 ORDER BY rank LIMIT ?2";
        let mut times = Vec::new();
        for query in queries {
            let asked = match query.starts_with('"') {
                true => query.clone(),
                false => query
                    .split(' ')
                    .map(|word| format!("\"{word}\"*"))
                    .collect::<Vec<_>>()
                    .join(" AND "),
            };
            let start = Instant::now();
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query(params![asked, WANTED as i64])?;
            while let Some(row) = rows.next()? {
                row.get_ref(1)?;
            }
            times.push(start.elapsed());
        }
        Ok(times)
    }
}

/// Everything compressed in one piece, as `zstd -19 --long=27` does.
fn solid(bytes: &[u8]) -> Done<usize> {
    let mut encoder = zstd::stream::Encoder::new(Vec::new(), 19)?;
    encoder.long_distance_matching(true)?;
    encoder.window_log(27)?;
    encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
    std::io::Write::write_all(&mut encoder, bytes)?;
    Ok(encoder.finish()?.len())
}

/// What other tools take for the same messages, as far as they are installed.
fn peers(dir: &Path) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers.py");
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let run = Command::new(python).arg(script).arg(dir).output();
    let printed = run.map(|run| run.stdout).unwrap_or_default();
    let lines = String::from_utf8_lossy(&printed);
    lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn per(bytes: usize, total: usize) -> f64 {
    bytes as f64 / total as f64
}

fn median(runs: usize, mut work: impl FnMut() -> Done<()>) -> Done<Duration> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

/// A small made-up desk in both forms.
fn small(dir: &Path) -> Done<()> {
    use std::fmt::Write as _;
    let (mut export, mut lines) = (String::new(), String::new());
    export += r#"{"name": "Desk", "type": "private_supergroup", "id": 77, "messages": ["#;
    let mut random = Random(7);
    for id in 2..=2_000 {
        let (topic, date) = (2 + id % 50, 1_700_000_000 + id * 7);
        let word = ["order", "заказ", "Rechnung", "please"][random.below(4)];
        let text = format!("my {word} number {} is late", random.below(500));
        let comma = if id > 2 { "," } else { "" };
        match id < 52 {
            true => {
                writeln!(
                    export,
                    r#"{comma}{{"id": {id}, "type": "service", "date_unixtime": "{date}", "action": "topic_created", "title": "T{id}", "text": ""}}"#
                )?;
                writeln!(
                    lines,
                    r#"{{"id": {id}, "topic": {id}, "date": {date}, "title": "T{id}"}}"#
                )?;
            }
            false => {
                writeln!(
                    export,
                    r#"{comma}{{"id": {id}, "type": "message", "date_unixtime": "{date}", "from": "A", "from_id": "user5", "reply_to_message_id": {topic}, "text": "{text}"}}"#
                )?;
                writeln!(
                    lines,
                    r#"{{"id": {id}, "topic": {topic}, "date": {date}, "from_id": 5, "text": "{text}"}}"#
                )?;
            }
        }
    }
    export += "]}";
    fs::write(dir.join("result.json"), export)?;
    fs::write(dir.join("messages.jsonl"), lines)?;
    Ok(())
}
