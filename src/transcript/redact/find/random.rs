//! Whether a piece of an address was made by a machine to be hard to guess.

/// Shortest piece that counts without a name that says what it is.
const SHORTEST: usize = 8;

/// Whether a piece looks random: letters and digits mixed, or long hexadecimal digits. Words, dates
/// and names of products do not.
pub(super) fn is_random(piece: &str) -> bool {
    is_uuid(piece)
        || piece
            .split(|it: char| !(it.is_ascii_alphanumeric() || it == '_' || it == '-'))
            .any(is_random_word)
}

fn is_random_word(word: &str) -> bool {
    if word.len() < SHORTEST || !word.is_ascii() {
        return false;
    }
    if is_hex(word) {
        return true;
    }
    // Words joined by hyphens are a title.
    let longest = word
        .split(['-', '_'])
        .max_by_key(|part| part.len())
        .unwrap_or_default();
    if longest.len() < SHORTEST {
        let parts = word
            .split(['-', '_'])
            .filter(|part| mixed(part) >= 2)
            .count();
        return parts >= 2 && word.len() >= 16;
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths of words")]
    let share = changes(longest) as f64 / longest.len() as f64;
    let kinds = mixed(longest);
    match longest.len() {
        ..12 => kinds == 3 && share >= 0.3,
        12..20 => kinds >= 2 && share >= 0.25,
        _ => kinds >= 2 && share >= 0.2,
    }
}

/// At least sixteen hexadecimal digits, letters and digits among them.
fn is_hex(word: &str) -> bool {
    word.len() >= 16
        && word.bytes().all(|byte| byte.is_ascii_hexdigit())
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn is_uuid(piece: &str) -> bool {
    let lengths =
        piece
            .split('-')
            .map(|part| match part.bytes().all(|it| it.is_ascii_hexdigit()) {
                true => part.len(),
                false => 0,
            });
    lengths.eq([8, 4, 4, 4, 12])
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Small,
    Large,
    Digit,
}

fn class(byte: u8) -> Option<Class> {
    match byte {
        b'a'..=b'z' => Some(Class::Small),
        b'A'..=b'Z' => Some(Class::Large),
        b'0'..=b'9' => Some(Class::Digit),
        _ => None,
    }
}

/// How many kinds of characters there are: small and large letters, digits.
fn mixed(word: &str) -> usize {
    let has = |wanted| word.bytes().any(|byte| class(byte) == Some(wanted));
    [Class::Small, Class::Large, Class::Digit]
        .into_iter()
        .filter(|it| has(*it))
        .count()
}

/// How often the kind of character changes.
fn changes(word: &str) -> usize {
    let classes: Vec<Class> = word.bytes().filter_map(class).collect();
    classes
        .windows(2)
        .filter(|pair| pair.first() != pair.last())
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_and_people_are_told_apart() {
        for random in [
            "LbItDyBS4g4H4nUpvIA3JF",
            "f6ecb7c6a9410233ed8b01ae53112829",
            "9b48f00f-d361-44d0-89ff-23d9c5f133ec",
            "LxyQZ70iFuYim6g",
            "XHivKg90",
            "5942033337:AASb66ndCZwyNW9xv1cPXKhzLDBjcHvXaGf",
        ] {
            assert!(is_random(random), "{random}");
        }
        for plain in [
            "why-we-raised-prices",
            "size-38",
            "iphone-15-pro-max",
            "WH-1000XM5",
            "2026-11-28",
            "kak-vybrat-hosting",
            "documentation",
            "Datenschutzerklaerung",
            "20261128",
            "index.html",
            "v2",
            "",
        ] {
            assert!(!is_random(plain), "{plain}");
        }
    }
}
