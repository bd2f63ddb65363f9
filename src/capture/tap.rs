//! Between the network and grammers' update state: sees what that one would hide.
//!
//! grammers answers `updateChannelTooLong` by taking over the counter in it, and so skips what the
//! difference would have brought; it tells nobody that a connection was lost; and it drops updates
//! when its channel is full. The tap takes the counter out, tells the reconciliation, and has room.

use grammers_client::tl;
use grammers_session::updates::UpdatesLike;
use tokio::sync::mpsc;

use super::heal::Why;
use super::news::News;
use crate::model::GroupId;

/// Containers that wait for the archive. A container holds one to a hundred updates; at 1,000
/// updates a second this is more than a minute of a disk that does not answer.
const ROOM: usize = 100_000;

/// The way on to grammers' update state.
pub(super) struct Inbox {
    pub(super) updates: mpsc::Receiver<UpdatesLike>,
    pub(super) gauge: Gauge,
}

/// Tells how much waits.
#[derive(Clone)]
pub(super) struct Gauge(mpsc::WeakSender<UpdatesLike>);

impl Gauge {
    /// Whether anything waits.
    pub(super) fn any(&self) -> bool {
        self.0
            .upgrade()
            .is_some_and(|sender| sender.capacity() < sender.max_capacity())
    }
}

/// Makes the tap: the way on, the same news as they come, and the future that runs it
/// until the connection ends.
pub(super) fn tap(
    network: mpsc::Receiver<UpdatesLike>,
    heal: mpsc::UnboundedSender<Why>,
) -> (Inbox, mpsc::Receiver<News>, impl Future<Output = ()> + Send) {
    tap_with(network, heal, ROOM)
}

fn tap_with(
    mut network: mpsc::Receiver<UpdatesLike>,
    heal: mpsc::UnboundedSender<Why>,
    room: usize,
) -> (Inbox, mpsc::Receiver<News>, impl Future<Output = ()> + Send) {
    let (sender, updates) = mpsc::channel(room);
    let (push, pushes) = mpsc::channel(room);
    let gauge = Gauge(sender.downgrade());
    let run = async move {
        let mut lost = false;
        while let Some(mut updates) = network.recv().await {
            inspect(&mut updates, &heal);
            if let Some(news) = news(&updates) {
                lost |= push.try_send(news).is_err();
            }
            match sender.try_send(updates) {
                Ok(()) if lost => {
                    lost = false;
                    // Nobody is left to hear it only when the run is over.
                    let _ = heal.send(Why::Reconnected);
                }
                Ok(()) => {}
                Err(mpsc::error::TrySendError::Full(_)) => {
                    if !lost {
                        tracing::error!(room, "updates come faster than they can be written");
                    }
                    lost = true;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => return,
            }
        }
    };
    (Inbox { updates, gauge }, pushes, run)
}

/// What of a container goes straight to the archive.
fn news(updates: &UpdatesLike) -> Option<News> {
    match updates {
        UpdatesLike::Updates(tl::enums::Updates::UpdateShort(short)) => {
            News::of(std::slice::from_ref(&short.update), &[], &[])
        }
        UpdatesLike::Updates(tl::enums::Updates::Combined(all)) => {
            News::of(&all.updates, &all.users, &all.chats)
        }
        UpdatesLike::Updates(tl::enums::Updates::Updates(all)) => {
            News::of(&all.updates, &all.users, &all.chats)
        }
        _ => None,
    }
}

/// Tells what needs reconciling, and takes the harmful counters out.
fn inspect(updates: &mut UpdatesLike, heal: &mpsc::UnboundedSender<Why>) {
    let tell = |why| {
        let _ = heal.send(why);
    };
    match updates {
        UpdatesLike::ConnectionClosed | UpdatesLike::MalformedUpdates => tell(Why::Reconnected),
        UpdatesLike::Updates(updates) => match updates {
            tl::enums::Updates::TooLong => tell(Why::Reconnected),
            tl::enums::Updates::UpdateShort(short) => {
                too_long(std::slice::from_mut(&mut short.update), tell);
            }
            tl::enums::Updates::Combined(combined) => too_long(&mut combined.updates, tell),
            tl::enums::Updates::Updates(updates) => too_long(&mut updates.updates, tell),
            _ => {}
        },
        _ => {}
    }
}

fn too_long(updates: &mut [tl::enums::Update], tell: impl Fn(Why)) {
    for update in updates {
        if let tl::enums::Update::ChannelTooLong(update) = update {
            update.pts = None;
            if let Some(group) = GroupId::from_bare(update.channel_id) {
                tell(Why::TooLong(group));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    fn too_long_update(pts: i32) -> UpdatesLike {
        UpdatesLike::Updates(tl::enums::Updates::Updates(tl::types::Updates {
            updates: vec![
                tl::types::UpdateChannelTooLong {
                    channel_id: 7,
                    pts: Some(pts),
                }
                .into(),
            ],
            users: Vec::new(),
            chats: Vec::new(),
            date: 0,
            seq: 0,
        }))
    }

    #[tokio::test]
    async fn too_long_is_told_and_its_counter_taken_out() {
        let (network, receiver) = mpsc::channel(8);
        let (heal, mut reasons) = mpsc::unbounded_channel();
        let (mut inbox, _pushes, run) = tap(receiver, heal);
        let running = tokio::spawn(run);
        network.send(too_long_update(900)).await.unwrap();
        let passed = inbox.updates.recv().await.unwrap();
        let UpdatesLike::Updates(tl::enums::Updates::Updates(updates)) = passed else {
            panic!("something else came through");
        };
        assert!(matches!(
            updates.updates.as_slice(),
            [tl::enums::Update::ChannelTooLong(update)] if update.pts.is_none()
        ));
        assert_eq!(
            reasons.recv().await,
            Some(Why::TooLong(GroupId::from_bare(7).unwrap()))
        );
        drop(network);
        running.await.unwrap();
        assert!(!inbox.gauge.any());
    }

    #[tokio::test]
    async fn updates_for_which_there_is_no_room_are_made_up_for() {
        let (network, receiver) = mpsc::channel(8);
        let (heal, mut reasons) = mpsc::unbounded_channel();
        let (mut inbox, _pushes, run) = tap_with(receiver, heal, 1);
        let nothing = || UpdatesLike::Updates(tl::enums::Updates::TooLong);
        for _ in 0..3 {
            network.send(nothing()).await.unwrap();
        }
        let running = tokio::spawn(run);
        for _ in 0..3 {
            reasons.recv().await.unwrap(); // each is told by itself as well
        }
        tokio::task::yield_now().await;
        inbox.updates.recv().await.unwrap();
        network.send(short()).await.unwrap();
        assert_eq!(reasons.recv().await, Some(Why::Reconnected));
        drop(network);
        running.await.unwrap();
    }

    /// An update that by itself needs no reconciliation.
    fn short() -> UpdatesLike {
        UpdatesLike::Updates(tl::enums::Updates::UpdateShort(tl::types::UpdateShort {
            update: tl::enums::Update::Config,
            date: 0,
        }))
    }

    #[tokio::test]
    async fn a_lost_connection_is_told() {
        let (network, receiver) = mpsc::channel(8);
        let (heal, mut reasons) = mpsc::unbounded_channel();
        let (_inbox, _pushes, run) = tap(receiver, heal);
        let _running = tokio::spawn(run);
        network.send(UpdatesLike::ConnectionClosed).await.unwrap();
        assert_eq!(reasons.recv().await, Some(Why::Reconnected));
    }
}
