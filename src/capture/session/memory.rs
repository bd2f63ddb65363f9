//! What a login holds, in memory.

use std::collections::{HashMap, HashSet};

use grammers_session::SessionData;
use grammers_session::types::{DcOption, PeerId, PeerInfo, UpdateState, UpdatesState};

/// The whole of a login. Not `Debug`: it holds authorisation keys.
pub(super) struct Memory {
    /// Datacentre of the account.
    pub(super) home_dc: i32,
    /// Known datacentres, the built-in ones included.
    pub(super) datacentres: HashMap<i32, DcOption>,
    /// Known peers.
    pub(super) peers: HashMap<PeerId, PeerInfo>,
    /// Which of them is the account itself.
    pub(super) me: Option<PeerId>,
    /// How far updates were handled.
    pub(super) state: UpdatesState,
    /// Display name of the account.
    pub(super) name: Option<String>,
    /// The channels whose update counter is kept; `None`: all.
    pub(super) only: Option<HashSet<i64>>,
    /// Something could not be saved, and it was said.
    pub(super) unsaved: bool,
}

impl Memory {
    /// Nobody's login: only the built-in datacentres are known.
    pub(super) fn empty() -> Self {
        // grammers keeps its list of datacentres private; its default data shows it.
        let defaults = SessionData::default();
        Self {
            home_dc: defaults.home_dc,
            datacentres: defaults.dc_options,
            peers: HashMap::new(),
            me: None,
            state: UpdatesState::default(),
            name: None,
            only: None,
            unsaved: false,
        }
    }

    /// Takes a peer in.
    pub(super) fn insert(&mut self, peer: PeerInfo) {
        let id = peer.id();
        if matches!(
            peer,
            PeerInfo::User {
                is_self: Some(true),
                ..
            }
        ) {
            self.me = Some(id);
        }
        self.peers.insert(id, peer);
    }

    /// What a peer would be with this observation added; `None` where that says nothing new.
    pub(super) fn extended(&self, peer: &PeerInfo) -> Option<PeerInfo> {
        let Some(known) = self.peers.get(&peer.id()) else {
            return Some(peer.clone());
        };
        let mut extended = known.clone();
        extended.extend_info(peer);
        (extended != *known).then_some(extended)
    }

    /// The state after an update of it, without channels that nobody captures: grammers asks for
    /// the difference of every channel it has a counter for, at every start.
    pub(super) fn after(&self, update: UpdateState) -> UpdatesState {
        let mut state = self.state.clone();
        match update {
            UpdateState::All(all) => state = all,
            UpdateState::Primary { pts, date, seq } => {
                state.pts = pts;
                state.date = date;
                state.seq = seq;
            }
            UpdateState::Secondary { qts } => state.qts = qts,
            UpdateState::Channel { id, pts } => {
                state.channels.retain(|channel| channel.id != id);
                state
                    .channels
                    .push(grammers_session::types::ChannelState { id, pts });
            }
        }
        if let Some(only) = &self.only {
            state.channels.retain(|channel| only.contains(&channel.id));
        }
        state.channels.sort_by_key(|channel| channel.id);
        state
    }
}
