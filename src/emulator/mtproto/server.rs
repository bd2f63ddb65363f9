//! The listening side.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::connection;
use super::keys::KeyRing;
use super::place::Place;
use crate::emulator::faults::Faults;
use crate::emulator::world::World;

/// Connections served at the same time; more wait in the listener's queue.
const CONNECTIONS: usize = 512;

/// Serves connections until stopped. Ends when the last of them has ended.
pub async fn serve(
    listener: TcpListener,
    world: World,
    keys: KeyRing,
    faults: Faults,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let free = Arc::clone(&places).acquire_owned();
        let (stream, permit) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = async { (listener.accept().await, free.await) } => accepted,
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
        let place = Place {
            world: world.clone(),
            keys: keys.clone(),
            faults: faults.clone(),
            stop: stop.clone(),
        };
        connections.spawn(async move {
            connection::run(stream, place).await;
            drop(permit);
        });
    }
    while connections.join_next().await.is_some() {}
}
