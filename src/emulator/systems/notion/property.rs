//! Properties: what may be written into them, and how they are told.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value, json};

use crate::emulator::systems::ids;

/// Letters in one piece of text or an address, at most, as JavaScript counts them.
const TEXT: usize = 2_000;
/// Letters in a phone number, at most.
const PHONE: usize = 200;
/// Letters in the name of an option, at most.
const OPTION: usize = 100;
/// Pieces of text, or options, in one property, at most.
const PIECES: usize = 100;

const COLOURS: [&str; 6] = ["default", "blue", "green", "orange", "purple", "red"];

/// Kinds of properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Title,
    Number,
    RichText,
    PhoneNumber,
    Select,
    Url,
    MultiSelect,
    Date,
}

impl Kind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Number => "number",
            Self::RichText => "rich_text",
            Self::PhoneNumber => "phone_number",
            Self::Select => "select",
            Self::Url => "url",
            Self::MultiSelect => "multi_select",
            Self::Date => "date",
        }
    }

    /// What a page has where nothing was written.
    fn nothing(self) -> Value {
        match self {
            Self::Title | Self::RichText | Self::MultiSelect => json!([]),
            _ => Value::Null,
        }
    }
}

/// One column of a data source.
#[derive(Clone, Debug)]
pub(super) struct Property {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Options of selects, as they are told.
    options: Vec<Value>,
}

/// The columns that a data source of customers has.
pub(super) fn customers() -> Vec<Property> {
    [
        ("title", "Name", Kind::Title),
        ("tG%3Ai", "Telegram ID", Kind::Number),
        ("uS%5Bn", "Username", Kind::RichText),
        ("pH%3Do", "Phone", Kind::PhoneNumber),
        ("lA%60n", "Language", Kind::Select),
        ("tO%7Cp", "Topic", Kind::Url),
        ("tA%40g", "Tags", Kind::MultiSelect),
        ("uP%3Ed", "Updated", Kind::Date),
    ]
    .into_iter()
    .map(|(id, name, kind)| Property {
        id: id.to_owned(),
        name: name.to_owned(),
        kind,
        options: Vec::new(),
    })
    .collect()
}

impl Property {
    /// As a data source tells it.
    pub(super) fn schema(&self) -> Value {
        let about = match self.kind {
            Kind::Number => json!({ "format": "number" }),
            Kind::Select | Kind::MultiSelect => json!({ "options": self.options }),
            _ => json!({}),
        };
        json!({
            "id": self.id,
            "name": self.name,
            "description": null,
            "type": self.kind.name(),
            (self.kind.name()): about,
        })
    }

    /// As a page tells it.
    pub(super) fn told(&self, value: Option<&Value>) -> Value {
        let value = value.cloned().unwrap_or_else(|| self.kind.nothing());
        json!({ "id": self.id, "type": self.kind.name(), (self.kind.name()): value })
    }

    /// Reads what is to be written, given under `name`; the error is Notion's message.
    pub(super) fn read(&mut self, name: &str, value: &Value) -> Result<Value, String> {
        let at = format!("body.properties.{name}");
        let Some(fields) = value.as_object() else {
            return Err(should(&at, "be an object", value));
        };
        let kind = self.kind.name();
        if let Some(said) = fields.get("type")
            && said != kind
        {
            return Err(format!("{} is expected to be {kind}.", self.name));
        }
        for key in fields.keys() {
            if key != kind && key != "type" {
                return Err(format!("{} is expected to be {kind}.", self.name));
            }
        }
        let Some(value) = fields.get(kind) else {
            return Err(failed(&format!(
                "{at}.{kind} should be defined, instead was `undefined`."
            )));
        };
        let at = format!("{at}.{kind}");
        match self.kind {
            Kind::Title | Kind::RichText => list(&at, value)?
                .iter()
                .enumerate()
                .map(|(place, piece)| rich_text(&format!("{at}[{place}]"), piece))
                .collect(),
            Kind::Number => match value {
                Value::Null | Value::Number(_) => Ok(value.clone()),
                _ => Err(should(&at, "be a number or `null`", value)),
            },
            Kind::PhoneNumber => short(&at, value, PHONE),
            Kind::Url => short(&at, value, TEXT),
            Kind::Select if value.is_null() => Ok(Value::Null),
            Kind::Select => self.option(&at, value),
            Kind::MultiSelect => {
                let mut chosen: Vec<Value> = Vec::new();
                for (place, option) in list(&at, value)?.iter().enumerate() {
                    let option = self.option(&format!("{at}[{place}]"), option)?;
                    if !chosen.contains(&option) {
                        chosen.push(option);
                    }
                }
                Ok(chosen.into())
            }
            Kind::Date => date(&at, value),
        }
    }

