//! `[crm]`: the CRM's Topics API.

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// The CRM beside us. Empty `url`: none.
#[derive(Clone, Debug, Deserialize, Serialize)]
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
    /// How long an answer stays good, seconds.
    pub cache: u64,
    /// Questions a second, at most.
    pub per_second: u32,
}

impl Default for CrmConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            api_key: Secret::default(),
            instance: String::new(),
            instance_api_key: Secret::default(),
            cache: 600,
            per_second: 10,
        }
    }
}
