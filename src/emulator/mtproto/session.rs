//! Message ids, sequence numbers and salts of a client's session.

use std::collections::VecDeque;
use std::time::{SystemTime, UNIX_EPOCH};

use grammers_tl_types::{Serializable, types};

use super::envelope::Message;
use super::keys::Key;

/// A salt is valid for an hour; the one before and the one after are accepted too.
const SALT_SECONDS: i64 = 3_600;
/// How old a client's message may be, and how far ahead its clock, in seconds.
const OLDEST: i64 = 300;
const NEWEST: i64 = 30;
/// Client message ids remembered, to notice repetitions.
const REMEMBERED: usize = 1_024;

/// What to do with a client's message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Handle it.
    Fine,
    /// Seen already; its answer is under way or lost.
    Repeated,
    /// Refuse it with this code of `bad_msg_notification`.
    Bad(i32),
}

/// One session of a client: it chooses the id, the server remembers what it has seen.
#[derive(Debug)]
pub(super) struct Session {
    /// As the client chose it.
    pub(super) id: i64,
    /// Whether the client has been told that its session is new.
    pub(super) greeted: bool,
    last_id: i64,
    contents: i32,
    seen: VecDeque<i64>,
}

impl Session {
    /// Begins a session.
    pub(super) fn new(id: i64) -> Self {
        Self {
            id,
            greeted: false,
            last_id: 0,
            contents: 0,
            seen: VecDeque::new(),
        }
    }

    /// Whether a client's message id is acceptable now.
    pub(super) fn check(&mut self, id: i64) -> Verdict {
        let verdict = self.check_outer(id);
        if verdict != Verdict::Fine {
            return verdict;
        }
        if self.seen.contains(&id) {
            return Verdict::Repeated;
        }
        if self.seen.len() >= REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(id);
        Verdict::Fine
    }

    /// The same for the message that holds others, without remembering it.
    pub(super) fn check_outer(&self, id: i64) -> Verdict {
        let age = unix_seconds() - (id >> 32);
        if id % 4 != 0 {
            Verdict::Bad(18)
        } else if age > OLDEST {
            Verdict::Bad(16)
        } else if age < -NEWEST {
            Verdict::Bad(17)
        } else {
            Verdict::Fine
        }
    }

    /// Wraps what the server says. `answer`: it answers a request, rather than being pushed.
    /// `content`: the client has to acknowledge it.
    pub(super) fn message(&mut self, body: Vec<u8>, answer: bool, content: bool) -> Message {
        let kind = if answer { 1 } else { 3 };
        let id = moment().max((self.last_id & !3) + 4) | kind;
        self.last_id = id;
        let seq = self.contents * 2 + i32::from(content);
        self.contents += i32::from(content);
        Message { id, seq, body }
    }
}

/// The id of an answer without a session.
pub(super) fn plain_id() -> i64 {
    moment() | 1
}

/// Now, as message ids count: the lower half is a fraction of a second; the two lowest bits, which
/// say whose message it is, are left out.
fn moment() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(now.as_secs()).unwrap_or_default();
    let fraction = (i64::from(now.subsec_nanos()) << 32) / 1_000_000_000;
    ((seconds << 32) | fraction) & !3
}

/// The salt in force for a key now.
pub(super) fn salt(key: &Key) -> i64 {
    salt_of(key, unix_seconds() / SALT_SECONDS)
}

/// Whether a client's salt is in force, just over or about to begin.
pub(super) fn salt_is_valid(key: &Key, salt: i64) -> bool {
    let period = unix_seconds() / SALT_SECONDS;
    key.first_salt == Some(salt)
        || (period - 1..=period + 1).any(|period| salt_of(key, period) == salt)
}

/// The answer to `get_future_salts`.
pub(super) fn future_salts(key: &Key, request: i64, count: i32) -> Vec<u8> {
    let now = unix_seconds();
    let first = now / SALT_SECONDS;
    let salts = (first..first + i64::from(count.clamp(1, 64)))
        .map(|period| types::FutureSalt {
            valid_since: seconds(period * SALT_SECONDS),
            valid_until: seconds((period + 2) * SALT_SECONDS),
            salt: salt_of(key, period),
        })
        .collect();
    let answer = types::FutureSalts {
        req_msg_id: request,
        now: seconds(now),
        salts: grammers_tl_types::RawVec(salts),
    };
    grammers_tl_types::enums::FutureSalts::from(answer).to_bytes()
}

fn salt_of(key: &Key, period: i64) -> i64 {
    let mut bytes = [0; 8];
    blake3::Hasher::new()
        .update(&key.salt.to_le_bytes())
        .update(&period.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    // Clients begin with 0, which therefore must never be right.
    i64::from_le_bytes(bytes) | 1
}

/// Unix time as TL writes it.
pub(super) fn seconds(unix: i64) -> i32 {
    i32::try_from(unix).unwrap_or(i32::MAX)
}

/// The machine's clock. The protocol keeps to it even when the world's clock is moved, because a
/// client derives its message ids from the same machine.
pub(super) fn unix_seconds() -> i64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(now.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_and_tell_whose_they_are() {
        let mut session = Session::new(1);
        let mut last = 0;
        for turn in 0..1_000 {
            let answer = turn % 2 == 0;
            let message = session.message(Vec::new(), answer, true);
            assert!(message.id > last);
            assert_eq!(message.id % 4, if answer { 1 } else { 3 });
            assert_eq!(message.seq, turn * 2 + 1);
            last = message.id;
        }
    }

    #[test]
    fn client_ids_are_judged() {
        let mut session = Session::new(1);
        let now = unix_seconds() << 32;
        assert_eq!(session.check(now), Verdict::Fine);
        assert_eq!(session.check(now), Verdict::Repeated);
        assert_eq!(session.check(now + 1), Verdict::Bad(18));
        assert_eq!(session.check(now - (400 << 32)), Verdict::Bad(16));
        assert_eq!(session.check(now + (400 << 32)), Verdict::Bad(17));
    }
}
