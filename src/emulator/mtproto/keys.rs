//! Authorisation keys, shared beforehand or agreed on in a handshake, and who is logged in on each.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha1::{Digest, Sha1};

use super::rsa;
use super::session::unix_seconds;
use super::srp::Round;
use crate::emulator::world::{State, World};

/// Words for other datacentres that are kept.
const WORDS: usize = 1_000;
/// How long a QR code is good for, seconds.
const TOKEN_SECONDS: i64 = 30;

/// Why a QR code cannot be scanned. `Display` is Telegram's error name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScanError {
    /// Nobody shows such a code.
    #[error("AUTH_TOKEN_INVALIDX")]
    Unknown,
    /// It was shown too long ago.
    #[error("AUTH_TOKEN_EXPIRED")]
    Expired,
    /// Somebody was faster.
    #[error("AUTH_TOKEN_ALREADY_ACCEPTED")]
    Repeated,
    /// The account is logged in there already.
    #[error("AUTH_TOKEN_EXCEPTION")]
    LoggedIn,
}

impl ScanError {
    /// What is wrong, and what to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Unknown => "no client shows this code: take the newest one it shows",
            Self::Expired => "the code is older than 30 seconds: let the client show a new one",
            Self::Repeated => "somebody has scanned this code already",
            Self::LoggedIn => "the account is logged in on that client already",
        }
    }
}

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
    /// Words for other datacentres, oldest first: the bytes, the account, the datacentre.
    words: VecDeque<(Vec<u8>, i64, i32)>,
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
    /// The one datacentre that knows the key; `None`: all of them.
    dc: Option<i32>,
    /// When somebody logged in on it, Unix seconds.
    since: i64,
    token: Option<LoginToken>,
}

/// What a QR code carries.
#[derive(Clone, Debug)]
struct LoginToken {
    bytes: Vec<u8>,
    /// Unix seconds.
    expires: i64,
    /// Accounts that are logged in there already.
    except: Vec<i64>,
    /// Who has scanned it.
    scanned: Option<i64>,
    /// Whether the waiting client has yet to be told.
    news: bool,
}

impl Entry {
    fn new(key: Key) -> Self {
        Self {
            key: Arc::new(key),
            user: None,
            pending: None,
            round: None,
            dc: None,
            since: 0,
            token: None,
        }
    }
}

impl KeyRing {
    /// Makes a key that follows from the world's seed and `name`; returns its 256 bytes in
    /// hexadecimal. Nobody is logged in on it until a client does so; asking again for the same
    /// name gives the same key and changes nothing.
    pub fn share(&self, world: &World, name: &str) -> String {
        hexadecimal(&self.make(world, name))
    }

    /// [`KeyRing::share`], with `user` logged in on the key from the start.
    pub fn share_logged_in(&self, world: &World, name: &str, user: i64) -> String {
        let bytes = self.make(world, name);
        let since = unix_seconds();
        if let Some(entry) = self.lock().entries.get_mut(&key_id(&bytes)) {
            entry.user = Some(user);
            entry.since = since;
        }
        hexadecimal(&bytes)
    }

    /// [`KeyRing::share`]; gives the bytes themselves.
    pub(super) fn make(&self, world: &World, name: &str) -> [u8; 256] {
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
        bytes
    }

