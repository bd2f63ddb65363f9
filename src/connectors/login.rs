//! How a system knows us: fixed headers, or tokens that are fetched and expire.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Value as Values;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::address::{below, same_place};
use super::definition::{Auth, Grant, OAuth2, SendAs};
use super::failure::{Cause, Failure};
use super::google;
use super::memory::Memory;
use super::secrets::Secrets;
use super::wire::{Ask, Broken, Payload, Wire, is_local};
use crate::config::Secret;

/// A token is not used in its last minute.
const EARLY: Duration = Duration::from_secs(60);
/// How long a token is believed in whose end is not told.
const UNTOLD: Duration = Duration::from_secs(3600);

/// The way into a system.
#[derive(Debug)]
pub(super) enum Login {
    /// The same with each request.
    Fixed(HeaderMap),
    /// A token that is fetched where it is needed.
    Token {
        source: Arc<TokenSource>,
        held: Arc<Mutex<Option<Token>>>,
    },
}

/// Where tokens come from.
#[derive(Debug)]
pub(super) enum TokenSource {
    OAuth2(Box<OAuth2Source>),
    Google { key: Secret, scope: String },
}

/// An OAuth 2.0 token endpoint, and what it wants.
#[derive(Debug)]
pub(super) struct OAuth2Source {
    url: Url,
    client_id: Secret,
    client_secret: Secret,
    /// The configured refresh token, where that is the grant.
    refresh: Option<Secret>,
    scope: Option<String>,
    send_as: SendAs,
    extra: Vec<(String, String)>,
    connector: String,
    memory: Memory,
    /// The newest refresh token, where it is not on the disk.
    unkept: std::sync::Mutex<Option<Secret>>,
}

/// A token that is held.
#[derive(Clone, Debug)]
pub(super) struct Token {
    value: Secret,
    until: Instant,
}

impl Login {
    /// Prepares the way; nothing is sent yet.
    pub(super) fn new(
        auth: &Auth,
        connector: &str,
        base: &Url,
        settings: &Values,
        secrets: &Secrets,
        memory: Memory,
    ) -> Result<Self, Failure> {
        let secret = |name: &str| {
            secrets.get(name).cloned().map_err(|problem| {
                let cause = Cause::NoSecret {
                    name: name.to_owned(),
                };
                Failure::new(cause, problem)
            })
        };
        let mut headers = HeaderMap::new();
        match auth {
            Auth::None => {}
            Auth::Header {
                header,
                prefix,
                secret: name,
            } => {
                let value = format!("{prefix}{}", secret(name)?.expose());
                headers.insert(header_name(header)?, hidden(&value)?);
            }
            Auth::Basic { user, secret: name } => {
                let user = user.render(settings).map_err(setup)?;
                let pair = STANDARD.encode(format!("{user}:{}", secret(name)?.expose()));
                headers.insert(AUTHORIZATION, hidden(&format!("Basic {pair}"))?);
            }
            Auth::OAuth2(oauth) => {
                let source = OAuth2Source::new(oauth, connector, base, settings, &secret, memory)?;
                return Ok(Self::token(TokenSource::OAuth2(Box::new(source))));
            }
            Auth::GoogleServiceAccount {
                secret: name,
                scope,
            } => {
                let (key, scope) = (secret(name)?, scope.clone());
                return Ok(Self::token(TokenSource::Google { key, scope }));
            }
        }
        Ok(Self::Fixed(headers))
    }

    fn token(source: TokenSource) -> Self {
        Self::Token {
            source: Arc::new(source),
            held: Arc::default(),
        }
    }

    /// The headers of a request; fetches a token where none is held.
    pub(super) async fn headers(
        &self,
        wire: &Wire,
        deadline: Instant,
    ) -> Result<HeaderMap, Failure> {
        let (source, held) = match self {
            Self::Fixed(headers) => return Ok(headers.clone()),
            Self::Token { source, held } => (source, held),
        };
        // Whoever comes meanwhile waits for the same token instead of fetching another.
        let mut held = Arc::clone(held).lock_owned().await;
        let known = held.as_ref().filter(|token| Instant::now() < token.until);
        let token = match known {
            Some(token) => token.clone(),
            None => {
                let (source, wire) = (Arc::clone(source), wire.clone());
                // By itself: an answer that nobody waits for any more may hold the only refresh
                // token that is worth something.
                let fetch = tokio::spawn(async move {
                    let token = source.fetch(&wire, deadline).await?;
                    Ok(held.insert(token).clone())
                });
                fetch.await.map_err(|error| {
                    Failure::new(Cause::Setup, format!("fetching a token broke off: {error}"))
                })??
            }
        };
        let mut headers = HeaderMap::new();
        let value = format!("Bearer {}", token.value.expose());
        headers.insert(AUTHORIZATION, hidden(&value)?);
        Ok(headers)
    }

