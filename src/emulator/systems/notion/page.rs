//! Databases, data sources and pages, as they are told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::property::{Kind, Property, plain, should};

/// Where everything lies, and who does everything.
#[derive(Debug)]
pub(super) struct Home {
    /// The database.
    pub(super) database: String,
    /// The integration's user.
    pub(super) bot: String,
}

/// A data source.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) columns: Vec<Property>,
}

/// A page of a data source.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) id: String,
    pub(super) source: String,
    pub(super) created: Timestamp,
    pub(super) edited: Timestamp,
    pub(super) in_trash: bool,
    /// By the name of the property.
    pub(super) values: BTreeMap<String, Value>,
}

impl Home {
    /// The database.
    pub(super) fn told(&self, sources: &[Source]) -> Value {
        let sources: Vec<Value> = sources
            .iter()
            .map(|source| json!({ "id": source.id, "name": source.name }))
            .collect();
        json!({
            "object": "database",
            "id": self.database,
            "title": title("Support desk"),
            "parent": { "type": "workspace", "workspace": true },
            "is_inline": false,
            "in_trash": false,
            "is_locked": false,
            "data_sources": sources,
            "icon": null,
            "cover": null,
            "url": address("", &self.database),
            "public_url": null,
        })
    }
}

impl Source {
    pub(super) fn told(&self, home: &Home) -> Value {
        let columns = self.columns.iter();
        let columns: Map<String, Value> = columns
            .map(|column| (column.name.clone(), column.schema()))
            .collect();
        json!({
            "object": "data_source",
            "id": self.id,
            "title": title(&self.name),
            "description": [],
            "parent": { "type": "database_id", "database_id": home.database },
            "database_parent": { "type": "workspace", "workspace": true },
            "is_inline": false,
            "in_trash": false,
            "properties": columns,
            "icon": null,
            "cover": null,
            "url": address("", &self.id),
            "public_url": null,
        })
    }

    /// Writes properties into a page, all or none; the error is Notion's message.
    pub(super) fn write(&mut self, page: &mut Page, properties: &Value) -> Result<(), String> {
        let Some(properties) = properties.as_object() else {
            return Err(should("body.properties", "be an object", properties));
        };
        let mut columns = self.columns.clone();
        let mut values = page.values.clone();
        for (name, value) in properties {
            let column = columns
                .iter_mut()
                .find(|column| column.name == *name || column.id == *name)
                .ok_or_else(|| format!("{name} is not a property that exists."))?;
            let value = column.read(name, value)?;
            values.insert(column.name.clone(), value);
        }
        self.columns = columns;
        page.values = values;
        Ok(())
    }
}

impl Page {
    pub(super) fn told(&self, home: &Home, sources: &[Source]) -> Value {
        let source = sources.iter().find(|source| source.id == self.source);
        let columns = source.map(|source| source.columns.as_slice());
        let columns = columns.unwrap_or_default();
        let properties: Map<String, Value> = columns
            .iter()
            .map(|column| {
                let told = column.told(self.values.get(&column.name));
                (column.name.clone(), told)
            })
            .collect();
        let title = columns
            .iter()
            .find(|column| column.kind == Kind::Title)
            .and_then(|column| self.values.get(&column.name))
            .map(plain);
        let by = json!({ "object": "user", "id": home.bot });
        json!({
            "object": "page",
            "id": self.id,
            "created_time": minute(self.created),
            "last_edited_time": minute(self.edited),
            "created_by": by,
            "last_edited_by": by,
            "cover": null,
            "icon": null,
            "parent": {
                "type": "data_source_id",
                "data_source_id": self.source,
                "database_id": home.database,
            },
            "in_trash": self.in_trash,
            "is_locked": false,
            "properties": properties,
            "url": address(&title.unwrap_or_default(), &self.id),
            "public_url": null,
        })
    }
}

fn title(text: &str) -> Value {
    json!([{
        "type": "text",
        "text": { "content": text, "link": null },
        "plain_text": text,
        "href": null,
    }])
}

/// Notion tells times to the minute.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:00.000Z").to_string()
}

fn address(title: &str, id: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let words = words.join("-");
    let between = if words.is_empty() { "" } else { "-" };
    let bare = id.replace('-', "");
    format!("https://www.notion.so/{words}{between}{bare}")
}
