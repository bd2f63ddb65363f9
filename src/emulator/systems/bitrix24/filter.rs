//! What a list may ask for.

use serde_json::{Map, Value};

use super::field::{self, Field, Item, Kind};
use super::params::{integer, list};

/// Operators, those with more letters first.
const OPERATORS: [&str; 11] = ["!=", ">=", "<=", "!@", "!%", "=", "!", ">", "<", "@", "%"];

/// Conditions that all have to hold.
#[derive(Debug)]
pub(super) struct Filter(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    field: &'static Field,
    operator: &'static str,
    value: Value,
}

impl Filter {
    /// Reads one for a type; the error is what Bitrix24 says. Nested conditions are not emulated.
    pub(super) fn read(kind: i64, fields: &Map<String, Value>) -> Result<Self, String> {
        let conditions = fields.iter().map(|(key, value)| {
            let operator = OPERATORS.into_iter().find(|sign| key.starts_with(sign));
            let operator = operator.unwrap_or_default();
            let name = key.strip_prefix(operator).unwrap_or(key);
            let field = field::of(kind)
                .find(|field| field.name == name && field.kind != Kind::Multifield)
                .ok_or_else(|| {
                    format!("Invalid filter: field '{name}' is not allowed in filter")
                })?;
            if value.is_object() && !matches!(operator, "@" | "!@") {
                return Err(format!("Invalid filter: field '{name}' has invalid value"));
            }
            Ok(Condition {
                field,
                operator,
                value: value.clone(),
            })
        });
        Ok(Self(conditions.collect::<Result<_, _>>()?))
    }

    pub(super) fn fits(&self, item: &Item) -> bool {
        self.0
            .iter()
            .all(|condition| condition.fits(&item.value(condition.field)))
    }
}

impl Condition {
    fn fits(&self, value: &Value) -> bool {
        match self.operator {
            // A list of values means any of them.
            "" | "=" | "@" => self.is_one_of(value),
            "!" | "!=" | "!@" => !self.is_one_of(value),
            "%" => contains(value, &self.value),
            "!%" => !contains(value, &self.value),
            operator => {
                let order = compare(value, &self.value);
                match operator {
                    ">" => order.is_gt(),
                    ">=" => order.is_ge(),
                    "<" => order.is_lt(),
                    _ => order.is_le(),
                }
            }
        }
    }

    fn is_one_of(&self, value: &Value) -> bool {
        match list(&self.value) {
            Some(wanted) => wanted.into_iter().any(|wanted| equal(value, wanted)),
            None => equal(value, &self.value),
        }
    }
}

fn equal(value: &Value, wanted: &Value) -> bool {
    match value {
        Value::Array(several) if several.is_empty() => text(wanted).is_empty(),
        Value::Array(several) => several.iter().any(|one| text(one) == text(wanted)),
        value => text(value) == text(wanted),
    }
}

fn contains(value: &Value, wanted: &Value) -> bool {
    let part = text(wanted).to_lowercase();
    match value {
        Value::Array(several) => several
            .iter()
            .any(|one| text(one).to_lowercase().contains(&part)),
        value => text(value).to_lowercase().contains(&part),
    }
}

/// Numbers by their size, all else by its letters.
pub(super) fn compare(one: &Value, other: &Value) -> std::cmp::Ordering {
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => text(one).cmp(&text(other)),
    }
}

/// A value as a database compares it: nothing is the same as empty text.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
