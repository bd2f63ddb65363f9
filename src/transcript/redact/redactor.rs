//! Puts pseudonyms in the place of what was found.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::ops::Range;

use super::find::{Found, Kind, digits, find};
use super::key::{Key, Pseudonym};
use super::names::Names;
use crate::archive::{ArchiveError, Reader};
use crate::model::{Customer, Entity, EntityKind, GroupId, PersonId, TopicId};

/// Replaces personal data; counts what it replaced.
#[derive(Debug)]
pub(in crate::transcript) struct Redactor {
    key: Key,
    /// Who is behind an @name, in small letters.
    people: HashMap<String, PersonId>,
    replaced: RefCell<BTreeMap<Kind, u64>>,
}

impl Redactor {
    pub(in crate::transcript) fn new(key: Key) -> Self {
        Self {
            key,
            people: HashMap::new(),
            replaced: RefCell::default(),
        }
    }

    /// Learns whose each @name in an archive is, so that a person has one pseudonym under every name.
    /// Takes some 60 bytes for each.
    pub(in crate::transcript) fn meet(&mut self, reader: &Reader) -> Result<(), ArchiveError> {
        let mut named = Vec::new();
        reader.each_person(&mut |person| {
            if let Some(username) = person.username {
                named.push((username, person.id));
            }
        })?;
        for (username, person) in named {
            self.learn(&username, person);
        }
        reader.each_customer_username(&mut |person, username| self.learn(username, person))
    }

    fn learn(&mut self, username: &str, person: PersonId) {
        self.people.insert(username.to_lowercase(), person);
    }

    /// The pseudonym of somebody.
    pub(in crate::transcript) fn person(&self, person: PersonId) -> Pseudonym {
        self.key.pseudonym("person", &person.0.to_le_bytes())
    }

    /// A number for somebody, evenly spread.
    pub(super) fn number(&self, person: PersonId) -> u64 {
        self.key.number("id", &person.0.to_le_bytes())
    }

    /// The pseudonym of a value of some kind.
    pub(super) fn value(&self, about: &str, value: &str) -> Pseudonym {
        self.key.pseudonym(about, value.as_bytes())
    }

    /// The pseudonym of whoever a topic stands for, and what to look for in it: the customer's names,
    /// or where they are not known, those in the topic's title.
    pub(in crate::transcript) fn names(
        &self,
        group: GroupId,
        topic: TopicId,
        customer: Option<&Customer>,
        title: &str,
    ) -> Names {
        let person = customer.and_then(|customer| customer.user_id);
        let pseudonym = match person {
            Some(person) => self.person(person),
            // Nobody knows who it is: the topic is somebody.
            None => {
                let value = [group.bare(), topic.0.into()]
                    .map(i64::to_le_bytes)
                    .concat();
                self.key.pseudonym("topic", &value)
            }
        };
        let mut names = Names::new(customer, pseudonym);
        if !names.has_forms() {
            names.take_title(title);
        }
        names
    }

    /// How many of each kind were replaced.
    pub(in crate::transcript) fn replaced(&self) -> BTreeMap<String, u64> {
        let counts = self.replaced.borrow();
        let count = |(kind, count): (&Kind, &u64)| (kind.name().to_owned(), *count);
        counts.iter().map(count).collect()
    }

