//! Encrypted messages: the server's side of MTProto 2.0's envelope.

use grammers_crypto::aes;
use grammers_tl_types::{Cursor, Deserializable, Serializable};
use sha2::{Digest, Sha256};

use super::keys::Key;

/// The server's messages are encrypted with another part of the key than the client's.
#[derive(Clone, Copy)]
enum Side {
    Client = 0,
    Server = 8,
}

/// What is wrong with an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum EnvelopeError {
    /// Too short, or no multiple of the cipher's block.
    #[error("the encrypted part has a wrong length")]
    Length,
    /// Altered, or encrypted with another key.
    #[error("the message key does not fit the message")]
    MessageKey,
    /// Decrypted, but its inner lengths contradict each other.
    #[error("the message is malformed")]
    Malformed,
}

/// A message of a client, or one to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Message id.
    pub(super) id: i64,
    /// Sequence number.
    pub(super) seq: i32,
    /// A constructor and its fields.
    pub(super) body: Vec<u8>,
}

/// A decrypted envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Opened {
    /// The salt that the client believes valid.
    pub(super) salt: i64,
    /// The client's session.
    pub(super) session: i64,
    /// What it contains.
    pub(super) message: Message,
}

/// The id of the key that a frame is encrypted with; 0 is a handshake.
pub(super) fn key_id(frame: &[u8]) -> Option<[u8; 8]> {
    frame.first_chunk().copied()
}

/// Decrypts a client's frame.
pub(super) fn open(key: &Key, frame: &[u8]) -> Result<Opened, EnvelopeError> {
    open_from(Side::Client, key, frame)
}

fn open_from(from: Side, key: &Key, frame: &[u8]) -> Result<Opened, EnvelopeError> {
    let message_key: [u8; 16] = frame
        .get(8..24)
        .and_then(|part| part.try_into().ok())
        .ok_or(EnvelopeError::Length)?;
    let mut plain = frame.get(24..).unwrap_or_default().to_vec();
    // Salt, session, id, sequence number and length are 32 bytes, padding at least 12 more.
    if plain.len() < 48 || !plain.len().is_multiple_of(16) {
        return Err(EnvelopeError::Length);
    }
    let (aes_key, iv) = derive(from, key, &message_key);
    aes::ige_decrypt(&mut plain, &aes_key, &iv);
    if make_message_key(from, key, &plain) != message_key {
        return Err(EnvelopeError::MessageKey);
    }
    let cursor = &mut Cursor::from_slice(&plain);
    let mut parse = || {
        let salt = i64::deserialize(cursor)?;
        let session = i64::deserialize(cursor)?;
        let id = i64::deserialize(cursor)?;
        let seq = i32::deserialize(cursor)?;
        let length = i32::deserialize(cursor)?;
        Ok::<_, grammers_tl_types::deserialize::Error>((salt, session, id, seq, length))
    };
    let (salt, session, id, seq, length) = parse().map_err(|_| EnvelopeError::Malformed)?;
    let length = usize::try_from(length).map_err(|_| EnvelopeError::Malformed)?;
    let rest = plain.get(32..).unwrap_or_default();
    let body = rest.get(..length).ok_or(EnvelopeError::Malformed)?;
    if !length.is_multiple_of(4) || !(12..=1024).contains(&(rest.len() - length)) {
        return Err(EnvelopeError::Malformed);
    }
    Ok(Opened {
        salt,
        session,
        message: Message {
            id,
            seq,
            body: body.to_vec(),
        },
    })
}

/// Encrypts a message to a client. `padding` decides the random padding.
pub(super) fn seal(
    key: &Key,
    salt: i64,
    session: i64,
    message: &Message,
    padding: [u8; 32],
) -> Vec<u8> {
    seal_from(Side::Server, key, salt, session, message, padding)
}

fn seal_from(
    from: Side,
    key: &Key,
    salt: i64,
    session: i64,
    message: &Message,
    padding: [u8; 32],
) -> Vec<u8> {
    let mut plain = Vec::with_capacity(message.body.len() + 64);
    salt.serialize(&mut plain);
    session.serialize(&mut plain);
    write_message(message, &mut plain);
    let missing = 16 + (16 - plain.len() % 16);
    plain.extend(padding.iter().take(missing));
    let message_key = make_message_key(from, key, &plain);
    let (aes_key, iv) = derive(from, key, &message_key);
    aes::ige_encrypt(&mut plain, &aes_key, &iv);
    let mut frame = Vec::with_capacity(plain.len() + 24);
    frame.extend(key.id);
    frame.extend(message_key);
    frame.extend(plain);
    frame
}

