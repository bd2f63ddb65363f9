//! What a query may ask for.

use serde_json::Value;

use super::property::{Kind, Property, failed, object, plain, should};

/// Compound filters may be nested so deep.
const DEPTH: usize = 2;

/// A filter, checked against the columns.
#[derive(Debug)]
pub(super) enum Filter {
    All(Vec<Self>),
    Any(Vec<Self>),
    One {
        property: String,
        kind: Kind,
        condition: Condition,
    },
}

#[derive(Debug)]
pub(super) enum Condition {
    Equals(Value),
    DoesNotEqual(Value),
    Contains(String),
    DoesNotContain(String),
    IsEmpty,
    IsNotEmpty,
}

impl Filter {
    /// Reads one; the error is Notion's message.
    pub(super) fn read(columns: &[Property], value: &Value) -> Result<Self, String> {
        Self::part(columns, "body.filter", value, 0)
    }

    fn part(columns: &[Property], at: &str, value: &Value, depth: usize) -> Result<Self, String> {
        for (key, all) in [("and", true), ("or", false)] {
            let Some(parts) = value.get(key) else {
                continue;
            };
            object(at, value, &[key])?;
            let at = format!("{at}.{key}");
            let parts = parts
                .as_array()
                .filter(|_| depth < DEPTH)
                .ok_or_else(|| should(&at, "be not present", parts))?;
            let parts = parts.iter().enumerate().map(|(place, part)| {
                Self::part(columns, &format!("{at}[{place}]"), part, depth + 1)
            });
            let parts: Vec<Self> = parts.collect::<Result<_, _>>()?;
            return Ok(if all {
                Self::All(parts)
            } else {
                Self::Any(parts)
            });
        }
        Self::one(columns, at, value)
    }

    fn one(columns: &[Property], at: &str, value: &Value) -> Result<Self, String> {
        let Some(fields) = value.as_object() else {
            return Err(should(at, "be an object", value));
        };
        let Some(name) = fields.get("property") else {
            return Err(failed(&format!(
                "{at}.property should be defined, instead was `undefined`."
            )));
        };
        let column = columns
            .iter()
            .find(|column| *name == *column.name || *name == *column.id);
        let Some(column) = column else {
            let name = name.as_str().unwrap_or_default();
            return Err(format!("Could not find property with name or id: {name}"));
        };
        let mut others = fields
            .iter()
            .filter(|(key, _)| *key != "property" && *key != "type");
        let (Some((kind, condition)), None) = (others.next(), others.next()) else {
            return Err(failed(&format!("{at} should have one type of filter.")));
        };
        if kind != column.kind.name() {
            return Err(format!(
                "database property {} does not match filter {kind}",
                column.kind.name()
            ));
        }
        let at = format!("{at}.{kind}");
        let condition = condition
            .as_object()
            .filter(|fields| fields.len() == 1)
            .and_then(|fields| fields.iter().next())
            .ok_or_else(|| should(&at, "have one condition", condition))?;
        Ok(Self::One {
            property: column.name.clone(),
            kind: column.kind,
            condition: read_condition(column.kind, &at, condition.0, condition.1)?,
        })
    }

    /// Whether a page fits: `of` gives the value of a property.
    pub(super) fn fits<'a>(&self, of: &impl Fn(&str) -> Option<&'a Value>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.fits(of)),
            Self::Any(parts) => parts.iter().any(|part| part.fits(of)),
            Self::One {
                property,
                kind,
                condition,
            } => condition.fits(*kind, of(property).unwrap_or(&Value::Null)),
        }
    }
}

fn read_condition(kind: Kind, at: &str, name: &str, value: &Value) -> Result<Condition, String> {
    let at = format!("{at}.{name}");
    let text = || {
        value
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| should(&at, "be a string", value))
    };
    let comparable = || match kind {
        Kind::Number if !value.is_number() => Err(should(&at, "be a number", value)),
        Kind::Number => Ok(value.clone()),
        _ => text().map(Value::from),
    };
    let empty = |condition| match value {
        Value::Bool(true) => Ok(condition),
        _ => Err(should(&at, "be `true`", value)),
    };
    // A multi-select holds several: it contains, and equals nothing. Dates are not emulated.
    let several = kind == Kind::MultiSelect;
    let words = !matches!(kind, Kind::Number | Kind::Select | Kind::Date);
    match name {
        "equals" if !several && kind != Kind::Date => comparable().map(Condition::Equals),
        "does_not_equal" if !several && kind != Kind::Date => {
            comparable().map(Condition::DoesNotEqual)
        }
        "contains" if words => text().map(Condition::Contains),
        "does_not_contain" if words => text().map(Condition::DoesNotContain),
        "is_empty" => empty(Condition::IsEmpty),
        "is_not_empty" => empty(Condition::IsNotEmpty),
        _ => Err(should(&at, "be not present", value)),
    }
}

impl Condition {
    fn fits(&self, kind: Kind, value: &Value) -> bool {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        match self {
            Self::Equals(wanted) => equal(kind, value, wanted),
            Self::DoesNotEqual(wanted) => !equal(kind, value, wanted),
            Self::Contains(wanted) => contains(kind, value, wanted),
            Self::DoesNotContain(wanted) => !contains(kind, value, wanted),
            Self::IsEmpty => empty,
            Self::IsNotEmpty => !empty,
        }
    }
}

fn equal(kind: Kind, value: &Value, wanted: &Value) -> bool {
    match kind {
        Kind::Title | Kind::RichText => Some(plain(value).as_str()) == wanted.as_str(),
        Kind::Select => value.get("name").is_some_and(|name| name == wanted),
        // 7 and 7.0 are the same number.
        Kind::Number => value.is_number() && value.as_f64() == wanted.as_f64(),
        _ => value == wanted,
    }
}

fn contains(kind: Kind, value: &Value, wanted: &str) -> bool {
    match kind {
        Kind::MultiSelect => {
            let options = value.as_array().into_iter().flatten();
            let mut names = options.filter_map(|option| option.get("name")?.as_str());
            names.any(|name| name == wanted)
        }
        Kind::Title | Kind::RichText => plain(value).contains(wanted),
        _ => value.as_str().is_some_and(|text| text.contains(wanted)),
    }
}
