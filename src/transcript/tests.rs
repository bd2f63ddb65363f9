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

fn chosen(place: &Place, filter: Filter) -> Vec<i32> {
    place.ids(&Options {
        filter,
        ..options(Format::Jsonl)
    })
}

#[test]
fn filters_choose_by_role_and_media() {
    let place = archive();
    let role = |wanted: Role| {
        let rules = rules();
        let bots = [100, 200];
        let of = |message: &Message| super::role(message, &rules, &|it| bots.contains(&it.0));
        let all = conversation();
        let ids: Vec<i32> = all
            .iter()
            .filter(|it| of(&it.message) == wanted)
            .map(|it| it.message.id.0)
            .collect();
        ids
    };
    for wanted in [Role::Customer, Role::Operator, Role::Note, Role::Service] {
        let filter = Filter {
            roles: vec![wanted],
            ..Filter::default()
        };
        let ids = chosen(&place, filter);
        assert!(!ids.is_empty());
        assert_eq!(ids, role(wanted), "{wanted:?}");
    }
    let with = |media| {
        chosen(
            &place,
            Filter {
                media,
                ..Filter::default()
            },
        )
    };
    let photos = with(MediaFilter::Kinds(vec![MediaKind::Photo]));
    assert_eq!(photos, [5360]);
    let (any, none) = (with(MediaFilter::Any), with(MediaFilter::None));
    assert!(any.contains(&5360) && any.len() > 10, "{any:?}");
    assert!(none.contains(&5344) && !none.contains(&5343), "{none:?}");
}

#[test]
fn filters_choose_topics_by_customer_language_turns_and_state() {
    let mut place = archive();
    let everything = chosen(&place, Filter::default());
    let of_topic: Vec<i32> = (conversation().iter())
        .filter(|it| it.message.topic == TOPIC)
        .map(|it| it.message.id.0)
        .collect();
    // Anna is a customer, and her topic is the only one whose customer is known.
    let hers = Filter {
        people: vec![PersonId(987_654_321)],
        ..Filter::default()
    };
    // An operator wrote in several.
    let operator = Filter {
        people: vec![PersonId(400)],
        ..Filter::default()
    };
    let german = Filter {
        languages: vec!["de-DE".to_owned()],
        ..Filter::default()
    };
    let long = Filter {
        min_turns: 3,
        ..Filter::default()
    };
    let both = Filter {
        languages: vec!["ru".to_owned()],
        min_turns: 3,
        ..Filter::default()
    };
    for sealed in [false, true] {
        assert_eq!(chosen(&place, hers.clone()), of_topic);
        assert_eq!(chosen(&place, german.clone()), of_topic);
        assert_eq!(chosen(&place, long.clone()), of_topic);
        assert_eq!(chosen(&place, both.clone()), [0; 0]);
        let his = chosen(&place, operator.clone());
        assert!(his.contains(&5346) && his.len() < everything.len());
        let closed = Filter {
            closed: true,
            ..Filter::default()
        };
        assert_eq!(chosen(&place, closed), of_topic);
        let last = place.ids(&Options {
            filter: operator.clone(),
            last: Some(2),
            ..options(Format::Jsonl)
        });
        assert_eq!(last, his[his.len() - 2..]);
        if !sealed {
            place.seal();
        }
    }
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

#[test]
fn an_export_has_a_manifest_that_holds() {
    let place = archive();
    let layout = Layout::File("all.jsonl".to_owned());
    let (files, manifest) = exported(&place, &layout, options(Format::Jsonl));
    let (text, summary) = place.render(&options(Format::Jsonl));
    assert_eq!(files.text("all.jsonl"), text);
    assert_eq!(manifest.messages, summary.messages);
    let [file] = manifest.files.as_slice() else {
        unreachable!("one file")
    };
    assert_eq!(file.bytes, text.len() as u64);
    let [group] = manifest.groups.as_slice() else {
        unreachable!("one group")
    };
    assert_eq!(
        (group.first_id, group.last_id),
        (Some(5343), Some(5401)),
        "{group:?}"
    );
    assert!(group.archive.unknown > 0);
    let [unknown, unsure] = manifest.warnings.as_slice() else {
        unreachable!("{:?}", manifest.warnings)
    };
    assert!(unknown.contains("nothing is known"), "{unknown}");
    assert!(unsure.contains("unsure"), "{unsure}");
    // The same archive gives the same manifest; one that was added to, another.
    assert_eq!(
        exported(&place, &layout, options(Format::Jsonl)).1,
        manifest
    );
}

#[test]
fn the_root_changes_with_whatever_is_written() {
    let mut place = archive();
    let before = place.reader.root().unwrap();
    assert_eq!(place.reader.root().unwrap(), before);
    let deleted = Observed {
        event: Event::Deleted(vec![MessageId(5344)]),
        source: Source::Live,
        at: 1,
    };
    place.writer.append(&[deleted], &[]).unwrap();
    let after = place.reader.root().unwrap();
    assert_ne!(after, before);
    place.seal();
    assert_ne!(place.reader.root().unwrap(), after);
}

#[test]
fn a_file_a_topic_holds_what_the_topic_alone_would() {
    let place = archive();
    for format in [
        Format::Telegram,
        Format::Markdown,
        Format::Jsonl,
        Format::Csv,
    ] {
        let (files, manifest) = exported(&place, &Layout::ByTopic, options(format));
        let ending = format.extension();
        let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [format!("5343-Anna-b.{ending}"), format!("5400.{ending}")]
        );
        for (topic, name) in [TOPIC, OTHER_TOPIC].into_iter().zip(names) {
            let alone = Options {
                selection: Selection {
                    topics: vec![topic],
                    ..Selection::default()
                },
                ..options(format)
            };
            assert_eq!(files.text(name), place.render(&alone).0, "{name}");
        }
        assert_eq!(manifest.messages, conversation().len() as u64);
        assert_eq!(manifest.groups[0].topics, 2);
    }
}

