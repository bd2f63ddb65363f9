//! A client of the CRM's Topics API.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{HeaderValue, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use serde_json::{Value, json};
use tracing::debug;

use super::answer;
use super::error::CrmError;
use super::info::{Asked, Crm, TopicInfo};
use crate::config::{CrmConfig, Secret};
use crate::model::{GroupId, TopicId};
use crate::pace::Pace;

/// Largest answer that is read. Real ones are below 1 KB.
const LARGEST: usize = 256 * 1024;
/// How many answers are kept at most; beyond that stale ones go, then all.
const KEPT: usize = 10_000;

/// A client of the Topics API. Clones share connections and cached answers.
#[derive(Clone)]
pub struct TopicsApi(Arc<Inner>);

struct Inner {
    http: reqwest::Client,
    url: Url,
    instance: String,
    api_key: Secret,
    instance_api_key: Secret,
    patience: Patience,
    pace: Pace,
    /// How long an answer stays good.
    fresh: Duration,
    known: Mutex<HashMap<(GroupId, TopicId), (Instant, TopicInfo)>>,
}

/// How often and how long to try.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Attempts in all.
    pub(super) attempts: u32,
    /// Wait before the second attempt; it doubles with each.
    pub(super) first_wait: Duration,
    /// The longest wait that is granted when the CRM asks for one.
    pub(super) longest_wait: Duration,
    /// For one attempt, from connecting to the last byte.
    pub(super) attempt: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
            attempt: Duration::from_secs(10),
        }
    }
}

/// What an attempt came to.
enum Attempt {
    Answer(Option<TopicInfo>),
    /// Worth another attempt, after a while if the CRM named one.
    Again(CrmError, Option<Duration>),
}

impl TopicsApi {
    /// Builds a client; `None` where the config names no CRM.
    ///
    /// # Errors
    /// Where the address or a key cannot be used.
    pub fn new(config: &CrmConfig) -> Result<Option<Self>, CrmError> {
        Self::with_patience(config, Patience::default())
    }

    pub(super) fn with_patience(
        config: &CrmConfig,
        patience: Patience,
    ) -> Result<Option<Self>, CrmError> {
        let address = config.url.trim();
        if address.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(address)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or(CrmError::Address)?;
        header(&config.api_key)?;
        let mut http = reqwest::Client::builder()
            .timeout(patience.attempt)
            .connect_timeout(patience.attempt.min(Duration::from_secs(5)))
            // A redirect would carry the keys to another address.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("topicvault/", env!("CARGO_PKG_VERSION")));
        if is_local(&url) {
            http = http.no_proxy();
        }
        Ok(Some(Self(Arc::new(Inner {
            http: http.build().map_err(CrmError::Setup)?,
            url,
            instance: config.instance.clone(),
            api_key: config.api_key.clone(),
            instance_api_key: config.instance_api_key.clone(),
            patience,
            pace: Pace::new(f64::from(config.per_second), config.per_second),
            fresh: Duration::from_secs(config.cache),
            known: Mutex::default(),
        }))))
    }

    /// Asks who a topic's customer is; retries 429, 5xx and broken connections with back-off.
    /// `None`: the CRM knows no such topic. An answer is remembered for a time; that a topic is
    /// unknown is not, since it may have been created this moment.
    ///
    /// # Errors
    /// Where the CRM cannot be reached, refuses, or answers something else.
    pub async fn info_by_topic(
        &self,
        group: GroupId,
        topic: TopicId,
    ) -> Result<Option<TopicInfo>, CrmError> {
        let inner = &*self.0;
        if let Some(info) = inner.recall(group, topic) {
            return Ok(Some(info));
        }
        let mut wait = inner.patience.first_wait;
        let mut attempt = 1;
        loop {
            let (error, asked) = match inner.attempt(group, topic).await? {
                Attempt::Answer(info) => {
                    if let Some(info) = &info {
                        inner.remember(group, topic, info.clone());
                    }
                    return Ok(info);
                }
                Attempt::Again(error, asked) => (error, asked),
            };
            if attempt >= inner.patience.attempts {
                return Err(error);
            }
            if let Some(asked) = asked {
                if asked > inner.patience.longest_wait {
                    return Err(CrmError::Busy { wait: asked });
                }
                wait = wait.max(asked);
            }
            debug!(%group, %topic, attempt, %error, "asking the CRM again");
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(inner.patience.longest_wait);
            attempt += 1;
        }
    }
}

