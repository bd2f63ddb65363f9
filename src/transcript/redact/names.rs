//! The customer's own names, in whatever form they are written.
//!
//! Names are compared by [sound](super::sound); endings of Russian cases and of the German genitive are
//! allowed for.

use std::ops::Range;

use super::key::Pseudonym;
use super::sound::{Sound, head, is_cyrillic, is_letter, is_mark, sound};
use crate::model::Customer;

/// Parts of names that are no names by themselves.
#[rustfmt::skip]
const PARTICLES: &[&str] = &[
    "von", "van", "der", "den", "de", "del", "della", "di", "da", "dos", "du", "la", "le", "el",
    "al", "bin", "ben", "ibn", "zu", "zum", "of", "the", "and", "und", "mr", "mrs", "dr", "ali",
    "oglu", "san",
];

/// Names that are words too: in small letters they are the word.
#[rustfmt::skip]
const ORDINARY: &[&str] = &[
    "will", "bill", "mark", "rose", "hope", "grace", "may", "june", "april", "art", "grant",
    "frank", "jack", "rich", "dean", "faith", "joy", "page", "young", "king", "brown", "green",
    "white", "black", "long", "price", "klein", "lang", "ernst", "rosa", "sommer", "winter",
    "sonntag", "grün", "gross", "kurz", "schön", "stark", "jung", "koch", "engel", "вера",
    "надежда", "любовь", "слава", "роман", "лев", "мир", "мороз", "роза", "лилия", "майя",
    "злата", "свет", "герман", "белый", "волк", "новый", "май", "ия",
];

/// How a name is found.
#[derive(Clone, Debug)]
struct Form {
    /// Sounds of its words.
    words: Vec<Sound>,
    /// In small letters it is another word.
    ordinary: bool,
}

/// A topic's customer: the names to look for, and the pseudonym that they get.
#[derive(Clone, Debug)]
pub(in crate::transcript) struct Names {
    forms: Vec<Form>,
    /// What names begin with: most words are told apart by it.
    heads: Vec<u8>,
    username: Option<String>,
    /// The last digits of the customer's telephone number.
    pub(super) phones: Vec<String>,
    pseudonym: Pseudonym,
}

impl Names {
    pub(super) fn new(customer: Option<&Customer>, pseudonym: Pseudonym) -> Self {
        let mut names = Self {
            forms: Vec::new(),
            heads: Vec::new(),
            username: None,
            phones: Vec::new(),
            pseudonym,
        };
        let Some(customer) = customer else {
            return names;
        };
        for name in [&customer.first_name, &customer.last_name] {
            let Some(name) = name else { continue };
            let words: Vec<&str> = words(name).map(|(_, word)| word).collect();
            names.add(&words);
            for word in words {
                let particle = PARTICLES.contains(&word.to_lowercase().as_str());
                if !particle && word.chars().count() >= 2 {
                    names.add(&[word]);
                }
            }
        }
        if let Some(title) = &customer.chat_title {
            let words: Vec<&str> = words(title).map(|(_, word)| word).collect();
            names.add(&words);
        }
        // Longer ones first: `Graf von Hohenfels` before `Graf`.
        names
            .forms
            .sort_by_key(|form| std::cmp::Reverse(form.words.len()));
        names.username = customer.username.as_ref().map(|name| name.to_lowercase());
        names
            .phones
            .extend(customer.phone.as_deref().map(super::find::digits));
        names.phones.retain(|digits| digits.len() >= 7);
        names
    }

    /// Whether there are names to look for.
    pub(super) fn has_forms(&self) -> bool {
        !self.forms.is_empty()
    }

    /// Takes the names in a topic's title: its words with a capital letter.
    pub(super) fn take_title(&mut self, title: &str) {
        for (_, word) in words(title) {
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            let particle = PARTICLES.contains(&word.to_lowercase().as_str());
            if capital && !particle && word.chars().count() >= 2 {
                self.add(&[word]);
            }
        }
    }

    /// What stands for the customer.
    pub(in crate::transcript) const fn pseudonym(&self) -> Pseudonym {
        self.pseudonym
    }

    fn add(&mut self, spelt: &[&str]) {
        let words: Vec<Sound> = spelt.iter().map(|word| Sound::of_name(word)).collect();
        let letters: usize = words.iter().map(|word| word.whole.chars().count()).sum();
        if letters < 2 {
            return;
        }
        let head = spelt.first().and_then(|word| head(word));
        self.heads.extend(head);
        let ordinary = ordinary(spelt);
        self.forms.push(Form { words, ordinary });
    }

    /// Whether there is nothing to look for.
    pub(super) fn is_empty(&self) -> bool {
        self.forms.is_empty() && self.username.is_none()
    }

