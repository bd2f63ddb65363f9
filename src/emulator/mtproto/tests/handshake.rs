//! The handshake with a client that is newer than Telethon: it hides its part by RSA_PAD.

use grammers_crypto::rsa::{Key as RsaKey, encrypt_hashed};
use grammers_crypto::{AuthKey, aes, factorize, generate_key_data_from_nonce};
use grammers_tl_types::{Cursor, Deserializable, Serializable, enums, functions, types};
use num_bigint::BigUint;
use sha1::{Digest, Sha1};

use super::super::handshake::{Handshake, HandshakeError};
use super::super::keys::{KeyRing, key_id};
use super::super::{rsa, srp};

const NONCE: [u8; 16] = [7; 16];
const NEW_NONCE: [u8; 32] = [9; 32];

/// A client in the middle of a handshake.
struct Newcomer {
    handshake: Handshake,
    keys: KeyRing,
    server_nonce: [u8; 16],
    pq: Vec<u8>,
}

impl Newcomer {
    /// Has asked, and got a product to take apart.
    fn new() -> Self {
        let mut newcomer = Self {
            handshake: Handshake::default(),
            keys: KeyRing::default(),
            server_nonce: [0; 16],
            pq: Vec::new(),
        };
        let answer = newcomer.say(&functions::ReqPqMulti { nonce: NONCE }.to_bytes());
        let enums::ResPq::Pq(asked) = read(&answer.unwrap());
        assert_eq!(asked.nonce, NONCE);
        assert_eq!(asked.server_public_key_fingerprints, [rsa::fingerprint()]);
        newcomer.server_nonce = asked.server_nonce;
        newcomer.pq = asked.pq;
        newcomer
    }

    fn say(&mut self, body: &[u8]) -> Result<Vec<u8>, HandshakeError> {
        let mut frame = vec![0; 16];
        frame.extend((body.len() as u32).to_le_bytes());
        frame.extend(body);
        self.handshake.answer(&frame, 1, &self.keys, 2)
    }

    fn offer(&mut self, inner: enums::PQInnerData) -> Result<Vec<u8>, HandshakeError> {
        let modulus = rsa::modulus().to_str_radix(10);
        let key = RsaKey::new(&modulus, "65537").unwrap();
        let (p, q) = self.factors();
        let request = functions::ReqDhParams {
            nonce: NONCE,
            server_nonce: self.server_nonce,
            p,
            q,
            public_key_fingerprint: rsa::fingerprint(),
            encrypted_data: encrypt_hashed(&inner.to_bytes(), &key, &[3; 224]),
        };
        self.say(&request.to_bytes())
    }

    fn factors(&self) -> (Vec<u8>, Vec<u8>) {
        let number = BigUint::from_bytes_be(&self.pq);
        let (p, q) = factorize(u64::try_from(number).unwrap());
        let bytes = |number: u64| BigUint::from(number).to_bytes_be();
        (bytes(p), bytes(q))
    }

    fn inner(&self) -> types::PQInnerDataDc {
        let (p, q) = self.factors();
        types::PQInnerDataDc {
            pq: self.pq.clone(),
            p,
            q,
            nonce: NONCE,
            server_nonce: self.server_nonce,
            new_nonce: NEW_NONCE,
            dc: 2,
        }
    }

    /// The server's half of the key.
    fn half(&mut self) -> types::ServerDhInnerData {
        let inner = self.inner();
        let answer = self.offer(inner.into()).unwrap();
        let enums::ServerDhParams::Ok(offered) = read(&answer) else {
            panic!("refused");
        };
        let mut plain = offered.encrypted_answer;
        let (key, iv) = generate_key_data_from_nonce(&self.server_nonce, &NEW_NONCE);
        aes::ige_decrypt(&mut plain, &key, &iv);
        let (hash, data) = plain.split_first_chunk::<20>().unwrap();
        let cursor = &mut Cursor::from_slice(data);
        let enums::ServerDhInnerData::Data(half) =
            enums::ServerDhInnerData::deserialize(cursor).unwrap();
        let digest: [u8; 20] = Sha1::digest(&data[..cursor.pos()]).into();
        assert_eq!(digest, *hash);
        assert!(grammers_crypto::two_factor_auth::check_p_and_g(
            &half.dh_prime,
            &half.g
        ));
        half
    }