    /// An option of that name or id; one of a new name is added to the column.
    fn option(&mut self, at: &str, value: &Value) -> Result<Value, String> {
        let fields = object(at, value, &["id", "name", "color"])?;
        if let Some(id) = fields.get("id") {
            let found = self
                .options
                .iter()
                .find(|option| option.get("id") == Some(id));
            return found
                .cloned()
                .ok_or_else(|| failed(&format!("{at}.id should be a known option.")));
        }
        let name = match fields.get("name") {
            Some(Value::String(name)) if !name.is_empty() => name,
            Some(other) => return Err(should(&format!("{at}.name"), "be a string", other)),
            None => {
                return Err(failed(&format!(
                    "{at}.name should be defined, instead was `undefined`."
                )));
            }
        };
        if name.contains(',') {
            return Err(format!(
                "Invalid {} option, commas not allowed: {name}",
                self.kind.name()
            ));
        }
        no_longer(&format!("{at}.name"), name, OPTION)?;
        let known = |option: &&Value| option.get("name").and_then(Value::as_str) == Some(name);
        if let Some(option) = self.options.iter().find(known) {
            return Ok(option.clone());
        }
        let number = self.options.len();
        let colour = COLOURS.get(number % COLOURS.len()).copied();
        let id = ids::uuid(0, &self.id, u64::try_from(number).unwrap_or_default());
        let option = json!({ "id": id, "name": name, "color": colour });
        self.options.push(option.clone());
        Ok(option)
    }
}

fn rich_text(at: &str, value: &Value) -> Result<Value, String> {
    let fields = object(at, value, &["type", "text", "annotations"])?;
    if let Some(kind) = fields.get("type")
        && kind != "text"
    {
        return Err(should(&format!("{at}.type"), "be `\"text\"`", kind));
    }
    let Some(text) = fields.get("text") else {
        return Err(failed(&format!(
            "{at}.text should be defined, instead was `undefined`."
        )));
    };
    let text = object(&format!("{at}.text"), text, &["content", "link"])?;
    let at = format!("{at}.text.content");
    let content = match text.get("content") {
        Some(Value::String(content)) => content,
        Some(other) => return Err(should(&at, "be a string", other)),
        None => {
            return Err(failed(&format!(
                "{at} should be defined, instead was `undefined`."
            )));
        }
    };
    no_longer(&at, content, TEXT)?;
    let link = text.get("link").cloned().unwrap_or_default();
    let href = link.get("url").cloned().unwrap_or_default();
    Ok(json!({
        "type": "text",
        "text": { "content": content, "link": link },
        "annotations": {
            "bold": false,
            "italic": false,
            "strikethrough": false,
            "underline": false,
            "code": false,
            "color": "default",
        },
        "plain_text": content,
        "href": href,
    }))
}

/// Text that is there or is not; it is never empty.
fn short(at: &str, value: &Value, most: usize) -> Result<Value, String> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::String(text) if text.is_empty() => Err(failed(&format!(
            "{at}.length should be ≥ `1`, instead was `0`."
        ))),
        Value::String(text) => {
            no_longer(at, text, most)?;
            Ok(value.clone())
        }
        _ => Err(should(at, "be a string or `null`", value)),
    }
}

fn date(at: &str, value: &Value) -> Result<Value, String> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let fields = object(at, value, &["start", "end", "time_zone"])?;
    let moment = |name: &str| {
        let at = format!("{at}.{name}");
        match fields.get(name) {
            None | Some(Value::Null) => Ok(Value::Null),
            Some(Value::String(text)) if is_date(text) => Ok(Value::from(text.as_str())),
            Some(other) => Err(should(&at, "be a valid ISO 8601 date string", other)),
        }
    };
    let start = moment("start")?;
    if start.is_null() {
        return Err(should(&format!("{at}.start"), "be a string", &start));
    }
    let zone = fields.get("time_zone").cloned().unwrap_or_default();
    Ok(json!({ "start": start, "end": moment("end")?, "time_zone": zone }))
}

fn is_date(text: &str) -> bool {
    text.parse::<Timestamp>().is_ok()
        || match text.len() {
            10 => text.parse::<Date>().is_ok(),
            _ => text.contains('T') && text.parse::<DateTime>().is_ok(),
        }
}

fn list<'a>(at: &str, value: &'a Value) -> Result<&'a Vec<Value>, String> {
    let Some(list) = value.as_array() else {
        return Err(should(at, "be an array", value));
    };
    if list.len() > PIECES {
        return Err(failed(&format!(
            "{at}.length should be ≤ `{PIECES}`, instead was `{}`.",
            list.len()
        )));
    }
    Ok(list)
}

/// An object with no other keys than those known.
pub(super) fn object<'a>(
    at: &str,
    value: &'a Value,
    known: &[&str],
) -> Result<&'a Map<String, Value>, String> {
    let Some(fields) = value.as_object() else {
        return Err(should(at, "be an object", value));
    };
    match fields
        .iter()
        .find(|(key, _)| !known.contains(&key.as_str()))
    {
        Some((key, value)) => Err(should(&format!("{at}.{key}"), "be not present", value)),
        None => Ok(fields),
    }
}

fn no_longer(at: &str, text: &str, most: usize) -> Result<(), String> {
    let length = text.encode_utf16().count();
    if length <= most {
        return Ok(());
    }
    Err(failed(&format!(
        "{at}.length should be ≤ `{most}`, instead was `{length}`."
    )))
}

/// Notion's words for a value that does not fit.
pub(super) fn should(at: &str, what: &str, value: &Value) -> String {
    failed(&format!("{at} should {what}, instead was `{value}`."))
}

/// Notion's words for a body that does not fit.
pub(super) fn failed(what: &str) -> String {
    format!("body failed validation: {what}")
}

/// All of a text's pieces, without form.
pub(super) fn plain(value: &Value) -> String {
    let pieces = value.as_array().into_iter().flatten();
    pieces
        .filter_map(|piece| piece.get("plain_text")?.as_str())
        .collect()
}
