//! What is fetched and what is not: by kind and size, by cap, by what the disk has left.

use topicvault::capture::Full;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_by_kind_and_size_and_a_later_one() {
    let desk = Desk::logged_in(1).await;
    let small = MediaConfig {
        download: vec!["photo".to_owned(), "voice".to_owned()],
        max_size: 1_000,
        max_sizes: [("voice".to_owned(), 50_000)].into(),
        ..everything()
    };
    let wanted = [
        desk.send(FileKind::Photo, content(16, 1_000)),
        desk.send(FileKind::Voice, content(17, 50_000)),
    ];
    let left = [
        desk.send(FileKind::Photo, content(18, 1_001)),
        desk.send(FileKind::Voice, content(19, 50_001)),
        desk.send(FileKind::Document, content(20, 1)),
    ];
    let fetching = desk.fetch(&small).await;
    for file in wanted {
        desk.wait_held(file).await;
    }
    desk.wait_done(&small).await;
    assert!(left.iter().all(|file| desk.held(*file).is_none()));
    assert!(desk.totals(&small).left_out >= 3);
    fetching.stop().await;

    let fetching = desk.fetch(&everything()).await;
    for file in left {
        desk.wait_held(file).await;
    }
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_cap_downloads_pause_and_go_on_when_there_is_room() {
    let desk = Desk::logged_in(1).await;
    let config = MediaConfig {
        max_total: 1_500_000,
        max_sizes: [("photo".to_owned(), 0), ("sticker".to_owned(), 0)].into(),
        ..everything()
    };
    let mut fetching = desk.fetch(&config).await;
    let first = desk.document(21, 600_000);
    desk.wait_held(first).await;
    assert!(!fetching.media.borrow().warning);
    let second = desk.document(22, 700_000);
    desk.wait_held(second).await;
    let third = desk.document(23, 600_000);
    let state = fetching.until(|state| state.full.is_some()).await;
    assert_eq!((state.full, state.warning), (Some(Full::Cap), true));
    // One that does not fit holds up nobody who does.
    let small = desk.document(29, 100_000);
    desk.wait_held(small).await;
    assert_eq!(fetching.media.borrow().full, Some(Full::Cap));
    desk.post("messages are captured as ever");
    desk.wait_equal().await;
    assert!(desk.held(third).is_none());
    assert!(desk.vault().media().used().unwrap() <= config.max_total);

    let hash = desk.reader().stored(first).unwrap().unwrap();
    std::fs::remove_file(desk.vault().media().path(&hash)).unwrap();
    desk.wait_held(third).await;
    let state = fetching.until(|state| state.full.is_none()).await;
    assert_eq!(state.max_total, config.max_total);
    fetching.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn some_of_the_disk_is_left_free() {
    let desk = Desk::logged_in(1).await;
    let config = MediaConfig {
        keep_free: u64::MAX / 4,
        ..everything()
    };
    desk.document(24, 100);
    let mut fetching = desk.fetch(&config).await;
    let state = fetching.until(|state| state.full.is_some()).await;
    assert_eq!((state.full, state.warning), (Some(Full::Disk), true));
    desk.wait_equal().await;
    assert_eq!(desk.calls("upload.getFile"), 0);
    fetching.stop().await;
}