/// What the fixture says about people.
const PERSONAL: [&str; 12] = [
    "Anna",
    "Schmidt",
    "anna_s",
    "987654321",
    "1234567",
    "a@b.de",
    "Max Weber",
    "max_w",
    "Ольга",
    "Петров",
    "rechnung",
    "49301234567",
];

#[test]
fn a_redacted_transcript_says_nothing_of_anybody() {
    let place = archive();
    let key = Key::new([3; 32]);
    for format in [
        Format::Html,
        Format::Telegram,
        Format::Jsonl,
        Format::Markdown,
        Format::Csv,
    ] {
        let options = Options {
            redact: Some(key.clone()),
            ..options(format)
        };
        for order in [Order::Topic, Order::Id] {
            let options = Options {
                order,
                ..options.clone()
            };
            let (text, summary) = place.render(&options);
            for word in PERSONAL {
                assert!(!text.contains(word), "{format:?} {word}");
            }
            assert!(text.contains("PERSON"), "{format:?}");
            assert!(summary.replaced.contains_key("email"), "{summary:?}");
            // Whoever speaks for the desk or is a bot is still told apart.
            assert!(text.contains("Desk bot"), "{format:?}");
            assert_eq!(place.render(&options).0, text, "the same each time");
        }
    }
}

#[test]
fn a_redacted_line_is_a_line_that_reads() {
    let place = archive();
    let options = Options {
        redact: Some(Key::new([3; 32])),
        ..options(Format::Jsonl)
    };
    let (text, _) = place.render(&options);
    for snapshot in snapshots(&text) {
        let units = snapshot.message.text.encode_utf16().count();
        for entity in &snapshot.message.entities {
            let end = u64::from(entity.offset) + u64::from(entity.length);
            assert!(end <= units as u64, "{snapshot:?}");
        }
    }
    let redacted = snapshots(&text);
    let formatted = redacted.iter().find(|it| it.message.id.0 == 5344).unwrap();
    let bold = formatted.message.entities.iter().find(|it| {
        let text: Vec<u16> = formatted.message.text.encode_utf16().collect();
        let range = it.offset as usize..(it.offset + it.length) as usize;
        String::from_utf16_lossy(&text[range]) == "fett kursiv"
    });
    assert!(bold.is_some(), "formatting moves with the text");
}

