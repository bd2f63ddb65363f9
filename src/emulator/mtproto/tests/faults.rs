//! What clients meet when things go wrong on demand.

use grammers_client::update::Update;
use grammers_tl_types::functions;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use super::differences::difference;
use super::*;
use crate::emulator::faults::{FloodLimit, FloodModel, PushFaults};
use crate::emulator::world::Way;

async fn asks(client: &Client) -> Result<(), InvocationError> {
    let request = functions::updates::GetState {};
    client.invoke(&request).await.map(drop)
}

/// Ids as they were pushed, in order.
fn pushed(server: &Server) -> Vec<i32> {
    server.world.read(|state| {
        let deliveries = state.journal.deliveries.iter();
        deliveries
            .filter(|it| it.way == Way::Push && it.what == "posted")
            .flat_map(|it| it.ids.clone())
            .collect()
    })
}

/// A client that follows updates and has caught up.
async fn following(server: &Server) -> (Client, UpdateStream) {
    let connected = soon(server.anna()).await;
    let (client, mut updates) = connected.stream().await;
    let first = server.post(CRM, 1, "first");
    hears(&mut updates, first).await;
    (client, updates)
}

async fn hears(updates: &mut UpdateStream, id: i32) {
    loop {
        if let Update::NewMessage(message) = soon(updates.next()).await.unwrap()
            && message.id() == id
        {
            return;
        }
    }
}

#[tokio::test]
async fn half_open_connections_say_nothing_and_new_ones_are_served() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    soon(asks(&connected.client)).await.unwrap();
    server.faults.half_open();
    let silence = tokio::time::timeout(Duration::from_millis(300), asks(&connected.client)).await;
    assert!(silence.is_err(), "{silence:?}");
    let open = |state: &crate::emulator::world::State| {
        let connections = state.journal.connections.iter();
        connections.filter(|it| it.closed_ms.is_none()).count()
    };
    assert_eq!(server.world.read(open), 1, "it is still open");
    let other = Connected::new(server.session("other").await);
    soon(other.log_in("+4915110000001")).await;
    soon(asks(&other.client)).await.unwrap();
    server.faults.clear();
    let gone = async {
        while server.world.read(open) > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(gone).await;
    server.stop().await;
}

#[tokio::test]
async fn refused_connections_end_at_once_and_come_back() {
    let server = Server::start().await;
    server.faults.refuse_connections(Duration::from_secs(60));
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let mut bytes = [0; 8];
    let read = soon(stream.read(&mut bytes)).await;
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    server.faults.forward(61);
    let connected = soon(server.anna()).await;
    soon(asks(&connected.client)).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn frames_end_connections_at_random() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let before = server.world.read(|state| state.journal.connections.len());
    server.faults.set_drop_probability(0.5);
    // The client connects anew, and asks again once it has given up.
    let mut answered = 0;
    while answered < 10 {
        answered += i32::from(soon(asks(&connected.client)).await.is_ok());
    }
    let after = server.world.read(|state| state.journal.connections.len());
    assert!(after > before + 2, "{before} connections, then {after}");
    server.stop().await;
}

#[tokio::test]
async fn pushes_come_twice_or_late_or_never_and_nothing_is_missed() {
    for (faults, expected) in [
        (
            PushFaults {
                duplicate: 1.0,
                ..PushFaults::default()
            },
            vec![0, 0, 1, 1],
        ),
        (
            PushFaults {
                reorder: 1.0,
                ..PushFaults::default()
            },
            vec![1, 0],
        ),
        (
            PushFaults {
                lose: 1.0,
                ..PushFaults::default()
            },
            vec![],
        ),
    ] {
        let server = Server::start().await;
        let (client, mut updates) = following(&server).await;
        let before = pushed(&server).len();
        server.faults.set_pushes(faults);
        let ids = [server.post(CRM, 1, "one"), server.post(CRM, 1, "two")];
        soon(asks(&client)).await.unwrap();
        server.faults.clear();
        let last = server.post(CRM, 1, "three");
        hears(&mut updates, last).await;
        let expected: Vec<i32> = expected.into_iter().map(|at: usize| ids[at]).collect();
        let mut seen = pushed(&server).split_off(before);
        seen.retain(|id| *id != last);
        assert_eq!(seen, expected, "{faults:?}");
        client.disconnect();
        server.stop().await;
    }
}

#[tokio::test]
async fn pushes_can_be_delayed_without_delaying_answers() {
    let server = Server::start().await;
    let (client, mut updates) = following(&server).await;
    server.faults.set_pushes(PushFaults {
        delay_ms: 400,
        ..PushFaults::default()
    });
    let began = std::time::Instant::now();
    let id = server.post(CRM, 1, "slowly");
    soon(asks(&client)).await.unwrap();
    assert!(
        began.elapsed() < Duration::from_millis(350),
        "{:?}",
        began.elapsed()
    );
    hears(&mut updates, id).await;
    assert!(
        began.elapsed() >= Duration::from_millis(400),
        "{:?}",
        began.elapsed()
    );
    client.disconnect();
    server.stop().await;
}

#[tokio::test]
async fn pushes_and_differences_can_be_too_long() {
    let server = Server::start().await;
    let (client, _updates) = following(&server).await;
    let before = pushed(&server).len();
    server.faults.set_pushes(PushFaults {
        too_long: 1,
        ..PushFaults::default()
    });
    let start = server.world.read(|state| state.group(GROUP).unwrap().pts);
    server.post(CRM, 1, "not told");
    soon(asks(&client)).await.unwrap();
    let told = server.post(CRM, 1, "told");
    let arrives = async {
        while pushed(&server).len() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(arrives).await;
    assert_eq!(pushed(&server).split_off(before), [told]);

    server.faults.set_too_long_differences(1);
    let answer = difference(&server, &client, start).await;
    assert!(
        matches!(answer, enums::updates::ChannelDifference::TooLong(_)),
        "{answer:?}"
    );
    let answer = difference(&server, &client, start).await;
    assert!(
        matches!(answer, enums::updates::ChannelDifference::Difference(_)),
        "{answer:?}"
    );
    client.disconnect();
    server.stop().await;
}

#[tokio::test]
async fn hammering_is_punished_by_account() {
    let server = Server::start().await;
    let connected = soon(server.anna()).await;
    let limit = FloodLimit {
        rate: 0.25,
        burst: 3,
    };
    server.faults.set_flood(Some(FloodModel {
        every: None,
        families: [("differences".to_owned(), limit)].into(),
        cap: 10,
    }));
    for _ in 0..3 {
        soon(asks(&connected.client)).await.unwrap();
    }
    for wait in [4, 8, 10] {
        let error = soon(asks(&connected.client)).await.unwrap_err();
        let InvocationError::Rpc(rpc) = error else {
            panic!("{error}");
        };
        assert_eq!(
            (rpc.code, rpc.name.as_str(), rpc.value),
            (420, "FLOOD_WAIT", Some(wait))
        );
    }
    server.faults.forward(11);
    soon(asks(&connected.client)).await.unwrap();
    let record = &server.faults.view()["flood_record"][0];
    assert_eq!(record["account"], ANNA);
    assert_eq!(record["permitted"], 4);
    assert_eq!(record["punished"], 3);
    server.stop().await;
}
