//! What the account holds, and how it is changed.

use std::collections::HashSet;
use std::net::IpAddr;

use serde_json::{Map, Value};

use super::entity::{Entity, FIELDS, Kind, TELEGRAM, digits};
use super::grant::Grants;
use super::input::{self, Wrong, below, list, object, tags, write, wrong};
use crate::emulator::systems::clock::Clock;
use crate::emulator::systems::front::No;
use crate::emulator::systems::pace::Pace;

/// Requests that come too early before the address is blocked.
const PATIENCE: u32 = 10;
/// The id of the first tag.
const FIRST_TAG: u64 = 900_001;

/// What the account holds.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) pace: Pace,
    pub(super) early: u32,
    pub(super) blocked: HashSet<IpAddr>,
    pub(super) grants: Grants,
    pub(super) page_size: usize,
    pub(super) merges: bool,
    pub(super) entities: Vec<Entity>,
    pub(super) next_id: u64,
    /// Names of tags; their place is their id.
    pub(super) tags: Vec<String>,
}

impl Account {
    /// Counts a request. Who does not wait is blocked in the end.
    pub(super) fn paced(&mut self, peer: IpAddr, clock: &Clock) -> Result<(), No> {
        if self.blocked.contains(&peer) {
            return Err(No::Forbidden);
        }
        if self.pace.take(clock.now()).is_ok() {
            return Ok(());
        }
        self.early += 1;
        if self.early >= PATIENCE {
            self.blocked.insert(peer);
        }
        Err(No::TooMany(None))
    }

    pub(super) fn find(&self, kind: Kind, id: &str) -> Option<&Entity> {
        let id: u64 = id.parse().ok()?;
        self.entities
            .iter()
            .find(|entity| entity.kind == kind && entity.id == id)
    }

    /// An empty entity with the id that comes after so many others.
    pub(super) fn blank(&self, kind: Kind, now: i64, ahead: usize) -> Entity {
        let id = self.next_id + 1 + u64::try_from(ahead).unwrap_or_default();
        Entity::new(kind, id, now)
    }

    /// Writes fields and tags into an entity.
    pub(super) fn fill(
        &self,
        entity: &mut Entity,
        path: &str,
        fields: &Map<String, Value>,
    ) -> Result<(), Wrong> {
        write(entity, path, fields)?;
        let name_of = |id: u64| {
            let place = usize::try_from(id.checked_sub(FIRST_TAG)?).ok()?;
            self.tags.get(place).cloned()
        };
        entity.tags = tags(path, fields, &entity.tags, name_of)?;
        Ok(())
    }

    /// The contact that a new lead brings along: one that is there already, or a new one.
    pub(super) fn related(
        &self,
        embedded: &Map<String, Value>,
        now: i64,
        ahead: usize,
    ) -> Result<Option<Entity>, Wrong> {
        let contacts = list("_embedded", embedded, "contacts")?;
        let path = "_embedded.contacts.0";
        let contact = match contacts {
            [] => return Ok(None),
            [contact] => object(path, contact, &input::CONTACT)?,
            _ => {
                let detail = "This collection should contain 1 element or less.";
                return Err(wrong("TooMany", "_embedded.contacts", detail));
            }
        };
        if let Some(id) = contact.get("id") {
            let found = self.find(Kind::Contact, &id.to_string());
            return match found {
                Some(known) => Ok(Some(known.clone())),
                None => {
                    let detail = "The value you selected is not a valid choice.";
                    Err(wrong("NotSupportedChoice", below(path, "id"), detail))
                }
            };
        }
        let mut new = self.blank(Kind::Contact, now, ahead);
        self.fill(&mut new, path, contact)?;
        Ok(Some(new))
    }

    /// The latest lead of whoever has the same phone or Telegram id.
    pub(super) fn double(&self, contact: &Entity) -> Option<&Entity> {
        let marks = |entity: &Entity| -> Vec<String> {
            let phone = FIELDS.iter().find(|field| field.code == Some("PHONE"));
            let phone = phone.map(|field| field.id).unwrap_or_default();
            let text = |value: &Value| value.get("value")?.as_str().map(str::to_owned);
            let phones = entity.values(phone).iter().filter_map(text);
            let ids = entity.values(TELEGRAM).iter().filter_map(text);
            phones.map(|phone| digits(&phone)).chain(ids).collect()
        };
        let own = marks(contact);
        let same = |id: &u64| {
            let known = self.entities.iter().find(|known| known.id == *id);
            known.is_some_and(|known| marks(known).iter().any(|mark| own.contains(mark)))
        };
        let leads = self.entities.iter().rev();
        let mut leads = leads.filter(|lead| lead.kind == Kind::Lead);
        leads.find(|lead| lead.contacts.iter().any(same))
    }

    /// Keeps an entity in the place of what it was before.
    pub(super) fn keep(&mut self, entity: Entity) {
        for tag in &entity.tags {
            if !self.tags.contains(tag) {
                self.tags.push(tag.clone());
            }
        }
        self.next_id = self.next_id.max(entity.id);
        match self.entities.iter_mut().find(|known| known.id == entity.id) {
            Some(known) => *known = entity,
            None => self.entities.push(entity),
        }
    }

    /// An entity as the API tells it, with the relations that are asked for.
    pub(super) fn told(&self, base: &str, entity: &Entity, with: &[&str]) -> Value {
        let leads: Vec<u64> = self
            .entities
            .iter()
            .filter(|lead| lead.kind == Kind::Lead && lead.contacts.contains(&entity.id))
            .map(|lead| lead.id)
            .collect();
        let tag_id = |name: &str| {
            let place = self.tags.iter().position(|tag| tag == name);
            let place = place.and_then(|place| u64::try_from(place).ok());
            FIRST_TAG + place.unwrap_or_default()
        };
        entity.told(base, with, &leads, tag_id)
    }
}
