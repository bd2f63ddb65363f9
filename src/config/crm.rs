//! `[crm]`: the CRM's Topics API.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// The CRM beside us. Empty `url`: none.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrmConfig {
    /// Address of the Topics API.
    pub url: String,
    /// The owner's token, header `X-API-KEY`.
    pub api_key: Secret,
    /// The connection's name.
    pub instance: String,
    /// The connection's own key.
    pub instance_api_key: Secret,
}
