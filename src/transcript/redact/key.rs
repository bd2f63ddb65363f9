//! The key under which pseudonyms and splits are made.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Characters of a pseudonym: 40 bits, so that among a million values a handful share one.
const LENGTH: usize = 8;
/// Crockford's base 32: digits and small letters without those that look like others.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Makes pseudonyms that are the same for the same value and, without the key, say nothing of it.
/// Keep it apart from what is exported: whoever has both can test guesses.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// From its bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the key in a file, 64 hexadecimal digits; makes one where there is no file.
    ///
    /// # Errors
    /// Where the file cannot be read or made, or holds something else.
    pub fn in_file(path: &Path) -> io::Result<Self> {
        match File::open(path) {
            Ok(file) => Self::read(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path),
            Err(error) => Err(error),
        }
    }

    fn make(path: &Path) -> io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.new", std::process::id()));
        let hidden = path.with_file_name(name);
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&hidden)?;
        let hex = bytes.map(|byte| format!("{byte:02x}")).concat();
        file.write_all(hex.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        // Whoever came first stays: two processes must not go on with different keys.
        let linked = std::fs::hard_link(&hidden, path);
        std::fs::remove_file(&hidden)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        Self::read(File::open(path)?)
    }

    fn read(file: File) -> io::Result<Self> {
        let mut text = String::new();
        file.take(1024).read_to_string(&mut text)?;
        let digits: Vec<u8> = text.trim().bytes().collect();
        let mut bytes = [0; 32];
        let wrong = || {
            let message = "a key is 64 hexadecimal digits, as `openssl rand -hex 32` prints them";
            io::Error::new(io::ErrorKind::InvalidData, message)
        };
        if digits.len() != 64 {
            return Err(wrong());
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            let pair = str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self(bytes))
    }

    /// A number for a value, the same each time; `about` keeps values of different kinds apart.
    pub(in crate::transcript) fn number(&self, about: &str, value: &[u8]) -> u64 {
        let mut hash = blake3::Hasher::new_keyed(&self.0);
        hash.update(&(about.len() as u64).to_le_bytes())
            .update(about.as_bytes())
            .update(value);
        let mut number = [0; 8];
        hash.finalize_xof().fill(&mut number);
        u64::from_le_bytes(number)
    }

    /// A pseudonym for a value, such as `k7x2q9sb`.
    pub(in crate::transcript) fn pseudonym(&self, about: &str, value: &[u8]) -> Pseudonym {
        let mut number = self.number(about, value);
        Pseudonym([(); LENGTH].map(|()| {
            let letter = ALPHABET.get((number & 31) as usize).copied();
            number >>= 5;
            letter.unwrap_or(b'0')
        }))
    }
}

/// What stands for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::transcript) struct Pseudonym([u8; LENGTH]);

impl Pseudonym {
    pub(in crate::transcript) fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pseudonyms.key");
        let first = Key::in_file(&path).unwrap();
        let again = Key::in_file(&path).unwrap();
        let of = |key: &Key| key.pseudonym("phone", b"49301234567").to_string();
        assert_eq!(of(&first), of(&again));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        std::fs::remove_file(&path).unwrap();
        assert_ne!(of(&Key::in_file(&path).unwrap()), of(&first));
        std::fs::write(&path, "secret").unwrap();
        assert!(Key::in_file(&path).is_err());
        assert_eq!(format!("{first:?}"), "Key(…)");
    }

    #[test]
    fn pseudonyms_of_different_kinds_differ() {
        let key = Key::new([7; 32]);
        let phone = key.pseudonym("phone", b"1");
        assert_eq!(phone.as_str().len(), LENGTH);
        assert!(phone != key.pseudonym("card", b"1"));
        assert!(phone != Key::new([8; 32]).pseudonym("phone", b"1"));
    }
}
