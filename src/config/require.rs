//! What only some commands need.

use std::collections::BTreeMap;

use super::check::API_HELP;
use super::error::ConfigError;
use super::{Config, GroupConfig, TelegramConfig};
use crate::model::GroupId;

impl Config {
    /// The userbot's application id and hash are set.
    ///
    /// # Errors
    /// Names the missing one and where to get it.
    pub fn require_telegram(&self) -> Result<(), ConfigError> {
        let missing = |key, variable: &str| ConfigError::Required {
            key,
            help: format!(
                "{API_HELP}, then run `topicvault init`, put it into the config file or set {variable}"
            ),
        };
        if self.telegram.api_id == 0 {
            return Err(missing("telegram.api_id", "TOPICVAULT_TELEGRAM_API_ID"));
        }
        if self.telegram.api_hash.is_empty() {
            return Err(missing("telegram.api_hash", "TOPICVAULT_TELEGRAM_API_HASH"));
        }
        Ok(())
    }

    /// The groups to capture, at least one.
    ///
    /// # Errors
    /// When there is none.
    pub fn require_groups(&self) -> Result<Vec<GroupId>, ConfigError> {
        if self.groups.is_empty() {
            return Err(ConfigError::Required {
                key: "groups",
                help: "add a [[groups]] block with the id of the forum supergroup to the config \
                       file; `topicvault init` asks for it"
                    .to_owned(),
            });
        }
        // Loading has checked that each can be read.
        Ok(self
            .groups
            .iter()
            .filter_map(|group| group.group().ok())
            .collect())
    }

    /// The bot's token is set.
    ///
    /// # Errors
    /// When it is not.
    pub fn require_bot(&self) -> Result<(), ConfigError> {
        if self.bot.token.is_empty() {
            return Err(ConfigError::Required {
                key: "bot.token",
                help: "get a token from https://t.me/BotFather, then put it into the config file \
                       or set TOPICVAULT_BOT_TOKEN"
                    .to_owned(),
            });
        }
        Ok(())
    }

    /// The accounts that are named, each with the groups that it captures.
    #[must_use]
    pub fn accounts(&self) -> BTreeMap<String, Vec<GroupId>> {
        let mut accounts: BTreeMap<String, Vec<GroupId>> = BTreeMap::new();
        for group in &self.groups {
            let account = group.account.as_ref().unwrap_or(&self.telegram.account);
            // Loading has checked that each can be read.
            if let Ok(id) = group.group() {
                accounts.entry(account.clone()).or_default().push(id);
            }
        }
        accounts
    }

    /// The settings of one account's login.
    #[must_use]
    pub fn login_of(&self, account: &str) -> TelegramConfig {
        TelegramConfig {
            account: account.to_owned(),
            ..self.telegram.clone()
        }
    }

    /// The block of a group, if it has one.
    #[must_use]
    pub fn group(&self, id: GroupId) -> Option<&GroupConfig> {
        self.groups
            .iter()
            .find(|group| group.group().is_ok_and(|known| known == id))
    }
}
