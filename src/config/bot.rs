//! `[bot]`: the companion bot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use crate::model::PersonId;

/// The companion bot.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct BotConfig {
    /// Token from @BotFather; empty: no bot.
    pub token: Secret,
    /// Base address of the Bot API.
    pub api_url: String,
    /// Largest file the Bot API server takes, bytes: 50 MB at Telegram's own.
    pub upload_limit: u64,
    /// Messages a minute that the bot may post in one group (Telegram: 20).
    pub messages_per_minute: u32,
    /// Operators are told when a group has not been captured for so long, seconds; 0: never.
    pub alert_after: u64,
    /// Renames commands: `names.export = "transcript"` answers to `/transcript` instead of `/export`.
    pub names: BTreeMap<String, String>,
}

impl BotConfig {
    /// The bot's own id, with which its token begins; `None`: there is no bot.
    #[must_use]
    pub fn id(&self) -> Option<PersonId> {
        let (id, _) = self.token.expose().split_once(':')?;
        id.parse().ok().map(PersonId)
    }
}

impl Default for BotConfig {
    fn default() -> Self {
        Self {
            token: Secret::default(),
            api_url: "https://api.telegram.org".to_owned(),
            upload_limit: 50_000_000,
            messages_per_minute: 20,
            alert_after: 120,
            names: BTreeMap::new(),
        }
    }
}
