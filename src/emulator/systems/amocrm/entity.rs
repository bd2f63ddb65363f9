//! Contacts and leads.

use serde_json::{Value, json};

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Contact,
    Lead,
}

impl Kind {
    /// Its name in addresses and lists.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Contact => "contacts",
            Self::Lead => "leads",
        }
    }
}

/// A custom field of the account.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) id: u64,
    pub(super) name: &'static str,
    pub(super) code: Option<&'static str>,
    pub(super) kind: &'static str,
    pub(super) of: Kind,
}

const fn field(
    id: u64,
    name: &'static str,
    code: Option<&'static str>,
    kind: &'static str,
    of: Kind,
) -> Field {
    Field {
        id,
        name,
        code,
        kind,
        of,
    }
}

/// The Telegram user's id, a field of contacts.
pub(super) const TELEGRAM: u64 = 500_003;

/// The fields of the account.
pub(super) static FIELDS: [Field; 6] = [
    field(500_001, "Phone", Some("PHONE"), "multitext", Kind::Contact),
    field(500_002, "Email", Some("EMAIL"), "multitext", Kind::Contact),
    field(TELEGRAM, "Telegram ID", None, "text", Kind::Contact),
    field(500_004, "Username", None, "text", Kind::Contact),
    field(500_005, "Language", None, "text", Kind::Contact),
    field(500_011, "Topic", None, "url", Kind::Lead),
];

/// What may stand beside a phone or an address: id and code.
pub(super) const PLACES: [(u64, &str); 6] = [
    (510_001, "WORK"),
    (510_002, "WORKDD"),
    (510_003, "MOB"),
    (510_004, "FAX"),
    (510_005, "HOME"),
    (510_006, "OTHER"),
];

/// The account's only pipeline, and its stages.
pub(super) const PIPELINE: u64 = 600_001;
pub(super) const STAGES: [u64; 4] = [600_101, 600_102, 142, 143];

/// The only user.
pub(super) const USER: u64 = 700_001;
pub(super) const ACCOUNT: u64 = 800_001;

/// A custom field with values: each is `value`, with `enum_id` and `enum_code` where there are.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filled {
    pub(super) field: u64,
    pub(super) values: Vec<Value>,
}

/// A contact or a lead.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    pub(super) id: u64,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) price: i64,
    pub(super) status: u64,
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) filled: Vec<Filled>,
    /// Names of tags.
    pub(super) tags: Vec<String>,
    /// Contacts of a lead.
    pub(super) contacts: Vec<u64>,
    /// The company of a lead.
    pub(super) company: Option<u64>,
}

impl Entity {
    pub(super) fn new(kind: Kind, id: u64, now: i64) -> Self {
        Self {
            id,
            kind,
            name: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            price: 0,
            status: STAGES.first().copied().unwrap_or_default(),
            created: now,
            updated: now,
            filled: Vec::new(),
            tags: Vec::new(),
            contacts: Vec::new(),
            company: None,
        }
    }

    /// The values of a field.
    pub(super) fn values(&self, field: u64) -> &[Value] {
        let filled = self.filled.iter().find(|filled| filled.field == field);
        filled
            .map(|filled| filled.values.as_slice())
            .unwrap_or_default()
    }

    /// Whether a search finds it: by a part of its name, of any value, or of the digits of a
    /// number.
    pub(super) fn matches(&self, query: &str) -> bool {
        let query = query.trim().to_lowercase();
        let digits = digits(&query);
        let hit = |text: &str| {
            text.to_lowercase().contains(&query)
                || (!digits.is_empty()
                    && digits.len() + 4 > query.len()
                    && self::digits(text).contains(&digits))
        };
        let values = self.filled.iter().flat_map(|filled| &filled.values);
        let mut values = values.filter_map(|value| value.get("value")?.as_str());
        self.id.to_string() == query || hit(&self.name) || values.any(hit)
    }

    /// As the API tells it; `with` are the relations that are asked for, `tag_id` numbers tags.
    pub(super) fn told(
        &self,
        base: &str,
        with: &[&str],
        leads: &[u64],
        tag_id: impl Fn(&str) -> u64,
    ) -> Value {
        let filled: Vec<Value> = self.filled.iter().filter_map(told_field).collect();
        let filled = (!filled.is_empty()).then_some(filled);
        let link = |kind: &str, id: u64| json!({ "self": { "href": format!("{base}/api/v4/{kind}/{id}") } });
        let tags: Vec<Value> = self
            .tags
            .iter()
            .map(|name| json!({ "id": tag_id(name), "name": name, "color": null }))
            .collect();
        let companies: Vec<Value> = self
            .company
            .map(|id| json!({ "id": id, "_links": link("companies", id) }))
            .into_iter()
            .collect();
        let mut embedded = json!({ "tags": tags, "companies": companies });
        let mut all = json!({
            "id": self.id,
            "name": self.name,
            "responsible_user_id": USER,
            "group_id": 0,
            "created_by": USER,
            "updated_by": USER,
            "created_at": self.created,
            "updated_at": self.updated,
            "closest_task_at": null,
            "is_deleted": false,
            "custom_fields_values": filled,
            "account_id": ACCOUNT,
            "_links": link(self.kind.name(), self.id),
        });
        let (related, ids, more) = match self.kind {
            Kind::Contact => (
                "leads",
                leads,
                json!({
                    "first_name": self.first_name,
                    "last_name": self.last_name,
                    "is_unsorted": false,
                }),
            ),
            Kind::Lead => (
                "contacts",
                self.contacts.as_slice(),
                json!({
                    "price": self.price,
                    "status_id": self.status,
                    "pipeline_id": PIPELINE,
                    "loss_reason_id": null,
                    "closed_at": null,
                    "score": null,
                }),
            ),
        };
        if with.contains(&related)
            && let Some(embedded) = embedded.as_object_mut()
        {
            let list: Vec<Value> = ids
                .iter()
                .enumerate()
                .map(|(place, id)| match self.kind {
                    Kind::Contact => json!({ "id": id, "_links": link(related, *id) }),
                    Kind::Lead => {
                        json!({ "id": id, "is_main": place == 0, "_links": link(related, *id) })
                    }
                })
                .collect();
            embedded.insert(related.to_owned(), list.into());
        }
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
            all.insert("_embedded".to_owned(), embedded);
        }
        all
    }
}

fn told_field(filled: &Filled) -> Option<Value> {
    let field = FIELDS.iter().find(|field| field.id == filled.field)?;
    Some(json!({
        "field_id": field.id,
        "field_name": field.name,
        "field_code": field.code,
        "field_type": field.kind,
        "values": filled.values,
    }))
}

pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
