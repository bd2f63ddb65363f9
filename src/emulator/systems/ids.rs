//! Ids and secrets: they follow from the seed, so that a demo looks the same each time.

/// Thirty-two hexadecimal digits for the `number`th thing of a kind.
pub(super) fn hex(seed: u64, of: &str, number: u64) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.update(of.as_bytes());
    let mut text = hasher.finalize().to_hex().to_string();
    text.truncate(32);
    text
}

/// A UUID of version 4.
pub(super) fn uuid(seed: u64, of: &str, number: u64) -> String {
    let hex = hex(seed, of, number);
    let mut text = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        // Version and variant are part of the format.
        text.push(match at {
            12 => '4',
            16 => 'a',
            _ => digit,
        });
    }
    text
}

/// A UUID as clients may write it, with or without hyphens, in one form; `None` where it is none.
pub(super) fn same_uuid(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    if digits.len() != 32 || !digits.chars().all(|letter| letter.is_ascii_hexdigit()) {
        return None;
    }
    let digits = digits.to_ascii_lowercase();
    let mut text = String::with_capacity(36);
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_from_what_they_are_for() {
        assert_eq!(hex(1, "a", 2), hex(1, "a", 2));
        for other in [hex(2, "a", 2), hex(1, "b", 2), hex(1, "a", 3)] {
            assert_ne!(hex(1, "a", 2), other);
        }
    }

    #[test]
    fn uuids_are_read_in_either_form() {
        let one = uuid(1, "page", 0);
        assert_eq!((one.len(), one.as_bytes()[14]), (36, b'4'));
        assert_eq!(same_uuid(&one.replace('-', "")), Some(one.clone()));
        assert_eq!(same_uuid(&one.to_uppercase()), Some(one));
        assert_eq!(same_uuid("7"), None);
    }
}
