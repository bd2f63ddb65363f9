//! A message's text with its formatting as markup.

use std::fmt::Write;

use super::escape::Escaped;
use crate::model::{Entity, EntityKind};
use crate::transcript::address::safe_href;
use crate::transcript::spans::spans;

/// An entity whose markup is open.
struct Open {
    entity: usize,
    close: &'static str,
    /// A block ends the line by itself.
    block: bool,
    link: bool,
}

/// Appends `text` as markup. Elements are properly nested even where entities cross: what is
/// crossed is closed and opened again.
pub(super) fn formatted(html: &mut String, text: &str, entities: &[Entity]) {
    if entities.is_empty() {
        let _ = write!(html, "{}", Escaped(text));
        return;
    }
    let mut stack: Vec<Open> = Vec::new();
    let mut after_block = false;
    for span in spans(text, entities) {
        let kept = stack
            .iter()
            .zip(&span.covered_by)
            .take_while(|(open, wanted)| open.entity == **wanted)
            .count();
        after_block |= close(html, &mut stack, kept);
        for &index in span.covered_by.get(kept..).unwrap_or_default() {
            if let Some(entity) = entities.get(index) {
                let inside_link = stack.iter().any(|open| open.link);
                let covered = covered(text, entity);
                stack.push(open(html, index, entity, &covered, inside_link));
            }
        }
        // The line break behind a block is the block's own end.
        let text = if after_block {
            span.text.strip_prefix('\n').unwrap_or(span.text)
        } else {
            span.text
        };
        after_block = false;
        let _ = write!(html, "{}", Escaped(text));
    }
    close(html, &mut stack, 0);
}

/// Closes what is open beyond the first `kept`; says whether a block was among it.
fn close(html: &mut String, stack: &mut Vec<Open>, kept: usize) -> bool {
    let mut block = false;
    while stack.len() > kept {
        if let Some(open) = stack.pop() {
            html.push_str(open.close);
            block |= open.block;
        }
    }
    block
}

/// The text that an entity covers: the address of a bare link.
fn covered(text: &str, entity: &Entity) -> String {
    match entity.kind {
        EntityKind::Link | EntityKind::Email | EntityKind::Mention => {}
        _ => return String::new(),
    }
    spans(text, std::slice::from_ref(entity))
        .iter()
        .filter(|span| !span.covered_by.is_empty())
        .map(|span| span.text)
        .collect()
}

