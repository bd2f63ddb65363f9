//! Whatever happens in whatever order: sealing and compaction change nothing that can be read, and replaying
//! everything says nothing new.

use proptest::prelude::*;

use super::*;
use crate::model::Views;

#[derive(Clone, Debug)]
enum Act {
    Event(Observed),
    Seal,
    Compact,
}

fn any_act() -> impl Strategy<Value = Act> {
    let message =
        (1..15_i32, 0..4_i64, 0..4_u8, 0..3_u8).prop_map(|(id, edit_date, content, source)| {
            let mut message = text(id, id % 3 + 1, &format!("text {content}"));
            message.edit_date = (edit_date > 0).then_some(edit_date);
            // The others tell the same in fewer words.
            if source != 2 && content % 2 == 0 {
                message.entities = vec![bold()];
            }
            Act::Event(match source {
                0 => live(message),
                1 => history(message),
                _ => seen(Event::Message(Box::new(message)), Source::Bot),
            })
        });
    prop_oneof![
        8 => message,
        2 => (1..15_i32).prop_map(|id| Act::Event(deleted(id))),
        1 => (1..18_i32).prop_map(|id| {
            Act::Event(seen(Event::Empty(vec![MessageId(id)]), Source::History))
        }),
        1 => (1..15_i32, 0..3_usize).prop_map(|(id, sign)| {
            Act::Event(reaction(id, ["", "👍", "❤"].get(sign).unwrap()))
        }),
        1 => (1..15_i32, 0..5_u32).prop_map(|(id, views)| {
            Act::Event(mark(id, Mark::Views(Views { views: Some(views), forwards: None })))
        }),
        1 => (1..15_i32, any::<bool>()).prop_map(|(id, pinned)| {
            Act::Event(mark(id, Mark::Pinned { pinned }))
        }),
        3 => Just(Act::Seal),
        2 => Just(Act::Compact),
    ]
}

fn bold() -> crate::model::Entity {
    crate::model::Entity {
        offset: 0,
        length: 4,
        kind: crate::model::EntityKind::Bold,
    }
}

fn read(place: &Place) -> Vec<Snapshot> {
    let reader = place.reader();
    let by_id = all(&reader, &Selection::default(), Order::Id);
    let mut by_topic = all(&reader, &Selection::default(), Order::Topic);
    by_topic.sort_by_key(|snapshot| snapshot.message.id);
    assert_eq!(by_id, by_topic);
    for snapshot in &by_id {
        let one = reader.message(snapshot.message.id).unwrap();
        assert_eq!(one.as_ref(), Some(snapshot));
    }
    for topic in 1..=3 {
        let mut expected = by_id.clone();
        expected.retain(|snapshot| {
            snapshot.message.topic == TopicId(topic) && snapshot.deleted_at.is_none()
        });
        let surplus = expected.len().saturating_sub(3);
        expected.drain(..surplus);
        assert_eq!(reader.last(TopicId(topic), 3).unwrap(), expected);
    }
    let existing: Vec<_> = by_id
        .iter()
        .filter(|snapshot| snapshot.deleted_at.is_none())
        .map(|snapshot| snapshot.message.id)
        .collect();
    assert_eq!(reader.existing(i32::MIN..=i32::MAX).unwrap(), existing);
    let stats = reader.stats().unwrap();
    assert_eq!(stats.messages, existing.len() as u64);
    let versions: usize = by_id.iter().map(|snapshot| snapshot.versions.len()).sum();
    assert_eq!(stats.edits, versions as u64);
    by_id
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sealing_and_compaction_change_nothing(acts in proptest::collection::vec(any_act(), 1..40)) {
        let (plain, sealed) = (Place::new(), Place::new());
        let (mut plain_writer, mut sealed_writer) = (plain.writer(), sealed.writer());
        for act in &acts {
            match act {
                Act::Seal => {
                    sealed_writer.seal(&SEAL).unwrap();
                }
                Act::Compact => {
                    compact(&sealed.vault, &mut sealed_writer);
                }
                Act::Event(event) => {
                    let one = plain_writer.append(std::slice::from_ref(event), &[]).unwrap();
                    let other = sealed_writer.append(std::slice::from_ref(event), &[]).unwrap();
                    prop_assert_eq!(one, other);
                }
            }
        }
        let held = read(&plain);
        prop_assert_eq!(&held, &read(&sealed));
        for snapshot in &held {
            let id = snapshot.message.id;
            let marks = |place: &Place| {
                let mut marks = place.reader().marks(id).unwrap();
                // Of one second, kinds may have changed places.
                marks.sort_by_key(|marked| matches!(marked.mark, Mark::Pinned { .. }));
                marks
            };
            prop_assert_eq!(marks(&plain), marks(&sealed));
        }
        prop_assert_eq!(plain.reader().pinned().unwrap(), sealed.reader().pinned().unwrap());
        // No edit that the userbot saw as it happened is lost; what the bot told differently of the
        // same original is in a dispute.
        let disputes = plain.reader().disputes().unwrap();
        for act in &acts {
            if let Act::Event(Observed { event: Event::Message(message), source: Source::Live, .. }) = act
                && message.edit_date.is_some()
            {
                let found = held.iter().find(|it| it.message.id == message.id).unwrap();
                let mut texts = found.versions.iter().map(|version| &version.text);
                let known = texts.any(|text| *text == message.text)
                    || disputes.iter().any(|it| it.said["text"] == message.text);
                prop_assert!(known || found.message.text == message.text, "{:?}", message);
            }
        }
    }

    #[test]
    fn live_events_can_be_replayed(acts in proptest::collection::vec(any_act(), 1..40)) {
        let place = Place::new();
        let mut writer = place.writer();
        let events: Vec<_> = acts
            .into_iter()
            .filter_map(|act| match act {
                Act::Event(mut event) => {
                    event.source = Source::Live;
                    // The same content again at a later date is no version, so that only the
                    // first of both is known again.
                    if let Event::Message(message) = &mut event.event {
                        message.text += &format!(" at {:?}", message.edit_date);
                    }
                    Some(event)
                }
                Act::Seal | Act::Compact => None,
            })
            .collect();
        writer.append(&events, &[]).unwrap();
        writer.seal(&SEAL).unwrap();
        let before = read(&place);
        let again = writer.append(&events, &[]).unwrap();
        prop_assert_eq!((again.new, again.edited, again.deleted), (0, 0, 0));
        prop_assert_eq!(read(&place), before);
    }
}