    /// The public half of the key under which clients begin a handshake: PKCS #1 in PEM.
    #[must_use]
    pub const fn rsa_public_key_pem() -> &'static str {
        rsa::PUBLIC_PEM
    }

    /// Takes in a key that a handshake with a datacentre led to; `false` where another key has the
    /// same id.
    pub(super) fn agree(&self, bytes: [u8; 256], first_salt: i64, dc: i32) -> bool {
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
        let mut entry = Entry::new(key);
        entry.dc = Some(dc);
        inner.entries.insert(id, entry);
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

    /// A key by its id, where a datacentre knows it.
    pub(super) fn key(&self, id: [u8; 8], dc: i32) -> Option<Arc<Key>> {
        let inner = self.lock();
        let entry = inner.entries.get(&id)?;
        let known = entry.dc.is_none_or(|known| known == dc);
        known.then(|| Arc::clone(&entry.key))
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
            entry.token = None;
            entry.since = unix_seconds();
        }
    }

    /// The keys that an account is logged in on, and since when.
    pub(super) fn logins(&self, user: i64) -> Vec<(Arc<Key>, i64)> {
        let inner = self.lock();
        let of_user = inner.entries.values().filter(|it| it.user == Some(user));
        of_user
            .map(|entry| (Arc::clone(&entry.key), entry.since))
            .collect()
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

    /// Makes a token for a QR code that logs `key` in; an earlier one is void.
    pub(super) fn make_token(&self, key: &Key, except: Vec<i64>) -> (Vec<u8>, i64) {
        let turn = self.turn();
        let mut bytes = vec![0; 32];
        blake3::Hasher::new()
            .update(b"login token:")
            .update(&key.bytes)
            .update(&turn.to_le_bytes())
            .finalize_xof()
            .fill(&mut bytes);
        let expires = unix_seconds() + TOKEN_SECONDS;
        if let Some(entry) = self.lock().entries.get_mut(&key.id) {
            entry.token = Some(LoginToken {
                bytes: bytes.clone(),
                expires,
                except,
                scanned: None,
                news: false,
            });
        }
        (bytes, expires)
    }

    /// Lets an account scan a QR code: the client that shows it logs in as that account when it
    /// asks again. Whoever follows the world's changes should be woken afterwards.
    pub(super) fn scan(&self, token: &[u8], user: i64) -> Result<Arc<Key>, ScanError> {
        let mut inner = self.lock();
        let (key, token) = inner
            .entries
            .values_mut()
            .find_map(|entry| {
                let known = entry.token.as_mut()?;
                (known.bytes == token).then_some((&entry.key, known))
            })
            .ok_or(ScanError::Unknown)?;
        if token.expires < unix_seconds() {
            return Err(ScanError::Expired);
        }
        if token.scanned.is_some() {
            return Err(ScanError::Repeated);
        }
        if token.except.contains(&user) {
            return Err(ScanError::LoggedIn);
        }
        token.scanned = Some(user);
        token.news = true;
        Ok(Arc::clone(key))
    }

    /// Lets an account scan a QR code, and wakes the client that shows it.
    pub fn accept_login(
        &self,
        state: &mut State,
        token: &[u8],
        user: i64,
    ) -> Result<(), ScanError> {
        self.scan(token, user)?;
        state.stir();
        Ok(())
    }

    /// A word by which `user` may log in at another datacentre, once.
    pub(super) fn vouch(&self, key: &Key, user: i64, dc: i32) -> Vec<u8> {
        let turn = self.turn();
        let mut bytes = vec![0; 128];
        blake3::Hasher::new()
            .update(b"exported authorization:")
            .update(&key.bytes)
            .update(&turn.to_le_bytes())
            .finalize_xof()
            .fill(&mut bytes);
        let mut inner = self.lock();
        while inner.words.len() >= WORDS {
            inner.words.pop_front();
        }
        inner.words.push_back((bytes.clone(), user, dc));
        bytes
    }

    /// Whom such a word vouches for at a datacentre; forgets it.
    pub(super) fn vouched(&self, bytes: &[u8], dc: i32) -> Option<i64> {
        let mut inner = self.lock();
        let known = |(word, _, at): &(Vec<u8>, i64, i32)| word == bytes && *at == dc;
        let place = inner.words.iter().position(known)?;
        inner.words.remove(place).map(|(_, user, _)| user)
    }

    /// Who scanned the code that was shown for `key`; moves the token away from there.
    pub(super) fn take_scan(&self, key: &Key) -> Option<i64> {
        let mut inner = self.lock();
        let entry = inner.entries.get_mut(&key.id)?;
        let user = entry.token.as_ref()?.scanned?;
        entry.token = None;
        Some(user)
    }

    /// The same by the token, for a client that was sent to another datacentre.
    pub(super) fn take_scan_of(&self, token: &[u8]) -> Option<i64> {
        let mut inner = self.lock();
        inner.entries.values_mut().find_map(|entry| {
            let known = entry.token.as_ref()?;
            let user = known.scanned.filter(|_| known.bytes == token)?;
            entry.token = None;
            Some(user)
        })
    }

    /// Whether a code was scanned and nobody has been told yet.
    pub(super) fn take_scanned(&self, key: &Key) -> bool {
        let mut inner = self.lock();
        let entry = inner.entries.get_mut(&key.id);
        let token = entry.and_then(|entry| entry.token.as_mut());
        token.is_some_and(|token| std::mem::take(&mut token.news))
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

    /// Whether `user` has used any of these `random_id`s, or names one twice.
    pub(super) fn repeats(&self, user: i64, random_ids: &[i64]) -> bool {
        let inner = self.lock();
        let mut new = BTreeSet::new();
        let used = inner.random_ids.get(&user);
        random_ids
            .iter()
            .any(|id| !new.insert(*id) || used.is_some_and(|used| used.contains(id)))
    }

    /// Notes that `user` has used these `random_id`s: once what they were for is done.
    pub(super) fn use_up(&self, user: i64, random_ids: &[i64]) {
        let mut inner = self.lock();
        let used = inner.random_ids.entry(user).or_default();
        if used.len() >= RANDOM_IDS {
            used.clear();
        }
        used.extend(random_ids);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hexadecimal(bytes: &[u8; 256]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
