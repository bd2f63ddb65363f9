//! One hash for the state of an archive.

use blake3::Hasher;
use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::error::Fault;

/// What is hashed: sealed frames by the checksum of their bodies, everything else as its rows lie
/// in the tables.
const PARTS: [&str; 5] = [
    "SELECT id, gone, checksum FROM frame ORDER BY id",
    "SELECT seq, overlay, id, topic, date, author, edit_date, reply, text, rest FROM version ORDER BY seq",
    "SELECT id, at, seq FROM deletion ORDER BY id",
    "SELECT seq, id, kind, at, source, value FROM mark ORDER BY seq",
    "SELECT first, last, state, source FROM coverage ORDER BY first",
];

/// A hash over everything that says what was written in the group. It tells two states of an archive
/// apart; sealing and compaction, which move content, change it too. The time follows the number of
/// frames and hot rows, some milliseconds for millions of messages.
pub(super) fn root(conn: &Connection) -> Result<blake3::Hash, Fault> {
    let mut hash = Hasher::new_derive_key("topicvault 2026-11-28 archive root 1");
    for part in PARTS {
        let mut statement = conn.prepare(part)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        hash.update(part.as_bytes());
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                // Each value with its type and length, so that no two rows run together.
                let (kind, bytes): (u8, &[u8]) = match row.get_ref(column)? {
                    ValueRef::Null => (0, &[]),
                    ValueRef::Integer(number) => {
                        hash.update(&[1]).update(&number.to_le_bytes());
                        continue;
                    }
                    ValueRef::Real(number) => {
                        hash.update(&[2]).update(&number.to_le_bytes());
                        continue;
                    }
                    ValueRef::Text(text) => (3, text),
                    ValueRef::Blob(blob) => (4, blob),
                };
                hash.update(&[kind])
                    .update(&(bytes.len() as u64).to_le_bytes())
                    .update(bytes);
            }
        }
    }
    Ok(hash.finalize())
}