    /// A text without personal data; `names` are those of the topic that it stands in.
    pub(in crate::transcript) fn text<'t>(
        &self,
        text: &'t str,
        entities: &[Entity],
        names: &Names,
    ) -> Cow<'t, str> {
        let places = self.places(text, entities, names);
        if places.is_empty() {
            return Cow::Borrowed(text);
        }
        Cow::Owned(replaced(text, &places))
    }

    /// What is to be replaced, ascending and apart, with what stands there instead.
    pub(in crate::transcript) fn places(
        &self,
        text: &str,
        entities: &[Entity],
        names: &Names,
    ) -> Vec<Place> {
        let mut places: Vec<Place> = find(text, &names.phones)
            .into_iter()
            .map(|found| self.place(text, &found, names))
            .collect();
        let free = |places: &[Place], range: &Range<usize>| {
            let apart = |it: &Place| it.range.end <= range.start || range.end <= it.range.start;
            !range.is_empty() && places.iter().all(apart)
        };
        // What Telegram's own clients marked.
        for (entity, range) in marked(text, entities) {
            if !free(&places, &range) {
                continue;
            }
            let token = match &entity.kind {
                EntityKind::MentionName { user_id } => person_token(&self.person(*user_id)),
                EntityKind::Email | EntityKind::Phone | EntityKind::BankCard => {
                    let kind = match entity.kind {
                        EntityKind::Email => Kind::Email,
                        EntityKind::Phone => Kind::Phone,
                        _ => Kind::Card,
                    };
                    let found = Found {
                        range: range.clone(),
                        kind,
                    };
                    places.push(self.place(text, &found, names));
                    continue;
                }
                _ => continue,
            };
            self.count(Kind::Name);
            places.push(Place { range, token });
        }
        let before = places.len();
        let named: Vec<Range<usize>> = names.find(text);
        for range in joined(text, &named) {
            if free(places.get(..before).unwrap_or_default(), &range) {
                self.count(Kind::Name);
                let token = person_token(&names.pseudonym());
                places.push(Place { range, token });
            }
        }
        places.sort_by_key(|place| place.range.start);
        places
    }

    fn place(&self, text: &str, found: &Found, names: &Names) -> Place {
        self.count(found.kind);
        let value = text.get(found.range.clone()).unwrap_or_default();
        let token = match found.kind {
            Kind::Username => self.username(value),
            Kind::Name => person_token(&names.pseudonym()),
            kind => {
                let plain = plain(kind, value);
                let pseudonym = self.key.pseudonym(kind.name(), plain.as_bytes());
                token(kind, &pseudonym)
            }
        };
        Place {
            range: found.range.clone(),
            token,
        }
    }

    /// An @name: the person's, where it is known who that is.
    fn username(&self, value: &str) -> String {
        let name = value.rsplit(['@', '/']).next().unwrap_or_default();
        let name = name
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_lowercase();
        match self.people.get(&name) {
            Some(person) => person_token(&self.person(*person)),
            None => token(
                Kind::Username,
                &self.key.pseudonym("username", name.as_bytes()),
            ),
        }
    }

    fn count(&self, kind: Kind) {
        *self.replaced.borrow_mut().entry(kind).or_default() += 1;
    }
}

/// What is replaced by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::transcript) struct Place {
    /// Bytes of the text.
    pub(in crate::transcript) range: Range<usize>,
    pub(in crate::transcript) token: String,
}

/// A text with what stands in its places instead.
pub(super) fn replaced(text: &str, places: &[Place]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for place in places {
        out.push_str(text.get(end..place.range.start).unwrap_or_default());
        out.push_str(&place.token);
        end = place.range.end;
    }
    out.push_str(text.get(end..).unwrap_or_default());
    out
}

/// `[PHONE_k7x2q9sb]`.
fn token(kind: Kind, pseudonym: &Pseudonym) -> String {
    let mut token = String::from("[");
    let name = match kind {
        Kind::Username => "user",
        Kind::Name => "person",
        kind => kind.name(),
    };
    token.extend(name.chars().map(|letter| letter.to_ascii_uppercase()));
    let _ = write!(token, "_{pseudonym}]");
    token
}

pub(in crate::transcript) fn person_token(pseudonym: &Pseudonym) -> String {
    token(Kind::Name, pseudonym)
}

/// A value without what differs between ways of writing it.
fn plain(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Phone => digits(value),
        Kind::Card => value.chars().filter(char::is_ascii_digit).collect(),
        Kind::Iban => value
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_uppercase())
            .collect(),
        Kind::Email | Kind::Ip => value.to_lowercase(),
        Kind::Link | Kind::Username | Kind::Name => value.to_owned(),
    }
}

/// First and last name side by side are one place.
fn joined(text: &str, ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last) if text.get(last.end..range.start) == Some(" ") => last.end = range.end,
            _ => joined.push(range.clone()),
        }
    }
    joined
}

