//! Replies: the HTML that Telegram's Bot API knows, as text and what of it is bold, a link and so
//! on. Read here, because a text with entities can be cut anywhere and is never refused for its
//! markup. <https://core.telegram.org/bots/api#html-style>

use crate::model::{Entity, EntityKind};

/// A text with formatting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup {
    /// The text, trimmed; of blank lines, no two follow each other.
    pub text: String,
    /// What of it is formatted, in UTF-16 code units, ascending.
    pub entities: Vec<Entity>,
}

/// A tag that is open.
struct Open {
    name: &'static str,
    kind: EntityKind,
    at: u32,
}

/// What comes next in a text.
enum Piece<'t> {
    Text(&'t str),
    Begin { name: &'t str, attributes: &'t str },
    End(&'t str),
}

impl Markup {
    /// A text without formatting.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self {
            text: text.trim().to_owned(),
            entities: Vec::new(),
        }
    }

    /// Puts a text behind it.
    pub fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Puts another one behind it.
    pub fn append(&mut self, between: &str, other: &Self) {
        self.text.push_str(between);
        let shift = u32::try_from(self.text.encode_utf16().count()).unwrap_or(u32::MAX);
        self.text.push_str(&other.text);
        self.entities
            .extend(other.entities.iter().cloned().map(|mut entity| {
                entity.offset = entity.offset.saturating_add(shift);
                entity
            }));
    }

    /// Reads a reply; an error says which tag makes no sense.
    ///
    /// # Errors
    /// Unknown, unfinished, and crossed tags.
    pub fn read(html: &str) -> Result<Self, String> {
        let mut writer = Writer::default();
        let mut open: Vec<Open> = Vec::new();
        for piece in pieces(html)? {
            match piece {
                Piece::Text(text) => writer.text(&unescaped(text)),
                Piece::Begin { name: "br", .. } => writer.text("\n"),
                Piece::Begin { name, attributes } => {
                    let (name, kind) = known(name, attributes)
                        .ok_or_else(|| format!("<{name}> is no tag that Telegram knows"))?;
                    open.push(Open {
                        name,
                        kind,
                        at: writer.units,
                    });
                }
                Piece::End(name) => {
                    let name = canonical(name);
                    let last = open.pop().filter(|last| Some(last.name) == name);
                    let last = last.ok_or("a tag is closed that was not the last one opened")?;
                    writer.entity(last);
                }
            }
        }
        match open.pop() {
            Some(open) => Err(format!("<{}> is not closed", open.name)),
            None => Ok(writer.finish()),
        }
    }

    /// Reads a reply; where its tags make no sense they are left out.
    #[must_use]
    pub fn read_or_plain(html: &str) -> Self {
        Self::read(html).unwrap_or_else(|_| {
            let mut writer = Writer::default();
            let mut rest = html;
            while let Some((text, after)) = rest.split_once('<') {
                writer.text(&unescaped(text));
                rest = after.split_once('>').map_or("", |(_, after)| after);
            }
            writer.text(&unescaped(rest));
            writer.finish()
        })
    }
}

/// Whether all tags of a template are such that Telegram knows; what stands in `{…}` is no tag.
pub(super) fn check(template: &str) -> Result<(), String> {
    let mut html = String::with_capacity(template.len());
    let mut rest = template;
    loop {
        let next = ["{{", "{%", "{#"]
            .iter()
            .filter_map(|open| rest.find(open))
            .min();
        let Some(at) = next else {
            html.push_str(rest);
            break;
        };
        let (before, inside) = rest.split_at_checked(at).unwrap_or((rest, ""));
        html.push_str(before);
        let ends = ["}}", "%}", "#}"]
            .iter()
            .filter_map(|end| inside.find(end))
            .min();
        html.push('x');
        rest = ends.and_then(|end| inside.get(end + 2..)).unwrap_or("");
    }
    for piece in pieces(&html)? {
        let (name, attributes) = match piece {
            Piece::Begin { name: "br", .. } | Piece::Text(_) => continue,
            Piece::Begin { name, attributes } => (name, attributes),
            Piece::End(name) if canonical(name).is_some() => continue,
            Piece::End(name) => (name, ""),
        };
        if known(name, attributes).is_none() {
            return Err(format!(
                "<{name}> is no tag that Telegram knows, or lacks its href"
            ));
        }
    }
    Ok(())
}

