//! How a login's entries are sealed: XChaCha20-Poly1305 under a key that follows from the
//! configured one.
//!
//! What this keeps from whoever has the file but not the key: keys, access hashes, ids, names. What
//! it does not hide is how many entries there are, and that an older copy of the whole file was put
//! back.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

/// What [`Sealing::proof`] holds.
const PROOF: &[u8] = b"topicvault login";

/// Bytes of a nonce, which precedes what it sealed.
const NONCE: usize = 24;

/// Argon2id as RFC 9106 recommends where memory is dear: 64 MiB, three passes, four lanes; once
/// a start.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// What a file may ask of us at most: a foreign one must not take all memory or run for ever.
const MOST_MEMORY: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 32;
const MOST_LANES: u32 = 16;

/// How the sealing key follows from the configured one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Derivation {
    /// From 64 hexadecimal digits: they are random enough as they are.
    Blake3,
    /// From a passphrase: costly, so that guessing is.
    Argon2 {
        memory: u32,
        passes: u32,
        lanes: u32,
    },
}

/// What stands in the file in plain.
#[derive(Clone, Debug)]
pub(super) struct Sealing {
    pub(super) derivation: Derivation,
    pub(super) salt: [u8; 16],
    pub(super) proof: Vec<u8>,
    /// Nothing in plain is left in the file.
    pub(super) clean: bool,
}

/// Why something is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CipherError {
    /// Another key sealed it, or it was changed.
    Wrong,
    /// The file asks for what we do not do.
    Unknown,
    /// The operating system gives no random bytes, or the key's derivation fails.
    Failed,
}

/// Seals and opens. Not `Debug`: it is the key.
#[derive(Clone)]
pub(super) struct Cipher {
    seal: XChaCha20Poly1305,
    names: [u8; 32],
}

impl Cipher {
    /// A new file's cipher, and what its file keeps of it.
    pub(super) fn new(key: &str) -> Result<(Self, Sealing), CipherError> {
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| CipherError::Failed)?;
        let derivation = match digits(key) {
            Some(_) => Derivation::Blake3,
            None => Derivation::Argon2 {
                memory: MEMORY,
                passes: PASSES,
                lanes: LANES,
            },
        };
        let cipher = Self::derive(key, derivation, &salt)?;
        let proof = cipher.seal(b"proof", PROOF)?;
        let sealing = Sealing {
            derivation,
            salt,
            proof,
            clean: false,
        };
        Ok((cipher, sealing))
    }

    /// The cipher of a file; [`CipherError::Wrong`] where another key sealed it.
    pub(super) fn of(key: &str, sealing: &Sealing) -> Result<Self, CipherError> {
        let cipher = Self::derive(key, sealing.derivation, &sealing.salt)?;
        match cipher.open(b"proof", &sealing.proof)?.as_slice() == PROOF {
            true => Ok(cipher),
            false => Err(CipherError::Wrong),
        }
    }

    fn derive(key: &str, derivation: Derivation, salt: &[u8; 16]) -> Result<Self, CipherError> {
        let master = match derivation {
            Derivation::Blake3 => {
                let digits = digits(key).ok_or(CipherError::Wrong)?;
                let material = [salt.as_slice(), &digits].concat();
                blake3::derive_key("topicvault 2026-11 login file, master key", &material)
            }
            Derivation::Argon2 {
                memory,
                passes,
                lanes,
            } => {
                if memory > MOST_MEMORY || passes > MOST_PASSES || lanes > MOST_LANES {
                    return Err(CipherError::Unknown);
                }
                let params = Params::new(memory, passes, lanes, Some(32))
                    .map_err(|_| CipherError::Unknown)?;
                let mut master = [0; 32];
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(key.as_bytes(), salt, &mut master)
                    .map_err(|_| CipherError::Failed)?;
                master
            }
        };
        let seal = blake3::derive_key("topicvault 2026-11 login file, entries", &master);
        Ok(Self {
            seal: XChaCha20Poly1305::new(&seal.into()),
            names: blake3::derive_key("topicvault 2026-11 login file, names", &master),
        })
    }

    /// What an entry is called in the file.
    pub(super) fn name(&self, plain: &str) -> [u8; 32] {
        *blake3::keyed_hash(&self.names, plain.as_bytes()).as_bytes()
    }

    /// Seals a value; it opens under the same name only.
    pub(super) fn seal(&self, name: &[u8], value: &[u8]) -> Result<Vec<u8>, CipherError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| CipherError::Failed)?;
        let payload = Payload {
            msg: value,
            aad: name,
        };
        let sealed = self
            .seal
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| CipherError::Failed)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Cipher::seal`] made.
    pub(super) fn open(&self, name: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CipherError> {
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE>()
            .ok_or(CipherError::Wrong)?;
        let payload = Payload {
            msg: sealed,
            aad: name,
        };
        self.seal
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| CipherError::Wrong)
    }
}

/// The bytes of 64 hexadecimal digits.
fn digits(key: &str) -> Option<[u8; 32]> {
    let hex = key.trim().as_bytes();
    if hex.len() != 64 {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF";

    #[test]
    fn only_the_same_key_and_name_open() {
        for (key, other) in [
            (
                HEX,
                "11112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF",
            ),
            ("correct horse battery", "correct horse battery "),
        ] {
            let (cipher, sealing) = Cipher::new(key).unwrap();
            let sealed = cipher.seal(b"one", b"value").unwrap();
            let again = Cipher::of(key, &sealing).unwrap();
            assert_eq!(again.open(b"one", &sealed).unwrap(), b"value");
            assert_eq!(again.name("x"), cipher.name("x"));
            assert_eq!(again.open(b"two", &sealed), Err(CipherError::Wrong));
            assert_ne!(sealed, cipher.seal(b"one", b"value").unwrap());
            assert_eq!(Cipher::of(other, &sealing).err(), Some(CipherError::Wrong));
            for at in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert_eq!(again.open(b"one", &changed), Err(CipherError::Wrong));
                assert_eq!(again.open(b"one", &sealed[..at]), Err(CipherError::Wrong));
            }
        }
    }

    #[test]
    fn a_file_cannot_ask_for_all_memory() {
        let (_, mut sealing) = Cipher::new(HEX).unwrap();
        sealing.derivation = Derivation::Argon2 {
            memory: u32::MAX,
            passes: 1,
            lanes: 1,
        };
        let refused = Cipher::of("a long passphrase", &sealing).err();
        assert_eq!(refused, Some(CipherError::Unknown));
    }
}
