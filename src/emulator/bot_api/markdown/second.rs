//! MarkdownV2.

use super::{Reader, linked, plain};
use crate::emulator::world::Entity;

/// What MarkdownV2 keeps for itself outside code.
const RESERVED: &str = "_*[]()~`>#+-=|{}.!";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Bold,
    Italic,
    Underline,
    Strikethrough,
    Spoiler,
    Code,
    Pre,
    TextUrl,
    CustomEmoji,
    BlockQuote,
}

impl Kind {
    /// As Telegram's errors name it.
    const fn name(self) -> &'static str {
        match self {
            Self::Bold => "Bold",
            Self::Italic => "Italic",
            Self::Underline => "Underline",
            Self::Strikethrough => "Strikethrough",
            Self::Spoiler => "Spoiler",
            Self::Code => "Code",
            Self::Pre => "Pre",
            Self::TextUrl => "TextUrl",
            Self::CustomEmoji => "CustomEmoji",
            Self::BlockQuote => "BlockQuote",
        }
    }

    /// As the world names it; custom emoji are plain ones here.
    const fn world(self) -> &'static str {
        match self {
            Self::Bold => "bold",
            Self::Italic => "italic",
            Self::Underline => "underline",
            Self::Strikethrough => "strikethrough",
            Self::Spoiler => "spoiler",
            Self::Code => "code",
            Self::Pre => "pre",
            Self::TextUrl => "text_link",
            Self::CustomEmoji => "",
            Self::BlockQuote => "blockquote",
        }
    }

    /// What ends it; quotes end with their line.
    const fn end(self) -> Option<&'static str> {
        match self {
            Self::Bold => Some("*"),
            Self::Italic => Some("_"),
            Self::Underline => Some("__"),
            Self::Strikethrough => Some("~"),
            Self::Spoiler => Some("||"),
            Self::Code => Some("`"),
            Self::Pre => Some("```"),
            Self::TextUrl | Self::CustomEmoji => Some("]"),
            Self::BlockQuote => None,
        }
    }
}

struct Open {
    kind: Kind,
    /// Where it began, bytes of what was sent.
    begin: usize,
    /// Where its text began, UTF-16 units and bytes of what is shown.
    offset: i32,
    shown: usize,
    language: Option<String>,
    /// Whether a line began where it did.
    line_began: bool,
}

impl Open {
    fn unfinished(&self) -> String {
        // A block with a language has a name of its own.
        let name = match (self.kind, &self.language) {
            (Kind::Pre, Some(_)) => "PreCode",
            (kind, _) => kind.name(),
        };
        format!(
            "Can't find end of {name} entity at byte offset {}",
            self.begin
        )
    }
}

/// MarkdownV2.
struct Second<'a> {
    reader: Reader<'a>,
    open: Vec<Open>,
    entities: Vec<Entity>,
    /// Whether a line begins here, where a quote may stand.
    line_begins: bool,
}

/// MarkdownV2: entities within entities, and everything else escaped.
pub(in super::super) fn parse_v2(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut parser = Second {
        reader: Reader::new(source),
        open: Vec::new(),
        entities: Vec::new(),
        line_begins: true,
    };
    while let Some(letter) = parser.reader.peek() {
        parser.step(letter)?;
    }
    parser.end_quote()?;
    if let Some(open) = parser.open.last() {
        return Err(open.unfinished());
    }
    let mut entities = parser.entities;
    entities.sort_by_key(|entity| (entity.offset, -entity.length));
    Ok((parser.reader.text, entities))
}

