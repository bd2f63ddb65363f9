//! Parameters as PHP reads them: `filter[name]=x` and `select[]=y` make objects, and JSON is taken
//! as it is.

use serde_json::{Map, Value};

use crate::emulator::systems::call::Call;

/// Parts of a name, at most.
const DEPTH: usize = 8;

/// All parameters of a request; the body wins.
pub(super) fn read(call: &Call) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, value) in &call.query {
        put(&mut all, name, value);
    }
    if call.kind() == "application/json" {
        // What cannot be read is not there.
        if let Ok(Value::Object(body)) = serde_json::from_slice(&call.body) {
            all.extend(body);
        }
    } else {
        for (name, value) in call.form() {
            put(&mut all, &name, &value);
        }
    }
    all
}

fn put(all: &mut Map<String, Value>, name: &str, value: &str) {
    let (first, rest) = name.split_once('[').unwrap_or((name, ""));
    let inner = rest.trim_end_matches(']').split("][");
    let inner = inner.take(DEPTH).filter(|_| !rest.is_empty());
    let mut place = all.entry(first.to_owned()).or_insert(Value::Null);
    for part in inner {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Some(fields) = place.as_object_mut() else {
            return;
        };
        let key = match part {
            "" => fields.len().to_string(),
            part => part.to_owned(),
        };
        place = fields.entry(key).or_insert(Value::Null);
    }
    *place = Value::from(value);
}

/// A number, which may be written as text.
pub(super) fn integer(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A list, which may be an object whose keys do not matter.
pub(super) fn list(value: &Value) -> Option<Vec<&Value>> {
    match value {
        Value::Array(list) => Some(list.iter().collect()),
        Value::Object(fields) => Some(fields.values().collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_make_objects() {
        let mut all = Map::new();
        for (name, value) in [
            ("entityTypeId", "3"),
            ("filter[=ufCrmTelegramId]", "7"),
            ("select[]", "id"),
            ("select[]", "name"),
            ("fields[fm][0][value]", "+1"),
        ] {
            put(&mut all, name, value);
        }
        assert_eq!(
            Value::from(all),
            json!({
                "entityTypeId": "3",
                "filter": { "=ufCrmTelegramId": "7" },
                "select": { "0": "id", "1": "name" },
                "fields": { "fm": { "0": { "value": "+1" } } },
            })
        );
    }
}
