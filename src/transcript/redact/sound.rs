//! How names sound, so that they are found in another spelling, case and script.
//!
//! Cyrillic and Latin letters become the same ones, accents go, double letters are one. What cases
//! change is taken off the end.

use unicode_normalization::UnicodeNormalization;

/// How a word sounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sound {
    pub(super) whole: String,
    /// Without what cases change; empty where nothing may change.
    stem: String,
    endings: &'static [&'static str],
}

impl Sound {
    pub(super) fn of_name(name: &str) -> Self {
        let whole = sound(name);
        let small = name.to_lowercase();
        // Endings follow the word's own; a name in Latin letters has the same once it is written in
        // Cyrillic, and takes them from how it sounds.
        let (cut, endings): (usize, &'static [&'static str]) = match ending(&small, &whole) {
            End::Indeclinable => (usize::MAX, &[]),
            End::A => (1, &["a", "i", "e", "u", "oi", "oiu", "ei", "eiu", ""]),
            End::Ia => (2, &["ia", "i", "e", "iu", "ei", "eiu", "iei", "ieiu", ""]),
            End::Aia => (3, &["aia", "oi", "uiu", "oiu", "ei"]),
            End::I => (
                1,
                &[
                    "i", "ia", "iu", "em", "iem", "ie", "m", "e", "im", "ogo", "omu", "om", "ego",
                    "emu",
                ],
            ),
            End::Oi => (2, &["oi", "ogo", "omu", "im", "om", "ia", "iu", "em", "e"]),
            End::Consonant => (
                0,
                &[
                    "", "a", "u", "om", "em", "e", "oi", "im", "i", "ia", "iu", "ih", "imi", "iem",
                    "ei", "ov", "am", "ami", "ah", "s", "es",
                ],
            ),
        };
        let letters = whole.chars().count();
        let stem: String = match letters.checked_sub(cut) {
            Some(left) if left >= 2 => whole.chars().take(left).collect(),
            _ => String::new(),
        };
        Self {
            whole,
            stem,
            endings,
        }
    }

    pub(super) fn matches(&self, sound: &str, cyrillic: bool) -> bool {
        if *sound == self.whole {
            return true;
        }
        // The German genitive; an English one stands behind an apostrophe.
        let genitive = sound.strip_suffix('s').is_some_and(|it| it == self.whole);
        if genitive && self.whole.len() >= 3 {
            return true;
        }
        let rest = (!self.stem.is_empty())
            .then(|| sound.strip_prefix(self.stem.as_str()))
            .flatten();
        cyrillic && rest.is_some_and(|rest| self.endings.contains(&rest))
    }
}

/// How a name ends, as Russian grammar sees it.
enum End {
    A,
    Ia,
    Aia,
    I,
    Oi,
    Consonant,
    Indeclinable,
}

fn ending(name: &str, sound: &str) -> End {
    let has = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if has(&["ко", "их", "ых", "о", "е", "и", "у", "ю", "э"]) {
        return End::Indeclinable;
    }
    if has(&["ая", "яя"]) || sound.ends_with("aia") {
        End::Aia
    } else if has(&["ия", "я"]) || sound.ends_with("ia") {
        End::Ia
    } else if sound.ends_with('a') {
        End::A
    } else if has(&["ой"]) || sound.ends_with("oi") {
        End::Oi
    } else if has(&["й"]) || sound.ends_with('i') {
        End::I
    } else if sound.ends_with(['o', 'e', 'u']) {
        End::Indeclinable
    } else {
        End::Consonant
    }
}

/// Accents that stand behind their letter.
pub(super) const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}')
}

/// The same as `char::is_alphabetic`, quicker for the letters that most people write.
pub(super) fn is_letter(character: char) -> bool {
    match character {
        'A'..='Z' | 'a'..='z' | 'А'..='я' => true,
        '\0'..='\u{7f}' => false,
        other => other.is_alphabetic(),
    }
}

pub(super) const fn is_cyrillic(character: char) -> bool {
    matches!(character, '\u{400}'..='\u{52f}')
}

/// What a word begins with, roughly: letters that can sound alike are one, so that two words with
/// different ones cannot sound the same. Much quicker than the sound.
pub(super) fn head(word: &str) -> Option<u8> {
    let letter = word.chars().find_map(|first| match first {
        'A'..='Z' | 'a'..='z' => Some(first.to_ascii_lowercase() as u8),
        _ => {
            let mut letters = String::new();
            first.to_lowercase().for_each(|it| latin(it, &mut letters));
            // Signs without a sound are passed over.
            letters.bytes().next()
        }
    })?;
    Some(match letter {
        b'c' | b'h' | b'k' | b'q' | b'x' | b't' | b's' | b'z' => b'k',
        b'p' | b'f' => b'f',
        b'i' | b'j' | b'y' | b'e' => b'i',
        b'v' | b'w' => b'v',
        other => other,
    })
}

