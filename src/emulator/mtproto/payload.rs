//! What an envelope contains: containers of messages, and compression.

use std::io::Read;

use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use grammers_tl_types::{Cursor, Deserializable, Identifiable, Serializable, types};

use super::envelope::{EnvelopeError, Message, write_message};

/// `msg_container`, absent from the generated types because it nests bare messages.
const CONTAINER: u32 = 0x73f1_f8dc;
/// `gzip_packed`, likewise.
const GZIP: u32 = 0x3072_cfa1;
/// `rpc_result`, likewise.
const RESULT: u32 = 0xf35c_6d01;
/// Most messages in a container.
const CONTAINER_LENGTH: i32 = 1_020;
/// Most bytes that one envelope's compressed messages may grow to together.
const INFLATED: u64 = 4 * 1024 * 1024;
/// From this size on answers are compressed.
const COMPRESS_FROM: usize = 4 * 1024;

/// The messages inside a message: a container's, a compressed one's, or itself.
pub(super) fn unpack(message: Message) -> Result<Vec<Message>, EnvelopeError> {
    let mut room = INFLATED;
    let cursor = &mut Cursor::from_slice(&message.body);
    if u32::deserialize(cursor) != Ok(CONTAINER) {
        return Ok(vec![inflate(message, &mut room)?]);
    }
    let malformed = |_| EnvelopeError::Malformed;
    let count = i32::deserialize(cursor).map_err(malformed)?;
    if !(0..=CONTAINER_LENGTH).contains(&count) {
        return Err(EnvelopeError::Malformed);
    }
    let mut messages = Vec::new();
    for _ in 0..count {
        let id = i64::deserialize(cursor).map_err(malformed)?;
        let seq = i32::deserialize(cursor).map_err(malformed)?;
        let length = i32::deserialize(cursor).map_err(malformed)?;
        let length = usize::try_from(length).map_err(|_| EnvelopeError::Malformed)?;
        if length > message.body.len() {
            return Err(EnvelopeError::Malformed);
        }
        let mut body = vec![0; length];
        cursor.read_exact(&mut body).map_err(malformed)?;
        messages.push(inflate(Message { id, seq, body }, &mut room)?);
    }
    Ok(messages)
}

/// Decompresses a message if it is compressed, and takes its length off the room that is left.
fn inflate(message: Message, room: &mut u64) -> Result<Message, EnvelopeError> {
    let cursor = &mut Cursor::from_slice(&message.body);
    if u32::deserialize(cursor) != Ok(GZIP) {
        return Ok(message);
    }
    let packed = Vec::<u8>::deserialize(cursor).map_err(|_| EnvelopeError::Malformed)?;
    let mut body = Vec::new();
    let length = GzDecoder::new(packed.as_slice())
        .take(*room + 1)
        .read_to_end(&mut body)
        .map_err(|_| EnvelopeError::Malformed)?;
    *room = room
        .checked_sub(length as u64)
        .ok_or(EnvelopeError::Malformed)?;
    Ok(Message { body, ..message })
}

/// One body for several messages.
pub(super) fn container(messages: &[Message]) -> Vec<u8> {
    let mut body = Vec::new();
    CONTAINER.serialize(&mut body);
    i32::try_from(messages.len())
        .unwrap_or(i32::MAX)
        .serialize(&mut body);
    for message in messages {
        write_message(message, &mut body);
    }
    body
}

/// The answer to a request, compressed where that pays.
pub(super) fn rpc_result(request: i64, answer: Vec<u8>) -> Vec<u8> {
    let mut body = Vec::with_capacity(answer.len() + 16);
    RESULT.serialize(&mut body);
    request.serialize(&mut body);
    let is_error = answer.first_chunk() == Some(&types::RpcError::CONSTRUCTOR_ID.to_le_bytes());
    if answer.len() >= COMPRESS_FROM && !is_error {
        let mut packed = Vec::new();
        let read = GzEncoder::new(answer.as_slice(), Compression::fast()).read_to_end(&mut packed);
        if read.is_ok() && packed.len() + 8 < answer.len() {
            GZIP.serialize(&mut body);
            packed.serialize(&mut body);
            return body;
        }
    }
    body.extend(answer);
    body
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_container_unpacks_to_what_was_packed() {
        let answer = vec![5; COMPRESS_FROM * 2];
        let packed = rpc_result(1, answer.clone());
        assert!(packed.len() < answer.len());
        let messages = [
            Message {
                id: 4,
                seq: 1,
                body: packed.get(12..).unwrap_or_default().to_vec(),
            },
            Message {
                id: 8,
                seq: 3,
                body: vec![1; 8],
            },
        ];
        let outer = Message {
            id: 12,
            seq: 4,
            body: container(&messages),
        };
        let bodies: Vec<_> = unpack(outer)
            .unwrap_or_default()
            .into_iter()
            .map(|message| message.body)
            .collect();
        assert_eq!(bodies, [answer, vec![1; 8]]);
    }

    #[test]
    fn a_container_of_bombs_is_refused() {
        let bomb = rpc_result(1, vec![0; 3 * 1024 * 1024]);
        let body = bomb.get(12..).unwrap_or_default().to_vec();
        let messages = [4, 8].map(|id| Message {
            id,
            seq: 1,
            body: body.clone(),
        });
        let one = Message {
            id: 12,
            seq: 3,
            body,
        };
        assert!(unpack(one).is_ok());
        let both = Message {
            id: 12,
            seq: 3,
            body: container(&messages),
        };
        assert_eq!(unpack(both), Err(EnvelopeError::Malformed));
    }

    proptest! {
        #[test]
        fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
            let message = Message { id: 0, seq: 0, body: noise.clone() };
            let _ = unpack(message);
            let mut body = CONTAINER.to_le_bytes().to_vec();
            body.extend(noise);
            let _ = unpack(Message { id: 0, seq: 0, body });
        }
    }
}
