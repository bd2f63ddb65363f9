//! SQL over archives: messages and what belongs to them as tables.
//!
//! The tables live in a database of their own in memory; nothing can be written through them, and no
//! other file be opened. Frames are decoded as rows are asked for, and conditions on group, topic,
//! id and date narrow which.

mod rows;
mod table;

use std::sync::Arc;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::Value;
use rusqlite::{Connection, Error};
use serde_json::Value as Json;

pub use self::rows::Table;
use super::vault::Vault;
use crate::model::GroupId;

/// Why a query was not answered.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// SQLite does not understand it, or it asks for what is not there.
    #[error("{0}")]
    Query(String),
    /// It would write, or open another file.
    #[error("only reading is permitted: {0}")]
    NotPermitted(String),
    /// It was interrupted.
    #[error("interrupted")]
    Interrupted,
}

impl From<Error> for SqlError {
    fn from(error: Error) -> Self {
        use rusqlite::ErrorCode;
        let message = match &error {
            Error::SqliteFailure(_, Some(message)) => message.clone(),
            Error::SqlInputError { msg, .. } => msg.clone(),
            other => other.to_string(),
        };
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::Interrupted,
            Some(ErrorCode::AuthorizationForStatementDenied) => Self::NotPermitted(message),
            _ => Self::Query(message),
        }
    }
}

/// A value as JSON has it; bytes as hexadecimal digits.
fn json(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => number.into(),
        Value::Real(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => {
            let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
            digits.collect::<String>().into()
        }
    }
}

/// A connection that sees archives as tables.
#[derive(Debug)]
pub struct Sql {
    conn: Connection,
}

impl Sql {
    /// Over some of a vault's archives.
    pub fn new(vault: &Vault, groups: &[GroupId]) -> Result<Self, SqlError> {
        let mut conn = Connection::open_in_memory()?;
        let archives = Arc::new((vault.clone(), groups.to_vec()));
        for table in Table::ALL {
            self::table::register(&conn, table, &archives)?;
        }
        conn.authorizer(Some(|context: AuthContext<'_>| match context.action {
            AuthAction::Select
            | AuthAction::Read { .. }
            | AuthAction::Function { .. }
            | AuthAction::Recursive => Authorization::Allow,
            _ => Authorization::Deny,
        }))?;
        Ok(Self { conn })
    }

    /// Answers a query: calls `each` with the names of its columns and a row until that says no;
    /// returns the names. `stop` is asked now and then.
    pub fn query(
        &mut self,
        query: &str,
        stop: impl FnMut() -> bool + Send + 'static,
        each: &mut dyn FnMut(&[String], Vec<Json>) -> bool,
    ) -> Result<Vec<String>, SqlError> {
        self.conn.progress_handler(10_000, Some(stop))?;
        let mut statement = self.conn.prepare(query)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..names.len()).map(|place| row.get(place).map(json));
            if !each(&names, values.collect::<Result<_, _>>()?) {
                break;
            }
        }
        Ok(names)
    }
}
