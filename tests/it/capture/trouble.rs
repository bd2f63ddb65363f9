//! Broken lines, waits and lost logins.

use topicvault::capture::CaptureError;

use super::{Desk, failure};

#[tokio::test(flavor = "multi_thread")]
async fn broken_connections_lose_nothing() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    for round in 0..4 {
        let id = desk.post(&format!("round {round}"));
        desk.emulator.faults.drop_connections();
        desk.post(&format!("meanwhile {round}"));
        desk.edit(id, &format!("round {round}, edited"));
        desk.wait_equal().await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_that_were_never_sent_are_found_after_a_reconnection() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let edited = desk.post("seen");
    let deleted = desk.post("seen as well");
    desk.wait_equal().await;
    desk.emulator.faults.set_mute(true);
    desk.post("unseen");
    desk.edit(edited, "unseen edit");
    desk.delete(&[deleted]);
    desk.emulator.faults.drop_connections();
    desk.emulator.faults.set_mute(false);
    desk.wait_equal().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_is_kept_and_shown() {
    let desk = Desk::logged_in(250).await;
    let faults = &desk.emulator.faults;
    faults.fail_mtproto(failure("messages.getHistory", 420, "FLOOD_WAIT_2", 2));
    let mut running = desk.run().await;
    running
        .wait(|progress| progress.flood_until.is_some())
        .await;
    running.wait(|progress| progress.caught_up).await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_server_is_asked_again() {
    let desk = Desk::logged_in(120).await;
    let faults = &desk.emulator.faults;
    faults.fail_mtproto(failure("messages.getHistory", 500, "RPC_CALL_FAIL", 1));
    faults.fail_mtproto(failure("channels.getMessages", 500, "RPC_CALL_FAIL", 1));
    let running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_login_ends_the_run_and_can_be_renewed() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    desk.emulator.keys.revoke(desk.user.id);
    desk.emulator.faults.drop_connections();
    assert!(matches!(running.end().await, Err(CaptureError::Revoked)));
    assert!(matches!(desk.connect().await, Err(CaptureError::Revoked)));
    let mut answers = super::Answers::right(&desk.user);
    desk.log_in(&mut answers).await.unwrap();
    let running = desk.caught_up().await;
    assert_eq!(desk.differences(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_died_in_silence_is_noticed_and_made_anew() {
    let desk = Desk::logged_in(60).await;
    let mut running = desk.caught_up().await;
    desk.emulator.faults.half_open();
    let unheard = desk.post("over a line that is dead");
    running.wait(|progress| progress.down.is_some()).await;
    running
        .wait(|progress| progress.caught_up && progress.watermark >= unheard)
        .await;
    desk.wait_equal().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_refused_are_tried_until_they_are_not() {
    let desk = Desk::logged_in(60).await;
    let mut running = desk.caught_up().await;
    desk.emulator
        .faults
        .refuse_connections(std::time::Duration::from_secs(3_600));
    desk.emulator.faults.drop_connections();
    let missed = desk.post("nobody hears it");
    running.wait(|progress| progress.down.is_some()).await;
    desk.emulator.faults.clear();
    running
        .wait(|progress| progress.down.is_none() && progress.watermark >= missed)
        .await;
    desk.wait_equal().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_moved_to_another_datacentre_needs_a_login_and_says_so() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    desk.emulator.faults.migrate(desk.user.id, 4);
    desk.emulator.faults.drop_connections();
    let end = running.end().await;
    assert!(matches!(end, Err(CaptureError::Moved { dc: 4 })), "{end:?}");
    let error = end.unwrap_err();
    assert!(error.is_final() && error.to_string().contains("topicvault login"));
    assert!(matches!(
        desk.connect().await,
        Err(CaptureError::Moved { dc: 4 })
    ));
}
