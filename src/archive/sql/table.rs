//! Virtual tables of SQLite.
//!
//! A cursor is pulled row by row, while archives are read in one go; so a thread of its own reads,
//! a few hundred rows ahead.
#![expect(
    unsafe_code,
    reason = "rusqlite's traits for virtual tables are unsafe to implement: both structs begin with \
              SQLite's own and are laid out as C does, which is all that they ask for"
)]

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_int};
use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use rusqlite::vtab::{
    Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConnection, VTabCursor,
    sqlite3_vtab, sqlite3_vtab_cursor,
};
use rusqlite::{Connection, Error, Result};

use super::rows::{self, Row, Table, Wanted};
use crate::archive::vault::Vault;
use crate::model::GroupId;

/// Where rows come from.
pub(super) type Archives = Arc<(Vault, Vec<GroupId>)>;

/// Rows handed over at once, and how often ahead.
const TOGETHER: usize = 256;
const AHEAD: usize = 2;

/// Makes a table known to a connection.
pub(super) fn register(conn: &Connection, table: Table, archives: &Archives) -> Result<()> {
    const MODULE: Module<'_, View> = Module::eponymous_only_module();
    let aux = (table, Arc::clone(archives));
    conn.create_module(table.name(), &MODULE, Some(aux))
}

/// A table of a connection.
#[repr(C)]
struct View {
    base: sqlite3_vtab,
    table: Table,
    archives: Archives,
}

// SAFETY: the struct is `repr(C)` and begins with `sqlite3_vtab`.
unsafe impl<'vtab> VTab<'vtab> for View {
    type Aux = (Table, Archives);
    type Cursor = Rows<'vtab>;

    fn connect(
        _db: &mut VTabConnection,
        aux: Option<&Self::Aux>,
        _module_name: &[u8],
        _database_name: &[u8],
        _table_name: &[u8],
        _args: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let (table, archives) = aux.ok_or_else(|| failed("a table of nothing"))?;
        let sql = format!("CREATE TABLE x ({})", table.columns().join(", "));
        let sql = CString::new(sql).map_err(|_| failed("a column's name"))?;
        let view = Self {
            base: sqlite3_vtab::default(),
            table: *table,
            archives: Arc::clone(archives),
        };
        Ok((Cow::Owned(sql), view))
    }

    /// Notes the conditions that narrow what is read, as `column operator` each; SQLite checks all
    /// of them itself as well.
    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        let mut conditions = String::new();
        let mut cost = 1e9;
        let mut argument = 0;
        let columns = self.table.columns();
        for (constraint, mut usage) in info.constraints_and_usages() {
            let operator = match constraint.operator() {
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ => "=",
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GT
                | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_GE => ">",
                IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LT
                | IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_LE => "<",
                _ => continue,
            };
            let column = usize::try_from(constraint.column()).ok();
            let Some(column) = column.and_then(|column| columns.get(column)) else {
                continue;
            };
            let narrows = match *column {
                "id" if operator == "=" => 1e6,
                "topic" | "group_id" if operator == "=" => 1e2,
                "id" | "date" => 4.0,
                _ => continue,
            };
            if !constraint.is_usable() {
                continue;
            }
            argument += 1;
            usage.set_argv_index(argument);
            conditions += column;
            conditions += operator;
            conditions += ";";
            cost /= narrows;
        }
        info.set_estimated_cost(cost);
        let read = info.col_used();
        info.set_idx_str(&format!("{read};{conditions}"));
        Ok(true)
    }

    fn open(&'vtab mut self) -> Result<Rows<'vtab>> {
        Ok(Rows {
            base: sqlite3_vtab_cursor::default(),
            table: self.table,
            archives: Arc::clone(&self.archives),
            coming: None,
            batch: VecDeque::new(),
            passed: 0,
            phantom: PhantomData,
        })
    }
}

type Batch = std::result::Result<Vec<Row>, String>;

/// The rows that one query reads.
#[repr(C)]
struct Rows<'vtab> {
    base: sqlite3_vtab_cursor,
    table: Table,
    archives: Archives,
    coming: Option<Receiver<Batch>>,
    /// The current row comes first.
    batch: VecDeque<Row>,
    passed: i64,
    phantom: PhantomData<&'vtab View>,
}

