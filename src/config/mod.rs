//! Configuration: defaults < file < environment; unknown keys are refused.
//!
//! One file a section. `schema/config.toml` is the commented default, embedded in the binary.

mod bot;
mod crm;
mod group;
mod secret;
mod telegram;
mod vault;

pub use bot::BotConfig;
pub use crm::CrmConfig;
pub use group::{GroupConfig, RoleRules};
pub use secret::Secret;
pub use telegram::{ServerConfig, TelegramConfig};
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
    /// Where archives live.
    pub vault: VaultConfig,
    /// The groups to capture.
    pub groups: Vec<GroupConfig>,
}
