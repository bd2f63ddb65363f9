//! Whatever is in the archive, every format stays whole.

#![allow(clippy::unwrap_used)]

use parquet::record::RowAccessor;
use proptest::prelude::*;

use super::conformance::{ids, nothing, rows, write, written};
use super::fixture::page;
use super::{Format, Record};
use crate::archive::Order;
use crate::model::{
    Button, Entity, EntityKind, Forward, GroupId, Marks, Media, MediaKind, Message, MessageId,
    PersonId, Reacted, Reaction, ReactionCount, Reactions, Reply, Service, Snapshot, TopicId,
    Version, Views, Voted, Votes,
};

fn text() -> impl Strategy<Value = String> {
    "[a-zж😀\"\\\\\u{0}\u{2028}\n<>]{0,12}"
}

fn entities() -> impl Strategy<Value = Vec<Entity>> {
    let kind = prop_oneof![
        Just(EntityKind::Bold),
        Just(EntityKind::Link),
        any::<i64>().prop_map(|id| EntityKind::MentionName {
            user_id: PersonId(id)
        }),
        text().prop_map(|href| EntityKind::TextLink { href }),
        text().prop_map(|language| EntityKind::Pre { language }),
        any::<i64>().prop_map(|document_id| EntityKind::CustomEmoji { document_id }),
        text().prop_map(|name| EntityKind::Unknown { name }),
    ];
    proptest::collection::vec(
        (any::<u32>(), any::<u32>(), kind).prop_map(|(offset, length, kind)| Entity {
            offset,
            length,
            kind,
        }),
        0..3,
    )
}

fn media() -> impl Strategy<Value = Option<Media>> {
    proptest::option::of(
        (
            prop_oneof![
                Just(MediaKind::Photo),
                Just(MediaKind::VideoNote),
                Just(MediaKind::WebPage),
                Just(MediaKind::Unsupported)
            ],
            any::<Option<i64>>(),
            proptest::option::of(text()),
            any::<Option<u64>>(),
            any::<Option<u32>>(),
        )
            .prop_map(|(kind, file_id, name, size, width)| Media {
                file_id,
                file_name: name.clone(),
                size,
                width,
                duration: width,
                note: name,
                ..Media::of(kind)
            }),
    )
}

fn service() -> impl Strategy<Value = Option<Service>> {
    proptest::option::of(prop_oneof![
        text().prop_map(|title| Service::TopicCreated { title }),
        (proptest::option::of(text()), any::<Option<bool>>()).prop_map(|(title, closed)| {
            Service::TopicEdited {
                title,
                closed,
                hidden: closed,
            }
        }),
        any::<Option<i32>>().prop_map(|id| Service::Pinned {
            message: id.map(MessageId)
        }),
        proptest::collection::vec(any::<i64>().prop_map(PersonId), 0..3)
            .prop_map(|people| Service::Joined { people }),
        any::<i64>().prop_map(|id| Service::Left {
            person: PersonId(id)
        }),
        text().prop_map(|name| Service::Other { name }),
    ])
}

fn versions() -> impl Strategy<Value = Vec<Version>> {
    proptest::collection::vec(
        (text(), entities(), media(), any::<Option<i64>>()).prop_map(
            |(text, entities, media, edit_date)| Version {
                text,
                entities,
                media,
                edit_date,
            },
        ),
        0..3,
    )
}

fn reply() -> impl Strategy<Value = Option<Reply>> {
    proptest::option::of(
        (
            any::<i32>(),
            proptest::option::of(text()),
            entities(),
            any::<Option<i64>>(),
            any::<bool>(),
        )
            .prop_map(|(id, quote, quote_entities, chat, external)| Reply {
                id: MessageId(id),
                quote,
                quote_entities,
                chat: chat.map(PersonId),
                external,
            }),
    )
}

fn reaction() -> impl Strategy<Value = Reaction> {
    prop_oneof![
        text().prop_map(Reaction::Emoji),
        any::<i64>().prop_map(Reaction::Custom),
        Just(Reaction::Paid),
    ]
}

fn reactions() -> impl Strategy<Value = Option<Reactions>> {
    let count =
        (reaction(), any::<u32>()).prop_map(|(reaction, count)| ReactionCount { reaction, count });
    let person =
        (any::<i64>(), reaction(), any::<i64>()).prop_map(|(person, reaction, date)| Reacted {
            person: PersonId(person),
            reaction,
            date,
        });
    // None at all reads as never observed.
    proptest::option::of(
        (
            proptest::collection::vec(count, 1..3),
            proptest::collection::vec(person, 0..3),
        )
            .prop_map(|(counts, people)| Reactions { counts, people }),
    )
}

fn marks() -> impl Strategy<Value = Marks> {
    let vote = (any::<i64>(), any::<Option<u32>>()).prop_map(|(person, answer)| Voted {
        person: PersonId(person),
        answer,
    });
    let votes = (
        any::<bool>(),
        any::<u32>(),
        proptest::collection::vec(any::<u32>(), 0..3),
        proptest::collection::vec(vote, 0..3),
    )
        .prop_map(|(closed, voters, answers, people)| Votes {
            closed,
            voters,
            answers,
            people,
        });
    let views = (any::<Option<u32>>(), any::<Option<u32>>())
        .prop_map(|(views, forwards)| Views { views, forwards });
    (
        reactions(),
        any::<bool>(),
        proptest::option::of(votes),
        proptest::option::of(views),
    )
        .prop_map(|(reactions, pinned, votes, views)| Marks {
            reactions,
            pinned,
            votes,
            views,
        })
}