fn open(html: &mut String, index: usize, entity: &Entity, covered: &str, in_link: bool) -> Open {
    let href = match &entity.kind {
        _ if in_link => None,
        EntityKind::TextLink { href } => safe_href(href),
        EntityKind::Link => safe_href(covered),
        EntityKind::Email => safe_href(&format!("mailto:{covered}")),
        EntityKind::Mention => covered
            .strip_prefix('@')
            .and_then(|name| safe_href(&format!("https://t.me/{name}"))),
        EntityKind::MentionName { user_id } => Some(format!("tg://user?id={user_id}")),
        _ => None,
    };
    let (tag, close, block) = match &entity.kind {
        EntityKind::TextLink { .. }
        | EntityKind::Link
        | EntityKind::Email
        | EntityKind::Mention
        | EntityKind::MentionName { .. } => {
            if let Some(href) = href {
                let _ = write!(
                    html,
                    "<a href=\"{}\" rel=\"noopener noreferrer nofollow\">",
                    Escaped(&href)
                );
                return Open {
                    entity: index,
                    close: "</a>",
                    block: false,
                    link: true,
                };
            }
            // Where nobody should be led, nothing looks like a link.
            ("<span>", "</span>", false)
        }
        EntityKind::Hashtag
        | EntityKind::Cashtag
        | EntityKind::BotCommand
        | EntityKind::Phone
        | EntityKind::BankCard => ("<span class=\"tag\">", "</span>", false),
        EntityKind::Bold => ("<b>", "</b>", false),
        EntityKind::Italic => ("<i>", "</i>", false),
        EntityKind::Underline => ("<u>", "</u>", false),
        EntityKind::Strikethrough => ("<s>", "</s>", false),
        // Whoever reads a transcript wants to read it: marked, not hidden.
        EntityKind::Spoiler => ("<span class=\"spoiler\">", "</span>", false),
        EntityKind::Code => ("<code>", "</code>", false),
        EntityKind::Pre { .. } => ("<pre><code>", "</code></pre>", true),
        EntityKind::Blockquote => ("<blockquote>", "</blockquote>", true),
        EntityKind::CustomEmoji { .. } | EntityKind::Unknown { .. } => ("<span>", "</span>", false),
    };
    html.push_str(tag);
    Open {
        entity: index,
        close,
        block,
        link: false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str, entities: &[(u32, u32, EntityKind)]) -> String {
        let entities: Vec<Entity> = entities
            .iter()
            .map(|(offset, length, kind)| Entity {
                offset: *offset,
                length: *length,
                kind: kind.clone(),
            })
            .collect();
        let mut html = String::new();
        formatted(&mut html, text, &entities);
        html
    }

    fn link(href: &str) -> EntityKind {
        EntityKind::TextLink {
            href: href.to_owned(),
        }
    }

    #[test]
    fn formatting_becomes_nested_elements() {
        assert_eq!(
            html(
                "😀 a<b c",
                &[(3, 3, EntityKind::Bold), (5, 3, EntityKind::Italic)]
            ),
            "😀 <b>a&lt;<i>b</i></b><i> c</i>"
        );
    }

    #[test]
    fn links_are_checked_and_never_nested() {
        assert_eq!(
            html("go", &[(0, 2, link("javascript:alert(1)"))]),
            "<span>go</span>"
        );
        assert_eq!(
            html("go", &[(0, 2, link("https://a.example/\"><script>"))]),
            "<a href=\"https://a.example/&quot;&gt;&lt;script&gt;\" \
             rel=\"noopener noreferrer nofollow\">go</a>"
        );
        assert_eq!(
            html(
                "a.example",
                &[(0, 9, link("https://b.example")), (0, 9, EntityKind::Link)]
            )
            .matches("<a ")
            .count(),
            1
        );
        assert!(html("a.example", &[(0, 9, EntityKind::Link)]).contains("https://a.example"));
        assert!(html("@anna", &[(0, 5, EntityKind::Mention)]).contains("https://t.me/anna\""));
        assert!(html("a@b.c", &[(0, 5, EntityKind::Email)]).contains("mailto:a@b.c\""));
    }

    #[test]
    fn the_line_break_behind_a_block_is_not_doubled() {
        assert_eq!(
            html("quoted\nanswer", &[(0, 6, EntityKind::Blockquote)]),
            "<blockquote>quoted</blockquote>answer"
        );
    }

    proptest! {
        #[test]
        fn elements_are_balanced(
            text in "[<>&\"a-c😀\\n]{0,30}",
            borders in proptest::collection::vec((0..30u32, 0..30u32, 0..6u8), 0..8),
        ) {
            let entities: Vec<_> = borders.into_iter().map(|(offset, length, kind)| {
                (offset, length, match kind {
                    0 => EntityKind::Bold,
                    1 => EntityKind::Blockquote,
                    2 => link("https://a.example"),
                    3 => EntityKind::Link,
                    4 => EntityKind::Pre { language: "\"><x".to_owned() },
                    _ => EntityKind::Spoiler,
                })
            }).collect();
            let html = html(&text, &entities);
            let mut open: Vec<&str> = Vec::new();
            for tag in html.split('<').skip(1) {
                let tag = tag.split('>').next().unwrap_or_default();
                match tag.strip_prefix('/') {
                    Some(name) => prop_assert_eq!(open.pop(), Some(name)),
                    None => open.push(tag.split(' ').next().unwrap_or_default()),
                }
            }
            prop_assert!(open.is_empty());
        }
    }
}
