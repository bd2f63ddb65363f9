//! Google as the network sees it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::a1::{Area, area, sheet_and_cells};
use super::grant::Account;
use super::quota::{Quota, Quotas};
use super::sheet::{Render, Sheet, Written};
use crate::emulator::systems::answer::Answer;
use crate::emulator::systems::call::Call;
use crate::emulator::systems::clock::Clock;
use crate::emulator::systems::faults::FaultQueue;
use crate::emulator::systems::front::{No, System};
use crate::emulator::systems::ids;
use crate::emulator::systems::journal::Journal;

/// How long a token is good for, seconds.
const LIFE: u64 = 3_599;

/// Columns of the sheet of customers.
const HEAD: [&str; 8] = [
    "Telegram ID",
    "Name",
    "Username",
    "Phone",
    "Language",
    "Topic",
    "Tags",
    "Updated",
];

/// Google. Clones share it.
#[derive(Clone, Debug)]
pub struct Google {
    /// What goes wrong with the next requests.
    pub faults: FaultQueue,
    /// What was asked.
    pub journal: Journal,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    seed: u64,
    account: Account,
    spreadsheet: String,
    clock: Clock,
    book: Mutex<Book>,
}

#[derive(Debug)]
struct Book {
    reads: Quota,
    writes: Quota,
    /// Tokens, and until when they are good.
    tokens: HashMap<String, Timestamp>,
    fetched: u64,
    sheets: Vec<Sheet>,
}

type Done = Result<Answer, Answer>;

impl Google {
    pub(in crate::emulator::systems) fn new(seed: u64, clock: &Clock, base: &str) -> Self {
        let key_id = ids::hex(seed, "google key", 0);
        let quotas = Quotas::default();
        Self {
            faults: FaultQueue::default(),
            journal: Journal::default(),
            inner: Arc::new(Inner {
                seed,
                account: Account::new(key_id, format!("{base}/google/token")),
                spreadsheet: format!("1{}", ids::hex(seed, "google spreadsheet", 0)),
                clock: clock.clone(),
                book: Mutex::new(Book {
                    reads: Quota::new("Read", quotas),
                    writes: Quota::new("Write", quotas),
                    tokens: HashMap::new(),
                    fetched: 0,
                    sheets: vec![Sheet::new("Customers", &HEAD), Sheet::new("My sheet", &[])],
                }),
            }),
        }
    }

    /// The spreadsheet. Its first sheet, `Customers`, has a row of headings; `My sheet` is empty.
    #[must_use]
    pub fn spreadsheet(&self) -> &str {
        &self.inner.spreadsheet
    }

    /// The content of the service account's key file.
    #[must_use]
    pub fn key_file(&self) -> Value {
        self.inner.account.key_file()
    }

