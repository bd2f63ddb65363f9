//! What a connector must not forget between two starts: refresh tokens that replace one another.

use std::sync::{Arc, Mutex, PoisonError};

use super::failure::{Cause, Failure};
use crate::archive::{ArchiveError, State};
use crate::config::Secret;

/// Keeps refresh tokens in the vault's `state.db`, or only as long as it lives.
#[derive(Clone, Debug, Default)]
pub struct Memory(Option<Arc<Mutex<State>>>);

impl Memory {
    /// Keeps them in a vault.
    #[must_use]
    pub const fn of(state: Arc<Mutex<State>>) -> Self {
        Self(Some(state))
    }

    /// The token that came last of those that began with the configured one.
    pub(super) fn refresh_token(
        &self,
        connector: &str,
        configured: &Secret,
    ) -> Result<Option<Secret>, Failure> {
        let Some(state) = &self.0 else {
            return Ok(None);
        };
        let state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = state.refresh_token(connector, &origin(configured));
        kept.map(|token| token.map(Secret::new)).map_err(failed)
    }

    /// Keeps a token; when this returns, it is on the disk.
    pub(super) fn keep_refresh_token(
        &self,
        connector: &str,
        configured: &Secret,
        token: &Secret,
    ) -> Result<(), Failure> {
        let Some(state) = &self.0 else {
            return Ok(());
        };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = origin(configured);
        state
            .keep_refresh_token(connector, &origin, token.expose())
            .map_err(failed)
    }
}

/// Tells one configured token from another without holding it.
fn origin(configured: &Secret) -> String {
    blake3::hash(configured.expose().as_bytes())
        .to_hex()
        .to_string()
}

fn failed(error: ArchiveError) -> Failure {
    Failure::new(
        Cause::Setup,
        format!("the refresh token cannot be kept: {error}"),
    )
}
