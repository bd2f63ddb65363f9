//! Both orders tell the same, however many batches it takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::super::tests::{Place, SEAL, all, deleted, edited, group, ids, live, text};
use super::super::{Order, Reader};
use super::*;
use crate::model::{MessageId, TopicId};

/// 3,000 messages in interleaved topics, a third of them in one, sealed in ten goes with old ones
/// trickling in late; some edited or deleted afterwards; the last 300 hot.
fn interleaved() -> Place {
    let place = Place::new();
    let mut writer = place.writer();
    let topic = |id: i32| if id % 3 == 0 { 1 } else { id % 37 + 2 };
    for round in 0..10 {
        let events: Vec<_> = (1..=300)
            .map(|number| {
                let id: i32 = round * 300 + number;
                // Every eleventh comes three rounds late.
                if number % 11 == 0 {
                    (id - 900).rem_euclid(3000)
                } else {
                    id
                }
            })
            .filter(|id| *id > 0)
            .map(|id| live(text(id, topic(id), &format!("message {id}"))))
            .collect();
        writer.append(&events, &[]).unwrap();
        if round < 9 {
            writer.seal(&SEAL).unwrap();
        }
    }
    for id in (1..3000).step_by(29) {
        let change = if id % 2 == 0 {
            deleted(id)
        } else {
            live(edited(id, topic(id), "changed", 1_800_000_000))
        };
        writer.append(&[change], &[]).unwrap();
    }
    place
}

fn by_topic(reader: &Reader, budget: (i64, i64), selection: &Selection) -> Vec<Snapshot> {
    let mut found = Vec::new();
    let mut each = |snapshot| {
        found.push(snapshot);
        ControlFlow::Continue(())
    };
    reader
        .snapshot(|conn| read_within(budget, reader, conn, selection, &mut each))
        .unwrap();
    found
}

#[test]
fn topic_by_topic_is_the_same_as_by_id_in_another_order() {
    let place = interleaved();
    let reader = place.reader();
    let some = Selection {
        ids: None,
        topics: vec![TopicId(1), TopicId(7), TopicId(30), TopicId(99)],
        since: Some(1_700_000_100),
        until: Some(1_700_002_800),
        skip_deleted: true,
    };
    for selection in [Selection::default(), some] {
        let mut expected = all(&reader, &selection, Order::Id);
        assert!(expected.len() > 300);
        let ascending = |pair: &[Snapshot]| pair[0].message.id < pair[1].message.id;
        assert!(expected.windows(2).all(ascending));
        expected.sort_by_key(|snapshot| snapshot.message.topic);
        assert_eq!(all(&reader, &selection, Order::Topic), expected);
        // One topic a batch, some of them too large for any; a few a batch.
        for batch in [0, 1, 10_000, 40_000, 200_000] {
            // From frames that are kept, from some of them, and collected.
            for cached in [i64::MAX, 300_000, 0] {
                let found = by_topic(&reader, (batch, cached), &selection);
                assert_eq!(ids(&found), ids(&expected), "{batch} {cached}");
            }
        }
    }
}

#[test]
fn a_read_by_topic_sees_one_moment_and_may_read_within() {
    let place = interleaved();
    let reader = place.reader();
    let mut writer = place.writer();
    let before = all(&reader, &Selection::default(), Order::Topic);
    let mut found = Vec::new();
    reader
        .read(&Selection::default(), Order::Topic, &mut |snapshot| {
            if found.is_empty() {
                writer.append(&[live(text(5000, 1, "late"))], &[]).unwrap();
                writer.seal(&SEAL).unwrap();
            }
            if found.len() % 100 == 0 {
                let again = reader.message(snapshot.message.id).unwrap();
                assert_eq!(again.as_ref(), Some(&snapshot));
                assert!(reader.message(MessageId(5000)).unwrap().is_none());
                reader
                    .read(&Selection::default(), Order::Topic, &mut |_| {
                        ControlFlow::Break(())
                    })
                    .unwrap();
            }
            found.push(snapshot);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(found, before);
    let after = place.vault.reader(group()).unwrap();
    assert_eq!(
        all(&after, &Selection::default(), Order::Topic).len(),
        before.len() + 1
    );
}
