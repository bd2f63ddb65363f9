//! Where a login's rows go: in plain, or sealed.

use grammers_session::types::{
    ChannelKind, ChannelState, DcOption, PeerAuth, PeerId, PeerInfo, PeerKind, UpdatesState,
};
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

use super::cipher::{Cipher, CipherError, Derivation, Sealing};
use super::memory::Memory;
use super::rows;

/// What can go wrong with rows.
#[derive(Debug)]
pub(super) enum StoreError {
    /// SQLite refuses.
    Sqlite(rusqlite::Error),
    /// An entry does not open, or holds what we never wrote.
    Damaged,
    /// Nothing can be sealed here.
    Cipher,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<CipherError> for StoreError {
    fn from(error: CipherError) -> Self {
        match error {
            CipherError::Wrong | CipherError::Unknown => Self::Damaged,
            CipherError::Failed => Self::Cipher,
        }
    }
}

/// How a file's rows are kept.
#[derive(Clone)]
pub(super) enum Store {
    /// As they are.
    Plain,
    /// Sealed.
    Sealed(Box<Cipher>),
}

/// A sealed value. Names of fields stay: files live long.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
enum Entry {
    Home {
        dc: i32,
    },
    Name {
        name: String,
    },
    Datacentre {
        id: i32,
        ipv4: String,
        ipv6: String,
        auth_key: Option<String>,
    },
    Peer {
        id: i64,
        hash: Option<i64>,
        bot: Option<bool>,
        is_self: Option<bool>,
        kind: Option<u8>,
    },
    State {
        pts: i32,
        qts: i32,
        date: i32,
        seq: i32,
        channels: Vec<(i64, i32)>,
    },
}

impl Entry {
    /// What it is called; hashed before it is stored.
    fn name(&self) -> String {
        match self {
            Self::Home { .. } => "home".to_owned(),
            Self::Name { .. } => "name".to_owned(),
            Self::Datacentre { id, .. } => format!("datacentre {id}"),
            Self::Peer { id, .. } => format!("peer {id}"),
            Self::State { .. } => "state".to_owned(),
        }
    }

    fn datacentre(option: &DcOption) -> Self {
        Self::Datacentre {
            id: option.id,
            ipv4: option.ipv4.to_string(),
            ipv6: option.ipv6.to_string(),
            auth_key: option.auth_key.as_ref().map(|key| hexadecimal(key)),
        }
    }

    fn peer(peer: &PeerInfo) -> Self {
        let id = peer.id().bot_api_dialog_id_unchecked();
        let (auth, bot, is_self, kind) = match peer {
            PeerInfo::User {
                auth, bot, is_self, ..
            } => (*auth, *bot, *is_self, None),
            PeerInfo::Chat { .. } => (None, None, None, None),
            PeerInfo::Channel { auth, kind, .. } => (*auth, None, None, *kind),
        };
        Self::Peer {
            id,
            hash: auth.map(|auth| auth.hash()),
            bot,
            is_self,
            kind: kind.map(|kind| kind as u8),
        }
    }

    fn state(state: &UpdatesState) -> Self {
        Self::State {
            pts: state.pts,
            qts: state.qts,
            date: state.date,
            seq: state.seq,
            channels: state
                .channels
                .iter()
                .map(|channel| (channel.id, channel.pts))
                .collect(),
        }
    }

    /// Puts it where it belongs; `None` where it cannot be read.
    fn into_memory(self, memory: &mut Memory) -> Option<()> {
        match self {
            Self::Home { dc } => memory.home_dc = dc,
            Self::Name { name } => memory.name = Some(name),
            Self::Datacentre {
                id,
                ipv4,
                ipv6,
                auth_key,
            } => {
                let option = DcOption {
                    id,
                    ipv4: ipv4.parse().ok()?,
                    ipv6: ipv6.parse().ok()?,
                    auth_key: match auth_key {
                        Some(hex) => Some(super::file::decode_key(&hex)?),
                        None => None,
                    },
                };
                memory.datacentres.insert(id, option);
            }
            Self::Peer {
                id,
                hash,
                bot,
                is_self,
                kind,
            } => {
                let id = PeerId::from_bot_api_dialog_id(id)?;
                let bare = id.bare_id_unchecked();
                let auth = hash.map(PeerAuth::from_hash);
                memory.insert(match id.kind() {
                    PeerKind::User => PeerInfo::User {
                        id: bare,
                        auth,
                        bot,
                        is_self,
                    },
                    PeerKind::Chat => PeerInfo::Chat { id: bare },
                    PeerKind::Channel => PeerInfo::Channel {
                        id: bare,
                        auth,
                        kind: match kind {
                            Some(1) => Some(ChannelKind::Broadcast),
                            Some(2) => Some(ChannelKind::Megagroup),
                            Some(3) => Some(ChannelKind::Gigagroup),
                            Some(4) => Some(ChannelKind::Community),
                            _ => None,
                        },
                    },
                });
            }
            Self::State {
                pts,
                qts,
                date,
                seq,
                channels,
            } => {
                let channels = channels.into_iter();
                memory.state = UpdatesState {
                    pts,
                    qts,
                    date,
                    seq,
                    channels: channels.map(|(id, pts)| ChannelState { id, pts }).collect(),
                };
            }
        }
        Some(())
    }
}

impl Store {
    /// Reads everything.
    pub(super) fn load(&self, db: &Connection) -> Result<Memory, StoreError> {
        let Self::Sealed(cipher) = self else {
            return Ok(rows::load(db)?);
        };
        let mut memory = Memory::empty();
        let mut statement = db.prepare("SELECT name, value FROM entry")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (name, value): (Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?);
            let json = cipher.open(&name, &value)?;
            let entry: Entry = serde_json::from_slice(&json).map_err(|_| StoreError::Damaged)?;
            if cipher.name(&entry.name()).as_slice() != name {
                return Err(StoreError::Damaged);
            }
            entry.into_memory(&mut memory).ok_or(StoreError::Damaged)?;
        }
        Ok(memory)
    }

