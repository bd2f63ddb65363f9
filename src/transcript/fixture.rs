//! One conversation with one of everything, for tests of every format.

use super::people::People;
use super::writer::{Facts, Page};
use crate::archive::Order;
use crate::config::RoleRules;
use crate::model::{
    Button, Customer, Entity, EntityKind, Forward, GroupId, Marks, Media, MediaKind, Message,
    MessageId, Person, PersonId, PersonKind, Poll, Reacted, Reaction, ReactionCount, Reactions,
    Reply, Service, Snapshot, Topic, TopicId, TopicStatus, Version, Views, Voted, Votes,
};

const RELAY: PersonId = PersonId(100);
const OPERATOR: PersonId = PersonId(400);
const OTHER_OPERATOR: PersonId = PersonId(401);
const BOT: PersonId = PersonId(200);
/// Monday, 23 November 2026, 21:00 UTC: two messages later it is Tuesday in Berlin.
const START: i64 = 1_795_467_600;

pub(super) const TOPIC: TopicId = TopicId(5343);
pub(super) const OTHER_TOPIC: TopicId = TopicId(5400);

pub(super) fn rules() -> RoleRules {
    RoleRules {
        relays: vec![RELAY.0],
        assistants: vec![BOT.0],
        ..RoleRules::default()
    }
}

/// A page about the fixture's single topic, in Berlin's time.
pub(super) fn page<'a>(
    single: Option<TopicId>,
    order: Order,
    language: &str,
    lookup: &'a dyn Fn(MessageId, TopicId) -> Option<Snapshot>,
) -> Page<'a> {
    let known = Known { lookup };
    let mut known_people = People::default();
    for person in people() {
        known_people.push(&person);
    }
    Page {
        group: GroupId::from_bare(2_101_424_779)
            .unwrap_or_else(|| unreachable!("the id is a constant")),
        title: Some("Support & Sales".to_owned()),
        people: known_people,
        single: std::cell::Cell::new(single),
        order,
        timezone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap_or(jiff::tz::TimeZone::UTC),
        language: language.to_owned(),
        facts: Box::new(known),
        redaction: None,
        place: std::cell::RefCell::default(),
    }
}

/// What is known around the conversation.
struct Known<'a> {
    lookup: &'a dyn Fn(MessageId, TopicId) -> Option<Snapshot>,
}

/// Everybody who writes in it.
pub(super) fn people() -> Vec<Person> {
    let known = Known {
        lookup: &|_, _| None,
    };
    let ids = [RELAY, BOT, OPERATOR, OTHER_OPERATOR];
    ids.iter().filter_map(|id| known.person(*id)).collect()
}

impl Facts for Known<'_> {
    fn message(&self, id: MessageId, topic: TopicId) -> Option<Snapshot> {
        (self.lookup)(id, topic)
    }

    fn person(&self, id: PersonId) -> Option<Person> {
        let (kind, name, username) = match id {
            RELAY => (PersonKind::Bot, "Hotline", Some("hotline_bot")),
            OPERATOR => (PersonKind::User, "Max Weber", None),
            OTHER_OPERATOR => (PersonKind::User, "Ольга \"O\" <i>", None),
            BOT => (PersonKind::Bot, "Desk bot", Some("desk_bot")),
            _ => return None,
        };
        Some(Person {
            id,
            kind,
            name: name.to_owned(),
            username: username.map(str::to_owned),
        })
    }

    fn topic(&self, id: TopicId) -> Option<Topic> {
        let (title, status) = match id {
            TOPIC => ("Anna Schmidt 😀 <b>", TopicStatus::Closed),
            OTHER_TOPIC => ("Иван Петров", TopicStatus::Open),
            _ => return None,
        };
        Some(Topic {
            id,
            title: title.to_owned(),
            status,
            hidden: false,
            created: Some(START),
        })
    }

    fn each_topic(&self, each: &mut dyn FnMut(Topic)) {
        let topics = [TOPIC, OTHER_TOPIC];
        topics
            .iter()
            .filter_map(|id| self.topic(*id))
            .for_each(each);
    }

    fn customer(&self, topic: TopicId) -> Option<Customer> {
        customer(topic)
    }
}

