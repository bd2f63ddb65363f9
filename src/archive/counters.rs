//! Counts kept along with every transaction, so that figures need no scan.

use rusqlite::{Connection, params};

use super::error::Fault;

/// The counters, as of the transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// Highest sequence number of the log.
    pub(super) seq: i64,
    /// Versions beyond the first.
    pub(super) edits: i64,
    /// Messages not sealed yet.
    pub(super) hot: i64,
    /// Messages whose deletion or marks were folded into frames, at least.
    pub(super) around: i64,
    /// Marks that came before their message, at least.
    pub(super) early: i64,
    /// Highest number of a run.
    pub(super) runs: i64,
    /// Highest number of a segment.
    pub(super) segments: i64,
    /// Dates of the first and last message.
    pub(super) dates: Option<(i64, i64)>,
}

impl Counters {
    /// Reads them.
    pub(super) fn load(conn: &Connection) -> Result<Self, Fault> {
        let mut statement = conn.prepare_cached("SELECT name, value FROM counter")?;
        let mut rows = statement.query([])?;
        let mut counters = Self::default();
        let (mut first, mut last) = (None, None);
        while let Some(row) = rows.next()? {
            let value: i64 = row.get(1)?;
            match row.get_ref(0)?.as_str().unwrap_or_default() {
                "seq" => counters.seq = value,
                "edits" => counters.edits = value,
                "hot" => counters.hot = value,
                "around" => counters.around = value,
                "early" => counters.early = value,
                "runs" => counters.runs = value,
                "segments" => counters.segments = value,
                "first_date" => first = Some(value),
                "last_date" => last = Some(value),
                // Of a newer minor version.
                _ => {}
            }
        }
        counters.dates = first.zip(last);
        Ok(counters)
    }

    /// Writes those that differ from `before`.
    pub(super) fn save(&self, conn: &Connection, before: &Self) -> Result<(), Fault> {
        let mut put =
            conn.prepare_cached("INSERT OR REPLACE INTO counter (name, value) VALUES (?1, ?2)")?;
        for (name, new, old) in [
            ("seq", Some(self.seq), Some(before.seq)),
            ("edits", Some(self.edits), Some(before.edits)),
            ("hot", Some(self.hot), Some(before.hot)),
            ("around", Some(self.around), Some(before.around)),
            ("early", Some(self.early), Some(before.early)),
            ("runs", Some(self.runs), Some(before.runs)),
            ("segments", Some(self.segments), Some(before.segments)),
            (
                "first_date",
                self.dates.map(|dates| dates.0),
                before.dates.map(|dates| dates.0),
            ),
            (
                "last_date",
                self.dates.map(|dates| dates.1),
                before.dates.map(|dates| dates.1),
            ),
        ] {
            if new != old
                && let Some(new) = new
            {
                put.execute(params![name, new])?;
            }
        }
        Ok(())
    }

    /// The log's next sequence number.
    pub(super) fn next_seq(&mut self) -> i64 {
        self.seq += 1;
        self.seq
    }

    /// The number of the next segment.
    pub(super) fn next_segment(&mut self) -> i64 {
        self.segments += 1;
        self.segments
    }

    /// Counts a message's date in.
    pub(super) fn dated(&mut self, date: i64) {
        self.dates = Some(match self.dates {
            None => (date, date),
            Some((first, last)) => (first.min(date), last.max(date)),
        });
    }
}
