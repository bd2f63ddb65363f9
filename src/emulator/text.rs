//! What Telegram's server finds in a text by itself: commands, links, mentions, hashtags.

use super::world::Entity;

/// Adds what the server finds in `text` to the entities that the sender gave, ordered by offset.
/// A stretch that the sender has formatted as a link or code keeps only that.
#[must_use]
pub fn entities(text: &str, mut given: Vec<Entity>) -> Vec<Entity> {
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let length = units(word);
        let bare = word.trim_end();
        if let Some((kind, size)) = find(bare, offset == 0) {
            let taken = given.iter().any(|entity| {
                matches!(entity.kind.as_str(), "text_link" | "code" | "pre" | "link")
                    && entity.offset < offset + size
                    && offset < entity.offset + entity.length
            });
            if !taken {
                given.push(Entity {
                    kind: kind.to_owned(),
                    offset,
                    length: size,
                    href: None,
                    language: None,
                    user_id: None,
                });
            }
        }
        offset += length;
    }
    given.sort_by_key(|entity| (entity.offset, -entity.length));
    given
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
    fn a_note_is_no_command() {
        assert!(entities("/ call them back", Vec::new()).is_empty());
    }
}