pub(super) fn customer(topic: TopicId) -> Option<Customer> {
    (topic == TOPIC).then(|| Customer {
        user_id: Some(PersonId(987_654_321)),
        first_name: Some("Anna".to_owned()),
        last_name: Some("Schmidt".to_owned()),
        username: Some("anna_s".to_owned()),
        language: Some("de".to_owned()),
        phone: Some("+49 30 1234567".to_owned()),
        chat_title: None,
    })
}

/// The conversation, ascending by id; the last message stands in another topic.
pub(super) fn conversation() -> Vec<Snapshot> {
    let mut messages = opening();
    messages.extend(media());
    messages.extend(changes());
    messages
}

fn said(id: i32, minutes: i64, by: PersonId, text: &str) -> Snapshot {
    let date = START + minutes * 60;
    Snapshot {
        message: Message::text(MessageId(id), TOPIC, date, by, text),
        versions: Vec::new(),
        deleted_at: None,
        by: None,
        marks: Marks::default(),
    }
}

fn with(mut snapshot: Snapshot, change: impl FnOnce(&mut Message)) -> Snapshot {
    change(&mut snapshot.message);
    snapshot
}

fn entity(offset: u32, length: u32, kind: EntityKind) -> Entity {
    Entity {
        offset,
        length,
        kind,
    }
}

fn reply(id: i32) -> Option<Reply> {
    Some(Reply {
        id: MessageId(id),
        quote: None,
        quote_entities: Vec::new(),
        chat: None,
        external: false,
    })
}

/// Text, formatting, replies, notes, commands.
fn opening() -> Vec<Snapshot> {
    let formatted = "😀 Hallo! Siehe example.com und unsere Seite, bitte fett kursiv.\n\
                     Zitat\nfn main() {}\n#frage @max_w a@b.de /start +49301234567";
    let unit = |needle: &str| {
        let byte = formatted.find(needle).unwrap_or_default();
        let before = formatted.get(..byte).unwrap_or_default();
        u32::try_from(before.encode_utf16().count()).unwrap_or_default()
    };
    let at = |needle: &str, kind| {
        let length = u32::try_from(needle.encode_utf16().count()).unwrap_or_default();
        entity(unit(needle), length, kind)
    };
    let href = |address: &str| EntityKind::TextLink {
        href: address.to_owned(),
    };
    let entities = vec![
        entity(
            0,
            2,
            EntityKind::CustomEmoji {
                document_id: i64::MAX,
            },
        ),
        at("example.com", EntityKind::Link),
        at("unsere Seite", href("https://shop.example/?a=1&b=\"2\"")),
        at("bitte", href("javascript:alert(1)")),
        at("fett kursiv", EntityKind::Bold),
        at("kursiv", EntityKind::Italic),
        at("Zitat", EntityKind::Blockquote),
        at(
            "fn main() {}",
            EntityKind::Pre {
                language: "rust".to_owned(),
            },
        ),
        at("#frage", EntityKind::Hashtag),
        at("@max_w", EntityKind::Mention),
        at("a@b.de", EntityKind::Email),
        at("/start", EntityKind::BotCommand),
        at("+49301234567", EntityKind::Phone),
    ];
    vec![
        with(said(5343, 0, RELAY, ""), |message| {
            message.service = Some(Service::TopicCreated {
                title: "Anna Schmidt 😀 <b>".to_owned(),
            });
        }),
        with(said(5344, 1, RELAY, formatted), |message| {
            message.entities = entities;
            message.reply_to = reply(5343);
        }),
        said(
            5345,
            2,
            RELAY,
            "Und noch etwas: <script>alert('x')</script> & \"mehr\"",
        ),
        with(
            said(5346, 5, OPERATOR, "Guten Abend, Frau Schmidt!"),
            |message| {
                message.reply_to = reply(5345);
            },
        ),
        said(
            5347,
            6,
            OPERATOR,
            "/ ruft seit Tagen an, bitte freundlich bleiben",
        ),
        said(5348, 7, OTHER_OPERATOR, "/info@desk_bot full"),
        said(5349, 7, BOT, "/ Kunde seit 2021, Tarif T1"),
        said(5350, 8, BOT, "Ihr Tarif läuft bis Ende Dezember."),
        with(said(5351, 9, OTHER_OPERATOR, "Und hierzu:"), |message| {
            message.reply_to = Some(Reply {
                id: MessageId(17),
                quote: Some("ein Zitat </a>".to_owned()),
                quote_entities: Vec::new(),
                chat: None,
                external: true,
            });
        }),
    ]
}

