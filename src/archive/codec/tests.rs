//! Nothing is lost in a frame, and nothing in a frame can hurt.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use proptest::prelude::*;

use super::*;
use crate::model::{
    Button, Entity, EntityKind, Forward, Media, MediaKind, Message, MessageId, PersonId, Reply,
    Service, Source, TopicId,
};

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z ,.!?]{0,40}",
        2 => "[а-яёА-ЯЁ ]{0,40}",
        2 => proptest::collection::vec(any::<char>(), 0..20).prop_map(String::from_iter),
        1 => Just("nul \0 and \u{1}\u{2} \u{feff}👩‍👩‍👧 \u{202e}".to_owned()),
        1 => Just(String::new()),
    ]
}

fn any_id() -> impl Strategy<Value = i32> {
    prop_oneof![
        1..1_000_000_i32,
        any::<i32>(),
        Just(i32::MIN),
        Just(i32::MAX)
    ]
}

fn any_date() -> impl Strategy<Value = i64> {
    prop_oneof![
        1_600_000_000..1_800_000_000_i64,
        any::<i64>(),
        Just(i64::MIN),
        Just(i64::MAX)
    ]
}

fn any_person() -> impl Strategy<Value = PersonId> {
    prop_oneof![1..20_i64, any::<i64>()].prop_map(PersonId)
}

fn any_entity() -> impl Strategy<Value = Entity> {
    let kind = prop_oneof![
        Just(EntityKind::Bold),
        Just(EntityKind::Link),
        any_person().prop_map(|user_id| EntityKind::MentionName { user_id }),
        any_text().prop_map(|href| EntityKind::TextLink { href }),
        any_text().prop_map(|language| EntityKind::Pre { language }),
        any::<i64>().prop_map(|document_id| EntityKind::CustomEmoji { document_id }),
        any_text().prop_map(|name| EntityKind::Unknown { name }),
    ];
    (any::<u32>(), any::<u32>(), kind).prop_map(|(offset, length, kind)| Entity {
        offset,
        length,
        kind,
    })
}

fn any_media() -> impl Strategy<Value = Media> {
    use proptest::option::of;
    (
        prop_oneof![
            Just(MediaKind::Photo),
            Just(MediaKind::Document),
            Just(MediaKind::Unsupported)
        ],
        of(any::<i64>()),
        of(any_text()),
        of(any::<u64>()),
        of(any::<u32>()),
        of(any_text()),
    )
        .prop_map(|(kind, file_id, file_name, size, width, note)| Media {
            file_id,
            file_name,
            size,
            width,
            note,
            ..Media::of(kind)
        })
}

fn any_service() -> impl Strategy<Value = Service> {
    use proptest::option::of;
    prop_oneof![
        any_text().prop_map(|title| Service::TopicCreated { title }),
        (of(any_text()), of(any::<bool>()), of(any::<bool>())).prop_map(
            |(title, closed, hidden)| Service::TopicEdited {
                title,
                closed,
                hidden
            }
        ),
        of(any_id()).prop_map(|id| Service::Pinned {
            message: id.map(MessageId)
        }),
        any_text().prop_map(|name| Service::Other { name }),
    ]
}

prop_compose! {
    fn any_message()(
        (id, topic, date, from, text) in (any_id(), any_id(), any_date(), proptest::option::of(any_person()), any_text()),
        entities in proptest::collection::vec(any_entity(), 0..3),
        reply_to in proptest::option::of((any_id(), proptest::option::of(any_text()), any::<bool>())),
        edit_date in proptest::option::of(any_date()),
        media in proptest::option::weighted(0.2, any_media()),
        forward in proptest::option::weighted(0.2, (proptest::option::of(any_person()), proptest::option::of(any_text()), any_date())),
        via_bot in proptest::option::weighted(0.1, any_person()),
        buttons in proptest::collection::vec(proptest::collection::vec((any_text(), proptest::option::of(any_text())), 0..3), 0..2),
        album in proptest::option::weighted(0.1, any::<i64>()),
        service in proptest::option::weighted(0.1, any_service()),
        unsupported in proptest::option::weighted(0.1, any_text()),
    ) -> Message {
        Message {
            id: MessageId(id),
            topic: TopicId(topic),
            date,
            from,
            text,
            entities,
            reply_to: reply_to.map(|(id, quote, external)| Reply { quote, external, ..Reply::to(MessageId(id)) }),
            edit_date,
            media,
            forward: forward.map(|(from, name, date)| Forward { from, name, date }),
            via_bot,
            buttons: buttons
                .into_iter()
                .map(|row| row.into_iter().map(|(text, url)| Button { text, url }).collect())
                .collect(),
            album,
            service,
            unsupported,
        }
    }
}

