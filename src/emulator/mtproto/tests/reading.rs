//! Dialogs, history, topics, members and files.

use grammers_client::peer::{Peer, Role};
use grammers_tl_types::functions;

use super::*;
use crate::emulator::world::{File, FileKind, Message};

fn ids(messages: &enums::messages::Messages) -> Vec<i32> {
    let enums::messages::Messages::ChannelMessages(messages) = messages else {
        panic!("a group's messages");
    };
    messages
        .messages
        .iter()
        .map(|message| message.id())
        .collect()
}

#[tokio::test]
async fn dialogs_lead_to_the_group() {
    let server = Server::start().await;
    let last = server.post(CRM, 1, "newest");
    let connected = soon(server.anna()).await;
    let mut dialogs = connected.client.iter_dialogs();
    let dialog = soon(dialogs.next()).await.unwrap().unwrap();
    assert!(dialogs.next().await.unwrap().is_none());
    let Peer::Group(group) = dialog.peer() else {
        panic!("a supergroup");
    };
    assert_eq!(group.title(), Some("Desk"));
    assert_eq!(dialog.last_message.map(|message| message.id()), Some(last));
    let pts = server.world.read(|state| state.group(GROUP).unwrap().pts);
    let known = connected.session.updates_state().await.unwrap().channels;
    assert_eq!(
        known.iter().map(|it| (it.id, it.pts)).collect::<Vec<_>>(),
        [(GROUP, pts)]
    );
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn history_is_read_to_its_beginning() {
    let server = Server::start().await;
    let topic = server.topic("Ivan");
    for number in 0..250 {
        server.post(
            CRM,
            if number % 2 == 0 { topic } else { 1 },
            &format!("text {number}"),
        );
    }
    server
        .world
        .write(|state| state.delete(GROUP, ANNA, &[100]))
        .unwrap();
    let connected = soon(server.anna()).await;
    let peer = connected
        .client
        .iter_dialogs()
        .next()
        .await
        .unwrap()
        .unwrap()
        .peer_ref();
    let mut history = connected.client.iter_messages(peer);
    assert_eq!(history.total().await.unwrap(), 251);
    let mut seen = Vec::new();
    while let Some(message) = soon(history.next()).await.unwrap() {
        seen.push(message.id());
    }
    let expected: Vec<i32> = (1..=252).rev().filter(|id| *id != 100).collect();
    assert_eq!(seen, expected);

    let replies = connected
        .client
        .invoke(&functions::messages::GetReplies {
            peer: server.peer(),
            msg_id: topic,
            offset_id: 20,
            offset_date: 0,
            add_offset: 0,
            limit: 3,
            max_id: 0,
            min_id: 0,
            hash: 0,
        })
        .await
        .unwrap();
    assert_eq!(ids(&replies), [19, 17, 15]);

    let found = connected
        .client
        .search_messages(peer)
        .query("TEXT 24")
        .total()
        .await
        .unwrap();
    // 24 and 240 to 249.
    assert_eq!(found, 11);

    let by_id = connected
        .client
        .get_messages_by_id(peer, &[3, 100, 101, 9_999])
        .await
        .unwrap();
    let by_id: Vec<_> = by_id
        .iter()
        .map(|message| message.as_ref().map(|message| message.text().to_owned()))
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(by_id, [text("text 0"), text(""), text("text 98"), text("")]);
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn topics_are_listed_newest_first() {
    let server = Server::start().await;
    let (ivan, maria) = (server.topic("Ivan"), server.topic("Maria"));
    server.post(CRM, ivan, "again");
    server
        .world
        .write(|state| state.edit_topic(GROUP, ANNA, maria, Some("Maria K."), Some(true), None))
        .unwrap();
    let connected = soon(server.anna()).await;
    let request = functions::messages::GetForumTopics {
        peer: server.peer(),
        q: None,
        offset_date: 0,
        offset_id: 0,
        offset_topic: 0,
        limit: 2,
    };
    let enums::messages::ForumTopics::Topics(first) =
        soon(connected.client.invoke(&request)).await.unwrap();
    let names = |topics: &[enums::ForumTopic]| -> Vec<(i32, String, bool)> {
        topics
            .iter()
            .map(|topic| match topic {
                enums::ForumTopic::Topic(topic) => (topic.id, topic.title.clone(), topic.closed),
                enums::ForumTopic::Deleted(topic) => (topic.id, String::new(), false),
            })
            .collect()
    };
    assert_eq!(first.count, 3);
    assert_eq!(
        names(&first.topics),
        [
            (maria, "Maria K.".to_owned(), true),
            (ivan, "Ivan".to_owned(), false)
        ]
    );
    let enums::messages::ForumTopics::Topics(second) = connected
        .client
        .invoke(&functions::messages::GetForumTopics {
            offset_id: first.messages.last().unwrap().id(),
            offset_topic: ivan,
            ..request
        })
        .await
        .unwrap();
    assert_eq!(names(&second.topics), [(1, "General".to_owned(), false)]);
    let enums::messages::ForumTopics::Topics(chosen) = connected
        .client
        .invoke(&functions::messages::GetForumTopicsById {
            peer: server.peer(),
            topics: vec![ivan, 777],
        })
        .await
        .unwrap();
    assert_eq!(
        names(&chosen.topics),
        [
            (ivan, "Ivan".to_owned(), false),
            (777, String::new(), false)
        ]
    );
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn members_and_users_are_found() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let client = &connected.client;
    let peer = client
        .iter_dialogs()
        .next()
        .await
        .unwrap()
        .unwrap()
        .peer_ref();
    let mut members = client.iter_participants(peer);
    let mut roles = Vec::new();
    while let Some(member) = soon(members.next()).await.unwrap() {
        roles.push((
            member.user.id().bare_id_unchecked(),
            matches!(member.role, Role::Admin(_) | Role::Creator(_)),
        ));
    }
    assert_eq!(roles, [(ANNA, true), (BORIS, true), (CRM, true)]);
    let me = client.get_me().await.unwrap();
    assert_eq!(me.id().bare_id_unchecked(), ANNA);
    let full = client
        .invoke(&functions::channels::GetFullChannel {
            channel: server.channel().into(),
        })
        .await
        .unwrap();
    let enums::messages::ChatFull::Full(full) = full;
    assert_eq!(full.chats.len(), 1);
    let full = client
        .invoke(&functions::users::GetFullUser {
            id: enums::InputUser::UserSelf,
        })
        .await;
    assert!(full.is_ok());
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn outsiders_and_wrong_hashes_are_refused() {
    let server = Server::start().await;
    let stranger = Connected::new(server.session("stranger").await);
    soon(stranger.log_in("+4915110000003")).await;
    let request = |access_hash| functions::channels::GetChannels {
        id: vec![
            types::InputChannel {
                channel_id: GROUP,
                access_hash,
            }
            .into(),
        ],
    };
    let hash = server.channel().access_hash;
    let error = stranger.client.invoke(&request(hash)).await.err().unwrap();
    assert_eq!(name(&error), "CHANNEL_PRIVATE");
    let error = stranger
        .client
        .invoke(&request(hash + 1))
        .await
        .err()
        .unwrap();
    assert_eq!(name(&error), "CHANNEL_INVALID");
    stranger.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn files_are_downloaded() {
    let server = Server::start().await;
    let bytes: Vec<u8> = (0..=250).cycle().take(700_001).collect();
    let id = server.world.write(|state| {
        let file = state.add_file(File {
            id: 0,
            kind: FileKind::Document,
            name: "invoice.pdf".to_owned(),
            mime_type: "application/pdf".to_owned(),
            width: 0,
            height: 0,
            duration: 0,
            bytes: bytes.clone().into(),
            ..File::default()
        });
        let draft = Draft {
            file: Some(file),
            text: "your invoice".to_owned(),
            ..Draft::default()
        };
        state.post(GROUP, CRM, draft).unwrap()
    });
    let connected = soon(server.anna()).await;
    let peer = connected
        .client
        .iter_dialogs()
        .next()
        .await
        .unwrap()
        .unwrap()
        .peer_ref();
    let message = connected
        .client
        .get_messages_by_id(peer, &[id])
        .await
        .unwrap()
        .pop()
        .flatten()
        .unwrap();
    let media = message.media().unwrap();
    let mut download = connected.client.iter_download(&media);
    let mut got = Vec::new();
    while let Some(chunk) = soon(download.next()).await.unwrap() {
        got.extend(chunk);
    }
    assert!(got == bytes);
    connected.quit().await;
    server.stop().await;
}

/// What a member sees of each kind of message, as TL.
#[test]
fn messages_as_tl() {
    use super::super::convert::View;
    use crate::emulator::world::{Button, Entity, Forward, Service};

    let world = super::world();
    let message = Message {
        group: GROUP,
        id: 50,
        topic: 10,
        date: 1_700_000_000,
        from: CRM,
        text: "Hello, here".to_owned(),
        entities: vec![Entity {
            kind: "text_link".to_owned(),
            offset: 7,
            length: 4,
            href: Some("https://example.org/".to_owned()),
            ..Entity::default()
        }],
        edit_date: Some(1_700_000_060),
        reply_to: Some(40),
        forward: Some(Forward {
            from: Some(ANNA),
            name: None,
            date: 1_600_000_000,
        }),
        buttons: vec![vec![Button {
            text: "Open".to_owned(),
            url: Some("https://example.org/".to_owned()),
            ..Button::default()
        }]],
        ..Message::default()
    };
    let service = |service| Message {
        service: Some(service),
        text: String::new(),
        entities: Vec::new(),
        edit_date: None,
        forward: None,
        buttons: Vec::new(),
        reply_to: None,
        ..message.clone()
    };
    let messages = [
        message.clone(),
        Message {
            topic: 1,
            from: ANNA,
            ..message.clone()
        },
        service(Service::TopicCreated {
            title: "Ivan".to_owned(),
        }),
        service(Service::TopicEdited {
            title: None,
            closed: Some(true),
            hidden: None,
        }),
        service(Service::Pinned { message: 40 }),
        service(Service::Joined {
            people: vec![BORIS],
        }),
    ];
    let shown: Vec<String> = world.read(|state| {
        let view = View { state, me: ANNA };
        messages
            .iter()
            .map(|message| bare(&format!("{:#?}", view.message(message))))
            .collect()
    });
    insta::assert_snapshot!(shown.join("\n"));
}

/// Leaves out what is not set: with each layer there is more of it.
fn bare(debug: &str) -> String {
    debug
        .lines()
        .filter(|line| !line.ends_with(": false,") && !line.ends_with(": None,"))
        .collect::<Vec<_>>()
        .join("\n")
}
