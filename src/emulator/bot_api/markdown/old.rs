//! The old kind.

use super::{Reader, linked, plain};
use crate::emulator::world::Entity;

/// The old kind: `*bold*`, `_italic_`, code and links, nothing inside anything.
pub(in super::super) fn parse_old(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut reader = Reader::new(source);
    let mut entities = Vec::new();
    while let Some(letter) = reader.peek() {
        let begin = reader.at;
        match letter {
            '\\' => {
                reader.at += 1;
                match reader.peek() {
                    Some('_' | '*' | '`' | '[') => reader.copy(),
                    _ => reader.show('\\'),
                }
                continue;
            }
            '_' | '*' | '`' | '[' => {}
            _ => {
                reader.copy();
                continue;
            }
        }
        let block = reader.skip("```");
        let language = block.then(|| reader.language());
        if !block {
            reader.at += 1;
        }
        let end = match letter {
            '[' => "]",
            '`' if block => "```",
            '`' => "`",
            '*' => "*",
            _ => "_",
        };
        let (offset, shown) = (reader.length, reader.text.len());
        while !reader.skip(end) {
            if reader.peek().is_none() {
                return Err(format!(
                    "Can't find end of the entity starting at byte offset {begin}"
                ));
            }
            reader.copy();
        }
        let length = reader.length - offset;
        let target = (letter == '[').then(|| reader.target(false)).flatten();
        if length == 0 {
            continue;
        }
        match letter {
            '_' => entities.push(plain("italic", offset, length)),
            '*' => entities.push(plain("bold", offset, length)),
            '`' if block => {
                let mut entity = plain("pre", offset, length);
                entity.language = Some(language.flatten().unwrap_or_default());
                entities.push(entity);
            }
            '`' => entities.push(plain("code", offset, length)),
            _ => {
                let own = reader.text.get(shown..).unwrap_or_default().to_owned();
                let target = target.transpose()?.unwrap_or(own);
                entities.extend(linked(&target, offset, length));
            }
        }
    }
    Ok((reader.text, entities))
}
