//! Unmodified grammers against the MTProto face.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod differences;
mod doing;
mod faults;
mod handshake;
mod hostile;
mod live;
mod login;
mod posting;
mod reading;

use std::net::SocketAddrV4;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use grammers_client::Client;
use grammers_client::client::UpdateStream;
use grammers_mtsender::{
    ConnectionParams, InvocationError, RetryContext, RetryPolicy, SenderPool, UpdatesConfiguration,
};
use grammers_session::Session as _;
use grammers_session::storages::MemorySession;
use grammers_session::types::DcOption;
use grammers_session::updates::UpdatesLike;
use grammers_tl_types::{enums, types};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{KeyRing, serve};
use crate::emulator::faults::Faults;
use crate::emulator::world::{Bot, Draft, State, User, World};

const GROUP: i64 = 1_500_000_001;
const ANNA: i64 = 1_001;
const BORIS: i64 = 1_002;
const STRANGER: i64 = 1_003;
const CRM: i64 = 2_001;
const SEED: u64 = 11;

/// The application that the desk's world knows.
fn api() -> (i32, String) {
    let state = State::new(SEED);
    (state.api_id(), state.api_hash())
}

/// A desk: Anna owns it, Boris has a two-step password, the CRM's bot posts, a stranger is outside.
fn world() -> World {
    let mut state = State::new(SEED);
    let person = |id, name: &str, phone: &str| User {
        id,
        first_name: name.to_owned(),
        phone: Some(phone.to_owned()),
        code: "24680".to_owned(),
        ..User::default()
    };
    state.add_user(person(ANNA, "Anna", "4915110000001"));
    state.add_user(User {
        password: Some("correct horse".to_owned()),
        ..person(BORIS, "Boris", "4915110000002")
    });
    state.add_user(person(STRANGER, "Stranger", "4915110000003"));
    state.add_user(User {
        id: CRM,
        first_name: "CRM".to_owned(),
        username: Some("crm_bot".to_owned()),
        bot: Some(Bot {
            token: "2001:secret".to_owned(),
            privacy_mode: false,
            bot_to_bot: false,
        }),
        ..User::default()
    });
    state.add_group(GROUP, "Desk", true, ANNA, 1_700_000_000);
    state.add_member(GROUP, BORIS, true);
    state.add_member(GROUP, CRM, true);
    World::new(state)
}

/// A running server.
struct Server {
    world: World,
    keys: KeyRing,
    faults: Faults,
    address: SocketAddrV4,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let std::net::SocketAddr::V4(address) = listener.local_addr().unwrap() else {
            panic!("loopback is IPv4");
        };
        let (world, keys, faults) = (world(), KeyRing::default(), Faults::default());
        let stop = CancellationToken::new();
        let task = tokio::spawn(serve(
            listener,
            world.clone(),
            keys.clone(),
            faults.clone(),
            stop.clone(),
        ));
        Self {
            world,
            keys,
            faults,
            address,
            stop,
            task,
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }

    /// A session that knows the server and a key.
    async fn session(&self, name: &str) -> Arc<MemorySession> {
        let session = MemorySession::default();
        let hex = self.keys.share(&self.world, name);
        let mut key = [0; 256];
        for (at, byte) in key.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16).unwrap();
        }
        let option = DcOption {
            id: 2,
            ipv4: self.address,
            ipv6: std::net::SocketAddrV6::new(
                self.address.ip().to_ipv6_mapped(),
                self.address.port(),
                0,
                0,
            ),
            auth_key: Some(key),
        };
        session.set_dc_option(&option).await.unwrap();
        session.set_home_dc_id(2).await.unwrap();
        Arc::new(session)
    }

    fn post(&self, from: i64, topic: i32, text: &str) -> i32 {
        let draft = Draft {
            topic,
            text: text.to_owned(),
            ..Draft::default()
        };
        self.world
            .write(|state| state.post(GROUP, from, draft))
            .unwrap()
    }

    fn edit(&self, by: i64, id: i32, text: &str) {
        let draft = Draft {
            text: text.to_owned(),
            ..Draft::default()
        };
        self.world
            .write(|state| state.edit(GROUP, by, id, draft))
            .unwrap();
    }

    fn topic(&self, title: &str) -> i32 {
        self.world
            .write(|state| state.create_topic(GROUP, CRM, title, Some(9), None))
            .unwrap()
    }

    fn channel(&self) -> types::InputChannel {
        types::InputChannel {
            channel_id: GROUP,
            access_hash: self
                .world
                .read(|state| state.group(GROUP).unwrap().access_hash),
        }
    }

    fn peer(&self) -> enums::InputPeer {
        let channel = self.channel();
        types::InputPeerChannel {
            channel_id: channel.channel_id,
            access_hash: channel.access_hash,
        }
        .into()
    }

    /// Anna, logged in.
    async fn anna(&self) -> Connected {
        let connected = Connected::new(self.session("anna").await);
        connected.log_in("+4915110000001").await;
        connected
    }
}

/// A grammers client with its pool.
struct Connected {
    client: Client,
    session: Arc<MemorySession>,
    updates: mpsc::Receiver<UpdatesLike>,
    runner: JoinHandle<()>,
}

/// Retries only what no answer came to, so that tests see every error.
struct Reconnect;

impl RetryPolicy for Reconnect {
    fn should_retry(&self, context: &RetryContext) -> ControlFlow<(), Duration> {
        let lost = matches!(
            context.error,
            InvocationError::Io(_) | InvocationError::Dropped(_)
        );
        if lost && context.fail_count.get() < 5 {
            ControlFlow::Continue(Duration::from_millis(10))
        } else {
            ControlFlow::Break(())
        }
    }
}

impl Connected {
    fn new(session: Arc<MemorySession>) -> Self {
        let parameters = ConnectionParams {
            retry_policy: Box::new(Reconnect),
            ..ConnectionParams::default()
        };
        let SenderPool {
            runner,
            handle,
            updates,
        } = SenderPool::with_configuration(Arc::clone(&session), api().0, parameters);
        let client = Client::new(handle);
        Self {
            client,
            session,
            updates,
            runner: tokio::spawn(runner.run()),
        }
    }

    async fn log_in(&self, phone: &str) {
        let token = self
            .client
            .request_login_code(phone, &api().1)
            .await
            .unwrap();
        self.client.sign_in(&token, "24680").await.unwrap();
        let mut dialogs = self.client.iter_dialogs();
        while dialogs.next().await.unwrap().is_some() {}
    }

    /// The updates, and the client to ask with.
    async fn stream(self) -> (Client, UpdateStream) {
        let configuration = UpdatesConfiguration { catch_up: true };
        let stream = self
            .client
            .stream_updates(self.updates, configuration)
            .await
            .unwrap();
        (self.client, stream)
    }

    async fn quit(self) -> Arc<MemorySession> {
        self.client.disconnect();
        self.runner.await.unwrap();
        self.session
    }
}

/// The name of an RPC error.
fn name(error: &InvocationError) -> &str {
    match error {
        InvocationError::Rpc(error) => &error.name,
        other => panic!("{other}"),
    }
}

/// A future that must not take long.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("in time")
}