impl Crm for TopicsApi {
    fn topic(&self, group: GroupId, topic: TopicId) -> Asked<'_> {
        Box::pin(self.info_by_topic(group, topic))
    }
}

impl Inner {
    async fn attempt(&self, group: GroupId, topic: TopicId) -> Result<Attempt, CrmError> {
        let deadline = tokio::time::Instant::now() + self.patience.longest_wait;
        let turn = self.pace.turn(deadline).await;
        turn.map_err(|wait| CrmError::Busy { wait })?;
        let request = self
            .http
            .post(self.url.clone())
            .header("X-API-KEY", header(&self.api_key)?)
            .json(&self.question(group, topic));
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return Ok(Attempt::Again(self.broken(error), None)),
        };
        let status = response.status();
        let asked = retry_after(&response);
        let body = match self.body(response).await {
            Ok(body) => body,
            Err(error) if error.is_passing() => return Ok(Attempt::Again(error, None)),
            Err(error) => return Err(error),
        };
        if status.is_success() || (status == StatusCode::NOT_FOUND && answer::is_answer(&body)) {
            return answer::info(&body, group, topic)
                .map(Attempt::Answer)
                .map_err(|error| self.masked(error));
        }
        let error = self.masked(failure(status, &body));
        if error.is_passing() {
            Ok(Attempt::Again(error, asked))
        } else {
            Err(error)
        }
    }

    fn question(&self, group: GroupId, topic: TopicId) -> Value {
        json!({
            "action": "info_by_topic",
            "group_id": group.bare().to_string(),
            "topic_id": topic.0,
            "instance": self.instance,
            "api_key": self.instance_api_key.expose(),
        })
    }

    /// The whole body, as long as it is of a size that an answer has.
    async fn body(&self, mut response: Response) -> Result<Vec<u8>, CrmError> {
        let too_large = CrmError::TooLarge { limit: LARGEST };
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > LARGEST => return Err(too_large),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body),
                Err(error) => return Err(self.broken(error)),
            }
        }
    }

    fn broken(&self, error: reqwest::Error) -> CrmError {
        let host = self.url.host_str().unwrap_or_default().to_owned();
        if error.is_timeout() {
            return CrmError::TimedOut { host };
        }
        CrmError::Unreachable {
            host,
            // The address may hold a secret in its path or query.
            source: error.without_url(),
        }
    }

    /// The error with our keys masked, should the CRM have echoed them, and then cut: the other
    /// way round half a key could stay.
    fn masked(&self, mut error: CrmError) -> CrmError {
        let hide = |text: &mut String| {
            for key in [&self.api_key, &self.instance_api_key] {
                if !key.is_empty() {
                    *text = text.replace(key.expose(), "***");
                }
            }
            *text = answer::short(text);
        };
        match &mut error {
            CrmError::Denied { message, .. } | CrmError::Failed { message, .. } => hide(message),
            CrmError::Refused { result, message } => {
                hide(result);
                hide(message);
            }
            _ => {}
        }
        error
    }

    fn recall(&self, group: GroupId, topic: TopicId) -> Option<TopicInfo> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&(group, topic))
            .filter(|(at, _)| at.elapsed() < self.fresh)
            .map(|(_, info)| info.clone())
    }

    fn remember(&self, group: GroupId, topic: TopicId, info: TopicInfo) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.retain(|_, (at, _)| at.elapsed() < self.fresh);
            if known.len() >= KEPT {
                known.clear();
            }
        }
        known.insert((group, topic), (Instant::now(), info));
    }
}

impl fmt::Debug for TopicsApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither address nor keys nor customers.
        f.debug_struct("TopicsApi")
            .field("host", &self.0.url.host_str())
            .finish_non_exhaustive()
    }
}

fn header(key: &Secret) -> Result<HeaderValue, CrmError> {
    let mut value = HeaderValue::from_str(key.expose()).map_err(|_| CrmError::Key)?;
    value.set_sensitive(true);
    Ok(value)
}

fn failure(status: StatusCode, body: &[u8]) -> CrmError {
    let (code, message) = (status.as_u16(), answer::words(body));
    match status {
        _ if status.is_redirection() => CrmError::Redirected { status: code },
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => CrmError::Denied {
            status: code,
            message,
        },
        _ => CrmError::Failed {
            status: code,
            message,
        },
    }
}

/// The wait that a response asks for, where it names seconds.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// A proxy for the outside world has no business with this machine.
fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    })
}
