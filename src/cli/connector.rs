//! `connector`: what describes outside systems.

use std::io::Write;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::context::Context;
use super::failure::Failure;
use super::{exit, output};
use crate::connectors::{
    Catalogue, CatalogueError, Connector, RehearsedAction, RehearsedStep, presets,
};
use crate::i18n::Language;

/// Options of `connector`.
#[derive(Debug, Args)]
pub struct ConnectorArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: ConnectorCommand,
}

/// What to do with connectors.
#[derive(Debug, Subcommand)]
pub enum ConnectorCommand {
    /// List the configured connectors and their commands, and the presets
    List,
    /// Print the file of a preset or of a configured connector
    Show {
        /// Its name
        name: String,
    },
    /// Check a file, and show what it would ask, for a made-up customer; nothing is sent
    Check {
        /// The file
        file: PathBuf,
    },
}

/// A connector in a list.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    title: String,
    preset: Option<String>,
    file: String,
    address: String,
    login: &'static str,
    actions: Vec<ActionLine>,
    /// Secrets and settings that are not there.
    missing: Vec<String>,
}

/// An action in a list.
#[derive(Debug, Serialize)]
struct ActionLine {
    action: String,
    command: Option<String>,
    arguments: String,
    about: Option<String>,
    info: bool,
    changes: bool,
    asks_first: bool,
    tells_customer: bool,
    permission: Option<Vec<String>>,
}

/// What a check found.
#[derive(Debug, Serialize)]
struct Checked {
    #[serde(flatten)]
    line: Line,
    rehearsal: Vec<RehearsedAction>,
}

pub(super) fn run(context: &Context, args: &ConnectorArgs) -> Result<(), Failure> {
    match &args.command {
        ConnectorCommand::List => list(context),
        ConnectorCommand::Show { name } => show(context, name),
        ConnectorCommand::Check { file } => check(context, file),
    }
}

impl From<CatalogueError> for Failure {
    fn from(error: CatalogueError) -> Self {
        Self::new(exit::CONFIG, error.to_string())
            .help("`topicvault connector check FILE` checks one; docs/connectors.md explains them")
    }
}

fn list(context: &Context) -> Result<(), Failure> {
    let loaded = context.config()?;
    let dir = &loaded.config.connectors.dir;
    let connectors = Catalogue::read(dir)?.connectors;
    let lines: Vec<Line> = connectors.iter().map(|one| line(one, dir)).collect();
    if context.global.json {
        return output::print_json(&lines);
    }
    output::print(|out| {
        if lines.is_empty() {
            writeln!(out, "no connectors in {}", dir.display())?;
        }
        for line in &lines {
            head(out, line)?;
            actions(out, line)?;
            writeln!(out)?;
        }
        let names: Vec<&str> = presets::names().collect();
        writeln!(out, "presets: {}", names.join(", "))?;
        writeln!(
            out,
            "`topicvault connector show NAME` prints one; a file that begins with\n\
             preset = \"NAME\" uses it"
        )
    })
}

fn show(context: &Context, name: &str) -> Result<(), Failure> {
    if let Some(text) = presets::named(name) {
        return output::print(|out| write!(out, "{text}"));
    }
    let loaded = context.config()?;
    let path = loaded.config.connectors.dir.join(format!("{name}.toml"));
    // A name, not a way to somewhere else.
    let plain = !name.contains(['/', '\\']) && path.is_file();
    if !plain {
        let names: Vec<&str> = presets::names().collect();
        let message = format!("there is no connector or preset {name:?}");
        return Err(Failure::new(exit::NOT_FOUND, message).help(format!(
            "presets: {}; `topicvault connector list` lists yours",
            names.join(", ")
        )));
    }
    let text = std::fs::read_to_string(&path)?;
    output::print(|out| write!(out, "{text}"))
}

