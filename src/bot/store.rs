//! What the bot keeps in the vault's `state.db`: who asked for what, links, questions, what was
//! served, what is to reach customers.

use std::sync::{Arc, Mutex, PoisonError};

use super::error::BotError;
use super::request::CommandError;
use crate::archive::{ArchiveError, State, Vault};

/// The state, shared by all who use it; work on it is done off the runtime's threads.
#[derive(Clone, Debug)]
pub(super) struct Store(Arc<Mutex<State>>);

impl Store {
    /// Opens it.
    pub(super) fn open(vault: &Vault) -> Result<Self, BotError> {
        Ok(Self(Arc::new(Mutex::new(vault.state()?))))
    }

    /// The state itself.
    pub(super) fn shared(&self) -> Arc<Mutex<State>> {
        Arc::clone(&self.0)
    }

    /// Does something with it.
    pub(super) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut State) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<T, CommandError> {
        let state = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut state.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Ok(done.await??)
    }
}