    /// What of it no text may show: what stands in headers, tokens that were fetched.
    pub(super) async fn hidden(&self) -> Vec<Secret> {
        match self {
            Self::Fixed(headers) => {
                let values = headers.values().filter_map(|value| value.to_str().ok());
                // Without the scheme's name.
                let parts = values.flat_map(|value| value.split(' ').filter(|part| part.len() > 8));
                parts.map(Secret::new).collect()
            }
            Self::Token { source, held } => {
                let held = held.lock().await;
                let mut hidden: Vec<Secret> = held.iter().map(|it| it.value.clone()).collect();
                if let TokenSource::OAuth2(source) = &**source {
                    hidden.extend(source.newest());
                }
                hidden
            }
        }
    }

    /// The system does not take what it was shown. Whether another attempt may help.
    pub(super) async fn refused(&self, shown: &HeaderMap) -> bool {
        let Self::Token { held, .. } = self else {
            return false;
        };
        let mut held = held.lock().await;
        let same = held.as_ref().is_some_and(|token| {
            let value = format!("Bearer {}", token.value.expose());
            shown
                .get(AUTHORIZATION)
                .is_some_and(|shown| shown.as_bytes() == value.as_bytes())
        });
        if same {
            *held = None;
        }
        true
    }
}

impl OAuth2Source {
    fn new(
        oauth: &OAuth2,
        connector: &str,
        base: &Url,
        settings: &Values,
        secret: &dyn Fn(&str) -> Result<Secret, Failure>,
        memory: Memory,
    ) -> Result<Self, Failure> {
        let url = oauth.token_url.render(settings).map_err(setup)?;
        let url = below(base, &url)
            .ok_or_else(|| Failure::new(Cause::Setup, "`token_url` is no address"))?;
        // The client's secret goes there; the base itself was checked before.
        let safe = url.scheme() == "https" || is_local(&url) || same_place(base, &url);
        if !safe {
            return Err(Failure::new(
                Cause::Setup,
                "`token_url` is plain http: use https",
            ));
        }
        let refresh = match &oauth.grant {
            Grant::ClientCredentials => None,
            Grant::RefreshToken(name) => Some(secret(name)?),
        };
        let extra = oauth.extra.iter().map(|(name, value)| {
            let value = value.render(settings).map_err(setup)?;
            Ok((name.clone(), value))
        });
        Ok(Self {
            url,
            client_id: secret(&oauth.client_id)?,
            client_secret: secret(&oauth.client_secret)?,
            refresh,
            scope: oauth.scope.clone(),
            send_as: oauth.send_as,
            extra: extra.collect::<Result<_, Failure>>()?,
            connector: connector.to_owned(),
            memory,
            unkept: std::sync::Mutex::default(),
        })
    }

    async fn fetch(&self, wire: &Wire, deadline: Instant) -> Result<Token, Failure> {
        let Some(configured) = &self.refresh else {
            return self
                .grant(wire, deadline, None)
                .await
                .map(|(token, _)| token);
        };
        // Of the tokens that each refresh replaces, the last one counts.
        let unkept = self.unkept().clone();
        let kept = match unkept {
            Some(unkept) => Some(unkept),
            None => self.memory.refresh_token(&self.connector, configured)?,
        };
        let last = kept.clone().unwrap_or_else(|| configured.clone());
        let (token, next) = match self.grant(wire, deadline, Some(&last)).await {
            Err(failure) if failure.cause == Cause::Unauthorised => {
                // Another process may have refreshed meanwhile.
                let newer = self.memory.refresh_token(&self.connector, configured)?;
                match newer.filter(|newer| Some(newer) != kept.as_ref()) {
                    Some(newer) => self.grant(wire, deadline, Some(&newer)).await?,
                    None => return Err(failure),
                }
            }
            outcome => outcome?,
        };
        // Before the first use of the new access token: the old refresh token is worth nothing.
        let newest = next
            .filter(|next| *next != last)
            .or_else(|| self.unkept().clone());
        if let Some(newest) = newest {
            let memory = &self.memory;
            let kept = memory.keep_refresh_token(&self.connector, configured, &newest);
            // One that cannot be kept now is held, and kept as soon as that can be.
            *self.unkept() = match kept {
                Ok(()) => None,
                Err(failure) => {
                    tracing::error!(connector = self.connector, error = %failure, "until the refresh token can be kept, a restart loses it");
                    Some(newest)
                }
            };
        }
        Ok(token)
    }

    /// The refresh token that would be used next.
    fn newest(&self) -> Option<Secret> {
        let unkept = self.unkept().clone();
        unkept.or_else(|| {
            let configured = self.refresh.as_ref()?;
            let kept = self.memory.refresh_token(&self.connector, configured);
            kept.ok().flatten()
        })
    }