fn trained(place: &Place, layout: &Layout, change: impl FnOnce(&mut Options)) -> (Kept, Manifest) {
    let mut options = Options {
        redact: Some(Key::new([3; 32])),
        ..options(Format::Openai)
    };
    options.training.consent = true;
    change(&mut options);
    exported(place, layout, options)
}

#[test]
fn nothing_is_made_to_train_on_without_consent_or_key() {
    let place = archive();
    let layout = Layout::File("x.jsonl".to_owned());
    let refused = |options: Options| {
        let reader = place.reader.another().unwrap();
        let group = super::Group {
            reader,
            options,
            pull: None,
        };
        let go_on = &mut |_| ControlFlow::Continue(());
        let mut shelf = Kept::default();
        let error = super::export(&[group], &layout, &mut shelf, go_on).unwrap_err();
        assert!(shelf.0.is_empty(), "no file was begun");
        error
    };
    let mut wanted = options(Format::Openai);
    wanted.redact = Some(Key::new([3; 32]));
    let error = refused(wanted.clone());
    assert!(matches!(error, TranscriptError::Consent(_)), "{error}");
    wanted.training.consent = true;
    wanted.redact = None;
    let error = refused(wanted);
    assert!(matches!(error, TranscriptError::NoKey), "{error}");
}

#[test]
fn conversations_alternate_and_say_nothing_of_anybody() {
    let place = archive();
    let layout = Layout::File("x.jsonl".to_owned());
    let (files, manifest) = trained(&place, &layout, |options| {
        let prompt = "You answer for {{ group }} in {{ language_name }}.";
        options.training.system = Some(SystemPrompt::parse(prompt).unwrap());
    });
    let names: Vec<&String> = files.0.keys().collect();
    assert_eq!(
        names,
        ["x.jsonl", "x.jsonl.report.html", "x.jsonl.report.json"]
    );
    let text = files.text("x.jsonl");
    let mut turns = 0;
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let messages = line["messages"].as_array().unwrap();
        assert_eq!(
            messages[0]["content"],
            "You answer for Support & Sales in German."
        );
        let roles = messages[1..].iter().map(|it| it["role"].as_str().unwrap());
        assert!(
            roles
                .enumerate()
                .all(|(place, role)| { role == if place % 2 == 0 { "user" } else { "assistant" } })
        );
        assert!(messages.len() % 2 == 1);
        turns += messages.len() as u64 - 1;
    }
    assert!(turns > 0);
    for name in files.0.keys() {
        for word in PERSONAL {
            let text = files.text(name);
            assert!(!text.contains(word), "{name} {word}\n{text}");
        }
    }
    let report = manifest.training.unwrap();
    assert_eq!(report.turns, turns);
    assert_eq!(report.sessions, text.lines().count() as u64);
    assert!(report.tokens > 0 && report.tokenizer == "o200k_base");
    assert!(report.left_out.messages.contains_key("note"), "{report:?}");
    assert_eq!(
        serde_json::from_str::<super::Report>(&files.text("x.jsonl.report.json")).unwrap(),
        report
    );
    assert_eq!(
        manifest.privacy.training_consent.as_deref(),
        Some("customers")
    );
}

#[test]
fn a_long_silence_begins_a_new_session() {
    let place = archive();
    let layout = Layout::File("x.jsonl".to_owned());
    let sessions = |silence: i64| {
        let (files, _) = trained(&place, &layout, |options| {
            options.training.silence = silence;
            options.training.near = None;
        });
        files.text("x.jsonl").lines().count()
    };
    assert!(sessions(60) < sessions(600) || sessions(86_400) <= sessions(600));
    assert_eq!(sessions(86_400 * 365), 1);
}

