//! What leads, deals, contacts and companies have.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::params::{integer, list};

pub(super) const LEAD: i64 = 1;
pub(super) const DEAL: i64 = 2;
pub(super) const CONTACT: i64 = 3;
pub(super) const COMPANY: i64 = 4;

const ALL: &[i64] = &[LEAD, DEAL, CONTACT, COMPANY];
const PEOPLE: &[i64] = &[LEAD, CONTACT];
const SALES: &[i64] = &[LEAD, DEAL];

/// Where somebody may come from.
const SOURCES: [&str; 8] = [
    "CALL",
    "EMAIL",
    "WEB",
    "ADVERTISING",
    "PARTNER",
    "RECOMMENDATION",
    "WEBFORM",
    "OTHER",
];

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Double,
    Text,
    Source,
    /// Several texts.
    Texts,
    /// Phones and other ways to reach somebody.
    Multifield,
    Time,
}

/// A field.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) kind: Kind,
    pub(super) read_only: bool,
    of: &'static [i64],
}

const fn field(name: &'static str, title: &'static str, kind: Kind, of: &'static [i64]) -> Field {
    Field {
        name,
        title,
        kind,
        read_only: false,
        of,
    }
}

const fn read_only(mut field: Field) -> Field {
    field.read_only = true;
    field
}

static FIELDS: [Field; 20] = [
    read_only(field("id", "ID", Kind::Integer, ALL)),
    field("title", "Title", Kind::Text, &[LEAD, DEAL, COMPANY]),
    field("name", "First name", Kind::Text, PEOPLE),
    field("secondName", "Second name", Kind::Text, PEOPLE),
    field("lastName", "Last name", Kind::Text, PEOPLE),
    field("stageId", "Stage", Kind::Text, SALES),
    field("opportunity", "Amount", Kind::Double, SALES),
    field("sourceId", "Source", Kind::Source, &[LEAD, DEAL, CONTACT]),
    field(
        "sourceDescription",
        "About the source",
        Kind::Text,
        &[LEAD, DEAL, CONTACT],
    ),
    field("comments", "Comment", Kind::Text, ALL),
    field("contactId", "Contact", Kind::Integer, SALES),
    field(
        "companyId",
        "Company",
        Kind::Integer,
        &[LEAD, DEAL, CONTACT],
    ),
    field("assignedById", "Responsible", Kind::Integer, ALL),
    field("originatorId", "External source", Kind::Text, ALL),
    field("originId", "Id in the external source", Kind::Text, ALL),
    read_only(field("createdTime", "Created", Kind::Time, ALL)),
    read_only(field("updatedTime", "Changed", Kind::Time, ALL)),
    field(
        "fm",
        "Contact details",
        Kind::Multifield,
        &[LEAD, CONTACT, COMPANY],
    ),
    field("ufCrmTelegramId", "Telegram ID", Kind::Text, ALL),
    field("ufCrmTags", "Tags", Kind::Texts, ALL),
];

/// The fields of a type.
pub(super) fn of(kind: i64) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| field.of.contains(&kind))
}

impl Field {
    /// As `crm.item.fields` tells it.
    pub(super) fn told(&self) -> Value {
        let kind = match self.kind {
            Kind::Integer => "integer",
            Kind::Double => "double",
            Kind::Text | Kind::Texts => "string",
            Kind::Source => "crm_status",
            Kind::Multifield => "crm_multifield",
            Kind::Time => "datetime",
        };
        json!({
            "type": kind,
            "isRequired": false,
            "isReadOnly": self.read_only,
            "isImmutable": false,
            "isMultiple": matches!(self.kind, Kind::Texts | Kind::Multifield),
            "isDynamic": self.name.starts_with("uf"),
            "title": self.title,
        })
    }

    /// Reads what is to be written; `None` where it does not fit.
    fn read(&self, value: &Value) -> Option<Value> {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.clone()),
            // PHP makes text of numbers.
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        match self.kind {
            _ if value.is_null() => Some(self.nothing()),
            Kind::Integer => integer(value).map(Value::from),
            Kind::Double => value
                .as_f64()
                .or_else(|| value.as_str()?.parse().ok())
                .map(Value::from),
            Kind::Text => text(value).map(Value::from),
            Kind::Source => text(value)
                .filter(|source| source.is_empty() || SOURCES.contains(&source.as_str()))
                .map(Value::from),
            Kind::Texts => {
                let texts = list(value)?.into_iter().map(text);
                let texts: Vec<String> = texts.collect::<Option<_>>()?;
                // Empty texts are no values.
                let texts = texts.into_iter().filter(|text| !text.is_empty());
                Some(texts.map(Value::from).collect())
            }
            Kind::Multifield | Kind::Time => None,
        }
    }

    fn nothing(&self) -> Value {
        match self.kind {
            Kind::Texts | Kind::Multifield => json!([]),
            Kind::Integer if self.name == "assignedById" => json!(1),
            Kind::Integer => json!(0),
            _ => Value::Null,
        }
    }
}

