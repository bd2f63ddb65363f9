//! `parse_mode=HTML`: the tags that Telegram knows.

use super::markdown::linked;
use crate::emulator::text::units;
use crate::emulator::world::Entity;

struct Open {
    tag: String,
    kind: Option<&'static str>,
    at: i32,
    href: Option<String>,
    language: Option<String>,
    /// A quote that is folded up at first.
    collapsed: bool,
}

/// Plain text and its formatting; the error is Telegram's explanation after "can't parse entities:".
pub(super) fn parse(source: &str) -> Result<(String, Vec<Entity>), String> {
    let mut text = String::new();
    let mut length = 0;
    let mut open: Vec<Open> = Vec::new();
    let mut entities: Vec<Entity> = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let at = source.len() - rest.len();
        match first {
            '&' => {
                let (letter, size) = reference(rest).unwrap_or(('&', 1));
                text.push(letter);
                length += i32::from(letter.len_utf16() > 1) + 1;
                rest = rest.get(size..).unwrap_or_default();
            }
            '<' => {
                let end = rest
                    .find('>')
                    .ok_or_else(|| format!("Unclosed start tag at byte offset {at}"))?;
                let inner = rest.get(1..end).unwrap_or_default();
                rest = rest.get(end + 1..).unwrap_or_default();
                if let Some(name) = inner.strip_prefix('/') {
                    close(name.trim(), at, length, &mut open, &mut entities)?;
                } else {
                    open.push(start(inner, at, length)?);
                }
            }
            other => {
                text.push(other);
                length += if other.len_utf16() > 1 { 2 } else { 1 };
                rest = rest.get(other.len_utf8()..).unwrap_or_default();
            }
        }
    }
    if let Some(unclosed) = open.last() {
        return Err(format!(
            "Can't find end tag corresponding to start tag \"{}\"",
            unclosed.tag
        ));
    }
    debug_assert_eq!(length, units(&text));
    entities.sort_by_key(|entity| (entity.offset, -entity.length));
    Ok((text, entities))
}

fn start(inner: &str, at: usize, length: i32) -> Result<Open, String> {
    let inner = inner.trim_end_matches('/').trim();
    let (tag, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let tag = tag.to_ascii_lowercase();
    let class = attribute(attributes, "class").unwrap_or_default();
    let kind = match tag.as_str() {
        "b" | "strong" => Some("bold"),
        "i" | "em" => Some("italic"),
        "u" | "ins" => Some("underline"),
        "s" | "strike" | "del" => Some("strikethrough"),
        "tg-spoiler" => Some("spoiler"),
        "span" if class == "tg-spoiler" => Some("spoiler"),
        "span" => {
            return Err(format!(
                "Tag \"span\" must have class \"tg-spoiler\" at byte offset {at}"
            ));
        }
        "code" => Some("code"),
        "pre" => Some("pre"),
        "blockquote" => Some("blockquote"),
        "a" => Some("text_link"),
        "tg-emoji" => None,
        _ => {
            return Err(format!(
                "Unsupported start tag \"{tag}\" at byte offset {at}"
            ));
        }
    };
    Ok(Open {
        kind,
        at: length,
        href: (tag == "a").then(|| attribute(attributes, "href").unwrap_or_default()),
        collapsed: tag == "blockquote" && has_attribute(attributes, "expandable"),
        language: (tag == "code")
            .then(|| class.strip_prefix("language-").map(str::to_owned))
            .flatten(),
        tag,
    })
}

fn close(
    name: &str,
    at: usize,
    length: i32,
    open: &mut Vec<Open>,
    entities: &mut Vec<Entity>,
) -> Result<(), String> {
    let Some(opened) = open.pop() else {
        return Err(format!("Unexpected end tag at byte offset {at}"));
    };
    if !name.is_empty() && !opened.tag.eq_ignore_ascii_case(name) {
        return Err(format!(
            "Unmatched end tag at byte offset {at}, expected \"</{}>\", found \"</{name}>\"",
            opened.tag
        ));
    }
    // `<pre><code class="language-…">` is one block with a language.
    let inside_pre = opened.tag == "code" && open.last().is_some_and(|outer| outer.tag == "pre");
    if inside_pre {
        if let Some(outer) = open.last_mut() {
            outer.language = opened.language;
        }
        return Ok(());
    }
    let size = length - opened.at;
    if let Some(href) = opened.href {
        entities.extend(linked(&href, opened.at, size).filter(|_| size > 0));
        return Ok(());
    }
    if let Some(kind) = opened.kind.filter(|_| size > 0) {
        entities.push(Entity {
            kind: kind.to_owned(),
            offset: opened.at,
            length: size,
            language: (kind == "pre").then(|| opened.language.unwrap_or_default()),
            collapsed: opened.collapsed,
            ..Entity::default()
        });
    }
    Ok(())
}

/// Whether a tag has an attribute, with or without a value.
fn has_attribute(attributes: &str, name: &str) -> bool {
    attribute(attributes, name).is_some()
        || attributes
            .split_whitespace()
            .any(|word| word.eq_ignore_ascii_case(name))
}

/// The value of an attribute, quoted or bare.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, next) = match after.chars().next() {
            Some(quote @ ('"' | '\'')) => after.get(1..)?.split_once(quote)?,
            _ => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(unescaped(value));
        }
        rest = next.trim_start();
    }
    None
}

fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some(letter) = rest.chars().next() {
        let (letter, size) = reference(rest).unwrap_or((letter, letter.len_utf8()));
        text.push(letter);
        rest = rest.get(size..).unwrap_or_default();
    }
    text
}

/// The character that `&name;` at the start of `text` means, and its length in bytes.
fn reference(text: &str) -> Option<(char, usize)> {
    let inner = text.strip_prefix('&')?;
    let end = inner.find(';').filter(|end| *end <= 10)?;
    let name = inner.get(..end)?;
    let letter = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|letter| *letter != '\0')?
        }
    };
    Some((letter, end + 2))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn shape(source: &str) -> (String, Vec<(String, i32, i32)>) {
        let (text, entities) = parse(source).unwrap();
        let entities = entities
            .into_iter()
            .map(|entity| (entity.kind, entity.offset, entity.length))
            .collect();
        (text, entities)
    }

    #[test]
    fn offsets_count_utf16_units() {
        let (text, entities) = shape("😀 <b>bold <i>both</i></b> &lt;&#x1F600;&gt; <u>u</u>");
        assert_eq!(text, "😀 bold both <😀> u");
        let expected = [("bold", 3, 9), ("italic", 8, 4), ("underline", 18, 1)];
        assert_eq!(entities, expected.map(|(k, o, l)| (k.to_owned(), o, l)));
    }

    #[test]
    fn links_and_code_carry_their_target_and_language() {
        let source = r#"<a href="https://a.example/?a=1&amp;b=2">x</a><pre><code class="language-rust">fn</code></pre>"#;
        let (_, entities) = parse(source).unwrap();
        assert_eq!(entities.len(), 2);
        assert_eq!(
            entities.first().unwrap().href.as_deref(),
            Some("https://a.example/?a=1&b=2")
        );
        let block = entities.last().unwrap();
        assert_eq!(
            (block.kind.as_str(), block.language.as_deref()),
            ("pre", Some("rust"))
        );
    }

    #[test]
    fn a_link_to_a_person_is_a_mention() {
        let (_, entities) = parse("<a href='tg://user?id=7'>Anna</a> <a href='x y'>z</a>").unwrap();
        assert_eq!(entities.len(), 1, "what leads nowhere is plain text");
        assert_eq!(entities.first().unwrap().kind, "mention_name");
        assert_eq!(entities.first().unwrap().user_id, Some(7));
    }

    #[test]
    fn mistakes_are_explained() {
        for (source, start) in [
            (
                "<b>x",
                "Can't find end tag corresponding to start tag \"b\"",
            ),
            ("<b>x</i>", "Unmatched end tag at byte offset 4"),
            ("x</b>", "Unexpected end tag at byte offset 1"),
            (
                "<h1>x</h1>",
                "Unsupported start tag \"h1\" at byte offset 0",
            ),
            ("a < b", "Unclosed start tag at byte offset 2"),
        ] {
            assert!(parse(source).unwrap_err().starts_with(start), "{source}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_input_is_parsed_or_refused(source in "(<|>|&|/|b|pre|a href=|\"|amp;|😀| |x){0,40}") {
            if let Ok((text, entities)) = parse(&source) {
                for entity in entities {
                    proptest::prop_assert!(entity.offset + entity.length <= units(&text));
                }
            }
        }
    }
}
