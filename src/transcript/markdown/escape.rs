//! Text that Markdown shows as it is, and formatting that survives around it.

use std::fmt::Write;

use crate::model::{Entity, EntityKind};
use crate::transcript::address::safe_href;
use crate::transcript::spans::spans;

/// A message's text with its formatting, as the inside of one paragraph (`CommonMark` 0.31): what
/// people typed never becomes markup, line breaks stay. Of overlapping formatting the outermost
/// shows; what Markdown could not close again, as within a word, is left out.
pub(super) fn formatted(out: &mut String, text: &str, entities: &[Entity]) {
    // A line break at the end would be a backslash.
    let text = text.trim_end_matches('\n');
    if entities.is_empty() {
        plain(out, text);
        return end(out);
    }
    let pieces = pieces(text, entities);
    let mut before = None;
    for (place, (piece, entity)) in pieces.iter().enumerate() {
        let after = pieces
            .get(place + 1)
            .and_then(|(next, _)| next.chars().next());
        match entity.and_then(|entity| entities.get(entity)) {
            Some(entity) => piece_of(out, piece, &entity.kind, before, after),
            None => plain(out, piece),
        }
        before = piece.chars().next_back();
    }
    end(out);
}

/// Stretches of text with the outermost entity that covers them.
fn pieces<'t>(text: &'t str, entities: &[Entity]) -> Vec<(&'t str, Option<usize>)> {
    let mut pieces: Vec<(&str, Option<usize>)> = Vec::new();
    let mut at = 0;
    for span in spans(text, entities) {
        let begin = at;
        at += span.text.len();
        let entity = span.covered_by.first().copied();
        match pieces.last_mut() {
            // Neighbours in the text are neighbours in memory.
            Some((piece, last)) if *last == entity => {
                let whole = begin - piece.len()..at;
                *piece = text.get(whole).unwrap_or(piece);
            }
            _ => pieces.push((span.text, entity)),
        }
    }
    pieces
}

/// One formatted stretch; `before` and `after` stand beside it.
fn piece_of(
    out: &mut String,
    piece: &str,
    kind: &EntityKind,
    before: Option<char>,
    after: Option<char>,
) {
    // Markup must touch what it marks.
    let inner = piece.trim();
    let marks = match kind {
        EntityKind::Bold => "**",
        EntityKind::Italic => "*",
        EntityKind::Strikethrough => "~~",
        EntityKind::Code | EntityKind::Pre { .. } if !piece.contains(['\n', '\r']) => {
            return code(out, piece);
        }
        EntityKind::TextLink { href } if !inner.is_empty() => match safe_href(href) {
            Some(href) => return link(out, piece, &href),
            None => return plain(out, piece),
        },
        _ => return plain(out, piece),
    };
    let open = |outside: Option<char>, inside: Option<char>| {
        let free = outside.is_none_or(char::is_whitespace);
        free && inside.is_some_and(|inside| !inside.is_whitespace())
    };
    let lines = inner.contains(['\n', '\r']);
    let whole = inner.len() == piece.len();
    if lines || !whole || !open(before, inner.chars().next()) || !open(after, inner.chars().last())
    {
        return plain(out, piece);
    }
    out.push_str(marks);
    plain(out, piece);
    out.push_str(marks);
}

/// `[text](address)`.
fn link(out: &mut String, text: &str, href: &str) {
    out.push('[');
    plain(out, text);
    out.push_str("](<");
    for character in href.chars() {
        match character {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            '&' => out.push_str("&amp;"),
            other => out.push(other),
        }
    }
    out.push_str(">)");
}

/// Code in a line, in more backticks than it holds.
fn code(out: &mut String, text: &str) {
    // A space at both ends would be taken away, code that is all spaces is none, and backticks of
    // neighbours would join.
    let alone = !out.ends_with('`');
    if !alone || text.trim() != text || text.is_empty() || text.contains(char::is_control) {
        return plain(out, text);
    }
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    let _ = write!(out, "{fence}{space}{text}{space}{fence}");
}

/// Text in which nothing is markup.
pub(super) fn plain(out: &mut String, text: &str) {
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            // A backslash at a line's end is a line break that shows where it is read raw.
            out.push_str("\\\n");
        }
        let first = number > 0 || out.is_empty() || out.ends_with('\n');
        let body = match first {
            true => line.trim_start_matches([' ', '\t']),
            false => line,
        };
        // Markdown takes away what a line begins with.
        let blank = line.get(..line.len() - body.len()).unwrap_or_default();
        blanks(out, blank);
        escaped(out, body, first);
    }
}

