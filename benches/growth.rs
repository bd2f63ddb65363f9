//! How the archive's cost grows with its size.
//!
//! `cargo bench --bench growth -- DIR…`: each DIR holds a `result.json` (a Telegram Desktop export of
//! one forum). Each step runs in a process of its own, so that its memory is its own. Prints a table,
//! and with `--plot FILE.svg` draws it. Without a DIR two small made-up desks show that everything
//! works.
#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    missing_docs
)]

mod tools;

use std::fs::{self, File};
use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use plotters::prelude::*;
use serde::{Deserialize, Serialize};
use tools::{Done, Random, peak, percentiles, queries, timed};
use topicvault::archive::{Order, Query, Reader, Search, Vault};
use topicvault::import;
use topicvault::model::TopicId;
use topicvault::transcript::{Format, render};

/// Topics that are opened; as many queries of each kind.
const ASKED: usize = 300;
/// Messages or hits wanted at once.
const WANTED: usize = 50;

fn main() -> Done<()> {
    // `cargo test --benches` runs this too.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let (mut dirs, mut plot) = (Vec::new(), None);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--plot" => plot = Some(PathBuf::from(args.next().ok_or("--plot needs a file")?)),
            "--step" => {
                let step = args.next().ok_or("--step needs a name")?;
                let vault = PathBuf::from(args.next().ok_or("--step needs a vault")?);
                let export = args.next().map(PathBuf::from);
                return measure(&step, &vault, export.as_deref());
            }
            dir => dirs.push(PathBuf::from(dir)),
        }
    }
    let made_up = tempfile::tempdir()?;
    if dirs.is_empty() {
        for messages in [1_000, 4_000] {
            let dir = made_up.path().join(messages.to_string());
            fs::create_dir(&dir)?;
            fs::write(dir.join("result.json"), tools::small(messages))?;
            dirs.push(dir);
        }
    }
    let mut sizes = Vec::new();
    println!(
        "{:>9}  {:>7} {:>7}  {:>9} {:>7} {:>9} {:>9}  {:>7} {:>7} {:>7}  {:>7} {:>7} {:>7} {:>7}",
        "messages",
        "B",
        "index B",
        "import/s",
        "seal/s",
        "jsonl/s",
        "by id/s",
        "open ms",
        "search",
        "phrase",
        "MB: imp",
        "seal",
        "export",
        "search"
    );
    for dir in dirs {
        let size = Size::of(&dir)?;
        size.print();
        sizes.push(size);
    }
    sizes.sort_by_key(|size| size.messages);
    match plot {
        Some(file) => draw(&sizes, &file),
        None => Ok(()),
    }
}

/// What one step says of itself.
#[derive(Default, Serialize, Deserialize)]
struct Step {
    messages: usize,
    seconds: f64,
    memory: f64,
    bytes: usize,
    bare: usize,
    /// p99 of opening a topic, of words, of phrases, in ms.
    latencies: [f64; 3],
}

/// All that is measured of an archive of a size.
struct Size {
    messages: usize,
    import: Step,
    seal: Step,
    by_topic: Step,
    by_id: Step,
    ask: Step,
}

impl Size {
    fn of(dir: &Path) -> Done<Self> {
        let place = tempfile::tempdir()?;
        let step = |name: &str| -> Done<Step> {
            let output = Command::new(std::env::current_exe()?)
                .args(["--step", name])
                .arg(place.path())
                .arg(dir.join("result.json"))
                .stderr(Stdio::inherit())
                .output()?;
            if !output.status.success() {
                return Err(format!("{name} failed").into());
            }
            Ok(serde_json::from_slice(&output.stdout)?)
        };
        let import = step("import")?;
        Ok(Self {
            messages: import.messages,
            import,
            seal: step("seal")?,
            by_topic: step("by-topic")?,
            by_id: step("by-id")?,
            ask: step("ask")?,
        })
    }

    fn rate(&self, step: &Step) -> f64 {
        self.messages as f64 / step.seconds
    }

    fn bytes(&self) -> (f64, f64) {
        let each = |bytes: usize| bytes as f64 / self.messages as f64;
        let index = self.seal.bytes.saturating_sub(self.seal.bare);
        (each(self.seal.bare), each(index))
    }

    fn print(&self) {
        let (bare, index) = self.bytes();
        let [open, words, phrases] = self.ask.latencies;
        println!(
            "{:>9}  {bare:>7.2} {index:>7.2}  {:>9.0} {:>7.0} {:>9.0} {:>9.0}  {open:>7.2} {words:>7.1} {phrases:>7.1}  {:>7.0} {:>7.0} {:>7.0} {:>7.0}",
            self.messages,
            self.rate(&self.import),
            self.rate(&self.seal),
            self.rate(&self.by_topic),
            self.rate(&self.by_id),
            self.import.memory,
            self.seal.memory,
            self.by_topic.memory.max(self.by_id.memory),
            self.ask.memory,
        );
    }
}

