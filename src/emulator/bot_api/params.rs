//! A request's parameters, however they were sent.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Map, Value};

use super::error::ApiError;

/// A file of a multipart body.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime_type: Option<String>,
    pub(super) bytes: Bytes,
}

/// Values as text (nested ones as JSON) and files by the name of their part.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: BTreeMap<String, String>,
    files: BTreeMap<String, Upload>,
}

impl Params {
    pub(super) fn put(&mut self, name: String, value: String) {
        self.values.insert(name, value);
    }

    pub(super) fn put_file(&mut self, name: String, upload: Upload) {
        self.files.insert(name, upload);
    }

    /// A parameter as text; empty counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// Whether a parameter was given at all, be it empty.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A parameter that the method cannot do without.
    pub(super) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.text(name)
            .ok_or_else(|| ApiError::bad_request(format!("parameter \"{name}\" is required")))
    }

    /// A number.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.text(name)
            .map(|text| {
                text.trim()
                    .parse()
                    .map_err(|_| ApiError::bad_request(format!("invalid {name} specified")))
            })
            .transpose()
    }

    /// A number that is 0 where it is missing or no number, within bounds: Telegram is as lenient.
    pub(super) fn size(&self, name: &str, most: i32) -> i32 {
        let number = self.text(name).and_then(|text| text.trim().parse().ok());
        number.unwrap_or(0).clamp(0, most)
    }

    /// A user's id.
    pub(super) fn user_id(&self) -> Result<i64, ApiError> {
        self.integer("user_id")?
            .filter(|id| *id > 0)
            .ok_or_else(|| ApiError::bad_request("invalid user_id specified"))
    }

    /// A message or topic id.
    pub(super) fn id(&self, name: &str) -> Result<Option<i32>, ApiError> {
        let number = self.integer(name)?;
        Ok(number.map(|number| i32::try_from(number).unwrap_or_default()))
    }

    /// `true`, `True`, `yes` and `1` are yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(yes)
    }

    /// A nested value, sent as JSON; `what` names it in Telegram's refusal.
    pub(super) fn json(&self, name: &str, what: &str) -> Result<Option<Value>, ApiError> {
        self.text(name)
            .map(|text| {
                serde_json::from_str(text)
                    .map_err(|_| ApiError::bad_request(format!("can't parse {what} JSON object")))
            })
            .transpose()
    }

    /// Ids of messages.
    pub(super) fn message_ids(&self) -> Result<Vec<i32>, ApiError> {
        let refused = ApiError::bad_request;
        let Some(value) = self.json("message_ids", "message_ids")? else {
            return Err(refused("message identifiers are not specified"));
        };
        let list = value
            .as_array()
            .ok_or_else(|| refused("expected an Array of message identifiers"))?;
        if list.len() > 100 {
            return Err(refused("too many message identifiers specified"));
        }
        list.iter()
            .map(|id| {
                let number = match id {
                    Value::Number(number) => number.as_i64(),
                    Value::String(text) => text.parse().ok(),
                    _ => return Err(refused("message identifier must be a Number")),
                };
                number
                    .and_then(|number| i32::try_from(number).ok())
                    .ok_or_else(|| refused("can't parse message identifier as a Number"))
                    .and_then(|id| {
                        if id > 0 {
                            Ok(id)
                        } else {
                            Err(refused("invalid message identifier specified"))
                        }
                    })
            })
            .collect()
    }

    /// The file that a parameter means: its own part, or the part it names by `attach://`.
    pub(super) fn file(&self, name: &str) -> Option<&Upload> {
        match self.text(name) {
            Some(text) => self.attached(text),
            None => self.files.get(name),
        }
    }

    /// The part that `attach://<name>` means.
    pub(super) fn attached(&self, value: &str) -> Option<&Upload> {
        self.files.get(value.strip_prefix("attach://")?)
    }
}

fn yes(text: &str) -> bool {
    text == "1" || text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("yes")
}

/// Fields of a nested object, read as leniently as Telegram does: numbers may come as text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Text; empty counts as absent.
    pub(super) fn text(self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    pub(super) fn integer(self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A number within `0..=most`; 0 where there is none.
    pub(super) fn size(self, name: &str, most: i32) -> i32 {
        let number = self.integer(name).unwrap_or(0).clamp(0, i64::from(most));
        i32::try_from(number).unwrap_or_default()
    }

    pub(super) fn flag(self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => yes(text),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }
}
