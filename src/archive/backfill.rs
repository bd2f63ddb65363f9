//! Backfills that were asked for, in `state.db`: what is to be read first, and how far that is.
//!
//! Any process may ask for one, look at it and end it; the one that captures the group does the
//! work. What was read stands in the archive; here stands only where to go on, so that a kill
//! costs at most a page that is read twice.

use rusqlite::{Row, params};

use super::error::{ArchiveError, Fault};
use super::state::State;
use crate::model::{GroupId, TopicId};

/// What is to be read first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackfillWish {
    /// Of which group.
    pub group: GroupId,
    /// One topic of it; `None`: everything that is unknown.
    pub topic: Option<TopicId>,
    /// From the first message on, rather than from the newest back.
    pub oldest_first: bool,
}

/// What has become of a backfill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BackfillState {
    /// It is being read, or waits for its turn.
    Open,
    /// Everything was read.
    Done,
    /// Somebody ended it.
    Stopped,
    /// It cannot be read; `problem` says why.
    Failed,
    /// It was read as far as Telegram tells now; `problem` says what is left.
    InPart,
}

impl BackfillState {
    const ALL: [Self; 5] = [
        Self::Open,
        Self::Done,
        Self::Stopped,
        Self::Failed,
        Self::InPart,
    ];

    const fn number(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Done => 1,
            Self::Stopped => 2,
            Self::Failed => 3,
            Self::InPart => 4,
        }
    }
}

/// A backfill and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// Its number; those with lower ones come first.
    pub id: i64,
    /// What is to be read.
    pub wish: BackfillWish,
    /// What has become of it.
    pub state: BackfillState,
    /// The message id that was read last in a topic.
    pub position: Option<i32>,
    /// Messages of the topic that were read, or ids of the group that became known.
    pub done: u64,
    /// About how many are left; `None` before Telegram has said.
    pub remaining: Option<u64>,
    /// When it was asked for, Unix seconds.
    pub asked_at: i64,
    /// When a process last began to work on it, Unix seconds.
    pub begun_at: Option<i64>,
    /// How much had been done by then.
    pub begun_with: u64,
    /// When it last changed, Unix seconds.
    pub changed_at: i64,
    /// Until when Telegram asks to wait, Unix seconds.
    pub waiting_until: Option<i64>,
    /// Why it is not what was hoped for.
    pub problem: Option<String>,
}

impl Backfill {
    /// Messages or ids a second since a process began to work on it.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        let seconds = self.changed_at - self.begun_at?;
        let done = self.done.checked_sub(self.begun_with)?;
        #[allow(clippy::cast_precision_loss)] // an estimate
        (seconds > 0 && done > 0).then(|| done as f64 / seconds as f64)
    }

    /// About how many seconds it will take.
    #[must_use]
    pub fn seconds_left(&self) -> Option<u64> {
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss
        )] // an estimate
        Some((self.remaining? as f64 / self.rate()?).ceil() as u64)
    }
}

const COLUMNS: &str = "id, group_id, topic, oldest_first, state, position, done, remaining, \
                       asked_at, begun_at, begun_with, changed_at, waiting_until, problem";

impl State {
    /// Asks for a backfill and returns its number: that of the same one where it is open already.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn ask_backfill(&mut self, wish: &BackfillWish, at: i64) -> Result<i64, ArchiveError> {
        self.change(|conn| {
            let same = "SELECT id FROM backfill WHERE state = 0 AND group_id = ?1 \
                        AND topic IS ?2 AND oldest_first = ?3";
            let topic = wish.topic.map(|topic| topic.0);
            let key = params![wish.group.bare(), topic, wish.oldest_first];
            let transaction = conn.transaction()?;
            let open = transaction.query_row(same, key, |row| row.get(0));
            let id = match open {
                Ok(id) => id,
                Err(rusqlite::Error::QueryReturnedNoRows) => {
                    let insert = "INSERT INTO backfill (group_id, topic, oldest_first, state, \
                                  done, begun_with, asked_at, changed_at) \
                                  VALUES (?1, ?2, ?3, 0, 0, 0, ?4, ?4)";
                    let row = params![wish.group.bare(), topic, wish.oldest_first, at];
                    transaction.execute(insert, row)?;
                    transaction.last_insert_rowid()
                }
                Err(error) => return Err(error.into()),
            };
            transaction.commit()?;
            Ok(id)
        })
    }

    /// All backfills, or the open ones, first asked first.
    ///
    /// # Errors
    /// When `state.db` cannot be read.
    pub fn backfills(&self, only_open: bool) -> Result<Vec<Backfill>, ArchiveError> {
        let open = if only_open { "WHERE state = 0" } else { "" };
        self.query(|conn| {
            let select = format!("SELECT {COLUMNS} FROM backfill {open} ORDER BY id");
            let mut statement = conn.prepare_cached(&select)?;
            let mut rows = statement.query([])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(backfill(row)?);
            }
            Ok(found)
        })
    }

    /// A process begins to work on a backfill, from where it stands.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn begin_backfill(&mut self, id: i64, at: i64) -> Result<(), ArchiveError> {
        self.change(|conn| {
            let update = "UPDATE backfill SET begun_at = ?2, begun_with = done, changed_at = ?2 \
                          WHERE id = ?1 AND state = 0";
            conn.execute(update, params![id, at])?;
            Ok(())
        })
    }

    /// Notes how far a backfill is.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn advance_backfill(
        &mut self,
        id: i64,
        position: Option<i32>,
        done: u64,
        remaining: Option<u64>,
        at: i64,
    ) -> Result<(), ArchiveError> {
        self.change(|conn| {
            let update = "UPDATE backfill SET position = ?2, done = ?3, remaining = ?4, \
                          changed_at = ?5 WHERE id = ?1 AND state = 0";
            let (done, remaining) = (signed(done), remaining.map(signed));
            conn.execute(update, params![id, position, done, remaining, at])?;
            Ok(())
        })
    }

    /// Notes until when Telegram asks everyone to wait who reads this group.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn backfills_wait(
        &mut self,
        group: GroupId,
        until: Option<i64>,
    ) -> Result<(), ArchiveError> {
        self.change(|conn| {
            let update = "UPDATE backfill SET waiting_until = ?2 WHERE group_id = ?1 AND state = 0";
            conn.execute(update, params![group.bare(), until])?;
            Ok(())
        })
    }

    /// Ends an open backfill; returns whether it was open.
    ///
    /// # Errors
    /// When `state.db` cannot be written.
    pub fn end_backfill(
        &mut self,
        id: i64,
        state: BackfillState,
        problem: Option<&str>,
        at: i64,
    ) -> Result<bool, ArchiveError> {
        self.change(|conn| {
            let update = "UPDATE backfill SET state = ?2, problem = ?3, changed_at = ?4, \
                          waiting_until = NULL WHERE id = ?1 AND state = 0";
            let changed = conn.execute(update, params![id, state.number(), problem, at])?;
            Ok(changed > 0)
        })
    }
}

