//! Which files there are, and what became of them.

use super::*;
use crate::model::{Media, MediaKind, MediaPolicy};

fn with_file(id: i32, topic: i32, file: i64, kind: MediaKind, size: u64) -> Message {
    Message {
        media: Some(Media {
            file_id: Some(file),
            size: Some(size),
            file_name: Some(format!("{file}.bin")),
            ..Media::of(kind)
        }),
        ..text(id, topic, "")
    }
}

fn wanted(reader: &Reader, policy: &MediaPolicy) -> Vec<i64> {
    let files = reader.wanted_files(policy, 0, 100).unwrap();
    files.into_iter().map(|file| file.id).collect()
}

const ALL: MediaPolicy = MediaPolicy::all(u64::MAX);

#[test]
fn files_come_with_their_messages_newest_first_and_self_destructing_ones_never() {
    let place = Place::new();
    let mut writer = place.writer();
    let events = [
        live(with_file(1, 1, 11, MediaKind::Photo, 5)),
        live(with_file(2, 2, 12, MediaKind::Voice, 5)),
        live(with_file(3, 2, 13, MediaKind::Expiring, 5)),
        live(with_file(4, 2, 14, MediaKind::WebPage, 5)),
        live(with_file(5, 2, 15, MediaKind::Document, 5)),
        live(text(6, 2, "no file")),
    ];
    writer.append(&events, &[]).unwrap();
    writer.append(&events, &[]).unwrap();
    let reader = place.reader();
    assert_eq!(wanted(&reader, &ALL), [15, 12, 11]);
    let file = reader.wanted_files(&ALL, 0, 1).unwrap().remove(0);
    assert_eq!((file.message, file.topic), (MessageId(5), TopicId(2)));
    assert_eq!((file.size, file.name.as_deref()), (Some(5), Some("15.bin")));
}

#[test]
fn a_policy_decides_on_reading() {
    let place = Place::new();
    let mut writer = place.writer();
    let sizes = [10, 20, 30];
    for (at, kind) in MediaKind::FILES.into_iter().enumerate() {
        for (number, size) in sizes.into_iter().enumerate() {
            let id = i32::try_from(at * 3 + number + 1).unwrap();
            let message = with_file(id, 1, i64::from(id) + 1000, kind, size);
            writer.append(&[live(message)], &[]).unwrap();
        }
    }
    let reader = place.reader();
    let policy = MediaPolicy::default()
        .with(MediaKind::Photo, Some(20))
        .with(MediaKind::Document, Some(9))
        .with(MediaKind::Sticker, Some(1000));
    assert_eq!(wanted(&reader, &policy), [1021, 1020, 1019, 1002, 1001]);
    assert_eq!(wanted(&reader, &MediaPolicy::default()), [0_i64; 0]);
    let totals = reader.media_totals(&policy).unwrap();
    assert_eq!((totals.wanted, totals.left_out), (5, 19));
    assert_eq!(totals.wanted_bytes, 90);
    assert!(policy.wants(MediaKind::Photo, None) && !policy.wants(MediaKind::Video, None));
}

#[test]
fn what_became_of_a_file_is_kept_and_counted() {
    let place = Place::new();
    let mut writer = place.writer();
    let kind = MediaKind::Photo;
    for id in 1..=5 {
        let message = with_file(id, id % 2 + 1, i64::from(id), kind, 7);
        writer.append(&[live(message)], &[]).unwrap();
    }
    let hash = blake3::hash(b"content");
    let stored = |id| FileChange::Stored {
        id,
        hash,
        length: 7,
    };
    let failed = FileChange::Failed {
        id: 3,
        reason: "no luck".to_owned(),
        next_at: 1_000,
    };
    let gone = FileChange::Gone {
        id: 4,
        message: MessageId(4),
        reason: "deleted".to_owned(),
    };
    writer
        .note_files(&[stored(1), stored(2), failed.clone(), failed, gone])
        .unwrap();
    let reader = place.reader();
    assert_eq!(wanted(&reader, &ALL), [5]);
    assert_eq!(reader.wanted_files(&ALL, 1_000, 9).unwrap().len(), 2);
    let missing = reader.missing_files(&ALL, 9).unwrap();
    // Of the newest messages first: 5 was not tried yet.
    let ids: Vec<(i64, u32)> = missing.iter().map(|file| (file.id, file.tries)).collect();
    assert_eq!(ids, [(5, 0), (3, 2)]);
    assert_eq!(missing[1].reason.as_deref(), Some("no luck"));
    assert_eq!(reader.next_file_at(&ALL).unwrap(), Some(0));
    assert_eq!(reader.stored(1).unwrap(), Some(hash));
    assert_eq!(
        (reader.stored(3).unwrap(), reader.stored(99).unwrap()),
        (None, None)
    );
    assert!(reader.awaits(3).unwrap() && !reader.awaits(4).unwrap());
    let totals = reader.media_totals(&ALL).unwrap();
    assert_eq!(
        totals,
        MediaTotals {
            wanted: 2,
            wanted_bytes: 14,
            missing: 1,
            stored: 2,
            stored_bytes: 7,
            gone: 1,
            left_out: 0,
        }
    );
    let topics = reader.media_totals_by_topic(&ALL).unwrap();
    assert_eq!(
        (topics[&TopicId(2)].stored, topics[&TopicId(2)].wanted),
        (1, 2)
    );
    assert_eq!(
        (topics[&TopicId(1)].stored, topics[&TopicId(1)].gone),
        (1, 1)
    );
}

#[test]
fn a_file_is_gone_only_when_no_message_leads_to_it() {
    let place = Place::new();
    let mut writer = place.writer();
    let carried = |id| live(with_file(id, 1, 7, MediaKind::Document, 5));
    writer
        .append(&[carried(5), carried(2), carried(9)], &[])
        .unwrap();
    let gone = |message| FileChange::Gone {
        id: 7,
        message: MessageId(message),
        reason: "deleted".to_owned(),
    };
    let reader = place.reader();
    let through = || {
        let files = reader.wanted_files(&ALL, 0, 9).unwrap();
        files.first().map(|file| file.message.0)
    };
    assert_eq!(through(), Some(9));
    writer.note_files(&[gone(2)]).unwrap();
    assert_eq!(
        through(),
        Some(9),
        "news of another message changes nothing"
    );
    writer.note_files(&[gone(9)]).unwrap();
    assert_eq!(through(), Some(5));
    writer.note_files(&[gone(5)]).unwrap();
    assert_eq!(through(), Some(2));
    writer.note_files(&[gone(2)]).unwrap();
    assert_eq!(through(), None);
    assert_eq!(reader.media_totals(&ALL).unwrap().gone, 1);
    // Somebody sends it again.
    writer.append(&[carried(12)], &[]).unwrap();
    assert_eq!(through(), Some(12));
}

#[test]
fn sealed_messages_keep_their_files_and_a_failed_transaction_enters_none() {
    let place = Place::new();
    let mut writer = place.writer();
    writer
        .append(&[live(with_file(1, 1, 1, MediaKind::Video, 5))], &[])
        .unwrap();
    writer.seal(&SEAL).unwrap();
    let too_large = live(text(3, 1, &"x".repeat(2 << 20)));
    let with = live(with_file(2, 1, 2, MediaKind::Video, 5));
    writer.append(&[with, too_large], &[]).unwrap_err();
    assert_eq!(wanted(&place.reader(), &ALL), [1]);
}
