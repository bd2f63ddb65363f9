//! Why the CRM gave no answer. No variant holds a key, an address beyond its host, or a customer.

use std::time::Duration;

/// Why the CRM gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {
    /// The configured address cannot be used.
    #[error("[crm] url is no http or https address; set it to the CRM's topic_action webhook")]
    Address,
    /// The configured key cannot be sent.
    #[error("[crm] api_key holds characters that no header may hold; copy it again")]
    Key,
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
    /// Nobody answers at the address, or the connection broke.
    #[error("the CRM at {host} cannot be reached; check [crm] url and the network")]
    Unreachable {
        /// Host of the address.
        host: String,
        /// What went wrong, without the address.
        #[source]
        source: reqwest::Error,
    },
    /// It took too long.
    #[error("the CRM at {host} did not answer in time; try again later")]
    TimedOut {
        /// Host of the address.
        host: String,
    },
    /// It wants us to wait longer than anyone would.
    #[error("the CRM asks to be left alone for {} s; try again then", wait.as_secs())]
    Busy {
        /// For how long.
        wait: Duration,
    },
    /// It redirects. Following would hand the keys to whoever is named there.
    #[error("the CRM redirects elsewhere (HTTP {status}); set [crm] url to the final address")]
    Redirected {
        /// HTTP status.
        status: u16,
    },
    /// It does not take the keys.
    #[error("the CRM refuses access (HTTP {status}): {message}; check the keys in [crm]")]
    Denied {
        /// HTTP status.
        status: u16,
        /// Its own words, keys masked.
        message: String,
    },
    /// Another failure that it announced by its status.
    #[error("the CRM failed (HTTP {status}): {message}")]
    Failed {
        /// HTTP status.
        status: u16,
        /// Its own words, keys masked.
        message: String,
    },
    /// It answered, but not with a topic.
    #[error("the CRM answered with {result:?} instead of a topic: {message}")]
    Refused {
        /// The answer's `result`.
        result: String,
        /// Its own words, keys masked.
        message: String,
    },
    /// Its answer is too large to be one.
    #[error("the CRM's answer is larger than {limit} bytes; is [crm] url right?")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// Its answer is no JSON object.
    #[error("the CRM's answer is no JSON object; is [crm] url right?")]
    Malformed,
    /// Its answer tells of another topic; taking it would mix up customers.
    #[error("the CRM answered about another topic than {asked}")]
    OtherTopic {
        /// The topic that was asked about.
        asked: crate::model::TopicId,
    },
}

impl CrmError {
    /// Whether asking again may help.
    pub(super) const fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } => true,
            Self::Failed { status, .. } => *status == 429 || *status >= 500,
            _ => false,
        }
    }
}
