//! Where each preset finds its local system.

use serde_json::Value;

use super::support::{Preset, texts};

pub(super) const NOTION: Preset = Preset {
    name: "notion",
    file: |systems| {
        let facts = systems.facts().notion;
        format!(
            "base_url = \"{}\"\n[settings]\ndatabase = \"{}\"",
            facts.url, facts.database_id
        )
    },
    secrets: |systems| vec![("token", systems.facts().notion.token)],
    changes_at: "/v1/pages",
    faults: |systems| systems.notion().faults.clone(),
    journal: |systems| systems.notion().journal.clone(),
    records: |systems, user| {
        let pages = systems.notion().records();
        let of_user = pages
            .iter()
            .filter(|page| page["properties"]["Telegram ID"]["number"].as_i64() == Some(user));
        let seen = of_user.map(|page| {
            let properties = &page["properties"];
            let name = properties["Name"]["title"][0]["plain_text"].as_str();
            let tags = texts(&properties["Tags"]["multi_select"], "name");
            (name.unwrap_or_default().to_owned(), tags)
        });
        seen.collect()
    },
    crowd: |systems| systems.notion().set_page_size(2),
};

pub(super) const GOOGLE_SHEETS: Preset = Preset {
    name: "google_sheets",
    file: |systems| {
        let facts = systems.facts().google;
        format!(
            "base_url = \"{}\"\n[settings]\nspreadsheet = \"{}\"\nsheet = \"{}\"",
            facts.url, facts.spreadsheet_id, facts.sheet
        )
    },
    secrets: |systems| {
        let key = systems.facts().google.service_account;
        vec![("key", key.to_string())]
    },
    changes_at: "append",
    faults: |systems| systems.google().faults.clone(),
    journal: |systems| systems.google().journal.clone(),
    records: |systems, user| {
        let rows = systems.google().records();
        let cell = |row: &Value, place: usize| {
            let cell = row["values"].get(place).cloned().unwrap_or_default();
            cell.as_str()
                .map_or_else(|| cell.to_string(), str::to_owned)
        };
        let of_user = rows.iter().filter(|row| cell(row, 0) == user.to_string());
        let seen = of_user.map(|row| {
            let tags = cell(row, 6);
            let tags = tags.split(", ").filter(|tag| !tag.is_empty());
            (cell(row, 1), tags.map(str::to_owned).collect())
        });
        seen.collect()
    },
    crowd: |_| {},
};

pub(super) const AMOCRM: Preset = Preset {
    name: "amocrm",
    file: |systems| {
        let facts = systems.facts().amocrm;
        format!(
            "base_url = \"{}\"\n[settings]\nsubdomain = \"example\"\nfield_id = {}",
            facts.url, facts.fields.telegram_id
        )
    },
    secrets: |systems| vec![("token", systems.facts().amocrm.token)],
    changes_at: "leads/complex",
    faults: |systems| systems.amocrm().faults.clone(),
    journal: |systems| systems.amocrm().journal.clone(),
    records: |systems, user| {
        let field = systems.facts().amocrm.fields.telegram_id;
        let is_user = |entity: &Value| {
            let fields = entity["custom_fields_values"].as_array();
            fields.into_iter().flatten().any(|one| {
                one["field_id"].as_u64() == Some(field)
                    && one["values"][0]["value"].as_str() == Some(&*user.to_string())
            })
        };
        let entities = systems.amocrm().records();
        let of_user = entities.iter().filter(|entity| is_user(entity));
        let seen = of_user.map(|contact| {
            let name = contact["first_name"].as_str();
            let tags = texts(&contact["_embedded"]["tags"], "name");
            (name.unwrap_or_default().to_owned(), tags)
        });
        seen.collect()
    },
    crowd: |systems| systems.amocrm().set_page_size(2),
};

pub(super) const BITRIX24: Preset = Preset {
    name: "bitrix24",
    file: |_| "[settings]\nportal = \"example.bitrix24.com\"".to_owned(),
    secrets: |systems| vec![("webhook", systems.facts().bitrix24.webhook)],
    changes_at: "crm.item.add",
    faults: |systems| systems.bitrix24().faults.clone(),
    journal: |systems| systems.bitrix24().journal.clone(),
    records: |systems, user| {
        let items = systems.bitrix24().records();
        let of_user = items
            .iter()
            .filter(|item| item["ufCrmTelegramId"].as_str() == Some(&*user.to_string()));
        let seen = of_user.map(|item| {
            let tags = item["ufCrmTags"].as_array().into_iter().flatten();
            let tags = tags.filter_map(|tag| tag.as_str().map(str::to_owned));
            let name = item["name"].as_str().unwrap_or_default();
            (name.to_owned(), tags.collect())
        });
        seen.collect()
    },
    crowd: |systems| systems.bitrix24().set_page_size(2),
};

pub(super) const SALESFORCE: Preset = Preset {
    name: "salesforce",
    file: |systems| {
        let facts = systems.facts().salesforce;
        format!(
            "base_url = \"{}\"\n[settings]\ndomain = \"example\"",
            facts.url
        )
    },
    secrets: |systems| {
        let facts = systems.facts().salesforce;
        vec![
            ("client_id", facts.client_id),
            ("client_secret", facts.client_secret),
        ]
    },
    changes_at: "sobjects",
    faults: |systems| systems.salesforce().faults.clone(),
    journal: |systems| systems.salesforce().journal.clone(),
    records: |systems, user| {
        let contacts = systems.salesforce().records();
        let of_user = contacts
            .iter()
            .filter(|contact| contact["Telegram_Id__c"].as_str() == Some(&*user.to_string()));
        let seen = of_user.map(|contact| {
            let tags = contact["Tags__c"].as_str().unwrap_or_default().split(';');
            let tags = tags.filter(|tag| !tag.is_empty()).map(str::to_owned);
            let name = contact["FirstName"].as_str().unwrap_or_default();
            (name.to_owned(), tags.collect())
        });
        seen.collect()
    },
    crowd: |systems| systems.salesforce().set_page_size(2),
};

/// It keeps no records of ours, but accounts.
pub(super) const BILLING: Preset = Preset {
    name: "billing",
    file: |systems| format!("[settings]\nurl = \"{}\"", systems.facts().billing.url),
    secrets: |systems| vec![("token", systems.facts().billing.token)],
    changes_at: "subscription",
    faults: |systems| systems.billing().faults.clone(),
    journal: |systems| systems.billing().journal.clone(),
    records: |_, _| Vec::new(),
    crowd: |systems| systems.billing().set_page_size(2),
};

/// All that keep records, for what must hold of each.
pub(super) const ALL: &[&Preset] = &[&NOTION, &GOOGLE_SHEETS, &AMOCRM, &BITRIX24, &SALESFORCE];
