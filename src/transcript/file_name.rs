//! Names for transcripts that every file system and chat accepts.

use super::Format;
use crate::model::{Topic, TopicId};

/// Longest name, in bytes: with `.zst.001` behind it, still far below the 255 of common file
/// systems and the 143 of encrypted ones.
const LONGEST: usize = 120;

/// A file name after topic and date, safe on every system: `Anna-Schmidt-5343-2026-11-23.html`.
///
/// Of the title only letters and digits (of any script) are kept, anything else becomes one
/// hyphen: so no path, hidden file, option, reserved device name or direction override can arise.
/// Without a topic the name begins with `all-topics`.
#[must_use]
pub fn file_name(topic: Option<&Topic>, format: Format, date: jiff::civil::Date) -> String {
    let extension = format.extension();
    let Some(topic) = topic else {
        return format!("all-topics-{date}.{extension}");
    };
    let tail = format!("-{}-{date}.{extension}", topic.id);
    let mut name = words(&topic.title, LONGEST.saturating_sub(tail.len()));
    if name.is_empty() {
        name.push_str("topic");
    }
    name + &tail
}

/// The file of a topic in a directory of them: `5343-Anna-Schmidt.json`.
pub(super) fn topic_file(topic: TopicId, title: &str, format: Format) -> String {
    let mut name = topic.to_string();
    let title = words(title, LONGEST - name.len() - 8);
    if !title.is_empty() {
        name.push('-');
        name.push_str(&title);
    }
    name.push('.');
    name.push_str(format.extension());
    name
}

/// The title's letters and digits, joined by hyphens, at most `longest` bytes.
fn words(title: &str, longest: usize) -> String {
    let mut name = String::new();
    for word in title
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
        if name.len() > longest {
            break;
        }
    }
    while name.len() > longest {
        name.pop();
    }
    name.truncate(name.trim_end_matches('-').len());
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TopicStatus;
    use proptest::prelude::*;

    fn named(title: &str) -> String {
        let topic = Topic {
            id: TopicId(5343),
            title: title.to_owned(),
            status: TopicStatus::Open,
            hidden: false,
            created: None,
        };
        file_name(Some(&topic), Format::Html, jiff::civil::date(2026, 11, 23))
    }

    #[test]
    fn titles_become_words() {
        for (title, expected) in [
            ("Anna Schmidt", "Anna-Schmidt-5343-2026-11-23.html"),
            ("Анна Шмидт 😀", "Анна-Шмидт-5343-2026-11-23.html"),
            ("../../etc", "etc-5343-2026-11-23.html"),
            ("CON", "CON-5343-2026-11-23.html"),
            ("aux.txt", "aux-txt-5343-2026-11-23.html"),
            ("-rf --", "rf-5343-2026-11-23.html"),
            ("😀🎉", "topic-5343-2026-11-23.html"),
            ("", "topic-5343-2026-11-23.html"),
            ("evil\u{202e}lmth.exe", "evil-lmth-exe-5343-2026-11-23.html"),
            ("C:\\x\0y|z?\n", "C-x-y-z-5343-2026-11-23.html"),
        ] {
            assert_eq!(named(title), expected, "{title:?}");
        }
    }

    #[test]
    fn long_titles_are_cut_between_letters() {
        for letter in ["a", "ж", "界", "𐐀"] {
            let name = named(&letter.repeat(300));
            assert!(name.len() <= LONGEST, "{}", name.len());
            assert!(name.len() > LONGEST - 4);
            assert!(name.ends_with("-5343-2026-11-23.html"));
        }
    }

    #[test]
    fn a_whole_group_has_a_name_too() {
        let date = jiff::civil::date(2026, 11, 23);
        assert_eq!(
            file_name(None, Format::Jsonl, date),
            "all-topics-2026-11-23.jsonl"
        );
    }

    proptest! {
        #[test]
        fn any_title_gives_a_safe_name(title in any::<String>()) {
            let name = named(&title);
            prop_assert!(name.len() <= LONGEST);
            prop_assert!(name.ends_with("-5343-2026-11-23.html"));
            let stem = name.trim_end_matches(".html");
            prop_assert!(stem.chars().all(|c| c.is_alphanumeric() || c == '-'));
            prop_assert!(!name.starts_with('-'));
        }
    }
}