/// Every kind of media, forwards, buttons, an album.
fn media() -> Vec<Snapshot> {
    let described = |kind| Media::of(kind);
    let file = |kind, name: &str, mime: &str, size| Media {
        file_id: Some(77),
        file_name: Some(name.to_owned()),
        mime_type: Some(mime.to_owned()),
        size: Some(size),
        ..Media::of(kind)
    };
    let noted = |kind, note: &str| Media {
        note: Some(note.to_owned()),
        ..Media::of(kind)
    };
    let all = [
        Media {
            size: Some(214_310),
            width: Some(1280),
            height: Some(720),
            ..described(MediaKind::Photo)
        },
        file(
            MediaKind::Document,
            "../Rechnung \"A\".pdf",
            "application/pdf",
            1_250_000,
        ),
        Media {
            duration: Some(3_723),
            ..file(MediaKind::Video, "clip.mp4", "video/mp4", 48_000_000)
        },
        Media {
            duration: Some(7),
            ..described(MediaKind::Voice)
        },
        described(MediaKind::VideoNote),
        file(MediaKind::Audio, "song.mp3", "audio/mpeg", 3_000_000),
        described(MediaKind::Animation),
        noted(MediaKind::Sticker, "👍"),
        noted(MediaKind::Contact, "Anna S, +49 30 1234567"),
        noted(MediaKind::Location, "52.52, 13.405"),
        noted(MediaKind::Venue, "Café <Mitte>, 52.52, 13.405"),
        Media {
            poll: Some(Box::new(Poll {
                id: 55,
                question: "Wann?".to_owned(),
                answers: vec!["heute".to_owned(), "morgen".to_owned()],
                ..Poll::default()
            })),
            ..noted(MediaKind::Poll, "Wann?\n- heute\n- morgen")
        },
        noted(MediaKind::Dice, "🎲 4"),
        noted(MediaKind::WebPage, "https://example.com/"),
        described(MediaKind::Expiring),
        noted(MediaKind::Unsupported, "messageMediaFuture"),
    ];
    let first = 5360;
    let mut messages: Vec<Snapshot> = (first..)
        .zip(all)
        .map(|(id, media)| {
            let by = if id % 2 == 0 { RELAY } else { OPERATOR };
            with(said(id, 180 + i64::from(id - first), by, ""), |message| {
                message.album = (id < first + 2).then_some(9);
                if media.kind == MediaKind::WebPage {
                    message.text = "https://example.com/".to_owned();
                    message.entities = vec![entity(0, 20, EntityKind::Link)];
                }
                if media.kind == MediaKind::Photo {
                    message.text = "Der Beleg".to_owned();
                }
                message.media = Some(media);
            })
        })
        .map(voted)
        .collect();
    messages.push(with(
        said(5380, 200, OPERATOR, "Weitergeleitet"),
        |message| {
            message.forward = Some(Forward {
                from: None,
                name: Some("Hidden <Name>".to_owned()),
                date: START - 86_400,
            });
            message.via_bot = Some(BOT);
        },
    ));
    messages.push(with(said(5381, 201, BOT, "Bitte wählen:"), |message| {
        let button = |text: &str, url: Option<&str>| Button {
            text: text.to_owned(),
            url: url.map(str::to_owned),
        };
        message.buttons = vec![
            vec![
                button("Zur Seite", Some("https://shop.example/a?b=1&c=2")),
                button("Böse", Some("javascript:alert(1)")),
            ],
            vec![button("Ja <b>", None)],
        ];
    }));
    messages
}

