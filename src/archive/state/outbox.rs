//! What is to reach customers, in `state.db`: kept before it is sent, and sent once.

use rusqlite::{Row, params};

use super::State;
use crate::archive::error::{ArchiveError, Fault};
use crate::model::{GroupId, MessageId, TopicId};

/// A message for a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number.
    pub id: i64,
    /// In which group.
    pub group: GroupId,
    /// In which topic.
    pub topic: TopicId,
    /// What it comes from: the same thing is not said twice.
    pub origin: String,
    /// `bot`, `userbot` or `crm_api`.
    pub delivery: String,
    /// What it says.
    pub text: String,
    /// How far it is.
    pub state: OutgoingState,
    /// When it was put here, Unix seconds.
    pub created_at: i64,
    /// When it was last being sent, Unix seconds.
    pub begun_at: Option<i64>,
    /// How often it was tried.
    pub attempts: u32,
    /// Its id in the group, once it was sent and where that is known.
    pub message: Option<MessageId>,
    /// Why it was given up.
    pub problem: Option<String>,
}

impl Outgoing {
    /// Why a message is given up of which nobody can say whether it arrived.
    pub const DOUBTFUL: &'static str = "whether it was sent is not known";
    /// Why a message is given up that waited too long.
    pub const LATE: &'static str = "it could not be sent within a day";
    /// What could not be sent within a day is not sent any more, seconds.
    const OLD: i64 = 86_400;

    /// Whether it has waited for longer than anybody wants it.
    #[must_use]
    pub const fn is_old(&self, now: i64) -> bool {
        now.saturating_sub(self.created_at) > Self::OLD
    }
}

/// How far a message for a customer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutgoingState {
    /// It waits.
    Waiting,
    /// It is being sent; after a start: whether it was is not known.
    Sending,
    /// It was sent.
    Sent,
    /// It was given up.
    Failed,
}

impl OutgoingState {
    const ALL: [Self; 4] = [Self::Waiting, Self::Sending, Self::Sent, Self::Failed];

    const fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Sending => 1,
            Self::Sent => 2,
            Self::Failed => 3,
        }
    }
}

const COLUMNS: &str = "id, group_id, topic, origin, delivery, text, state, begun_at, attempts, message, problem, \
    created_at";

impl State {
    /// Keeps a message for a customer; `None`: something of the same origin is there already.
    pub fn send_out(
        &mut self,
        group: GroupId,
        topic: TopicId,
        origin: &str,
        delivery: &str,
        text: &str,
        at: i64,
    ) -> Result<Option<i64>, ArchiveError> {
        self.change(|conn| {
            let kept = conn.execute(
                "INSERT INTO outbox (group_id, topic, origin, delivery, text, state, created_at, \
                   attempts) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0) ON CONFLICT DO NOTHING",
                params![group.bare(), topic.0, origin, delivery, text, at],
            )?;
            Ok((kept > 0).then(|| conn.last_insert_rowid()))
        })
    }

    /// Messages for a group that were not sent yet, the oldest first.
    pub fn outgoing(&self, delivery: &str, group: GroupId) -> Result<Vec<Outgoing>, ArchiveError> {
        self.outbox(
            "state < 2 AND delivery = ?1 AND group_id = ?2",
            params![delivery, group.bare()],
        )
    }

    /// The words of everything that was ever to reach customers.
    pub fn meant_for_customers(&self) -> Result<Vec<String>, ArchiveError> {
        self.query(|conn| {
            let mut statement = conn.prepare_cached("SELECT text FROM outbox ORDER BY id")?;
            let texts = statement.query_map([], |row| row.get(0))?;
            texts.collect::<Result<_, _>>().map_err(Fault::from)
        })
    }

    /// A message is about to be sent.
    pub fn sending(&mut self, id: i64, at: i64) -> Result<(), ArchiveError> {
        self.set_outgoing(
            "UPDATE outbox SET state = 1, begun_at = ?2, attempts = attempts + 1 WHERE id = ?1",
            params![id, at],
        )
    }

    /// It was not sent, and is tried again.
    pub fn not_sent(&mut self, id: i64) -> Result<(), ArchiveError> {
        self.set_outgoing("UPDATE outbox SET state = 0 WHERE id = ?1", params![id])
    }

    /// It was sent.
    pub fn sent(&mut self, id: i64, message: Option<MessageId>) -> Result<(), ArchiveError> {
        self.set_outgoing(
            "UPDATE outbox SET state = 2, message = ?2 WHERE id = ?1",
            params![id, message.map(|id| id.0)],
        )
    }

    /// It cannot be sent.
    pub fn given_up(&mut self, id: i64, problem: &str) -> Result<(), ArchiveError> {
        self.set_outgoing(
            "UPDATE outbox SET state = 3, problem = ?2 WHERE id = ?1",
            params![id, problem],
        )
    }

    /// Messages that were given up, of which operators have not been told.
    pub fn given_up_untold(&self, group: GroupId) -> Result<Vec<Outgoing>, ArchiveError> {
        self.outbox(
            "state = 3 AND told = 0 AND group_id = ?1",
            params![group.bare()],
        )
    }

    fn outbox(
        &self,
        which: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<Outgoing>, ArchiveError> {
        let select = format!("SELECT {COLUMNS} FROM outbox WHERE {which} ORDER BY id LIMIT 100");
        self.query(|conn| {
            let mut statement = conn.prepare_cached(&select)?;
            let mut rows = statement.query(values)?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(read(row)?);
            }
            Ok(found)
        })
    }

    /// Messages in a group that were sent, whose origin begins in one way.
    pub fn sent_from(&self, group: GroupId, origin: &str) -> Result<Vec<MessageId>, ArchiveError> {
        self.query(|conn| {
            let mut statement = conn.prepare_cached(
                "SELECT message FROM outbox WHERE group_id = ?1 AND message IS NOT NULL \
                 AND substr(origin, 1, length(?2)) = ?2",
            )?;
            let ids = statement.query_map(params![group.bare(), origin], |row| row.get(0))?;
            let ids = ids.map(|id| id.map(MessageId));
            ids.collect::<Result<_, _>>().map_err(Fault::from)
        })
    }

    /// Operators were told that it was given up.
    pub fn told(&mut self, id: i64) -> Result<(), ArchiveError> {
        self.set_outgoing("UPDATE outbox SET told = 1 WHERE id = ?1", params![id])
    }

    fn set_outgoing(
        &mut self,
        change: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<(), ArchiveError> {
        self.change(|conn| {
            conn.execute(change, values)?;
            Ok(())
        })
    }
}

fn read(row: &Row<'_>) -> Result<Outgoing, Fault> {
    let state: i64 = row.get(6)?;
    let state = OutgoingState::ALL
        .into_iter()
        .find(|known| known.number() == state);
    Ok(Outgoing {
        id: row.get(0)?,
        group: GroupId::from_bare(row.get(1)?)
            .ok_or(Fault::Damaged("a message for an impossible group"))?,
        topic: TopicId(row.get(2)?),
        origin: row.get(3)?,
        delivery: row.get(4)?,
        text: row.get(5)?,
        state: state.ok_or(Fault::Damaged("an impossible state in the outbox"))?,
        begun_at: row.get(7)?,
        attempts: row.get(8)?,
        message: row.get::<_, Option<i32>>(9)?.map(MessageId),
        problem: row.get(10)?,
        created_at: row.get(11)?,
    })
}
