//! Configuration: defaults < file < environment; unknown keys are refused.
//!
//! One file a section. `schema/config.toml` is the commented default, embedded in the binary.

mod bot;
mod check;
mod connectors;
mod crm;
mod environment;
mod error;
mod group;
mod http;
mod keys;
mod load;
mod media;
mod privacy;
mod require;
mod secret;
mod telegram;
mod template;
#[cfg(test)]
mod tests;
mod vault;

pub use bot::BotConfig;
pub use check::{is_account_name, is_bot_token};
pub use connectors::ConnectorsConfig;
pub use crm::CrmConfig;
pub use error::{ConfigError, Origin};
pub use group::{Delivery, GroupConfig, RoleRules, TrainingConsent, TriggerConfig};
pub use http::HttpConfig;
pub use load::{FILE_NAME, Loaded, load, load_with};
pub use media::MediaConfig;
pub use privacy::PrivacyConfig;
pub use secret::Secret;
pub use telegram::{ServerConfig, TelegramConfig};
pub use template::{TEMPLATE, fill, quote};
pub use vault::VaultConfig;

use serde::{Deserialize, Serialize};

/// The whole configuration.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The userbot's account.
    pub telegram: TelegramConfig,
    /// The companion bot.
    pub bot: BotConfig,
    /// The CRM beside us.
    pub crm: CrmConfig,
    /// Outside systems.
    pub connectors: ConnectorsConfig,
    /// Where archives live.
    pub vault: VaultConfig,
    /// Health and metrics.
    pub http: HttpConfig,
    /// Which files are fetched.
    pub media: MediaConfig,
    /// What the correspondence is kept for.
    pub privacy: PrivacyConfig,
    /// The groups to capture.
    pub groups: Vec<GroupConfig>,
}
