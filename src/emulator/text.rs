//! What Telegram's server finds in a text by itself: commands, links, mentions, hashtags.

use super::world::Entity;

/// Entities of one text; Telegram passes over further ones.
const MOST: usize = 100;

/// What senders can give, and what the server finds.
const KINDS: [&str; 17] = [
    "bold",
    "italic",
    "underline",
    "strikethrough",
    "spoiler",
    "code",
    "pre",
    "blockquote",
    "link",
    "text_link",
    "mention",
    "mention_name",
    "hashtag",
    "cashtag",
    "bot_command",
    "email",
    "phone",
];

/// Of the entities that a sender gave those that are of a known kind and lie inside the text, as
/// many as are allowed, ordered by offset.
#[must_use]
pub fn given(text: &str, entities: Vec<Entity>) -> Vec<Entity> {
    let whole = units(text);
    let fits = |entity: &Entity| {
        entity.offset >= 0
            && entity.length > 0
            && entity.offset.saturating_add(entity.length) <= whole
            && KINDS.contains(&entity.kind.as_str())
    };
    let mut kept: Vec<Entity> = entities.into_iter().filter(fits).take(MOST).collect();
    kept.sort_by_key(|entity| (entity.offset, -entity.length));
    kept
}

/// Adds what the server finds in `text` to the entities that the sender gave ([`given`]), ordered
/// by offset. A stretch that the sender has formatted as a link or code keeps only that.
#[must_use]
pub fn entities(text: &str, entities: Vec<Entity>) -> Vec<Entity> {
    let mut all = given(text, entities);
    let kept: Vec<(i32, i32)> = all
        .iter()
        .filter(|entity| matches!(entity.kind.as_str(), "text_link" | "code" | "pre" | "link"))
        .map(|entity| (entity.offset, entity.offset + entity.length))
        .collect();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        if all.len() >= MOST {
            break;
        }
        let length = units(word);
        let bare = word.trim_end();
        if let Some((kind, size)) = find(bare, offset == 0) {
            let taken = kept
                .iter()
                .any(|(begin, end)| *begin < offset + size && offset < *end);
            if !taken {
                all.push(Entity {
                    kind: kind.to_owned(),
                    offset,
                    length: size,
                    ..Entity::default()
                });
            }
        }
        offset += length;
    }
    all.sort_by_key(|entity| (entity.offset, -entity.length));
    all
}

/// The kind of a word and how much of it counts, without punctuation behind.
fn find(word: &str, first: bool) -> Option<(&'static str, i32)> {
    let core = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']);
    let name = |rest: &str| {
        !rest.is_empty()
            && rest
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    let kind = if core.starts_with("https://") || core.starts_with("http://") {
        "link"
    } else if core.strip_prefix('@').is_some_and(name) {
        "mention"
    } else if core.strip_prefix('#').is_some_and(name) {
        "hashtag"
    } else if first && super::world::addressed_command(core).is_some() {
        "bot_command"
    } else if core
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    {
        "email"
    } else {
        return None;
    };
    Some((kind, units(core)))
}

/// Length in UTF-16 units, as Telegram counts.
#[must_use]
pub fn units(text: &str) -> i32 {
    i32::try_from(text.encode_utf16().count()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_the_server_finds() {
        let found: Vec<_> = entities(
            "/export@bot 😀 https://a.example/x, @anna #refund a@b.example",
            Vec::new(),
        )
        .into_iter()
        .map(|entity| (entity.kind, entity.offset, entity.length))
        .collect();
        let expected = [
            ("bot_command", 0, 11),
            ("link", 15, 19),
            ("mention", 36, 5),
            ("hashtag", 42, 7),
            ("email", 50, 11),
        ];
        assert_eq!(
            found,
            expected.map(|(kind, offset, length)| (kind.to_owned(), offset, length))
        );
    }

    #[test]
    fn what_makes_no_sense_is_dropped_and_so_is_what_is_too_much() {
        let bold = |offset: i32, length: i32| Entity {
            kind: "bold".to_owned(),
            offset,
            length,
            ..Entity::default()
        };
        let mut wrong: Vec<Entity> = [(0, 6), (-1, 2), (2, 0), (i32::MAX, i32::MAX)]
            .map(|(offset, length)| bold(offset, length))
            .into();
        wrong.push(Entity {
            kind: "blink".to_owned(),
            ..bold(0, 1)
        });
        assert!(entities("text ", wrong.clone()).is_empty());
        wrong.extend((0..300_000).map(|_| bold(1, 1)));
        let words = "@anna ".repeat(600);
        let started = std::time::Instant::now();
        assert_eq!(entities(&words, wrong).len(), MOST);
        assert!(started.elapsed().as_millis() < 1_000, "linear");
        assert_eq!(entities(&words, vec![bold(0, 1)]).len(), MOST);
    }

    #[test]
    fn a_note_is_no_command() {
        assert!(entities("/ call them back", Vec::new()).is_empty());
    }
}