    /// Every row that has something in it: `{"sheet", "row", "values"}`, rows counted from 1.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        let book = self.book();
        let rows = book.sheets.iter().flat_map(|sheet| {
            sheet
                .rows()
                .into_iter()
                .map(|(row, values)| json!({ "sheet": sheet.name, "row": row, "values": values }))
        });
        rows.collect()
    }

    /// Other quotas; nothing has been counted yet.
    pub fn set_quotas(&self, quotas: Quotas) {
        let mut book = self.book();
        book.reads = Quota::new("Read", quotas);
        book.writes = Quota::new("Write", quotas);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.inner
            .book
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, call: &Call) -> Done {
        let (method, parts) = call.at();
        match (method, parts.as_slice()) {
            ("POST", ["token"]) => self.token(call),
            (_, ["v4", "spreadsheets", id, "values", range]) => {
                let mut book = self.book();
                self.authorised(call, &book)?;
                match (method, range.strip_suffix(":append")) {
                    ("GET", None) => {
                        self.counted(call, &mut book.reads)?;
                        self.own(id)?;
                        read(call, &mut book.sheets, range)
                    }
                    ("PUT", None) => {
                        self.counted(call, &mut book.writes)?;
                        self.own(id)?;
                        self.write(call, &mut book.sheets, range)
                    }
                    ("POST", Some(range)) => {
                        self.counted(call, &mut book.writes)?;
                        self.own(id)?;
                        self.append(call, &mut book.sheets, range)
                    }
                    _ => Err(nowhere()),
                }
            }
            _ => Err(nowhere()),
        }
    }

    fn token(&self, call: &Call) -> Done {
        let refused = |code: &str, words: &str| {
            Answer::json(400, &json!({ "error": code, "error_description": words }))
        };
        if call.kind() != "application/x-www-form-urlencoded" {
            return Err(refused("invalid_request", "Bad Request"));
        }
        let form = call.form();
        let field = |name: &str| {
            let found = form.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        if field("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
            let words = format!("Invalid grant_type: {}", field("grant_type"));
            return Err(refused("unsupported_grant_type", &words));
        }
        let now = self.inner.clock.now();
        self.inner
            .account
            .check(field("assertion"), now)
            .map_err(|(code, words)| refused(code, &words))?;
        let mut book = self.book();
        book.tokens.retain(|_, until| *until > now);
        book.fetched += 1;
        let token = format!(
            "gat-{}",
            ids::hex(self.inner.seed, "google token", book.fetched)
        );
        let until = now.checked_add(Duration::from_secs(LIFE)).unwrap_or(now);
        book.tokens.insert(token.clone(), until);
        Ok(Answer::json(
            200,
            &json!({ "access_token": token, "expires_in": LIFE, "token_type": "Bearer" }),
        ))
    }

    fn authorised(&self, call: &Call, book: &Book) -> Result<(), Answer> {
        let Some(token) = call.bearer() else {
            let words = "Method doesn't allow unregistered callers (callers without established \
                         identity). Please use API Key or other form of API consumer identity to \
                         call this API.";
            return Err(no(403, "PERMISSION_DENIED", words));
        };
        let good = book.tokens.get(token);
        if good.is_some_and(|until| *until > self.inner.clock.now()) {
            return Ok(());
        }
        Err(self.refuse(No::ExpiredToken))
    }

    fn counted(&self, call: &Call, quota: &mut Quota) -> Result<(), Answer> {
        let user = call.asked("quotaUser").unwrap_or_default();
        quota
            .take(user, self.inner.clock.now())
            .map_err(|words| exhausted(&words))
    }

    fn own(&self, id: &str) -> Result<(), Answer> {
        if id == self.inner.spreadsheet {
            return Ok(());
        }
        Err(no(404, "NOT_FOUND", "Requested entity was not found."))
    }

    fn write(&self, call: &Call, sheets: &mut [Sheet], range: &str) -> Done {
        let as_typed = as_typed(call, &[])?;
        let (sheet, area) = placed(sheets, range)?;
        let rows = rows(call, range)?;
        let written = sheet
            .write(area, &rows, as_typed)
            .map_err(|words| invalid(&words))?;
        Ok(Answer::json(200, &self.told(&written)))
    }

    fn append(&self, call: &Call, sheets: &mut [Sheet], range: &str) -> Done {
        let as_typed = as_typed(call, &["insertDataOption"])?;
        let insert = match call.asked("insertDataOption") {
            None | Some("OVERWRITE") => false,
            Some("INSERT_ROWS") => true,
            Some(other) => return Err(unknown_value("insert_data_option", other)),
        };
        let (sheet, area) = placed(sheets, range)?;
        let rows = rows(call, range)?;
        let (table, written) = sheet
            .append(area, &rows, as_typed, insert)
            .map_err(|words| invalid(&words))?;
        let mut answer = json!({ "spreadsheetId": self.inner.spreadsheet });
        if let Some(answer) = answer.as_object_mut() {
            if let Some(table) = table {
                answer.insert("tableRange".to_owned(), table.into());
            }
            answer.insert("updates".to_owned(), self.told(&written));
        }
        Ok(Answer::json(200, &answer))
    }

    fn told(&self, written: &Written) -> Value {
        json!({
            "spreadsheetId": self.inner.spreadsheet,
            "updatedRange": written.range,
            "updatedRows": written.rows,
            "updatedColumns": written.columns,
            "updatedCells": written.cells,
        })
    }
}