fn record(message: &Message, earlier: &[Message]) -> Record {
    Record {
        id: message.id.0,
        date: message.date,
        author: message.from.map(|person| person.0),
        latest: Body::of(message),
        earlier: earlier.iter().map(Body::of).collect(),
        around: Around::default(),
    }
}

/// Some ordinary records in two topics.
fn ordinary() -> Vec<(i32, Record)> {
    let mut records: Vec<_> = (1..600)
        .map(|id| {
            let topic = TopicId(id % 2 + 5);
            let mut message = Message::text(
                MessageId(id),
                topic,
                1_700_000_000 + i64::from(id) * 40,
                PersonId(i64::from(id % 5)),
                format!("Guten Tag, Nummer {id}"),
            );
            if id % 10 == 0 {
                message.reply_to = Some(Reply {
                    id: MessageId(id - 3),
                    quote: None,
                    quote_entities: Vec::new(),
                    chat: None,
                    external: false,
                });
                message.edit_date = Some(message.date + 60);
            }
            if id % 50 == 0 {
                message.media = Some(Media::of(MediaKind::Photo));
            }
            (topic.0, record(&message, &[]))
        })
        .collect();
    records.sort_by_key(|(topic, record)| (*topic, record.id));
    records
}

fn encode(records: &[(i32, Record)]) -> Encoded {
    let mut encoder = Encoder::default();
    for (topic, record) in records {
        encoder.push(*topic, record).unwrap();
    }
    let mut packer = Packer::new(3, None).unwrap();
    encoder.finish(&mut packer).unwrap()
}

fn unpack(body: &[u8]) -> Result<Frame, CodecError> {
    Frame::read(body.to_vec(), None)
}

fn decode_frame(body: &[u8]) -> Result<Vec<Run>, CodecError> {
    unpack(body)?.runs()
}

/// Reads as the merge does: all runs side by side, a message of each in turn.
fn side_by_side(frame: &Frame) -> Result<Vec<Run>, CodecError> {
    let mut open = Vec::new();
    for slot in 0..frame.heads().len() {
        let cursor = frame.cursor(slot)?;
        let run = Run {
            topic: cursor.topic(),
            records: Vec::new(),
        };
        open.push((cursor, run));
    }
    let mut more = true;
    while std::mem::take(&mut more) {
        for (cursor, run) in &mut open {
            let peeked = cursor.peek(frame)?;
            if let Some(record) = cursor.next(frame)? {
                assert_eq!(peeked, Some(record.id));
                run.records.push(record);
                more = true;
            }
        }
    }
    Ok(open.into_iter().map(|(_, run)| run).collect())
}