    fn unkept(&self) -> std::sync::MutexGuard<'_, Option<Secret>> {
        self.unkept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn grant(
        &self,
        wire: &Wire,
        deadline: Instant,
        refresh: Option<&Secret>,
    ) -> Result<(Token, Option<Secret>), Failure> {
        let grant = if refresh.is_some() {
            "refresh_token"
        } else {
            "client_credentials"
        };
        let mut fields: BTreeMap<&str, &str> = BTreeMap::new();
        fields.insert("grant_type", grant);
        fields.insert("client_id", self.client_id.expose());
        fields.insert("client_secret", self.client_secret.expose());
        fields.extend(refresh.map(|token| ("refresh_token", token.expose())));
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        let extra = self.extra.iter();
        fields.extend(extra.map(|(name, value)| (name.as_str(), value.as_str())));
        let body = match self.send_as {
            SendAs::Json => Payload::Json(serde_json::json!(fields)),
            SendAs::Form => Payload::Form(
                fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect(),
            ),
        };
        token_of(wire, self.url.clone(), body, deadline).await
    }
}

impl TokenSource {
    async fn fetch(&self, wire: &Wire, deadline: Instant) -> Result<Token, Failure> {
        match self {
            Self::OAuth2(source) => source.fetch(wire, deadline).await,
            Self::Google { key, scope } => {
                let now = jiff::Timestamp::now().as_second();
                let (url, fields) = google::assertion(key, scope, now)?;
                let token = token_of(wire, url, Payload::Form(fields), deadline).await?;
                Ok(token.0)
            }
        }
    }
}

/// Asks a token endpoint: the token, and the next refresh token where there is one.
async fn token_of(
    wire: &Wire,
    url: Url,
    body: Payload,
    deadline: Instant,
) -> Result<(Token, Option<Secret>), Failure> {
    let asked = Instant::now();
    let ask = Ask {
        method: Method::POST,
        url,
        headers: HeaderMap::new(),
        body,
    };
    let most = deadline.saturating_duration_since(asked);
    let answer = wire.send(&ask, most).await.map_err(|broken| {
        let (cause, detail) = match broken {
            Broken::Unreachable(said) | Broken::Lost(said) => (Cause::Unreachable, said),
            Broken::TimedOut => (Cause::TimedOut, String::new()),
            Broken::TooLarge => (Cause::TooLarge, String::new()),
        };
        Failure::new(cause, format!("fetching a token: {detail}"))
    })?;
    let status = answer.status.as_u16();
    let parsed: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let text = |name: &str| {
        let value = parsed.as_ref()?.get(name)?;
        value.as_str().map(str::to_owned)
    };
    if !answer.status.is_success() {
        // RFC 6749, section 5.2: the error is a code, no words about anyone.
        let code = text("error").unwrap_or_default();
        let code: String = code
            .chars()
            .filter(|c| c.is_ascii_graphic())
            .take(40)
            .collect();
        let cause = match status {
            429 => Cause::Busy {
                wait: answer.retry_after,
            },
            500.. => Cause::Failed { status },
            300..=399 => Cause::Redirected,
            _ => Cause::Unauthorised,
        };
        let detail = format!("fetching a token: HTTP {status} {code}");
        return Err(Failure::new(cause, detail));
    }
    let value = text("access_token").ok_or_else(|| {
        Failure::new(
            Cause::Malformed,
            "fetching a token: no `access_token` in the answer",
        )
    })?;
    let lasts = parsed
        .as_ref()
        .and_then(|answer| answer.get("expires_in"))
        .and_then(|seconds| seconds.as_u64().or_else(|| seconds.as_str()?.parse().ok()))
        .map_or(UNTOLD, |seconds| {
            Duration::from_secs(seconds.min(86_400 * 30))
        });
    let token = Token {
        value: Secret::new(value),
        until: asked + lasts.saturating_sub(EARLY.min(lasts / 2)),
    };
    Ok((token, text("refresh_token").map(Secret::new)))
}

fn setup(error: super::template::TemplateError) -> Failure {
    Failure::new(Cause::Setup, error.to_string())
}

pub(super) fn header_name(name: &str) -> Result<HeaderName, Failure> {
    HeaderName::try_from(name)
        .map_err(|_| Failure::new(Cause::Setup, format!("{name:?} is no name of a header")))
}

fn hidden(value: &str) -> Result<HeaderValue, Failure> {
    let value = HeaderValue::from_str(value);
    let mut value = value.map_err(|_| {
        Failure::new(
            Cause::Setup,
            "a secret holds characters that no header may hold",
        )
    })?;
    value.set_sensitive(true);
    Ok(value)
}
