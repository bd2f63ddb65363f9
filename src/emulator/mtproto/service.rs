//! MTProto's own messages: salts, sessions, pings and acknowledgements. Pure.

use std::time::Duration;

use grammers_tl_types::{
    Cursor, Deserializable, Identifiable, Serializable, deserialize, enums, functions, types,
};

use super::envelope::Message;
use super::keys::Key;
use super::payload;
use super::session;

/// What a service message is answered with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reply {
    /// The answer, where there is one.
    pub(super) body: Option<Vec<u8>>,
    /// For how long the client wants its silence to be borne.
    pub(super) patience: Option<Duration>,
}

impl From<Vec<u8>> for Reply {
    fn from(body: Vec<u8>) -> Self {
        Self {
            body: Some(body),
            patience: None,
        }
    }
}

/// Answers a service message; `None` for everything else, which is a request. A malformed one is
/// passed over, as is what a server without memory of sent messages cannot answer.
pub(super) fn answer(key: &Key, message: &Message) -> Option<Reply> {
    parse(key, message).unwrap_or_else(|_| Some(Reply::default()))
}

fn parse(key: &Key, message: &Message) -> deserialize::Result<Option<Reply>> {
    let cursor = &mut Cursor::from_slice(&message.body);
    let pong = |ping_id| {
        let msg_id = message.id;
        enums::Pong::from(types::Pong { msg_id, ping_id }).to_bytes()
    };
    let reply = match u32::deserialize(cursor)? {
        types::MsgsAck::CONSTRUCTOR_ID
        | types::HttpWait::CONSTRUCTOR_ID
        | types::MsgsStateReq::CONSTRUCTOR_ID
        | types::MsgsAllInfo::CONSTRUCTOR_ID
        | types::MsgResendReq::CONSTRUCTOR_ID => Reply::default(),
        functions::Ping::CONSTRUCTOR_ID => {
            pong(functions::Ping::deserialize(cursor)?.ping_id).into()
        }
        functions::PingDelayDisconnect::CONSTRUCTOR_ID => {
            let ping = functions::PingDelayDisconnect::deserialize(cursor)?;
            let seconds = ping.disconnect_delay.clamp(1, 3_600).unsigned_abs();
            Reply {
                body: Some(pong(ping.ping_id)),
                patience: Some(Duration::from_secs(seconds.into())),
            }
        }
        functions::GetFutureSalts::CONSTRUCTOR_ID => {
            let request = functions::GetFutureSalts::deserialize(cursor)?;
            session::future_salts(key, message.id, request.num).into()
        }
        functions::DestroySession::CONSTRUCTOR_ID => {
            let session_id = functions::DestroySession::deserialize(cursor)?.session_id;
            // Sessions live as long as their connection: no other one is left to destroy.
            let none = types::DestroySessionNone { session_id };
            enums::DestroySessionRes::from(none).to_bytes().into()
        }
        functions::RpcDropAnswer::CONSTRUCTOR_ID => {
            let unknown = enums::RpcDropAnswer::RpcAnswerUnknown.to_bytes();
            payload::rpc_result(message.id, unknown).into()
        }
        _ => return Ok(None),
    };
    Ok(Some(reply))
}

/// Refuses a message whose salt is not in force, and names the one that is.
pub(super) fn new_salt(key: &Key, message: &Message) -> Vec<u8> {
    enums::BadMsgNotification::from(types::BadServerSalt {
        bad_msg_id: message.id,
        bad_msg_seqno: message.seq,
        error_code: 48,
        new_server_salt: session::salt(key),
    })
    .to_bytes()
}

/// Refuses a message for its id.
pub(super) fn refusal(message: &Message, error_code: i32) -> Vec<u8> {
    enums::BadMsgNotification::from(types::BadMsgNotification {
        bad_msg_id: message.id,
        bad_msg_seqno: message.seq,
        error_code,
    })
    .to_bytes()
}

/// Tells a client that the server knows nothing of its session yet.
pub(super) fn greeting(key: &Key, session: i64, first: &Message) -> Vec<u8> {
    enums::NewSession::from(types::NewSessionCreated {
        first_msg_id: first.id,
        unique_id: i64::from_le_bytes(key.id) ^ session,
        server_salt: session::salt(key),
    })
    .to_bytes()
}

/// Tells a client which of its messages have arrived.
pub(super) fn acknowledgement(msg_ids: Vec<i64>) -> Vec<u8> {
    enums::MsgsAck::from(types::MsgsAck { msg_ids }).to_bytes()
}
