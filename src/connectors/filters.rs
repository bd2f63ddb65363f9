//! What templates can do with values besides Jinja's own filters.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

/// Stands for "leave this out": a key of an object, an item of a list, a parameter.
#[derive(Debug)]
struct Omit;

impl Object for Omit {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("omit")
    }
}

/// Whether a value says "leave this out".
pub(super) fn is_omit(value: &Value) -> bool {
    value.downcast_object_ref::<Omit>().is_some()
}

/// Makes the filters known.
pub(super) fn add(environment: &mut Environment<'_>) {
    environment.add_global("omit", Value::from_object(Omit));
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("cut", cut);
    environment.add_filter("digits", digits);
    environment.add_filter("position", position);
    environment.add_filter("objects", objects);
    environment.add_filter("changed", changed);
    environment.add_filter("words", words);
    environment.add_filter("day", day);
}

/// Another value where there is none, or an empty text.
fn default(value: &Value, other: Option<Value>) -> Value {
    let missing = value.is_undefined() || value.is_none() || value.as_str() == Some("");
    if missing {
        other.unwrap_or_else(|| Value::from(""))
    } else {
        value.clone()
    }
}

/// The first so many characters.
fn cut(text: &Value, most: usize) -> Result<String, Error> {
    Ok(written(text)?.chars().take(most).collect())
}

/// Only the digits: a phone number as some systems store it.
fn digits(text: &Value) -> Result<String, Error> {
    let text = written(text)?;
    Ok(text.chars().filter(char::is_ascii_digit).collect())
}

/// Where in a list a value stands, counted from 1; numbers and texts that are written alike are
/// alike. No value where it is not there.
fn position(list: &Value, wanted: &Value) -> Result<Value, Error> {
    let wanted = written(wanted)?;
    for (index, item) in list.try_iter()?.enumerate() {
        if !item.is_none() && written(&item).is_ok_and(|item| item == wanted) {
            return Ok(Value::from(index + 1));
        }
    }
    Ok(Value::UNDEFINED)
}

/// A list of names as a list of objects: `["a"] | objects("name")` is `[{"name": "a"}]`.
fn objects(list: &Value, key: &str) -> Result<Vec<Value>, Error> {
    let items = list.try_iter()?;
    Ok(items
        .map(|item| Value::from_pairs([(key.to_owned(), item)]))
        .collect())
}

/// A list of tags after changes: `+new` or `new` adds, `-old` takes away. Case does not tell two
/// tags apart.
fn changed(tags: &Value, changes: &Value) -> Result<Vec<String>, Error> {
    let mut tags: Vec<String> = texts(tags)?;
    for change in texts(changes)? {
        let (tag, add) = match change.strip_prefix('-') {
            Some(tag) => (tag, false),
            None => (change.strip_prefix('+').unwrap_or(&change), true),
        };
        let same = |other: &String| other.to_lowercase() == tag.to_lowercase();
        let known = tags.iter().any(same);
        if add && !known && !tag.is_empty() {
            tags.push(tag.to_owned());
        } else if !add {
            tags.retain(|other| !same(other));
        }
    }
    Ok(tags)
}

fn texts(list: &Value) -> Result<Vec<String>, Error> {
    if list.is_undefined() || list.is_none() || is_omit(list) {
        return Ok(Vec::new());
    }
    list.try_iter()?.map(|item| written(&item)).collect()
}

/// A text in pieces, without the spaces around them and without empty ones.
fn words(text: &Value, between: &str) -> Result<Vec<String>, Error> {
    if text.is_undefined() || text.is_none() {
        return Ok(Vec::new());
    }
    let text = written(text)?;
    let pieces = text.split(between).map(str::trim);
    Ok(pieces
        .filter(|piece| !piece.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Unix seconds as a day, `2026-11-28`; in UTC.
fn day(seconds: &Value) -> Result<String, Error> {
    let seconds = seconds.as_i64();
    let day = seconds.and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    let day = day.ok_or_else(|| invalid("`day` wants Unix seconds"))?;
    Ok(day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
}

/// A value as text: texts and numbers as they are, lists with commas; nothing else is text.
pub(super) fn written(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => Ok(value.to_string()),
        ValueKind::Seq | ValueKind::Iterable => {
            let items: Result<Vec<String>, Error> =
                value.try_iter()?.map(|item| written(&item)).collect();
            Ok(items?.join(", "))
        }
        ValueKind::Undefined | ValueKind::None => Err(Error::from(ErrorKind::UndefinedError)),
        _ => Err(invalid("an object is no text: name one of its values")),
    }
}

/// A value as a literal of RFC 9535, whose strings are written as JSON's.
pub(super) fn literal(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => {
            serde_json::to_string(value).map_err(|error| invalid(&error.to_string()))
        }
        _ => Err(invalid(
            "only a text, a number or a truth value can be compared",
        )),
    }
}

/// A text as HTML shows it.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter => out.push(letter),
        }
    }
    out
}

/// A value as JSON, without what is to be left out.
pub(super) fn without_omitted(value: &Value) -> Result<serde_json::Value, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            let kept = value.try_iter()?.filter(|item| !is_omit(item));
            let items: Result<Vec<_>, Error> = kept.map(|item| without_omitted(&item)).collect();
            items.map(serde_json::Value::Array)
        }
        ValueKind::Map => {
            let mut object = serde_json::Map::new();
            for key in value.try_iter()? {
                let item = value.get_item(&key)?;
                if !is_omit(&item) {
                    object.insert(key.to_string(), without_omitted(&item)?);
                }
            }
            Ok(object.into())
        }
        ValueKind::Undefined => Err(Error::from(ErrorKind::UndefinedError)),
        _ => serde_json::to_value(value).map_err(|error| invalid(&error.to_string())),
    }
}

fn invalid(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, problem.to_owned())
}
