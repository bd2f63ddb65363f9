//! The defects of grammers 0.11 that lose something, each provoked. `tests/defects/run` takes our
//! answers away, one after the other, and sees the test fail.
//!
//! Everything that would find the damage later, by and by, is put off.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::Connection;
use topicvault::capture::Progress;
use topicvault::emulator::faults::PushFaults;

use super::{Desk, Running, failure};

const LONG: Duration = Duration::from_secs(24 * 3_600);

/// Captures, without ever looking at old messages for no reason.
async fn caught_up(desk: &Desk) -> Running {
    let mut running = desk.run_as(|userbot| userbot.recheck_every(LONG)).await;
    running.wait(Progress::is_whole).await;
    running
}

fn session(desk: &Desk) -> Connection {
    let file = topicvault::capture::session_path(&desk.config, desk.base());
    Connection::open(file).unwrap()
}

fn texts(desk: &Desk, id: i32) -> Vec<String> {
    let archived = desk.archived();
    let Some(held) = archived.get(&id) else {
        return Vec::new();
    };
    let earlier = held.versions.iter().map(|version| version.text.clone());
    earlier.chain([held.message.text.clone()]).collect()
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..300 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}: never");
}

/// 1. A stream that was made before the login never reconnects.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_connection_after_a_login_comes_back_when_it_breaks() {
    let desk = Desk::logged_in(30).await;
    let running = caught_up(&desk).await;
    for round in 0..3 {
        desk.emulator.faults.drop_connections();
        let missed = desk.post(&format!("over a broken line {round}"));
        until("what was posted meanwhile", || {
            !texts(&desk, missed).is_empty()
        })
        .await;
        let live = desk.post(&format!("over the new one {round}"));
        until("what was posted then", || !texts(&desk, live).is_empty()).await;
    }
    running.stop().await;
}

/// 2. `updateChannelTooLong` with a counter overwrites the known one.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_is_announced_as_too_long_is_looked_at() {
    let desk = Desk::logged_in(30).await;
    let running = caught_up(&desk).await;
    let id = desk.post("first");
    desk.wait_equal().await;
    desk.emulator.faults.set_pushes(PushFaults {
        too_long: 1,
        ..PushFaults::default()
    });
    desk.edit(id, "second");
    until("the edit", || texts(&desk, id) == ["first", "second"]).await;
    running.stop().await;
}

/// 3. `channelDifferenceTooLong` drops what was missed without a word.
#[tokio::test(flavor = "multi_thread")]
async fn a_difference_that_is_too_long_while_connected_is_made_up_for() {
    let desk = Desk::logged_in(30).await;
    let running = caught_up(&desk).await;
    let id = desk.post("first");
    desk.wait_equal().await;
    desk.emulator.faults.set_mute(true);
    desk.edit(id, "second");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(texts(&desk, id), ["first"]);
    desk.emulator.faults.set_mute(false);
    desk.emulator.faults.set_too_long_differences(1);
    // A gap shows, and what fills it is too long.
    desk.post("after the gap");
    until("the edit", || texts(&desk, id) == ["first", "second"]).await;
    running.stop().await;
}

/// 4. `catch_up: false` erases the counters of all channels.
#[tokio::test(flavor = "multi_thread")]
async fn a_start_keeps_the_counter_of_each_group() {
    let desk = Desk::logged_in(30).await;
    let counter = || -> Option<i32> {
        let found =
            session(&desk).query_row("SELECT max(pts) FROM channel_state", [], |row| row.get(0));
        found.unwrap()
    };
    let running = caught_up(&desk).await;
    desk.post("so that there is a counter");
    desk.wait_equal().await;
    running.stop().await;
    let before = counter();
    assert!(before.is_some());
    // Nothing happens, so nothing gives it a new one.
    let running = caught_up(&desk).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    running.stop().await;
    assert_eq!(counter(), before);
}

/// 6. `iter_messages().reverse(true)` is off by one.
#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_left_out_at_the_edges_of_pages_and_pieces() {
    // Around a page of 100, and around a segment of 1,000.
    for messages in [99, 100, 101, 199, 200, 201, 2_199] {
        let desk = Desk::logged_in(messages).await;
        let running = caught_up(&desk).await;
        let held: BTreeSet<i32> = desk.archived().keys().copied().collect();
        let existing: BTreeSet<i32> = desk.existing().keys().copied().collect();
        assert_eq!(held, existing, "{messages}");
        running.stop().await;
    }
}

/// 7. The saved update state runs ahead of whoever handles the updates.
#[tokio::test(flavor = "multi_thread")]
async fn a_saved_state_that_ran_ahead_loses_no_version() {
    let desk = Desk::logged_in(30).await;
    let running = caught_up(&desk).await;
    let id = desk.post("first");
    desk.wait_equal().await;
    running.stop().await;
    desk.edit(id, "second");
    // As if grammers had saved what it handed out to somebody who was killed.
    let reached = desk
        .emulator
        .world
        .read(|state| state.group(desk.emulator.cast.group).unwrap().pts);
    let changed = session(&desk)
        .execute("UPDATE channel_state SET pts = ?1", [reached])
        .unwrap();
    assert_eq!(changed, 1);
    // History is late: the version that the difference tells has been replaced by then.
    desk.emulator
        .faults
        .fail_mtproto(failure("messages.getHistory", 420, "FLOOD_WAIT_2", 1));
    let mut running = desk.run_as(|userbot| userbot.recheck_every(LONG)).await;
    running
        .wait(|progress| progress.flood_until.is_some())
        .await;
    desk.edit(id, "third");
    until("each version", || {
        texts(&desk, id) == ["first", "second", "third"]
    })
    .await;
    running.stop().await;
}

/// 8. A channel without a cached access hash is dropped in silence.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_whose_access_hash_is_not_known_is_captured_all_the_same() {
    let desk = Desk::logged_in(30).await;
    session(&desk)
        .execute("DELETE FROM peer WHERE id < 0", [])
        .unwrap();
    let running = caught_up(&desk).await;
    let id = desk.post("live");
    until("what was posted", || !texts(&desk, id).is_empty()).await;
    running.stop().await;
}

/// 10. The channel of updates holds 100 and drops the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_burst_loses_no_version() {
    let desk = Desk::logged_in(30).await;
    let running = caught_up(&desk).await;
    let ids: Vec<i32> = (0..100)
        .map(|number| desk.post(&format!("{number}")))
        .collect();
    for round in 0..20 {
        for id in &ids {
            desk.edit(*id, &format!("{id}, {round}"));
        }
    }
    let whole = |id: &i32| texts_of(&desk, *id) == 21;
    until("every version", || ids.last().is_some_and(whole)).await;
    for id in &ids {
        assert_eq!(texts_of(&desk, *id), 21, "{id}");
    }
    running.stop().await;
}

fn texts_of(desk: &Desk, id: i32) -> usize {
    let reader = desk.vault().reader(desk.group).unwrap();
    let found = reader.message(topicvault::model::MessageId(id)).unwrap();
    found.map_or(0, |held| held.versions.len() + 1)
}
