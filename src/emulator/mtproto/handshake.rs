//! How a client that has no key agrees on one with the server:
//! <https://core.telegram.org/mtproto/auth_key>. No I/O.
//!
//! Keys are permanent ones; temporary keys for perfect forward secrecy are refused.

use grammers_crypto::{AuthKey, aes, generate_key_data_from_nonce};
use grammers_tl_types::{Cursor, Deserializable, Identifiable, Serializable};
use grammers_tl_types::{enums, functions, types};
use num_bigint::BigUint;
use sha1::{Digest, Sha1};

use super::keys::KeyRing;
use super::session::{seconds, unix_seconds};
use super::{rsa, srp};

/// Why a handshake ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HandshakeError {
    /// No plain message, or cut short.
    #[error("a message without a key is malformed")]
    Malformed,
    /// Nothing that belongs here, or out of turn.
    #[error("a message does not belong to a handshake at this point")]
    Unexpected,
    /// Nonces or hashes differ from those agreed on.
    #[error("a message belongs to another handshake, or was altered")]
    Mismatch,
    /// The system gave no random bytes.
    #[error("the system has no random bytes")]
    NoRandomness,
}

/// How far a handshake has come.
#[derive(Debug, Default)]
pub(super) struct Handshake {
    step: Step,
}

#[derive(Debug, Default)]
enum Step {
    #[default]
    Start,
    /// The client has to take a product apart.
    Asked {
        nonce: [u8; 16],
        server_nonce: [u8; 16],
        factors: (u32, u32),
    },
    /// Half a key lies on either side.
    Offered {
        nonce: [u8; 16],
        server_nonce: [u8; 16],
        new_nonce: [u8; 32],
        secret: BigUint,
    },
}

impl Handshake {
    /// Answers a plain message, envelope included. `id` numbers the answer; the key will be good
    /// in datacentre `dc` alone.
    pub(super) fn answer(
        &mut self,
        frame: &[u8],
        id: i64,
        keys: &KeyRing,
        dc: i32,
    ) -> Result<Vec<u8>, HandshakeError> {
        let body = open(frame)?;
        let cursor = &mut Cursor::from_slice(body);
        let malformed = |_| HandshakeError::Malformed;
        let answer = match u32::deserialize(cursor).map_err(malformed)? {
            functions::ReqPq::CONSTRUCTOR_ID | functions::ReqPqMulti::CONSTRUCTOR_ID => {
                self.ask(<[u8; 16]>::deserialize(cursor).map_err(malformed)?)?
            }
            functions::ReqDhParams::CONSTRUCTOR_ID => {
                self.offer(&functions::ReqDhParams::deserialize(cursor).map_err(malformed)?)?
            }
            functions::SetClientDhParams::CONSTRUCTOR_ID => {
                let request = functions::SetClientDhParams::deserialize(cursor);
                self.agree(request.map_err(malformed)?, keys, dc)?
            }
            // Some clients acknowledge even here; nothing follows from it.
            types::MsgsAck::CONSTRUCTOR_ID => return Ok(Vec::new()),
            _ => return Err(HandshakeError::Unexpected),
        };
        Ok(seal(id, &answer))
    }

    fn ask(&mut self, nonce: [u8; 16]) -> Result<Vec<u8>, HandshakeError> {
        let server_nonce = random::<16>()?;
        let [one, other] = [prime_near(random::<4>()?), prime_near(random::<4>()?)];
        let factors = (one.min(other), one.max(other));
        self.step = Step::Asked {
            nonce,
            server_nonce,
            factors,
        };
        let product = u64::from(one) * u64::from(other);
        let answer = types::ResPq {
            nonce,
            server_nonce,
            pq: product.to_be_bytes().to_vec(),
            server_public_key_fingerprints: vec![rsa::fingerprint()],
        };
        Ok(enums::ResPq::from(answer).to_bytes())
    }

    fn offer(&mut self, request: &functions::ReqDhParams) -> Result<Vec<u8>, HandshakeError> {
        let Step::Asked {
            nonce,
            server_nonce,
            factors,
        } = self.step
        else {
            return Err(HandshakeError::Unexpected);
        };
        let factor = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
        let right = request.nonce == nonce
            && request.server_nonce == server_nonce
            && request.public_key_fingerprint == rsa::fingerprint()
            && factor(&request.p) == factors.0.into()
            && factor(&request.q) == factors.1.into();
        if !right {
            return Err(HandshakeError::Mismatch);
        }
        let inner = rsa::decrypt(&request.encrypted_data).ok_or(HandshakeError::Mismatch)?;
        let inner =
            enums::PQInnerData::from_bytes(&inner).map_err(|_| HandshakeError::Malformed)?;
        let (inner_nonces, new_nonce) = match inner {
            enums::PQInnerData::Data(it) => ((it.nonce, it.server_nonce), it.new_nonce),
            enums::PQInnerData::Dc(it) => ((it.nonce, it.server_nonce), it.new_nonce),
            enums::PQInnerData::Temp(it) => return Ok(failed(nonce, server_nonce, it.new_nonce)),
            enums::PQInnerData::TempDc(it) => return Ok(failed(nonce, server_nonce, it.new_nonce)),
        };
        if inner_nonces != (nonce, server_nonce) {
            return Err(HandshakeError::Mismatch);
        }
        let prime = srp::prime();
        let secret = BigUint::from_bytes_be(&random::<256>()?);
        let offer = types::ServerDhInnerData {
            nonce,
            server_nonce,
            g: srp::GENERATOR.cast_signed(),
            dh_prime: srp::pad(&prime),
            g_a: srp::pad(&BigUint::from(srp::GENERATOR).modpow(&secret, &prime)),
            server_time: seconds(unix_seconds()),
        };
        let data = enums::ServerDhInnerData::from(offer).to_bytes();
        let mut plain = Sha1::digest(&data).to_vec();
        plain.extend(data);
        plain.resize(plain.len().next_multiple_of(16), 0);
        let (key, iv) = generate_key_data_from_nonce(&server_nonce, &new_nonce);
        aes::ige_encrypt(&mut plain, &key, &iv);
        self.step = Step::Offered {
            nonce,
            server_nonce,
            new_nonce,
            secret,
        };
        let answer = types::ServerDhParamsOk {
            nonce,
            server_nonce,
            encrypted_answer: plain,
        };
        Ok(enums::ServerDhParams::from(answer).to_bytes())
    }

