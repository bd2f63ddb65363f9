//! `parse_mode=Markdown`, the old kind without nesting, and `MarkdownV2`.
//!
//! Offsets in errors count bytes of what was sent, offsets in entities UTF-16 units of what is
//! shown. The errors are Telegram's explanation after "can't parse entities:".

mod old;
mod second;
#[cfg(test)]
mod tests;

pub(super) use old::parse_old;
pub(super) use second::parse_v2;

use crate::emulator::world::Entity;

/// Reads on through a text and collects what is shown.
struct Reader<'a> {
    source: &'a str,
    at: usize,
    text: String,
    length: i32,
}

impl<'a> Reader<'a> {
    const fn new(source: &'a str) -> Self {
        Self {
            source,
            at: 0,
            text: String::new(),
            length: 0,
        }
    }

    fn rest(&self) -> &'a str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over `mark` where it comes next.
    fn skip(&mut self, mark: &str) -> bool {
        let there = self.rest().starts_with(mark);
        if there {
            self.at += mark.len();
        }
        there
    }

    /// Shows a character.
    fn show(&mut self, letter: char) {
        self.text.push(letter);
        self.length += i32::from(letter.len_utf16() > 1) + 1;
    }

    /// Shows the next character as it stands.
    fn copy(&mut self) {
        if let Some(letter) = self.peek() {
            self.at += letter.len_utf8();
            self.show(letter);
        }
    }

    /// The language after three backticks, and the line break behind it.
    fn language(&mut self) -> Option<String> {
        let rest = self.rest();
        let end = rest
            .find(|letter: char| letter.is_ascii_whitespace() || letter == '`')
            .unwrap_or(rest.len());
        let name = rest.get(..end).filter(|name| !name.is_empty());
        let ended_by_space = rest
            .get(end..)
            .is_some_and(|after| after.chars().next().is_some_and(|letter| letter != '`'));
        let name = name.filter(|_| ended_by_space).map(str::to_owned);
        self.at += name.as_ref().map_or(0, String::len);
        let _ = self.skip("\r\n") || self.skip("\n\r") || self.skip("\n") || self.skip("\r");
        name
    }

    /// What stands in the round brackets that come next.
    fn target(&mut self, escapes: bool) -> Option<Result<String, String>> {
        if !self.skip("(") {
            return None;
        }
        let begin = self.at;
        let mut target = String::new();
        while let Some(letter) = self.peek() {
            self.at += letter.len_utf8();
            match letter {
                ')' => return Some(Ok(target)),
                '\\' if escapes => {
                    let next = self.peek().filter(char::is_ascii);
                    self.at += usize::from(next.is_some());
                    target.push(next.unwrap_or('\\'));
                }
                letter => target.push(letter),
            }
        }
        if escapes {
            Some(Err(format!(
                "Can't find end of a URL at byte offset {begin}"
            )))
        } else {
            Some(Ok(target))
        }
    }
}

/// An entity of a kind that needs nothing more.
fn plain(kind: &str, offset: i32, length: i32) -> Entity {
    Entity {
        kind: kind.to_owned(),
        offset,
        length,
        ..Entity::default()
    }
}

/// What a link makes of its text: a link, a mention, or nothing where it leads nowhere.
pub(super) fn linked(target: &str, offset: i32, length: i32) -> Option<Entity> {
    let mut entity = plain("text_link", offset, length);
    if let Some(id) = user_of(target) {
        "mention_name".clone_into(&mut entity.kind);
        entity.user_id = Some(id);
        return Some(entity);
    }
    let host = target.split_once("://").map_or(target, |(_, rest)| rest);
    let leads = !host.is_empty() && (host.contains('.') || target.starts_with("tg://"));
    let leads = leads && !target.contains(char::is_whitespace);
    entity.href = leads.then(|| {
        if target.contains("://") {
            target.to_owned()
        } else {
            format!("http://{target}/")
        }
    });
    entity.href.is_some().then_some(entity)
}

/// The user that `tg://user?id=1` means.
fn user_of(target: &str) -> Option<i64> {
    target
        .strip_prefix("tg://user?id=")?
        .parse()
        .ok()
        .filter(|id| *id > 0)
}
