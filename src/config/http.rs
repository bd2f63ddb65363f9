//! `[http]`: health and metrics for whoever watches the service.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// The HTTP port.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct HttpConfig {
    /// Where to listen, address and port; empty: nowhere.
    pub listen: String,
}

impl HttpConfig {
    /// The address; `None` where there is none, or it is not readable, which loading refuses.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }
}