    fn agree(&mut self, g_b: Vec<u8>) -> Result<Vec<u8>, HandshakeError> {
        let inner = types::ClientDhInnerData {
            nonce: NONCE,
            server_nonce: self.server_nonce,
            retry_id: 0,
            g_b,
        };
        let data = enums::ClientDhInnerData::from(inner).to_bytes();
        let mut plain = Sha1::digest(&data).to_vec();
        plain.extend(data);
        plain.resize(plain.len().next_multiple_of(16), 5);
        let (key, iv) = generate_key_data_from_nonce(&self.server_nonce, &NEW_NONCE);
        aes::ige_encrypt(&mut plain, &key, &iv);
        let request = functions::SetClientDhParams {
            nonce: NONCE,
            server_nonce: self.server_nonce,
            encrypted_data: plain,
        };
        self.say(&request.to_bytes())
    }
}

/// An answer's body: behind key id, message id and length.
fn read<T: Deserializable>(answer: &[u8]) -> T {
    T::from_bytes(&answer[20..]).unwrap()
}

#[test]
fn both_sides_end_with_the_same_key() {
    let mut newcomer = Newcomer::new();
    let half = newcomer.half();
    let prime = BigUint::from_bytes_be(&half.dh_prime);
    let secret = BigUint::from_bytes_be(&[0x6b; 256]);
    let ours = BigUint::from(half.g as u32).modpow(&secret, &prime);
    let answer = newcomer.agree(srp::pad(&ours)).unwrap();
    let shared = BigUint::from_bytes_be(&half.g_a).modpow(&secret, &prime);
    let bytes: [u8; 256] = srp::pad(&shared).try_into().unwrap();
    let enums::SetClientDhParamsAnswer::DhGenOk(done) = read(&answer) else {
        panic!("refused");
    };
    let key = AuthKey::from_bytes(bytes);
    assert_eq!(done.new_nonce_hash1, key.calc_new_nonce_hash(&NEW_NONCE, 1));
    assert!(newcomer.keys.key(key_id(&bytes), 2).is_some());
    assert!(
        newcomer.keys.key(key_id(&bytes), 4).is_none(),
        "another datacentre does not know it"
    );
}

#[test]
fn halves_that_can_be_guessed_are_refused() {
    let prime = srp::prime();
    for half in [
        BigUint::from(1_u32),
        BigUint::from(3_u32),
        &prime - 1_u32,
        prime.clone(),
        &prime + 5_u32,
    ] {
        let mut newcomer = Newcomer::new();
        newcomer.half();
        let refused = newcomer.agree(half.to_bytes_be()).unwrap_err();
        assert_eq!(refused, HandshakeError::Mismatch, "{half}");
    }
}

#[test]
fn steps_out_of_turn_and_strangers_are_refused() {
    let mut newcomer = Newcomer::new();
    assert_eq!(
        newcomer.agree(vec![1; 256]),
        Err(HandshakeError::Unexpected)
    );
    let inner = types::PQInnerDataDc {
        server_nonce: [1; 16],
        ..newcomer.inner()
    };
    assert_eq!(newcomer.offer(inner.into()), Err(HandshakeError::Mismatch));
    newcomer.pq = (1_000_003_u64 * 1_000_033).to_be_bytes().to_vec();
    let inner = newcomer.inner();
    assert_eq!(newcomer.offer(inner.into()), Err(HandshakeError::Mismatch));
    assert_eq!(newcomer.say(&[1, 2]), Err(HandshakeError::Malformed));
    assert_eq!(newcomer.say(&[1; 40]), Err(HandshakeError::Unexpected));
}

#[test]
fn temporary_keys_are_declined() {
    let mut newcomer = Newcomer::new();
    let (p, q) = newcomer.factors();
    let inner = types::PQInnerDataTemp {
        pq: newcomer.pq.clone(),
        p,
        q,
        nonce: NONCE,
        server_nonce: newcomer.server_nonce,
        new_nonce: NEW_NONCE,
        expires_in: 3_600,
    };
    let answer = newcomer.offer(inner.into()).unwrap();
    assert!(matches!(read(&answer), enums::ServerDhParams::Fail(_)));
}
