//! The files that messages carry: which there are, which are stored, and what became of the others.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::error::{ArchiveError, Fault};
use super::reader::Reader;
use crate::model::{MediaKind, MediaPolicy, Message, MessageId, TopicId};

/// The position that says that the files of all older messages are listed.
pub(super) const LISTED: &str = "media_listed";

/// A file that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedFile {
    /// Telegram's id.
    pub id: i64,
    /// How it is shown.
    pub kind: MediaKind,
    /// Bytes, as announced.
    pub size: Option<u64>,
    /// Name as sent; hostile text, never a path.
    pub name: Option<String>,
    /// The message through which it is fetched.
    pub message: MessageId,
    /// That message's topic.
    pub topic: TopicId,
    /// Failures in a row.
    pub tries: u32,
    /// Why it failed last.
    pub reason: Option<String>,
}

/// A file as a message carries it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Telegram's id.
    pub id: i64,
    /// How it is shown.
    pub kind: MediaKind,
    /// Bytes, as announced.
    pub size: Option<u64>,
    /// Name as sent.
    pub name: Option<String>,
    /// Which message.
    pub message: MessageId,
    /// Its topic.
    pub topic: TopicId,
}

impl SeenFile {
    /// The file of a message, where it has one that can be fetched. Self-destructing content never is.
    #[must_use]
    pub fn of(message: &Message) -> Option<Self> {
        let media = message.media.as_ref()?;
        media.kind.file_number()?;
        Some(Self {
            id: media.file_id?,
            kind: media.kind,
            size: media.size,
            name: media.file_name.clone(),
            message: message.id,
            topic: message.topic,
        })
    }
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// A message carries it.
    Seen(SeenFile),
    /// Its content is in the store.
    Stored {
        /// Which file.
        id: i64,
        /// The content's address.
        hash: blake3::Hash,
        /// Bytes.
        length: u64,
    },
    /// It could not be fetched this time.
    Failed {
        /// Which file.
        id: i64,
        /// Why.
        reason: String,
        /// When to try again, Unix seconds.
        next_at: i64,
    },
    /// A message does not lead to it any more; another one may. Without one it is gone for good.
    Gone {
        /// Which file.
        id: i64,
        /// Which message.
        message: MessageId,
        /// Why.
        reason: String,
    },
    /// The files of all messages archived before are listed.
    Listed,
}

/// How a group's or a topic's files stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct MediaTotals {
    /// Wanted under the policy and not stored yet.
    pub wanted: u64,
    /// Bytes of these, as announced.
    pub wanted_bytes: u64,
    /// Those of the wanted that failed before.
    pub missing: u64,
    /// Stored.
    pub stored: u64,
    /// Bytes of the stored; files of the same content count once in a group, and once in each topic.
    pub stored_bytes: u64,
    /// Deleted or replaced before they could be fetched.
    pub gone: u64,
    /// Left out by the policy.
    pub left_out: u64,
}

const WAITING: i64 = 0;
const STORED: i64 = 1;
const GONE: i64 = 2;

/// Whether a row is wanted, with the limits of the eight kinds as ?1 to ?8 (-1: none).
const WANTED: &str = "coalesce(size, 0) <= CASE kind WHEN 0 THEN ?1 WHEN 1 THEN ?2 WHEN 2 THEN ?3 \
     WHEN 3 THEN ?4 WHEN 4 THEN ?5 WHEN 5 THEN ?6 WHEN 6 THEN ?7 WHEN 7 THEN ?8 ELSE -1 END";

fn limits(policy: &MediaPolicy) -> Vec<Value> {
    let limit = |kind| match policy.limit(kind) {
        Some(limit) => i64::try_from(limit).unwrap_or(i64::MAX),
        None => -1,
    };
    let limits = MediaKind::FILES.into_iter().map(limit);
    limits.map(Value::Integer).collect()
}

