//! Logins that are encrypted at rest.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use grammers_session::types::{
    ChannelKind, ChannelState, PeerAuth, PeerId, PeerInfo, UpdateState, UpdatesState,
};
use grammers_session::{Session, SessionData};

use super::{SessionError, SessionFile, peek};
use crate::config::Secret;

const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const USER: i64 = 1_023_118_905_331;
const HASH: i64 = 0x5A5B_5C5D_5E5F_6061;
const CHANNEL: i64 = 2_101_424_779;
const NAME: &str = "Wilhelmine Fuchs";

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("desk.session");
    (dir, path)
}

fn open(path: &Path, key: &str) -> Result<SessionFile, SessionError> {
    SessionFile::open(path, None, &Secret::new(key))
}

/// Fills a login with everything that tells whose it is.
async fn fill(session: &SessionFile) {
    let mut option = SessionData::default().dc_options[&4].clone();
    option.auth_key = Some([0xC7; 256]);
    session.set_home_dc_id(4).await.unwrap();
    session.set_dc_option(&option).await.unwrap();
    let me = PeerInfo::User {
        id: USER,
        auth: Some(PeerAuth::from_hash(HASH)),
        bot: Some(false),
        is_self: Some(true),
    };
    let channel = PeerInfo::Channel {
        id: CHANNEL,
        auth: Some(PeerAuth::from_hash(HASH + 1)),
        kind: Some(ChannelKind::Megagroup),
    };
    session.cache_peers(vec![me, channel]).await.unwrap();
    // So many that they fill pages of their own, which encrypting frees.
    let crowd = (1..2_000).map(|number| PeerInfo::User {
        id: USER + number,
        auth: Some(PeerAuth::from_hash(HASH - number)),
        bot: None,
        is_self: None,
    });
    session.cache_peers(crowd.collect()).await.unwrap();
    let state = UpdatesState {
        pts: 1,
        qts: 2,
        date: 3,
        seq: 4,
        channels: vec![ChannelState {
            id: CHANNEL,
            pts: 70,
        }],
    };
    session
        .set_update_state(UpdateState::All(state))
        .await
        .unwrap();
    session.set_name(NAME).await.unwrap();
}

async fn holds_all(session: &SessionFile) {
    assert_eq!(session.home_dc_id().unwrap(), 4);
    let option = session.dc_option(4).unwrap().unwrap();
    assert_eq!(option.auth_key, Some([0xC7; 256]));
    let me = session.peer(PeerId::self_user()).await.unwrap().unwrap();
    assert_eq!(me.id().bare_id_unchecked(), USER);
    assert_eq!(me.auth().map(|auth| auth.hash()), Some(HASH));
    assert_eq!(session.channel_hash(CHANNEL), Some(HASH + 1));
    assert_eq!(session.channel_pts(CHANNEL), Some(70));
    assert!(session.is_logged_in());
}

/// What of a login's secrets stands readable in any of its files.
fn readable(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let little = |number: i64| number.to_le_bytes().to_vec();
    let big = |number: i64| number.to_be_bytes().to_vec();
    // SQLite stores integers big-endian, in as few bytes as they need, and keys seven bits a byte.
    let key = |number: i64| -> Vec<u8> {
        let groups = (64 - number.leading_zeros()).div_ceil(7);
        let groups = (0..groups).rev();
        groups
            .map(|group| {
                let low = (number >> (7 * group)) as u8 & 0x7F;
                if group > 0 { low | 0x80 } else { low }
            })
            .collect()
    };
    let secrets = [
        ("auth key", vec![0xC7; 16]),
        ("auth key in hexadecimal", b"c7c7c7c7".to_vec()),
        ("user id", key(USER)),
        ("user id in digits", USER.to_string().into_bytes()),
        ("access hash", big(HASH)),
        ("access hash, turned", little(HASH)),
        ("access hash in digits", HASH.to_string().into_bytes()),
        ("one of the crowd", key(USER + 1_000)),
        ("channel", key(CHANNEL)),
        ("channel in digits", CHANNEL.to_string().into_bytes()),
        ("name", NAME.as_bytes().to_vec()),
    ];
    for end in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{end}", path.display()));
        let Ok(bytes) = std::fs::read(&file) else {
            continue;
        };
        for (what, secret) in &secrets {
            if bytes.windows(secret.len()).any(|part| part == secret) {
                found.push(format!("{what} in {}", file.display()));
            }
        }
    }
    found
}

#[tokio::test]
async fn an_encrypted_login_shows_nothing_and_works_like_any_other() {
    for key in [HEX, "correct horse battery staple"] {
        let (_dir, path) = place();
        let session = open(&path, key).unwrap();
        fill(&session).await;
        assert_eq!(readable(&path), Vec::<String>::new(), "while it is open");
        drop(session);
        assert_eq!(readable(&path), Vec::<String>::new());
        holds_all(&open(&path, key).unwrap()).await;
    }
}

