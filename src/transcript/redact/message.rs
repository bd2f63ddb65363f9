//! Whole messages without personal data, for formats that show more than the text.

use super::names::Names;
use super::redactor::{Place, Redactor, person_token, replaced};
use crate::model::{
    Button, Entity, EntityKind, Forward, GroupId, Marks, Media, MediaKind, Message, Person,
    PersonId, PersonKind, Reply, Service, Snapshot, Version,
};

/// Bits of a pseudonymous id: they fit a JavaScript number, and are above Telegram's own ids.
const BITS: u64 = (1 << 52) - 1;
/// Set in every pseudonymous id.
const MARK: u64 = 1 << 51;

impl Redactor {
    /// An id in the place of somebody's; the group itself and bots keep theirs.
    pub(in crate::transcript) fn id(
        &self,
        id: PersonId,
        kind: Option<PersonKind>,
        group: GroupId,
    ) -> PersonId {
        if kind == Some(PersonKind::Bot) || id.0 == group.marked() {
            return id;
        }
        let number = self.number(id) & BITS | MARK;
        PersonId(i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// Somebody as others see them in the export.
    pub(in crate::transcript) fn somebody(&self, person: &Person, group: GroupId) -> Person {
        let id = self.id(person.id, Some(person.kind), group);
        if id == person.id {
            return person.clone();
        }
        Person {
            id,
            kind: person.kind,
            name: person_token(&self.person(person.id)),
            username: None,
        }
    }

    /// A message with all that was kept of it.
    pub(in crate::transcript) fn snapshot(
        &self,
        snapshot: &Snapshot,
        names: &Names,
        id_of: &dyn Fn(PersonId) -> PersonId,
    ) -> Snapshot {
        Cleaning {
            redactor: self,
            names,
            id_of,
        }
        .snapshot(snapshot)
    }
}

/// What one message is cleaned with.
struct Cleaning<'a> {
    redactor: &'a Redactor,
    names: &'a Names,
    id_of: &'a dyn Fn(PersonId) -> PersonId,
}

impl Cleaning<'_> {
    fn snapshot(&self, snapshot: &Snapshot) -> Snapshot {
        Snapshot {
            message: self.message(&snapshot.message),
            versions: snapshot
                .versions
                .iter()
                .map(|it| self.version(it))
                .collect(),
            deleted_at: snapshot.deleted_at,
            by: snapshot.by,
            marks: self.marks(&snapshot.marks),
        }
    }

    fn message(&self, message: &Message) -> Message {
        let (text, entities) = self.formatted(&message.text, &message.entities);
        Message {
            id: message.id,
            topic: message.topic,
            date: message.date,
            from: message.from.map(self.id_of),
            text,
            entities,
            reply_to: message.reply_to.as_ref().map(|reply| self.reply(reply)),
            edit_date: message.edit_date,
            media: message.media.as_ref().map(|media| self.media(media)),
            forward: message.forward.as_ref().map(|it| self.forward(it)),
            via_bot: message.via_bot,
            buttons: (message.buttons.iter())
                .map(|row| row.iter().map(|button| self.button(button)).collect())
                .collect(),
            album: message.album,
            service: message.service.as_ref().map(|it| self.service(it)),
            unsupported: message.unsupported.clone(),
        }
    }

    fn version(&self, version: &Version) -> Version {
        let (text, entities) = self.formatted(&version.text, &version.entities);
        Version {
            text,
            entities,
            media: version.media.as_ref().map(|media| self.media(media)),
            edit_date: version.edit_date,
        }
    }

    fn text(&self, text: &str) -> String {
        self.redactor.text(text, &[], self.names).into_owned()
    }

    fn formatted(&self, text: &str, entities: &[Entity]) -> (String, Vec<Entity>) {
        let places = self.redactor.places(text, entities, self.names);
        let out = replaced(text, &places);
        let units = Units::new(text, &places);
        let entities = entities.iter().filter_map(|entity| {
            let (offset, end) = units.moved(entity)?;
            Some(Entity {
                offset,
                length: end - offset,
                kind: self.kind(&entity.kind)?,
            })
        });
        (out, entities.collect())
    }

    /// Formatting without what it points to, where that is personal.
    fn kind(&self, kind: &EntityKind) -> Option<EntityKind> {
        Some(match kind {
            EntityKind::MentionName { user_id } => EntityKind::MentionName {
                user_id: (self.id_of)(*user_id),
            },
            EntityKind::TextLink { href } => {
                let clean = self.text(href);
                return (clean == *href).then_some(EntityKind::TextLink { href: clean });
            }
            other => other.clone(),
        })
    }