/// How a word sounds, in a spelling of our own.
pub(super) fn sound(word: &str) -> String {
    let mut letters = String::with_capacity(word.len());
    for character in word.chars().flat_map(char::to_lowercase) {
        latin(character, &mut letters);
    }
    let mut sounds = String::with_capacity(letters.len());
    let mut rest = letters.as_str();
    while let Some(first) = rest.chars().next() {
        let (from, to) = DIGRAPHS
            .iter()
            .find(|(from, _)| rest.starts_with(from))
            .copied()
            .unwrap_or_else(|| single(first, rest));
        for letter in to.chars() {
            // Double letters are one, across borders too.
            if !sounds.ends_with(letter) {
                sounds.push(letter);
            }
        }
        rest = rest.get(from.len()..).unwrap_or_default();
    }
    // Александр and Alexander, Пётр and Peter, Павел and Павла.
    for (fleeting, letter) in [("er", 'r'), ("el", 'l')] {
        if let Some(head) = sounds.strip_suffix(fleeting)
            && head.ends_with(|it: char| !"aeiou".contains(it))
        {
            let length = head.len();
            sounds.truncate(length);
            sounds.push(letter);
        }
    }
    sounds
}

/// Several letters that make one sound; the longest first.
#[rustfmt::skip]
const DIGRAPHS: &[(&str, &str)] = &[
    ("shch", "sh"), ("tsch", "ch"), ("sch", "sh"), ("tch", "ch"), ("zsch", "ch"), ("ch", "ch"),
    ("sh", "sh"), ("zh", "zh"), ("kh", "h"), ("ph", "f"), ("th", "t"), ("ck", "k"),
    ("tz", "ts"), ("ts", "ts"), ("dt", "t"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("yo", "e"),
    ("jo", "e"), ("ie", "ie"), ("ks", "ks"),
];

/// One letter and its sound.
#[rustfmt::skip]
fn single(letter: char, rest: &str) -> (&str, &'static str) {
    let from = rest.get(..letter.len_utf8()).unwrap_or_default();
    let to = match letter {
        'a' => "a", 'b' => "b", 'c' => "k", 'd' => "d", 'e' => "e", 'f' => "f", 'g' => "g",
        'h' => "h", 'i' | 'j' | 'y' => "i", 'k' | 'q' => "k", 'l' => "l", 'm' => "m",
        'n' => "n", 'o' => "o", 'p' => "p", 'r' => "r", 's' => "s", 't' => "t", 'u' => "u",
        'v' | 'w' => "v", 'x' => "ks", 'z' => "z", _ => "",
    };
    (from, to)
}

/// A letter in Latin; of other scripts as they are, without their accents.
#[rustfmt::skip]
fn latin(letter: char, out: &mut String) {
    let text = match letter {
        'a'..='z' => {
            out.push(letter);
            return;
        }
        'а' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ґ' => "g",
        'д' => "d",
        'е' | 'ё' | 'э' | 'є' => "e",
        'ж' => "zh",
        'з' => "z",
        'и' | 'й' | 'і' | 'ї' | 'ы' => "i",
        'к' => "k",
        'л' => "l",
        'м' => "m",
        'н' => "n",
        'о' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ў' => "u",
        'ф' => "f",
        'х' => "kh",
        'ц' => "ts",
        'ч' => "ch",
        'ш' => "sh",
        'щ' => "shch",
        'ъ' | 'ь' | '\'' | '’' => "",
        'ю' => "iu",
        'я' => "ia",
        'ß' => "ss",
        'ł' => "l",
        'ø' => "o",
        'đ' => "d",
        'æ' => "a",
        'œ' => "o",
        'ı' => "i",
        other => {
            let decomposed = other.nfd().filter(|it| !is_mark(*it));
            for plain in decomposed {
                out.push(plain);
            }
            return;
        }
    };
    out.push_str(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn words_that_sound_alike_begin_alike(
            one in "[a-zA-ZА-яёäöüß]{1,4}",
            other in "[a-zA-ZА-яёäöüß]{1,4}",
        ) {
            if sound(&one) == sound(&other) && !sound(&one).is_empty() {
                prop_assert_eq!(head(&one), head(&other), "{} {}", one, other);
            }
        }
    }
}
