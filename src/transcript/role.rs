//! Who a message's author is in the conversation.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::archive::{ArchiveError, Query, Reader};
use crate::config::RoleRules;
use crate::model::{GroupId, Message, PersonId, PersonKind, Snapshot};

/// What a message is in the conversation, resolved on reading and never stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// From the customer, posted by the CRM's bot or relay account.
    Customer,
    /// From a person who answers.
    Operator,
    /// From our bot or another answering bot.
    Assistant,
    /// A comment inside the topic that never reaches the customer.
    Note,
    /// A bot command.
    Command,
    /// Telegram's own.
    Service,
}

impl Role {
    /// As formats and queries name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Operator => "operator",
            Self::Assistant => "assistant",
            Self::Note => "note",
            Self::Command => "command",
            Self::Service => "service",
        }
    }
}

/// A role, and whether the rules settle it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The role; where it is not sure, what it is most likely to be.
    pub role: Role,
    /// Whether the rules settle it.
    pub sure: bool,
}

/// Resolves roles in one archive.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    rules: RoleRules,
    bots: HashSet<PersonId>,
}

impl Roles {
    /// Looks for the archive's bots.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn new(reader: &Reader, rules: RoleRules) -> Result<Self, ArchiveError> {
        let mut bots = HashSet::new();
        reader.each_person(&mut |person| {
            if person.kind == PersonKind::Bot {
                bots.insert(person.id);
            }
        })?;
        Ok(Self { rules, bots })
    }

    /// A message's role.
    #[must_use]
    pub fn of(&self, message: &Message) -> Role {
        role(message, &self.rules, &|person| self.bots.contains(&person))
    }
}

/// Resolves roles in a search of one archive.
#[derive(Debug)]
pub struct SearchRoles(Roles);

impl SearchRoles {
    /// Looks for the archive's bots, where the query asks for roles at all.
    ///
    /// # Errors
    /// Where the archive cannot be read.
    pub fn new(reader: &Reader, query: &Query, rules: RoleRules) -> Result<Self, ArchiveError> {
        Ok(Self(if query.asks_for_roles() {
            Roles::new(reader, rules)?
        } else {
            Roles {
                rules,
                ..Roles::default()
            }
        }))
    }

    /// The name of a message's role.
    #[must_use]
    pub fn name_of(&self, snapshot: &Snapshot) -> &'static str {
        self.0.of(&snapshot.message).name()
    }
}

/// Resolves a message's role. The first rule that applies decides:
///
/// 1. Telegram's own messages are [`Role::Service`].
/// 2. What a relay account posts is the [`Role::Customer`]'s, whatever it looks like: customers
///    write `/start` and `/ ` too, and the CRM's own posts cannot be told from theirs.
/// 3. Text that begins with the note prefix is a [`Role::Note`], also from a bot: our bot marks
///    what is not for the customer in exactly this way.
/// 4. Anything else from an assistant or a bot is the [`Role::Assistant`]'s.
/// 5. `/name` or `/name@bot`, alone or before arguments, is a [`Role::Command`].
/// 6. In a group where only explicit replies reach the customer, anything else is a note.
///    A reply to the topic itself is how Telegram marks a plain post, so it is none.
/// 7. The rest is the [`Role::Operator`]'s.
#[must_use]
pub fn role(message: &Message, rules: &RoleRules, is_bot: &dyn Fn(PersonId) -> bool) -> Role {
    if message.service.is_some() {
        return Role::Service;
    }
    if is_from(message, &rules.relays) {
        return Role::Customer;
    }
    let is_answering = || is_from(message, &rules.assistants) || message.from.is_some_and(is_bot);
    of_others(message, rules, is_answering)
}

