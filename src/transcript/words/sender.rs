//! Who said it, and the beginning of what was said.

use std::borrow::Cow;

use super::Labels;
use crate::model::{Customer, Message, TopicId};
use crate::transcript::role::Role;
use crate::transcript::writer::{Page, TopicHead};

/// Longest beginning, in characters.
const LONGEST: usize = 100;

/// The name above a message: behind a relay account it is the customer's, or where nobody knows who
/// that is, the topic's title.
pub(in crate::transcript) fn sender<'n>(
    message: &Message,
    role: Option<Role>,
    head: Option<&'n TopicHead>,
    page: &'n Page<'_>,
    labels: &'n Labels,
) -> Cow<'n, str> {
    if role == Some(Role::Customer)
        && let Some(head) = head
    {
        let customer = head.customer.as_ref();
        if let Some(name) = customer.and_then(Customer::display_name) {
            return name.into();
        }
        if head.topic.id != TopicId::GENERAL && !head.topic.title.is_empty() {
            return head.topic.title.as_str().into();
        }
    }
    match message.from {
        Some(from) => page.name(from).map_or_else(
            || format!("{} {from}", labels.unknown).into(),
            Cow::Borrowed,
        ),
        None => labels.unknown.into(),
    }
}

/// Appends the first characters, on one line.
pub(in crate::transcript) fn cut(short: &mut String, text: &str) {
    let end = match text.len() {
        ..=LONGEST => None,
        _ => text.char_indices().nth(LONGEST),
    };
    let (shown, rest) = text.split_at(end.map_or(text.len(), |(end, _)| end));
    for (place, word) in shown.split(char::is_whitespace).enumerate() {
        if place > 0 {
            short.push(' ');
        }
        short.push_str(word);
    }
    short.truncate(short.trim_end().len());
    if !rest.is_empty() {
        short.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_are_one_short_line() {
        let short = |text: &str| {
            let mut short = String::new();
            cut(&mut short, text);
            short
        };
        assert_eq!(short("a\nb  \n"), "a b");
        assert_eq!(short(&"ж".repeat(LONGEST)), "ж".repeat(LONGEST));
        let long = short(&"ж".repeat(200));
        assert_eq!(long.chars().count(), LONGEST + 1);
        assert!(long.ends_with('…'));
    }
}
