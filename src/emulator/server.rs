//! The whole emulator: a world, its two faces, its CRM, outside systems and the control port.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::bot_api::BotApi;
use super::control::Control;
use super::crm::Crm;
use super::facts::Addresses;
use super::faults::Faults;
use super::mtproto::{self, KeyRing};
use super::scenario::{self, Cast};
use super::systems::Systems;
use super::world::{State, World};
use super::worldfile::{WorldError, WorldFile};

pub use super::bot_api::Limits;
pub use super::crm::Relay;
pub use super::facts::{
    ApiFacts, BotFacts, CrmFacts, Facts, GroupFacts, MtprotoFacts, TopicFacts, UserFacts,
};

/// Messages of a built-in world, at most: some gigabytes of memory.
pub const MOST_MESSAGES: usize = 5_000_000;

/// What to start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Decides names, texts, secrets and order.
    pub seed: u64,
    /// Messages in the group before anyone connects, roughly; [`MOST_MESSAGES`] at most.
    pub messages: usize,
    /// How customers' messages reach the topic.
    pub relay: Relay,
    /// The world instead of the built-in one; `messages` and `relay` have no meaning then.
    pub world: Option<WorldFile>,
    /// Address to listen on; everyone who reaches it can do everything.
    pub listen: IpAddr,
    /// Port of MTProto; 0: chosen by the system.
    pub mtproto_port: u16,
    /// Port of the Bot API; 0: chosen by the system.
    pub bot_api_port: u16,
    /// Port of control and CRM; 0: chosen by the system.
    pub control_port: u16,
    /// Port of the outside systems; 0: chosen by the system.
    pub systems_port: u16,
    /// How often bots may post.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            messages: 200,
            relay: Relay::default(),
            world: None,
            listen: Ipv4Addr::LOCALHOST.into(),
            mtproto_port: 0,
            bot_api_port: 0,
            control_port: 0,
            systems_port: 0,
            limits: Limits::default(),
        }
    }
}

/// Why the emulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// Another program listens there.
    #[error(
        "{address} is in use: the emulator's {face} cannot listen there; \
         end the program that does, or choose another port (0 lets the system choose)"
    )]
    PortInUse {
        /// Which server.
        face: &'static str,
        /// Where.
        address: SocketAddr,
    },
    /// The system refused for another reason.
    #[error(
        "the emulator's {face} cannot listen on {address}: {source}; use an address of this machine and a port above 1023"
    )]
    Listen {
        /// Which server.
        face: &'static str,
        /// Where.
        address: SocketAddr,
        /// The system's reason.
        source: io::Error,
    },
    /// The thread that built the world came to grief.
    #[error("the world could not be built: {0}")]
    Build(String),
    /// The world's file makes no sense.
    #[error(transparent)]
    World(#[from] WorldError),
}

/// A running emulator; stops when told to, or when dropped.
#[derive(Debug)]
pub struct Emulator {
    /// The world, to play in.
    pub world: World,
    /// Who is who in it.
    pub cast: Cast,
    /// Faults to switch on.
    pub faults: Faults,
    /// MTProto keys.
    pub keys: KeyRing,
    /// The CRM: customers write through it, and it knows what reached them.
    pub crm: Crm,
    /// The Bot API: knows what each bot was shown.
    pub bots: BotApi,
    /// Outside systems; their billing service has accounts of the customers.
    pub systems: Systems,
    /// Where MTProto listens.
    pub mtproto: SocketAddr,
    /// Base URL of the Bot API.
    pub bot_api: String,
    /// Base URL of the control port; `/webhook/topic_action` below it is the CRM's Topics API.
    pub control: String,
    facts: Facts,
    stop: CancellationToken,
    servers: Vec<JoinHandle<()>>,
}

