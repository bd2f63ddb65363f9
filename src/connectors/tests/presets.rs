//! Where each preset finds its local system.

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

/// All of them, for what must hold of each.
pub(super) const ALL: &[&Preset] = &[&NOTION];
