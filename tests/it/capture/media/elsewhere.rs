//! Files in other datacentres than the account.

use topicvault::capture::session_path;

use super::*;

/// Gives the login a key for the other datacentre that nobody is logged in on: a real one would
/// agree on it with that datacentre, whose public key grammers has built in.
pub(super) fn prepare_other_dc(desk: &Desk) {
    let key = desk.emulator.keys.share(&desk.emulator.world, "files");
    let key: Vec<u8> = (0..key.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&key[at..at + 2], 16).unwrap())
        .collect();
    let db = rusqlite::Connection::open(session_path(&desk.config, desk.base())).unwrap();
    db.execute(
        "INSERT INTO datacentre (id, ipv4, ipv6, auth_key) VALUES (4, '127.0.0.1:1', '[::1]:1', ?1) \
         ON CONFLICT (id) DO UPDATE SET auth_key = excluded.auth_key",
        [key],
    )
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_another_datacentre_are_fetched_there() {
    let desk = Desk::logged_in(1).await;
    prepare_other_dc(&desk);
    desk.emulator.world.write(|state| state.files_dc = 4);
    let file = desk.document(8, PIECE + 9);
    let fetching = desk.fetch(&everything()).await;
    desk.wait_held(file).await;
    assert_eq!(desk.calls("auth.exportAuthorization"), 1);
    // Once carried, the login stays there.
    let next = desk.document(9, 9);
    desk.wait_held(next).await;
    assert_eq!(desk.calls("auth.exportAuthorization"), 1);
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_moves_on_the_way_is_followed() {
    let desk = Desk::logged_in(1).await;
    prepare_other_dc(&desk);
    desk.limit_pieces(2, 1.0);
    let size = 4 * PIECE;
    let file = desk.document(10, size);
    let mut fetching = desk.fetch(&everything()).await;
    fetching.until(|state| state.flood_until.is_some()).await;
    desk.emulator.faults.clear();
    desk.emulator.world.write(|state| state.files_dc = 4);
    desk.wait_held(file).await;
    let state = fetching.until(|state| state.fetched > 0).await;
    assert_eq!((state.received, state.failures), (size as u64, 0));
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_datacentre_that_takes_no_login_holds_nothing_else_up() {
    let desk = Desk::logged_in(1).await;
    let config = everything();
    desk.emulator.world.write(|state| state.files_dc = 4);
    let file = desk.document(11, 100); // there is no key for that datacentre
    let mut fetching = desk.fetch(&config).await;
    fetching.until(|state| state.failures > 0).await;
    desk.post("meanwhile");
    desk.wait_equal().await;
    desk.emulator.world.write(|state| state.files_dc = 2);
    desk.wait_held(file).await;
    fetching.stop().await;
}