fn backfill(row: &Row<'_>) -> Result<Backfill, Fault> {
    let state: i64 = row.get(4)?;
    Ok(Backfill {
        id: row.get(0)?,
        wish: BackfillWish {
            group: GroupId::from_bare(row.get(1)?)
                .ok_or(Fault::Damaged("a backfill of an impossible group"))?,
            topic: row.get::<_, Option<i32>>(2)?.map(TopicId),
            oldest_first: row.get(3)?,
        },
        state: BackfillState::ALL
            .into_iter()
            .find(|known| known.number() == state)
            .ok_or(Fault::Damaged("a backfill in an unknown state"))?,
        position: row.get(5)?,
        done: unsigned(row.get(6)?),
        remaining: row.get::<_, Option<i64>>(7)?.map(unsigned),
        asked_at: row.get(8)?,
        begun_at: row.get(9)?,
        begun_with: unsigned(row.get(10)?),
        changed_at: row.get(11)?,
        waiting_until: row.get(12)?,
        problem: row.get(13)?,
    })
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::archive::Vault;

    #[test]
    fn a_backfill_is_asked_for_once_worked_on_and_ended_once() {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::create(dir.path()).unwrap();
        let wish = BackfillWish {
            group: GroupId::from_bare(7).unwrap(),
            topic: Some(TopicId(12)),
            oldest_first: true,
        };
        let mut asking = vault.state().unwrap();
        let id = asking.ask_backfill(&wish, 100).unwrap();
        assert_eq!(asking.ask_backfill(&wish, 101).unwrap(), id);
        let whole = BackfillWish {
            topic: None,
            ..wish
        };
        let second = asking.ask_backfill(&whole, 102).unwrap();
        assert_ne!(second, id);

        let mut working = vault.state().unwrap();
        working.begin_backfill(id, 110).unwrap();
        let advanced = working.advance_backfill(id, Some(55), 300, Some(900), 120);
        advanced.unwrap();
        working.backfills_wait(wish.group, Some(150)).unwrap();
        let seen = asking.backfills(true).unwrap().remove(0);
        assert_eq!((seen.wish, seen.position), (wish, Some(55)));
        assert_eq!((seen.rate(), seen.seconds_left()), (Some(30.0), Some(30)));
        assert_eq!(seen.waiting_until, Some(150));

        // What was done before a pause says nothing about the pace after it.
        working.begin_backfill(id, 1_000).unwrap();
        working
            .advance_backfill(id, Some(65), 400, Some(800), 1_001)
            .unwrap();
        assert_eq!(asking.backfills(true).unwrap()[0].rate(), Some(100.0));

        let stopped = asking.end_backfill(id, BackfillState::Stopped, None, 1_002);
        assert!(stopped.unwrap());
        // Whoever works on it hears of it too late: it stays stopped.
        working
            .advance_backfill(id, Some(75), 500, Some(700), 1_003)
            .unwrap();
        assert!(
            !working
                .end_backfill(id, BackfillState::Done, None, 1_004)
                .unwrap()
        );
        let all = asking.backfills(false).unwrap();
        assert_eq!((all[0].state, all[0].done), (BackfillState::Stopped, 400));
        let open: Vec<i64> = asking
            .backfills(true)
            .unwrap()
            .iter()
            .map(|it| it.id)
            .collect();
        assert_eq!(open, [second]);
        let why = Some("Telegram does not tell of 3 ids now");
        let ended = working.end_backfill(second, BackfillState::InPart, why, 1_005);
        assert!(ended.unwrap());
        let last = asking.backfills(false).unwrap().remove(1);
        assert_eq!(
            (last.state, last.problem.as_deref()),
            (BackfillState::InPart, why)
        );
    }
}
