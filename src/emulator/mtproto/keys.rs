//! Authorisation keys, shared beforehand or agreed on in a handshake, and who is logged in on each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha1::{Digest, Sha1};

use super::rsa;
use super::srp::Round;
use crate::emulator::world::{State, World};

/// Remembered `random_id`s of an account; Telegram, too, forgets them after a while.
const RANDOM_IDS: usize = 10_000;
/// Keys out of handshakes that are kept; the oldest is forgotten first, and its client has to
/// begin anew.
const AGREED: usize = 10_000;

/// An authorisation key.
pub(super) struct Key {
    /// The 256 bytes that client and server share.
    pub(super) bytes: [u8; 256],
    /// The last eight bytes of their SHA-1.
    pub(super) id: [u8; 8],
    /// A secret of the server from which this key's salts follow.
    pub(super) salt: u64,
    /// The salt that came out of the handshake; valid beside the others.
    pub(super) first_salt: Option<i64>,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish()
    }
}

/// The authorisation keys that the server knows, and who is logged in on each. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct KeyRing(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    entries: BTreeMap<[u8; 8], Entry>,
    /// Keys agreed on in handshakes, oldest first.
    agreed: VecDeque<[u8; 8]>,
    random_ids: BTreeMap<i64, BTreeSet<i64>>,
    turns: u64,
}

#[derive(Debug)]
struct Entry {
    key: Arc<Key>,
    user: Option<i64>,
    /// Who gave the right code and still owes the two-step password.
    pending: Option<i64>,
    round: Option<Round>,
}

impl Entry {
    fn new(key: Key) -> Self {
        Self {
            key: Arc::new(key),
            user: None,
            pending: None,
            round: None,
        }
    }
}

impl KeyRing {
    /// Makes a key that follows from the world's seed and `name`; returns its 256 bytes in
    /// hexadecimal. Nobody is logged in on it until a client does so; asking again for the same
    /// name gives the same key and changes nothing.
    pub fn share(&self, world: &World, name: &str) -> String {
        let seed = world.read(State::seed);
        let mut bytes = [0; 256];
        blake3::Hasher::new()
            .update(format!("auth key:{seed}:{name}").as_bytes())
            .finalize_xof()
            .fill(&mut bytes);
        let mut salt = [0; 8];
        blake3::Hasher::new()
            .update(format!("server salt:{seed}:{name}").as_bytes())
            .finalize_xof()
            .fill(&mut salt);
        let key = Key {
            bytes,
            id: key_id(&bytes),
            salt: u64::from_le_bytes(salt),
            first_salt: None,
        };
        self.lock()
            .entries
            .entry(key.id)
            .or_insert_with(|| Entry::new(key));
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The public half of the key under which clients begin a handshake: PKCS #1 in PEM.
    #[must_use]
    pub const fn rsa_public_key_pem() -> &'static str {
        rsa::PUBLIC_PEM
    }

    /// Takes in a key that a handshake led to; `false` where another key has the same id.
    pub(super) fn agree(&self, bytes: [u8; 256], first_salt: i64) -> bool {
        let id = key_id(&bytes);
        let mut salt = [0; 8];
        blake3::Hasher::new()
            .update(b"server salt of a key:")
            .update(&bytes)
            .finalize_xof()
            .fill(&mut salt);
        let mut inner = self.lock();
        if inner.entries.contains_key(&id) {
            return false;
        }
        while inner.agreed.len() >= AGREED {
            let oldest = inner.agreed.pop_front();
            oldest.and_then(|id| inner.entries.remove(&id));
        }
        let key = Key {
            bytes,
            id,
            salt: u64::from_le_bytes(salt),
            first_salt: Some(first_salt),
        };
        inner.entries.insert(id, Entry::new(key));
        inner.agreed.push_back(id);
        true
    }

    /// Logs an account out everywhere: its keys answer `AUTH_KEY_UNREGISTERED` until someone logs
    /// in on them again.
    pub fn revoke(&self, user: i64) {
        for entry in self.lock().entries.values_mut() {
            if entry.user == Some(user) {
                entry.user = None;
            }
        }
    }

    /// A key by its id.
    pub(super) fn key(&self, id: [u8; 8]) -> Option<Arc<Key>> {
        Some(Arc::clone(&self.lock().entries.get(&id)?.key))
    }

    /// Who is logged in on a key.
    pub(super) fn user(&self, key: &Key) -> Option<i64> {
        self.lock().entries.get(&key.id)?.user
    }

    /// Logs `user` in on a key, or out with `None`.
    pub(super) fn bind(&self, key: &Key, user: Option<i64>) {
        if let Some(entry) = self.lock().entries.get_mut(&key.id) {
            entry.user = user;
            entry.pending = None;
            entry.round = None;
        }
    }

    /// Notes that `user` gave the right code on a key and owes the password.
    pub(super) fn set_pending(&self, key: &Key, user: i64) {
        if let Some(entry) = self.lock().entries.get_mut(&key.id) {
            entry.pending = Some(user);
        }
    }

    /// Who owes a password on a key.
    pub(super) fn pending(&self, key: &Key) -> Option<i64> {
        self.lock().entries.get(&key.id)?.pending
    }

    /// Keeps the server's half of a password check.
    pub(super) fn set_round(&self, key: &Key, round: Round) {
        if let Some(entry) = self.lock().entries.get_mut(&key.id) {
            entry.round = Some(round);
        }
    }

    /// The round last begun on a key.
    pub(super) fn round(&self, key: &Key) -> Option<Round> {
        self.lock().entries.get(&key.id)?.round.clone()
    }

    /// A number that no round has had.
    pub(super) fn turn(&self) -> u64 {
        let mut inner = self.lock();
        inner.turns += 1;
        inner.turns
    }

    /// Whether `user` uses this `random_id` for the first time.
    pub(super) fn first_use(&self, user: i64, random_id: i64) -> bool {
        let mut inner = self.lock();
        let used = inner.random_ids.entry(user).or_default();
        if used.len() >= RANDOM_IDS {
            used.clear();
        }
        used.insert(random_id)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The id of a key, as both sides compute it.
pub(super) fn key_id(bytes: &[u8; 256]) -> [u8; 8] {
    let digest: [u8; 20] = Sha1::digest(bytes).into();
    let [.., a, b, c, d, e, f, g, h] = digest;
    [a, b, c, d, e, f, g, h]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_follow_from_seed_and_name() {
        let world = World::new(State::new(7));
        let keys = KeyRing::default();
        let first = keys.share(&world, "first");
        assert_eq!(first.len(), 512);
        assert_eq!(first, keys.share(&world, "first"));
        assert_ne!(first, keys.share(&world, "second"));
        let other = World::new(State::new(8));
        assert_ne!(first, KeyRing::default().share(&other, "first"));
    }

    #[test]
    fn the_id_is_the_one_that_clients_compute() {
        let mut bytes = [0_u8; 256];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = at.to_le_bytes()[0];
        }
        assert_eq!(key_id(&bytes), [50, 209, 88, 110, 164, 87, 223, 200]);
    }
}
