//! What operators write.

use grammers_tl_types::functions;

use super::*;

async fn operator(server: &Server) -> (Connected, grammers_session::types::PeerRef) {
    let connected = soon(server.anna()).await;
    let mut dialogs = connected.client.iter_dialogs();
    let peer = dialogs.next().await.unwrap().unwrap().peer_ref();
    (connected, peer)
}

#[tokio::test]
async fn an_operator_posts_edits_and_deletes() {
    let server = Server::start().await;
    let topic = server.topic("Ivan");
    let question = server.post(CRM, topic, "where is it?");
    let (connected, peer) = operator(&server).await;
    let client = &connected.client;
    let message = grammers_client::message::InputMessage::new()
        .text("on its way")
        .reply_to(Some(question));
    let sent = soon(client.send_message(peer, message)).await.unwrap();
    assert_eq!(sent.text(), "on its way");
    client
        .edit_message(peer, sent.id(), "on its way: https://example.org/")
        .await
        .unwrap();
    let stored = server.world.read(|state| {
        let group = state.group(GROUP).unwrap();
        group.visible(sent.id()).unwrap().clone()
    });
    assert_eq!((stored.topic, stored.reply_to), (topic, Some(question)));
    assert_eq!(stored.text, "on its way: https://example.org/");
    assert_eq!(stored.entities.len(), 1);
    let deleted = client.delete_messages(peer, &[sent.id(), 9_999]).await;
    assert_eq!(deleted.unwrap(), 1);
    assert!(
        server
            .world
            .read(|state| state.group(GROUP).unwrap().visible(sent.id()).is_none())
    );
    let journal = server.world.read(|state| state.journal.clone());
    let told: Vec<_> = journal
        .deliveries
        .iter()
        .filter(|delivery| delivery.ids == [sent.id()])
        .map(|delivery| delivery.what)
        .collect();
    assert_eq!(told, ["posted", "edited", "deleted"]);
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn refusals_are_told() {
    let server = Server::start().await;
    let note = server.post(CRM, 1, "not yours");
    let (connected, peer) = operator(&server).await;
    let client = &connected.client;
    let error = soon(client.edit_message(peer, note, "mine now")).await;
    assert_eq!(name(&error.unwrap_err()), "MESSAGE_AUTHOR_REQUIRED");
    let error = client.send_message(peer, "x".repeat(5_000)).await;
    assert_eq!(name(&error.err().unwrap()), "MESSAGE_TOO_LONG");
    let mut request = functions::messages::SendMessage {
        no_webpage: false,
        silent: false,
        background: false,
        clear_draft: false,
        noforwards: false,
        update_stickersets_order: false,
        invert_media: false,
        allow_paid_floodskip: false,
        peer: server.peer(),
        reply_to: None,
        message: "once".to_owned(),
        random_id: 7,
        reply_markup: None,
        entities: None,
        schedule_date: None,
        schedule_repeat_period: None,
        send_as: None,
        quick_reply_shortcut: None,
        effect: None,
        allow_paid_stars: None,
        suggested_post: None,
        rich_message: None,
    };
    assert!(client.invoke(&request).await.is_ok());
    let error = client.invoke(&request).await.err().unwrap();
    assert_eq!(name(&error), "RANDOM_ID_DUPLICATE");
    request.random_id = 8;
    assert!(client.invoke(&request).await.is_ok());
    connected.quit().await;
    server.stop().await;
}
