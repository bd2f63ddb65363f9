//! Figures about an archive.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::counters::Counters;
use super::coverage;
use super::error::Fault;
use super::roster;

/// Figures about an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Existing messages, service messages included, deleted ones not.
    pub messages: u64,
    /// Messages marked deleted.
    pub deleted: u64,
    /// Versions beyond the first.
    pub edits: u64,
    /// Messages still in hot rows.
    pub hot: u64,
    /// Sealed frames.
    pub frames: u64,
    /// Topics.
    pub topics: u64,
    /// People.
    pub people: u64,
    /// Lowest and highest message id known.
    pub ids: Option<(i32, i32)>,
    /// Dates of the first and last message, Unix seconds.
    pub dates: Option<(i64, i64)>,
    /// Ids between 1 and the highest known one of which nothing is known.
    pub unknown: u64,
    /// Size of the file and its WAL in bytes.
    pub bytes: u64,
}

/// Collects the figures: kept counters, sums over coverage ranges, counts of small b-trees.
pub(super) fn collect(conn: &Connection, path: &Path) -> Result<Stats, Fault> {
    let count = |sql: &str| -> Result<u64, Fault> {
        let count: i64 = conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    let counters = Counters::load(conn)?;
    let totals = coverage::totals(conn)?;
    let wal = path.with_extension("db-wal");
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    Ok(Stats {
        messages: totals.captured,
        deleted: totals.deleted,
        edits: u64::try_from(counters.edits).unwrap_or(0),
        hot: u64::try_from(counters.hot).unwrap_or(0),
        // The index is small; the table would be read through its bodies' first pages.
        frames: count("SELECT count(*) FROM frame INDEXED BY frame_segment")?,
        topics: roster::count(conn, &roster::TOPICS)?,
        people: roster::count(conn, &roster::PEOPLE)?,
        ids: totals.ids,
        dates: counters.dates,
        unknown: totals.unknown,
        bytes: size(path) + size(&wal),
    })
}