fn forward() -> impl Strategy<Value = Option<Forward>> {
    proptest::option::of(
        (
            any::<Option<i64>>(),
            proptest::option::of(text()),
            any::<i64>(),
        )
            .prop_map(|(from, name, date)| Forward {
                from: from.map(PersonId),
                name,
                date,
            }),
    )
}

fn buttons() -> impl Strategy<Value = Vec<Vec<Button>>> {
    let button =
        (text(), proptest::option::of(text())).prop_map(|(text, url)| Button { text, url });
    proptest::collection::vec(proptest::collection::vec(button, 0..3), 0..3)
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    let ids = (
        any::<i32>(),
        any::<i32>(),
        any::<i64>(),
        any::<Option<i64>>(),
    );
    let words = (text(), entities(), media(), any::<Option<i64>>());
    let extras = (
        forward(),
        any::<Option<i64>>(),
        buttons(),
        any::<Option<i64>>(),
        service(),
        proptest::option::of(text()),
    );
    (
        ids,
        words,
        extras,
        reply(),
        versions(),
        any::<Option<i64>>(),
        marks(),
    )
        .prop_map(
            |(
                (id, topic, date, from),
                (text, entities, media, edit_date),
                (forward, via_bot, buttons, album, service, unsupported),
                reply_to,
                versions,
                deleted_at,
                marks,
            )| Snapshot {
                message: Message {
                    id: MessageId(id),
                    topic: TopicId(topic),
                    date,
                    from: from.map(PersonId),
                    text,
                    entities,
                    reply_to,
                    edit_date,
                    media,
                    forward,
                    via_bot: via_bot.map(PersonId),
                    buttons,
                    album,
                    service,
                    unsupported,
                },
                versions,
                deleted_at,
                by: None,
                marks,
            },
        )
}

proptest! {
    #[test]
    fn jsonl_loses_nothing(snapshots in proptest::collection::vec(snapshot(), 0..4)) {
        let page = page(None, Order::Topic, "en", &nothing);
        let file = write(Format::Jsonl, snapshots.clone(), &page);
        let mut read = Vec::new();
        for line in file.lines() {
            let record: Record<'_> = serde_json::from_str(line).unwrap();
            prop_assert_eq!(GroupId::from_bare(record.group), Some(page.group));
            read.push(record.into_snapshot());
        }
        prop_assert_eq!(read, snapshots);
    }

    #[test]
    fn telegram_is_json_whatever_is_in_it(snapshots in proptest::collection::vec(snapshot(), 0..4)) {
        let page = page(None, Order::Id, "en", &nothing);
        let file = write(Format::Telegram, snapshots.clone(), &page);
        prop_assert_eq!(ids(Format::Telegram, file.as_bytes()).len(), snapshots.len());
    }

    #[test]
    fn a_table_has_a_row_a_message(snapshots in proptest::collection::vec(snapshot(), 0..4)) {
        let page = page(None, Order::Id, "en", &nothing);
        let file = write(Format::Csv, snapshots.clone(), &page);
        let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(file.as_bytes())
            .records()
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(rows.len(), snapshots.len());
        for (row, snapshot) in rows.iter().zip(&snapshots) {
            let text = row.get(9).unwrap();
            prop_assert_eq!(text.strip_prefix('\'').unwrap_or(text), &snapshot.message.text);
        }
    }

    #[test]
    fn a_parquet_table_has_a_row_a_message(snapshots in proptest::collection::vec(snapshot(), 0..4)) {
        let page = page(None, Order::Id, "en", &nothing);
        let (file, _) = written(Format::Parquet, snapshots.clone(), &page);
        let rows: Vec<_> = rows(&file).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(rows.len(), snapshots.len());
        for (row, snapshot) in rows.iter().zip(&snapshots) {
            prop_assert_eq!(row.get_string(9).unwrap(), &snapshot.message.text);
            let author = snapshot.message.from.map(|from| from.0);
            prop_assert_eq!(row.get_long(5).ok(), author);
        }
    }

    #[test]
    fn markdown_is_written_whatever_is_in_it(snapshots in proptest::collection::vec(snapshot(), 0..4)) {
        let page = page(None, Order::Id, "en", &nothing);
        let file = write(Format::Markdown, snapshots.clone(), &page);
        let held = file.contains('\u{0}');
        prop_assert!(!held);
    }

    #[test]
    fn html_is_whole_whatever_is_in_it(snapshots in proptest::collection::vec(snapshot(), 0..4)) {
        let page = page(None, Order::Id, "en", &nothing);
        let file = write(Format::Html, snapshots.clone(), &page);
        prop_assert_eq!(file.matches("<article ").count(), snapshots.len());
        prop_assert_eq!(file.matches("</article>").count(), snapshots.len());
        prop_assert!(file.ends_with("</html>\n"));
        let held = file.contains('\u{0}');
        prop_assert!(!held);
    }
}
