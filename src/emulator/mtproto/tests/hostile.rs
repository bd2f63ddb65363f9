//! What no client should send.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::envelope::{self, Message};
use super::super::payload;
use super::super::session::unix_seconds;
use super::super::transport::Transport;
use super::*;
use grammers_tl_types::{Deserializable, Identifiable, Serializable, functions};

/// Numbers that look random and are the same each time.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new()
        .update(&seed.to_le_bytes())
        .finalize_xof()
        .fill(&mut bytes);
    bytes
}

/// Sends bytes and reads until the server ends the connection or has nothing to say.
async fn send(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    // The server may refuse the rest, which is an answer too.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = soon(stream.read_to_end(&mut answer)).await;
    answer
}

fn framed(payload: &[u8]) -> Vec<u8> {
    let mut client = Transport::default();
    client.feed(&[12, 0, 0, 0, 0, 0, 0, 0]);
    let _ = client.next_frame();
    client.pack(payload)
}

#[tokio::test]
async fn noise_on_the_wire_harms_nobody() {
    let server = Server::start().await;
    for seed in 0..200 {
        let mut bytes = noise(seed, 1 + (seed as usize * 37) % 900);
        match seed % 5 {
            0 => bytes = framed(&bytes[..bytes.len() / 4 * 4]),
            1 => bytes.insert(0, 0xef),
            2 => {
                bytes.splice(0..0, [0xee; 4]);
            }
            3 => {
                bytes.splice(0..0, [0xdd; 4]);
            }
            _ => {}
        }
        send(&server, &bytes).await;
    }
    let connected = soon(server.anna()).await;
    connected.quit().await;
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_key_is_told_404() {
    let server = Server::start().await;
    let answer = send(&server, &framed(&noise(1, 24 + 64))).await;
    assert_eq!(answer, (-404_i32).to_le_bytes());
    let mut intermediate = vec![0xee; 4];
    intermediate.extend(88_u32.to_le_bytes());
    intermediate.extend(noise(2, 88));
    let answer = send(&server, &intermediate).await;
    assert_eq!(answer, [4, 0, 0, 0, 0x6c, 0xfe, 0xff, 0xff]);
    server.stop().await;
}

#[tokio::test]
async fn an_oversized_frame_is_refused_before_it_arrives() {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream
        .write_all(&[0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0])
        .await
        .unwrap();
    let mut answer = Vec::new();
    let _ = soon(stream.read_to_end(&mut answer)).await;
    assert!(answer.is_empty());
    server.stop().await;
}

/// A client that knows a key and does with it what it likes.
struct Raw {
    stream: TcpStream,
    transport: Transport,
    key: Arc<super::super::keys::Key>,
}

impl Raw {
    async fn connect(server: &Server) -> Self {
        let hex = server.keys.share(&server.world, "raw");
        let mut bytes = [0; 256];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap();
        }
        let id = super::super::keys::key_id(&bytes);
        let mut transport = Transport::default();
        transport.feed(&[0xee; 4]);
        let _ = transport.next_frame();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&[0xee; 4]).await.unwrap();
        Self {
            stream,
            transport,
            key: server.keys.key(id, 2).unwrap(),
        }
    }

    /// Sends a body and returns the bodies of the answer.
    async fn ask(&mut self, salt: i64, id: i64, body: Vec<u8>) -> Vec<Vec<u8>> {
        let message = Message { id, seq: 1, body };
        let frame = envelope::seal_as_client(&self.key, salt, 77, &message);
        let wire = self.transport.pack(&frame);
        self.stream.write_all(&wire).await.unwrap();
        loop {
            let mut bytes = [0; 4096];
            let read = soon(self.stream.read(&mut bytes)).await.unwrap();
            assert!(read > 0, "the server hung up");
            self.transport.feed(&bytes[..read]);
            if let Some(frame) = self.transport.next_frame().unwrap() {
                let opened = envelope::open_as_client(&self.key, &frame).unwrap();
                let messages = payload::unpack(opened.message).unwrap();
                return messages.into_iter().map(|message| message.body).collect();
            }
        }
    }
}

fn constructor(body: &[u8]) -> u32 {
    u32::from_bytes(body).unwrap()
}

