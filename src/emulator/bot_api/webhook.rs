//! Webhooks: which bots have one, and what is known about it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use reqwest::Url;
use serde_json::{Value, json};

use super::api::BotApi;
use super::encode::put;
use super::error::{Answer, ApiError};
use super::params::Params;

/// Largest certificate, bytes.
const CERTIFICATE_LIMIT: usize = 3 * 1024 * 1024;

/// Webhooks by bot.
pub(super) type Hooks = BTreeMap<i64, Hook>;

/// A webhook.
#[derive(Clone, Debug)]
pub(super) struct Hook {
    /// Which one: every `setWebhook` makes another.
    pub(super) number: u64,
    pub(super) url: Url,
    /// As it was given.
    written: String,
    pub(super) secret: Option<String>,
    /// Told back; updates go out one at a time, because they arrive in order.
    max_connections: i64,
    /// A certificate to trust beside the usual ones, PEM.
    pub(super) certificate: Option<Vec<u8>>,
    /// The last thing that went wrong, and when, the world's clock.
    error: Option<(i64, String)>,
    /// Since when the address says that it is gone, the world's clock.
    pub(super) gone_since: Option<i64>,
}

/// `setWebhook`; without an address it deletes.
///
/// As with a self-hosted Bot API server, any port and plain HTTP will do. The host must be this
/// machine: nothing else can be reached without internet.
pub(super) fn set(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let Some(written) = params.text("url") else {
        return delete(api, bot, params);
    };
    let url = address(written)?;
    let secret = params.text("secret_token");
    if let Some(secret) = secret {
        if secret.len() > 256 {
            return Err(ApiError::bad_request("secret token is too long"));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if !secret.chars().all(allowed) {
            return Err(ApiError::bad_request(
                "secret token contains unallowed characters",
            ));
        }
    }
    let certificate = params.file("certificate").map(|file| file.bytes.to_vec());
    if let Some(size) = certificate.as_ref().map(Vec::len)
        && size > CERTIFICATE_LIMIT
    {
        return Err(ApiError::bad_request(format!(
            "certificate size is too big ({size} bytes)"
        )));
    }
    let max_connections = params.integer("max_connections")?.unwrap_or(40);
    if params.flag("drop_pending_updates") {
        api.drop_pending(bot);
    }
    // What happened before follows the old choice of kinds.
    api.fill(bot);
    api.with_queue(bot, |queue| queue.allow(params));
    let hook = Hook {
        number: 0,
        url,
        written: written.to_owned(),
        secret: secret.map(str::to_owned),
        max_connections: max_connections.clamp(1, 100_000),
        certificate,
        error: None,
        gone_since: None,
    };
    api.hook(bot, hook);
    api.poll_gives_way(bot);
    Ok(json!(true))
}

/// `deleteWebhook`.
pub(super) fn delete(api: &BotApi, bot: i64, params: &Params) -> Answer {
    api.unhook(bot);
    if params.flag("drop_pending_updates") {
        api.drop_pending(bot);
    }
    Ok(json!(true))
}

/// `getWebhookInfo`.
pub(super) fn info(api: &BotApi, bot: i64, _: &Params) -> Answer {
    let pending = api.pending(bot);
    let allowed = api.with_queue(bot, |queue| queue.allowed());
    let hooks = api.hooks();
    let hook = hooks.get(&bot);
    let mut info = json!({
        "url": hook.map_or("", |hook| &hook.written),
        "has_custom_certificate": hook.is_some_and(|hook| hook.certificate.is_some()),
        "pending_update_count": pending,
    });
    if let Some(hook) = hook {
        if let Some((date, message)) = &hook.error {
            put(&mut info, "last_error_date", json!(date));
            put(&mut info, "last_error_message", json!(message));
        }
        put(&mut info, "max_connections", json!(hook.max_connections));
        let host = hook.url.host_str().unwrap_or_default();
        let ip = if host == "localhost" {
            "127.0.0.1"
        } else {
            host.trim_matches(['[', ']'])
        };
        put(&mut info, "ip_address", json!(ip));
    }
    if let Some(allowed) = allowed {
        put(&mut info, "allowed_updates", json!(allowed));
    }
    Ok(info)
}

/// An address that this machine answers at.
fn address(written: &str) -> Result<Url, ApiError> {
    let invalid = || ApiError::bad_request("invalid webhook URL specified");
    // Without a scheme it is HTTPS.
    let full = if written.contains("://") {
        written.to_owned()
    } else {
        format!("https://{written}")
    };
    let url: Url = full.parse().map_err(|_| invalid())?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid());
    }
    let host = url.host_str().ok_or_else(invalid)?;
    let bare = host.trim_matches(['[', ']']);
    match bare.parse::<IpAddr>() {
        Ok(ip) if ip.is_loopback() => Ok(url),
        Ok(ip) => Err(ApiError::bad_request(format!(
            "bad webhook: IP address {ip} is reserved"
        ))),
        Err(_) if host == "localhost" => Ok(url),
        Err(_) => Err(ApiError::bad_request(
            "bad webhook: Failed to resolve host: Name or service not known",
        )),
    }
}

