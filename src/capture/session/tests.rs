#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use grammers_session::types::{
    ChannelKind, ChannelState, PeerAuth, PeerId, PeerInfo, UpdateState, UpdatesState,
};
use grammers_session::{Session, SessionData};

use super::{SessionError, SessionFile};
use crate::config::{Secret, ServerConfig};

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sessions").join("desk.session");
    (dir, path)
}

fn server(port: u16, digit: &str) -> ServerConfig {
    ServerConfig {
        dc_id: 2,
        address: format!("127.0.0.1:{port}").parse().unwrap(),
        auth_key: Secret::new(digit.repeat(512)),
    }
}

fn open(path: &Path) -> Result<SessionFile, SessionError> {
    SessionFile::open(path, None, &Secret::default())
}

#[tokio::test]
async fn a_new_login_knows_the_datacentres_and_nobody() {
    let (_dir, path) = place();
    let session = open(&path).unwrap();
    let defaults = SessionData::default();
    assert_eq!(session.home_dc_id().unwrap(), defaults.home_dc);
    for (id, option) in &defaults.dc_options {
        assert_eq!(session.dc_option(*id).unwrap().as_ref(), Some(option));
    }
    assert_eq!(session.dc_option(77).unwrap(), None);
    assert!(!session.is_logged_in());
    assert_eq!(
        session.updates_state().await.unwrap(),
        UpdatesState::default()
    );
}

#[tokio::test]
async fn everything_outlives_the_process() {
    let (_dir, path) = place();
    let user = PeerInfo::User {
        id: 5,
        auth: Some(PeerAuth::from_hash(-9)),
        bot: Some(false),
        is_self: Some(true),
    };
    let channel = PeerInfo::Channel {
        id: 2_101_424_779,
        auth: Some(PeerAuth::from_hash(i64::MIN)),
        kind: Some(ChannelKind::Megagroup),
    };
    let state = UpdatesState {
        pts: 1,
        qts: 2,
        date: 3,
        seq: 4,
        channels: vec![ChannelState { id: 7, pts: 70 }],
    };
    let mut option = SessionData::default().dc_options[&4].clone();
    option.auth_key = Some([0xAB; 256]);
    {
        let session = open(&path).unwrap();
        session.set_home_dc_id(4).await.unwrap();
        session.set_dc_option(&option).await.unwrap();
        session
            .cache_peers(vec![
                user.clone(),
                channel.clone(),
                PeerInfo::Chat { id: 3 },
            ])
            .await
            .unwrap();
        session
            .set_update_state(UpdateState::All(state.clone()))
            .await
            .unwrap();
        session
            .set_update_state(UpdateState::Channel { id: 8, pts: 80 })
            .await
            .unwrap();
    }
    let session = reopened(&path, None);
    assert_eq!(session.home_dc_id().unwrap(), 4);
    assert_eq!(session.dc_option(4).unwrap(), Some(option));
    assert_eq!(
        session.peer(PeerId::self_user()).await.unwrap(),
        Some(user.clone())
    );
    assert_eq!(session.peer(channel.id()).await.unwrap(), Some(channel));
    assert_eq!(session.channel_hash(2_101_424_779), Some(i64::MIN));
    assert_eq!(session.channel_pts(8), Some(80));
    let stored = session.updates_state().await.unwrap();
    assert_eq!((stored.pts, stored.seq, stored.channels.len()), (1, 4, 2));
    assert!(session.is_logged_in());
}

fn reopened(path: &Path, server: Option<&ServerConfig>) -> SessionFile {
    SessionFile::open(path, server, &Secret::default()).unwrap()
}

#[tokio::test]
async fn a_less_informed_observation_takes_nothing_away() {
    let (_dir, path) = place();
    let session = open(&path).unwrap();
    let known = PeerInfo::Channel {
        id: 9,
        auth: Some(PeerAuth::from_hash(1)),
        kind: Some(ChannelKind::Megagroup),
    };
    session.cache_peer(known.clone()).await.unwrap();
    session
        .cache_peer(PeerInfo::Channel {
            id: 9,
            auth: None,
            kind: None,
        })
        .await
        .unwrap();
    assert_eq!(session.peer(known.id()).await.unwrap(), Some(known));
}

#[tokio::test]
async fn only_captured_channels_keep_a_counter() {
    let (_dir, path) = place();
    let session = open(&path).unwrap();
    session.keep_channels([7].into());
    for id in [7, 8] {
        session
            .set_update_state(UpdateState::Channel { id, pts: 10 })
            .await
            .unwrap();
    }
    assert_eq!(session.channel_pts(7), Some(10));
    assert_eq!(session.channel_pts(8), None);
}

#[test]
fn a_second_user_of_a_login_is_refused() {
    let (_dir, path) = place();
    let first = open(&path).unwrap();
    assert!(matches!(open(&path), Err(SessionError::InUse { .. })));
    drop(first);
    open(&path).unwrap();
}

#[test]
fn another_server_brings_its_address_and_once_its_key() {
    let (_dir, path) = place();
    let session = reopened(&path, Some(&server(4001, "a")));
    let option = session.dc_option(2).unwrap().unwrap();
    assert_eq!(option.auth_key, Some([0xAA; 256]));
    drop(session);
    let session = reopened(&path, Some(&server(4002, "b")));
    let option = session.dc_option(2).unwrap().unwrap();
    assert_eq!(option.ipv4.port(), 4002);
    assert_eq!(option.auth_key, Some([0xAA; 256]));
    assert!(!format!("{session:?}").contains("170"));
}

#[test]
fn a_key_that_is_none_is_named() {
    let (_dir, path) = place();
    for key in ["abc", &"g".repeat(512), &"a".repeat(511)] {
        let mut server = server(4001, "a");
        server.auth_key = Secret::new(key);
        let error = SessionFile::open(&path, Some(&server), &Secret::default()).unwrap_err();
        assert!(matches!(error, SessionError::AuthKey), "{error}");
    }
}

#[test]
fn damaged_foreign_and_newer_files_are_told_apart() {
    let (_dir, path) = place();
    drop(open(&path).unwrap());

    let intact = std::fs::read(&path).unwrap();
    std::fs::write(&path, &intact[..intact.len() / 2 + 100]).unwrap();
    assert!(matches!(open(&path), Err(SessionError::Damaged { .. })));
    std::fs::write(&path, b"this is no database, and long enough to show it").unwrap();
    assert!(matches!(open(&path), Err(SessionError::Damaged { .. })));

    std::fs::write(&path, &intact).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    assert!(matches!(
        open(&path),
        Err(SessionError::Newer { found: 99, .. })
    ));

    std::fs::remove_file(&path).unwrap();
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE recipes (name TEXT)")
        .unwrap();
    drop(db);
    assert!(matches!(open(&path), Err(SessionError::Foreign { .. })));
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_dir, path) = place();
    let _session = open(&path).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}
