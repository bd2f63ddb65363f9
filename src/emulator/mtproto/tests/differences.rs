//! What clients learn about the time they were away.

use grammers_client::update::Update;
use grammers_tl_types::functions;

use super::*;
use crate::emulator::world::Way;

/// Asks for a group's difference as a client that calls it itself.
pub(super) async fn difference(
    server: &Server,
    client: &Client,
    pts: i32,
) -> enums::updates::ChannelDifference {
    let request = functions::updates::GetChannelDifference {
        force: false,
        channel: server.channel().into(),
        filter: enums::ChannelMessagesFilter::Empty,
        pts,
        limit: 10,
    };
    soon(client.invoke(&request)).await.unwrap()
}

fn pts(server: &Server) -> i32 {
    server.world.read(|state| state.group(GROUP).unwrap().pts)
}

#[tokio::test]
async fn what_was_missed_comes_after_a_reconnect() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let session = connected.quit().await;
    let missed: Vec<i32> = (0..150)
        .map(|number| server.post(CRM, 1, &format!("missed {number}")))
        .collect();
    let again = Connected::new(session);
    let (client, mut updates) = again.stream().await;
    let mut got = Vec::new();
    while got.len() < missed.len() {
        if let Update::NewMessage(message) = soon(updates.next()).await.unwrap() {
            got.push(message.id());
        }
    }
    assert_eq!(got, missed);
    let live = server.post(CRM, 1, "live again");
    let Update::NewMessage(message) = soon(updates.next()).await.unwrap() else {
        panic!("a message");
    };
    assert_eq!(message.id(), live);
    let ways = server.world.read(|state| {
        let deliveries = state.journal.deliveries.iter();
        deliveries
            .map(|it| (it.ids.clone(), it.way))
            .collect::<Vec<_>>()
    });
    assert!(ways.contains(&(vec![missed[0]], Way::Difference)));
    assert!(ways.contains(&(vec![live], Way::Push)));
    client.disconnect();
    server.stop().await;
}

#[tokio::test]
async fn a_dropped_connection_is_made_up_for() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let (client, mut updates) = connected.stream().await;
    let before = server.post(CRM, 1, "before");
    loop {
        if let Update::NewMessage(message) = soon(updates.next()).await.unwrap()
            && message.id() == before
        {
            break;
        }
    }
    server.faults.drop_connections();
    let lost = server.post(CRM, 1, "into the void");
    let Update::NewMessage(message) = soon(updates.next()).await.unwrap() else {
        panic!("a message");
    };
    assert_eq!(message.id(), lost);
    client.disconnect();
    server.stop().await;
}

#[tokio::test]
async fn muted_pushes_are_a_gap_that_clients_notice() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let (client, mut updates) = connected.stream().await;
    // The stream asks for what it missed first; until then nothing is pushed to it.
    let first = server.post(CRM, 1, "first");
    let Update::NewMessage(message) = soon(updates.next()).await.unwrap() else {
        panic!("a message");
    };
    assert_eq!(message.id(), first);
    server.faults.set_mute(true);
    let lost = server.post(CRM, 1, "lost");
    client.is_authorized().await.unwrap();
    server.faults.set_mute(false);
    let heard = server.post(CRM, 1, "heard");
    let mut got = Vec::new();
    while got.len() < 2 {
        if let Update::NewMessage(message) = soon(updates.next()).await.unwrap() {
            got.push(message.id());
        }
    }
    assert_eq!(got, [lost, heard]);
    client.disconnect();
    server.stop().await;
}