/// Does one step and prints what it took.
fn measure(step: &str, vault: &Path, export: Option<&Path>) -> Done<()> {
    let vault = Vault::create(vault)?;
    let mut done = Step::default();
    if step == "import" {
        let input = File::open(export.ok_or("no export")?)?;
        let input = BufReader::with_capacity(1 << 18, input);
        let (time, report) = timed(|| {
            Ok(import::telegram(
                &vault,
                input,
                &tools::import_options(),
                &mut |_| ControlFlow::Continue(()),
            )?)
        })?;
        done.messages = usize::try_from(report.groups[0].messages)?;
        done.seconds = time.as_secs_f64();
        done.memory = peak();
        println!("{}", serde_json::to_string(&done)?);
        return Ok(());
    }
    let group = *vault.groups()?.first().ok_or("no archive")?;
    let reader = vault.reader(group)?;
    let write = |order| -> Done<f64> {
        let options = tools::export_options(Format::Jsonl, order);
        let mut go_on = |_| ControlFlow::Continue(());
        let mut times = Vec::new();
        for _ in 0..3 {
            let out = &mut std::io::sink();
            times.push(timed(|| Ok(render(&reader, &options, out, &mut go_on)?))?.0);
        }
        times.sort_unstable();
        Ok(times[1].as_secs_f64())
    };
    match step {
        "seal" => done.seconds = timed(|| tools::seal(&vault, group))?.0.as_secs_f64(),
        "by-topic" => done.seconds = write(Order::Topic)?,
        "by-id" => done.seconds = write(Order::Id)?,
        "ask" => done.latencies = ask(&reader)?,
        other => return Err(format!("no step {other}").into()),
    }
    done.memory = peak();
    if step == "seal" {
        let copy = vault.dir().join("copy.db");
        (done.bytes, done.bare) = tools::sizes(reader.path(), &copy)?;
    }
    println!("{}", serde_json::to_string(&done)?);
    Ok(())
}

/// Opens topics with no frame kept, and searches.
fn ask(reader: &Reader) -> Done<[f64; 3]> {
    let topics = reader.topics()?;
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut times: [Vec<Duration>; 3] = Default::default();
    let mut asked = Vec::new();
    for _ in 0..ASKED {
        let topic: TopicId = topics[random.below(topics.len())].id;
        reader.let_go_of_frames();
        let start = Instant::now();
        let last = reader.last(topic, WANTED)?;
        times[0].push(start.elapsed());
        let texts = last.iter().map(|it| it.message.text.as_str());
        asked.extend(texts.filter_map(|text| queries(text, &mut random)).next());
    }
    for (number, [word, words, phrase]) in asked.iter().enumerate() {
        let query = if number % 2 == 0 { word } else { words };
        for (place, query) in [(1, query), (2, phrase)] {
            let search = Search {
                query: Query::parse(query, &jiff::tz::TimeZone::UTC)?,
                limit: WANTED,
                ..Search::default()
            };
            let mut go_on = || ControlFlow::Continue(());
            let (time, _) = timed(|| Ok(reader.search(&search, &mut go_on)?))?;
            times[place].push(time);
        }
    }
    Ok(times.map(|times| percentiles(times).1))
}

/// Told apart on white, also without seeing red and green apart.
const COLOURS: [RGBColor; 4] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(120, 60, 140),
];

/// A line of a chart: its name and its values.
type Series<'a> = (&'a str, &'a dyn Fn(&Size) -> f64);

/// A chart for each kind of cost, over the number of messages.
fn draw(sizes: &[Size], file: &Path) -> Done<()> {
    let charts: [(&str, &[Series<'_>]); 4] = [
        (
            "size, bytes a message",
            &[
                ("messages, topics, people", &|it| it.bytes().0),
                ("search index", &|it| it.bytes().1),
            ],
        ),
        (
            "speed, thousand messages a second",
            &[
                ("import", &|it| it.rate(&it.import) / 1e3),
                ("export by topic", &|it| it.rate(&it.by_topic) / 1e3),
                ("export by id", &|it| it.rate(&it.by_id) / 1e3),
                ("seal at level 19", &|it| it.rate(&it.seal) / 1e3),
            ],
        ),
        (
            "latency, p99 in ms",
            &[
                ("last 50 of a topic", &|it| it.ask.latencies[0]),
                ("search, words", &|it| it.ask.latencies[1]),
                ("search, phrases", &|it| it.ask.latencies[2]),
            ],
        ),
        (
            "memory, MB",
            &[
                ("import", &|it| it.import.memory),
                ("seal", &|it| it.seal.memory),
                ("export", &|it| it.by_topic.memory.max(it.by_id.memory)),
                ("open and search", &|it| it.ask.memory),
            ],
        ),
    ];
    let area = SVGBackend::new(file, (1000, 760)).into_drawing_area();
    area.fill(&WHITE)?;
    let least = sizes.iter().map(|it| it.messages).min().unwrap_or(1) as f64;
    let most = sizes.iter().map(|it| it.messages).max().unwrap_or(1) as f64;
    for (part, (title, lines)) in area.split_evenly((2, 2)).iter().zip(charts) {
        let values = lines.iter().flat_map(|(_, value)| sizes.iter().map(value));
        let highest = values.fold(0.0, f64::max) * 1.5;
        let mut chart = ChartBuilder::on(part)
            .caption(title, ("sans-serif", 18))
            .margin(14)
            .x_label_area_size(34)
            .y_label_area_size(52)
            .build_cartesian_2d((least..most).log_scale(), 0.0..highest)?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .x_desc("messages")
            .x_label_formatter(&|messages| format!("{messages:.0}"))
            .draw()?;
        for (number, (name, value)) in lines.iter().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let points: Vec<(f64, f64)> = sizes
                .iter()
                .map(|it| (it.messages as f64, value(it)))
                .collect();
            let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
            chart
                .draw_series(line.point_size(3))?
                .label(*name)
                .legend(move |(x, y)| {
                    PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2))
                });
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .background_style(WHITE.mix(0.8))
            .draw()?;
    }
    area.present()?;
    Ok(())
}
