//! Which Telegram users stand for which account of an outside system, in `state.db`.

use rusqlite::{OptionalExtension, Row, params};

use super::State;
use crate::archive::error::{ArchiveError, Fault};
use crate::model::PersonId;

/// A user and an account that belong together, or did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The account, as the outside system calls it.
    pub account: String,
    /// The user.
    pub user: PersonId,
    /// Since when, Unix seconds.
    pub linked_at: i64,
    /// Who linked them.
    pub linked_by: PersonId,
    /// Until when.
    pub unlinked_at: Option<i64>,
    /// Who ended it.
    pub unlinked_by: Option<PersonId>,
}

impl State {
    /// Links a user to an account; `false`: they are already.
    pub fn link(
        &mut self,
        account: &str,
        user: PersonId,
        by: PersonId,
        at: i64,
    ) -> Result<bool, ArchiveError> {
        self.change(|conn| {
            let linked = conn.execute(
                "INSERT INTO link (account, user_id, linked_at, linked_by) \
                 VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                params![account, user.0, at, by.0],
            )?;
            Ok(linked > 0)
        })
    }

    /// An account as it is written where it is linked, whatever its case is here.
    pub fn spelling(&self, account: &str) -> Result<String, ArchiveError> {
        let select = "SELECT account FROM link WHERE account = ?1 COLLATE NOCASE \
                      AND (account = ?1 OR unlinked_at IS NULL) \
                      ORDER BY account != ?1, id LIMIT 1";
        self.query(|conn| {
            let mut statement = conn.prepare_cached(select)?;
            let known = statement
                .query_row([account], |row| row.get(0))
                .optional()?;
            Ok(known.unwrap_or_else(|| account.to_owned()))
        })
    }

    /// Ends a link; `false`: there is none.
    pub fn unlink(
        &mut self,
        account: &str,
        user: PersonId,
        by: PersonId,
        at: i64,
    ) -> Result<bool, ArchiveError> {
        self.change(|conn| {
            let ended = conn.execute(
                "UPDATE link SET unlinked_at = ?3, unlinked_by = ?4 \
                 WHERE account = ?1 AND user_id = ?2 AND unlinked_at IS NULL",
                params![account, user.0, at, by.0],
            )?;
            Ok(ended > 0)
        })
    }

    /// The accounts of a user, in the order in which they were linked.
    pub fn accounts_of(&self, user: PersonId) -> Result<Vec<String>, ArchiveError> {
        let select = "SELECT account FROM link WHERE user_id = ?1 AND unlinked_at IS NULL \
                      ORDER BY id";
        self.query(|conn| {
            let mut statement = conn.prepare_cached(select)?;
            let accounts = statement.query_map([user.0], |row| row.get(0))?;
            accounts.collect::<Result<_, _>>().map_err(Fault::from)
        })
    }

    /// Everything that is known of an account, the newest first.
    pub fn links_of_account(&self, account: &str) -> Result<Vec<Link>, ArchiveError> {
        self.links("account = ?1 COLLATE NOCASE", account)
    }

    /// Everything that is known of a user, the newest first.
    pub fn links_of_user(&self, user: PersonId) -> Result<Vec<Link>, ArchiveError> {
        self.links("user_id = ?1", user.0)
    }

    fn links(&self, which: &str, value: impl rusqlite::ToSql) -> Result<Vec<Link>, ArchiveError> {
        let select = format!(
            "SELECT account, user_id, linked_at, linked_by, unlinked_at, unlinked_by FROM link \
             WHERE {which} ORDER BY id DESC LIMIT 100"
        );
        let read = |row: &Row<'_>| {
            Ok(Link {
                account: row.get(0)?,
                user: PersonId(row.get(1)?),
                linked_at: row.get(2)?,
                linked_by: PersonId(row.get(3)?),
                unlinked_at: row.get(4)?,
                unlinked_by: row.get::<_, Option<i64>>(5)?.map(PersonId),
            })
        };
        self.query(|conn| {
            let mut statement = conn.prepare_cached(&select)?;
            let links = statement.query_map([value], read)?;
            links.collect::<Result<_, _>>().map_err(Fault::from)
        })
    }
}