fn decoded(body: &[u8]) -> Vec<(i32, Record)> {
    decode_frame(body)
        .unwrap()
        .into_iter()
        .flat_map(|run| {
            let topic = run.topic;
            run.records.into_iter().map(move |record| (topic, record))
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_encoded_is_decoded(
        messages in proptest::collection::vec((any_message(), proptest::collection::vec(any_message(), 0..2)), 0..40),
        at in proptest::option::of(any_date()),
    ) {
        let mut records: Vec<_> = messages
            .iter()
            .map(|(message, earlier)| {
                let mut record = record(message, earlier);
                if message.date % 2 == 0 {
                    record.around.deleted_at = at;
                }
                let sources = [None, Some(Source::Import), Some(Source::Bot)];
                record.latest.by = sources[message.date.rem_euclid(3) as usize];
                if let Some(earlier) = record.earlier.first_mut() {
                    earlier.by = sources[message.date.rem_euclid(5) as usize % 3];
                }
                (message.topic.0, record)
            })
            .collect();
        records.sort_by_key(|(topic, record)| (*topic, record.id));
        let encoded = encode(&records);
        prop_assert_eq!(decoded(&encoded.body), records);
        let all = decode_frame(&encoded.body).unwrap();
        let frame = unpack(&encoded.body).unwrap();
        prop_assert_eq!(side_by_side(&frame).unwrap(), all.clone());
        prop_assert_eq!(frame.heads().len(), all.len());
        for (slot, run) in all.iter().enumerate() {
            prop_assert_eq!(&frame.run(slot).unwrap(), run);
            for record in &run.records {
                let found = frame.find(slot, record.id).unwrap();
                prop_assert_eq!(found.as_ref(), Some(record));
            }
        }
        prop_assert!(frame.run(all.len()).is_err());
        for (message, _) in messages {
            let again = Body::of(&message).into_message(
                message.id.0, message.topic.0, message.date, message.from.map(|person| person.0),
            );
            prop_assert_eq!(again, message);
        }
    }

    #[test]
    fn any_bytes_are_an_error_or_messages(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode_frame(&bytes);
        let mut framed = b"TVF\x01".to_vec();
        framed.extend(bytes);
        let _ = decode_frame(&framed);
        framed[3] = 2;
        let _ = decode_frame(&framed);
    }

    /// Damage within columns, where compression does not notice it.
    #[test]
    fn damage_is_never_a_panic(place in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut plain = encode(&ordinary()).body;
        let place = place.index(plain.len());
        if cut {
            plain.truncate(place);
            prop_assert!(decode_frame(&plain).is_err());
        } else {
            plain[place] = byte;
            let _ = decode_frame(&plain);
            let _ = unpack(&plain).and_then(|frame| side_by_side(&frame));
            let _ = unpack(&plain).and_then(|frame| frame.find(1, 300));
        }
    }

    /// Small frames are stored uncompressed: every byte is read as it is.
    #[test]
    fn damage_in_plain_columns_is_never_a_panic(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut plain = encode(&ordinary()[45..55]).body;
        for (place, byte) in changes {
            let place = place.index(plain.len());
            plain[place] = byte;
        }
        let _ = decode_frame(&plain);
    }
}

#[test]
fn runs_are_described_for_the_index() {
    let encoded = encode(&ordinary());
    let heads: Vec<_> = encoded
        .runs
        .iter()
        .map(|run| (run.topic, run.first_id, run.last_id, run.count))
        .collect();
    assert_eq!(
        heads,
        [
            (5, 2, 512, 256),
            (5, 514, 598, 43),
            (6, 1, 511, 256),
            (6, 513, 599, 44)
        ]
    );
    assert_eq!(encoded.runs[0].first_date, 1_700_000_080);
    assert_eq!(decoded(&encoded.body), ordinary());
    let frame = unpack(&encoded.body).unwrap();
    assert_eq!(frame.find(1, 515).unwrap(), None);
    assert_eq!(
        frame.find(1, 516).unwrap().map(|record| record.id),
        Some(516)
    );
}

#[test]
fn a_dictionary_shortens_texts_and_is_needed_to_read_them() {
    let text: String = (1..600)
        .map(|id| format!("Guten Tag, Nummer {id}\0"))
        .collect();
    let dictionary = Dictionary::new(text.as_bytes());
    let mut encoder = Encoder::default();
    for (topic, record) in ordinary() {
        encoder.push(topic, &record).unwrap();
    }
    let mut packer = Packer::new(6, Some(&dictionary)).unwrap();
    let with = encoder.finish(&mut packer).unwrap().body;
    assert!(with.len() < encode(&ordinary()).body.len());
    let frame = Frame::read(with.clone(), Some(dictionary)).unwrap();
    let runs = frame.runs().unwrap();
    assert_eq!(runs.iter().map(|run| run.records.len()).sum::<usize>(), 599);
    let other = Dictionary::new(b"something else altogether, and long enough to be one");
    let wrong = Frame::read(with.clone(), Some(other)).and_then(|frame| frame.runs());
    assert!(wrong.is_err() || wrong != Ok(runs));
    assert!(unpack(&with).and_then(|frame| frame.runs()).is_err());
}

#[test]
fn claims_are_refused_before_memory_is_taken() {
    let mut huge = b"TVF\x01".to_vec();
    // Twelve columns that each claim 2^62 bytes in one.
    for _ in 0..12 {
        huge.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 1]);
    }
    huge.extend([0; 12]);
    assert!(matches!(decode_frame(&huge), Err(CodecError::TooLarge(_))));
    assert_eq!(decode_frame(b"SQLite"), Err(CodecError::NotAFrame));
    assert_eq!(decode_frame(b"TVF\x09"), Err(CodecError::Layout(9)));
}