#[tokio::test]
async fn salts_and_ids_are_corrected() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    let ping = functions::Ping { ping_id: 5 }.to_bytes();
    let now = unix_seconds() << 32;
    let answer = raw.ask(0, now, ping.clone()).await;
    let enums::BadMsgNotification::BadServerSalt(notice) =
        enums::BadMsgNotification::from_bytes(&answer[0]).unwrap()
    else {
        panic!("a new salt");
    };
    assert_eq!((notice.bad_msg_id, notice.error_code), (now, 48));
    let salt = notice.new_server_salt;

    for (id, code) in [
        (now + 5, 18),
        (now - (1_000 << 32), 16),
        (now + (1_000 << 32), 17),
    ] {
        let answer = raw.ask(salt, id, ping.clone()).await;
        let enums::BadMsgNotification::Notification(notice) =
            enums::BadMsgNotification::from_bytes(&answer[0]).unwrap()
        else {
            panic!("a notice");
        };
        assert_eq!((notice.bad_msg_id, notice.error_code), (id, code));
    }

    let answer = raw.ask(salt, now + 8, ping.clone()).await;
    let kinds: Vec<u32> = answer.iter().map(|body| constructor(body)).collect();
    assert_eq!(
        kinds,
        [
            types::NewSessionCreated::CONSTRUCTOR_ID,
            types::Pong::CONSTRUCTOR_ID,
            types::MsgsAck::CONSTRUCTOR_ID
        ]
    );
    // Repeated: acknowledged, not answered again.
    let answer = raw.ask(salt, now + 8, ping).await;
    let kinds: Vec<u32> = answer.iter().map(|body| constructor(body)).collect();
    assert_eq!(kinds, [types::MsgsAck::CONSTRUCTOR_ID]);

    let salts = functions::GetFutureSalts { num: 3 }.to_bytes();
    let answer = raw.ask(salt, now + 12, salts).await;
    let enums::FutureSalts::Salts(salts) = enums::FutureSalts::from_bytes(&answer[0]).unwrap();
    assert_eq!(salts.salts.0.len(), 3);
    let answer = raw
        .ask(
            salts.salts.0[1].salt,
            now + 16,
            functions::Ping { ping_id: 6 }.to_bytes(),
        )
        .await;
    assert_eq!(constructor(&answer[0]), types::Pong::CONSTRUCTOR_ID);
    server.stop().await;
}

#[tokio::test]
async fn a_malformed_request_is_answered_with_an_error() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    let now = unix_seconds() << 32;
    let salt = super::super::session::salt(&raw.key);
    for turn in 0..50 {
        let mut body = functions::auth::SignIn::CONSTRUCTOR_ID
            .to_le_bytes()
            .to_vec();
        if turn % 2 == 0 {
            body.clear();
        }
        body.extend(noise(turn, 4 + 4 * (turn as usize % 20)));
        let id = now + i64::try_from(turn).unwrap() * 4;
        let answer = raw.ask(salt, id, body).await;
        assert!(!answer.is_empty());
    }
    server.stop().await;
}

/// Types that contain themselves, nested: just under what is read, and far beyond it.
#[tokio::test]
async fn nesting_does_not_exhaust_the_stack() {
    let server = Server::start().await;
    let mut raw = Raw::connect(&server).await;
    let mut id = unix_seconds() << 32;
    let salt = super::super::session::salt(&raw.key);
    let words = |words: &[u32]| -> Vec<u8> {
        let bytes = words.iter().flat_map(|word| word.to_le_bytes());
        bytes.collect()
    };
    let vector = [0x1cb5_c415, 1];
    let peer = types::InputPeerSelf::CONSTRUCTOR_ID;
    let edit = functions::messages::EditMessage::CONSTRUCTOR_ID;
    let rich = types::InputRichMessage::CONSTRUCTOR_ID;
    let json = types::JsonArray::CONSTRUCTOR_ID;
    let mut initial = functions::InitConnection {
        api_id: 1,
        device_model: String::new(),
        system_version: String::new(),
        app_version: String::new(),
        system_lang_code: String::new(),
        lang_pack: String::new(),
        lang_code: String::new(),
        proxy: None,
        params: None,
        query: functions::help::GetConfig {},
    }
    .to_bytes();
    // Only `params`, which follow, and no query.
    initial.splice(4..8, 2_u32.to_le_bytes());
    initial.truncate(initial.len() - 4);
    let heads = [
        (
            words(&[functions::messages::GetHistory::CONSTRUCTOR_ID]),
            words(&[types::InputPeerChannelFromMessage::CONSTRUCTOR_ID]),
        ),
        (
            words(&[edit, 1 << 23, peer, 1, rich, 0, vector[0], 1]),
            words(&[types::PageBlockCover::CONSTRUCTOR_ID]),
        ),
        (initial, words(&[json, vector[0], vector[1]])),
    ];
    for (head, level) in heads {
        for depth in [18, 54, 80_000] {
            let mut body = head.clone();
            body.extend(level.repeat(depth));
            body.extend(words(&[0]));
            id += 4;
            let answer = raw.ask(salt, id, body).await;
            assert!(!answer.is_empty());
        }
    }
    server.stop().await;
}