/// Resolves a message's role as [`role`] does, and says whether the rules settle it. They do not
/// where the author may be somebody else than they seem to be:
///
/// - Nobody is known to post customers' messages: anybody may be the one who does. Only the words of
///   [`RoleRules::assistants`] and of the group itself are settled.
/// - A bot is neither a relay nor an assistant. What it marks as a note is one.
/// - The author is not named, was never met, or is a channel.
///
/// The group itself is an administrator who stays anonymous, so an operator; so is whoever
/// [`RoleRules::operators`] names.
#[must_use]
pub fn resolve(
    message: &Message,
    rules: &RoleRules,
    group: GroupId,
    kind_of: &dyn Fn(PersonId) -> Option<PersonKind>,
) -> Resolved {
    let sure = |role| Resolved { role, sure: true };
    if message.service.is_some() {
        return sure(Role::Service);
    }
    if is_from(message, &rules.relays) {
        return sure(Role::Customer);
    }
    if is_from(message, &rules.assistants) {
        return sure(of_others(message, rules, || true));
    }
    if is_from(message, &rules.operators) {
        return sure(of_others(message, rules, || false));
    }
    let kind = message.from.and_then(kind_of);
    let role = of_others(message, rules, || kind == Some(PersonKind::Bot));
    let settled = match kind {
        _ if message.from == Some(PersonId(group.marked())) => true,
        _ if rules.relays.is_empty() => false,
        Some(PersonKind::User) => true,
        Some(PersonKind::Bot) => role == Role::Note,
        Some(PersonKind::Channel) | None => false,
    };
    Resolved {
        role,
        sure: settled,
    }
}

fn is_from(message: &Message, accounts: &[i64]) -> bool {
    let author = message.from;
    author.is_some_and(|author| accounts.contains(&author.0))
}

/// The role of what is neither Telegram's own nor a relay's.
fn of_others(message: &Message, rules: &RoleRules, is_answering: impl FnOnce() -> bool) -> Role {
    if is_note(message, rules) {
        return Role::Note;
    }
    if is_answering() {
        return Role::Assistant;
    }
    if is_command(&message.text) {
        return Role::Command;
    }
    if rules.reply_only && !is_explicit_reply(message) {
        return Role::Note;
    }
    Role::Operator
}

/// Whether a message begins as notes do.
pub(super) fn is_note(message: &Message, rules: &RoleRules) -> bool {
    !rules.note_prefix.is_empty() && message.text.starts_with(&rules.note_prefix)
}

/// Telegram's own grammar: `/`, then 1 to 32 of `[A-Za-z0-9_]`, perhaps `@bot`, then the end or
/// white space. `/etc/passwd` is no command.
fn is_command(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('/') else {
        return false;
    };
    let word = rest.split(char::is_whitespace).next().unwrap_or_default();
    let (name, bot) = match word.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (word, None),
    };
    let is_name = |part: &str| {
        (1..=32).contains(&part.len())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    is_name(name) && bot.is_none_or(is_name)
}

