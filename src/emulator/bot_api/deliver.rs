//! Delivery to webhooks: one update after the other, until each was taken.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::body::Bytes;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::api::BotApi;
use super::params::Params;
use super::webhook::{Hook, body, may_be_called_in_answer};

/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Largest answer, bytes; what follows is not read.
const ANSWER_LIMIT: usize = 1024 * 1024;

/// Longest wait between two tries, seconds: by our own rule, and as the address may ask for.
const LONGEST_PAUSE: u64 = 60;
const LONGEST_ASKED: u64 = 3_600;

/// An answer that is no success.
struct Failure {
    message: String,
    /// Seconds that the address asks for.
    wait: Option<u64>,
    gone: bool,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            wait: None,
            gone: false,
        }
    }
}

impl BotApi {
    /// Delivers to all webhooks until the Bot API stops.
    pub async fn deliver(self) {
        let mut rehooked = self.rehooked().subscribe();
        let mut served = BTreeSet::new();
        let mut deliveries = JoinSet::new();
        loop {
            rehooked.mark_unchanged();
            let hooks: BTreeSet<(i64, u64)> = self.all_hooks().into_iter().collect();
            for (bot, number) in hooks.difference(&served) {
                deliveries.spawn(self.clone().deliver_to(*bot, *number));
            }
            served = hooks;
            while deliveries.try_join_next().is_some() {}
            tokio::select! {
                changed = rehooked.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
                () = self.stop().cancelled() => return,
            }
        }
    }

    /// Delivers to one webhook, until it is replaced or deleted.
    async fn deliver_to(self, bot: i64, number: u64) {
        let mut changes = self.world().changes();
        let mut rehooked = self.rehooked().subscribe();
        let mut failures = 0_u32;
        let mut client = None;
        while let Some(hook) = self.current_hook(bot, number) {
            changes.mark_unchanged();
            self.fill(bot);
            let Some((id, update)) = self.with_queue(bot, |queue| queue.first()) else {
                tokio::select! {
                    _ = changes.changed() => {}
                    () = replaced(&self, &mut rehooked, bot, number) => return,
                    () = self.stop().cancelled() => return,
                }
                continue;
            };
            if client.is_none() {
                client = connect(&hook).ok();
            }
            let posted = async {
                match &client {
                    Some(client) => post(client, &hook, &update).await,
                    None => Err(Failure::new("Can't create an SSL connection")),
                }
            };
            let outcome = tokio::select! {
                outcome = posted => outcome,
                () = replaced(&self, &mut rehooked, bot, number) => return,
                () = self.stop().cancelled() => return,
            };
            let pause = match outcome {
                Ok(reply) => {
                    failures = 0;
                    self.note_success(bot, number);
                    self.with_queue(bot, |queue| queue.delivered(id));
                    if let Some((method, params)) = reply {
                        // Nobody learns what came of it: so it is with Telegram.
                        if let Err(error) = self.call_now(bot, &method, &params) {
                            tracing::debug!(bot, %method, ?error, "a webhook's answer was refused");
                        }
                    }
                    continue;
                }
                Err(failure) => {
                    let own = 1_u64 << failures.min(6);
                    failures = failures.saturating_add(1);
                    self.note_failure(bot, number, failure.message, failure.gone);
                    match failure.wait {
                        Some(asked) => asked.min(LONGEST_ASKED),
                        None => own.min(LONGEST_PAUSE),
                    }
                }
            };
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(pause)) => {}
                () = replaced(&self, &mut rehooked, bot, number) => return,
                () = self.stop().cancelled() => return,
            }
        }
    }
}

/// Waits until a webhook is no longer the one with this number.
async fn replaced(api: &BotApi, rehooked: &mut watch::Receiver<u64>, bot: i64, number: u64) {
    while api.current_hook(bot, number).is_some() {
        if rehooked.changed().await.is_err() {
            return;
        }
    }
}

/// A client for one webhook: this machine only, no proxy, no redirects.
fn connect(hook: &Hook) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        // The port of the address counts, not this one.
        .resolve("localhost", SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
    if let Some(certificate) = &hook.certificate {
        builder = builder.add_root_certificate(reqwest::Certificate::from_pem(certificate)?);
    }
    builder.build()
}

/// Posts an update; what the answer asks to call, if anything.
async fn post(
    client: &reqwest::Client,
    hook: &Hook,
    update: &Value,
) -> Result<Option<(String, Params)>, Failure> {
    let mut request = client
        .post(hook.url.clone())
        .header(CONTENT_TYPE, "application/json")
        .body(body(update));
    if let Some(secret) = &hook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let mut response = request.send().await.map_err(|error| {
        Failure::new(if error.is_timeout() {
            "Read timeout expired"
        } else if error.is_connect() {
            "Connection refused"
        } else {
            "Webhook connection closed"
        })
    })?;
    let status = response.status();
    if !status.is_success() {
        let reason = status.canonical_reason().unwrap_or_default();
        let mut failure = Failure::new(format!(
            "Wrong response from the webhook: {} {reason}",
            status.as_u16()
        ));
        failure.gone = status.as_u16() == 410;
        let asked = response.headers().get(RETRY_AFTER);
        failure.wait = asked
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .filter(|seconds| *seconds > 0);
        return Err(failure);
    }
    let kind = response.headers().get(CONTENT_TYPE);
    let kind = kind
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let mut content = Vec::new();
    // An answer that breaks off was an answer all the same: the update was taken.
    while let Ok(Some(chunk)) = response.chunk().await {
        if content.len() + chunk.len() > ANSWER_LIMIT {
            return Ok(None);
        }
        content.extend_from_slice(&chunk);
    }
    let Ok(params) = Params::parse("", &kind, &Bytes::from(content)) else {
        return Ok(None);
    };
    let method = params.text("method").unwrap_or_default().to_owned();
    Ok(may_be_called_in_answer(&method).then_some((method, params)))
}