    /// Where the customer is named, ascending and apart.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        if self.is_empty() {
            return found;
        }
        let all: Vec<(Range<usize>, &str)> = words(text).collect();
        let mut place = 0;
        while let Some((range, word)) = all.get(place) {
            let end = self.ends(&all, place, word);
            match end.and_then(|count| all.get(place + count - 1)) {
                Some((last, _)) => {
                    found.push(range.start..last.end);
                    place += end.unwrap_or(1);
                }
                None => place += 1,
            }
        }
        if let Some(name) = &self.username {
            self.bare_username(text, name, &mut found);
        }
        found
    }

    /// Words that make a name from `place` on.
    fn ends(&self, all: &[(Range<usize>, &str)], place: usize, word: &str) -> Option<usize> {
        if !self.heads.contains(&head(word)?) {
            return None;
        }
        let sound = sound(word);
        let small = word.chars().next().is_some_and(char::is_lowercase);
        self.forms.iter().find_map(|form| {
            if form.ordinary && small {
                return None;
            }
            let (first, rest) = form.words.split_first()?;
            let cyrillic = |word: &str| word.chars().next().is_some_and(is_cyrillic);
            let mut fits = first.matches(&sound, cyrillic(word));
            for (step, wanted) in (1..).zip(rest) {
                fits = fits
                    && all.get(place + step).is_some_and(|(_, word)| {
                        wanted.matches(&super::sound::sound(word), cyrillic(word))
                    });
            }
            fits.then_some(form.words.len())
        })
    }

    /// The username without its @, as a word of its own.
    fn bare_username(&self, text: &str, name: &str, found: &mut Vec<Range<usize>>) {
        if name.len() < 5 {
            return;
        }
        let small = text.to_ascii_lowercase();
        for (begin, _) in small.match_indices(name) {
            let range = begin..begin + name.len();
            let inside = |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || it == '_');
            let before = text
                .get(..range.start)
                .and_then(|head| head.chars().next_back());
            let after = text.get(range.end..).and_then(|tail| tail.chars().next());
            let apart = found
                .iter()
                .all(|it| it.end <= range.start || range.end <= it.start);
            if !inside(before) && !inside(after) && before != Some('@') && apart {
                found.push(range);
            }
        }
        found.sort_by_key(|range| range.start);
    }
}

fn ordinary(spelt: &[&str]) -> bool {
    match spelt {
        [word] => ORDINARY.contains(&word.to_lowercase().as_str()),
        _ => false,
    }
}

/// The words of a text: letters with what belongs to them.
fn words(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut rest = 0;
    std::iter::from_fn(move || {
        let tail = text.get(rest..)?;
        let begin = rest + tail.find(is_letter)?;
        let word = text.get(begin..)?;
        let length = word
            .find(|it: char| !(is_letter(it) || is_mark(it)))
            .unwrap_or(word.len());
        rest = begin + length;
        Some((begin..rest, text.get(begin..rest)?))
    })
}

#[cfg(test)]
mod tests {
    use super::super::Key;
    use super::*;

    fn found<'t>(first: &str, last: &str, text: &'t str) -> Vec<&'t str> {
        let customer = Customer {
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            ..Customer::default()
        };
        let pseudonym = Key::new([1; 32]).pseudonym("person", b"1");
        let names = Names::new(Some(&customer), pseudonym);
        let places = names.find(text);
        places
            .into_iter()
            .filter_map(|range| text.get(range))
            .collect()
    }

    #[test]
    fn names_are_found_in_every_form() {
        for (first, last, text, expected) in [
            (
                "Анна",
                "Иванова",
                "Анне Ивановой от Анны, с АННОЙ; иванову анну. Иванов?",
                &[
                    "Анне",
                    "Ивановой",
                    "Анны",
                    "АННОЙ",
                    "иванову",
                    "анну",
                    "Иванов",
                ][..],
            ),
            (
                "Anna",
                "Schmidt",
                "Annas Tasche, Анна Шмидт",
                &["Annas", "Анна", "Шмидт"],
            ),
            (
                "Jürgen",
                "Müller",
                "Mueller, MÜLLER, Muller",
                &["Mueller", "MÜLLER", "Muller"],
            ),
            (
                "Sergey",
                "Petrov",
                "Сергею Петрову; it's Sergey's",
                &["Сергею", "Петрову", "Sergey"],
            ),
            (
                "Philipp",
                "Graf von Hohenfels",
                "von dem Graf von Hohenfels",
                &["Graf von Hohenfels"],
            ),
            (
                "Marie-Luise",
                "",
                "Marie, Marie-Luise",
                &["Marie", "Marie-Luise"],
            ),
            (
                "Александр",
                "Толстой",
                "Alexander; Толстого",
                &["Alexander", "Толстого"],
            ),
        ] {
            assert_eq!(found(first, last, text), expected, "{first} {last}");
        }
    }

    #[test]
    fn other_words_and_people_are_left_alone() {
        for (first, last, text) in [
            ("Анна", "Иванова", "она и манна, Иван, Аня"),
            ("Anna", "", "an annex, Hanna"),
            ("", "von der Ley", "von der Straße"),
            ("I", "", "I am here"),
            ("😀", "🎉", "anything"),
        ] {
            assert_eq!(found(first, last, text), [""; 0], "{text}");
        }
    }
}
