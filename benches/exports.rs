//! How fast exports are made, and beside them what DuckDB's `COPY` takes for the same messages.
//!
//! `cargo bench --bench exports -- DIR…`: each DIR holds a `result.json` (a Telegram Desktop export of
//! one forum). Each format is written to a file and to nowhere, in turn, in a process of its own, so
//! that its memory is its own; medians of five. `PYTHON` names an interpreter that has `duckdb`; without
//! it that is left out. Without a DIR a small made-up desk shows that everything works.
//!
//! Who writes for the customers is the account that posts most, whatever the export calls it.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, missing_docs)]

mod tools;

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use tools::{Done, peak};
use topicvault::archive::{Order, Selection, Vault};
use topicvault::config::RoleRules;
use topicvault::import;
use topicvault::transcript::{
    Format, Group, Key, Layout, Options, Shelf, TrainingOptions, export, render,
};

/// How often each is done.
const TIMES: usize = 5;

const FORMATS: [Format; 10] = [
    Format::Jsonl,
    Format::Telegram,
    Format::Html,
    Format::Markdown,
    Format::Csv,
    Format::Parquet,
    Format::Openai,
    Format::Sharegpt,
    Format::Trl,
    Format::Dataset,
];

fn main() -> Done<()> {
    // `cargo test --benches` runs this too.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let mut dirs = Vec::new();
    while let Some(arg) = args.next() {
        if arg == "--step" {
            let format = args.next().ok_or("--step needs a format")?;
            let vault = PathBuf::from(args.next().ok_or("--step needs a vault")?);
            let relay = args.next().ok_or("--step needs a relay")?.parse()?;
            return step(&format, &vault, relay);
        }
        dirs.push(PathBuf::from(arg));
    }
    let made_up = tempfile::tempdir()?;
    if dirs.is_empty() {
        fs::write(made_up.path().join("result.json"), tools::small(2_000))?;
        dirs.push(made_up.path().to_owned());
    }
    for dir in dirs {
        measure(&dir)?;
    }
    Ok(())
}

/// All formats of one export.
fn measure(dir: &Path) -> Done<()> {
    let place = tempfile::tempdir_in("target")?;
    let vault = Vault::create(&place.path().join("vault"))?;
    let file = BufReader::new(File::open(dir.join("result.json"))?);
    import::telegram(&vault, file, &tools::import_options(), &mut |_| {
        ControlFlow::Continue(())
    })?;
    let group = *vault.groups()?.first().ok_or("no group was imported")?;
    tools::seal(&vault, group)?;
    let relay = relay(&vault)?;
    println!("{}", dir.display());
    println!(
        "{:<9}  {:>10} {:>10}  {:>11} {:>11}  {:>6}",
        "format", "to a file", "nowhere", "bytes", "messages", "MB"
    );
    for format in FORMATS {
        // The step prints its own line.
        let status = Command::new(std::env::current_exe()?)
            .args(["--step", name(format)])
            .arg(place.path().join("vault"))
            .arg(relay.to_string())
            .status()?;
        if !status.success() {
            return Err(format!("{format:?} failed").into());
        }
    }
    // The same messages, as our JSON Lines have them.
    let jsonl = place.path().join("messages.jsonl");
    let vault = Vault::open(&place.path().join("vault"))?;
    let mut file = io::BufWriter::new(File::create(&jsonl)?);
    let reader = vault.reader(group)?;
    render(
        &reader,
        &Options::new(Format::Jsonl),
        &mut file,
        &mut |_| ControlFlow::Continue(()),
    )?;
    file.flush()?;
    duckdb(&jsonl, place.path())
}

fn name(format: Format) -> &'static str {
    format.name()
}

/// The account that wrote most.
fn relay(vault: &Vault) -> Done<i64> {
    let group = *vault.groups()?.first().ok_or("no group")?;
    let mut counts: HashMap<i64, u64> = HashMap::new();
    let reader = vault.reader(group)?;
    reader.read(&Selection::default(), Order::Id, &mut |snapshot| {
        if let (Some(from), None) = (snapshot.message.from, &snapshot.message.service) {
            *counts.entry(from.0).or_default() += 1;
        }
        ControlFlow::Continue(())
    })?;
    let most = counts.into_iter().max_by_key(|(id, count)| (*count, *id));
    Ok(most.map_or(0, |(id, _)| id))
}

/// One format, to a file and nowhere in turn.
fn step(format: &str, vault: &Path, relay: i64) -> Done<()> {
    let format = FORMATS.into_iter().find(|it| name(*it) == format);
    let format = format.ok_or("no such format")?;
    let dir = vault.parent().ok_or("no place")?.join("out");
    let (mut files, mut nowhere, mut messages, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..TIMES {
        fs::remove_dir_all(&dir).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        })?;
        for (times, shelf) in [
            (&mut files, &mut Folder(dir.clone()) as &mut dyn Shelf),
            (&mut nowhere, &mut Nowhere),
        ] {
            let vault = Vault::open(vault)?;
            let group = *vault.groups()?.first().ok_or("no group")?;
            let mut options = Options {
                roles: RoleRules {
                    relays: vec![relay],
                    ..RoleRules::default()
                },
                training: TrainingOptions {
                    consent: true,
                    ..TrainingOptions::default()
                },
                ..Options::new(format)
            };
            if format.is_for_training() {
                options.redact = Some(Key::new([7; 32]));
            }
            let groups = [Group {
                reader: vault.reader(group)?,
                options,
                pull: None,
            }];
            let layout = match format {
                Format::Dataset => Layout::Folder,
                _ => Layout::File(format!("out.{}", format.extension())),
            };
            let start = Instant::now();
            let manifest = export(&groups, &layout, shelf, &mut |_| ControlFlow::Continue(()))?;
            times.push(start.elapsed().as_secs_f64());
            messages = manifest.messages;
            bytes = manifest.files.iter().map(|file| file.bytes).sum();
        }
    }
    let rate = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        messages as f64 / times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
    };
    println!(
        "{:<9}  {:>8.0}/s {:>8.0}/s  {bytes:>11} {messages:>11}  {:>6.0}",
        name(format),
        rate(files),
        rate(nowhere),
        peak()
    );
    Ok(())
}

/// A directory.
struct Folder(PathBuf);

impl Shelf for Folder {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write + Send>> {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap_or(&self.0))?;
        Ok(Box::new(File::create(path)?))
    }
}

struct Nowhere;

impl Shelf for Nowhere {
    fn create(&mut self, _path: &str) -> io::Result<Box<dyn Write + Send>> {
        Ok(Box::new(io::sink()))
    }
}

/// What DuckDB takes to write the same table, which it has loaded before, as Parquet and as JSON.
fn duckdb(jsonl: &Path, place: &Path) -> Done<()> {
    let Some(python) = std::env::var_os("PYTHON") else {
        println!("DuckDB is left out: PYTHON names no interpreter that has it");
        return Ok(());
    };
    let program = include_str!("copy.py");
    let status = Command::new(python)
        .args(["-c", program])
        .arg(jsonl)
        .arg(place)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("DuckDB failed".into())
    }
}