/// Enters a message's file. What is stored already needs nothing more.
pub(super) fn seen(conn: &Connection, file: &SeenFile) -> Result<(), Fault> {
    let Some(kind) = file.kind.file_number() else {
        return Ok(());
    };
    let known: Option<(i64, i32)> = conn
        .prepare_cached("SELECT state, message FROM file WHERE id = ?1")?
        .query_row([file.id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let message = file.message.0;
    match known {
        None => {
            conn.prepare_cached(
                "INSERT INTO file (id, kind, size, name, message, topic, state, tries, next_at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0)",
            )?
            .execute(params![
                file.id,
                i64::try_from(kind).unwrap_or(i64::MAX),
                file.size
                    .map(|size| i64::try_from(size).unwrap_or(i64::MAX)),
                file.name,
                message,
                file.topic.0
            ])?;
        }
        Some((WAITING, at)) if at != message => {
            also(conn, file.id, at.min(message))?;
            if message > at {
                carry(conn, file.id, message, Some(file.topic.0))?;
            }
        }
        // Sent again: there is a way to it once more.
        Some((GONE, _)) => {
            carry(conn, file.id, message, Some(file.topic.0))?;
        }
        Some(_) => {}
    }
    Ok(())
}

fn also(conn: &Connection, file: i64, message: i32) -> Result<(), Fault> {
    conn.prepare_cached("INSERT OR IGNORE INTO file_also (file, message) VALUES (?1, ?2)")?
        .execute(params![file, message])?;
    Ok(())
}

/// From now on a file is fetched through this message.
fn carry(conn: &Connection, file: i64, message: i32, topic: Option<i32>) -> Result<(), Fault> {
    conn.prepare_cached(
        "UPDATE file SET message = ?2, topic = coalesce(?3, topic), state = 0, tries = 0, \
         next_at = 0, reason = NULL WHERE id = ?1",
    )?
    .execute(params![file, message, topic])?;
    Ok(())
}

/// Applies what became of a file.
pub(super) fn change(conn: &Connection, change: &FileChange) -> Result<(), Fault> {
    match change {
        FileChange::Seen(file) => seen(conn, file),
        FileChange::Stored { id, hash, length } => {
            conn.prepare_cached(
                "UPDATE file SET state = ?2, hash = ?3, length = ?4, tries = 0, next_at = 0, \
                 reason = NULL WHERE id = ?1",
            )?
            .execute(params![
                id,
                STORED,
                hash.as_bytes().as_slice(),
                i64::try_from(*length).unwrap_or(i64::MAX)
            ])?;
            conn.prepare_cached("DELETE FROM file_also WHERE file = ?1")?
                .execute([id])?;
            Ok(())
        }
        FileChange::Failed {
            id,
            reason,
            next_at,
        } => {
            conn.prepare_cached(
                "UPDATE file SET tries = tries + 1, next_at = ?2, reason = ?3 \
                 WHERE id = ?1 AND state = 0",
            )?
            .execute(params![id, next_at, reason])?;
            Ok(())
        }
        FileChange::Gone {
            id,
            message,
            reason,
        } => gone(conn, *id, message.0, reason),
        FileChange::Listed => {
            conn.prepare_cached("INSERT OR REPLACE INTO position (name, value) VALUES (?1, 1)")?
                .execute([LISTED])?;
            Ok(())
        }
    }
}

fn gone(conn: &Connection, id: i64, message: i32, reason: &str) -> Result<(), Fault> {
    let through: Option<i32> = conn
        .prepare_cached("SELECT message FROM file WHERE id = ?1 AND state = 0")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    // Meanwhile another message may have come with it.
    if through != Some(message) {
        return Ok(());
    }
    let other: Option<i32> = conn
        .prepare_cached("SELECT max(message) FROM file_also WHERE file = ?1")?
        .query_row([id], |row| row.get(0))?;
    if let Some(other) = other {
        conn.prepare_cached("DELETE FROM file_also WHERE file = ?1 AND message = ?2")?
            .execute(params![id, other])?;
        return carry(conn, id, other, None);
    }
    conn.prepare_cached("UPDATE file SET state = ?2, next_at = 0, reason = ?3 WHERE id = ?1")?
        .execute(params![id, GONE, reason])?;
    Ok(())
}

fn wanted(row: &Row<'_>) -> rusqlite::Result<Option<WantedFile>> {
    let number: i64 = row.get(1)?;
    let kind = usize::try_from(number)
        .ok()
        .and_then(|at| MediaKind::FILES.get(at));
    let Some(kind) = kind else { return Ok(None) };
    let size: Option<i64> = row.get(2)?;
    Ok(Some(WantedFile {
        id: row.get(0)?,
        kind: *kind,
        size: size.and_then(|size| u64::try_from(size).ok()),
        name: row.get(3)?,
        message: MessageId(row.get(4)?),
        topic: TopicId(row.get(5)?),
        tries: row.get(6)?,
        reason: row.get(7)?,
    }))
}

impl Reader {
    /// The files to fetch next, of the newest messages first: wanted under the policy, and due at
    /// `now` (Unix seconds).
    pub fn wanted_files(
        &self,
        policy: &MediaPolicy,
        now: i64,
        count: usize,
    ) -> Result<Vec<WantedFile>, ArchiveError> {
        self.files(policy, "next_at <= ?9", now, count)
    }

    /// The files that are wanted and not stored, those that failed before with the reason, of the
    /// newest messages first: what an audit lists.
    pub fn missing_files(
        &self,
        policy: &MediaPolicy,
        count: usize,
    ) -> Result<Vec<WantedFile>, ArchiveError> {
        self.files(policy, "tries >= ?9", 0, count)
    }

    fn files(
        &self,
        policy: &MediaPolicy,
        which: &str,
        number: i64,
        count: usize,
    ) -> Result<Vec<WantedFile>, ArchiveError> {
        self.snapshot(|conn| {
            let mut statement = conn.prepare_cached(&format!(
                "SELECT id, kind, size, name, message, topic, tries, reason FROM file \
                 WHERE state = 0 AND {which} AND {WANTED} ORDER BY message DESC LIMIT ?10"
            ))?;
            let mut values = limits(policy);
            values.push(Value::Integer(number));
            values.push(Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)));
            let rows = statement.query_map(params_from_iter(values), wanted)?;
            let files = rows.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(files.into_iter().flatten().collect())
        })
    }

    /// When the next wanted file is due, Unix seconds.
    pub fn next_file_at(&self, policy: &MediaPolicy) -> Result<Option<i64>, ArchiveError> {
        self.snapshot(|conn| {
            let sql = format!("SELECT min(next_at) FROM file WHERE state = 0 AND {WANTED}");
            let mut statement = conn.prepare_cached(&sql)?;
            Ok(statement.query_row(params_from_iter(limits(policy)), |row| row.get(0))?)
        })
    }

    /// The address of a file's content, once it is stored.
    pub fn stored(&self, file: i64) -> Result<Option<blake3::Hash>, ArchiveError> {
        self.snapshot(|conn| {
            let hash: Option<Option<Vec<u8>>> = conn
                .prepare_cached("SELECT hash FROM file WHERE id = ?1 AND state = 1")?
                .query_row([file], |row| row.get(0))
                .optional()?;
            match hash.flatten() {
                None => Ok(None),
                Some(bytes) => blake3::Hash::from_slice(&bytes)
                    .map(Some)
                    .map_err(|_| Fault::Damaged("a content's address of another length")),
            }
        })
    }

    /// Whether a file still has to be fetched.
    pub fn awaits(&self, file: i64) -> Result<bool, ArchiveError> {
        self.snapshot(|conn| {
            let state: Option<i64> = conn
                .prepare_cached("SELECT state FROM file WHERE id = ?1")?
                .query_row([file], |row| row.get(0))
                .optional()?;
            Ok(state == Some(WAITING))
        })
    }

    /// Whether the files of messages archived by an older version are listed.
    pub fn files_are_listed(&self) -> Result<bool, ArchiveError> {
        Ok(self.position(LISTED)?.is_some())
    }

    /// How the group's files stand under a policy.
    pub fn media_totals(&self, policy: &MediaPolicy) -> Result<MediaTotals, ArchiveError> {
        let topics = self.totals(policy, "0")?;
        Ok(topics.into_values().next().unwrap_or_default())
    }

    /// How the files of each topic stand under a policy; topics without files are left out.
    pub fn media_totals_by_topic(
        &self,
        policy: &MediaPolicy,
    ) -> Result<BTreeMap<TopicId, MediaTotals>, ArchiveError> {
        self.totals(policy, "topic")
    }

    fn totals(
        &self,
        policy: &MediaPolicy,
        by: &str,
    ) -> Result<BTreeMap<TopicId, MediaTotals>, ArchiveError> {
        self.snapshot(|conn| {
            let mut all: BTreeMap<TopicId, MediaTotals> = BTreeMap::new();
            let mut statement = conn.prepare_cached(&format!(
                "SELECT {by}, state, {WANTED}, tries > 0, count(*), total(size) FROM file \
                 GROUP BY 1, 2, 3, 4"
            ))?;
            let mut rows = statement.query(params_from_iter(limits(policy)))?;
            while let Some(row) = rows.next()? {
                let totals = all.entry(TopicId(row.get(0)?)).or_default();
                let (state, wanted, failed): (i64, bool, bool) =
                    (row.get(1)?, row.get(2)?, row.get(3)?);
                let count = u64::try_from(row.get::<_, i64>(4)?).unwrap_or(0);
                match (state, wanted) {
                    (STORED, _) => totals.stored += count,
                    (GONE, _) => totals.gone += count,
                    (_, false) => totals.left_out += count,
                    (_, true) => {
                        totals.wanted += count;
                        totals.wanted_bytes += bytes(row.get(5)?);
                        totals.missing += if failed { count } else { 0 };
                    }
                }
            }
            let mut statement = conn.prepare_cached(&format!(
                "SELECT place, total(length) FROM \
                   (SELECT DISTINCT {by} AS place, hash, length FROM file WHERE state = 1) \
                 GROUP BY place"
            ))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let totals = all.entry(TopicId(row.get(0)?)).or_default();
                totals.stored_bytes = bytes(row.get(1)?);
            }
            Ok(all)
        })
    }
}

/// A sum of SQLite's, which is a float so that it cannot overflow.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates, and sums of sizes are whole"
)]
fn bytes(total: f64) -> u64 {
    total as u64
}
