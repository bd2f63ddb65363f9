//! What can go wrong, said without the token.

use std::error::Error as _;
use std::fmt::Write as _;

use teloxide::RequestError;

use super::trigger::TriggerError;
use crate::config::Secret;
use crate::connectors::CatalogueError;
use crate::model::IdError;

/// Why the bot could not start or go on; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BotError {
    /// No token.
    #[error("the bot has no token: ask @BotFather for one and set bot.token")]
    NoToken,
    /// Telegram does not know the token.
    #[error(
        "Telegram does not accept the bot's token: copy it again from @BotFather into bot.token (/token shows it, /revoke makes a new one), and check that bot.api_url is the Bot API's address"
    )]
    WrongToken,
    /// The Bot API's address cannot be used.
    #[error(
        "bot.api_url = {url:?} is no address of a Bot API: use https://api.telegram.org or your own server's"
    )]
    BadUrl {
        /// The address.
        url: String,
    },
    /// A group's id cannot be read.
    #[error(transparent)]
    BadGroup(#[from] IdError),
    /// A group's time zone is unknown.
    #[error("groups.timezone = {name:?} is no time zone: use an IANA name such as Europe/Berlin")]
    BadTimeZone {
        /// The name.
        name: String,
    },
    /// A command that does not exist was renamed.
    #[error("bot.names.{name}: there is no such command; commands are {known}")]
    UnknownCommand {
        /// The name.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// A permission is for a command that does not exist.
    #[error("groups.permissions.{name}: there is no such command; commands are {known}")]
    UnknownPermission {
        /// The name.
        name: String,
        /// Those that exist.
        known: String,
    },
    /// A command cannot be called so.
    #[error(
        "bot.names.{command} = {name:?}: a command's name is 1 to 32 of a-z, 0-9 and _, without the slash"
    )]
    BadName {
        /// The command.
        command: String,
        /// The name wanted for it.
        name: String,
    },
    /// Two commands would answer to one name.
    #[error("bot.names.{command} = {name:?}: /{name} is taken by the command {by}; choose another")]
    NameTaken {
        /// The command.
        command: String,
        /// The name wanted for it.
        name: String,
        /// Whose it is.
        by: String,
    },
    /// Somebody else polls with the same token.
    #[error(
        "another program fetches this bot's updates with the same token: stop it, or give each its own bot"
    )]
    OtherPoller,
    /// The bot has a webhook, so updates cannot be polled.
    #[error(
        "this bot's updates go to a webhook: another service uses it; give topicvault a bot of its own, or call deleteWebhook"
    )]
    WebhookSet,
    /// The HTTP client could not be built.
    #[error("cannot prepare HTTPS: {cause}; check the system's certificates and proxy settings")]
    Client {
        /// Why.
        cause: String,
    },
    /// Telegram gave no usable answer.
    #[error("the Bot API gave no answer to {call}: {cause}; check the network and bot.api_url")]
    Unreachable {
        /// Which call.
        call: &'static str,
        /// Why, without the token.
        cause: String,
    },
    /// Telegram refused a call.
    #[error("the Bot API refuses {call}: {cause}")]
    Refused {
        /// Which call.
        call: &'static str,
        /// Why, without the token.
        cause: String,
    },
    /// Temporary files cannot be written.
    #[error("cannot write temporary exports to {dir}: check the vault's rights and free space")]
    Scratch {
        /// Where.
        dir: String,
        /// Why.
        source: std::io::Error,
    },
    /// A connector's file cannot be used.
    #[error("{0}")]
    Connectors(#[from] CatalogueError),
    /// A trigger cannot work.
    #[error("groups: {0}")]
    Trigger(#[from] TriggerError),
    /// The vault's own state cannot be opened.
    #[error("the audit log cannot be opened")]
    State(#[from] crate::archive::OpenError),
}

/// An error with its causes, each said once: for the log.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !text.contains(&said) {
            // Writing to a String cannot fail.
            let _ = write!(text, ": {said}");
        }
        cause = inner.source();
    }
    text
}

/// Says what went wrong with a call, without the token: reqwest's own messages carry the address,
/// and the address carries the token.
pub(super) fn describe(error: &RequestError, token: &Secret) -> String {
    let mut text = match error {
        RequestError::Network(error) => {
            let cause = error.source().map(causes).unwrap_or_default();
            format!("{} ({cause})", network(error))
        }
        // The raw answer may hold people's messages.
        RequestError::InvalidJson { source, .. } => format!("unreadable answer ({source})"),
        RequestError::Io(error) => format!("reading the file: {error}"),
        other => other.to_string(),
    };
    if !token.is_empty() {
        text = text.replace(token.expose(), "***");
    }
    text
}

fn network(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "cannot connect"
    } else if error.is_decode() || error.is_body() {
        "connection broke off"
    } else {
        "request failed"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn the_token_is_in_no_message() {
        let token = Secret::new("123456:very-secret");
        // Port 9 of this machine: nobody listens there.
        let error = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(format!("http://127.0.0.1:9/bot{}/GetMe", token.expose()))
            .send()
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("very-secret"),
            "the danger is real"
        );
        let said = describe(&RequestError::Network(Arc::new(error)), &token);
        assert!(!said.contains("very-secret"), "{said}");
        assert!(said.starts_with("cannot connect"), "{said}");
        let said = describe(
            &RequestError::Api(teloxide::ApiError::Unknown(format!(
                "no bot{}",
                token.expose()
            ))),
            &token,
        );
        assert!(!said.contains("very-secret"), "{said}");
    }

    #[test]
    fn an_unreadable_answer_is_not_quoted() {
        let source = serde_json::from_str::<u8>("x").unwrap_err();
        let said = describe(
            &RequestError::InvalidJson {
                source: Arc::new(source),
                raw: "a customer's words".into(),
            },
            &Secret::default(),
        );
        assert!(!said.contains("customer"), "{said}");
    }
}