fn blanks(out: &mut String, text: &str) {
    for character in text.chars() {
        out.push_str(if character == '\t' { "&#9;" } else { "&#32;" });
    }
}

/// Ends a paragraph of such text: blanks at its end would be taken away.
fn end(out: &mut String) {
    let body = out.trim_end_matches([' ', '\t']).len();
    let blank = out.split_off(body);
    blanks(out, &blank);
}

/// A line in which every character that could begin markup is escaped.
fn escaped(out: &mut String, line: &str, at_begin: bool) {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    for (place, character) in line.char_indices() {
        let first = at_begin && place == 0;
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '~' | '|' | '&' | '$' | '^'
            | '{' | '}' | '!' => {
                out.push('\\');
                out.push(character);
            }
            '+' | '-' | '=' | ':' if first => {
                out.push('\\');
                out.push(character);
            }
            '.' | ')' if at_begin && digits > 0 && place == digits => {
                out.push('\\');
                out.push(character);
            }
            // What no text may contain, and what ends lines elsewhere.
            '\r' | '\u{0}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    /// What a reader of Markdown shows: the text, and how often something is marked.
    fn shown(markdown: &str) -> (String, usize) {
        let (mut text, mut marks) = (String::new(), 0);
        // All extensions but the one that makes quotes and dashes prettier.
        let options = Options::all() - Options::ENABLE_SMART_PUNCTUATION;
        for event in Parser::new_ext(markdown, options) {
            match event {
                Event::Text(part) | Event::Code(part) => text.push_str(&part),
                Event::SoftBreak | Event::HardBreak => text.push('\n'),
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                Event::Start(
                    Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. },
                ) => marks += 1,
                Event::End(_) => {}
                other => text.push_str(&format!("{{{other:?}}}")),
            }
        }
        (text, marks)
    }

    fn written(text: &str, entities: &[(u32, u32, EntityKind)]) -> String {
        let entities: Vec<Entity> = entities
            .iter()
            .map(|(offset, length, kind)| Entity {
                offset: *offset,
                length: *length,
                kind: kind.clone(),
            })
            .collect();
        let mut out = String::new();
        formatted(&mut out, text, &entities);
        out
    }

    #[test]
    fn formatting_shows() {
        let link = EntityKind::TextLink {
            href: "https://a.example/(x)?a=1&b=2".to_owned(),
        };
        assert_eq!(
            written("so bold it is", &[(3, 4, EntityKind::Bold)]),
            "so **bold** it is"
        );
        assert_eq!(
            written("see here!", &[(4, 4, link)]),
            "see [here](<https://a.example/(x)?a=1&amp;b=2>)\\!"
        );
        assert_eq!(
            written("run a`b now", &[(4, 3, EntityKind::Code)]),
            "run ``a`b`` now"
        );
        let script = EntityKind::TextLink {
            href: "javascript:alert(1)".to_owned(),
        };
        assert_eq!(written("here", &[(0, 4, script)]), "here");
    }

    #[test]
    fn text_that_looks_like_markup_is_text() {
        for text in [
            "# no heading",
            "> no quote",
            "- no list",
            "1. no list\n2) neither",
            "a\n===",
            "a\n---",
            "<script>alert(1)</script>",
            "[a](javascript:x) ![b](c)",
            "*a* _b_ **c** ~~d~~ `e`",
            "```\ncode\n```",
            "    no code",
            "a\n\n\nb",
            "| a | b |\n|---|---|",
            "[x]: https://a.example",
            "&lt; &copy; $x$ ^a^ {a}",
            "ends with \\",
            "\\",
            "a  \nb",
        ] {
            let (shown, marks) = shown(&written(text, &[]));
            assert_eq!((shown.as_str(), marks), (text, 0), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_people_write_shows(
            text in "[-a-zж0-9 #>*_`~=+.):|<&\\[\\]!\\\\\n\t$^(\"'😀]{0,40}",
            borders in proptest::collection::vec((0..40u32, 0..20u32, 0..5u8), 0..5),
        ) {
            let entities: Vec<_> = borders.into_iter().map(|(offset, length, kind)| {
                (offset, length, match kind {
                    0 => EntityKind::Bold,
                    1 => EntityKind::Italic,
                    2 => EntityKind::Code,
                    3 => EntityKind::TextLink { href: "https://a.example".to_owned() },
                    _ => EntityKind::Strikethrough,
                })
            }).collect();
            let (shown, _) = shown(&written(&text, &entities));
            prop_assert_eq!(shown, text.trim_end_matches('\n'));
        }
    }
}