#[test]
fn a_dataset_has_a_card_and_croissant() {
    let place = archive();
    let (files, manifest) = trained(&place, &Layout::Folder, |options| {
        options.format = Format::Dataset;
    });
    let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
    let table = names.iter().find(|name| name.starts_with("data/")).unwrap();
    let others: Vec<&&str> = names.iter().filter(|name| *name != table).collect();
    assert_eq!(
        others,
        [
            &"README.md",
            &"croissant.json",
            &"report.html",
            &"report.json"
        ]
    );
    assert!(table.ends_with("-00000-of-00001.parquet"), "{table}");
    let json: serde_json::Value = serde_json::from_str(&files.text("croissant.json")).unwrap();
    let entry = manifest.files.iter().find(|it| it.path == *table).unwrap();
    assert_eq!(json["distribution"][0]["sha256"], entry.sha256);
    let split = table.trim_start_matches("data/").split('-').next().unwrap();
    let card = files.text("README.md");
    assert!(card.contains(&format!(
        "  - split: {split}\n    path: data/{split}-*.parquet"
    )));
}

#[test]
fn a_site_has_an_index_and_its_pages_lead_to_each_other() {
    let place = archive();
    let (files, manifest) = exported(&place, &Layout::ByTopic, options(Format::Html));
    let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["index.html", "topics/5343.html", "topics/5400.html"]
    );
    assert_eq!(manifest.messages, conversation().len() as u64);
    let index = files.text("index.html");
    for link in ["topics/5343.html", "topics/5400.html"] {
        assert!(index.contains(&format!("<a href=\"{link}\">")), "{link}");
    }
    assert!(
        index.contains("&lt;b&gt;") && !index.contains("😀 <b>"),
        "titles are escaped"
    );
    for name in names {
        let page = files.text(name);
        // One script, ours, which the policy names by its hash; and data, which does not run.
        assert_eq!(page.matches("<script>").count(), 1, "{name}");
        assert!(page.contains("script-src 'sha256-"), "{name}");
        for forbidden in [
            " src=",
            " onclick",
            " onerror",
            "javascript:",
            "@import",
            "url(",
        ] {
            assert!(
                !page.to_lowercase().contains(forbidden),
                "{name} {forbidden}"
            );
        }
        if name != "index.html" {
            assert!(page.contains("href=\"../index.html\""), "{name}");
        }
    }
    let words = index.split("id=\"words\">").nth(1).unwrap();
    let words: serde_json::Value =
        serde_json::from_str(words.split("</script>").next().unwrap()).unwrap();
    assert_eq!(words["kursiv"], serde_json::json!([0]));
}

#[test]
fn a_long_topic_has_several_pages() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(&dir.path().join("vault")).unwrap();
    let group = GroupId::from_bare(2_101_424_779).unwrap();
    let mut writer = vault.writer(group).unwrap();
    let said = |id: i32| {
        let mut message =
            Message::text(MessageId(id), TopicId(2), id.into(), PersonId(400), "hello");
        if id == 10_500 {
            message.reply_to = Some(crate::model::Reply::to(MessageId(4)));
        }
        Observed {
            event: Event::Message(Box::new(message)),
            source: Source::Live,
            at: 0,
        }
    };
    let events: Vec<Observed> = (3..=11_000).map(said).collect();
    writer.append(&events, &[]).unwrap();
    let place = Place {
        _dir: dir,
        writer,
        reader: vault.reader(group).unwrap(),
    };
    let (files, manifest) = exported(&place, &Layout::ByTopic, options(Format::Html));
    let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "index.html",
            "topics/2-2.html",
            "topics/2-3.html",
            "topics/2.html"
        ]
    );
    assert_eq!((manifest.messages, manifest.groups[0].topics), (10_998, 1));
    let count = |name: &str| files.text(name).matches("<article ").count();
    assert_eq!(
        ["topics/2.html", "topics/2-2.html", "topics/2-3.html"].map(count),
        [5_000, 5_000, 998]
    );
    let middle = files.text("topics/2-2.html");
    assert!(middle.contains("<a href=\"2.html\">") && middle.contains("<a href=\"2-3.html\">"));
    assert!(!files.text("topics/2-3.html").contains("2-4.html"));
    // A reply to what stands on another page leads there.
    assert!(files.text("topics/2-3.html").contains("href=\"2.html#m4\""));
}

