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

    /// A text in which names and the phone number stand in part only; `written` is the form that
    /// values have in it. What differs from what is known, such as an older name, is not found.
    #[must_use]
    pub fn conceal(&self, text: &str, written: impl Fn(&str) -> String) -> String {
        let masked = self.masked();
        let whole = (self.display_name(), masked.display_name());
        let digits = self.phone.as_deref().map(|it| it.trim_start_matches('+'));
        let mut pairs: Vec<(String, String)> = [
            whole,
            (self.first_name.clone(), masked.first_name),
            (self.last_name.clone(), masked.last_name),
            (self.username.clone(), masked.username),
            (self.chat_title.clone(), masked.chat_title),
            (self.phone.clone(), masked.phone.clone()),
            (digits.map(str::to_owned), masked.phone),
        ]
        .into_iter()
        .filter_map(|(plain, masked)| Some((written(&plain?), written(&masked?))))
        .filter(|(plain, _)| !plain.is_empty())
        .collect();
        // The longest first, so that nothing is left of a name within another.
        pairs.sort_by_key(|(plain, _)| std::cmp::Reverse(plain.len()));
        let mut concealed = text.to_owned();
        for (plain, masked) in pairs {
            concealed = replace_words(&concealed, &plain, &masked);
        }
        concealed
    }

    /// The same, and of what another source says of the same customer what this one lacks.
    #[must_use]
    pub fn or(self, other: &Self) -> Self {
        let differs = self.user_id.is_some() && self.user_id != other.user_id;
        if differs || self.chat_title.is_some() != other.chat_title.is_some() {
            return self;
        }
        let or = |own: Option<String>, other: &Option<String>| own.or_else(|| other.clone());
        // A name is one thing: half of it from elsewhere would be nobody's.
        let named = self.first_name.is_some() || self.last_name.is_some();
        let name = if named { &self } else { other };
        Self {
            user_id: self.user_id.or(other.user_id),
            first_name: name.first_name.clone(),
            last_name: name.last_name.clone(),
            username: or(self.username, &other.username),
            language: or(self.language, &other.language),
            phone: or(self.phone, &other.phone),
            chat_title: self.chat_title,
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

/// Replaces a text where it stands as words of its own.
fn replace_words(text: &str, from: &str, to: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, found) = rest.split_at(at);
        let after = found.strip_prefix(from).unwrap_or_default();
        let joins = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let last = before
            .chars()
            .next_back()
            .or_else(|| replaced.chars().next_back());
        let part_of_word = joins(last) || joins(after.chars().next());
        replaced.push_str(before);
        replaced.push_str(if part_of_word { from } else { to });
        rest = after;
    }
    replaced.push_str(rest);
    replaced
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

    #[test]
    fn a_text_shows_a_masked_customer_in_part() {
        let customer = Customer {
            first_name: Some("An".to_owned()),
            last_name: Some("O'Brien".to_owned()),
            username: Some("an_ob".to_owned()),
            phone: Some("+49301234567".to_owned()),
            ..Customer::default()
        };
        let text = "An O'Brien (@an_ob, 49301234567, +49301234567): Answer An; Ana, Oan";
        assert_eq!(
            customer.conceal(text, str::to_owned),
            "A••• O••• (@a•••, •••67, •••67): Answer A•••; Ana, Oan"
        );
        let quoted = |text: &str| text.replace('\'', "&#39;");
        assert_eq!(
            customer.conceal("<b>O&#39;Brien</b>", quoted),
            "<b>O•••</b>"
        );
    }

    #[test]
    fn what_one_source_lacks_another_may_know_of_the_same_customer() {
        let archived = Customer {
            user_id: Some(PersonId(7)),
            first_name: Some("Anna".to_owned()),
            last_name: Some("S".to_owned()),
            phone: Some("+49".to_owned()),
            ..Customer::default()
        };
        let told = |id, first: Option<&str>| Customer {
            user_id: Some(PersonId(id)),
            first_name: first.map(str::to_owned),
            ..Customer::default()
        };
        let same = told(7, Some("Anne")).or(&archived);
        assert_eq!(same.display_name().as_deref(), Some("Anne"));
        assert_eq!(same.phone.as_deref(), Some("+49"));
        assert_eq!(
            told(7, None).or(&archived).display_name().as_deref(),
            Some("Anna S")
        );
        assert_eq!(told(8, None).or(&archived), told(8, None));
    }
}
