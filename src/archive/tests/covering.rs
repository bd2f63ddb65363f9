//! What is known of each id, and who says so.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn known(place: &Place) -> BTreeMap<i32, (Known, Witness)> {
    let mut all = BTreeMap::new();
    for covered in place.reader().coverage(1..=i32::MAX).unwrap() {
        for id in covered.ids {
            assert!(all.insert(id, (covered.known, covered.witness)).is_none());
        }
    }
    all
}

#[test]
fn what_is_erased_or_expired_is_never_captured_again() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.append(&[live(text(1, 1, "hello"))], &[]).unwrap();
    writer.settle(2..=3, Known::Erased).unwrap();
    writer.settle(4..=4, Known::Expired).unwrap();
    for source in [Source::Live, Source::History, Source::Bot, Source::Import] {
        let mark = crate::model::Mark::Pinned { pinned: true };
        let id = MessageId(3);
        let events = [
            seen(Event::Message(Box::new(text(2, 1, "again"))), source),
            seen(Event::Mark { id, mark }, source),
            seen(Event::Deleted(vec![MessageId(3)]), source),
            seen(Event::Empty(vec![MessageId(4)]), source),
        ];
        assert_eq!(writer.append(&events, &[]).unwrap().known, 4);
    }
    let reader = place.reader();
    assert!(reader.message(MessageId(2)).unwrap().is_none());
    assert_eq!(reader.unknown(1..=4).unwrap(), []);
    assert_eq!(reader.existing(1..=4).unwrap(), [MessageId(1)]);
    let userbot = Witness::Userbot;
    assert_eq!(
        known(&place).into_iter().collect::<Vec<_>>(),
        [
            (1, (Known::Captured, userbot)),
            (2, (Known::Erased, userbot)),
            (3, (Known::Erased, userbot)),
            (4, (Known::Expired, userbot)),
        ]
    );
}

#[test]
fn what_the_userbot_confirms_is_its_own() {
    let place = Place::new();
    let mut writer = place.writer();
    let by = |source| seen(Event::Message(Box::new(text(1, 1, "hello"))), source);
    for (source, witness) in [
        (Source::Import, Witness::Import),
        (Source::Bot, Witness::Import),
        (Source::History, Witness::Userbot),
        (Source::Bot, Witness::Userbot),
    ] {
        writer.append(&[by(source)], &[]).unwrap();
        assert_eq!(known(&place)[&1], (Known::Captured, witness));
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Seen(i32, Source),
    Gone(i32, Source),
    Nothing(i32, Source),
    Erased(i32),
}

fn step() -> impl Strategy<Value = Step> {
    let source = prop_oneof![
        Just(Source::Live),
        Just(Source::History),
        Just(Source::Bot),
        Just(Source::Import)
    ];
    (1..12_i32, source, 0..4_u8).prop_map(|(id, source, what)| match what {
        0 => Step::Seen(id, source),
        1 => Step::Gone(id, source),
        2 => Step::Nothing(id, source),
        _ => Step::Erased(id),
    })
}

proptest! {
    #[test]
    fn ranges_say_what_a_plain_table_would(steps in proptest::collection::vec(step(), 1..40)) {
        let place = Place::new();
        let mut writer = place.writer();
        let mut table: BTreeMap<i32, (Known, Witness)> = BTreeMap::new();
        let mut held = std::collections::BTreeSet::new();
        for step in steps {
            match step {
                Step::Seen(id, source) => {
                    writer.append(&[seen(Event::Message(Box::new(text(id, 1, "x"))), source)], &[]).unwrap();
                    let witness = Witness::from(source);
                    let entry = table.get(&id).copied();
                    match entry {
                        Some((Known::Erased | Known::Expired, _)) => {}
                        // A deletion stays; only history takes one back, of what is held.
                        Some((Known::Deleted, by)) => {
                            let back = source == Source::History && held.contains(&id);
                            let state = if back { Known::Captured } else { Known::Deleted };
                            let by = if witness == Witness::Userbot { witness } else { by };
                            table.insert(id, (state, by));
                            held.insert(id);
                        }
                        Some((Known::Captured, by)) => {
                            let by = if witness == Witness::Userbot { witness } else { by };
                            table.insert(id, (Known::Captured, by));
                        }
                        Some((Known::Empty, _)) | None => {
                            table.insert(id, (Known::Captured, witness));
                            held.insert(id);
                        }
                    }
                }
                Step::Gone(id, source) => {
                    writer.append(&[seen(Event::Deleted(vec![MessageId(id)]), source)], &[]).unwrap();
                    if !matches!(table.get(&id), Some((Known::Deleted | Known::Erased, _))) {
                        table.insert(id, (Known::Deleted, source.into()));
                    }
                }
                Step::Nothing(id, source) => {
                    writer.append(&[seen(Event::Empty(vec![MessageId(id)]), source)], &[]).unwrap();
                    table.entry(id).or_insert((Known::Empty, source.into()));
                }
                Step::Erased(id) => {
                    writer.settle(id..=id, Known::Erased).unwrap();
                    table.insert(id, (Known::Erased, Witness::Userbot));
                }
            }
            prop_assert_eq!(&known(&place), &table);
        }
        let ranges = place.reader().coverage(1..=i32::MAX).unwrap();
        for (a, b) in ranges.iter().zip(ranges.iter().skip(1)) {
            let joined = a.ids.end() + 1 == *b.ids.start()
                && (a.known, a.witness) == (b.known, b.witness);
            prop_assert!(!joined, "{:?} {:?}", a, b);
        }
    }
}
