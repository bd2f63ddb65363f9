//! What clients of the systems need to know.

use serde::Serialize;
use serde_json::Value;

use super::notion::VERSION;
use super::systems::Each;

/// Addresses, ids and secrets of all systems.
#[derive(Clone, Debug, Serialize)]
pub struct SystemsFacts {
    /// Notion.
    pub notion: NotionFacts,
    /// Google.
    pub google: GoogleFacts,
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

/// Google's token endpoint and spreadsheets.
#[derive(Clone, Debug, Serialize)]
pub struct GoogleFacts {
    /// Base URL; `/token` and `/v4/…` are below it.
    pub url: String,
    /// The spreadsheet.
    pub spreadsheet_id: String,
    /// Its sheet of customers, which has a row of headings.
    pub sheet: &'static str,
    /// The content of the service account's key file.
    pub service_account: Value,
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
    pub(super) fn gather(base: &str, each: &Each) -> Self {
        Self {
            notion: NotionFacts {
                url: format!("{base}/notion"),
                token: each.notion.token().to_owned(),
                version: VERSION,
                database_id: each.notion.database().to_owned(),
                data_source_id: each
                    .notion
                    .data_sources()
                    .into_iter()
                    .next()
                    .unwrap_or_default(),
            },
            google: GoogleFacts {
                url: format!("{base}/google"),
                spreadsheet_id: each.google.spreadsheet().to_owned(),
                sheet: "Customers",
                service_account: each.google.key_file(),
            },
            billing: BillingFacts {
                url: format!("{base}/billing"),
                token: each.billing.token().to_owned(),
            },
        }
    }
}
