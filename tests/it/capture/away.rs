//! What updates do not tell: deletions of the newest, changes of the old, a group that we were
//! removed from, and a backlog of thousands.

use super::{Desk, failure};

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_messages_deleted_during_a_pause_are_known_to_be_gone() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let last: Vec<i32> = (0..5)
        .map(|number| desk.post(&number.to_string()))
        .collect();
    desk.wait_equal().await;
    running.stop().await;

    desk.delete(&last);
    let running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unseen_changes_are_found_without_any_reason_to_look() {
    let desk = Desk::logged_in(60).await;
    let edited = desk.post("seen");
    let deleted = desk.post("seen as well");
    for number in 0..150 {
        desk.post(&format!("later {number}"));
    }
    let running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    desk.emulator.faults.set_mute(true);
    desk.edit(edited, "unseen");
    desk.delete(&[deleted]);
    desk.emulator.faults.set_mute(false);
    desk.wait_equal().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_takes_us_back_is_caught_up_with() {
    let desk = Desk::logged_in(60).await;
    let mut running = desk.caught_up().await;
    let edited = desk.post("before");
    desk.wait_equal().await;
    let (group, userbot) = (desk.emulator.cast.group, desk.user.id);
    let world = &desk.emulator.world;
    world.write(|state| state.remove_member(group, userbot));
    desk.post("unseen for now");
    desk.edit(edited, "after");
    desk.emulator.faults.drop_connections();
    running.wait(|progress| !progress.caught_up).await;

    world.write(|state| state.add_member(group, userbot, false));
    desk.emulator.faults.drop_connections();
    running.wait(|progress| progress.caught_up).await;
    desk.wait_equal().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_missed_are_caught_up_with_while_more_is_posted() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    running.stop().await;
    for number in 0..5_000 {
        desk.post(&format!("missed {number}"));
    }
    let mut running = desk.run().await;
    let mut last = 0;
    for number in 0..40 {
        last = desk.post(&format!("meanwhile {number}"));
        desk.edit(last - 20, &format!("edited meanwhile {number}"));
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    running
        .wait(|progress| progress.caught_up && progress.watermark > last - 40)
        .await;
    desk.wait_equal().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_told_only_in_a_difference_is_kept() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let id = desk.post("first");
    desk.wait_equal().await;
    running.stop().await;

    desk.edit(id, "second");
    // History is late: the version that the difference told has been replaced by then.
    desk.emulator
        .faults
        .fail_mtproto(failure("messages.getHistory", 420, "FLOOD_WAIT_2", 1));
    let mut running = desk.run().await;
    running
        .wait(|progress| progress.flood_until.is_some())
        .await;
    desk.edit(id, "third");
    desk.wait_equal().await;
    let held = &desk.archived()[&id];
    let versions: Vec<_> = held.versions.iter().map(|version| &version.text).collect();
    assert_eq!(versions, ["first", "second"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_group_hides_from_us_is_not_gone() {
    let desk = Desk::logged_in(60).await;
    let seen = desk.post("seen before");
    let running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    running.stop().await;
    // Removed and added again, to a group that hides what was before; what was posted meanwhile is
    // not for us either.
    let unseen = desk.post("never seen");
    let first = desk.post("the first one shown");
    let (group, userbot) = (desk.emulator.cast.group, desk.user.id);
    desk.emulator
        .world
        .write(|state| state.hide_history(group, userbot, first));
    desk.emulator
        .world
        .write(|state| state.difference_limit = 1);
    let running = desk.caught_up().await;
    let latest = desk.post("live again");
    for _ in 0..100 {
        if desk.archived().contains_key(&latest) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // Time for the walk through old messages.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    let archived = desk.archived();
    assert_eq!(archived[&seen].deleted_at, None);
    assert!(archived.values().all(|held| held.deleted_at.is_none()));
    assert!(!archived.contains_key(&unseen));
    assert!(archived.contains_key(&first) && archived.contains_key(&latest));
    // Whatever can be known is known.
    let unknown = desk.vault().reader(desk.group).unwrap().unknown(1..=latest);
    assert_eq!(
        unknown.unwrap(),
        Vec::<std::ops::RangeInclusive<i32>>::new()
    );
    running.stop().await;
}
