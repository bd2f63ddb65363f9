//! A page of a roster: its entries in columns, each a JSON array.
//!
//! Ids and times are distances to the one before; a message id that is the entry's own is null, as
//! most are.

use std::borrow::Cow;
use std::fmt;

use rusqlite::types::Value;
use serde::de::{Deserialize, Deserializer, Visitor};
use serde_json::Value as Json;

use super::{Entry, Kind};
use crate::archive::error::Fault;

/// Entries, ascending by id. An entry is only put together when it is asked for.
#[derive(Debug)]
pub(super) struct Page {
    ids: Vec<i64>,
    /// One for each column of the kind but the first, as long as `ids`.
    columns: Vec<Vec<Cell>>,
    texts: String,
}

/// A value of an entry.
#[derive(Clone, Copy, Debug)]
enum Cell {
    Null,
    Whole(i64),
    /// Where it lies in the texts.
    Text(u32, u32),
}

impl Page {
    /// Reads what [`pack`] made.
    pub(super) fn read(kind: &Kind, json: &[u8]) -> Result<Self, Fault> {
        let packed: Vec<Vec<Packed<'_>>> = serde_json::from_slice(json).map_err(|_| damaged())?;
        let count = packed.first().map_or(0, Vec::len);
        let fits =
            packed.len() == kind.columns.len() && packed.iter().all(|column| column.len() == count);
        if !fits {
            return Err(damaged());
        }
        let mut page = Self {
            ids: Vec::with_capacity(count),
            columns: Vec::with_capacity(packed.len().saturating_sub(1)),
            texts: String::new(),
        };
        for (name, column) in kind.columns.iter().zip(packed) {
            let mut cells = Vec::with_capacity(count);
            let mut before = 0_i64;
            for (place, value) in column.into_iter().enumerate() {
                cells.push(match value {
                    Packed::Null if is_own(name) => {
                        Cell::Whole(*page.ids.get(place).ok_or_else(damaged)?)
                    }
                    Packed::Null => Cell::Null,
                    Packed::Whole(distance) if is_distance(name) => {
                        before = before.wrapping_add(distance);
                        Cell::Whole(before)
                    }
                    Packed::Whole(number) => Cell::Whole(number),
                    Packed::Text(text) => page.text(&text)?,
                });
            }
            if page.ids.len() == count {
                page.columns.push(cells);
                continue;
            }
            for cell in cells {
                let Cell::Whole(id) = cell else {
                    return Err(damaged());
                };
                if page.ids.last().is_some_and(|last| *last >= id) {
                    return Err(damaged());
                }
                page.ids.push(id);
            }
        }
        Ok(page)
    }

    fn text(&mut self, text: &str) -> Result<Cell, Fault> {
        let begin = u32::try_from(self.texts.len()).map_err(|_| damaged())?;
        self.texts.push_str(text);
        let end = u32::try_from(self.texts.len()).map_err(|_| damaged())?;
        Ok(Cell::Text(begin, end))
    }

    /// The entry with this id.
    pub(super) fn get(&self, id: i64) -> Option<Entry> {
        self.entry(self.ids.binary_search(&id).ok()?)
    }

    /// The ids of all entries, ascending.
    pub(super) fn ids(&self) -> impl Iterator<Item = i64> {
        self.ids.iter().copied()
    }

    /// All entries, ascending.
    pub(super) fn entries(&self) -> impl Iterator<Item = (i64, Entry)> {
        let places = self.ids.iter().enumerate();
        places.filter_map(|(place, id)| Some((*id, self.entry(place)?)))
    }

    fn entry(&self, place: usize) -> Option<Entry> {
        let mut entry = Entry::with_capacity(self.columns.len() + 1);
        entry.push(Value::Integer(*self.ids.get(place)?));
        for column in &self.columns {
            entry.push(match column.get(place)? {
                Cell::Null => Value::Null,
                Cell::Whole(number) => Value::Integer(*number),
                Cell::Text(begin, end) => {
                    let text = self.texts.get(*begin as usize..*end as usize)?;
                    Value::Text(text.to_owned())
                }
            });
        }
        Some(entry)
    }
}

