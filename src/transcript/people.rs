//! Everyone's names, packed.

use crate::model::{Person, PersonId, PersonKind};

/// Who is who in an archive: some 30 bytes for each, so that a group with a hundred thousand
/// customers takes little.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Ascending.
    ids: Vec<PersonId>,
    /// Where each one's name ends in `names`.
    ends: Vec<usize>,
    names: String,
    kinds: Vec<PersonKind>,
}

impl People {
    /// Takes in the next one; people come ascending by id.
    pub(super) fn push(&mut self, person: &Person) {
        debug_assert!(self.ids.last().is_none_or(|last| *last < person.id));
        self.ids.push(person.id);
        self.names.push_str(&person.name);
        self.ends.push(self.names.len());
        self.kinds.push(person.kind);
    }

    /// Somebody's name, where one is known.
    pub(super) fn name(&self, id: PersonId) -> Option<&str> {
        let place = self.ids.binary_search(&id).ok()?;
        let begin = match place.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        let name = self.names.get(begin..*self.ends.get(place)?)?;
        (!name.is_empty()).then_some(name)
    }

    /// What sort of author somebody is, where that is known.
    pub(super) fn kind(&self, id: PersonId) -> Option<PersonKind> {
        let place = self.ids.binary_search(&id).ok()?;
        self.kinds.get(place).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_their_own_name() {
        let mut people = People::default();
        for (id, kind, name) in [
            (-7, PersonKind::Channel, "Канал"),
            (3, PersonKind::User, ""),
            (5, PersonKind::Bot, "Desk bot"),
        ] {
            people.push(&Person {
                id: PersonId(id),
                kind,
                name: name.to_owned(),
                username: None,
            });
        }
        let known = [-7, 3, 4, 5].map(|id| people.name(PersonId(id)));
        assert_eq!(known, [Some("Канал"), None, None, Some("Desk bot")]);
        let kinds = [-7, 3, 4, 5].map(|id| people.kind(PersonId(id)));
        let (channel, user, bot) = (PersonKind::Channel, PersonKind::User, PersonKind::Bot);
        assert_eq!(kinds, [Some(channel), Some(user), None, Some(bot)]);
    }
}
