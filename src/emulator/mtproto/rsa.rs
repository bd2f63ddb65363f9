//! The server's RSA key, which a client must know before it can agree on a key of its own.
//!
//! Every emulator has the same one, so that a client may keep the public half in its set-up. Its
//! secrecy protects nothing: it encrypts the first step of a handshake with a program that makes
//! up its whole world.

use grammers_crypto::aes;
use grammers_tl_types::Serializable;
use num_bigint::BigUint;
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

/// The public half, PKCS #1.
pub(super) const PUBLIC_PEM: &str = "\
-----BEGIN RSA PUBLIC KEY-----\n\
MIIBCgKCAQEA5NcUgqACakKAXXPuj1VXZvuAfF18jDfXMtsTh+q5bKab/5x7ZnfW\n\
u53fk5EJ/yqPsKqo3BnZ2JDqXDxiqgynLe6xeUYASCZklZ+wXs+cPLtC/XkZc7HG\n\
otlmGOHqLgyEXKD37GlTQUhQwYBpZXPZsfqTTKMMrgfOanJ/lX1JZhx0ffDHXCxW\n\
VsPRqS2E424kTGWL+H2xmMkXiRSmO0eWd8aT/0DSYPZGsuPGnDcRFxcQ5uZbi0FG\n\
s9eM2FFIj003YZzLKIV4irA3LPbgjg5eVYjG1zPLED67GlrbZQnfSo8BEMdioqPL\n\
QsBex4dGqB9DWvP6bbECLBOts6Ut6ZhaKQIDAQAB\n\
-----END RSA PUBLIC KEY-----\n\
";

const MODULUS: &str = "e4d71482a0026a42805d73ee8f555766fb807c5d7c8c37d732db1387eab96ca6\
9bff9c7b6677d6bb9ddf939109ff2a8fb0aaa8dc19d9d890ea5c3c62aa0ca72d\
eeb1794600482664959fb05ecf9c3cbb42fd791973b1c6a2d96618e1ea2e0c84\
5ca0f7ec6953414850c180696573d9b1fa934ca30cae07ce6a727f957d49661c\
747df0c75c2c5656c3d1a92d84e36e244c658bf87db198c9178914a63b479677\
c693ff40d260f646b2e3c69c3711171710e6e65b8b4146b3d78cd851488f4d37\
619ccb2885788ab0372cf6e08e0e5e5588c6d733cb103ebb1a5adb6509df4a8f\
0110c762a2a3cb42c05ec78746a81f435af3fa6db1022c13adb3a52de9985a29";
const EXPONENT: u32 = 65_537;
const SECRET: &str = "2b04fcebd68945b115411c41796c15777c69c9d76849d2d88f8cac3605ac108f\
1cadf79ca2257eb67c06130f75d5e48a292fd7f93299e7b2cc8004f1165f3511\
7739215f85bf8a8a27afa2c01c1ed6b2ec73caaf7c76abed22d9e4ed19714934\
9bd63ded515a8f9ff8e07b93b4b90bf07fb6efb60a34f02e3f88215078c252e1\
c4f52936d332e03dd977935bd6b1a14d012383b1a71bdf2fb05f72355506e0c9\
27bb1fd41b35a50891952caa9f6f7bf231a43370fd4aff7936e97693cd767be7\
99efe2fc61c6a66afcb39af1cdc603978766c032ff15cd99bf5b672e6793cf56\
3c6fd483318d1439de8b9854a692e6d150cd224d5385d18377dfb1fbec150b65";

/// Bytes of the modulus, and so of everything encrypted under it.
const LENGTH: usize = 256;

