//! Cells.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use super::a1::{Area, written};

/// Letters in a cell, at most.
const CELL: usize = 50_000;

/// How big a new sheet is, rows and columns.
const GRID: (usize, usize) = (1_000, 26);

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Number(Number),
    Truth(bool),
    /// With its `=`. It is not computed.
    Formula(String),
}

/// How cells are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Render {
    Formatted,
    Unformatted,
    Formula,
}

impl Cell {
    fn told(&self, render: Render) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Formula(formula) if render == Render::Formula => Value::from(formula.as_str()),
            Self::Formula(_) => Value::from("#NAME?"),
            Self::Number(number) if render == Render::Formatted => Value::from(number.to_string()),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Truth(truth) if render == Render::Formatted => {
                Value::from(truth.to_string().to_uppercase())
            }
            Self::Truth(truth) => Value::from(*truth),
        }
    }

    /// What a value becomes; `Ok(None)` empties the cell.
    fn read(value: &Value, as_typed: bool) -> Result<Option<Self>, String> {
        let text = match value {
            Value::Bool(truth) => return Ok(Some(Self::Truth(*truth))),
            Value::Number(number) => return Ok(Some(Self::Number(number.clone()))),
            Value::String(text) => text,
            _ => return Err(format!("Invalid value: {value}")),
        };
        if text.encode_utf16().count() > CELL {
            return Err(format!(
                "Your input contains more than the maximum of {CELL} characters in a single cell."
            ));
        }
        if text.is_empty() {
            return Ok(None);
        }
        if !as_typed {
            return Ok(Some(Self::Text(text.clone())));
        }
        // As if somebody had typed it.
        Ok(Some(match text.as_str() {
            "TRUE" | "FALSE" => Self::Truth(text == "TRUE"),
            text if text.len() > 1 && (text.starts_with('=') || text.starts_with('+')) => {
                Self::Formula(format!("={}", text.get(1..).unwrap_or_default()))
            }
            text => match (text.strip_prefix('\''), text.parse::<Number>()) {
                (Some(rest), _) => Self::Text(rest.to_owned()),
                (None, Ok(number)) => Self::Number(number),
                (None, Err(_)) => Self::Text(text.to_owned()),
            },
        }))
    }
}

/// A sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// By row and column; what is not there is empty.
    cells: BTreeMap<(usize, usize), Cell>,
    rows: usize,
    columns: usize,
}

/// Where something was written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) range: String,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) cells: usize,
}

impl Sheet {
    pub(super) fn new(name: &str, head: &[&str]) -> Self {
        let cell = |(column, text): (usize, &&str)| ((0, column), Cell::Text((*text).to_owned()));
        Self {
            name: name.to_owned(),
            cells: head.iter().enumerate().map(cell).collect(),
            rows: GRID.0,
            columns: GRID.1,
        }
    }

    /// The range as it is told, and its rows without empty ends; `None` outside the grid.
    pub(super) fn read(&self, area: Area, render: Render) -> Option<(String, Vec<Vec<Value>>)> {
        let last = self.last_of(area)?;
        let range = written(&self.name, (area.row, area.column), last);
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for ((row, column), cell) in self.cells.range((area.row, 0)..=(last.0, usize::MAX)) {
            if !(area.column..=last.1).contains(column) {
                continue;
            }
            let (row, column) = (row - area.row, column - area.column);
            if rows.len() <= row {
                rows.resize_with(row + 1, Vec::new);
            }
            if let Some(row) = rows.get_mut(row) {
                row.resize(column, Value::from(""));
                row.push(cell.told(render));
            }
        }
        Some((range, rows))
    }

