//! Tokens that are fetched: once for many requests, anew when they expire, and never lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::{Cause, Memory};
use super::presets::{AMOCRM, GOOGLE_SHEETS};
use super::support::{Bench, Preset, context, run};
use crate::archive::Vault;
use crate::emulator::systems::Fault;

const ANNA: i64 = 987_654_321;

/// amoCRM with OAuth keys instead of a long-lived token.
const WITH_OAUTH: Preset = Preset {
    file: |systems| {
        let (file, facts) = ((AMOCRM.file)(systems), systems.facts().amocrm);
        format!(
            "{file}\n[auth]\ntype = \"oauth2\"\ngrant = \"refresh_token\"\n\
             token_url = \"/oauth2/access_token\"\nsend_as = \"json\"\nclient_id = \"client_id\"\n\
             client_secret = \"client_secret\"\nrefresh_token = \"refresh_token\"\n\
             extra.redirect_uri = \"{}\"",
            facts.redirect_uri
        )
    },
    secrets: |systems| {
        let facts = systems.facts().amocrm;
        vec![
            ("client_id", facts.client_id),
            ("client_secret", facts.client_secret),
            ("refresh_token", facts.refresh_token),
        ]
    },
    ..AMOCRM
};

#[tokio::test]
async fn refresh_tokens_that_replace_one_another_outlive_a_restart() {
    let bench = Bench::start(&WITH_OAUTH).await;
    let vault = tempfile::tempdir().unwrap();
    let vault = Vault::create(vault.path()).unwrap();
    let memory = || Memory::of(Arc::new(Mutex::new(vault.state().unwrap())));
    for restart in 0..3 {
        let live = bench.again(memory());
        let made = run(&live, "record", &context(ANNA), "").await;
        assert!(made.is_ok(), "{restart}: {made:?}");
        bench.systems.amocrm().faults.push(Fault::ExpiredToken);
        let renewed = run(&live, "record", &context(ANNA), "").await;
        assert!(renewed.is_ok(), "{restart}: {renewed:?}");
    }
    // Whoever has forgotten them holds one that is worth nothing any more.
    let forgetful = bench.again(Memory::default());
    let failure = run(&forgetful, "record", &context(ANNA), "")
        .await
        .unwrap_err();
    assert_eq!(failure.cause, Cause::Unauthorised);
}

#[tokio::test]
async fn two_processes_do_not_take_each_other_s_token() {
    let bench = Bench::start(&WITH_OAUTH).await;
    let vault = tempfile::tempdir().unwrap();
    let vault = Vault::create(vault.path()).unwrap();
    let memory = || Memory::of(Arc::new(Mutex::new(vault.state().unwrap())));
    let (one, other) = (bench.again(memory()), bench.again(memory()));
    for _ in 0..2 {
        for live in [&one, &other] {
            bench.systems.amocrm().faults.push(Fault::ExpiredToken);
            run(live, "record", &context(ANNA), "").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_refresh_token_is_kept_though_nobody_waits_for_it_any_more() {
    let bench = Bench::start(&WITH_OAUTH).await;
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(dir.path()).unwrap();
    let memory = || Memory::of(Arc::new(Mutex::new(vault.state().unwrap())));
    let impatient = bench.changed_with(memory(), "timeout = 1.0", "timeout = 5.0");
    let faults = &bench.systems.amocrm().faults;
    faults.push_at("oauth2", Fault::Hang { seconds: 1 });
    let context = context(ANNA);
    let work = run(&impatient, "record", &context, "");
    let brief = Duration::from_millis(300);
    assert!(tokio::time::timeout(brief, work).await.is_err());
    tokio::time::sleep(Duration::from_secs(2)).await;
    let state = rusqlite::Connection::open(dir.path().join("state.db")).unwrap();
    let count = "SELECT count(*) FROM refresh_token";
    let kept: i64 = state.query_row(count, [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 1);
    let later = bench.again(memory());
    run(&later, "record", &context, "").await.unwrap();
}

#[tokio::test]
async fn a_refresh_token_is_held_until_it_can_be_kept() {
    let bench = Bench::start(&WITH_OAUTH).await;
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(dir.path()).unwrap();
    let memory = || Memory::of(Arc::new(Mutex::new(vault.state().unwrap())));
    let live = bench.again(memory());
    let full = rusqlite::Connection::open(dir.path().join("state.db")).unwrap();
    full.execute_batch(
        "CREATE TRIGGER full BEFORE INSERT ON refresh_token \
         BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    )
    .unwrap();
    for _ in 0..2 {
        run(&live, "record", &context(ANNA), "").await.unwrap();
        bench.systems.amocrm().faults.push(Fault::ExpiredToken);
    }
    full.execute_batch("DROP TRIGGER full").unwrap();
    run(&live, "record", &context(ANNA), "").await.unwrap();
    let later = bench.again(memory());
    run(&later, "record", &context(ANNA), "").await.unwrap();
}

#[tokio::test]
async fn a_token_serves_many_requests() {
    let bench = Bench::start(&GOOGLE_SHEETS).await;
    for number in 0..3 {
        bench.record(ANNA + number, "").await.unwrap();
    }
    let requests = bench.systems.google().journal.requests();
    let tokens = requests
        .iter()
        .filter(|request| request.path.contains("token"));
    assert_eq!(tokens.count(), 1);
}

#[tokio::test]
async fn a_key_that_is_none_is_said_before_anything_is_sent() {
    let bench = Bench::start(&GOOGLE_SHEETS).await;
    let key = bench.dir().join("key");
    let whole = std::fs::read_to_string(&key).unwrap();
    for broken in [
        "",
        "{}",
        &whole.replace("PRIVATE KEY", "KEY"),
        &whole.replace("MII", "AAA"),
    ] {
        std::fs::write(&key, broken).unwrap();
        let live = bench.again(Memory::default());
        let failure = run(&live, "record", &context(ANNA), "").await.unwrap_err();
        assert!(
            matches!(failure.cause, Cause::Setup | Cause::NoSecret { .. }),
            "{failure:?}"
        );
        assert!(!failure.to_string().contains("PRIVATE"), "{failure}");
    }
    assert_eq!(bench.systems.google().journal.requests().len(), 0);
}
