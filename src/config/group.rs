//! `[[groups]]`: a forum supergroup to capture, and who is who in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{GroupId, IdError, PersonId};

/// A group to capture.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct GroupConfig {
    /// `-100…`, the bare id, or a `t.me/c/…` link.
    pub id: String,
    /// Time zone of dates shown to people (IANA name).
    #[serde(default = "utc")]
    pub timezone: String,
    /// Language in which the bot speaks here: `en`, `de` or `ru`; unset: the operator's.
    #[serde(default)]
    pub language: Option<String>,
    /// People who may command the bot besides the group's administrators.
    #[serde(default)]
    pub operators: Vec<i64>,
    /// The account that captures it; unset: `telegram.account`.
    #[serde(default)]
    pub account: Option<String>,
    /// The topic in which the bot tells operators of trouble; 1 is General.
    #[serde(default = "general")]
    pub alerts: i32,
    /// Roles among the operators: a name, and the user ids of those who have it.
    #[serde(default)]
    pub staff: BTreeMap<String, Vec<i64>>,
    /// Who may give a command: `operators`, `administrators`, `nobody`, a role, or a user id.
    #[serde(default)]
    pub permissions: BTreeMap<String, Vec<String>>,
    /// `/info` shows phone numbers and names in part only.
    #[serde(default)]
    pub mask: bool,
    /// Who has consented to conversations of this group being used to train on.
    #[serde(default)]
    pub training_consent: TrainingConsent,
    /// How a message of ours reaches the customer.
    #[serde(default)]
    pub delivery: Delivery,
    /// For `delivery = "crm_api"`: the action, `connector.action`; the words are its `args.text`.
    #[serde(default)]
    pub delivery_action: String,
    /// Who is who.
    #[serde(default)]
    pub roles: RoleRules,
    /// What happens by itself.
    #[serde(default)]
    pub triggers: Vec<TriggerConfig>,
}

/// How a message of ours reaches the customer; everything else that we write is a note.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Not at all.
    #[default]
    None,
    /// Our bot writes it in the topic, and the CRM passes it on.
    Bot,
    /// The userbot writes it in the topic like an operator, and the CRM passes it on.
    Userbot,
    /// A connector's action brings it to the CRM: `delivery_action`.
    CrmApi,
}

/// Whose consent there is to train on a group's conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrainingConsent {
    /// Nobody's: formats to train on are refused.
    #[default]
    None,
    /// The customers'.
    Customers,
}

/// Something that happens by itself: a connector's action, or a note.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TriggerConfig {
    /// When: `topic_created`, `first_message`, `closed`, `reopened`, `no_answer` or `text`.
    pub on: String,
    /// For `no_answer`: after so many minutes.
    pub minutes: u32,
    /// For `text`: a pattern that a customer's message contains.
    pub matches: String,
    /// The connector's action to run: `connector.action`.
    pub run: String,
    /// The note to post.
    pub note: String,
}

/// Rules from which a message's role follows on reading.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct RoleRules {
    /// Accounts (ids) that post customers' messages: the CRM's bot or its relay user account; empty:
    /// who is found to do so in the group.
    pub relays: Vec<i64>,
    /// Accounts of our bot and of other answering bots; empty: who is found to answer.
    pub assistants: Vec<i64>,
    /// Accounts of people who answer, where the archive cannot tell: deleted ones, channels.
    pub operators: Vec<i64>,
    /// How a note begins.
    pub note_prefix: String,
    /// The CRM passes on only explicit replies; all else is a note.
    pub reply_only: bool,
}

impl GroupConfig {
    /// A group with every default.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            timezone: utc(),
            language: None,
            operators: Vec::new(),
            account: None,
            alerts: general(),
            staff: BTreeMap::new(),
            permissions: BTreeMap::new(),
            mask: false,
            training_consent: TrainingConsent::None,
            delivery: Delivery::None,
            delivery_action: String::new(),
            roles: RoleRules::default(),
            triggers: Vec::new(),
        }
    }

    /// The group's id.
    ///
    /// # Errors
    /// When `id` is none; never in a configuration that was loaded, loading checks it.
    pub fn group(&self) -> Result<GroupId, IdError> {
        self.id.parse()
    }

    /// Those whom the configuration names as people who answer.
    #[must_use]
    pub fn answering(&self) -> Vec<PersonId> {
        let staff = self.staff.values().flatten();
        self.operators
            .iter()
            .chain(staff)
            .copied()
            .map(PersonId)
            .collect()
    }

    /// The time zone; `None` when its name is unknown, which loading refuses.
    #[must_use]
    pub fn zone(&self) -> Option<jiff::tz::TimeZone> {
        jiff::tz::TimeZone::get(&self.timezone).ok()
    }
}

const fn general() -> i32 {
    1
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Default for RoleRules {
    fn default() -> Self {
        Self {
            relays: Vec::new(),
            assistants: Vec::new(),
            operators: Vec::new(),
            note_prefix: "/ ".to_owned(),
            reply_only: false,
        }
    }
}
