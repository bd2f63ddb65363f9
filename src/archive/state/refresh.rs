//! Refresh tokens that replace one another, in `state.db`.

use rusqlite::{OptionalExtension, params};

use super::State;
use crate::archive::error::{ArchiveError, Fault};

impl State {
    /// The last refresh token of a connector that goes back to the configured one; `origin` is
    /// that one's hash.
    pub fn refresh_token(
        &self,
        connector: &str,
        origin: &str,
    ) -> Result<Option<String>, ArchiveError> {
        self.query(|conn| {
            let select = "SELECT token FROM refresh_token WHERE connector = ?1 AND origin = ?2";
            let mut statement = conn.prepare_cached(select)?;
            let token = statement.query_row([connector, origin], |row| row.get(0));
            token.optional().map_err(Fault::from)
        })
    }

    /// Keeps a refresh token in the place of the one before.
    pub fn keep_refresh_token(
        &mut self,
        connector: &str,
        origin: &str,
        token: &str,
    ) -> Result<(), ArchiveError> {
        let at = jiff::Timestamp::now().as_second();
        self.change(|conn| {
            conn.execute(
                "INSERT OR REPLACE INTO refresh_token (connector, origin, token, at) \
                 VALUES (?1, ?2, ?3, ?4)",
                params![connector, origin, token, at],
            )?;
            Ok(())
        })
    }
}
