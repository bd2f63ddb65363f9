//! Pushes, as things happen.

use grammers_client::update::Update;

use super::*;
use crate::emulator::world::Way;

#[tokio::test]
async fn posts_edits_and_deletions_are_pushed() {
    let server = Server::start().await;
    let topic = server.topic("Ivan");
    let connected = soon(server.anna()).await;
    let (client, mut updates) = connected.stream().await;
    let caught_up = async {
        let id = server.post(CRM, topic, "hello");
        loop {
            match updates.next().await.unwrap() {
                Update::NewMessage(message) if message.id() == id => break message,
                Update::NewMessage(_) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    let message = soon(caught_up).await;
    assert_eq!(message.text(), "hello");
    assert_eq!(message.sender().and_then(|it| it.name()), Some("CRM"));
    let enums::MessageReplyHeader::Header(header) = message.reply_header().unwrap() else {
        panic!("a header");
    };
    assert!(header.forum_topic);
    assert_eq!(
        (header.reply_to_msg_id, header.reply_to_top_id),
        (Some(topic), None)
    );

    server.edit(CRM, message.id(), "hello, world");
    let Update::MessageEdited(edited) = soon(updates.next()).await.unwrap() else {
        panic!("an edit");
    };
    assert_eq!(edited.text(), "hello, world");
    assert!(edited.edit_date().is_some());

    let id = message.id();
    server
        .world
        .write(|state| state.delete(GROUP, ANNA, &[id]))
        .unwrap();
    let Update::MessageDeleted(deleted) = soon(updates.next()).await.unwrap() else {
        panic!("a deletion");
    };
    assert_eq!(deleted.messages(), [id]);

    let journal = server.world.read(|state| state.journal.clone());
    let pushed: Vec<_> = journal
        .deliveries
        .iter()
        .filter(|delivery| delivery.way == Way::Push && delivery.ids == [id])
        .map(|delivery| (delivery.what, delivery.text.as_deref()))
        .collect();
    assert_eq!(
        pushed,
        [
            ("posted", Some("hello")),
            ("edited", Some("hello, world")),
            ("deleted", None)
        ]
    );
    client.disconnect();
    server.stop().await;
}

#[tokio::test]
async fn outsiders_hear_nothing() {
    let server = Server::start().await;
    let stranger = Connected::new(server.session("stranger").await);
    soon(stranger.log_in("+4915110000003")).await;
    assert!(
        stranger
            .client
            .iter_dialogs()
            .next()
            .await
            .unwrap()
            .is_none()
    );
    server.post(CRM, 1, "secret");
    assert!(stranger.client.is_authorized().await.unwrap());
    assert!(
        server
            .world
            .read(|state| state.journal.deliveries.is_empty())
    );
    stranger.quit().await;
    server.stop().await;
}
