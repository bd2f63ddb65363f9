//! What templates know besides a connector's own settings and steps: who asks, about whom, where.

use serde_json::{Map, Value, json};

use super::filters::escaped;
use crate::i18n::Language;
use crate::model::{Customer, GroupId, PersonId, TopicId, topic_link};

/// Names at the top, and what is below them; an empty list is a value of its own.
const KEYS: &[(&str, &[&str])] = &[
    (
        "customer",
        &[
            "user_id",
            "name",
            "first_name",
            "last_name",
            "username",
            "language",
            "phone",
            "chat_title",
            "is_chat",
        ],
    ),
    ("operator", &["id", "name", "username"]),
    ("topic", &["id", "title", "link"]),
    ("group", &["id", "title"]),
    ("account", &[]),
    ("accounts", &[]),
    ("args", &[]),
    ("settings", &[]),
    ("steps", &[]),
    ("item", &[]),
    ("language", &[]),
    ("now", &[]),
    ("today", &[]),
];

/// The names of the values that templates may use, without what is below them.
pub fn roots() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(root, _)| *root)
}

/// What is below a name; `None`: there is no such name.
pub(super) fn keys(root: &str) -> Option<&'static [&'static str]> {
    let found = KEYS.iter().find(|(known, _)| *known == root);
    found.map(|(_, keys)| *keys)
}

/// Who gave a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operator {
    /// Marked id; `None` where nobody asked (a trigger).
    pub id: Option<PersonId>,
    /// First and last name.
    pub name: Option<String>,
    /// Without the `@`.
    pub username: Option<String>,
}

/// What an action is about.
#[derive(Clone, Debug)]
pub struct Context {
    /// Whom the topic stands for, as far as that is known.
    pub customer: Option<Customer>,
    /// Who asks.
    pub operator: Operator,
    /// The group.
    pub group: GroupId,
    /// Its title, where known.
    pub group_title: Option<String>,
    /// The topic.
    pub topic: TopicId,
    /// Its title, where known.
    pub topic_title: Option<String>,
    /// Accounts that are linked with the customer.
    pub accounts: Vec<String>,
    /// What followed the command.
    pub arguments: Map<String, Value>,
    /// The language of replies.
    pub language: Language,
    /// Operators see customers in part only.
    pub mask: bool,
    /// The time, Unix seconds.
    pub now: i64,
    /// The same for every attempt at the same thing, and for nothing else: a system that is asked
    /// twice can tell by it.
    pub key: String,
}

impl Context {
    /// As templates see it.
    pub(super) fn values(&self) -> Map<String, Value> {
        let mut root = Map::new();
        root.insert("customer".to_owned(), facts(self.customer.as_ref()).into());
        let operator = [
            ("id", self.operator.id.map(|id| id.0.into())),
            ("name", self.operator.name.clone().map(Value::from)),
            ("username", self.operator.username.clone().map(Value::from)),
        ];
        root.insert("operator".to_owned(), object(operator));
        let link = topic_link(self.group, self.topic);
        let topic = [
            ("id", Some(self.topic.0.into())),
            ("title", self.topic_title.clone().map(Value::from)),
            ("link", Some(link.into())),
        ];
        root.insert("topic".to_owned(), object(topic));
        let group = [
            ("id", Some(self.group.bare().into())),
            ("title", self.group_title.clone().map(Value::from)),
        ];
        root.insert("group".to_owned(), object(group));
        // One account that is linked is the one that is meant; of several, the operator names one.
        let named = self.arguments.get("account").cloned();
        let only = match self.accounts.as_slice() {
            [only] => Some(only.clone().into()),
            _ => None,
        };
        if let Some(account) = named.or(only) {
            root.insert("account".to_owned(), account);
        }
        root.insert("accounts".to_owned(), self.accounts.clone().into());
        root.insert("args".to_owned(), self.arguments.clone().into());
        root.insert("language".to_owned(), self.language.tag().into());
        root.insert("now".to_owned(), self.now.into());
        let today = jiff::Timestamp::from_second(self.now).unwrap_or_default();
        let today = today.to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
        root.insert("today".to_owned(), today.into());
        root.insert("steps".to_owned(), json!({}));
        root
    }

    /// The customer as operators may see them.
    pub(super) fn shown_customer(&self) -> Map<String, Value> {
        match &self.customer {
            Some(customer) if self.mask => facts(Some(&customer.masked())),
            customer => facts(customer.as_ref()),
        }
    }

    /// A reply, HTML, as operators may see it: what stands in tags, such as addresses, stays.
    pub(super) fn shown(&self, html: String) -> String {
        let Some(customer) = self.customer.as_ref().filter(|_| self.mask) else {
            return html;
        };
        let mut shown = String::with_capacity(html.len());
        for (number, part) in html.split('<').enumerate() {
            let (tag, text) = match part.split_once('>') {
                Some((tag, text)) if number > 0 => (Some(tag), text),
                _ => (None, part),
            };
            match tag {
                Some(tag) => {
                    shown.push('<');
                    shown.push_str(tag);
                    shown.push('>');
                }
                None if number > 0 => shown.push('<'),
                None => {}
            }
            shown.push_str(&customer.conceal(text, escaped));
        }
        shown
    }

    /// Plain words as operators may see them.
    #[must_use]
    pub fn shown_words(&self, text: &str) -> String {
        match self.customer.as_ref().filter(|_| self.mask) {
            Some(customer) => customer.conceal(text, str::to_owned),
            None => text.to_owned(),
        }
    }

    /// Texts about people that no log may show.
    pub(super) fn personal(&self) -> Vec<String> {
        let mut texts = Vec::new();
        if let Some(customer) = &self.customer {
            let all = [
                customer.user_id.map(|id| id.0.to_string()),
                customer.display_name(),
                customer.first_name.clone(),
                customer.last_name.clone(),
                customer.username.clone(),
                customer.phone.clone(),
                customer.chat_title.clone(),
            ];
            texts.extend(all.into_iter().flatten());
        }
        let words = self.arguments.values().flat_map(|value| match value {
            Value::Array(list) => list.clone(),
            value => vec![value.clone()],
        });
        texts.extend(words.filter_map(|word| word.as_str().map(str::to_owned)));
        texts.extend(self.accounts.iter().cloned());
        texts.extend(self.topic_title.clone());
        // The longest first, so that nothing is left of a name within another.
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        texts
    }
}

/// What is known of a customer.
fn facts(customer: Option<&Customer>) -> Map<String, Value> {
    let Some(customer) = customer else {
        return Map::new();
    };
    let text = |value: &Option<String>| value.clone().map(Value::from);
    let known = [
        ("user_id", customer.user_id.map(|id| id.0.into())),
        ("name", customer.display_name().map(Value::from)),
        ("first_name", text(&customer.first_name)),
        ("last_name", text(&customer.last_name)),
        ("username", text(&customer.username)),
        ("language", text(&customer.language)),
        ("phone", text(&customer.phone)),
        ("chat_title", text(&customer.chat_title)),
        ("is_chat", Some(customer.chat_title.is_some().into())),
    ];
    present(known)
}

fn object<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    present(entries).into()
}

/// What is unknown is no value at all, so that nothing writes "null" anywhere.
fn present<const N: usize>(entries: [(&str, Option<Value>); N]) -> Map<String, Value> {
    entries
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)))
        .collect()
}