fn check(context: &Context, file: &Path) -> Result<(), Failure> {
    let connector = Connector::read(file)?;
    let directory = file.parent().unwrap_or(Path::new("."));
    let checked = Checked {
        line: line(&connector, directory),
        rehearsal: connector.rehearse(),
    };
    if context.global.json {
        return output::print_json(&checked);
    }
    output::print(|out| {
        head(out, &checked.line)?;
        actions(out, &checked.line)?;
        let dim = Style::new().dimmed();
        writeln!(
            out,
            "\nWhat it would ask for a made-up customer; nothing was sent. `step.value` stands for\n\
             what only an answer tells, ! for a step that changes something:"
        )?;
        for action in &checked.rehearsal {
            writeln!(out, "\n  {}", action.action)?;
            for step in &action.steps {
                rehearsed(out, step, dim)?;
            }
        }
        let green = AnsiColor::Green.on_default().bold();
        writeln!(out, "\n{green}ok{green:#}")
    })
}

fn line(connector: &Connector, directory: &Path) -> Line {
    let actions = connector.actions.values();
    Line {
        name: connector.name.to_string(),
        title: connector.title.clone(),
        preset: connector.preset.clone(),
        file: connector.file.to_string(),
        address: connector.address(),
        login: connector.login(),
        actions: actions
            .map(|action| ActionLine {
                action: action.name.clone(),
                command: action.command.clone(),
                arguments: action.grammar.usage(),
                about: action.about(Language::English).map(str::to_owned),
                info: action.info,
                changes: action.changes(),
                asks_first: action.confirm.is_some(),
                tells_customer: action.tells_customer(),
                permission: action.permission.clone(),
            })
            .collect(),
        missing: connector.missing(directory),
    }
}

fn head(out: &mut Vec<u8>, line: &Line) -> std::io::Result<()> {
    let bold = Style::new().bold();
    let dim = Style::new().dimmed();
    let preset = line.preset.as_ref().map(|name| format!(", preset {name}"));
    writeln!(
        out,
        "{bold}{}{bold:#}  {dim}{}{}{dim:#}",
        line.title,
        line.file,
        preset.unwrap_or_default()
    )?;
    writeln!(out, "  at {}, login: {}", line.address, line.login)?;
    let yellow = AnsiColor::Yellow.on_default().bold();
    for missing in &line.missing {
        writeln!(out, "  {yellow}missing{yellow:#} {missing}")?;
    }
    Ok(())
}

fn actions(out: &mut Vec<u8>, line: &Line) -> std::io::Result<()> {
    let rows: Vec<(String, String, Option<&str>)> = line
        .actions
        .iter()
        .map(|action| {
            let shown = match &action.command {
                Some(command) => format!("/{command} {}", action.arguments),
                None if action.info => "/info shows it".to_owned(),
                None => "for /link".to_owned(),
            };
            let traits = [
                (!action.changes, "reads only"),
                (action.changes, "changes"),
                (action.asks_first, "asks first"),
                (action.tells_customer, "tells the customer"),
            ];
            let traits = traits
                .iter()
                .filter(|(holds, _)| *holds)
                .map(|(_, name)| *name);
            let traits = traits.collect::<Vec<_>>().join(", ");
            (shown.trim_end().to_owned(), traits, action.about.as_deref())
        })
        .collect();
    let width = rows
        .iter()
        .map(|(shown, ..)| shown.chars().count())
        .max()
        .unwrap_or(0);
    for (shown, traits, about) in rows {
        writeln!(out, "  {shown:width$}  {traits}")?;
        if let Some(about) = about {
            let dim = Style::new().dimmed();
            writeln!(out, "  {:width$}  {dim}{about}{dim:#}", "")?;
        }
    }
    Ok(())
}

fn rehearsed(out: &mut Vec<u8>, step: &RehearsedStep, dim: Style) -> std::io::Result<()> {
    let mark = if step.changes { "!" } else { " " };
    let request = step.request.as_deref().unwrap_or("computes");
    writeln!(
        out,
        "  {mark} {:10} {}",
        step.step,
        step.problem.as_deref().unwrap_or(request)
    )?;
    if let Some(when) = &step.when {
        writeln!(out, "  {:12} {dim}when {when}{dim:#}", "")?;
    }
    if let Some(each) = &step.each {
        writeln!(out, "  {:12} {dim}for each of {each}{dim:#}", "")?;
    }
    if let Some(body) = &step.body {
        let body = serde_json::to_string_pretty(body)?;
        for line in body.lines() {
            writeln!(out, "  {:12} {dim}{line}{dim:#}", "")?;
        }
    }
    Ok(())
}
