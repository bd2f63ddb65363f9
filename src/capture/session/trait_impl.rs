//! What grammers asks of a login, and what we ask besides.

use std::collections::HashSet;

use grammers_session::types::{DcOption, PeerId, PeerInfo, UpdateState, UpdatesState};
use grammers_session::{BoxFuture, Session};

use rusqlite::Connection;

use super::error::SessionError;
use super::file::SessionFile;
use super::memory::Memory;
use super::store::{Store, StoreError};

impl Session for SessionFile {
    type Error = SessionError;

    fn home_dc_id(&self) -> Result<i32, SessionError> {
        Ok(self.read(|memory| memory.home_dc))
    }

    fn set_home_dc_id(&self, dc_id: i32) -> BoxFuture<'_, Result<(), SessionError>> {
        Box::pin(self.save(
            move |db, store| store.save_home(db, dc_id),
            move |memory| memory.home_dc = dc_id,
        ))
    }

    fn dc_option(&self, dc_id: i32) -> Result<Option<DcOption>, SessionError> {
        Ok(self.read(|memory| memory.datacentres.get(&dc_id).cloned()))
    }

    fn set_dc_option(&self, dc_option: &DcOption) -> BoxFuture<'_, Result<(), SessionError>> {
        let option = dc_option.clone();
        Box::pin(async move {
            // grammers writes each of them at every connection.
            if self.read(|memory| memory.datacentres.get(&option.id) == Some(&option)) {
                return Ok(());
            }
            let saved = option.clone();
            self.save(
                move |db, store| store.save_datacentre(db, &saved),
                move |memory| {
                    memory.datacentres.insert(option.id, option);
                },
            )
            .await
        })
    }

    fn peer(&self, peer: PeerId) -> BoxFuture<'_, Result<Option<PeerInfo>, SessionError>> {
        Box::pin(async move {
            Ok(self.read(|memory| {
                let id = if peer == PeerId::self_user() {
                    memory.me?
                } else {
                    peer
                };
                memory.peers.get(&id).cloned()
            }))
        })
    }

    fn cache_peer(&self, peer: PeerInfo) -> BoxFuture<'_, Result<(), SessionError>> {
        self.cache_peers(vec![peer])
    }

    fn cache_peers(&self, peers: Vec<PeerInfo>) -> BoxFuture<'_, Result<(), SessionError>> {
        Box::pin(async move {
            let news: Vec<PeerInfo> = self.read(|memory| {
                peers
                    .iter()
                    .filter_map(|peer| memory.extended(peer))
                    .collect()
            });
            if news.is_empty() {
                return Ok(()); // nearly always, and then nothing is written
            }
            let saved = news.clone();
            self.save_hint(
                move |db, store| saved.iter().try_for_each(|peer| store.save_peer(db, peer)),
                move |memory| news.into_iter().for_each(|peer| memory.insert(peer)),
            )
            .await
        })
    }

    fn updates_state(&self) -> BoxFuture<'_, Result<UpdatesState, SessionError>> {
        Box::pin(async move { Ok(self.read(|memory| memory.state.clone())) })
    }

    fn set_update_state(&self, update: UpdateState) -> BoxFuture<'_, Result<(), SessionError>> {
        Box::pin(async move {
            let (home_dc, before, state) = self.read(|memory| {
                let state = memory.after(update);
                (memory.home_dc, memory.state.clone(), state)
            });
            if state == before {
                return Ok(());
            }
            let saved = state.clone();
            self.save_hint(
                move |db, store| store.save_state(db, home_dc, &saved),
                move |memory| memory.state = state,
            )
            .await
        })
    }
}

impl SessionFile {
    /// From now on keeps the update counters of these channels only.
    pub(crate) fn keep_channels(&self, only: HashSet<i64>) {
        self.adjust(|memory| {
            memory
                .state
                .channels
                .retain(|channel| only.contains(&channel.id));
            memory.only = Some(only);
        });
    }

    /// How far a channel's updates were handled.
    pub(crate) fn channel_pts(&self, channel: i64) -> Option<i32> {
        self.read(|memory| {
            memory
                .state
                .channels
                .iter()
                .find(|state| state.id == channel)
                .map(|state| state.pts)
        })
    }

    /// Saves what a run can do without: it is asked for anew after the next start. A full disk must
    /// not end a run here, under the name of the login; whether it can go on, the archive decides.
    async fn save_hint(
        &self,
        write: impl FnOnce(&Connection, &Store) -> Result<(), StoreError> + Send + 'static,
        remember: impl FnOnce(&mut Memory) + Clone + Send + 'static,
    ) -> Result<(), SessionError> {
        match self.save(write, remember.clone()).await {
            Err(error @ SessionError::Sqlite { .. })
                if self.read(|memory| memory.only.is_some()) =>
            {
                if !self.read(|memory| memory.unsaved) {
                    tracing::warn!(%error, "going on without saving the state of updates");
                }
                self.adjust(|memory| {
                    memory.unsaved = true;
                    remember(memory);
                });
                Ok(())
            }
            saved => saved,
        }
    }

    /// A channel's access hash.
    pub(crate) fn channel_hash(&self, channel: i64) -> Option<i64> {
        let id = PeerId::channel(channel)?;
        self.read(|memory| memory.peers.get(&id)?.auth().map(|auth| auth.hash()))
    }

    /// Forgets how far updates were handled.
    pub(crate) async fn forget_updates(&self) -> Result<(), SessionError> {
        self.set_update_state(UpdateState::All(UpdatesState::default()))
            .await
    }

    /// Remembers the account's display name, for lists.
    pub(crate) async fn set_name(&self, name: &str) -> Result<(), SessionError> {
        let (known, home_dc) = self.read(|memory| (memory.name.clone(), memory.home_dc));
        if known.as_deref() == Some(name) {
            return Ok(());
        }
        let (saved, kept) = (name.to_owned(), name.to_owned());
        self.save(
            move |db, store| store.save_name(db, home_dc, &saved),
            move |memory| memory.name = Some(kept),
        )
        .await
    }

    /// Whether somebody has logged in with this file.
    pub(crate) fn is_logged_in(&self) -> bool {
        self.read(|memory| memory.me.is_some())
    }
}
