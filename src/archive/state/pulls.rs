//! What incremental exports have had already, in `state.db`.

use rusqlite::{OptionalExtension, params};

use super::State;
use crate::archive::error::{ArchiveError, Fault};
use crate::model::GroupId;

impl State {
    /// The digests of a block of message ids, as they were kept.
    pub fn pulled(
        &self,
        name: &str,
        group: GroupId,
        block: i32,
    ) -> Result<Option<Vec<u8>>, ArchiveError> {
        self.query(|conn| {
            let select =
                "SELECT digests FROM pull WHERE name = ?1 AND group_id = ?2 AND block = ?3";
            let mut statement = conn.prepare_cached(select)?;
            let digests = statement.query_row(params![name, group.bare(), block], |row| row.get(0));
            digests.optional().map_err(Fault::from)
        })
    }

    /// Keeps the digests of blocks, all of them or none.
    pub fn keep_pulled(
        &mut self,
        name: &str,
        group: GroupId,
        blocks: &[(i32, Vec<u8>)],
    ) -> Result<(), ArchiveError> {
        self.change(|conn| {
            let change = conn.transaction()?;
            for (block, digests) in blocks {
                change
                    .prepare_cached(
                        "INSERT OR REPLACE INTO pull (name, group_id, block, digests) \
                         VALUES (?1, ?2, ?3, ?4)",
                    )?
                    .execute(params![name, group.bare(), block, digests])?;
            }
            Ok(change.commit()?)
        })
    }

    /// Forgets what was had under a name.
    pub fn forget_pulled(&mut self, name: &str, group: GroupId) -> Result<(), ArchiveError> {
        self.change(|conn| {
            conn.execute(
                "DELETE FROM pull WHERE name = ?1 AND group_id = ?2",
                params![name, group.bare()],
            )?;
            Ok(())
        })
    }
}
