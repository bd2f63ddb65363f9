//! Rendering from a real archive, hot and sealed.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use super::fixture::{OTHER_TOPIC, TOPIC, conversation, customer, people, rules};
use super::{
    Filter, Format, Key, Layout, Manifest, MediaFilter, Options, Pull, Record, Role, Shelf,
    Summary, SystemPrompt, TranscriptError, render,
};
use crate::archive::{Order, Reader, SealPolicy, Selection, Vault, Writer};
use crate::model::{
    Event, GroupId, MediaKind, Message, MessageId, Observed, PersonId, Snapshot, Source, TopicId,
};

mod choosing;
mod exporting;
mod training;

struct Place {
    _dir: tempfile::TempDir,
    writer: Writer,
    reader: Reader,
}

/// An archive that holds the fixture's conversation: every version, then the deletions.
fn archive() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(&dir.path().join("vault")).unwrap();
    let group = GroupId::from_bare(2_101_424_779).unwrap();
    let mut writer = vault.writer(group).unwrap();
    writer.set_title("Support & Sales").unwrap();
    let at = |event, at| Observed {
        event,
        source: Source::Live,
        at,
    };
    let mut events: Vec<Observed> = people()
        .into_iter()
        .map(|person| at(Event::Person(person), 0))
        .collect();
    for snapshot in conversation() {
        let latest = &snapshot.message;
        for version in &snapshot.versions {
            let earlier = Message {
                text: version.text.clone(),
                entities: version.entities.clone(),
                media: version.media.clone(),
                edit_date: version.edit_date,
                ..latest.clone()
            };
            events.push(at(Event::Message(Box::new(earlier)), latest.date));
        }
        events.push(at(Event::Message(Box::new(latest.clone())), latest.date));
        for mark in snapshot.marks.all() {
            let id = latest.id;
            events.push(at(Event::Mark { id, mark }, latest.date));
        }
        if let Some(deleted_at) = snapshot.deleted_at {
            events.push(at(Event::Deleted(vec![latest.id]), deleted_at));
        }
    }
    events.push(at(
        Event::Customer {
            topic: TOPIC,
            customer: customer(TOPIC).unwrap(),
        },
        0,
    ));
    writer.append(&events, &[]).unwrap();
    let reader = vault.reader(group).unwrap();
    Place {
        _dir: dir,
        writer,
        reader,
    }
}

impl Place {
    fn seal(&mut self) {
        let policy = SealPolicy {
            hot_messages: 1,
            level: 3,
        };
        assert!(self.writer.seal(&policy).unwrap().messages > 0);
    }

