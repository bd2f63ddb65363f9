//! The whole emulator: a world, its two faces, its CRM and the control port.

use std::net::SocketAddrV4;

use super::faults::Faults;
use super::mtproto::KeyRing;
use super::world::World;

/// How customers' messages reach the topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relay {
    /// Through the CRM's bot: hidden from other bots.
    #[default]
    Bot,
    /// Through one relay user account.
    User,
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Decides names, texts, secrets and order.
    pub seed: u64,
    /// Messages in the group before anyone connects, roughly.
    pub messages: usize,
    /// How customers' messages reach the topic.
    pub relay: Relay,
    /// Loopback address to listen on; ports are chosen by the system unless given.
    pub listen: std::net::Ipv4Addr,
}

/// Why the emulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {}

/// Who and what a client needs to know: everything that `topicvault emulator` prints.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Facts {}

/// A running emulator; stops when told to.
#[derive(Debug)]
pub struct Emulator {
    /// The world, to play in.
    pub world: World,
    /// Faults to switch on.
    pub faults: Faults,
    /// MTProto keys.
    pub keys: KeyRing,
    /// Where MTProto listens.
    pub mtproto: SocketAddrV4,
    /// Base URL of the Bot API.
    pub bot_api: String,
    /// Base URL of the control port; `/webhook/topic_action` below it is the CRM's Topics API.
    pub control: String,
}

impl Emulator {
    /// Builds the world and starts serving.
    pub async fn start(_settings: Settings) -> Result<Self, EmulatorError> {
        todo!()
    }

    /// What clients need to know.
    #[must_use]
    pub fn facts(&self) -> Facts {
        todo!()
    }

    /// Ends all servers.
    pub async fn stop(self) {
        todo!()
    }
}