fn read(call: &Call, sheets: &mut [Sheet], range: &str) -> Done {
    only(
        call,
        &[
            "majorDimension",
            "valueRenderOption",
            "dateTimeRenderOption",
        ],
    )?;
    let dimension = match call.asked("majorDimension") {
        None | Some("ROWS") => "ROWS",
        Some("COLUMNS") => "COLUMNS",
        Some(other) => return Err(unknown_value("major_dimension", other)),
    };
    let render = match call.asked("valueRenderOption") {
        None | Some("FORMATTED_VALUE") => Render::Formatted,
        Some("UNFORMATTED_VALUE") => Render::Unformatted,
        Some("FORMULA") => Render::Formula,
        Some(other) => return Err(unknown_value("value_render_option", other)),
    };
    let (sheet, area) = placed(sheets, range)?;
    let (range, rows) = sheet
        .read(area, render)
        .ok_or_else(|| invalid(&format!("Range ({range}) exceeds grid limits.")))?;
    let lists = if dimension == "COLUMNS" {
        columns(&rows)
    } else {
        rows
    };
    let mut answer = json!({ "range": range, "majorDimension": dimension });
    if let Some(answer) = answer.as_object_mut()
        && !lists.is_empty()
    {
        answer.insert("values".to_owned(), json!(lists));
    }
    Ok(Answer::json(200, &answer))
}

/// Rows as columns: cells before the last one that is filled are empty texts, those behind it are
/// left out.
fn columns(rows: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let column = |place: usize| {
        let cells = rows.iter().map(|row| row.get(place).cloned());
        let mut cells: Vec<Value> = cells
            .map(|cell| cell.unwrap_or_else(|| json!("")))
            .collect();
        while cells.last().is_some_and(|cell| cell == "") {
            cells.pop();
        }
        cells
    };
    (0..width).map(column).collect()
}

/// The sheet and the cells that a range names.
fn placed<'a>(sheets: &'a mut [Sheet], range: &str) -> Result<(&'a mut Sheet, Area), Answer> {
    let wrong = || invalid(&format!("Unable to parse range: {range}"));
    let (name, cells) = sheet_and_cells(range).ok_or_else(wrong)?;
    // A sheet's name alone is the whole of it; a range alone lies in the first sheet.
    let whole = sheets
        .iter()
        .position(|sheet| name.is_none() && sheet.name == cells);
    let (place, cells) = match (&name, whole) {
        (_, Some(place)) => (Some(place), ""),
        (None, None) => (Some(0), cells),
        (Some(name), None) => (sheets.iter().position(|sheet| sheet.name == *name), cells),
    };
    let sheet = place.and_then(|place| sheets.get_mut(place));
    Ok((sheet.ok_or_else(wrong)?, area(cells).ok_or_else(wrong)?))
}

/// Whether values are taken as if somebody typed them.
fn as_typed(call: &Call, known: &[&str]) -> Result<bool, Answer> {
    let known: Vec<&str> = known.iter().copied().chain(["valueInputOption"]).collect();
    only(call, &known)?;
    match call.asked("valueInputOption") {
        Some("RAW") => Ok(false),
        Some("USER_ENTERED") => Ok(true),
        None | Some("INPUT_VALUE_OPTION_UNSPECIFIED") => {
            Err(invalid("'valueInputOption' is required but not specified"))
        }
        Some(other) => Err(unknown_value("value_input_option", other)),
    }
}

