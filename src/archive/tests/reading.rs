//! Reading hot and sealed messages as one archive.

use super::*;

/// Forty messages in three topics, sealed in three goes with old ones trickling in late, some hot.
fn mixed() -> (Place, Writer) {
    let place = Place::new();
    let mut writer = place.writer();
    let rounds: [&[i32]; 4] = [
        &[1, 2, 3, 5, 8, 9, 10, 20],
        &[4, 11, 12, 13, 14, 21],
        &[6, 15, 16, 17, 22, 23, 24],
        &[7, 18, 19, 25, 26],
    ];
    for (round, numbers) in rounds.into_iter().enumerate() {
        let events: Vec<_> = numbers
            .iter()
            .map(|id| live(text(*id, id % 3 + 1, &format!("message {id}"))))
            .collect();
        writer.append(&events, &[]).unwrap();
        if round < 3 {
            writer.seal(&SEAL).unwrap();
        }
    }
    (place, writer)
}

#[test]
fn everything_comes_in_order_of_id() {
    let (place, _writer) = mixed();
    let found = all(&place.reader(), &Selection::default(), Order::Id);
    assert_eq!(ids(&found), (1..=26).collect::<Vec<_>>());
    for snapshot in found {
        let id = snapshot.message.id.0;
        assert_eq!(
            snapshot.message,
            text(id, id % 3 + 1, &format!("message {id}"))
        );
    }
}

#[test]
fn everything_comes_topic_by_topic() {
    let (place, _writer) = mixed();
    let found = all(&place.reader(), &Selection::default(), Order::Topic);
    let mut expected: Vec<i32> = (1..=26).collect();
    expected.sort_by_key(|id| (id % 3, *id));
    assert_eq!(ids(&found), expected);
}

#[test]
fn topics_and_dates_select() {
    let (place, mut writer) = mixed();
    writer.append(&[deleted(10)], &[]).unwrap();
    let selection = Selection {
        ids: None,
        topics: vec![TopicId(2), TopicId(3)],
        since: Some(1_700_000_005),
        until: Some(1_700_000_020),
        skip_deleted: true,
    };
    let reader = place.reader();
    let wanted = [5, 7, 8, 11, 13, 14, 16, 17, 19];
    assert_eq!(ids(&all(&reader, &selection, Order::Id)), wanted);
    let mut by_topic = wanted;
    by_topic.sort_by_key(|id| (id % 3, *id));
    assert_eq!(ids(&all(&reader, &selection, Order::Topic)), by_topic);
}

#[test]
fn the_last_of_a_topic_are_its_highest_ids() {
    let (place, mut writer) = mixed();
    writer.append(&[deleted(25)], &[]).unwrap();
    let reader = place.reader();
    for count in 0..12 {
        let mut expected: Vec<i32> = [1, 4, 7, 10, 13, 16, 19, 22].into();
        expected.drain(..expected.len().saturating_sub(count));
        assert_eq!(ids(&reader.last(TopicId(2), count).unwrap()), expected);
    }
    assert!(reader.last(TopicId(99), 5).unwrap().is_empty());
}

#[test]
fn a_reader_that_breaks_is_left_alone() {
    let (place, _writer) = mixed();
    for order in [Order::Id, Order::Topic] {
        let mut count = 0;
        place
            .reader()
            .read(&Selection::default(), order, &mut |_| {
                count += 1;
                if count == 3 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            })
            .unwrap();
        assert_eq!(count, 3);
    }
}

#[test]
fn a_read_sees_one_moment_and_may_read_within() {
    let (place, mut writer) = mixed();
    let reader = place.reader();
    let mut count = 0;
    reader
        .read(&Selection::default(), Order::Id, &mut |snapshot| {
            count += 1;
            if count == 1 {
                writer.append(&[live(text(27, 1, "late"))], &[]).unwrap();
                writer.seal(&SEAL).unwrap();
            }
            let again = reader.message(snapshot.message.id).unwrap().unwrap();
            assert_eq!(again, snapshot);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(count, 26);
    assert_eq!(all(&reader, &Selection::default(), Order::Id).len(), 27);
}

#[test]
fn long_topics_are_several_runs() {
    let place = Place::new();
    let mut writer = place.writer();
    let events: Vec<_> = (1..=1000).map(|id| live(text(id, 5, "hello"))).collect();
    writer.append(&events, &[]).unwrap();
    let sealed = writer.seal(&SEAL).unwrap();
    assert_eq!((sealed.messages, sealed.frames), (1000, 1));
    let reader = place.reader();
    assert_eq!(
        ids(&reader.last(TopicId(5), 300).unwrap()),
        (701..=1000).collect::<Vec<_>>()
    );
    let stats = reader.stats().unwrap();
    assert_eq!((stats.hot, stats.frames, stats.messages), (0, 1, 1000));
    assert_eq!(stats.dates, Some((1_700_000_001, 1_700_001_000)));
    assert!(stats.bytes > 0);
}

#[test]
fn positions_are_stored_with_the_events() {
    let place = Place::new();
    let mut writer = place.writer();
    let pts = |value| Position {
        name: "pts".to_owned(),
        value,
    };
    writer.append(&[live(text(1, 1, "a"))], &[pts(5)]).unwrap();
    let before = writer.append(&[], &[pts(6)]).unwrap();
    let reader = place.reader();
    assert_eq!(reader.position("pts").unwrap(), Some(6));
    assert_eq!(reader.position("watermark").unwrap(), None);
    // A transaction that fails moves nothing.
    let too_large = live(text(3, 1, &"x".repeat(2 << 20)));
    assert!(writer.append(&[too_large], &[pts(7)]).is_err());
    assert_eq!(reader.position("pts").unwrap(), Some(6));
    let after = writer.append(&[live(text(2, 1, "b"))], &[]).unwrap();
    assert_eq!(after.last_seq, before.last_seq + 1);
}

#[test]
fn the_beginning_of_a_topic_is_read_without_the_rest() {
    let (place, mut writer) = mixed();
    writer.append(&[deleted(4)], &[]).unwrap();
    let expected = |topic: i32, count: usize| {
        let all = (1..=26).filter(|id| id % 3 + 1 == topic);
        all.take(count).collect::<Vec<i32>>()
    };
    for topic in 1..=3 {
        for count in [0, 1, 100] {
            let found = place.reader().opening(TopicId(topic), count).unwrap();
            assert_eq!(ids(&found), expected(topic, count));
        }
        // Of three runs that interleave two are enough.
        let found = ids(&place.reader().opening(TopicId(topic), 3).unwrap());
        assert!(found.is_sorted() && found.len() == 3 && found[..1] == expected(topic, 1));
    }
    let found = place.reader().opening(TopicId(2), 100).unwrap();
    assert!(found[1].message.id.0 == 4 && found[1].deleted_at.is_some());
    writer.seal(&SEAL).unwrap();
    compact(&place.vault, &mut writer);
    let found = place.reader().opening(TopicId(3), 4).unwrap();
    assert_eq!(ids(&found), expected(3, 4));
    assert!(place.reader().opening(TopicId(99), 5).unwrap().is_empty());
}
