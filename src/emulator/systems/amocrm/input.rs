//! What is to be written.

use serde_json::{Map, Value, json};

use super::entity::{Entity, FIELDS, Field, Filled, Kind, PIPELINE, PLACES, STAGES};

/// Letters in a name or a value, at most.
const TEXT: usize = 256;
/// Custom fields in one entity, at most.
const MOST_FIELDS: usize = 40;

/// What is wrong with a value, as amoCRM names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) code: &'static str,
    pub(super) path: String,
    pub(super) detail: String,
}

impl Wrong {
    pub(super) fn told(&self) -> Value {
        json!({ "code": self.code, "path": self.path, "detail": self.detail })
    }
}

pub(super) fn wrong(code: &'static str, path: impl Into<String>, detail: &str) -> Wrong {
    Wrong {
        code,
        path: path.into(),
        detail: detail.to_owned(),
    }
}

fn of_type(path: impl Into<String>, kind: &str) -> Wrong {
    let detail = format!("This value should be of type {kind}.");
    wrong("InvalidType", path, &detail)
}

/// An object without keys that mean nothing.
pub(super) fn object<'a>(
    path: &str,
    value: &'a Value,
    known: &[&str],
) -> Result<&'a Map<String, Value>, Wrong> {
    let fields = value.as_object().ok_or_else(|| of_type(path, "object"))?;
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => {
            let path = below(path, key);
            Err(wrong("NotExpected", path, "This field was not expected."))
        }
        None => Ok(fields),
    }
}

/// A path one step further.
pub(super) fn below(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The list at a key; nothing where the key is not there or null.
pub(super) fn list<'a>(
    path: &str,
    fields: &'a Map<String, Value>,
    key: &str,
) -> Result<&'a [Value], Wrong> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(list)) => Ok(list),
        Some(_) => Err(of_type(below(path, key), "array")),
    }
}

/// Keys that contacts and leads have in common, and those of their own.
pub(super) const CONTACT: [&str; 9] = [
    "id",
    "name",
    "first_name",
    "last_name",
    "custom_fields_values",
    "request_id",
    "tags_to_add",
    "tags_to_delete",
    "_embedded",
];
pub(super) const LEAD: [&str; 9] = [
    "name",
    "price",
    "status_id",
    "pipeline_id",
    "custom_fields_values",
    "request_id",
    "tags_to_add",
    "tags_to_delete",
    "_embedded",
];

/// Writes into an entity; its relations are somebody else's business.
pub(super) fn write(
    entity: &mut Entity,
    path: &str,
    fields: &Map<String, Value>,
) -> Result<(), Wrong> {
    let text = |key: &str| match fields.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= TEXT => Ok(Some(text.clone())),
        Some(Value::String(_)) => {
            let detail =
                format!("This value is too long. It should have {TEXT} characters or less.");
            Err(wrong("TooLong", below(path, key), &detail))
        }
        Some(_) => Err(of_type(below(path, key), "string")),
    };
    let (first, last) = (text("first_name")?, text("last_name")?);
    if first.is_some() || last.is_some() {
        entity.first_name = first.unwrap_or_else(|| entity.first_name.clone());
        entity.last_name = last.unwrap_or_else(|| entity.last_name.clone());
        let whole = format!("{} {}", entity.first_name, entity.last_name);
        entity.name = whole.trim().to_owned();
    }
    if let Some(name) = text("name")? {
        entity.name = name;
    }
    if let Some(price) = fields.get("price") {
        entity.price = price
            .as_i64()
            .ok_or_else(|| of_type(below(path, "price"), "int"))?;
    }
    for (key, known) in [("status_id", &STAGES[..]), ("pipeline_id", &[PIPELINE][..])] {
        let Some(value) = fields.get(key) else {
            continue;
        };
        let id = value
            .as_u64()
            .ok_or_else(|| of_type(below(path, key), "int"))?;
        if !known.contains(&id) {
            return Err(no_choice(below(path, key)));
        }
        if key == "status_id" {
            entity.status = id;
        }
    }
    let values = list(path, fields, "custom_fields_values")?;
    if values.len() > MOST_FIELDS {
        let path = below(path, "custom_fields_values");
        return Err(wrong(
            "TooMany",
            path,
            "This collection should contain 40 elements or less.",
        ));
    }
    for (place, value) in values.iter().enumerate() {
        let path = below(path, &format!("custom_fields_values.{place}"));
        let filled = read_field(entity.kind, &path, value)?;
        entity.filled.retain(|known| known.field != filled.field);
        if !filled.values.is_empty() {
            entity.filled.push(filled);
        }
    }
    Ok(())
}

fn no_choice(path: String) -> Wrong {
    let detail = "The value you selected is not a valid choice.";
    wrong("NotSupportedChoice", path, detail)
}

