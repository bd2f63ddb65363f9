//! What every format must do, run against all of them, and how each looks.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use bytes::Bytes;
use chatpack::parser::Parser as _;
use chatpack::parsers::TelegramParser;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row, RowAccessor};
use serde_json::Value;

use super::fixture::{OTHER_TOPIC, TOPIC, conversation, page, rules};
use super::writer::Page;
use super::{Format, Record, Summary};
use crate::archive::Order;
use crate::model::{Message, MessageId, PersonId, Snapshot, TopicId};

const ALL: [Format; 6] = [
    Format::Html,
    Format::Telegram,
    Format::Jsonl,
    Format::Markdown,
    Format::Csv,
    Format::Parquet,
];

pub(super) fn nothing(_: MessageId, _: TopicId) -> Option<Snapshot> {
    None
}

fn one_topic() -> Vec<Snapshot> {
    let mut messages = conversation();
    messages.retain(|snapshot| snapshot.message.topic == TOPIC);
    messages
}

/// Ids of the messages in a file of any format, in order.
pub(super) fn ids(format: Format, file: &[u8]) -> Vec<i64> {
    if format == Format::Parquet {
        let row = |row: Result<Row, _>| i64::from(row.unwrap().get_int(1).unwrap());
        return rows(file).map(row).collect();
    }
    let text = str::from_utf8(file).unwrap();
    match format {
        Format::Html => text
            .split(" id=\"m")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
            .collect(),
        Format::Telegram => serde_json::from_str::<Value>(text).unwrap()["messages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| message["id"].as_i64().unwrap())
            .collect(),
        Format::Jsonl => text
            .lines()
            .map(|line| i64::from(serde_json::from_str::<Record<'_>>(line).unwrap().id.0))
            .collect(),
        // Each message's time links to it.
        Format::Markdown => text
            .split(", [")
            .skip(1)
            .filter_map(|rest| rest.split_once("](https://t.me/c/")?.1.split(')').next())
            .map(|link| link.rsplit('/').next().unwrap().parse().unwrap())
            .collect(),
        Format::Csv => csv::Reader::from_reader(text.as_bytes())
            .records()
            .map(|row| row.unwrap()[1].parse().unwrap())
            .collect(),
        _ => unreachable!(),
    }
}

pub(super) fn write(format: Format, messages: Vec<Snapshot>, page: &Page<'_>) -> String {
    String::from_utf8(written(format, messages, page).0).unwrap()
}

/// The rows of a Parquet file.
pub(super) fn rows(file: &[u8]) -> RowIter<'static> {
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(file)).unwrap();
    RowIter::from_file_into(Box::new(reader))
}

/// The conversation as a format writes it.
pub(super) fn written(
    format: Format,
    messages: Vec<Snapshot>,
    page: &Page<'_>,
) -> (Vec<u8>, Summary) {
    let rules = rules();
    let mut out = Vec::new();
    let writer = super::writer::writer_of(format, page).unwrap();
    let mut run = super::run::Run::new(page, &rules, writer, Box::new(&mut out));
    let summary = (|| {
        run.begin()?;
        for message in messages {
            run.push(&message)?;
        }
        run.end()
    })();
    let summary = summary.unwrap();
    (out, summary)
}

#[test]
fn every_format_holds_every_message_in_order() {
    for order in [Order::Topic, Order::Id] {
        for format in ALL {
            let page = page(None, order, "en", &nothing);
            let messages = conversation();
            let expected: Vec<i64> = messages
                .iter()
                .map(|snapshot| i64::from(snapshot.message.id.0))
                .collect();
            let (file, summary) = written(format, messages, &page);
            assert_eq!(ids(format, &file), expected, "{format:?} {order:?}");
            assert_eq!(
                summary,
                Summary {
                    messages: expected.len() as u64,
                    topics: 2,
                    // Of one the author is not known.
                    unsure: 1,
                    ids: Some((5343, 5401)),
                    ..Summary::default()
                }
            );
        }
    }
}

#[test]
fn every_format_can_be_empty() {
    for single in [None, Some(TOPIC)] {
        for format in ALL {
            let page = page(single, Order::Topic, "en", &nothing);
            let (file, summary) = written(format, Vec::new(), &page);
            assert!(ids(format, &file).is_empty(), "{format:?}");
            assert_eq!(summary, Summary::default());
        }
    }
}

#[test]
fn every_format_is_the_same_each_time() {
    for format in ALL {
        let page = page(Some(TOPIC), Order::Topic, "en", &nothing);
        assert_eq!(
            written(format, one_topic(), &page),
            written(format, one_topic(), &page)
        );
    }
}

#[test]
fn every_format_survives_dates_and_topics_out_of_range() {
    for format in ALL {
        let page = page(None, Order::Id, "en", &nothing);
        let messages = vec![Snapshot {
            message: Message {
                edit_date: Some(i64::MIN),
                from: None,
                ..Message::text(
                    MessageId(i32::MAX),
                    TopicId(i32::MIN),
                    i64::MAX,
                    PersonId(1),
                    "x",
                )
            },
            versions: Vec::new(),
            deleted_at: Some(i64::MAX),
            by: None,
            marks: crate::model::Marks::default(),
        }];
        let (file, _) = written(format, messages, &page);
        assert_eq!(ids(format, &file), [i64::from(i32::MAX)]);
    }
}

#[test]
fn nothing_in_a_page_runs_or_loads() {
    let html = write(
        Format::Html,
        conversation(),
        &page(None, Order::Topic, "en", &nothing),
    );
    let lower = html.to_lowercase();
    for forbidden in [
        "<script",
        "javascript:",
        "<img",
        "<iframe",
        "<object",
        "<link",
        "url(",
        "@import",
        " src=",
        " onclick",
        " onerror",
    ] {
        assert!(!lower.contains(forbidden), "{forbidden}");
    }
    for href in html.split("href=\"").skip(1) {
        let href = href.split('"').next().unwrap();
        assert!(
            ["#", "http://", "https://", "tg://", "mailto:"]
                .iter()
                .any(|start| href.starts_with(start)),
            "{href}"
        );
    }
    assert!(html.contains("default-src &#39;none&#39;") || html.contains("default-src 'none'"));
}

#[test]
fn links_inside_a_page_lead_somewhere() {
    let html = write(
        Format::Html,
        one_topic(),
        &page(Some(TOPIC), Order::Topic, "en", &nothing),
    );
    for target in html.split("href=\"#").skip(1) {
        let id = target.split('"').next().unwrap();
        assert!(html.contains(&format!(" id=\"{id}\"")), "{id}");
    }
}

#[test]
fn a_reply_to_what_the_page_lacks_shows_it_from_the_archive() {
    let found = |id: MessageId, _: TopicId| {
        conversation()
            .into_iter()
            .find(|snapshot| snapshot.message.id == id)
    };
    let page = page(Some(TOPIC), Order::Topic, "en", &found);
    let only: Vec<Snapshot> = one_topic()
        .into_iter()
        .filter(|snapshot| snapshot.message.id.0 == 5390)
        .collect();
    let html = write(Format::Html, only, &page);
    assert!(html.contains("Ihr Tarif läuft bis Ende Dezember."));
    assert!(html.contains("href=\"https://t.me/c/2101424779/5343/5350\""));
    assert!(!html.contains("href=\"#m5350\""));
}

#[test]
fn telegram_replies_lead_to_the_topic() {
    let text = write(
        Format::Telegram,
        conversation(),
        &page(None, Order::Topic, "en", &nothing),
    );
    let file: Value = serde_json::from_str(&text).unwrap();
    let messages = file["messages"].as_array().unwrap();
    let parent = |id: i64| {
        messages
            .iter()
            .find(|message| message["id"] == id)
            .and_then(|message| message["reply_to_message_id"].as_i64())
    };
    for message in messages {
        let mut id = message["id"].as_i64().unwrap();
        while let Some(next) = parent(id) {
            id = next;
        }
        let topic = message["topic_id"].as_i64().unwrap();
        assert!(id == topic || id == i64::from(OTHER_TOPIC.0), "{id}");
    }
}

/// Another program that reads Telegram Desktop's files, `chatpack`, finds the same texts by the same
/// people.
#[test]
fn others_read_telegram() {
    let page = page(Some(TOPIC), Order::Topic, "en", &nothing);
    let text = write(Format::Telegram, one_topic(), &page);
    let read = TelegramParser::new().parse_str(&text).unwrap();
    let expected: Vec<(u64, String, String)> = one_topic()
        .iter()
        .map(|snapshot| &snapshot.message)
        // It leaves out what has no text, no author or is Telegram's own.
        .filter(|it| it.service.is_none() && !it.text.trim().is_empty())
        .filter_map(|it| {
            let name = page.name(it.from?)?.to_owned();
            Some((u64::try_from(it.id.0).ok()?, name, it.text.clone()))
        })
        .collect();
    let read: Vec<(u64, String, String)> = read
        .into_iter()
        .map(|it| (it.id.unwrap(), it.sender, it.content))
        .collect();
    assert_eq!(read, expected);
    assert!(read.len() > 10);
}

#[test]
fn telegram_looks_like_this() {
    let page = page(Some(TOPIC), Order::Topic, "en", &nothing);
    insta::assert_snapshot!(write(Format::Telegram, one_topic(), &page));
}

#[test]
fn jsonl_looks_like_this() {
    let page = page(None, Order::Topic, "en", &nothing);
    insta::assert_snapshot!(write(Format::Jsonl, conversation(), &page));
}

#[test]
fn markdown_looks_like_this() {
    let page = page(Some(TOPIC), Order::Topic, "en", &nothing);
    insta::assert_snapshot!(write(Format::Markdown, one_topic(), &page));
}

#[test]
fn csv_looks_like_this() {
    let page = page(None, Order::Topic, "en", &nothing);
    insta::assert_snapshot!(write(Format::Csv, conversation(), &page));
}

#[test]
fn parquet_looks_like_this() {
    let page = page(None, Order::Topic, "en", &nothing);
    let (file, _) = written(Format::Parquet, conversation(), &page);
    let rows: Vec<String> = rows(&file)
        .map(|row| {
            let row = row.unwrap();
            let known = row.get_column_iter();
            let known = known.filter(|(_, value)| !matches!(value, Field::Null));
            let fields: Vec<String> = known.map(|(name, it)| format!("{name}={it}")).collect();
            fields.join(" ")
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn html_looks_like_this() {
    let page = page(Some(TOPIC), Order::Topic, "en", &nothing);
    let html = write(Format::Html, one_topic(), &page);
    // The looks are the style sheet's; here the structure counts.
    let body = html.split("<main>").nth(1).unwrap();
    insta::assert_snapshot!(body);
}

#[test]
fn html_of_interleaved_topics_names_them() {
    let html = write(
        Format::Html,
        conversation(),
        &page(None, Order::Id, "ru", &nothing),
    );
    assert!(html.contains("<span class=\"chip\" dir=\"auto\">Иван Петров</span>"));
    assert!(html.contains("<html lang=\"ru\">"));
}

/// Leaves the pages where a person can look at them.
#[test]
#[ignore = "writes files to look at: TRANSCRIPT_LOOK=DIR"]
fn pages_to_look_at() {
    let Some(dir) = std::env::var_os("TRANSCRIPT_LOOK") else {
        return;
    };
    for (name, single, order, language) in [
        ("one", Some(TOPIC), Order::Topic, "de"),
        ("all", None, Order::Id, "en"),
    ] {
        let html = write(
            Format::Html,
            conversation(),
            &page(single, order, language, &nothing),
        );
        std::fs::write(
            std::path::Path::new(&dir).join(name).with_extension("html"),
            html,
        )
        .unwrap();
    }
}
