//! What clients of the systems need to know.

use serde::Serialize;

use super::billing::Billing;
use super::notion::{Notion, VERSION};

/// Addresses, ids and secrets of all systems.
#[derive(Clone, Debug, Serialize)]
pub struct SystemsFacts {
    /// Notion.
    pub notion: NotionFacts,
    /// The billing service.
    pub billing: BillingFacts,
}

/// Notion.
#[derive(Clone, Debug, Serialize)]
pub struct NotionFacts {
    /// Base URL; `/v1/…` is below it.
    pub url: String,
    /// Bearer token.
    pub token: String,
    /// Header `Notion-Version`.
    pub version: &'static str,
    /// The database.
    pub database_id: String,
    /// Its data source of customers.
    pub data_source_id: String,
}

/// The billing service.
#[derive(Clone, Debug, Serialize)]
pub struct BillingFacts {
    /// Base URL; `/v1/…` is below it.
    pub url: String,
    /// Bearer token.
    pub token: String,
}

impl SystemsFacts {
    pub(super) fn gather(base: &str, notion: &Notion, billing: &Billing) -> Self {
        Self {
            notion: NotionFacts {
                url: format!("{base}/notion"),
                token: notion.token().to_owned(),
                version: VERSION,
                database_id: notion.database().to_owned(),
                data_source_id: notion.data_sources().into_iter().next().unwrap_or_default(),
            },
            billing: BillingFacts {
                url: format!("{base}/billing"),
                token: billing.token().to_owned(),
            },
        }
    }
}
