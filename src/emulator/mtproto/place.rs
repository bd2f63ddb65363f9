//! What connections share, and who asks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio_util::sync::CancellationToken;

use super::convert::DC;
use super::keys::{Key, KeyRing};
use super::uploads::Uploads;
use crate::emulator::faults::Faults;
use crate::emulator::world::World;

/// Everything that connections share.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The world.
    pub(super) world: World,
    /// Who is logged in where.
    pub(super) keys: KeyRing,
    /// Files on their way in.
    pub(super) uploads: Uploads,
    /// Datacentres and the ports at which they are reached.
    pub(super) dcs: Arc<[(i32, u16)]>,
    /// What has to go wrong.
    pub(super) faults: Faults,
    /// Ends everything.
    pub(super) stop: CancellationToken,
}

impl Place {
    /// The datacentre that is reached at an address.
    pub(super) fn dc_at(&self, address: SocketAddr) -> i32 {
        let here = |(_, port): &&(i32, u16)| *port == address.port();
        self.dcs.iter().find(here).map_or(DC, |(dc, _)| *dc)
    }
}

/// What a request is answered with.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    /// What connections share.
    pub(super) place: Place,
    /// The key that the request came with.
    pub(super) key: Arc<Key>,
    /// The connection's number in the journal.
    pub(super) number: u64,
    /// Where the client reached the server: the address to advertise.
    pub(super) address: SocketAddr,
}

impl Caller {
    /// The datacentre that was asked.
    pub(super) fn dc(&self) -> i32 {
        self.place.dc_at(self.address)
    }
}

/// The machine's clock, for the journal.
pub(super) fn milliseconds() -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
