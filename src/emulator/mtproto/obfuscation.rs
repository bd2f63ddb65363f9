//! Transport obfuscation: 64 random bytes from which both directions' ciphers follow, and which
//! name the transport inside: <https://core.telegram.org/mtproto/mtproto-transports>.

use std::fmt;

use grammers_crypto::ObfuscatedCipher;

/// How long the client's first bytes are.
pub(super) const LENGTH: usize = 64;

/// The ciphers of a connection. `grammers-crypto` has them from the client's point of view; a
/// stream cipher undoes itself, so the server decrypts by encrypting with the same half.
pub(super) struct Obfuscation(ObfuscatedCipher);

impl fmt::Debug for Obfuscation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Obfuscation").finish_non_exhaustive()
    }
}

impl Obfuscation {
    /// Reads a client's first bytes; gives the ciphers and the inner transport's four letters.
    pub(super) fn begin(first: &[u8; LENGTH]) -> (Self, [u8; 4]) {
        let mut cipher = ObfuscatedCipher::new(first);
        let mut plain = *first;
        cipher.encrypt(&mut plain);
        let mut tag = [0; 4];
        tag.copy_from_slice(plain.get(56..60).unwrap_or(&[0; 4]));
        (Self(cipher), tag)
    }

    /// Makes what came from the client readable.
    pub(super) fn open(&mut self, bytes: &mut [u8]) {
        self.0.encrypt(bytes);
    }

    /// Hides what goes to the client.
    pub(super) fn hide(&mut self, bytes: &mut [u8]) {
        self.0.decrypt(bytes);
    }
}