fn pieces(html: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        pieces.push(Piece::Text(text));
        let (tag, after) = after.split_once('>').ok_or("a < has no >; write &lt;")?;
        rest = after;
        let tag = tag.trim_end_matches('/').trim();
        pieces.push(match tag.strip_prefix('/') {
            Some(name) => Piece::End(name.trim()),
            None => {
                let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
                Piece::Begin { name, attributes }
            }
        });
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// The name under which a tag is known, and what it makes of a text.
fn known(name: &str, attributes: &str) -> Option<(&'static str, EntityKind)> {
    let name = canonical(name)?;
    let kind = match name {
        "b" => EntityKind::Bold,
        "i" => EntityKind::Italic,
        "u" => EntityKind::Underline,
        "s" => EntityKind::Strikethrough,
        "code" => EntityKind::Code,
        "pre" => EntityKind::Pre {
            language: String::new(),
        },
        "blockquote" => EntityKind::Blockquote,
        "tg-spoiler" => EntityKind::Spoiler,
        "a" => {
            let (_, after) = attributes.split_once("href=")?;
            let quote = after
                .chars()
                .next()
                .filter(|quote| matches!(quote, '"' | '\''))?;
            let href = after.get(1..)?.split(quote).next()?;
            EntityKind::TextLink {
                href: unescaped(href),
            }
        }
        _ => return None,
    };
    Some((name, kind))
}

fn canonical(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "b" | "strong" => "b",
        "i" | "em" => "i",
        "u" | "ins" => "u",
        "s" | "strike" | "del" => "s",
        "a" => "a",
        "code" => "code",
        "pre" => "pre",
        "blockquote" => "blockquote",
        "tg-spoiler" => "tg-spoiler",
        _ => return None,
    })
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// Puts text and entities together.
#[derive(Default)]
struct Writer {
    text: String,
    units: u32,
    entities: Vec<Entity>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            let blank = letter.is_whitespace();
            // Telegram trims messages, which must not shift what is formatted.
            if blank && self.text.is_empty() {
                continue;
            }
            if letter == '\n' && self.text.ends_with("\n\n") {
                continue;
            }
            self.text.push(letter);
            self.units += u32::try_from(letter.len_utf16()).unwrap_or(1);
        }
    }

    fn entity(&mut self, open: Open) {
        let length = self.units.saturating_sub(open.at);
        let works = match &open.kind {
            // Anything else would do nothing, or something that nobody expects.
            EntityKind::TextLink { href } => ["https://", "http://", "tg://", "mailto:", "tel:"]
                .iter()
                .any(|scheme| href.starts_with(scheme)),
            _ => true,
        };
        if length > 0 && works {
            self.entities.push(Entity {
                offset: open.at,
                length,
                kind: open.kind,
            });
        }
    }

    fn finish(mut self) -> Markup {
        let trimmed = self.text.trim_end().len();
        self.text.truncate(trimmed);
        let units = u32::try_from(self.text.encode_utf16().count()).unwrap_or(u32::MAX);
        self.entities.retain_mut(|entity| {
            entity.length = entity.length.min(units.saturating_sub(entity.offset));
            entity.length > 0
        });
        // The outer one first, as Telegram has them.
        self.entities
            .sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
        Markup {
            text: self.text,
            entities: self.entities,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::super::filters::escaped;
    use super::*;

    fn kinds(html: &str) -> Vec<(String, EntityKind)> {
        let markup = Markup::read(html).unwrap();
        let units: Vec<u16> = markup.text.encode_utf16().collect();
        let of = |entity: &Entity| {
            let from = usize::try_from(entity.offset).unwrap();
            let to = from + usize::try_from(entity.length).unwrap();
            String::from_utf16(&units[from..to]).unwrap()
        };
        let entities = markup.entities.iter();
        entities
            .map(|entity| (of(entity), entity.kind.clone()))
            .collect()
    }

    #[test]
    fn tags_become_entities() {
        let href = "https://a.example/?a=1&b=2".to_owned();
        assert_eq!(
            kinds(
                "  \u{1f600} <b>Anna <i>S</i></b>\n<a href=\"https://a.example/?a=1&amp;b=2\">x&lt;y</a>"
            ),
            [
                ("Anna S".to_owned(), EntityKind::Bold),
                ("S".to_owned(), EntityKind::Italic),
                ("x<y".to_owned(), EntityKind::TextLink { href }),
            ]
        );
    }

    #[test]
    fn a_link_that_is_none_is_only_text() {
        assert_eq!(kinds("<a href=\"javascript:alert(1)\">x</a>"), []);
    }

    #[test]
    fn blank_lines_do_not_pile_up() {
        let markup = Markup::read("\n\na\n\n\n\nb\n<br>c\n\n").unwrap();
        assert_eq!(markup.text, "a\n\nb\n\nc");
    }

    #[test]
    fn what_makes_no_sense_is_named_and_its_text_is_kept() {
        for (html, word) in [
            ("<p>a</p>", "<p>"),
            ("<b>a", "<b> is not closed"),
            ("<b><i>a</b></i>", "closed"),
            ("a < b", "&lt;"),
            ("<a>x</a>", "<a>"),
        ] {
            let error = Markup::read(html).unwrap_err();
            assert!(error.contains(word), "{html}: {error}");
        }
        assert_eq!(Markup::read_or_plain("<p>a</p> &amp; <b>b").text, "a & b");
    }

    #[test]
    fn templates_are_checked_without_their_values() {
        assert_eq!(
            check("{% if a < b %}<b>{{ x }}</b>{% endif %}<a href=\"{{ u }}\">y</a>"),
            Ok(())
        );
        assert!(check("<h1>{{ x }}</h1>").is_err());
    }

    proptest! {
        #[test]
        fn no_value_becomes_markup(value in "[<>&\"'a-z/= ]{0,40}") {
            let markup = Markup::read(&format!("[<b>{}</b>]", escaped(&value))).unwrap();
            prop_assert_eq!(&markup.text, &format!("[{value}]"));
            prop_assert!(markup.entities.len() <= 1);
        }

        #[test]
        fn no_text_is_too_strange(html in ".{0,80}") {
            let _ = Markup::read(&html);
            let _ = Markup::read_or_plain(&html);
            let _ = check(&html);
        }
    }
}
