//! Asks one system: at its pace, with its credentials, again where that helps and does no harm.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use minijinja::value::{Serde, Value as Values};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use serde_json::{Value, json};
use serde_json_path::JsonPath;
use tokio::time::Instant;

use super::address;
use super::definition::{Base, Connector, Errors, Limits};
use super::failure::{Cause, Failure};
use super::login::{Login, header_name};
use super::memory::Memory;
use super::secrets::{Secrets, mask};
use super::wire::{Answer, Ask, Broken, Payload, Wire, is_local};
use crate::config::Secret;
use crate::pace::Pace;

/// Wait before the second attempt; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(400);
/// Longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// Redirects that are followed within the system itself.
const HOPS: u32 = 3;
/// Messages of one answer that are passed on.
const MESSAGES: usize = 4;
/// Shortest part of a secret address that is masked by itself, in bytes.
const SECRET: usize = 6;
/// Longest message of a system that is passed on, in characters.
const LONGEST: usize = 200;

/// What may be done about a request that came to nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct How {
    /// It changes nothing.
    pub(super) reads: bool,
    /// Done twice it is as if done once.
    pub(super) repeatable: bool,
    /// Statuses besides 200 to 299 that are answers.
    pub(super) accept: Vec<u16>,
    /// The answer is a text.
    pub(super) text: bool,
}

/// The way to a system.
pub(super) struct Client {
    base: Url,
    wire: Wire,
    login: Login,
    pace: Pace,
    headers: HeaderMap,
    limits: Limits,
    errors: Errors,
    secrets: Secrets,
    /// What else no text may show: parts of an address that is a secret.
    hidden: Vec<Secret>,
}

