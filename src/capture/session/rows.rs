//! A login's tables in plain, row by row.

use grammers_session::types::{
    ChannelKind, ChannelState, DcOption, PeerAuth, PeerId, PeerInfo, PeerKind, UpdatesState,
};
use rusqlite::{Connection, OptionalExtension, Result, params};

use super::memory::Memory;

/// Reads everything.
pub(super) fn load(db: &Connection) -> Result<Memory> {
    let account = db
        .query_row(
            "SELECT home_dc, pts, qts, date, seq, name FROM account WHERE id = 1",
            [],
            |row| {
                Ok((
                    row.get(0)?,
                    UpdatesState {
                        pts: row.get(1)?,
                        qts: row.get(2)?,
                        date: row.get(3)?,
                        seq: row.get(4)?,
                        channels: Vec::new(),
                    },
                    row.get(5)?,
                ))
            },
        )
        .optional()?;
    let mut memory = Memory::empty();
    if let Some((home_dc, state, name)) = account {
        memory.home_dc = home_dc;
        memory.state = state;
        memory.name = name;
    }
    let mut rows = db.prepare("SELECT id, ipv4, ipv6, auth_key FROM datacentre")?;
    for row in rows.query_map([], datacentre)? {
        let option = row?;
        memory.datacentres.insert(option.id, option);
    }
    let mut rows = db.prepare("SELECT id, hash, bot, is_self, kind FROM peer")?;
    for peer in rows.query_map([], peer)? {
        if let Some(peer) = peer? {
            memory.insert(peer);
        }
    }
    let mut rows = db.prepare("SELECT id, pts FROM channel_state ORDER BY id")?;
    memory.state.channels = rows
        .query_map([], |row| {
            Ok(ChannelState {
                id: row.get(0)?,
                pts: row.get(1)?,
            })
        })?
        .collect::<Result<_>>()?;
    Ok(memory)
}

fn datacentre(row: &rusqlite::Row<'_>) -> Result<DcOption> {
    let text = |index: usize| -> Result<String> { row.get(index) };
    let unreadable = |index: usize| {
        rusqlite::Error::InvalidColumnType(index, "address".to_owned(), rusqlite::types::Type::Text)
    };
    let key: Option<Vec<u8>> = row.get(3)?;
    Ok(DcOption {
        id: row.get(0)?,
        ipv4: text(1)?.parse().map_err(|_| unreadable(1))?,
        ipv6: text(2)?.parse().map_err(|_| unreadable(2))?,
        auth_key: key.and_then(|key| key.try_into().ok()),
    })
}

fn peer(row: &rusqlite::Row<'_>) -> Result<Option<PeerInfo>> {
    let Some(id) = PeerId::from_bot_api_dialog_id(row.get(0)?) else {
        return Ok(None); // an id that Telegram does not give out: nothing to lose
    };
    let bare = id.bare_id_unchecked();
    let auth = row.get::<_, Option<i64>>(1)?.map(PeerAuth::from_hash);
    Ok(Some(match id.kind() {
        PeerKind::User => PeerInfo::User {
            id: bare,
            auth,
            bot: row.get(2)?,
            is_self: row.get(3)?,
        },
        PeerKind::Chat => PeerInfo::Chat { id: bare },
        PeerKind::Channel => PeerInfo::Channel {
            id: bare,
            auth,
            kind: match row.get::<_, Option<i64>>(4)? {
                Some(1) => Some(ChannelKind::Broadcast),
                Some(2) => Some(ChannelKind::Megagroup),
                Some(3) => Some(ChannelKind::Gigagroup),
                Some(4) => Some(ChannelKind::Community),
                _ => None,
            },
        },
    }))
}

/// Writes the home datacentre.
pub(super) fn save_home(db: &Connection, home_dc: i32) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO account (id, home_dc) VALUES (1, ?1)
         ON CONFLICT (id) DO UPDATE SET home_dc = excluded.home_dc",
    )?
    .execute([home_dc])?;
    Ok(())
}

/// Writes a datacentre.
pub(super) fn save_datacentre(db: &Connection, option: &DcOption) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO datacentre (id, ipv4, ipv6, auth_key) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET
             ipv4 = excluded.ipv4, ipv6 = excluded.ipv6, auth_key = excluded.auth_key",
    )?
    .execute(params![
        option.id,
        option.ipv4.to_string(),
        option.ipv6.to_string(),
        option.auth_key.as_ref().map(<[u8; 256]>::as_slice),
    ])?;
    Ok(())
}

/// Writes a peer as it now is.
pub(super) fn save_peer(db: &Connection, peer: &PeerInfo) -> Result<()> {
    let (hash, bot, is_self, kind) = match peer {
        PeerInfo::User {
            auth, bot, is_self, ..
        } => (auth.map(PeerAuth::hash), *bot, *is_self, None),
        PeerInfo::Chat { .. } => (None, None, None, None),
        PeerInfo::Channel { auth, kind, .. } => (
            auth.map(PeerAuth::hash),
            None,
            None,
            kind.map(|kind| kind as i64),
        ),
    };
    db.prepare_cached(
        "INSERT INTO peer (id, hash, bot, is_self, kind) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET hash = excluded.hash, bot = excluded.bot,
             is_self = excluded.is_self, kind = excluded.kind",
    )?
    .execute(params![
        peer.id().bot_api_dialog_id_unchecked(),
        hash,
        bot,
        is_self,
        kind
    ])?;
    Ok(())
}

/// Writes the account's display name.
pub(super) fn save_name(db: &Connection, home_dc: i32, name: &str) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO account (id, home_dc, name) VALUES (1, ?1, ?2)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    )?
    .execute(params![home_dc, name])?;
    Ok(())
}

/// Writes how far updates were handled.
pub(super) fn save_state(db: &Connection, home_dc: i32, state: &UpdatesState) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO account (id, home_dc, pts, qts, date, seq) VALUES (1, ?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET pts = excluded.pts, qts = excluded.qts,
             date = excluded.date, seq = excluded.seq",
    )?
    .execute(params![
        home_dc, state.pts, state.qts, state.date, state.seq
    ])?;
    db.prepare_cached("DELETE FROM channel_state")?
        .execute([])?;
    for channel in &state.channels {
        db.prepare_cached("INSERT INTO channel_state (id, pts) VALUES (?1, ?2)")?
            .execute(params![channel.id, channel.pts])?;
    }
    Ok(())
}
