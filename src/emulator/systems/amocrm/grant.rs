//! Tokens: one that lives long, and those that are fetched with a refresh token, which is good
//! once.

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emulator::systems::ids;

/// How long a fetched token is good for, seconds.
const LIFE: u64 = 86_400;

/// Where people would be sent after they agreed.
pub(super) const REDIRECT: &str = "https://desk.example/amocrm";

#[derive(Debug)]
pub(super) struct Grants {
    seed: u64,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) long_lived: String,
    /// The refresh token that is good next.
    pub(super) refresh: String,
    fetched: HashMap<String, Timestamp>,
    count: u64,
}

impl Grants {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            client_id: ids::uuid(seed, "amocrm client", 0),
            client_secret: ids::hex(seed, "amocrm secret", 0),
            long_lived: format!("amo-{}", ids::hex(seed, "amocrm token", 0)),
            refresh: format!("amr-{}", ids::hex(seed, "amocrm refresh", 0)),
            fetched: HashMap::new(),
            count: 0,
        }
    }

    pub(super) fn good(&self, token: &str, now: Timestamp) -> bool {
        token == self.long_lived || self.fetched.get(token).is_some_and(|until| *until > now)
    }

    /// Those that were fetched are no longer good.
    pub(super) fn expire(&mut self) {
        self.fetched.clear();
    }

    /// Exchanges a refresh token; the error is amoCRM's hint.
    pub(super) fn exchange(&mut self, body: &Value, now: Timestamp) -> Result<Value, &'static str> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("client_id") != self.client_id || text("client_secret") != self.client_secret {
            return Err("Client authentication failed");
        }
        if text("grant_type") != "refresh_token" {
            return Err("Check the `grant_type` parameter");
        }
        if text("redirect_uri") != REDIRECT {
            return Err("Check the `redirect_uri` parameter");
        }
        if text("refresh_token") != self.refresh {
            return Err("Token has been revoked");
        }
        self.fetched.retain(|_, until| *until > now);
        self.count += 1;
        let token = format!("amo-{}", ids::hex(self.seed, "amocrm token", self.count));
        self.refresh = format!("amr-{}", ids::hex(self.seed, "amocrm refresh", self.count));
        let until = now.checked_add(Duration::from_secs(LIFE)).unwrap_or(now);
        self.fetched.insert(token.clone(), until);
        Ok(json!({
            "token_type": "Bearer",
            "expires_in": LIFE,
            "server_time": now.as_second(),
            "access_token": token,
            "refresh_token": self.refresh,
        }))
    }
}