/// The rows of a body.
fn rows(call: &Call, range: &str) -> Result<Vec<Vec<Value>>, Answer> {
    let body = serde_json::from_slice::<Value>(&call.body).ok();
    let body = body.filter(|body| body.is_object() && call.kind() == "application/json");
    let Some(Value::Object(body)) = body else {
        return Err(invalid(
            "Invalid JSON payload received. Expected an object.",
        ));
    };
    let mut rows = Vec::new();
    for (name, value) in &body {
        match (name.as_str(), value) {
            ("range", Value::String(said)) if said == range => {}
            ("range", _) => {
                return Err(invalid(&format!(
                    "Requested writing within range [{range}], but tried writing to range [{}]",
                    value.as_str().unwrap_or_default()
                )));
            }
            ("majorDimension", Value::String(said)) if said == "ROWS" => {}
            ("values", Value::Array(list)) => {
                for (place, row) in list.iter().enumerate() {
                    let row = row.as_array().ok_or_else(|| {
                        invalid(&format!("Invalid value at 'data.values[{place}]', {row}"))
                    })?;
                    let wrong = row.iter().find(|cell| cell.is_array() || cell.is_object());
                    if let Some(wrong) = wrong {
                        return Err(invalid(&format!("Invalid values[{place}]: {wrong}")));
                    }
                    rows.push(row.clone());
                }
            }
            ("values" | "majorDimension", _) => {
                return Err(invalid(&format!("Invalid value at 'data.{name}', {value}")));
            }
            _ => {
                return Err(invalid(&format!(
                    "Invalid JSON payload received. Unknown name \"{name}\" at 'data': Cannot find \
                     field."
                )));
            }
        }
    }
    Ok(rows)
}

/// Refuses keys in the address that Google does not know.
fn only(call: &Call, known: &[&str]) -> Result<(), Answer> {
    let known: Vec<&str> = known
        .iter()
        .copied()
        .chain(["alt", "fields", "key", "prettyPrint", "quotaUser"])
        .collect();
    match call.unknown(&known) {
        Some(name) => Err(invalid(&format!(
            "Invalid JSON payload received. Unknown name \"{name}\": Cannot bind query parameter. \
             Field '{name}' could not be found in request message."
        ))),
        None => Ok(()),
    }
}

fn unknown_value(field: &str, value: &str) -> Answer {
    invalid(&format!("Invalid value at '{field}', \"{value}\""))
}

fn invalid(message: &str) -> Answer {
    no(400, "INVALID_ARGUMENT", message)
}

fn nowhere() -> Answer {
    Answer::text(
        404,
        "text/html; charset=UTF-8",
        "<!DOCTYPE html>\n<html lang=en>\n<title>Error 404 (Not Found)!!1</title>\n".to_owned(),
    )
}

fn exhausted(message: &str) -> Answer {
    Answer::json(
        429,
        &json!({ "error": {
            "code": 429,
            "message": message,
            "status": "RESOURCE_EXHAUSTED",
            "details": [{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "RATE_LIMIT_EXCEEDED",
                "domain": "googleapis.com",
                "metadata": { "service": "sheets.googleapis.com" },
            }],
        } }),
    )
}

fn no(status: u16, name: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "error": { "code": status, "message": message, "status": name } }),
    )
}

impl System for Google {
    const BODY: usize = 2 * 1024 * 1024;

    fn faults(&self) -> &FaultQueue {
        &self.faults
    }

    fn journal(&self) -> &Journal {
        &self.journal
    }

    fn serve(&self, call: &Call) -> Answer {
        self.done(call).unwrap_or_else(|refused| refused)
    }

    fn refuse(&self, refused: No) -> Answer {
        match refused {
            No::ExpiredToken => no(
                401,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials. Expected OAuth 2 access token, \
                 login cookie or other valid authentication credential.",
            )
            .with(
                "www-authenticate",
                "Bearer realm=\"https://accounts.google.com/\", error=\"invalid_token\"",
            ),
            No::Forbidden => no(
                403,
                "PERMISSION_DENIED",
                "The caller does not have permission",
            ),
            No::NotFound => no(404, "NOT_FOUND", "Requested entity was not found."),
            No::TooMany(wait) => exhausted("Quota exceeded.").retry_after(wait),
            No::Overloaded => no(503, "UNAVAILABLE", "The service is currently unavailable."),
            No::ServerError => no(500, "INTERNAL", "Internal error encountered."),
            No::TooLarge => no(
                413,
                "INVALID_ARGUMENT",
                "Request payload size exceeds the limit.",
            ),
        }
    }

    fn expire(&self) {
        self.book().tokens.clear();
    }

    fn fetches_token(&self, path: &str) -> bool {
        path == "/token"
    }
}
