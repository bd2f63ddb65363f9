//! `[telegram]`: the userbot's account.

use std::net::SocketAddrV4;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// The userbot's account.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelegramConfig {
    /// Application id from my.telegram.org; your own, never a shared one. 0: unset.
    pub api_id: i32,
    /// Application hash that goes with it.
    pub api_hash: Secret,
    /// Name of the login; its file is `<sessions>/<account>.session`.
    pub account: String,
    /// Directory of login files, relative to the config file.
    pub sessions: PathBuf,
    /// What login files are encrypted with: a passphrase of at least 12 characters or 64 hexadecimal
    /// digits; empty: they are not.
    pub session_key: Secret,
    /// Another server than Telegram's: the built-in one, or a test datacentre.
    pub server: Option<ServerConfig>,
}

/// An MTProto server with a key agreed on beforehand.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Datacentre id, 1 to 5.
    pub dc_id: i32,
    /// Address and port.
    pub address: SocketAddrV4,
    /// The shared 256-byte authorisation key, in hexadecimal.
    pub auth_key: Secret,
}

impl Default for TelegramConfig {
    fn default() -> Self {
        Self {
            api_id: 0,
            api_hash: Secret::default(),
            account: "default".to_owned(),
            sessions: PathBuf::from("sessions"),
            session_key: Secret::default(),
            server: None,
        }
    }
}