#[tokio::test]
async fn a_plain_login_is_encrypted_when_a_key_is_configured() {
    let (_dir, path) = place();
    let session = open(&path, "").unwrap();
    fill(&session).await;
    // What this test looks for can be found at all.
    assert!(readable(&path).len() >= 5, "{:?}", readable(&path));
    drop(session);
    assert!(readable(&path).len() >= 5, "{:?}", readable(&path));
    let session = open(&path, HEX).unwrap();
    assert_eq!(readable(&path), Vec::<String>::new(), "while it is open");
    holds_all(&session).await;
    drop(session);
    assert_eq!(readable(&path), Vec::<String>::new());
    holds_all(&open(&path, HEX).unwrap()).await;
}

#[tokio::test]
async fn cleaning_that_was_cut_off_is_done_again() {
    let (_dir, path) = place();
    fill(&open(&path, "").unwrap()).await;
    let intact = std::fs::read(&path).unwrap();
    // As a kill right after the commit leaves it: sealed, with what stood in plain in free pages.
    let mut db = rusqlite::Connection::open(&path).unwrap();
    let (cipher, sealing) = super::cipher::Cipher::new(HEX).unwrap();
    let transaction = db.transaction().unwrap();
    super::store::encrypt(&transaction, cipher, &sealing).unwrap();
    transaction.commit().unwrap();
    drop(db);
    assert!(readable(&path).len() >= 3, "{:?}", readable(&path));
    let session = open(&path, HEX).unwrap();
    holds_all(&session).await;
    drop(session);
    assert_eq!(readable(&path), Vec::<String>::new());
    // And as one before it does: nothing has happened.
    std::fs::write(&path, intact).unwrap();
    holds_all(&open(&path, "").unwrap()).await;
}

#[tokio::test]
async fn without_its_key_an_encrypted_login_says_what_to_do() {
    let (_dir, path) = place();
    fill(&open(&path, HEX).unwrap()).await;
    let none = open(&path, "").unwrap_err();
    assert!(matches!(none, SessionError::KeyMissing { .. }), "{none}");
    assert!(none.to_string().contains("telegram.session_key"), "{none}");
    for wrong in ["a long passphrase", &"f".repeat(64)] {
        let error = open(&path, wrong).unwrap_err();
        assert!(matches!(error, SessionError::KeyWrong { .. }), "{error}");
        assert!(!error.to_string().contains(wrong), "{error}");
    }
    holds_all(&open(&path, HEX).unwrap()).await;
}

#[tokio::test]
async fn entries_cannot_be_swapped_or_changed() {
    let (_dir, path) = place();
    fill(&open(&path, HEX).unwrap()).await;
    let intact = std::fs::read(&path).unwrap();
    for change in [
        "UPDATE entry SET value = (SELECT value FROM entry ORDER BY name DESC LIMIT 1)
         WHERE name = (SELECT name FROM entry ORDER BY name LIMIT 1)",
        "UPDATE entry SET value = substr(value, 1, 30)",
        "UPDATE entry SET value = zeroblob(100)",
    ] {
        std::fs::write(&path, &intact).unwrap();
        let db = rusqlite::Connection::open(&path).unwrap();
        assert!(db.execute(change, []).unwrap() > 0);
        drop(db);
        let error = open(&path, HEX).unwrap_err();
        assert!(matches!(error, SessionError::Damaged { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_look_changes_nothing_and_sees_who_has_it() {
    let (_dir, path) = place();
    let session = open(&path, "").unwrap();
    fill(&session).await;
    let seen = peek(&path, &Secret::default());
    assert_eq!((seen.id, seen.dc), (Some(USER), Some(4)));
    assert_eq!(seen.name.as_deref(), Some(NAME));
    assert!(seen.in_use && !seen.encrypted && seen.trouble.is_none());
    drop(session);
    // A key that is configured does not make a look encrypt anything.
    let seen = peek(&path, &Secret::new(HEX));
    assert!(!seen.in_use && !seen.encrypted, "{seen:?}");
    drop(open(&path, HEX).unwrap());
    let seen = peek(&path, &Secret::new(HEX));
    assert_eq!(seen.id, Some(USER));
    assert!(seen.encrypted && seen.trouble.is_none());
    let seen = peek(&path, &Secret::default());
    assert!(seen.encrypted && seen.id.is_none());
    assert!(seen.trouble.unwrap().contains("telegram.session_key"));
}

#[test]
fn a_login_that_is_used_is_not_removed() {
    let (_dir, path) = place();
    let session = open(&path, HEX).unwrap();
    assert!(matches!(
        super::remove(&path),
        Err(SessionError::InUse { .. })
    ));
    drop(session);
    super::remove(&path).unwrap();
    for end in ["", "-wal", "-shm"] {
        let left = PathBuf::from(format!("{}{end}", path.display()));
        assert!(!left.exists(), "{}", left.display());
    }
}