    /// Writes the home datacentre.
    pub(super) fn save_home(&self, db: &Connection, home_dc: i32) -> Result<(), StoreError> {
        match self {
            Self::Plain => Ok(rows::save_home(db, home_dc)?),
            Self::Sealed(cipher) => put(db, cipher, &Entry::Home { dc: home_dc }),
        }
    }

    /// Writes the account's display name.
    pub(super) fn save_name(
        &self,
        db: &Connection,
        home_dc: i32,
        name: &str,
    ) -> Result<(), StoreError> {
        match self {
            Self::Plain => Ok(rows::save_name(db, home_dc, name)?),
            Self::Sealed(cipher) => {
                let name = name.to_owned();
                put(db, cipher, &Entry::Name { name })
            }
        }
    }

    /// Writes a datacentre.
    pub(super) fn save_datacentre(
        &self,
        db: &Connection,
        option: &DcOption,
    ) -> Result<(), StoreError> {
        match self {
            Self::Plain => Ok(rows::save_datacentre(db, option)?),
            Self::Sealed(cipher) => put(db, cipher, &Entry::datacentre(option)),
        }
    }

    /// Writes a peer as it now is.
    pub(super) fn save_peer(&self, db: &Connection, peer: &PeerInfo) -> Result<(), StoreError> {
        match self {
            Self::Plain => Ok(rows::save_peer(db, peer)?),
            Self::Sealed(cipher) => put(db, cipher, &Entry::peer(peer)),
        }
    }

    /// Writes how far updates were handled.
    pub(super) fn save_state(
        &self,
        db: &Connection,
        home_dc: i32,
        state: &UpdatesState,
    ) -> Result<(), StoreError> {
        match self {
            Self::Plain => Ok(rows::save_state(db, home_dc, state)?),
            Self::Sealed(cipher) => put(db, cipher, &Entry::state(state)),
        }
    }

    /// Writes everything.
    fn save_all(&self, db: &Connection, memory: &Memory) -> Result<(), StoreError> {
        self.save_home(db, memory.home_dc)?;
        if let Some(name) = &memory.name {
            self.save_name(db, memory.home_dc, name)?;
        }
        for option in memory.datacentres.values() {
            self.save_datacentre(db, option)?;
        }
        for peer in memory.peers.values() {
            self.save_peer(db, peer)?;
        }
        self.save_state(db, memory.home_dc, &memory.state)
    }
}

fn put(db: &Connection, cipher: &Cipher, entry: &Entry) -> Result<(), StoreError> {
    let name = cipher.name(&entry.name());
    let json = serde_json::to_vec(entry).map_err(|_| StoreError::Cipher)?;
    let value = cipher.seal(&name, &json)?;
    db.prepare_cached("INSERT OR REPLACE INTO entry (name, value) VALUES (?1, ?2)")?
        .execute(params![name.as_slice(), value])?;
    Ok(())
}

/// What a file says of its sealing; `None` where it is plain.
pub(super) fn sealing(db: &Connection) -> Result<Option<Sealing>, StoreError> {
    let row = db
        .query_row(
            "SELECT kdf, salt, memory, passes, lanes, proof, clean FROM sealing WHERE id = 1",
            [],
            |row| {
                let kdf: i64 = row.get(0)?;
                let salt: Vec<u8> = row.get(1)?;
                let cost = (row.get(2)?, row.get(3)?, row.get(4)?);
                Ok((kdf, salt, cost, row.get(5)?, row.get(6)?))
            },
        )
        .optional()?;
    let Some((kdf, salt, (memory, passes, lanes), proof, clean)) = row else {
        return Ok(None);
    };
    let derivation = match kdf {
        1 => Derivation::Blake3,
        2 => Derivation::Argon2 {
            memory,
            passes,
            lanes,
        },
        _ => return Err(StoreError::Damaged),
    };
    Ok(Some(Sealing {
        derivation,
        salt: salt.try_into().map_err(|_| StoreError::Damaged)?,
        proof,
        clean,
    }))
}

/// Moves everything that stands in plain into sealed entries, within the caller's transaction. What
/// stood there stays in free pages until the file has been cleaned.
pub(super) fn encrypt(
    db: &Connection,
    cipher: Cipher,
    sealing: &Sealing,
) -> Result<Store, StoreError> {
    let memory = rows::load(db)?;
    let (kdf, memory_cost, passes, lanes) = match sealing.derivation {
        Derivation::Blake3 => (1, 0, 0, 0),
        Derivation::Argon2 {
            memory,
            passes,
            lanes,
        } => (2, memory, passes, lanes),
    };
    db.execute(
        "INSERT INTO sealing (id, kdf, salt, memory, passes, lanes, proof, clean)
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, 0)",
        params![
            kdf,
            sealing.salt.as_slice(),
            memory_cost,
            passes,
            lanes,
            sealing.proof
        ],
    )?;
    let store = Store::Sealed(Box::new(cipher));
    store.save_all(db, &memory)?;
    db.execute_batch(
        "DELETE FROM account; DELETE FROM datacentre; DELETE FROM peer; DELETE FROM channel_state;",
    )?;
    Ok(store)
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
