//! Contacts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::emulator::systems::ids;

/// The only object.
pub(super) const OBJECT: &str = "Contact";
/// Its external id. It is not unique.
pub(super) const EXTERNAL: &str = "Telegram_Id__c";

/// A field that may be written.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Letters, at most.
    most: usize,
    /// Whether queries may compare it.
    pub(super) filtered: bool,
    /// Whether it holds several values, parted by semicolons.
    several: bool,
}

const fn field(name: &'static str, most: usize) -> Field {
    Field {
        name,
        most,
        filtered: true,
        several: false,
    }
}

/// The fields that may be written.
pub(super) static FIELDS: [Field; 7] = [
    field(EXTERNAL, 32),
    field("FirstName", 40),
    field("LastName", 80),
    field("Phone", 40),
    Field {
        filtered: false,
        ..field("Description", 32_000)
    },
    Field {
        several: true,
        ..field("Tags__c", 4_099)
    },
    field("LanguageCode__c", 10),
];

/// Those that Salesforce fills itself.
const OWN: [&str; 4] = ["Id", "Name", "CreatedDate", "LastModifiedDate"];

/// A field's name as it is written, whatever its case.
pub(super) fn named(name: &str) -> Option<&'static str> {
    let writable = FIELDS.iter().map(|field| field.name);
    OWN.into_iter()
        .chain(writable)
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// What is wrong: message, code and the fields that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) code: &'static str,
    pub(super) fields: Vec<String>,
}

pub(super) fn wrong(code: &'static str, message: impl Into<String>, fields: &[&str]) -> Wrong {
    Wrong {
        message: message.into(),
        code,
        fields: fields.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// A contact.
#[derive(Clone, Debug)]
pub(super) struct Contact {
    pub(super) id: String,
    created: Timestamp,
    modified: Timestamp,
    values: BTreeMap<&'static str, String>,
}

impl Contact {
    pub(super) fn new(seed: u64, number: u64, now: Timestamp) -> Self {
        // Fifteen letters, and three that say which of them are capitals: none.
        let tail = ids::hex(seed, "salesforce contact", number);
        let tail = tail.get(..12).unwrap_or_default();
        Self {
            id: format!("003{tail}AAA"),
            created: now,
            modified: now,
            values: BTreeMap::new(),
        }
    }

    /// A field, whatever its case.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let date = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string();
        match named(name)? {
            "Id" => Some(self.id.clone()),
            "Name" => {
                let part = |name| {
                    self.values
                        .get(name)
                        .map(String::as_str)
                        .unwrap_or_default()
                };
                let whole = format!("{} {}", part("FirstName"), part("LastName"));
                Some(whole.trim().to_owned())
            }
            "CreatedDate" => Some(date(self.created)),
            "LastModifiedDate" => Some(date(self.modified)),
            name => self.values.get(name).cloned(),
        }
    }

    /// As the API tells it: the fields that are asked for, or all.
    pub(super) fn told(&self, version: &str, fields: Option<&[&'static str]>) -> Value {
        let all: Vec<&'static str> = OWN
            .into_iter()
            .chain(FIELDS.iter().map(|field| field.name))
            .collect();
        let mut told = Map::new();
        told.insert(
            "attributes".to_owned(),
            json!({ "type": OBJECT, "url": self.url(version) }),
        );
        for name in fields.unwrap_or(&all) {
            told.insert((*name).to_owned(), json!(self.value(name)));
        }
        Value::Object(told)
    }

    pub(super) fn url(&self, version: &str) -> String {
        format!("/services/data/{version}/sobjects/{OBJECT}/{}", self.id)
    }

    /// Writes fields; null empties one.
    pub(super) fn write(
        &mut self,
        fields: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<(), Wrong> {
        for (name, value) in fields {
            if let Some(own) = OWN.into_iter().find(|own| own.eq_ignore_ascii_case(name)) {
                let message =
                    format!("The {own} field should not be specified in the sobject data.");
                return Err(wrong("INVALID_FIELD", message, &[]));
            }
            let known = FIELDS
                .iter()
                .find(|field| field.name.eq_ignore_ascii_case(name));
            let Some(field) = known else {
                let message = format!("No such column '{name}' on sobject of type {OBJECT}");
                return Err(wrong("INVALID_FIELD", message, &[]));
            };
            let text = match value {
                Value::Null => "",
                Value::String(text) => text.trim(),
                other => {
                    let message = format!(
                        "Cannot deserialize instance of string from value {other} or request may \
                         be missing a required field"
                    );
                    return Err(wrong("JSON_PARSER_ERROR", message, &[]));
                }
            };
            if text.encode_utf16().count() > field.most {
                let message = format!(
                    "{}: data value too large (max length={})",
                    field.name, field.most
                );
                return Err(wrong("STRING_TOO_LONG", message, &[field.name]));
            }
            if field.several && text.contains(',') {
                let message = format!(
                    "{}: bad value for multi-select picklist field: {text}",
                    field.name
                );
                let code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST";
                return Err(wrong(code, message, &[field.name]));
            }
            if text.is_empty() {
                self.values.remove(field.name);
            } else {
                self.values.insert(field.name, text.to_owned());
            }
        }
        if !self.values.contains_key("LastName") {
            let message = "Required fields are missing: [LastName]";
            return Err(wrong("REQUIRED_FIELD_MISSING", message, &["LastName"]));
        }
        self.modified = now;
        Ok(())
    }
}