#[tokio::test]
async fn a_difference_tells_the_current_state() {
    let server = Server::start().await;
    let old = server.post(CRM, 1, "old");
    let start = pts(&server);
    let connected = soon(server.anna()).await;
    let kept = server.post(CRM, 1, "kept");
    let gone = server.post(CRM, 1, "gone");
    server.edit(CRM, kept, "kept, edited");
    server.edit(CRM, old, "old, edited");
    server.edit(CRM, old, "old, edited twice");
    server
        .world
        .write(|state| state.delete(GROUP, ANNA, &[gone]))
        .unwrap();
    let enums::updates::ChannelDifference::Difference(answer) =
        difference(&server, &connected.client, start).await
    else {
        panic!("a difference");
    };
    assert!(answer.r#final);
    assert_eq!(answer.pts, pts(&server));
    let texts = |message: &enums::Message| match message {
        enums::Message::Message(message) => (message.id, message.message.clone()),
        other => panic!("{other:?}"),
    };
    let new: Vec<_> = answer.new_messages.iter().map(texts).collect();
    assert_eq!(new, [(kept, "kept, edited".to_owned())]);
    let other: Vec<_> = answer
        .other_updates
        .iter()
        .map(|update| match update {
            enums::Update::EditChannelMessage(edit) => texts(&edit.message),
            enums::Update::DeleteChannelMessages(deletion) => {
                (deletion.messages[0], "deleted".to_owned())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        other,
        [
            (old, "old, edited twice".to_owned()),
            (gone, "deleted".to_owned())
        ]
    );
    let same = difference(&server, &connected.client, pts(&server)).await;
    assert!(matches!(same, enums::updates::ChannelDifference::Empty(_)));
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn slices_lead_to_the_end_and_too_long_says_so() {
    let server = Server::start().await;
    let start = pts(&server);
    for number in 0..25 {
        server.post(CRM, 1, &format!("{number}"));
    }
    let connected = soon(server.anna()).await;
    let mut at = start;
    let mut finals = Vec::new();
    while at < pts(&server) {
        let enums::updates::ChannelDifference::Difference(slice) =
            difference(&server, &connected.client, at).await
        else {
            panic!("a difference");
        };
        at = slice.pts;
        finals.push((slice.new_messages.len(), slice.r#final));
    }
    assert_eq!(finals, [(10, false), (10, false), (5, true)]);
    server.world.write(|state| state.difference_limit = 20);
    let enums::updates::ChannelDifference::TooLong(answer) =
        difference(&server, &connected.client, start).await
    else {
        panic!("too long");
    };
    let enums::Dialog::Dialog(dialog) = answer.dialog else {
        panic!("a dialog");
    };
    assert_eq!(dialog.pts, Some(pts(&server)));
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn the_group_is_named_once_it_changed() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let request = |date| functions::updates::GetDifference {
        pts: 1,
        pts_limit: None,
        pts_total_limit: None,
        date,
        qts: 1,
        qts_limit: None,
    };
    server.post(CRM, 1, "now");
    let now = server.world.read(|state| state.now());
    let date = i32::try_from(now).unwrap();
    let named = soon(connected.client.invoke(&request(date - 100)))
        .await
        .unwrap();
    let enums::updates::Difference::Difference(named) = named else {
        panic!("a difference");
    };
    assert!(matches!(
        named.other_updates.as_slice(),
        [enums::Update::ChannelTooLong(it)] if it.channel_id == GROUP && it.pts.is_none()
    ));
    let later = connected.client.invoke(&request(date + 100)).await.unwrap();
    assert!(matches!(later, enums::updates::Difference::Empty(_)));
    connected.quit().await;
    server.stop().await;
}

/// What grammers makes of edits and deletions that it missed: it takes a final difference's pts
/// before it looks at them, and passes them over as old. Whoever needs them asks for the
/// difference itself.
#[tokio::test]
async fn grammers_passes_over_missed_edits() {
    let server = Server::start().await;
    let old = server.post(CRM, 1, "old");
    let gone = server.post(CRM, 1, "gone");
    let session = soon(server.anna()).await.quit().await;
    server.edit(CRM, old, "old, edited");
    server
        .world
        .write(|state| state.delete(GROUP, ANNA, &[gone]))
        .unwrap();
    let new = server.post(CRM, 1, "new");
    let (client, mut updates) = Connected::new(session).stream().await;
    let first = soon(updates.next()).await.unwrap();
    let Update::NewMessage(message) = first else {
        panic!("{first:?}");
    };
    assert_eq!(message.id(), new);
    client.disconnect();
    server.stop().await;
}