/// What an export under this name has; `keep`: it gets to its place.
fn pulled(place: &Place, format: Format, keep: bool) -> (Kept, Manifest) {
    let vault = Vault::open(place.reader.path().parent().unwrap()).unwrap();
    let group = place.reader.group();
    let mut options = Options {
        redact: format.is_for_training().then(|| Key::new([3; 32])),
        ..options(format)
    };
    options.training.consent = true;
    let mut groups = [super::Group {
        reader: place.reader.another().unwrap(),
        options,
        pull: Pull::new(vault.state().unwrap(), "nightly", group),
    }];
    let mut shelf = Kept::default();
    let layout = Layout::File("x.jsonl".to_owned());
    let go_on = &mut |_| ControlFlow::Continue(());
    let manifest = super::export(&groups, &layout, &mut shelf, go_on).unwrap();
    if keep {
        groups[0].pull.take().unwrap().finish().unwrap();
    }
    (shelf, manifest)
}

#[test]
fn what_was_exported_comes_again_only_when_it_changed() {
    let mut place = archive();
    let ids = |(files, manifest): (Kept, Manifest)| {
        assert_eq!(manifest.filters["since_last"], "nightly");
        let found = snapshots(&files.text("x.jsonl"));
        found.iter().map(|it| it.message.id.0).collect::<Vec<_>>()
    };
    let everything: Vec<i32> = conversation().iter().map(|it| it.message.id.0).collect();
    let killed = ids(pulled(&place, Format::Jsonl, false));
    assert_eq!(killed, everything);
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), everything);
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), [0; 0]);
    place.seal();
    assert_eq!(
        ids(pulled(&place, Format::Jsonl, true)),
        [0; 0],
        "sealing is no news"
    );
    let seen = |event| Observed {
        event,
        source: Source::Live,
        at: 1_800_000_000,
    };
    let late = Message::text(
        MessageId(5355),
        TOPIC,
        1_795_467_700,
        PersonId(400),
        "found later",
    );
    let mut edited = conversation()
        .into_iter()
        .find(|it| it.message.id.0 == 5346)
        .unwrap()
        .message;
    edited.text.push_str(" (edited)");
    edited.edit_date = Some(1_799_999_000);
    let events = [
        seen(Event::Message(Box::new(late))),
        seen(Event::Message(Box::new(edited))),
        seen(Event::Deleted(vec![MessageId(5350)])),
    ];
    place.writer.append(&events, &[]).unwrap();
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), [5346, 5350, 5355]);
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), [0; 0]);
    let vault = Vault::open(place.reader.path().parent().unwrap()).unwrap();
    for name in ["", "a b", "../x", &"x".repeat(65)] {
        assert!(Pull::new(vault.state().unwrap(), name, place.reader.group()).is_none());
    }
}

#[test]
fn sessions_come_again_only_with_news_and_once_they_are_over() {
    let mut place = archive();
    let made = |place: &Place| {
        let (files, manifest) = pulled(place, Format::Openai, true);
        let report = manifest.training.unwrap();
        let sessions = files.text("x.jsonl").lines().count();
        (
            sessions,
            report
                .left_out
                .sessions
                .get("may_go_on")
                .copied()
                .unwrap_or(0),
        )
    };
    // The conversation is the newest there is: it may go on.
    let (sessions, may_go_on) = made(&place);
    assert_eq!(sessions, 0);
    assert!(may_go_on > 0);
    let later = Message::text(
        MessageId(6000),
        OTHER_TOPIC,
        1_795_467_600 + 30 * 86_400,
        PersonId(400),
        "weeks later",
    );
    let later = Observed {
        event: Event::Message(Box::new(later)),
        source: Source::Live,
        at: 0,
    };
    place.writer.append(&[later], &[]).unwrap();
    let (sessions, _) = made(&place);
    assert!(sessions > 0);
    assert_eq!(made(&place).0, 0);
}