    /// Writes rows from the corner of an area on; they have to fit into it. Null leaves a cell as
    /// it is. All is written or nothing.
    pub(super) fn write(
        &mut self,
        area: Area,
        rows: &[Vec<Value>],
        as_typed: bool,
    ) -> Result<Written, String> {
        let within = written(
            &self.name,
            (area.row, area.column),
            self.last_of(area).unwrap_or((area.row, area.column)),
        );
        // One cell names a corner, from which anything may be written.
        let corner = (area.last_row, area.last_column) == (Some(area.row), Some(area.column));
        let mut columns = 0;
        let mut new = Vec::new();
        for (down, row) in rows.iter().enumerate() {
            for (across, value) in row.iter().enumerate() {
                let at = (area.row + down, area.column + across);
                let over = |last: Option<usize>, at: usize| last.is_some_and(|last| at > last);
                if !corner && over(area.last_row, at.0) {
                    return Err(format!(
                        "Requested writing within range [{within}], but tried writing to row [{}]",
                        at.0 + 1
                    ));
                }
                if !corner && over(area.last_column, at.1) {
                    return Err(format!(
                        "Requested writing within range [{within}], but tried writing to column \
                         [{}]",
                        super::a1::column_name(at.1)
                    ));
                }
                if value.is_null() {
                    continue;
                }
                new.push((at, Cell::read(value, as_typed)?));
            }
            columns = columns.max(row.len());
        }
        let cells = new.len();
        for (at, cell) in new {
            self.rows = self.rows.max(at.0 + 1);
            self.columns = self.columns.max(at.1 + 1);
            match cell {
                Some(cell) => self.cells.insert(at, cell),
                None => self.cells.remove(&at),
            };
        }
        let end = (
            area.row + rows.len().max(1) - 1,
            area.column + columns.max(1) - 1,
        );
        Ok(Written {
            range: written(&self.name, (area.row, area.column), end),
            rows: rows.len(),
            columns,
            cells,
        })
    }

    /// Appends rows below the last table that an area touches. Returns where that table was, if
    /// there was one.
    pub(super) fn append(
        &mut self,
        area: Area,
        rows: &[Vec<Value>],
        as_typed: bool,
        insert: bool,
    ) -> Result<(Option<String>, Written), String> {
        let last = self.last_of(area);
        let touched = self.cells.keys().rev().find(|(row, column)| {
            last.is_some_and(|last| {
                (area.row..=last.0).contains(row) && (area.column..=last.1).contains(column)
            })
        });
        let table = touched.copied().map(|at| self.around(at));
        let (row, column) = match table {
            Some((from, to)) => (to.0 + 1, from.1),
            None => (area.row, area.column),
        };
        let place = Area {
            row,
            column,
            last_row: None,
            last_column: None,
        };
        // What lies below moves down only if the rows can be written at all.
        let mut moved = Self {
            name: self.name.clone(),
            cells: self.cells.clone(),
            rows: self.rows,
            columns: self.columns,
        };
        if insert && table.is_some() {
            let below = moved.cells.split_off(&(row, 0));
            let down = below
                .into_iter()
                .map(|((row, column), cell)| ((row + rows.len(), column), cell));
            moved.cells.extend(down);
            moved.rows += rows.len();
        }
        let told = moved.write(place, rows, as_typed)?;
        *self = moved;
        let table = table.map(|(from, to)| written(&self.name, from, to));
        Ok((table, told))
    }

    /// Every row that has something in it, with its number counted from 1.
    pub(super) fn rows(&self) -> Vec<(usize, Vec<Value>)> {
        let whole = self.read(Area::default(), Render::Unformatted);
        let rows = whole.map(|(_, rows)| rows).unwrap_or_default();
        let rows = rows.into_iter().enumerate();
        rows.filter(|(_, row)| !row.is_empty())
            .map(|(place, row)| (place + 1, row))
            .collect()
    }

    /// The last cell of an area within the grid; `None` where it begins outside.
    fn last_of(&self, area: Area) -> Option<(usize, usize)> {
        let (rows, columns) = (self.rows - 1, self.columns - 1);
        (area.row <= rows && area.column <= columns).then(|| {
            (
                area.last_row.map_or(rows, |row| row.min(rows)),
                area.last_column
                    .map_or(columns, |column| column.min(columns)),
            )
        })
    }

    /// The block of cells around one, up to empty rows and columns: first and last cell.
    fn around(&self, at: (usize, usize)) -> ((usize, usize), (usize, usize)) {
        let (mut from, mut to) = (at, at);
        loop {
            // Corners that touch belong together, so one looks a step beyond on each side.
            let columns = from.1.saturating_sub(1)..=to.1 + 1;
            let in_row = |row: usize| {
                let row = (row, *columns.start())..=(row, *columns.end());
                self.cells.range(row).next().is_some()
            };
            let in_column = |column: usize| {
                let mut rows = from.0.saturating_sub(1)..=to.0 + 1;
                rows.any(|row| self.cells.contains_key(&(row, column)))
            };
            if from.0 > 0 && in_row(from.0 - 1) {
                from.0 -= 1;
            } else if in_row(to.0 + 1) {
                to.0 += 1;
            } else if from.1 > 0 && in_column(from.1 - 1) {
                from.1 -= 1;
            } else if in_column(to.1 + 1) {
                to.1 += 1;
            } else {
                return (from, to);
            }
        }
    }
}