impl BotApi {
    /// Whether a bot has a webhook.
    pub(super) fn hooked(&self, bot: i64) -> bool {
        self.hooks().contains_key(&bot)
    }

    /// A bot's webhook, where it is still the one with this number.
    pub(super) fn current_hook(&self, bot: i64, number: u64) -> Option<Hook> {
        let hooks = self.hooks();
        hooks
            .get(&bot)
            .filter(|hook| hook.number == number)
            .cloned()
    }

    fn hook(&self, bot: i64, mut hook: Hook) {
        // Numbered under the lock, so that no two are the same.
        let mut hooks = self.hooks();
        self.rehooked().send_modify(|count| *count += 1);
        hook.number = *self.rehooked().borrow();
        hooks.insert(bot, hook);
        drop(hooks);
        self.rehooked().send_modify(|_| {});
    }

    /// Forgets a bot's webhook.
    pub(super) fn unhook(&self, bot: i64) {
        if self.hooks().remove(&bot).is_some() {
            self.rehooked().send_modify(|count| *count += 1);
        }
    }

    /// Notes what went wrong with a delivery; `gone` where the address says that it is no more.
    /// A day of that ends the webhook, as with Telegram.
    pub(super) fn note_failure(&self, bot: i64, number: u64, message: String, gone: bool) {
        /// Telegram gives up after 23 hours.
        const PATIENCE: i64 = 23 * 60 * 60;
        let now = self.world().read(|state| state.now());
        let mut hooks = self.hooks();
        let Some(hook) = hooks.get_mut(&bot).filter(|hook| hook.number == number) else {
            return;
        };
        hook.error = Some((now, message));
        let since = gone.then(|| hook.gone_since.unwrap_or(now));
        hook.gone_since = since;
        let over = since.is_some_and(|since| now - since > PATIENCE);
        drop(hooks);
        if over {
            self.unhook(bot);
        }
    }

    /// Notes that a delivery was taken.
    pub(super) fn note_success(&self, bot: i64, number: u64) {
        let mut hooks = self.hooks();
        if let Some(hook) = hooks.get_mut(&bot).filter(|hook| hook.number == number) {
            hook.gone_since = None;
        }
    }

    /// The webhooks there are: bot and number.
    pub(super) fn all_hooks(&self) -> Vec<(i64, u64)> {
        let hooks = self.hooks();
        hooks
            .iter()
            .map(|(bot, hook)| (*bot, hook.number))
            .collect()
    }
}

/// What a webhook's answer may not call: what reads, and what changes how updates arrive.
pub(super) fn may_be_called_in_answer(method: &str) -> bool {
    let method = method.to_ascii_lowercase();
    !method.is_empty()
        && !method.starts_with("get")
        && !matches!(
            method.as_str(),
            "deletewebhook" | "setwebhook" | "close" | "logout"
        )
}

/// The update as it is sent.
pub(super) fn body(update: &Value) -> Vec<u8> {
    update.to_string().into_bytes()
}
