//! Who takes part: people, bots and channels that write, and the customer of a topic.

use serde::{Deserialize, Serialize};

use super::ids::PersonId;

/// What sort of author a [`PersonId`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonKind {
    /// A human account.
    User,
    /// A bot account.
    Bot,
    /// A channel or group that writes in its own name (anonymous administrators).
    Channel,
}

/// An author as last observed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Marked id, see [`PersonId`].
    pub id: PersonId,
    /// Sort of author.
    pub kind: PersonKind,
    /// First and last name, or a title; empty for deleted accounts.
    pub name: String,
    /// Without the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// The customer whom a topic stands for. The author of a customer's message says nothing about
/// them (a CRM bot or relay account posts for everyone), so this is kept by topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// Telegram user id; `None` where the topic stands for a group chat.
    pub user_id: Option<PersonId>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Without the `@`.
    pub username: Option<String>,
    /// IETF language tag as the client reports it, such as `de`.
    pub language: Option<String>,
    /// International form with `+`; personal data, never logged.
    pub phone: Option<String>,
    /// The chat's title where the topic stands for a group chat.
    pub chat_title: Option<String>,
}

impl Customer {
    /// The same with names and the phone number in part only, for those who must not see them.
    #[must_use]
    pub fn masked(&self) -> Self {
        Self {
            first_name: self.first_name.as_deref().map(first_letter),
            last_name: self.last_name.as_deref().map(first_letter),
            username: self.username.as_deref().map(first_letter),
            phone: self.phone.as_deref().map(last_digits),
            chat_title: self.chat_title.as_deref().map(first_letter),
            ..self.clone()
        }
    }

    /// The name to show: full name, chat title or username; `None` where nothing is known.
    #[must_use]
    pub fn display_name(&self) -> Option<String> {
        let full: Vec<&str> = [&self.first_name, &self.last_name]
            .into_iter()
            .filter_map(|part| part.as_deref())
            .filter(|part| !part.is_empty())
            .collect();
        if !full.is_empty() {
            return Some(full.join(" "));
        }
        self.chat_title
            .clone()
            .or_else(|| self.username.as_ref().map(|name| format!("@{name}")))
    }
}

fn first_letter(name: &str) -> String {
    name.chars().take(1).chain("•••".chars()).collect()
}

fn last_digits(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().collect();
    let last = digits
        .get(digits.len().saturating_sub(2)..)
        .unwrap_or_default();
    "•••".chars().chain(last.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_customer_shows_beginnings_and_ends() {
        let customer = Customer {
            first_name: Some("Анна".to_owned()),
            last_name: Some("S".to_owned()),
            phone: Some("+49301234567".to_owned()),
            ..Customer::default()
        };
        let masked = customer.masked();
        assert_eq!(masked.display_name().as_deref(), Some("А••• S•••"));
        assert_eq!(masked.phone.as_deref(), Some("•••67"));
    }
}