fn is_explicit_reply(message: &Message) -> bool {
    message
        .reply_to
        .as_ref()
        .is_some_and(|reply| !reply.external && reply.id.0 != message.topic.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MessageId, Reply, Service, TopicId};

    const RELAY: i64 = 100;
    const OUR_BOT: i64 = 200;
    const OTHER_BOT: i64 = 300;
    const PERSON: i64 = 400;

    fn rules() -> RoleRules {
        RoleRules {
            relays: vec![RELAY],
            assistants: vec![OUR_BOT],
            ..RoleRules::default()
        }
    }

    fn said(by: i64, text: &str) -> Message {
        Message::text(MessageId(60), TopicId(50), 1, PersonId(by), text)
    }

    fn of(message: &Message, rules: &RoleRules) -> Role {
        role(message, rules, &|who| {
            [RELAY, OUR_BOT, OTHER_BOT].contains(&who.0)
        })
    }

    #[test]
    fn author_and_text_decide() {
        for (by, text, expected) in [
            (RELAY, "Hello", Role::Customer),
            (RELAY, "/ is a slash", Role::Customer),
            (RELAY, "/start", Role::Customer),
            (OUR_BOT, "Your tariff is active.", Role::Assistant),
            (OUR_BOT, "/ Export is ready", Role::Note),
            (OUR_BOT, "/help", Role::Assistant),
            (OTHER_BOT, "Good evening", Role::Assistant),
            (OTHER_BOT, "/ only for us", Role::Note),
            (PERSON, "We are on it", Role::Operator),
            (PERSON, "", Role::Operator),
            (PERSON, "/ he called before", Role::Note),
            (PERSON, "/", Role::Operator),
            (PERSON, "/info", Role::Command),
            (PERSON, "/export@our_bot html last 5", Role::Command),
            (PERSON, "/export\nhtml", Role::Command),
            (PERSON, "/etc/passwd", Role::Operator),
            (PERSON, "/привет", Role::Operator),
            (PERSON, "/info@", Role::Operator),
            (PERSON, "see /info", Role::Operator),
        ] {
            assert_eq!(of(&said(by, text), &rules()), expected, "{by} {text:?}");
        }
    }

    #[test]
    fn telegrams_own_messages_are_service_even_from_the_relay() {
        let mut message = said(RELAY, "");
        message.service = Some(Service::TopicCreated {
            title: "Anna".into(),
        });
        assert_eq!(of(&message, &rules()), Role::Service);
    }

    #[test]
    fn an_unknown_author_is_an_operator() {
        let mut message = said(PERSON, "Hello");
        message.from = None;
        assert_eq!(of(&message, &rules()), Role::Operator);
    }

    const STRANGER: i64 = 500;
    const CHANNEL: i64 = -1_000_000_000_600;

    #[test]
    fn what_the_rules_do_not_settle_is_unsure() {
        let group = GroupId::EXAMPLE;
        let kind_of = |who: PersonId| match who.0 {
            RELAY | OUR_BOT | OTHER_BOT => Some(PersonKind::Bot),
            PERSON => Some(PersonKind::User),
            CHANNEL => Some(PersonKind::Channel),
            _ => None,
        };
        let nobody = RoleRules {
            relays: Vec::new(),
            ..rules()
        };
        // By whom, what, its role, and whether it is settled with a relay and without one.
        for (by, text, expected, with, without) in [
            (OUR_BOT, "Done", Role::Assistant, true, true),
            (OUR_BOT, "/ Done", Role::Note, true, true),
            (OTHER_BOT, "Done", Role::Assistant, false, false),
            (OTHER_BOT, "/ Done", Role::Note, true, false),
            (PERSON, "Hello", Role::Operator, true, false),
            (PERSON, "/info", Role::Command, true, false),
            (PERSON, "/ angry", Role::Note, true, false),
            (STRANGER, "Hello", Role::Operator, false, false),
            (CHANNEL, "News", Role::Operator, false, false),
            (group.marked(), "Hello", Role::Operator, true, true),
        ] {
            for (rules, sure) in [(&rules(), with), (&nobody, without)] {
                let found = resolve(&said(by, text), rules, group, &kind_of);
                let wanted = Resolved {
                    role: expected,
                    sure,
                };
                assert_eq!(found, wanted, "{by} {text:?}");
            }
        }
        let mut anonymous = said(PERSON, "Hello");
        anonymous.from = None;
        assert!(!resolve(&anonymous, &rules(), group, &kind_of).sure);
        let relayed = resolve(&said(RELAY, "Hello"), &rules(), group, &kind_of);
        assert!(relayed.sure && relayed.role == Role::Customer);
        let mut service = said(STRANGER, "");
        service.service = Some(Service::Joined { people: Vec::new() });
        assert!(resolve(&service, &nobody, group, &kind_of).sure);
    }

    #[test]
    fn where_only_replies_reach_the_customer_the_rest_are_notes() {
        let rules = RoleRules {
            reply_only: true,
            ..rules()
        };
        let reply = |id, external| {
            let mut message = said(PERSON, "Yes");
            message.reply_to = Some(Reply {
                external,
                ..Reply::to(MessageId(id))
            });
            message
        };
        assert_eq!(of(&said(PERSON, "Yes"), &rules), Role::Note);
        assert_eq!(of(&reply(55, false), &rules), Role::Operator);
        assert_eq!(of(&reply(50, false), &rules), Role::Note, "topic itself");
        assert_eq!(of(&reply(55, true), &rules), Role::Note, "another chat");
        assert_eq!(of(&said(PERSON, "/info"), &rules), Role::Command);
        assert_eq!(of(&said(RELAY, "Yes"), &rules), Role::Customer);
    }

    #[test]
    fn an_empty_prefix_makes_nothing_a_note_and_another_prefix_counts() {
        let none = RoleRules {
            note_prefix: String::new(),
            ..rules()
        };
        assert_eq!(of(&said(PERSON, "Hello"), &none), Role::Operator);
        let other = RoleRules {
            note_prefix: "#".to_owned(),
            ..rules()
        };
        assert_eq!(of(&said(PERSON, "#internal"), &other), Role::Note);
    }
}
