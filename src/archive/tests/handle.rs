//! The writer's thread.

use super::*;

fn policy(hot_messages: u64) -> SealPolicy {
    SealPolicy {
        hot_messages,
        level: 3,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_from_many_sides_are_all_committed_and_accounted_for() {
    let place = Place::new();
    let handle = Handle::spawn(&place.vault, group(), policy(50)).unwrap();
    let commits = handle.commits();
    let mut tasks = Vec::new();
    for task in 0..8 {
        let handle = handle.clone();
        tasks.push(tokio::spawn(async move {
            let mut new = 0;
            for number in 0..25 {
                let events = vec![live(text(task * 25 + number + 1, 1, "hello"))];
                new += handle.append(events, vec![]).await.unwrap().new;
            }
            new
        }));
    }
    let mut new = 0;
    for task in tasks {
        new += task.await.unwrap();
    }
    assert_eq!(new, 200);
    assert_eq!(*commits.borrow(), 200);
    handle.set_title("Support".to_owned()).await.unwrap();
    let reader = handle.reader().unwrap();
    assert_eq!(reader.title().unwrap().as_deref(), Some("Support"));
    handle.close().await.unwrap();
    let stats = reader.stats().unwrap();
    assert_eq!(stats.messages, 200);
    assert!(stats.frames > 0 && stats.hot < 200);
    // The lock is free again.
    place.writer();
}

#[tokio::test]
async fn who_waits_for_commits_is_woken() {
    let place = Place::new();
    let handle = Handle::spawn(&place.vault, group(), policy(1000)).unwrap();
    let mut commits = handle.commits();
    let appended = handle
        .append(vec![live(text(1, 1, "a"))], vec![])
        .await
        .unwrap();
    commits.changed().await.unwrap();
    assert_eq!(*commits.borrow(), appended.last_seq);
    handle.append(vec![deleted(1)], vec![]).await.unwrap();
    commits.changed().await.unwrap();
    assert_eq!(*commits.borrow(), appended.last_seq + 1);
}

#[tokio::test]
async fn a_failed_append_is_told_and_the_next_one_works() {
    let place = Place::new();
    let handle = Handle::spawn(&place.vault, group(), policy(1000)).unwrap();
    let too_large = vec![live(text(1, 1, &"x".repeat(2 << 20)))];
    let error = handle.append(too_large, vec![]).await.unwrap_err();
    assert!(matches!(error, ArchiveError::TooLarge { .. }));
    let fine = vec![live(text(1, 1, "x"))];
    assert_eq!(handle.append(fine, vec![]).await.unwrap().new, 1);
}

#[tokio::test]
async fn after_closing_nothing_is_taken() {
    let place = Place::new();
    let handle = Handle::spawn(&place.vault, group(), policy(1000)).unwrap();
    let other = handle.clone();
    handle.close().await.unwrap();
    let error = other.append(vec![], vec![]).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Closed));
}

#[tokio::test(flavor = "multi_thread")]
async fn compaction_runs_beside_appends() {
    let place = Place::new();
    let compact = CompactPolicy {
        level: 3,
        segments: 4,
    };
    let handle =
        Handle::spawn_compacting(&place.vault, group(), policy(50), Some(compact)).unwrap();
    let mut id = 0;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    loop {
        let events = (id + 1..=id + 50).map(|id| live(text(id, id % 5 + 1, "hello")));
        handle.append(events.collect(), Vec::new()).await.unwrap();
        id += 50;
        handle
            .append(vec![live(edited(id, id % 5 + 1, "again", 5))], Vec::new())
            .await
            .unwrap();
        let conn = rusqlite::Connection::open(handle.reader().unwrap().path()).unwrap();
        let largest: i64 = conn
            .query_row("SELECT ifnull(max(messages), 0) FROM frame", [], |row| {
                row.get(0)
            })
            .unwrap();
        if largest >= 200 {
            break;
        }
        assert!(std::time::Instant::now() < deadline, "nothing was joined");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    handle.close().await.unwrap();
    let found = all(&place.reader(), &Selection::default(), Order::Id);
    assert_eq!(ids(&found), (1..=id).collect::<Vec<_>>());
    let edited = found.iter().filter(|it| it.versions.len() == 1).count();
    assert_eq!(edited as i32, id / 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_come_to_rest_when_nobody_waits() {
    let place = Place::new();
    let handle = Handle::spawn(&place.vault, group(), policy(50)).unwrap();
    let events = (2..3_000).map(|id| live(text(id, id, "hello")));
    handle.append(events.collect(), Vec::new()).await.unwrap();
    let conn = rusqlite::Connection::open(handle.reader().unwrap().path()).unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let mut waiting = i64::MAX;
    // Fewer than a page are not worth one.
    while waiting >= 256 {
        assert!(std::time::Instant::now() < deadline, "{waiting} rows");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let count = "SELECT count(*) FROM topic";
        waiting = conn.query_row(count, [], |row| row.get(0)).unwrap();
    }
    let topics = handle.reader().unwrap().topics().unwrap();
    assert_eq!(topics.len(), 2_998);
    // It let go of what it kept meanwhile, and goes on.
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    let again = vec![live(edited(2_999, 2_999, "again", 5))];
    assert_eq!(handle.append(again, Vec::new()).await.unwrap().edited, 1);
    handle.close().await.unwrap();
}
