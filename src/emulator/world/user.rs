//! Accounts: people and bots.

/// An account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Telegram user id, positive.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name, may be empty.
    pub last_name: String,
    /// Without the `@`.
    pub username: Option<String>,
    /// International form without `+`, as MTProto writes it; people only.
    pub phone: Option<String>,
    /// Language of the account's app.
    pub language: String,
    /// What MTProto clients must present to address this account.
    pub access_hash: i64,
    /// Login code that a login by code expects.
    pub code: String,
    /// Two-step password, where set.
    pub password: Option<String>,
    /// Set for bots.
    pub bot: Option<Bot>,
}

/// What makes an account a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bot {
    /// `<id>:<secret>`.
    pub token: String,
    /// With privacy mode on, a bot sees only commands, replies to it and service messages.
    pub privacy_mode: bool,
    /// The opt-in mode of 2026 in which a bot sees other bots' messages.
    pub bot_to_bot: bool,
}

impl User {
    /// First and last name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
            .trim()
            .to_owned()
    }

    /// Whether this is a bot.
    #[must_use]
    pub const fn is_bot(&self) -> bool {
        self.bot.is_some()
    }
}