/// A field with its values, which take the place of those before; none empty it.
fn read_field(kind: Kind, path: &str, value: &Value) -> Result<Filled, Wrong> {
    let known = [
        "field_id",
        "field_code",
        "field_name",
        "field_type",
        "values",
    ];
    let fields = object(path, value, &known)?;
    let field = match (fields.get("field_id"), fields.get("field_code")) {
        (Some(id), _) => {
            let path = below(path, "field_id");
            let id = id.as_u64().ok_or_else(|| of_type(path.clone(), "int"))?;
            let found = FIELDS
                .iter()
                .find(|field| field.of == kind && field.id == id);
            found.ok_or_else(|| no_choice(path))?
        }
        (None, Some(code)) => {
            let code = code.as_str();
            let found = FIELDS
                .iter()
                .find(|field| field.of == kind && field.code.is_some() && field.code == code);
            found.ok_or_else(|| no_choice(below(path, "field_code")))?
        }
        (None, None) => {
            let path = below(path, "field_id");
            return Err(wrong("FieldMissing", path, "This field is missing."));
        }
    };
    if !fields.contains_key("values") {
        let path = below(path, "values");
        return Err(wrong("FieldMissing", path, "This field is missing."));
    }
    let values = list(path, fields, "values")?.iter().enumerate();
    let values = values
        .map(|(place, value)| read_value(field, &below(path, &format!("values.{place}")), value));
    Ok(Filled {
        field: field.id,
        values: values.collect::<Result<_, _>>()?,
    })
}

fn read_value(field: &Field, path: &str, value: &Value) -> Result<Value, Wrong> {
    let fields = object(path, value, &["value", "enum_id", "enum_code"])?;
    let at = below(path, "value");
    let text = match fields.get("value") {
        Some(Value::String(text)) if !text.is_empty() => text,
        Some(Value::String(_)) => {
            return Err(wrong("NotBlank", at, "This value should not be blank."));
        }
        Some(_) => return Err(of_type(at, "string")),
        None => return Err(wrong("FieldMissing", at, "This field is missing.")),
    };
    if field.kind == "url" && !(text.starts_with("http://") || text.starts_with("https://")) {
        return Err(wrong("InvalidUrl", at, "This value is not a valid URL."));
    }
    let (id, code) = (fields.get("enum_id"), fields.get("enum_code"));
    if field.kind != "multitext" {
        return match id.or(code) {
            Some(_) => Err(no_choice(below(path, "enum_code"))),
            None => Ok(json!({ "value": text })),
        };
    }
    let place = PLACES.iter().find(|(known, name)| match (id, code) {
        (Some(id), _) => id.as_u64() == Some(*known),
        (None, Some(code)) => code.as_str() == Some(*name),
        (None, None) => *name == "WORK",
    });
    let (id, code) = place.ok_or_else(|| no_choice(below(path, "enum_code")))?;
    Ok(json!({ "value": text, "enum_id": id, "enum_code": code }))
}

/// What becomes of an entity's tags: a list in `_embedded` takes the place of all, the others add
/// and take away. `name_of` knows tags by their id.
pub(super) fn tags(
    path: &str,
    fields: &Map<String, Value>,
    before: &[String],
    name_of: impl Fn(u64) -> Option<String>,
) -> Result<Vec<String>, Wrong> {
    let read = |path: String, list: &[Value]| -> Result<Vec<String>, Wrong> {
        let named = list.iter().enumerate().map(|(place, tag)| {
            let path = below(&path, &place.to_string());
            let tag = object(&path, tag, &["id", "name", "color"])?;
            match (tag.get("name"), tag.get("id")) {
                (Some(Value::String(name)), _) if !name.is_empty() => Ok(name.clone()),
                (Some(_), _) => Err(of_type(below(&path, "name"), "string")),
                (None, Some(id)) => {
                    let name = id.as_u64().and_then(&name_of);
                    name.ok_or_else(|| no_choice(below(&path, "id")))
                }
                (None, None) => Err(wrong(
                    "FieldMissing",
                    below(&path, "name"),
                    "This field is missing.",
                )),
            }
        });
        named.collect()
    };
    let mut tags = before.to_vec();
    if let Some(embedded) = fields.get("_embedded") {
        let path = below(path, "_embedded");
        let embedded = embedded
            .as_object()
            .ok_or_else(|| of_type(path.clone(), "object"))?;
        if embedded.contains_key("tags") {
            tags = read(below(&path, "tags"), list(&path, embedded, "tags")?)?;
        }
    }
    let added = read(
        below(path, "tags_to_add"),
        list(path, fields, "tags_to_add")?,
    )?;
    let gone = read(
        below(path, "tags_to_delete"),
        list(path, fields, "tags_to_delete")?,
    )?;
    tags.extend(added);
    tags.retain(|tag| !gone.contains(tag));
    let mut seen = Vec::new();
    tags.retain(|tag| {
        let new = !seen.contains(tag);
        seen.push(tag.clone());
        new
    });
    Ok(tags)
}