    fn reply(&self, reply: &Reply) -> Reply {
        let quote = reply.quote.as_deref();
        let quote = quote.map(|quote| self.formatted(quote, &reply.quote_entities));
        let (quote, quote_entities) = match quote {
            Some((quote, entities)) => (Some(quote), entities),
            None => (None, Vec::new()),
        };
        Reply {
            id: reply.id,
            quote,
            quote_entities,
            chat: reply.chat.map(self.id_of),
            external: reply.external,
        }
    }

    fn forward(&self, forward: &Forward) -> Forward {
        let hidden = |name: &String| {
            let pseudonym = self.redactor.value("forwarded", name);
            person_token(&pseudonym)
        };
        Forward {
            from: forward.from.map(self.id_of),
            name: forward.name.as_ref().map(hidden),
            date: forward.date,
        }
    }

    fn button(&self, button: &Button) -> Button {
        let url = button.url.as_ref();
        Button {
            text: self.text(&button.text),
            url: url.filter(|url| self.text(url) == **url).cloned(),
        }
    }

    /// Names of files often are names of people.
    fn media(&self, media: &Media) -> Media {
        let ending = |name: &String| match name.rsplit_once('.') {
            Some((_, ending))
                if ending.len() <= 5 && ending.bytes().all(|it| it.is_ascii_alphanumeric()) =>
            {
                format!("file.{}", ending.to_lowercase())
            }
            _ => "file".to_owned(),
        };
        let note = match media.kind {
            MediaKind::Contact | MediaKind::Location | MediaKind::Venue => None,
            _ => media.note.as_deref().map(|note| self.text(note)),
        };
        let mut poll = media.poll.clone();
        if let Some(poll) = &mut poll {
            poll.question = self.text(&poll.question);
            for answer in &mut poll.answers {
                *answer = self.text(answer);
            }
        }
        Media {
            file_id: None,
            file_name: media.file_name.as_ref().map(ending),
            note,
            poll,
            ..media.clone()
        }
    }

    /// The title of a customer's topic is the customer's name.
    fn service(&self, service: &Service) -> Service {
        let title = || person_token(&self.names.pseudonym());
        match service {
            Service::TopicCreated { .. } => Service::TopicCreated { title: title() },
            Service::TopicEdited {
                title: new,
                closed,
                hidden,
            } => Service::TopicEdited {
                title: new.as_ref().map(|_| title()),
                closed: *closed,
                hidden: *hidden,
            },
            Service::Joined { people } => Service::Joined {
                people: people.iter().copied().map(self.id_of).collect(),
            },
            Service::Left { person } => Service::Left {
                person: (self.id_of)(*person),
            },
            other => other.clone(),
        }
    }

    fn marks(&self, marks: &Marks) -> Marks {
        let mut marks = marks.clone();
        if let Some(reactions) = &mut marks.reactions {
            for person in &mut reactions.people {
                person.person = (self.id_of)(person.person);
            }
        }
        if let Some(votes) = &mut marks.votes {
            for person in &mut votes.people {
                person.person = (self.id_of)(person.person);
            }
        }
        marks
    }
}

/// Where UTF-16 offsets come to stand once places are replaced.
struct Units {
    /// Begin and end of each place, and by how much what follows moves.
    places: Vec<(u32, u32, i64)>,
}

impl Units {
    fn new(text: &str, places: &[Place]) -> Self {
        let count = |text: &str| u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX);
        let (mut at, mut unit, mut shift) = (0, 0_u32, 0_i64);
        let places = places.iter().map(|place| {
            unit += count(text.get(at..place.range.start).unwrap_or_default());
            let begin = unit;
            unit += count(text.get(place.range.clone()).unwrap_or_default());
            at = place.range.end;
            shift += i64::from(count(&place.token)) - i64::from(unit - begin);
            (begin, unit, shift)
        });
        Self {
            places: places.collect(),
        }
    }

    /// Where an entity begins and ends now; `None` where all of it was replaced, or one end lies
    /// within a place.
    fn moved(&self, entity: &Entity) -> Option<(u32, u32)> {
        let (begin, end) = (entity.offset, entity.offset.checked_add(entity.length)?);
        let mut begin_shift = 0;
        let mut end_shift = 0;
        for (from, to, shift) in &self.places {
            let inside = *from <= begin && end <= *to;
            let cut = (*from < begin && begin < *to) || (*from < end && end < *to);
            if inside || cut {
                return None;
            }
            if *to <= begin {
                begin_shift = *shift;
            }
            if *to <= end {
                end_shift = *shift;
            }
        }
        let moved = |at: u32, shift: i64| u32::try_from(i64::from(at) + shift).ok();
        Some((moved(begin, begin_shift)?, moved(end, end_shift)?))
    }
}
