//! `sql`: SQL over the vault.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};

use clap::Args;
use serde_json::{Map, Value};

use super::args::WhichGroup;
use super::context::{self, Context};
use super::failure::{Failure, is_broken_pipe};
use super::interrupt::Interrupt;
use super::{exit, output};
use crate::archive::{Reader, Sql, SqlError, Table};

/// Rows by which a table's columns are made wide enough.
const MEASURED: usize = 200;
/// Letters of a value that are shown on a terminal.
const WIDEST: usize = 60;

/// Options of `sql`.
#[derive(Debug, Args)]
pub struct SqlArgs {
    /// A SELECT over the tables below
    #[arg(value_name = "QUERY")]
    pub query: String,
    /// Which group.
    #[command(flatten)]
    pub group: WhichGroup,
}

/// The tables, below the help.
pub(super) fn tables() -> String {
    let mut text = String::from("Tables (dates are Unix seconds, sent is readable):\n");
    for table in Table::ALL {
        let _ = writeln!(text, "  {:<9} {}", table.name(), table.columns().join(", "));
    }
    text + "\nConditions on group_id, topic, id and date narrow what is read:\n  \
        topicvault sql \"SELECT topic_title, count(*) FROM messages GROUP BY topic ORDER BY 2 DESC\""
}

pub(super) fn run(context: &Context, args: &SqlArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    let vault = context.vault(&loaded)?;
    let readers = context::readers(&vault, args.group.group.as_deref())?;
    let groups: Vec<_> = readers.iter().map(Reader::group).collect();
    drop(readers);
    let interrupt = Interrupt::listen();
    let stop = {
        let interrupt = interrupt.clone();
        move || interrupt.is_set()
    };
    let mut sql = Sql::new(&vault, &groups).map_err(failure)?;
    let mut printer = Printer::new(context.global.json);
    let done = sql.query(&args.query, stop, &mut |names, row| printer.row(names, row));
    match done {
        Err(SqlError::Interrupted) => Err(Failure::interrupted()),
        Err(error) => Err(failure(error)),
        Ok(names) => printer.finish(&names),
    }
}

fn failure(error: SqlError) -> Failure {
    Failure::new(exit::USAGE, error.to_string())
        .help("topicvault sql --help lists the tables and their columns")
}

/// How rows are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Json,
    /// Aligned, cut to the width of eyes.
    Table,
    /// Whole, apart by tabs.
    Tabs,
}

/// Prints rows as they come.
struct Printer {
    shape: Shape,
    /// Of a table whose widths are not known yet.
    waiting: Vec<Vec<String>>,
    widths: Vec<usize>,
    printed: u64,
    failed: Option<std::io::Error>,
}

impl Printer {
    fn new(json: bool) -> Self {
        Self {
            shape: match json {
                true => Shape::Json,
                false if std::io::stdout().is_terminal() => Shape::Table,
                false => Shape::Tabs,
            },
            waiting: Vec::new(),
            widths: Vec::new(),
            printed: 0,
            failed: None,
        }
    }

    /// Says whether to go on.
    fn row(&mut self, names: &[String], row: Vec<Value>) -> bool {
        let text = match self.shape {
            Shape::Json => {
                let members = names.iter().cloned().zip(row);
                let object = Value::Object(members.collect::<Map<_, _>>());
                let begin = if self.printed == 0 { "[\n" } else { ",\n" };
                format!("{begin}{object}")
            }
            Shape::Tabs => {
                let head = match self.printed {
                    0 => names.join("\t") + "\n",
                    _ => String::new(),
                };
                head + &row.iter().map(whole).collect::<Vec<_>>().join("\t") + "\n"
            }
            Shape::Table => {
                let cells: Vec<String> = row.iter().map(cut).collect();
                if self.widths.is_empty() {
                    self.waiting.push(cells);
                    match self.waiting.len() < MEASURED {
                        true => return true,
                        false => self.begin(names),
                    }
                } else {
                    self.line(&cells)
                }
            }
        };
        self.printed += 1;
        self.write(&text)
    }

    /// The head of a table and the rows that waited.
    fn begin(&mut self, names: &[String]) -> String {
        let rows = std::mem::take(&mut self.waiting);
        self.widths = names.iter().map(|name| name.chars().count()).collect();
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let bold = anstyle::Style::new().bold();
        let head = self.line(names);
        let mut text = format!("{bold}{}{bold:#}\n", head.trim_end());
        text.extend(rows.iter().map(|row| self.line(row)));
        text
    }

    fn line(&self, cells: &[String]) -> String {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(&self.widths) {
            let _ = write!(line, "{cell:width$}  ");
        }
        line.truncate(line.trim_end().len());
        line + "\n"
    }

    fn write(&mut self, text: &str) -> bool {
        let result = anstream::stdout().write_all(text.as_bytes());
        self.failed = result.err();
        self.failed.is_none()
    }

    fn finish(mut self, names: &[String]) -> Result<(), Failure> {
        let text = match (self.shape, self.printed) {
            (Shape::Json, 0) => "[]\n".to_owned(),
            (Shape::Json, _) => "\n]\n".to_owned(),
            (Shape::Tabs, 0) => names.join("\t") + "\n",
            (Shape::Tabs, _) => String::new(),
            (Shape::Table, _) if self.widths.is_empty() => self.begin(names),
            (Shape::Table, _) => String::new(),
        };
        if self.failed.is_none() {
            self.write(&text);
        }
        match self.failed {
            Some(error) if !is_broken_pipe(&error) => {
                Err(Failure::from(error).context("writing the result"))
            }
            _ => Ok(()),
        }
    }
}

/// A value on one line.
fn whole(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => output::plain(text),
        other => other.to_string(),
    }
}

/// A value as wide as eyes want it.
fn cut(value: &Value) -> String {
    let text = whole(value);
    match text.char_indices().nth(WIDEST) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
