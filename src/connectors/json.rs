//! A body of JSON whose texts are templates.
//!
//! The template is JSON itself, so what is sent is well-formed whatever the values are: a text that
//! is one expression becomes the expression's value with its own type, any other text stays a text.

use minijinja::value::Value as Values;
use serde_json::{Map, Value};

use super::spot::Text;
use super::template::{Place, Template, TemplateError};

/// A JSON value with templates in it.
#[derive(Clone, Debug)]
pub(super) enum JsonTemplate {
    /// A text with expressions.
    Filled(Template),
    /// Says the same always.
    Fixed(Value),
    List(Vec<JsonTemplate>),
    Object(Vec<(Template, JsonTemplate)>),
}

impl JsonTemplate {
    /// Reads a body.
    pub(super) fn new(text: &Text) -> Result<Self, TemplateError> {
        let value: Value =
            serde_json::from_str(&text.text).map_err(|error| TemplateError::Wrong {
                spot: text.spot.below(error.line().saturating_sub(1)),
                problem: format!(
                    "this is no JSON: {error}; put expressions into quotes: \"{{{{ … }}}}\""
                ),
            })?;
        let mut reader = Reader { text, at: 0 };
        reader.template(value)
    }

    /// Fills in values.
    pub(super) fn fill(&self, values: &Values) -> Result<Value, TemplateError> {
        // What is left out at the top leaves nothing.
        Ok(self.filled(values)?.unwrap_or(Value::Null))
    }

    fn filled(&self, values: &Values) -> Result<Option<Value>, TemplateError> {
        Ok(match self {
            Self::Filled(template) => template.value(values)?,
            Self::Fixed(value) => Some(value.clone()),
            Self::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    list.extend(item.filled(values)?);
                }
                Some(Value::Array(list))
            }
            Self::Object(entries) => {
                let mut object = Map::new();
                for (key, item) in entries {
                    // A key without a name is one that a setting switched off.
                    let key = key.render(values)?;
                    if key.is_empty() {
                        continue;
                    }
                    if let Some(item) = item.filled(values)? {
                        object.insert(key, item);
                    }
                }
                Some(Value::Object(object))
            }
        })
    }

    /// All templates in it.
    pub(super) fn templates(&self, each: &mut dyn FnMut(&Template)) {
        match self {
            Self::Filled(template) => each(template),
            Self::Fixed(_) => {}
            Self::List(items) => items.iter().for_each(|item| item.templates(each)),
            Self::Object(entries) => {
                for (key, item) in entries {
                    each(key);
                    item.templates(each);
                }
            }
        }
    }
}

/// Keeps track of lines: values come in the order of the text.
struct Reader<'t> {
    text: &'t Text,
    at: usize,
}

impl Reader<'_> {
    fn template(&mut self, value: Value) -> Result<JsonTemplate, TemplateError> {
        Ok(match value {
            Value::String(text) if is_filled(&text) => JsonTemplate::Filled(self.filled(text)?),
            Value::Array(items) => JsonTemplate::List(
                items
                    .into_iter()
                    .map(|item| self.template(item))
                    .collect::<Result<_, _>>()?,
            ),
            Value::Object(entries) => {
                let mut object = Vec::with_capacity(entries.len());
                for (key, item) in entries {
                    object.push((self.filled(key)?, self.template(item)?));
                }
                JsonTemplate::Object(object)
            }
            fixed => JsonTemplate::Fixed(fixed),
        })
    }

    fn filled(&mut self, text: String) -> Result<Template, TemplateError> {
        let mut spot = self.text.spot.clone();
        for (index, _) in text.match_indices("{{").enumerate() {
            let rest = self.text.text.get(self.at..).unwrap_or_default();
            let Some(found) = rest.find("{{") else { break };
            if index == 0 {
                let before = self.text.text.get(..self.at + found).unwrap_or_default();
                spot = self.text.spot.below(before.matches('\n').count());
            }
            self.at += found + 2;
        }
        Template::new(Text { text, spot }, Place::Plain)
    }
}

fn is_filled(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}
