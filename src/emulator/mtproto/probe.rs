//! The server without a network, for those who throw bytes at it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::convert::DC;
use super::envelope::{self, Message};
use super::handshake::Handshake;
use super::keys::{Key, KeyRing, key_id};
use super::place::{Caller, Place};
use super::transport::Transport;
use super::uploads::Uploads;
use super::{payload, rpc, service};
use crate::emulator::faults::Faults;
use crate::emulator::world::World;

/// A server that is handed bytes instead of connections. What it answers is of no interest; that
/// it comes back is.
#[derive(Debug)]
pub struct Probe {
    place: Place,
    key: Arc<Key>,
    address: SocketAddr,
}

impl Probe {
    /// Serves a world to `user`, who is logged in; `None` where that account does not exist.
    #[must_use]
    pub fn new(world: World, user: i64) -> Option<Self> {
        world.read(|state| state.user(user).map(|_| ()))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 443));
        let keys = KeyRing::default();
        let id = key_id(&keys.make(&world, "probe"));
        let key = keys.key(id, DC)?;
        keys.bind(&key, Some(user));
        let place = Place {
            world,
            keys,
            uploads: Uploads::default(),
            dcs: [(DC, address.port())].into(),
            faults: Faults::default(),
            stop: CancellationToken::new(),
        };
        Some(Self {
            place,
            key,
            address,
        })
    }

    /// What a client sends first: transport, handshake, and frames under a key.
    pub fn wire(&self, bytes: &[u8]) {
        let mut transport = Transport::default();
        let mut handshake = Handshake::default();
        transport.feed(bytes);
        while let Ok(Some(frame)) = transport.next_frame() {
            if envelope::key_id(&frame) == Some([0; 8]) {
                let answer = handshake.answer(&frame, 1, &self.place.keys, DC);
                let Ok(answer) = answer else { return };
                let _ = transport.pack(&answer);
            } else if let Ok(opened) = envelope::open(&self.key, &frame) {
                let _ = payload::unpack(opened.message);
            }
        }
    }

    /// The method that a number stands for, so that noise calls methods that exist.
    #[must_use]
    pub fn method(number: usize) -> [u8; 4] {
        let all = rpc::constructors();
        let chosen = all.get(number % all.len().max(1));
        chosen.copied().unwrap_or_default().to_le_bytes()
    }

    /// What a client says inside an envelope.
    pub async fn say(&self, body: &[u8]) {
        let message = Message {
            id: 4,
            seq: 1,
            body: body.to_vec(),
        };
        for message in payload::unpack(message).unwrap_or_default() {
            if service::answer(&self.key, &message).is_some() || rpc::takes_long(&message.body) {
                continue;
            }
            let caller = Caller {
                place: self.place.clone(),
                key: Arc::clone(&self.key),
                number: 1,
                address: self.address,
            };
            let answer = rpc::answer(caller, message.body).await;
            let _ = payload::rpc_result(message.id, answer.body);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::emulator::crm::Relay;
    use crate::emulator::scenario;

    static PROBE: LazyLock<Probe> = LazyLock::new(|| {
        let (state, cast) = scenario::build(1, 40, Relay::Bot);
        Probe::new(World::new(state), cast.userbot).unwrap()
    });

    proptest! {
        #[test]
        fn noise_comes_back(
            method in any::<usize>(),
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
        ) {
            PROBE.wire(&bytes);
            let request = [&Probe::method(method)[..], &bytes].concat();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(PROBE.say(&bytes));
            runtime.block_on(PROBE.say(&request));
        }
    }
}