/// Entries, ascending by id, as JSON.
pub(super) fn pack(kind: &Kind, entries: &[&Entry]) -> Result<Vec<u8>, Fault> {
    let mut columns: Vec<Vec<Json>> = vec![Vec::new(); kind.columns.len()];
    let mut before = vec![0_i64; kind.columns.len()];
    for entry in entries {
        let id = whole(entry.first())?;
        let places = kind.columns.iter().zip(&mut columns).zip(&mut before);
        for (((name, column), before), value) in places.zip(entry.iter()) {
            column.push(match value {
                Value::Null => Json::Null,
                Value::Text(text) => Json::from(text.as_str()),
                Value::Integer(number) if is_distance(name) => {
                    let distance = number.wrapping_sub(*before);
                    *before = *number;
                    Json::from(distance)
                }
                Value::Integer(number) if is_own(name) && *number == id => Json::Null,
                Value::Integer(number) => Json::from(*number),
                _ => return Err(damaged()),
            });
        }
    }
    serde_json::to_vec(&columns).map_err(|_| damaged())
}

fn is_distance(column: &str) -> bool {
    matches!(column, "id" | "created")
}

fn is_own(column: &str) -> bool {
    column.ends_with("_from")
}

pub(super) fn whole(value: Option<&Value>) -> Result<i64, Fault> {
    match value {
        Some(Value::Integer(number)) => Ok(*number),
        _ => Err(damaged()),
    }
}

pub(super) fn damaged() -> Fault {
    Fault::Damaged("a page of topics or people")
}

/// A value as it is packed.
enum Packed<'j> {
    Null,
    Whole(i64),
    Text(Cow<'j, str>),
}

impl<'de> Deserialize<'de> for Packed<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Packed<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("null, a whole number or a text")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Packed::Null)
            }

            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Packed::Whole(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                let number = i64::try_from(number);
                number.map(Packed::Whole).map_err(E::custom)
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Packed::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Packed::Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::{PEOPLE, TOPICS};
    use super::*;

    fn topic(id: i64, title: &str, own: bool) -> Entry {
        let from = if own { id } else { id + 3 };
        vec![
            Value::Integer(id),
            Value::Text(title.to_owned()),
            Value::Integer(from),
            Value::Integer(0),
            Value::Integer(from),
            if own {
                Value::Integer(1_700_000_000 + id)
            } else {
                Value::Null
            },
            Value::Integer(0),
            Value::Integer(id),
        ]
    }

    #[test]
    fn what_is_packed_is_read() {
        let entries = [
            topic(-5, "", true),
            topic(7, "Anna \"A\" 😀\n", false),
            topic(900, "Иван", true),
        ];
        let json = pack(&TOPICS, &entries.iter().collect::<Vec<_>>()).unwrap();
        let page = Page::read(&TOPICS, &json).unwrap();
        let all: Vec<Entry> = page.entries().map(|(_, entry)| entry).collect();
        assert_eq!(all, entries);
        assert_eq!(page.get(7).as_ref(), entries.get(1));
        assert_eq!(page.get(8), None);
    }

    #[test]
    fn what_is_no_page_is_an_error() {
        for json in [
            "",
            "[]",
            "[[1],[0],[\"a\"],[null]]",
            "[[1],[0],[\"a\"],[null],[0,1]]",
            "[[1,0],[0,0],[\"a\",\"b\"],[null,null],[0,0]]",
            "[[null],[0],[\"a\"],[null],[0]]",
            "[[18446744073709551615],[0],[\"a\"],[null],[0]]",
            "[[1],[0],[[]],[null],[0]]",
        ] {
            assert!(Page::read(&PEOPLE, json.as_bytes()).is_err(), "{json}");
        }
        assert!(Page::read(&PEOPLE, b"[[1],[0],[\"a\"],[null],[0]]").is_ok());
    }
}