fn make_message_key(from: Side, key: &Key, plain: &[u8]) -> [u8; 16] {
    let digest = Sha256::new()
        .chain_update(part(key, 88 + from as usize, 32))
        .chain_update(plain)
        .finalize();
    let mut message_key = [0; 16];
    message_key.copy_from_slice(digest.get(8..24).unwrap_or(&[0; 16]));
    message_key
}

/// Key and initialisation vector, as <https://core.telegram.org/mtproto/description> defines them.
fn derive(from: Side, key: &Key, message_key: &[u8; 16]) -> ([u8; 32], [u8; 32]) {
    let x = from as usize;
    let a: [u8; 32] = Sha256::new()
        .chain_update(message_key)
        .chain_update(part(key, x, 36))
        .finalize()
        .into();
    let b: [u8; 32] = Sha256::new()
        .chain_update(part(key, 40 + x, 36))
        .chain_update(message_key)
        .finalize()
        .into();
    let mix = |outer: &[u8; 32], inner: &[u8; 32]| {
        let mut mixed = *outer;
        for (at, byte) in inner.iter().enumerate() {
            if (8..24).contains(&at)
                && let Some(place) = mixed.get_mut(at)
            {
                *place = *byte;
            }
        }
        mixed
    };
    (mix(&a, &b), mix(&b, &a))
}

fn part(key: &Key, start: usize, length: usize) -> &[u8] {
    key.bytes.get(start..start + length).unwrap_or_default()
}

/// A message as it stands in an envelope and in a container.
pub(super) fn write_message(message: &Message, out: &mut Vec<u8>) {
    message.id.serialize(out);
    message.seq.serialize(out);
    i32::try_from(message.body.len())
        .unwrap_or(i32::MAX)
        .serialize(out);
    out.extend(&message.body);
}

/// What a client sends, for tests.
#[cfg(test)]
pub(super) fn seal_as_client(key: &Key, salt: i64, session: i64, message: &Message) -> Vec<u8> {
    seal_from(Side::Client, key, salt, session, message, [3; 32])
}

/// What a client reads, for tests.
#[cfg(test)]
pub(super) fn open_as_client(key: &Key, frame: &[u8]) -> Result<Opened, EnvelopeError> {
    open_from(Side::Server, key, frame)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> Key {
        let mut bytes = [0; 256];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = at.to_le_bytes()[0];
        }
        Key {
            bytes,
            id: [50, 209, 88, 110, 164, 87, 223, 200],
            salt: 0,
            first_salt: None,
        }
    }

    /// What `grammers-crypto` encrypts as a client, the server opens.
    #[test]
    fn opens_what_a_real_client_seals() {
        let mut plain = Vec::new();
        for number in [11_i64, 22, 33] {
            number.serialize(&mut plain);
        }
        1_i32.serialize(&mut plain);
        4_i32.serialize(&mut plain);
        plain.extend([1, 2, 3, 4]);
        let mut buffer = grammers_crypto::DequeBuffer::with_capacity(128, 64);
        buffer.extend(plain);
        let real = grammers_crypto::AuthKey::from_bytes(key().bytes);
        grammers_crypto::encrypt_data_v2(&mut buffer, &real);
        let opened = open(&key(), buffer.as_ref());
        let message = Message {
            id: 33,
            seq: 1,
            body: vec![1, 2, 3, 4],
        };
        assert_eq!(
            opened,
            Ok(Opened {
                salt: 11,
                session: 22,
                message
            })
        );
    }

    /// What the server seals, `grammers-crypto` decrypts as a client.
    #[test]
    fn seals_what_a_real_client_opens() {
        let message = Message {
            id: 33,
            seq: 1,
            body: vec![7; 20],
        };
        let mut frame = seal(&key(), 11, 22, &message, [9; 32]);
        let real = grammers_crypto::AuthKey::from_bytes(key().bytes);
        let plain = grammers_crypto::decrypt_data_v2(&mut frame, &real).map(|plain| plain.to_vec());
        assert!(plain.is_ok_and(|plain| plain.get(32..52) == Some(&[7; 20][..])));
    }

    #[test]
    fn an_altered_frame_is_refused() {
        let message = Message {
            id: 4,
            seq: 1,
            body: vec![7; 20],
        };
        let mut frame = seal_from(Side::Client, &key(), 1, 2, &message, [9; 32]);
        assert!(open(&key(), &frame).is_ok());
        if let Some(byte) = frame.last_mut() {
            *byte ^= 1;
        }
        assert_eq!(open(&key(), &frame), Err(EnvelopeError::MessageKey));
    }

    proptest! {
        #[test]
        fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = open(&key(), &noise);
        }
    }
}
