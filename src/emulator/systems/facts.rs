//! What clients of the systems need to know.

use serde::Serialize;
use serde_json::Value;

use super::amocrm::AmoCrm;
use super::notion::VERSION;
use super::systems::Each;

/// Addresses, ids and secrets of all systems.
#[derive(Clone, Debug, Serialize)]
pub struct SystemsFacts {
    /// Notion.
    pub notion: NotionFacts,
    /// Google.
    pub google: GoogleFacts,
    /// Bitrix24.
    pub bitrix24: Bitrix24Facts,
    /// amoCRM, elsewhere called Kommo.
    pub amocrm: AmoCrmFacts,
    /// Salesforce.
    pub salesforce: SalesforceFacts,
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

/// Bitrix24.
#[derive(Clone, Debug, Serialize)]
pub struct Bitrix24Facts {
    /// Base URL of the webhook, secret included; a method's name follows it.
    pub webhook: String,
    /// The secret in it, which must not be told.
    pub secret: String,
    /// The field of the Telegram user's id, of all types.
    pub telegram_field: &'static str,
    /// The field of tags, of all types.
    pub tags_field: &'static str,
}

/// amoCRM, elsewhere called Kommo.
#[derive(Clone, Debug, Serialize)]
pub struct AmoCrmFacts {
    /// Base URL; `/api/v4/…` and `/oauth2/access_token` are below it.
    pub url: String,
    /// Bearer token that lives long.
    pub token: String,
    /// The integration, for OAuth 2.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where people would be sent after they agreed.
    pub redirect_uri: &'static str,
    /// The refresh token that was good when this was told; each is good once.
    pub refresh_token: String,
    /// Ids of custom fields.
    pub fields: AmoCrmFields,
    /// The pipeline of leads.
    pub pipeline_id: u64,
    /// Its first stage.
    pub status_id: u64,
}

/// Ids of amoCRM's custom fields.
#[derive(Clone, Debug, Serialize)]
pub struct AmoCrmFields {
    /// A contact's phones, code `PHONE`.
    pub phone: u64,
    /// A contact's Telegram user id, text.
    pub telegram_id: u64,
    /// A contact's username, text.
    pub username: u64,
    /// A contact's language, text.
    pub language: u64,
    /// The address of a lead's topic, a URL.
    pub lead_topic: u64,
}

/// Salesforce.
#[derive(Clone, Debug, Serialize)]
pub struct SalesforceFacts {
    /// Base URL; `/services/…` is below it.
    pub url: String,
    /// The connected app's key.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The object of customers.
    pub object: &'static str,
    /// Its external id.
    pub external_id: &'static str,
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
        let (client_id, client_secret, redirect_uri) = each.amocrm.client();
        let (pipeline_id, status_id) = AmoCrm::pipeline();
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
            bitrix24: Bitrix24Facts {
                webhook: format!("{base}/bitrix24{}", each.bitrix24.webhook()),
                secret: each.bitrix24.secret().to_owned(),
                telegram_field: "ufCrmTelegramId",
                tags_field: "ufCrmTags",
            },
            amocrm: AmoCrmFacts {
                url: format!("{base}/amocrm"),
                token: each.amocrm.token(),
                client_id,
                client_secret,
                redirect_uri,
                refresh_token: each.amocrm.refresh_token(),
                fields: AmoCrmFields {
                    phone: AmoCrm::field("Phone"),
                    telegram_id: AmoCrm::field("Telegram ID"),
                    username: AmoCrm::field("Username"),
                    language: AmoCrm::field("Language"),
                    lead_topic: AmoCrm::field("Topic"),
                },
                pipeline_id,
                status_id,
            },
            salesforce: SalesforceFacts {
                url: format!("{base}/salesforce"),
                client_id: each.salesforce.client().0.to_owned(),
                client_secret: each.salesforce.client().1.to_owned(),
                object: "Contact",
                external_id: "Telegram_Id__c",
            },
            billing: BillingFacts {
                url: format!("{base}/billing"),
                token: each.billing.token().to_owned(),
            },
        }
    }
}