impl Rows<'_> {
    fn fill(&mut self) -> Result<()> {
        while self.batch.is_empty() {
            match self.coming.as_ref().map(Receiver::recv) {
                Some(Ok(Ok(rows))) => self.batch.extend(rows),
                Some(Ok(Err(message))) => return Err(failed(&message)),
                // The thread has come to its end.
                Some(Err(_)) | None => break,
            }
        }
        Ok(())
    }
}

// SAFETY: the struct is `repr(C)` and begins with `sqlite3_vtab_cursor`.
unsafe impl VTabCursor for Rows<'_> {
    fn filter(&mut self, _number: c_int, plan: Option<&str>, args: &Filters<'_>) -> Result<()> {
        let wanted = wanted(plan.unwrap_or_default(), args)?;
        let (send, receive) = sync_channel(AHEAD);
        let (table, archives) = (self.table, Arc::clone(&self.archives));
        self.batch.clear();
        self.coming = Some(receive);
        // Ends when nobody receives any more.
        thread::Builder::new()
            .name("sql".to_owned())
            .spawn(move || {
                let (vault, groups) = &*archives;
                for group in groups {
                    if wanted.group.is_some_and(|wanted| wanted != group.bare()) {
                        continue;
                    }
                    let mut rows = Vec::new();
                    let mut each = |row| {
                        rows.push(row);
                        if rows.len() < TOGETHER {
                            return ControlFlow::Continue(());
                        }
                        match send.send(Ok(std::mem::take(&mut rows))) {
                            Ok(()) => ControlFlow::Continue(()),
                            Err(_) => ControlFlow::Break(()),
                        }
                    };
                    let done = vault
                        .reader(*group)
                        .map_err(|error| error.to_string())
                        .and_then(|reader| {
                            rows::read(&reader, table, &wanted, &mut each)
                                .map_err(|error| error.to_string())
                        });
                    if send.send(done.map(|()| rows)).is_err() {
                        return;
                    }
                }
            })
            .map_err(|error| failed(&error.to_string()))?;
        self.fill()
    }

    fn next(&mut self) -> Result<()> {
        self.batch.pop_front();
        self.passed += 1;
        self.fill()
    }

    fn eof(&self) -> bool {
        self.batch.is_empty()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let row = self.batch.front();
        let column = usize::try_from(column).ok();
        match row.zip(column).and_then(|(row, column)| row.get(column)) {
            Some(value) => context.set_result(value),
            None => context.set_result(rusqlite::types::Null),
        }
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.passed)
    }
}

/// Reads the plan that `best_index` wrote.
fn wanted(plan: &str, args: &Filters<'_>) -> Result<Wanted> {
    let mut wanted = Wanted::default();
    let mut parts = plan.split(';');
    if let Some(columns) = parts.next().and_then(|columns| columns.parse().ok()) {
        wanted.columns = columns;
    }
    for (argument, condition) in parts.filter(|it| !it.is_empty()).enumerate() {
        // Compared with something else than a whole number: SQLite knows what that means.
        let value: Option<f64> = match args.get::<rusqlite::types::Value>(argument)? {
            rusqlite::types::Value::Integer(value) => Some(value as f64),
            rusqlite::types::Value::Real(value) => Some(value),
            _ => None,
        };
        let Some(value) = value.filter(|value| value.abs() < 1e15) else {
            continue;
        };
        let (below, above) = (value.floor() as i64, value.ceil() as i64);
        let narrow = |bounds: &mut (i64, i64), operator: &str| {
            if operator != "<" {
                bounds.0 = bounds.0.max(below);
            }
            if operator != ">" {
                bounds.1 = bounds.1.min(above);
            }
        };
        match condition.split_at(condition.len() - 1) {
            ("group_id", "=") => wanted.group = Some(below),
            ("topic", "=") => wanted.topic = Some(below),
            ("id", operator) => narrow(&mut wanted.ids, operator),
            ("date", operator) => narrow(&mut wanted.dates, operator),
            _ => {}
        }
    }
    Ok(wanted)
}

fn failed(message: &str) -> Error {
    Error::ModuleError(message.to_owned())
}