/// A poll stands somehow.
fn voted(mut snapshot: Snapshot) -> Snapshot {
    let media = snapshot.message.media.as_ref();
    snapshot.marks.votes = media.and_then(|media| media.poll.as_ref()).map(|_| Votes {
        closed: true,
        voters: 3,
        answers: vec![1, 2],
        people: vec![Voted {
            person: OPERATOR,
            answer: Some(1),
        }],
    });
    snapshot
}

fn reactions() -> Reactions {
    let thumb = Reaction::Emoji("👍".to_owned());
    let count = |reaction, count| ReactionCount { reaction, count };
    Reactions {
        counts: vec![count(thumb.clone(), 2), count(Reaction::Custom(77), 1)],
        people: vec![Reacted {
            person: OPERATOR,
            reaction: thumb,
            date: START + 12_900,
        }],
    }
}

/// Edits, deletions, service messages, what could not be read, another topic.
fn changes() -> Vec<Snapshot> {
    let version = |text: &str, edit_date| Version {
        text: text.to_owned(),
        entities: vec![entity(0, 3, EntityKind::Bold)],
        media: None,
        edit_date,
    };
    let at = |minutes: i64| START + minutes * 60;
    let mut edited = with(said(5390, 210, RELAY, "Meine Nummer: 3"), |message| {
        message.edit_date = Some(at(214));
        message.reply_to = reply(5350);
    });
    edited.versions = vec![
        version("Meine Nummer: 1", None),
        version("Meine Nummer: <2>", Some(at(212))),
    ];
    edited.marks = Marks {
        reactions: Some(reactions()),
        pinned: true,
        votes: None,
        views: Some(Views {
            views: Some(12),
            forwards: None,
        }),
    };
    let mut deleted = said(5391, 215, RELAY, "Vergessen Sie das");
    deleted.deleted_at = Some(at(220));
    let mut gone_note = said(5392, 216, OPERATOR, "/ peinlich");
    gone_note.deleted_at = Some(at(221));
    let service = |id, minutes, service| {
        with(said(id, minutes, OPERATOR, ""), |message| {
            message.service = Some(service);
        })
    };
    vec![
        edited,
        deleted,
        gone_note,
        service(
            5393,
            222,
            Service::Pinned {
                message: Some(MessageId(5390)),
            },
        ),
        service(
            5394,
            223,
            Service::Joined {
                people: vec![OTHER_OPERATOR, PersonId(999)],
            },
        ),
        service(
            5395,
            224,
            Service::Left {
                person: PersonId(-1_000_000_000_005),
            },
        ),
        service(
            5396,
            225,
            Service::GroupTitle {
                title: "Support & Sales".to_owned(),
            },
        ),
        service(
            5397,
            226,
            Service::Other {
                name: "messageActionFuture".to_owned(),
            },
        ),
        service(
            5398,
            227,
            Service::TopicEdited {
                title: Some("Anna <b>".to_owned()),
                closed: Some(true),
                hidden: None,
            },
        ),
        with(said(5399, 228, PersonId(555), ""), |message| {
            message.unsupported = Some("messageFuture".to_owned());
        }),
        with(
            said(5401, 229, RELAY, "Здравствуйте!"),
            |message| {
                message.topic = OTHER_TOPIC;
            },
        ),
    ]
}