/// Entities with the bytes that they cover.
fn marked<'e>(
    text: &str,
    entities: &'e [Entity],
) -> impl Iterator<Item = (&'e Entity, Range<usize>)> {
    entities.iter().filter_map(|entity| {
        let wanted = matches!(
            entity.kind,
            EntityKind::MentionName { .. }
                | EntityKind::Email
                | EntityKind::Phone
                | EntityKind::BankCard
        );
        if !wanted {
            return None;
        }
        let (begin, end) = (entity.offset, entity.offset.saturating_add(entity.length));
        let (mut unit, mut from, mut to) = (0_u32, None, text.len());
        for (byte, character) in text.char_indices() {
            if unit >= begin && from.is_none() {
                from = Some(byte);
            }
            if unit >= end {
                to = byte;
                break;
            }
            unit += u32::try_from(character.len_utf16()).unwrap_or(1);
        }
        Some((entity, from?..to))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        let mut redactor = Redactor::new(Key::new([7; 32]));
        redactor.learn("Anna_S", PersonId(5));
        redactor
    }

    fn anna() -> Customer {
        Customer {
            user_id: Some(PersonId(5)),
            first_name: Some("Anna".to_owned()),
            last_name: Some("Schmidt".to_owned()),
            username: Some("anna_s".to_owned()),
            phone: Some("+49 30 1234567".to_owned()),
            ..Customer::default()
        }
    }

    #[test]
    fn one_person_is_one_token() {
        let redactor = redactor();
        let group = GroupId::EXAMPLE;
        let names = redactor.names(group, TopicId(7), Some(&anna()), "");
        let text = redactor.text("Anna Schmidt, @anna_s, t.me/Anna_S or анной", &[], &names);
        let token = person_token(&redactor.person(PersonId(5)));
        assert_eq!(text, format!("{token}, {token}, {token} or {token}"));
        assert_eq!(redactor.replaced().get("name"), Some(&2));
    }

    #[test]
    fn one_value_is_one_token_however_it_is_written() {
        let redactor = redactor();
        let names = redactor.names(GroupId::EXAMPLE, TopicId(7), None, "");
        let text = redactor.text("+49 170 1234567 = 0170/1234567", &[], &names);
        let (left, right) = text.split_once(" = ").unwrap_or_default();
        assert_eq!(left, right);
        assert!(left.starts_with("[PHONE_"), "{left}");
    }

    #[test]
    fn what_clients_marked_counts_too() {
        let redactor = redactor();
        let names = redactor.names(GroupId::EXAMPLE, TopicId(7), None, "");
        let entities = [Entity {
            offset: 3,
            length: 4,
            kind: EntityKind::MentionName {
                user_id: PersonId(5),
            },
        }];
        let token = person_token(&redactor.person(PersonId(5)));
        let text = redactor.text("😀 Annа says", &entities, &names);
        assert_eq!(text, format!("😀 {token} says"));
    }

    #[test]
    fn where_nobody_knows_the_customer_the_title_counts() {
        let redactor = redactor();
        let names = redactor.names(GroupId::EXAMPLE, TopicId(7), None, "Олег Сидоров 😀");
        assert_eq!(
            redactor.text("Олегу", &[], &names),
            person_token(&names.pseudonym())
        );
        let known = redactor.names(GroupId::EXAMPLE, TopicId(7), Some(&anna()), "Олег");
        assert_eq!(redactor.text("Олегу", &[], &known), "Олегу");
    }

    #[test]
    fn the_customer_s_own_number_needs_no_form() {
        let redactor = redactor();
        let names = redactor.names(GroupId::EXAMPLE, TopicId(7), Some(&anna()), "");
        assert!(
            redactor
                .text("es ist 301234567", &[], &names)
                .contains("[PHONE_")
        );
        assert_eq!(
            redactor.text("es ist 301234568", &[], &names),
            "es ist 301234568"
        );
    }
}

#[cfg(test)]
mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,80}", offset in any::<u32>(), length in any::<u32>()) {
            let redactor = Redactor::new(Key::new([7; 32]));
            let customer = Customer {
                first_name: Some(text.chars().take(9).collect()),
                username: Some("Anna_S".to_owned()),
                ..Customer::default()
            };
            let names = redactor.names(GroupId::EXAMPLE, TopicId(7), Some(&customer), "");
            let entities = [Entity { offset, length, kind: EntityKind::Phone }];
            let places = redactor.places(&text, &entities, &names);
            for pair in places.windows(2) {
                prop_assert!(pair[0].range.end <= pair[1].range.start);
            }
            let _ = redactor.text(&text, &entities, &names);
        }

        #[test]
        fn what_was_replaced_is_gone_and_stays_gone(
            before in "(|see|это|siehe|на,|(a)|#hello)",
            value in prop_oneof![
                Just("+49 170 1234567"), Just("anna@mail.example"), Just("4111 1111 1111 1111"),
                Just("DE89 3704 0044 0532 0130 00"), Just("192.0.2.7"), Just("2001:db8::7"),
                Just("https://a.example/reset?token=f6ecb7c6a9410233"), Just("@bluefin_shop"),
            ],
            after in "[a-zа-я ,]{0,20}",
        ) {
            let redactor = Redactor::new(Key::new([7; 32]));
            let names = redactor.names(GroupId::EXAMPLE, TopicId(7), None, "");
            let text = format!("{before} {value} {after}");
            let once = redactor.text(&text, &[], &names).into_owned();
            prop_assert!(!once.contains(value), "{}", once);
            let twice = redactor.text(&once, &[], &names);
            prop_assert_eq!(&twice, &once);
        }
    }
}