    fn agree(
        &mut self,
        request: functions::SetClientDhParams,
        keys: &KeyRing,
        dc: i32,
    ) -> Result<Vec<u8>, HandshakeError> {
        let Step::Offered {
            nonce,
            server_nonce,
            new_nonce,
            secret,
        } = &self.step
        else {
            return Err(HandshakeError::Unexpected);
        };
        let (nonce, server_nonce, new_nonce) = (*nonce, *server_nonce, *new_nonce);
        if (request.nonce, request.server_nonce) != (nonce, server_nonce) {
            return Err(HandshakeError::Mismatch);
        }
        let mut plain = request.encrypted_data;
        if plain.is_empty() || !plain.len().is_multiple_of(16) {
            return Err(HandshakeError::Malformed);
        }
        let (key, iv) = generate_key_data_from_nonce(&server_nonce, &new_nonce);
        aes::ige_decrypt(&mut plain, &key, &iv);
        let (hash, data) = plain
            .split_first_chunk::<20>()
            .ok_or(HandshakeError::Malformed)?;
        let cursor = &mut Cursor::from_slice(data);
        let inner =
            enums::ClientDhInnerData::deserialize(cursor).map_err(|_| HandshakeError::Malformed)?;
        let enums::ClientDhInnerData::Data(inner) = inner;
        let said = data.get(..cursor.pos()).unwrap_or_default();
        let digest: [u8; 20] = Sha1::digest(said).into();
        if digest != *hash || (inner.nonce, inner.server_nonce) != (nonce, server_nonce) {
            return Err(HandshakeError::Mismatch);
        }
        let prime = srp::prime();
        let theirs = BigUint::from_bytes_be(&inner.g_b);
        // Anything outside is no half of a key, or one that can be guessed.
        let margin = BigUint::from(1_u32) << (2_048 - 64);
        if inner.g_b.len() > 256 || theirs < margin || theirs > &prime - &margin {
            return Err(HandshakeError::Mismatch);
        }
        let mut bytes = [0; 256];
        bytes.copy_from_slice(&srp::pad(&theirs.modpow(secret, &prime)));
        let key = AuthKey::from_bytes(bytes);
        if !keys.agree(bytes, first_salt(&new_nonce, &server_nonce), dc) {
            let answer = types::DhGenRetry {
                nonce,
                server_nonce,
                new_nonce_hash2: key.calc_new_nonce_hash(&new_nonce, 2),
            };
            return Ok(enums::SetClientDhParamsAnswer::from(answer).to_bytes());
        }
        self.step = Step::Start;
        let answer = types::DhGenOk {
            nonce,
            server_nonce,
            new_nonce_hash1: key.calc_new_nonce_hash(&new_nonce, 1),
        };
        Ok(enums::SetClientDhParamsAnswer::from(answer).to_bytes())
    }
}

fn failed(nonce: [u8; 16], server_nonce: [u8; 16], new_nonce: [u8; 32]) -> Vec<u8> {
    let digest: [u8; 20] = Sha1::digest(new_nonce).into();
    let mut new_nonce_hash = [0; 16];
    new_nonce_hash.copy_from_slice(digest.last_chunk::<16>().unwrap_or(&[0; 16]));
    let answer = types::ServerDhParamsFail {
        nonce,
        server_nonce,
        new_nonce_hash,
    };
    enums::ServerDhParams::from(answer).to_bytes()
}

/// The salt that both sides compute for a key's first messages.
fn first_salt(new_nonce: &[u8; 32], server_nonce: &[u8; 16]) -> i64 {
    let half = |bytes: &[u8]| bytes.first_chunk().map_or(0, |it| i64::from_le_bytes(*it));
    half(new_nonce) ^ half(server_nonce)
}

/// The body of a plain message: key id 0, message id, length.
fn open(frame: &[u8]) -> Result<&[u8], HandshakeError> {
    let length: &[u8; 4] = frame
        .get(16..20)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(HandshakeError::Malformed)?;
    let length = u32::from_le_bytes(*length) as usize;
    frame
        .get(20..)
        .and_then(|rest| rest.get(..length))
        .ok_or(HandshakeError::Malformed)
}

fn seal(id: i64, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(body.len() + 20);
    frame.extend([0; 8]);
    frame.extend(id.to_le_bytes());
    frame.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    frame.extend(body);
    frame
}

fn random<const N: usize>() -> Result<[u8; N], HandshakeError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| HandshakeError::NoRandomness)?;
    Ok(bytes)
}

/// The first prime from a number of 30 bits on: two of them make a product that a client takes
/// apart at once and that fits 63 bits.
fn prime_near(bytes: [u8; 4]) -> u32 {
    let start = (u32::from_le_bytes(bytes) >> 2) | (1 << 29) | 1;
    let divides = |number: u32, divisor: u32| number.is_multiple_of(divisor);
    let is_prime = |number: &u32| {
        let mut divisors = (3..).step_by(2).take_while(|it| it * it <= *number);
        !divisors.any(|divisor| divides(*number, divisor))
    };
    (start..).step_by(2).find(is_prime).unwrap_or(start)
}