impl Emulator {
    /// Builds the world and starts serving.
    ///
    /// # Errors
    /// When an address cannot be listened on, or the world's file makes no sense.
    pub async fn start(settings: Settings) -> Result<Self, EmulatorError> {
        let at = |port| SocketAddr::new(settings.listen, port);
        // Ports first: a large world takes a moment, and a port in use is known at once.
        let (tcp, mtproto) = listen("MTProto server", at(settings.mtproto_port)).await?;
        let (http, bot_api) = listen("Bot API", at(settings.bot_api_port)).await?;
        let (desk, control) = listen("control port", at(settings.control_port)).await?;
        let (outside, systems) = listen("outside systems", at(settings.systems_port)).await?;
        let (state, cast) = build(&settings).await?;
        let world = World::new(state);
        let (faults, keys) = (Faults::new(settings.seed), KeyRing::default());
        let stop = CancellationToken::new();
        let bots = BotApi::new(world.clone(), faults.clone(), settings.limits, stop.clone());
        let crm = Crm::new(world.clone(), cast.clone());
        let at = Addresses {
            mtproto: reachable(mtproto),
            bot_api: format!("http://{}", reachable(bot_api)),
            control: format!("http://{}", reachable(control)),
        };
        let systems = Systems::on(
            outside,
            reachable(systems),
            settings.seed,
            stop.child_token(),
        );
        bill(&systems, &cast);
        let facts = Facts::gather(&world, &cast, &keys, &crm, systems.facts(), &at);
        let controls = Control {
            world: world.clone(),
            cast: cast.clone(),
            faults: faults.clone(),
            keys: keys.clone(),
            crm: crm.clone(),
            bots: bots.clone(),
            systems: systems.each(),
            facts: facts.clone(),
        };
        let servers = vec![
            tokio::spawn(mtproto::serve(
                tcp,
                world.clone(),
                keys.clone(),
                faults.clone(),
                stop.clone(),
            )),
            tokio::spawn(serve_http(http, bots.router(), stop.clone())),
            tokio::spawn(bots.clone().deliver()),
            tokio::spawn(serve_http(
                desk,
                controls.router().merge(crm.router()),
                stop.clone(),
            )),
        ];
        Ok(Self {
            world,
            cast,
            faults,
            keys,
            crm,
            bots,
            systems,
            mtproto: at.mtproto,
            bot_api: at.bot_api,
            control: at.control,
            facts,
            stop,
            servers,
        })
    }

    /// What clients need to know.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.facts.clone()
    }

    /// A bot's token; `None` where the id is no bot's.
    #[must_use]
    pub fn bot_token(&self, bot: i64) -> Option<String> {
        self.world
            .read(|state| Some(state.user(bot)?.bot.as_ref()?.token.clone()))
    }

    /// Ends all servers.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for mut server in std::mem::take(&mut self.servers) {
            // A client that keeps its connection open does not hold the end up.
            if tokio::time::timeout(Duration::from_secs(1), &mut server)
                .await
                .is_err()
            {
                server.abort();
            }
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.cancel();
        for server in &self.servers {
            server.abort();
        }
    }
}

/// Gives the first customers an account each. One account is left without anybody, so that it can
/// be linked.
fn bill(systems: &Systems, cast: &Cast) {
    let accounts = (1..=40).filter(|number| *number != 5);
    for (number, customer) in accounts.zip(&cast.customers) {
        systems.billing().give(&format!("N{number:03}"), *customer);
    }
}

/// Builds the world on a thread of its own: a large one takes a while, in which signals are heard.
async fn build(settings: &Settings) -> Result<(State, Cast), EmulatorError> {
    let (seed, relay) = (settings.seed, settings.relay);
    let messages = settings.messages.min(MOST_MESSAGES);
    let file = settings.world.clone();
    let building = tokio::task::spawn_blocking(move || match file {
        Some(file) => file.build(seed),
        None => Ok(scenario::build(seed, messages, relay)),
    });
    match building.await {
        Ok(built) => Ok(built?),
        // It cannot be cancelled: nobody else holds its handle.
        Err(error) => Err(EmulatorError::Build(error.to_string())),
    }
}

async fn listen(
    face: &'static str,
    address: SocketAddr,
) -> Result<(TcpListener, SocketAddr), EmulatorError> {
    let failed = |source: io::Error| {
        if source.kind() == io::ErrorKind::AddrInUse {
            EmulatorError::PortInUse { face, address }
        } else {
            EmulatorError::Listen {
                face,
                address,
                source,
            }
        }
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let port = listener.local_addr().map_err(failed)?.port();
    Ok((listener, SocketAddr::new(address.ip(), port)))
}

/// Where clients on this machine reach a server that listens at an address: one that listens
/// everywhere is reached through loopback.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

async fn serve_http(listener: TcpListener, router: axum::Router, stop: CancellationToken) {
    let ended = axum::serve(listener, router)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await;
    if let Err(error) = ended {
        tracing::warn!(%error, "an emulator's HTTP server ended");
    }
}
