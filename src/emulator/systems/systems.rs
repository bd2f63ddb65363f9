//! One listener, and each system below its own path.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::amocrm::AmoCrm;
use super::answer::Answer;
use super::billing::Billing;
use super::bitrix24::Bitrix24;
use super::clock::Clock;
use super::facts::SystemsFacts;
use super::faults::FaultQueue;
use super::front;
use super::google::Google;
use super::line::{Line, Lines};
use super::notion::Notion;
use super::salesforce::Salesforce;

/// The running systems; they end when told to, or when dropped.
#[derive(Debug)]
pub struct Systems {
    each: Each,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

/// All systems, without their server. Clones share them.
#[derive(Clone, Debug)]
pub struct Each {
    base: String,
    pub(super) clock: Clock,
    pub(super) notion: Notion,
    pub(super) google: Google,
    pub(super) bitrix24: Bitrix24,
    pub(super) amocrm: AmoCrm,
    pub(super) salesforce: Salesforce,
    pub(super) billing: Billing,
}

impl Systems {
    /// Listens and serves; port 0 lets the system choose.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(listen: SocketAddr, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let at = listener.local_addr()?;
        Ok(Self::on(listener, at, seed, CancellationToken::new()))
    }

    /// Serves on a listener that clients reach at an address, until it is told to stop.
    #[must_use]
    pub fn on(listener: TcpListener, at: SocketAddr, seed: u64, stop: CancellationToken) -> Self {
        let clock = Clock::new();
        let base = format!("http://{at}");
        let each = Each {
            notion: Notion::new(seed, &clock),
            google: Google::new(seed, &clock, &base),
            bitrix24: Bitrix24::new(seed, &clock),
            amocrm: AmoCrm::new(seed, &clock, &base),
            salesforce: Salesforce::new(seed, &clock, &base),
            billing: Billing::new(seed, &clock),
            clock,
            base,
        };
        let router = Router::new()
            .fallback(serve)
            // Each system has a limit of its own.
            .layer(DefaultBodyLimit::disable())
            .with_state(each.clone());
        let router = router.into_make_service_with_connect_info::<Line>();
        let over = stop.clone().cancelled_owned();
        let server = tokio::spawn(async move {
            let served = axum::serve(Lines(listener), router).with_graceful_shutdown(over);
            if let Err(error) = served.await {
                tracing::warn!(%error, "the emulator's outside systems ended");
            }
        });
        Self { each, stop, server }
    }

    /// All systems, to be kept elsewhere.
    #[must_use]
    pub fn each(&self) -> Each {
        self.each.clone()
    }

    /// What clients need to know.
    #[must_use]
    pub fn facts(&self) -> SystemsFacts {
        self.each.facts()
    }

    /// The time that all of them go by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.each.clock
    }

    /// Notion.
    #[must_use]
    pub fn notion(&self) -> &Notion {
        &self.each.notion
    }

    /// Google's token endpoint and spreadsheets.
    #[must_use]
    pub fn google(&self) -> &Google {
        &self.each.google
    }

    /// Bitrix24.
    #[must_use]
    pub fn bitrix24(&self) -> &Bitrix24 {
        &self.each.bitrix24
    }

    /// amoCRM, elsewhere called Kommo.
    #[must_use]
    pub fn amocrm(&self) -> &AmoCrm {
        &self.each.amocrm
    }

    /// Salesforce.
    #[must_use]
    pub fn salesforce(&self) -> &Salesforce {
        &self.each.salesforce
    }

    /// The billing service.
    #[must_use]
    pub fn billing(&self) -> &Billing {
        &self.each.billing
    }

    /// Ends the server.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // A client that keeps its connection open does not hold the end up.
        let ended = tokio::time::timeout(Duration::from_secs(1), &mut self.server);
        if ended.await.is_err() {
            self.server.abort();
        }
    }
}

impl Drop for Systems {
    fn drop(&mut self) {
        self.stop.cancel();
        self.server.abort();
    }
}

impl Each {
    /// Names of the systems, which are the first part of their paths.
    pub const NAMES: [&str; 6] = [
        "notion",
        "google",
        "amocrm",
        "bitrix24",
        "salesforce",
        "billing",
    ];

    /// What clients need to know.
    #[must_use]
    pub fn facts(&self) -> SystemsFacts {
        SystemsFacts::gather(&self.base, self)
    }

    /// The billing service.
    #[must_use]
    pub fn billing(&self) -> &Billing {
        &self.billing
    }

    /// What goes wrong with a system; `None` where there is none of that name.
    #[must_use]
    pub fn faults(&self, name: &str) -> Option<&FaultQueue> {
        match name {
            "notion" => Some(&self.notion.faults),
            "google" => Some(&self.google.faults),
            "bitrix24" => Some(&self.bitrix24.faults),
            "amocrm" => Some(&self.amocrm.faults),
            "salesforce" => Some(&self.salesforce.faults),
            "billing" => Some(&self.billing.faults),
            _ => None,
        }
    }

    /// What a system holds; `None` where there is none of that name.
    #[must_use]
    pub fn records(&self, name: &str) -> Option<Vec<Value>> {
        match name {
            "notion" => Some(self.notion.records()),
            "google" => Some(self.google.records()),
            "bitrix24" => Some(self.bitrix24.records()),
            "amocrm" => Some(self.amocrm.records()),
            "salesforce" => Some(self.salesforce.records()),
            "billing" => Some(self.billing.records()),
            _ => None,
        }
    }
}

async fn serve(
    State(each): State<Each>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response<Body> {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let (name, rest) = match path.split_once('/') {
        Some((name, rest)) => (name, format!("/{rest}")),
        None => (path.as_str(), "/".to_owned()),
    };
    match name {
        "notion" => front::answer(&each.notion, &line, &rest, request).await,
        "google" => front::answer(&each.google, &line, &rest, request).await,
        "bitrix24" => front::answer(&each.bitrix24, &line, &rest, request).await,
        "amocrm" => front::answer(&each.amocrm, &line, &rest, request).await,
        "salesforce" => front::answer(&each.salesforce, &line, &rest, request).await,
        "billing" => front::answer(&each.billing, &line, &rest, request).await,
        _ => Answer::text(
            404,
            "text/plain; charset=utf-8",
            format!("the systems are {}\n", Each::NAMES.join(", ")),
        )
        .into_response(),
    }
}