/// The lower 64 bits of SHA-1 over modulus and exponent: how a client finds the key that it knows.
pub(super) fn fingerprint() -> i64 {
    let mut bytes = Vec::new();
    number(MODULUS).to_bytes_be().serialize(&mut bytes);
    BigUint::from(EXPONENT).to_bytes_be().serialize(&mut bytes);
    let digest: [u8; 20] = Sha1::digest(&bytes).into();
    let [.., a, b, c, d, e, f, g, h] = digest;
    i64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// Decrypts what a client encrypted, in either form that is in use; `None` if it is neither.
pub(super) fn decrypt(encrypted: &[u8]) -> Option<Vec<u8>> {
    if encrypted.len() != LENGTH {
        return None;
    }
    let plain = BigUint::from_bytes_be(encrypted).modpow(&number(SECRET), &number(MODULUS));
    let bytes = plain.to_bytes_be();
    let mut block = [0; LENGTH];
    block
        .get_mut(LENGTH.checked_sub(bytes.len())?..)?
        .copy_from_slice(&bytes);
    unpad(&block).or_else(|| hashed(&block))
}

/// The newer form, `RSA_PAD` of <https://core.telegram.org/mtproto/auth_key>: a key hidden by the
/// hash of what it encrypts, which is the data backwards and a hash of both. What comes back has
/// its padding still.
fn unpad(block: &[u8; LENGTH]) -> Option<Vec<u8>> {
    let (hidden_key, encrypted) = block.split_first_chunk::<32>()?;
    let mut key: [u8; 32] = Sha256::digest(encrypted).into();
    for (byte, hidden) in key.iter_mut().zip(hidden_key) {
        *byte ^= hidden;
    }
    let mut plain = encrypted.to_vec();
    aes::ige_decrypt(&mut plain, &key, &[0; 32]);
    let (backwards, hash) = plain.split_last_chunk::<32>()?;
    let data: Vec<u8> = backwards.iter().rev().copied().collect();
    let expected: [u8; 32] = Sha256::new()
        .chain_update(key)
        .chain_update(&data)
        .finalize()
        .into();
    (expected == *hash).then_some(data)
}

/// The older form: SHA-1 of the data, the data, and padding, 255 bytes.
fn hashed(block: &[u8; LENGTH]) -> Option<Vec<u8>> {
    let (0, rest) = block.split_first().map(|(first, rest)| (*first, rest))? else {
        return None;
    };
    let (hash, data) = rest.split_first_chunk::<20>()?;
    // Where the data ends and padding begins is not said: try every length that TL can have.
    (4..=data.len() / 4).find_map(|words| {
        let data = data.get(..words * 4)?;
        let digest: [u8; 20] = Sha1::digest(data).into();
        (digest == *hash).then(|| data.to_vec())
    })
}

/// The public modulus.
#[cfg(test)]
pub(super) fn modulus() -> BigUint {
    number(MODULUS)
}

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use grammers_crypto::rsa::{Key, encrypt_hashed};

    use super::*;

    fn encrypt(block: &[u8]) -> Vec<u8> {
        let bytes = BigUint::from_bytes_be(block)
            .modpow(&BigUint::from(EXPONENT), &number(MODULUS))
            .to_bytes_be();
        let mut padded = vec![0; LENGTH - bytes.len()];
        padded.extend(bytes);
        padded
    }

    #[test]
    fn what_a_newer_client_encrypts_is_read() {
        let modulus = number(MODULUS).to_str_radix(10);
        let key = Key::new(&modulus, &EXPONENT.to_string()).unwrap();
        let encrypted = encrypt_hashed(b"sixteen bytes...", &key, &[7; 224]);
        let plain = decrypt(&encrypted).unwrap();
        assert!(plain.starts_with(b"sixteen bytes..."));
    }

    #[test]
    fn what_an_older_client_encrypts_is_read() {
        let mut block = Sha1::digest(b"twenty bytes of data").to_vec();
        block.extend(b"twenty bytes of data");
        block.resize(255, 9);
        assert_eq!(decrypt(&encrypt(&block)).unwrap(), b"twenty bytes of data");
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(decrypt(&encrypt(&[5; 255])), None);
        assert_eq!(decrypt(&[0xff; LENGTH]), None);
        assert_eq!(decrypt(b"short"), None);
    }
}
