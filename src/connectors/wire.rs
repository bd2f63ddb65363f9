//! One HTTP request, and what comes back, within limits.

use std::time::Duration;

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Client, Method, StatusCode, Url};
use serde_json::Value;

/// Longest wait that a system may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// What is asked. No `Debug`: it holds credentials and people.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Payload,
}

/// What goes with it.
#[derive(Clone)]
pub(super) enum Payload {
    None,
    Json(Value),
    Form(Vec<(String, String)>),
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    /// The wait that it asks for.
    pub(super) retry_after: Option<Duration>,
    pub(super) location: Option<String>,
}

/// Why nothing came back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// Nobody answers; nothing was sent.
    Unreachable(String),
    /// It was sent, and the connection broke.
    Lost(String),
    /// It was sent, and no answer came in time.
    TimedOut,
    /// The answer is larger than is read.
    TooLarge,
}

/// Sends requests; shares its connections among clones.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    http: Client,
    timeout: Duration,
    largest: usize,
}

impl Wire {
    pub(super) fn new(
        local: bool,
        timeout: Duration,
        largest: usize,
    ) -> Result<Self, reqwest::Error> {
        let mut http = Client::builder()
            .connect_timeout(CONNECT.min(timeout))
            // A redirect would carry what is sent to another address.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("topicvault/", env!("CARGO_PKG_VERSION")));
        if local {
            // A proxy for the outside world has no business with this machine.
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build()?,
            timeout,
            largest,
        })
    }

    /// Asks once; `most` is the time that is left.
    pub(super) async fn send(&self, ask: &Ask, most: Duration) -> Result<Answer, Broken> {
        let mut request = self
            .http
            .request(ask.method.clone(), ask.url.clone())
            .headers(ask.headers.clone())
            .timeout(self.timeout.min(most));
        request = match &ask.body {
            Payload::None => request,
            Payload::Json(value) => request.json(value),
            Payload::Form(fields) => request.form(fields),
        };
        let mut response = request.send().await.map_err(broken)?;
        let status = response.status();
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let (location, retry_after) = (header(LOCATION), header(RETRY_AFTER));
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > self.largest {
                return Err(Broken::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer {
            status,
            body,
            retry_after: retry_after.as_deref().and_then(wait),
            location,
        })
    }
}

fn broken(error: reqwest::Error) -> Broken {
    let timed_out = error.is_timeout();
    let connecting = error.is_connect();
    // The address may hold a secret.
    let error = error.without_url();
    let mut causes = vec![error.to_string()];
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        causes.push(cause.to_string());
        source = cause.source();
    }
    causes.dedup();
    let said = causes.join(": ");
    if connecting {
        Broken::Unreachable(said)
    } else if timed_out {
        Broken::TimedOut
    } else {
        Broken::Lost(said)
    }
}

/// `Retry-After`: seconds, or a date (RFC 9110, section 10.2.3).
fn wait(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        // Nobody waits longer; a number that is none of seconds must not shut the system out.
        let seconds = seconds.clamp(0.0, LONGEST_WAIT.as_secs_f64());
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let wait = at.as_second() - jiff::Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(wait).unwrap_or(0)).min(LONGEST_WAIT))
}

/// Whether an address is this machine's.
pub(super) fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_read_as_seconds_and_as_dates() {
        assert_eq!(wait(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(wait("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("-1"), Some(Duration::ZERO));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("soon"), None);
        for absurd in ["1e19", "inf", "1795442709", "Wed, 21 Oct 2099 07:28:00 GMT"] {
            assert_eq!(wait(absurd), Some(LONGEST_WAIT), "{absurd}");
        }
    }
}