impl Second<'_> {
    fn step(&mut self, letter: char) -> Result<(), String> {
        let inner = self.open.last().map(|open| open.kind);
        let in_code = matches!(inner, Some(Kind::Code | Kind::Pre));
        if letter == '\\' {
            self.reader.at += 1;
            match self.reader.peek() {
                Some(next) if next.is_ascii() && next != '\u{7f}' => {
                    self.reader.copy();
                    self.line_begins = next == '\n';
                }
                _ => self.reader.show('\\'),
            }
            return Ok(());
        }
        if letter == '\n' && !in_code {
            let quote_goes_on = self
                .reader
                .rest()
                .get(1..)
                .is_some_and(|rest| rest.starts_with('>'));
            if !quote_goes_on {
                self.reader.at += 1;
                self.end_quote_with_break()?;
            } else {
                self.reader.copy();
            }
            self.line_begins = true;
            return Ok(());
        }
        let special = if in_code {
            letter == '`'
        } else {
            RESERVED.contains(letter)
        };
        if !special {
            self.reader.copy();
            self.line_begins = self.line_begins && letter == '\r';
            return Ok(());
        }
        if self.ends(inner) {
            // Of an empty entity nothing is shown: a line that began still begins.
            let empty = self
                .open
                .last()
                .is_some_and(|open| open.line_began && open.shown == self.reader.text.len());
            self.line_begins = self.line_begins || empty;
            return self.close();
        }
        self.begin(letter)
    }

    /// Whether the innermost entity ends here. Of two underscores in a row, an open underline
    /// takes both, and an italic none.
    fn ends(&mut self, inner: Option<Kind>) -> bool {
        let Some(mark) = inner.and_then(Kind::end) else {
            return false;
        };
        let doubled = inner == Some(Kind::Italic) && self.reader.rest().starts_with("__");
        !doubled && self.reader.skip(mark)
    }

    fn begin(&mut self, letter: char) -> Result<(), String> {
        let begin = self.reader.at;
        let reserved = || {
            format!("Character '{letter}' is reserved and must be escaped with the preceding '\\'")
        };
        if letter == '>' {
            if !self.line_begins {
                return Err(reserved());
            }
            self.reader.at += 1;
            let quoting = self.open.iter().any(|open| open.kind == Kind::BlockQuote);
            if !quoting {
                self.push(Kind::BlockQuote, begin, None);
            }
            return Ok(());
        }
        let marks = [
            ("```", Kind::Pre),
            ("`", Kind::Code),
            ("__", Kind::Underline),
            ("_", Kind::Italic),
            ("*", Kind::Bold),
            ("~", Kind::Strikethrough),
            ("||", Kind::Spoiler),
            ("![", Kind::CustomEmoji),
            ("[", Kind::TextUrl),
        ];
        let found = marks.into_iter().find(|(mark, _)| self.reader.skip(mark));
        let (_, kind) = found.ok_or_else(reserved)?;
        let language = (kind == Kind::Pre)
            .then(|| self.reader.language())
            .flatten();
        self.push(kind, begin, language);
        self.line_begins = false;
        Ok(())
    }

    fn push(&mut self, kind: Kind, begin: usize, language: Option<String>) {
        self.open.push(Open {
            kind,
            begin,
            offset: self.reader.length,
            shown: self.reader.text.len(),
            language,
            line_began: self.line_begins,
        });
    }

    /// Ends the innermost entity, whose mark has been passed over.
    fn close(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let length = self.reader.length - open.offset;
        match open.kind {
            Kind::TextUrl => {
                let own = self.reader.text.get(open.shown..).unwrap_or_default();
                let own = own.to_owned();
                let target = self.reader.target(true).transpose()?.unwrap_or(own);
                if length > 0 {
                    self.entities.extend(linked(&target, open.offset, length));
                }
            }
            Kind::CustomEmoji => {
                let target = self
                    .reader
                    .target(true)
                    .transpose()?
                    .ok_or("The entity must contain a tg://emoji or tg://time URL")?;
                if !target.starts_with("tg://emoji?id=") {
                    return Err("Invalid tg://emoji or tg://time URL specified".to_owned());
                }
            }
            kind if length > 0 => {
                let mut entity = plain(kind.world(), open.offset, length);
                entity.language = (kind == Kind::Pre).then(|| open.language.unwrap_or_default());
                self.entities.push(entity);
            }
            _ => {}
        }
        Ok(())
    }

    /// Ends a quote whose last line is over, with the line break that ended it.
    fn end_quote_with_break(&mut self) -> Result<(), String> {
        let quoting = self.open.iter().any(|open| open.kind == Kind::BlockQuote);
        if quoting {
            self.end_quote()?;
        }
        self.reader.show('\n');
        Ok(())
    }

    /// Ends a quote, if one is open and nothing inside it is. Two bars at its end fold it up.
    fn end_quote(&mut self) -> Result<(), String> {
        if !self.open.iter().any(|open| open.kind == Kind::BlockQuote) {
            return Ok(());
        }
        let length = self.reader.length;
        let folded = self
            .open
            .pop_if(|open| open.kind == Kind::Spoiler && open.offset == length);
        match self.open.pop() {
            Some(open) if open.kind == Kind::BlockQuote => {
                let size = length - open.offset;
                if size > 0 {
                    self.entities.push(Entity {
                        collapsed: folded.is_some(),
                        ..plain("blockquote", open.offset, size)
                    });
                }
                Ok(())
            }
            Some(open) => Err(open.unfinished()),
            None => Ok(()),
        }
    }
}
