//! The listening side.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connection;
use super::convert::DC;
use super::keys::KeyRing;
use super::place::Place;
use super::uploads::Uploads;
use crate::emulator::faults::Faults;
use crate::emulator::world::World;

/// Connections served at the same time; more wait in the listener's queue.
const CONNECTIONS: usize = 512;

/// The datacentre to which accounts can be made to move; the first one is [`DC`].
const OTHER_DC: i32 = 4;

/// Serves connections until stopped. Ends when the last of them has ended. Beside the listener
/// given, which stands for the first datacentre, a second one is opened at a port that the system
/// chooses.
pub async fn serve(
    listener: TcpListener,
    world: World,
    keys: KeyRing,
    faults: Faults,
    stop: CancellationToken,
) {
    let other = other(&listener).await;
    let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port());
    let mut dcs = vec![(DC, port(&listener).unwrap_or_default())];
    let other_port = other.as_ref().and_then(|other| port(other).ok());
    dcs.extend(other_port.map(|port| (OTHER_DC, port)));
    let place = Place {
        world,
        keys,
        uploads: Uploads::default(),
        dcs: dcs.into(),
        faults,
        stop: stop.clone(),
    };
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        // A place first: a connection that is accepted is served.
        let permit = tokio::select! {
            () = stop.cancelled() => break,
            permit = Arc::clone(&places).acquire_owned() => permit,
        };
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            stream = listener.accept() => stream,
            stream = accept(other.as_ref()) => stream,
            Some(_) = connections.join_next() => continue,
        };
        let stream = match stream {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: others may close theirs meanwhile.
                tracing::warn!(%error, "cannot accept an MTProto connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let place = place.clone();
        connections.spawn(async move {
            connection::run(stream, place).await;
            drop(permit);
        });
    }
    while connections.join_next().await.is_some() {}
}

/// The next connection of a listener that there may be.
async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// A second port at the same address.
async fn other(listener: &TcpListener) -> Option<TcpListener> {
    let address = listener.local_addr().ok()?;
    match TcpListener::bind((address.ip(), 0)).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::warn!(%error, "there will be one datacentre only");
            None
        }
    }
}