    fn render(&self, options: &Options) -> (String, Summary) {
        let mut out = Vec::new();
        let summary = render(&self.reader, options, &mut out, &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
        (String::from_utf8(out).unwrap(), summary)
    }

    fn ids(&self, options: &Options) -> Vec<i32> {
        let (text, _) = self.render(options);
        snapshots(&text)
            .iter()
            .map(|snapshot| snapshot.message.id.0)
            .collect()
    }
}

fn snapshots(jsonl: &str) -> Vec<Snapshot> {
    jsonl
        .lines()
        .map(|line| {
            serde_json::from_str::<Record<'_>>(line)
                .unwrap()
                .into_snapshot()
        })
        .collect()
}

fn options(format: Format) -> Options {
    Options {
        roles: rules(),
        ..Options::new(format)
    }
}

/// The last messages of the fixture, by what is asked for.
fn newest(count: usize, keep: impl Fn(&Snapshot) -> bool) -> Vec<i32> {
    let ids: Vec<i32> = conversation()
        .iter()
        .filter(|snapshot| keep(snapshot))
        .map(|snapshot| snapshot.message.id.0)
        .collect();
    ids.iter().rev().take(count).rev().copied().collect()
}

#[test]
fn what_was_archived_is_what_is_exported() {
    let mut place = archive();
    for sealed in [false, true] {
        if sealed {
            place.seal();
        }
        for order in [Order::Topic, Order::Id] {
            let (text, summary) = place.render(&Options {
                order,
                ..options(Format::Jsonl)
            });
            assert_eq!(snapshots(&text), conversation(), "sealed: {sealed}");
            assert_eq!(summary.messages, conversation().len() as u64);
            assert_eq!(summary.topics, 2);
        }
    }
}

#[test]
fn the_last_are_the_newest_of_the_selection() {
    let mut place = archive();
    for sealed in [false, true] {
        if sealed {
            place.seal();
        }
        let last = |last, topics: &[TopicId], skip_deleted, order| {
            place.ids(&Options {
                selection: Selection {
                    topics: topics.to_vec(),
                    skip_deleted,
                    ..Selection::default()
                },
                last: Some(last),
                order,
                ..options(Format::Jsonl)
            })
        };
        let in_topic = |snapshot: &Snapshot| snapshot.message.topic == TOPIC;
        let there = |snapshot: &Snapshot| in_topic(snapshot) && snapshot.deleted_at.is_none();
        for count in [0, 1, 9, 1_000] {
            assert_eq!(
                last(count, &[TOPIC], false, Order::Topic),
                newest(count, in_topic)
            );
            assert_eq!(
                last(count, &[TOPIC], true, Order::Topic),
                newest(count, there)
            );
            assert_eq!(last(count, &[], false, Order::Id), newest(count, |_| true));
            assert_eq!(
                last(count, &[], false, Order::Topic),
                newest(count, |_| true)
            );
        }
        assert_eq!(last(1, &[OTHER_TOPIC], false, Order::Topic), [5401]);
        assert!(last(1, &[TopicId(77)], false, Order::Topic).is_empty());
    }
}

#[test]
fn times_bound_the_selection() {
    let place = archive();
    let all = conversation();
    let middle = all.get(10).unwrap().message.date;
    let since = place.ids(&Options {
        selection: Selection {
            since: Some(middle),
            ..Selection::default()
        },
        ..options(Format::Jsonl)
    });
    assert_eq!(
        since,
        newest(all.len(), |snapshot| snapshot.message.date >= middle)
    );
    let last_until = place.ids(&Options {
        selection: Selection {
            until: Some(middle),
            topics: vec![TOPIC],
            ..Selection::default()
        },
        last: Some(3),
        ..options(Format::Jsonl)
    });
    assert_eq!(
        last_until,
        newest(3, |snapshot| snapshot.message.date < middle)
    );
}

#[test]
fn a_page_looks_up_old_replies_and_customers_while_it_streams() {
    let mut place = archive();
    place.seal();
    for order in [Order::Topic, Order::Id] {
        let (html, _) = place.render(&Options {
            selection: Selection {
                since: conversation()
                    .iter()
                    .find(|snapshot| snapshot.message.id == MessageId(5390))
                    .map(|snapshot| snapshot.message.date),
                ..Selection::default()
            },
            order,
            ..options(Format::Html)
        });
        assert!(html.contains("Ihr Tarif läuft bis Ende Dezember."));
        assert!(html.contains("<bdi class=\"who\">Anna Schmidt</bdi>"));
    }
}

#[test]
fn a_topic_without_messages_still_has_its_page() {
    let place = archive();
    let (html, summary) = place.render(&Options {
        selection: Selection {
            topics: vec![TopicId(77)],
            ..Selection::default()
        },
        ..options(Format::Html)
    });
    assert!(html.contains("Topic 77"));
    assert_eq!(summary, Summary::default());
}

#[test]
fn progress_counts_and_stops() {
    let place = archive();
    let mut heard = Vec::new();
    let result = render(
        &place.reader,
        &options(Format::Telegram),
        &mut io::sink(),
        &mut |count| {
            heard.push(count);
            if count == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    assert!(matches!(result, Err(TranscriptError::Stopped)));
    assert_eq!(heard, [1, 2, 3]);
}

#[test]
fn a_full_disk_is_an_error() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let place = archive();
    for format in [Format::Html, Format::Telegram, Format::Jsonl] {
        let result = render(&place.reader, &options(format), &mut Full, &mut |_| {
            ControlFlow::Continue(())
        });
        assert!(
            matches!(result, Err(TranscriptError::Write(_))),
            "{format:?}"
        );
    }
}

#[test]
fn names_come_from_the_people_of_the_archive() {
    let mut place = archive();
    let person = crate::model::Person {
        id: PersonId(400),
        kind: crate::model::PersonKind::User,
        name: "Max Weber".to_owned(),
        username: None,
    };
    let event = Observed {
        event: Event::Person(person),
        source: Source::Live,
        at: 1,
    };
    place.writer.append(&[event], &[]).unwrap();
    let (text, _) = place.render(&options(Format::Jsonl));
    assert!(text.contains("\"from_id\":400,\"from\":\"Max Weber\",\"role\":\"operator\""));
}

/// Files in memory.
#[derive(Default)]
struct Kept(BTreeMap<String, Arc<Mutex<Vec<u8>>>>);

struct Sheet(Arc<Mutex<Vec<u8>>>);

impl Write for Sheet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shelf for Kept {
    fn create(&mut self, path: &str) -> io::Result<Box<dyn Write + Send>> {
        let sheet = Arc::<Mutex<Vec<u8>>>::default();
        let before = self.0.insert(path.to_owned(), Arc::clone(&sheet));
        assert!(before.is_none(), "{path} twice");
        Ok(Box::new(Sheet(sheet)))
    }
}

impl Kept {
    fn text(&self, path: &str) -> String {
        String::from_utf8(self.0[path].lock().unwrap().clone()).unwrap()
    }
}

fn exported(place: &Place, layout: &Layout, options: Options) -> (Kept, Manifest) {
    let mut shelf = Kept::default();
    let reader = place.reader.another().unwrap();
    let group = super::Group {
        reader,
        options,
        pull: None,
    };
    let go_on = &mut |_| ControlFlow::Continue(());
    let manifest = super::export(&[group], layout, &mut shelf, go_on).unwrap();
    (shelf, manifest)
}
