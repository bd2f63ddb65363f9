//! The MTProto face.

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::faults::Faults;
use super::world::World;

/// Authorisation keys that clients may use without a handshake, and who is logged in on each.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {}

impl KeyRing {
    /// Makes a key that follows from the world's seed and `name`; returns its 256 bytes in hexadecimal.
    pub fn share(&self, _world: &World, _name: &str) -> String {
        todo!()
    }

    /// Logs out whoever uses this key (`AUTH_KEY_UNREGISTERED` from now on).
    pub fn revoke(&self, _user: i64) {
        todo!()
    }
}

/// Serves connections until stopped.
pub async fn serve(
    _listener: TcpListener,
    _world: World,
    _keys: KeyRing,
    _faults: Faults,
    _stop: CancellationToken,
) {
    todo!()
}