/// A way to reach somebody.
#[derive(Clone, Debug)]
struct Way {
    id: i64,
    kind: String,
    place: String,
    value: String,
}

/// A lead, deal, contact or company.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: i64,
    pub(super) id: i64,
    created: Timestamp,
    updated: Timestamp,
    values: BTreeMap<&'static str, Value>,
    ways: Vec<Way>,
}

impl Item {
    pub(super) fn new(kind: i64, id: i64, now: Timestamp) -> Self {
        Self {
            kind,
            id,
            created: now,
            updated: now,
            values: BTreeMap::new(),
            ways: Vec::new(),
        }
    }

    /// A field's value.
    pub(super) fn value(&self, field: &Field) -> Value {
        let time = |at: Timestamp| Value::from(at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string());
        match field.name {
            "id" => Value::from(self.id),
            "createdTime" => time(self.created),
            "updatedTime" => time(self.updated),
            "fm" => self
                .ways
                .iter()
                .map(|way| {
                    json!({
                        "id": way.id,
                        "typeId": way.kind,
                        "valueType": way.place,
                        "value": way.value,
                    })
                })
                .collect(),
            name => self
                .values
                .get(name)
                .cloned()
                .unwrap_or_else(|| field.nothing()),
        }
    }

    /// As it is told: all of it, or the fields that are asked for.
    pub(super) fn told(&self, select: Option<&[String]>) -> Value {
        let wanted = |name: &str| {
            select.is_none_or(|select| select.iter().any(|one| one == name || one == "*"))
        };
        let fields = of(self.kind).filter(|field| wanted(field.name));
        let mut all: Map<String, Value> = fields
            .map(|field| (field.name.to_owned(), self.value(field)))
            .collect();
        if self.kind != DEAL {
            // Short cuts to the first of a kind; they cannot be written.
            for (name, kind) in [("phone", "PHONE"), ("email", "EMAIL")] {
                let first = self.ways.iter().find(|way| way.kind == kind);
                if wanted(name) {
                    let first = first.map(|way| way.value.as_str()).unwrap_or_default();
                    all.insert(name.to_owned(), first.into());
                }
            }
        }
        if select.is_none() {
            all.insert("entityTypeId".to_owned(), self.kind.into());
        }
        Value::Object(all)
    }

    /// Writes fields; those that the type does not have are passed over. The error is the field
    /// that does not fit.
    pub(super) fn write(
        &mut self,
        fields: &Map<String, Value>,
        now: Timestamp,
        next_way: &mut i64,
    ) -> Result<(), &'static str> {
        for field in of(self.kind).filter(|field| !field.read_only) {
            let Some(value) = fields.get(field.name) else {
                continue;
            };
            if field.kind == Kind::Multifield {
                self.reach(value, next_way).ok_or(field.title)?;
            } else {
                let value = field.read(value).ok_or(field.title)?;
                self.values.insert(field.name, value);
            }
        }
        self.updated = now;
        Ok(())
    }

    /// What a new item has by itself; the error is what it lacks.
    pub(super) fn complete(&mut self) -> Result<(), &'static str> {
        let empty = |item: &Self, name: &str| {
            let value = item.values.get(name);
            value.is_none_or(|value| value.is_null() || value == "")
        };
        if self.kind == CONTACT && empty(self, "name") && empty(self, "lastName") {
            return Err("First name");
        }
        if of(self.kind).any(|field| field.name == "title") && empty(self, "title") {
            let what = match self.kind {
                LEAD => "Lead",
                DEAL => "Deal",
                _ => return Err("Title"),
            };
            let title = format!("{what} #{}", self.id);
            self.values.insert("title", title.into());
        }
        if SALES.contains(&self.kind) && empty(self, "stageId") {
            self.values.insert("stageId", "NEW".into());
        }
        Ok(())
    }

    /// Changes, adds and removes ways to reach somebody: one with a known id is changed, or removed
    /// where its value is empty; every other is added.
    fn reach(&mut self, value: &Value, next_way: &mut i64) -> Option<()> {
        if value.is_null() {
            return Some(());
        }
        for one in list(value)? {
            let text = |name: &str| one.get(name).and_then(Value::as_str);
            let id = one.get("id").and_then(integer);
            let known = self.ways.iter().position(|way| Some(way.id) == id);
            let value = text("value")?;
            match known {
                Some(place) if value.is_empty() => {
                    self.ways.remove(place);
                }
                Some(place) => {
                    let way = self.ways.get_mut(place)?;
                    way.value = value.to_owned();
                    if let Some(place) = text("valueType") {
                        way.place = place.to_owned();
                    }
                }
                None if value.is_empty() => {}
                None => {
                    let kind = text("typeId")?;
                    if !["PHONE", "EMAIL", "WEB", "IM"].contains(&kind) {
                        return None;
                    }
                    *next_way += 1;
                    self.ways.push(Way {
                        id: *next_way,
                        kind: kind.to_owned(),
                        place: text("valueType").unwrap_or("WORK").to_owned(),
                        value: value.to_owned(),
                    });
                }
            }
        }
        Some(())
    }
}