/// What an attempt came to.
enum Attempt {
    Answer(u16, Value),
    /// Worth another one, after a while if the system named one.
    Again(Failure, Option<Duration>),
    /// The credentials are refused; there may be newer ones.
    Refused(Failure, HeaderMap),
    /// Elsewhere within the system.
    Moved(Url),
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may be a secret, or hold one.
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Client {
    /// Prepares the way; nothing is sent yet.
    pub(super) fn new(
        connector: &Connector,
        directory: &Path,
        memory: Memory,
    ) -> Result<Self, Failure> {
        let secrets = Secrets::read(&connector.secrets, directory);
        let settings = Values::from(Serde(json!({ "settings": connector.settings })));
        if let Some(name) = connector.missing_settings().next() {
            let name = name.to_owned();
            let cause = Cause::NoSetting { name };
            return Err(Failure::new(cause, "add it to [settings]"));
        }
        let base = base(connector, &settings, &secrets)?;
        let hidden = match &connector.base {
            Base::Secret(_) => parts(&base),
            Base::Nowhere | Base::Address(_) => Vec::new(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &connector.headers {
            let value = value.render(&settings);
            let value = value.map_err(|error| Failure::new(Cause::Setup, error.to_string()))?;
            headers.insert(header_name(name)?, plain(&value)?);
        }
        let login = Login::new(
            &connector.auth,
            &connector.name,
            &base,
            &settings,
            &secrets,
            memory,
        )?;
        let limits = connector.limits.clone();
        let wire = Wire::new(is_local(&base), limits.timeout, limits.largest);
        let wire = wire.map_err(|error| Failure::new(Cause::Setup, error.to_string()))?;
        Ok(Self {
            base,
            wire,
            login,
            pace: Pace::new(limits.per_second, limits.burst),
            headers,
            limits,
            errors: connector.errors.clone(),
            secrets,
            hidden,
        })
    }

    pub(super) const fn base(&self) -> &Url {
        &self.base
    }

    /// Asks until there is an answer, or no further attempt helps: its status and what it says.
    /// `personal` are texts that no log may show.
    pub(super) async fn ask(
        &self,
        ask: Ask,
        how: &How,
        deadline: Instant,
        personal: &[String],
    ) -> Result<(u16, Value), Failure> {
        let mut doubt = false;
        let outcome = self.until_answered(ask, how, deadline, personal, &mut doubt);
        // What one attempt may have done, a later one that fails otherwise has not undone.
        outcome.await.map_err(|mut failure| {
            failure.uncertain |= doubt;
            failure
        })
    }

    async fn until_answered(
        &self,
        mut ask: Ask,
        how: &How,
        deadline: Instant,
        personal: &[String],
        doubt: &mut bool,
    ) -> Result<(u16, Value), Failure> {
        if !address::same_place(&self.base, &ask.url) {
            return Err(Failure::new(
                Cause::Redirected,
                "the address is another system's; credentials do not go there",
            ));
        }
        let mut wait = FIRST_WAIT;
        let (mut attempt, mut hops, mut renewed) = (1, 0, false);
        loop {
            let failure = match self.attempt(&ask, how, deadline, personal).await? {
                Attempt::Answer(status, value) => return Ok((status, value)),
                Attempt::Moved(url) if hops < HOPS => {
                    hops += 1;
                    ask.url = url;
                    continue;
                }
                Attempt::Moved(_) => {
                    return Err(Failure::new(Cause::Redirected, "redirected over and over"));
                }
                Attempt::Refused(failure, shown) => {
                    // Once: what a fresh token does not open, no token does.
                    if renewed || !self.login.refused(&shown).await {
                        return Err(failure);
                    }
                    renewed = true;
                    continue;
                }
                Attempt::Again(failure, asked) => {
                    if let Some(asked) = asked {
                        self.pace.hold(asked);
                    }
                    wait = jittered(wait).max(asked.unwrap_or_default());
                    failure
                }
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if attempt >= self.limits.attempts || wait >= left {
                return Err(failure);
            }
            *doubt |= failure.uncertain;
            tracing::debug!(attempt, error = %failure, "asking the system again");
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        ask: &Ask,
        how: &How,
        deadline: Instant,
        personal: &[String],
    ) -> Result<Attempt, Failure> {
        let turn = self.pace.turn(deadline).await;
        turn.map_err(|wait| Failure::new(Cause::Busy { wait: Some(wait) }, "our own pace"))?;
        let shown = match self.login.headers(&self.wire, deadline).await {
            Ok(shown) => shown,
            // Nothing was asked yet, so asking for a token again does no harm.
            Err(failure) if failure.cause.is_passing() => {
                let wait = failure.cause.wait();
                return Ok(Attempt::Again(failure, wait));
            }
            Err(failure) => return Err(failure),
        };
        let mut dressed = ask.clone();
        for headers in [&self.headers, &shown] {
            for (name, value) in headers {
                dressed.headers.insert(name, value.clone());
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let safe = how.reads || how.repeatable;
        let answer = match self.wire.send(&dressed, left).await {
            Ok(answer) => answer,
            Err(broken) => {
                let (failure, again) = match broken {
                    Broken::Unreachable(said) => (Failure::new(Cause::Unreachable, said), true),
                    Broken::Lost(said) => {
                        let failure = Failure::new(Cause::Unreachable, said);
                        (failure.uncertain(!how.reads), safe)
                    }
                    Broken::TimedOut => {
                        let failure = Failure::new(Cause::TimedOut, "");
                        (failure.uncertain(!how.reads), safe)
                    }
                    Broken::TooLarge => {
                        let detail = format!("more than {} bytes", self.limits.largest);
                        let failure = Failure::new(Cause::TooLarge, detail);
                        (failure.uncertain(!how.reads), false)
                    }
                };
                let failure = self.masked(failure);
                return if again {
                    Ok(Attempt::Again(failure, None))
                } else {
                    Err(failure)
                };
            }
        };
        let hidden = match answer.status.is_success() {
            true => Vec::new(),
            false => self.login.hidden().await,
        };
        self.read(answer, ask, how, shown, (&hidden, personal))
    }

    /// What an answer means.
    fn read(
        &self,
        answer: Answer,
        ask: &Ask,
        how: &How,
        shown: HeaderMap,
        (hidden, personal): (&[Secret], &[String]),
    ) -> Result<Attempt, Failure> {
        let code = answer.status.as_u16();
        if answer.status.is_success() || how.accept.contains(&code) {
            return match self.parse(&answer, how) {
                Ok(value) if self.is_busy(&value) => {
                    let wait = answer.retry_after;
                    let failure = Failure::new(Cause::Busy { wait }, format!("HTTP {code}"));
                    Ok(Attempt::Again(failure, wait))
                }
                Ok(value) => Ok(Attempt::Answer(code, value)),
                // What it means is not known, and so is whether it was done.
                Err(failure) if how.reads || how.repeatable => {
                    Ok(Attempt::Again(failure.uncertain(!how.reads), None))
                }
                Err(failure) => Err(failure.uncertain(true)),
            };
        }
        let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let of_system = |path: &Option<JsonPath>| text_at(path, &said);
        let system_code = of_system(&self.errors.code).unwrap_or_default();
        // Masked before it is cut: half a secret would stay.
        let hide = |text: &str| {
            let hidden = hidden.iter().chain(&self.hidden).map(Secret::expose);
            mask(&self.secrets.mask(text), hidden)
        };
        let for_log: String = mask(&hide(&system_code), personal.iter().map(String::as_str))
            .chars()
            .filter(char::is_ascii_graphic)
            .take(60)
            .collect();
        // Its words are for the operator, who knows the customer; a log gets the code only.
        let message = texts_at(&self.errors.message, &said).join("; ");
        let message = shortened(&hide(&message));
        let detail = format!("HTTP {code} {for_log}").trim_end().to_owned();
        let failure = |cause| Failure::new(cause, detail.clone());
        let busy = || {
            let wait = answer.retry_after;
            Attempt::Again(failure(Cause::Busy { wait }), wait)
        };
        if self.errors.busy.contains(&system_code) {
            return Ok(busy());
        }
        let done = match answer.status {
            // Never followed to another place: credentials and data would go there.
            status if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) => {
                let to = answer.location.as_deref();
                let to = to.and_then(|to| ask.url.join(to).ok());
                match to.filter(|to| address::same_place(&self.base, to)) {
                    Some(to) if ask.method == Method::GET => Attempt::Moved(to),
                    // After a form, it may be the answer to what was done.
                    _ => return Err(failure(Cause::Redirected).uncertain(!how.reads)),
                }
            }
            StatusCode::UNAUTHORIZED => Attempt::Refused(failure(Cause::Unauthorised), shown),
            StatusCode::FORBIDDEN => return Err(failure(Cause::Forbidden)),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(failure(Cause::NotFound)),
            StatusCode::TOO_MANY_REQUESTS => busy(),
            // "Not now, but then": nothing was done. Without a time it may come from anything.
            StatusCode::SERVICE_UNAVAILABLE if answer.retry_after.is_some() => {
                Attempt::Again(failure(Cause::Failed { status: code }), answer.retry_after)
            }
            status if status.as_u16() == 529 => busy(),
            status if status.is_server_error() => {
                let failure = failure(Cause::Failed { status: code }).uncertain(!how.reads);
                if how.reads || how.repeatable {
                    Attempt::Again(failure, answer.retry_after)
                } else {
                    return Err(failure);
                }
            }
            _ => {
                let status = code;
                return Err(failure(Cause::Rejected { status, message }));
            }
        };
        Ok(done)
    }

    fn parse(&self, answer: &Answer, how: &How) -> Result<Value, Failure> {
        let body = answer.body.trim_ascii();
        if how.text {
            let text = String::from_utf8_lossy(body);
            return Ok(json!({ "text": text }));
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(body).map_err(|error| {
            let length = body.len();
            if body.starts_with(b"<") {
                Failure::new(Cause::NotJson, format!("{length} bytes of HTML"))
            } else {
                // The parser's words hold no values.
                Failure::new(Cause::Malformed, format!("{length} bytes: {error}"))
            }
        })
    }

    /// Some systems say so in an answer that is fine otherwise.
    fn is_busy(&self, value: &Value) -> bool {
        let code = text_at(&self.errors.code, value);
        code.is_some_and(|code| self.errors.busy.contains(&code))
    }

    fn masked(&self, mut failure: Failure) -> Failure {
        failure.detail = self.secrets.mask(&failure.detail);
        failure
    }
}

fn base(connector: &Connector, settings: &Values, secrets: &Secrets) -> Result<Url, Failure> {
    let address = match &connector.base {
        Base::Nowhere => return Err(Failure::new(Cause::Setup, "`base_url` is missing")),
        Base::Address(template) => template
            .render(settings)
            .map_err(|error| Failure::new(Cause::Setup, error.to_string()))?,
        Base::Secret(name) => match secrets.get(name) {
            Ok(secret) => secret.expose().to_owned(),
            Err(problem) => {
                let name = name.clone();
                return Err(Failure::new(Cause::NoSecret { name }, problem));
            }
        },
    };
    let url = Url::parse(address.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
        .ok_or_else(|| Failure::new(Cause::Setup, "`base_url` is no http or https address"))?;
    if url.scheme() == "http" && !is_local(&url) && !connector.insecure_http {
        return Err(Failure::new(
            Cause::Setup,
            "`base_url` is plain http: use https, or write insecure_http = true \
             where nobody can listen",
        ));
    }
    Ok(url)
}

/// Parts of an address that may be what is secret about it.
fn parts(url: &Url) -> Vec<Secret> {
    let path = url.path_segments().into_iter().flatten();
    let query = url.query_pairs().map(|(_, value)| value.into_owned());
    let password = url.password().map(str::to_owned);
    let all = path.map(str::to_owned).chain(query).chain(password);
    all.filter(|part| part.len() >= SECRET)
        .map(Secret::new)
        .collect()
}

/// A header that is no secret.
pub(super) fn plain(value: &str) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(value)
        .or_else(|_| HeaderValue::from_bytes(value.as_bytes()))
        .map_err(|_| Failure::new(Cause::Setup, "a header holds characters that none may hold"))
}

/// A request without credentials.
pub(super) fn bare(method: Method, url: Url, body: Payload) -> Ask {
    let mut headers = HeaderMap::new();
    headers.insert("accept", HeaderValue::from_static("application/json"));
    if matches!(body, Payload::Json(_)) {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ask {
        method,
        url,
        headers,
        body,
    }
}

fn text_at(path: &Option<JsonPath>, value: &Value) -> Option<String> {
    let found = path.as_ref()?.query(value).first()?;
    match found {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Some systems say what is wrong in several places.
fn texts_at(path: &Option<JsonPath>, value: &Value) -> Vec<String> {
    let found = path.iter().flat_map(|path| path.query(value).all());
    let texts = found.filter_map(|found| found.as_str().map(str::to_owned));
    texts.take(MESSAGES).collect()
}

/// Words on one line, cut.
fn shortened(text: &str) -> String {
    let text = text.replace(char::is_control, " ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// Half to all of a wait, so that many who wait do not come back together.
fn jittered(wait: Duration) -> Duration {
    let mut byte = [0; 1];
    // Without randomness everyone waits in full.
    let random = getrandom::fill(&mut byte).map_or(255, |()| byte[0]);
    wait.mul_f64(0.5 + f64::from(random) / 510.0)
}
