//! The connection to the Bot API.

use std::fmt;
use std::time::Duration;

use teloxide::requests::Requester;
use teloxide::{ApiError, Bot, RequestError};

use super::error::{BotError, describe};
use crate::config::{BotConfig, Secret};

/// How long Telegram may hold a call for updates, seconds.
pub(super) const POLL_SECONDS: u32 = 25;
/// Longest wait for an answer to an ordinary call: longer than a poll is held.
const CALL_TIMEOUT: Duration = Duration::from_secs(45);
/// Longest time for an upload: 50 MB over a line of 1 Mbit/s take seven minutes.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(15 * 60);
/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A bot's connection. Printing it shows no token.
#[derive(Clone)]
pub(super) struct Connection {
    /// For everything but uploads.
    pub(super) calls: Bot,
    /// For uploads, which take long.
    pub(super) uploads: Bot,
    /// To keep it out of messages.
    pub(super) token: Secret,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

/// Who the bot is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// User id.
    pub(super) id: u64,
    /// Without the `@`.
    pub(super) username: String,
    /// Privacy mode is off.
    pub(super) reads_all: bool,
}

impl Connection {
    /// Prepares a connection; nothing is sent yet.
    pub(super) fn new(config: &BotConfig) -> Result<Self, BotError> {
        if config.token.is_empty() {
            return Err(BotError::NoToken);
        }
        let bad = || BotError::BadUrl {
            url: config.api_url.clone(),
        };
        let mut url = reqwest::Url::parse(&config.api_url).map_err(|_| bad())?;
        if !matches!(url.scheme(), "http" | "https") || url.cannot_be_a_base() {
            return Err(bad());
        }
        url.path_segments_mut().map_err(|()| bad())?.pop_if_empty();
        let local = matches!(
            url.host_str(),
            Some("localhost" | "127.0.0.1" | "[::1]" | "::1")
        );
        let bot = |timeout| {
            let mut builder = reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(timeout)
                .tcp_nodelay(true);
            if local {
                // A proxy for the outside world cannot reach this machine's own servers.
                builder = builder.no_proxy();
            }
            builder
                .build()
                .map(|client| {
                    Bot::with_client(config.token.expose(), client).set_api_url(url.clone())
                })
                .map_err(|error| BotError::Client {
                    cause: error.without_url().to_string(),
                })
        };
        Ok(Self {
            calls: bot(CALL_TIMEOUT)?,
            uploads: bot(UPLOAD_TIMEOUT)?,
            token: config.token.clone(),
        })
    }

    /// Asks who we are.
    pub(super) async fn identity(&self) -> Result<Identity, BotError> {
        let me = self.calls.get_me().await.map_err(|error| match error {
            RequestError::Api(ApiError::InvalidToken) => BotError::WrongToken,
            error => BotError::Unreachable {
                call: "getMe",
                cause: self.describe(&error),
            },
        })?;
        Ok(Identity {
            id: me.user.id.0,
            username: me.user.username.clone().unwrap_or_default(),
            reads_all: me.can_read_all_group_messages,
        })
    }

    /// What went wrong with a call, without the token.
    pub(super) fn describe(&self, error: &RequestError) -> String {
        describe(error, &self.token)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn connection(url: &str, token: &str) -> Result<Connection, BotError> {
        Connection::new(&BotConfig {
            token: Secret::new(token),
            api_url: url.to_owned(),
            ..BotConfig::default()
        })
    }

    #[test]
    fn what_cannot_work_is_said_at_once() {
        assert!(matches!(
            connection("https://api.telegram.org", ""),
            Err(BotError::NoToken)
        ));
        for url in ["", "api.telegram.org", "mailto:bot", "ftp://x", "data:x"] {
            assert!(
                matches!(connection(url, "1:x"), Err(BotError::BadUrl { .. })),
                "{url}"
            );
        }
        let slash = connection("http://127.0.0.1:1/api/", "1:x").unwrap();
        assert_eq!(slash.calls.api_url().path(), "/api");
    }

    #[test]
    fn printing_a_connection_shows_no_token() {
        let connection = connection("http://127.0.0.1:1", "1:very-secret").unwrap();
        assert!(!format!("{connection:?}").contains("very-secret"));
    }

    #[tokio::test]
    async fn an_error_shows_no_token() {
        // Port 9 of this machine: nobody listens there.
        let connection = connection("http://127.0.0.1:9", "1:very-secret").unwrap();
        let error = connection.identity().await.unwrap_err();
        assert!(!error.to_string().contains("very-secret"), "{error}");
        assert!(!format!("{error:?}").contains("very-secret"), "{error:?}");
    }
}
