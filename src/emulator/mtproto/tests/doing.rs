//! What a grammers client can do to messages, with grammers' own methods.

use grammers_client::message::{InputMessage, InputReactions};
use grammers_client::tl;
use grammers_session::types::PeerRef;

use super::*;

async fn desk(connected: &Connected) -> PeerRef {
    let mut dialogs = connected.client.iter_dialogs();
    dialogs.next().await.unwrap().unwrap().peer_ref()
}

fn stored(server: &Server, id: i32) -> crate::emulator::world::Message {
    server.world.read(|state| {
        let group = state.group(GROUP).unwrap();
        group.visible(id).cloned().unwrap()
    })
}

/// Bytes that tell where they stand.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 31 % 251) as u8).collect()
}

#[tokio::test]
async fn files_small_and_large_come_back() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let peer = desk(&connected).await;
    for length in [1, 200_000, 21 * 1024 * 1024 + 7] {
        let bytes = pattern(length);
        let mut stream = std::io::Cursor::new(bytes.clone());
        let uploaded = connected
            .client
            .upload_stream(&mut stream, length, "report.bin".to_owned())
            .await
            .unwrap();
        let message = InputMessage::new().text("the report").file(uploaded);
        let sent = connected.client.send_message(peer, message).await.unwrap();
        let media = sent.media().unwrap();
        let mut back = Vec::new();
        let mut parts = connected.client.iter_download(&media);
        while let Some(part) = parts.next().await.unwrap() {
            back.extend(part);
        }
        assert!(back == bytes, "{length}");
        assert_eq!(sent.text(), "the report");
    }
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn reactions_pins_and_forwards() {
    let server = Server::start().await;
    let question = server.post(CRM, 1, "where is it?");
    let connected = soon(server.anna()).await;
    let peer = desk(&connected).await;
    let client = &connected.client;
    let thumb = InputReactions::emoticon("👍");
    client.send_reactions(peer, question, thumb).await.unwrap();
    assert_eq!(stored(&server, question).reactions.len(), 1);
    let gone = InputReactions::remove();
    client.send_reactions(peer, question, gone).await.unwrap();
    assert!(stored(&server, question).reactions.is_empty());

    client.pin_message(peer, question).await.unwrap();
    let pinned = client.get_pinned_message(peer).await.unwrap().unwrap();
    assert_eq!((pinned.id(), pinned.text()), (question, "where is it?"));
    client.unpin_all_messages(peer).await.unwrap();
    assert!(client.get_pinned_message(peer).await.unwrap().is_none());

    let passed = client
        .forward_messages(peer, &[question], peer)
        .await
        .unwrap();
    let copy = passed.first().unwrap().as_ref().unwrap();
    let origin = stored(&server, copy.id()).forward.unwrap();
    assert_eq!(origin.from, Some(CRM));
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn search_in_one_group_and_in_all() {
    let server = Server::start().await;
    for text in ["Die Rechnung fehlt", "another thing", "RECHNUNG bezahlt"] {
        server.post(CRM, 1, text);
    }
    let connected = soon(server.anna()).await;
    let peer = desk(&connected).await;
    let mut here = connected.client.search_messages(peer).query("rechnung");
    let mut everywhere = connected.client.search_all_messages().query("rechnung");
    for expected in ["RECHNUNG bezahlt", "Die Rechnung fehlt"] {
        assert_eq!(here.next().await.unwrap().unwrap().text(), expected);
        assert_eq!(everywhere.next().await.unwrap().unwrap().text(), expected);
    }
    assert!(here.next().await.unwrap().is_none());
    assert!(everywhere.next().await.unwrap().is_none());
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn two_accounts_at_once_see_each_other() {
    let server = Server::start().await;
    let anna = soon(server.anna()).await;
    let boris = Connected::new(server.session("boris").await);
    let token = boris
        .client
        .request_login_code("+4915110000002", &api().1)
        .await
        .unwrap();
    let Err(grammers_client::SignInError::PasswordRequired(password)) =
        boris.client.sign_in(&token, "24680").await
    else {
        panic!("Boris has a password");
    };
    boris
        .client
        .check_password(password, "correct horse")
        .await
        .unwrap();
    let theirs = desk(&boris).await;
    let (client, mut updates) = boris.stream().await;
    let peer = desk(&anna).await;
    let sent = anna.client.send_message(peer, "hello Boris").await.unwrap();
    let heard = soon(async {
        loop {
            if let grammers_client::update::Update::NewMessage(message) =
                updates.next().await.unwrap()
            {
                break message;
            }
        }
    })
    .await;
    assert_eq!((heard.id(), heard.text()), (sent.id(), "hello Boris"));
    let answer = InputMessage::new()
        .text("hello Anna")
        .reply_to(Some(sent.id()));
    let answer = client.send_message(theirs, answer).await.unwrap();
    assert_eq!(stored(&server, answer.id()).reply_to, Some(sent.id()));
    anna.quit().await;
    client.disconnect();
    server.stop().await;
}

/// A QR code as the apps use it, by raw requests: grammers has no method for it.
#[tokio::test]
async fn a_qr_code_logs_in() {
    let server = Server::start().await;
    let app = soon(server.anna()).await;
    let fresh = Connected::new(server.session("fresh").await);
    let (api_id, api_hash) = api();
    let show = tl::functions::auth::ExportLoginToken {
        api_id,
        api_hash,
        except_ids: Vec::new(),
    };
    let shown = fresh.client.invoke(&show).await.unwrap();
    let tl::enums::auth::LoginToken::Token(shown) = shown else {
        panic!("nobody has scanned it yet");
    };
    let scan = tl::functions::auth::AcceptLoginToken { token: shown.token };
    app.client.invoke(&scan).await.unwrap();
    let again = app.client.invoke(&scan).await.unwrap_err();
    assert_eq!(name(&again), "AUTH_TOKEN_ALREADY_ACCEPTED");
    let done = fresh.client.invoke(&show).await.unwrap();
    assert!(matches!(done, tl::enums::auth::LoginToken::Success(_)));
    let mut dialogs = fresh.client.iter_dialogs();
    assert!(dialogs.next().await.unwrap().is_some());
    app.quit().await;
    fresh.quit().await;
    server.stop().await;
}

/// Everything that a message can carry survives its own encoding: fields that share a flag come
/// together, or a client stumbles over the rest.
#[tokio::test]
async fn whatever_a_message_carries_can_be_read_back() {
    use grammers_tl_types::{Deserializable, Serializable};

    use crate::emulator::mtproto::convert::View;
    use crate::emulator::world::{Content, File, FileKind, Point, Poll, PollOption, Quote};

    let mut drafts = Vec::new();
    let mut state = State::new(SEED);
    state.add_user(User {
        id: ANNA,
        ..User::default()
    });
    state.add_group(GROUP, "Desk", true, ANNA, 1_700_000_000);
    for kind in FileKind::ALL {
        let file = state.add_file(File {
            kind,
            name: "a.bin".to_owned(),
            width: 3,
            height: 4,
            duration: 5,
            title: "title".to_owned(),
            emoji: "👍".to_owned(),
            bytes: vec![1, 2, 3].into(),
            ..File::default()
        });
        drafts.push(Draft {
            text: "a quarter".to_owned(),
            file: Some(file),
            album: Some(file),
            ..Draft::default()
        });
    }
    let point = Point {
        latitude: 50.0,
        longitude: 8.0,
    };
    let option = |voters: &[i64]| PollOption {
        text: "yes".to_owned(),
        voters: voters.iter().copied().collect(),
    };
    let poll = |anonymous, correct| {
        Content::Poll(Poll {
            question: "tea?".to_owned(),
            options: vec![option(&[ANNA]), option(&[])],
            anonymous,
            correct,
            ..Poll::default()
        })
    };
    let contents = [
        Content::Contact {
            phone: "1".to_owned(),
            first_name: "A".to_owned(),
            last_name: String::new(),
            user_id: Some(ANNA),
        },
        Content::Location { point },
        Content::Venue {
            point,
            title: "t".to_owned(),
            address: "a".to_owned(),
        },
        poll(true, None),
        poll(false, Some(1)),
        Content::Dice {
            emoji: "🎲".to_owned(),
            value: 6,
        },
    ];
    drafts.extend(contents.map(|content| Draft {
        content: Some(content),
        ..Draft::default()
    }));
    drafts.push(Draft {
        text: "an answer".to_owned(),
        reply_to: Some(2),
        quote: Some(Quote {
            text: "q".to_owned(),
            ..Quote::default()
        }),
        silent: true,
        ..Draft::default()
    });
    let mut ids = vec![1];
    for draft in drafts {
        ids.push(state.post(GROUP, ANNA, draft).unwrap());
    }
    let last = *ids.last().unwrap();
    state.react(GROUP, ANNA, last, &["👍"]).unwrap();
    state.pin(GROUP, ANNA, last, true, false).unwrap();
    let view = View {
        state: &state,
        me: ANNA,
    };
    let group = state.group(GROUP).unwrap();
    for message in group.messages.values() {
        let told = view.message(message);
        let back = enums::Message::from_bytes(&told.to_bytes());
        assert_eq!(back.as_ref(), Ok(&told), "{message:?}");
    }
    for change in state.log() {
        if let Some(update) = crate::emulator::mtproto::push::update(&view, change) {
            let back = enums::Update::from_bytes(&update.to_bytes());
            assert_eq!(back, Ok(update));
        }
    }
}
