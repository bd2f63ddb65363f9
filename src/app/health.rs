//! The HTTP port: health, readiness and metrics.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::AppError;
use super::scrape::Scraped;
use crate::config::HttpConfig;

/// What Prometheus asks for when it can have it.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Takes the port, where one is configured.
///
/// # Errors
/// When it cannot be had.
pub(super) async fn listen(config: &HttpConfig) -> Result<Option<TcpListener>, AppError> {
    let Some(address) = config.address() else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| AppError::Listen {
            address: config.listen.clone(),
            source,
        })?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "health and metrics can be read by whoever reaches this address");
    }
    Ok(Some(listener))
}

/// Answers until stopped.
pub(super) async fn serve(listener: TcpListener, scraped: Scraped, stop: CancellationToken) {
    let routes = Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(scraped));
    let until = stop.clone();
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(async move { until.cancelled().await })
        .into_future();
    tokio::select! {
        ended = server => if let Err(error) = ended {
            tracing::error!(%error, "health and metrics are not served any more");
        },
        // Whoever is still being answered has had long enough.
        () = async {
            stop.cancelled().await;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        } => {}
    }
}

async fn ready(State(scraped): State<Arc<Scraped>>) -> Response {
    let readiness = scraped.readiness().await;
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, axum::Json(readiness)).into_response()
}

async fn metrics(State(scraped): State<Arc<Scraped>>) -> Response {
    match scraped.metrics().await {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
