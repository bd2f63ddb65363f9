//! A batch of updates on its way into the archives.
//!
//! Each update comes twice: as Telegram pushes it, and again when grammers' update state has put it
//! in order. The push is committed at once, because that state throws away what it holds back
//! while it waits for a gap to close, when the gap then turns out to be "too long": a version
//! announced in that moment and replaced in the next would be lost. The archive takes an
//! observation twice, and in any order, without harm.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use grammers_client::tl;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::account::remember_peers;
use super::convert::{self, Change};
use super::error::CaptureError;
use super::heal::Why;
use super::target::Context;
use crate::archive::Position;
use crate::model::{Event, GroupId, Mark, MessageId, Person, PersonId};
use crate::steps;

/// Pushes that are committed together where several wait.
const TOGETHER: usize = 64;

/// Updates, and who is named in them.
#[derive(Default)]
pub(super) struct News {
    /// When each container came over the socket; none for what was asked for.
    pub(super) received: Vec<Instant>,
    pub(super) updates: Vec<tl::enums::Update>,
    pub(super) users: Vec<tl::enums::User>,
    pub(super) chats: Vec<tl::enums::Chat>,
}

/// On which way updates came.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// As Telegram told them.
    AsItComes,
    /// Once more, in order, some of them held back for a while; and how far each group's were
    /// handed out.
    InOrder(&'a HashMap<GroupId, i32>),
}

/// What a batch brings to one group.
#[derive(Default)]
struct Share {
    events: Vec<Event>,
    named: HashSet<PersonId>,
    ids: Vec<MessageId>,
    counters: Vec<(i32, i32)>,
}

impl News {
    /// The part of a container that archives are made of; `None` where there is none.
    pub(super) fn of(
        updates: &[tl::enums::Update],
        users: &[tl::enums::User],
        chats: &[tl::enums::Chat],
    ) -> Option<Self> {
        let told: Vec<_> = updates
            .iter()
            .filter(|update| convert::concerns_archives(update))
            .cloned()
            .collect();
        (!told.is_empty()).then(|| Self {
            received: vec![Instant::now()],
            updates: told,
            users: users.to_vec(),
            chats: chats.to_vec(),
        })
    }

    fn append(&mut self, mut other: Self) {
        self.received.append(&mut other.received);
        self.updates.append(&mut other.updates);
        self.users.append(&mut other.users);
        self.chats.append(&mut other.chats);
    }

    /// Commits it.
    pub(super) async fn commit(
        self,
        context: &Context,
        heal: &mpsc::UnboundedSender<Why>,
        way: Way<'_>,
    ) -> Result<(), CaptureError> {
        remember_peers(&context.session, &self.users, &self.chats).await?;
        let mut again: Vec<(GroupId, MessageId)> = Vec::new();
        let mut shares: HashMap<GroupId, Share> = HashMap::new();
        for update in &self.updates {
            if let Some((group, pts, count)) = counter(update) {
                shares.entry(group).or_default().counters.push((pts, count));
            }
            match convert::change(update) {
                Change::Message(group, message, mut marks) => {
                    // What surrounds a message has no place in the order of updates.
                    let edited = matches!(update, tl::enums::Update::EditChannelMessage(_));
                    if edited || marks.iter().any(|mark| !mark.is_nothing()) {
                        again.push((group, message.id));
                    }
                    if matches!(way, Way::InOrder(_)) {
                        marks.clear();
                    }
                    let share = shares.entry(group).or_default();
                    share.named.extend(convert::named(&message));
                    share.ids.push(message.id);
                    let id = message.id;
                    share.events.push(Event::Message(message));
                    let marks = marks.into_iter().map(|mark| Event::Mark { id, mark });
                    share.events.extend(marks);
                }
                Change::Marked(group, ids, mark) => {
                    if !matches!(mark, Mark::Views(_)) {
                        again.extend(ids.iter().map(|id| (group, *id)));
                    }
                    let share = shares.entry(group).or_default();
                    share.named.extend(convert::named_in(&mark));
                    let marks = ids.into_iter().map(|id| Event::Mark {
                        id,
                        mark: mark.clone(),
                    });
                    share.events.extend(marks);
                }
                Change::Voted(poll, votes) => {
                    for group in context.targets.groups() {
                        let Some(target) = context.targets.get(group) else {
                            continue;
                        };
                        if let Some(id) = target.look(move |reader| Ok(reader.poll(poll)?)).await? {
                            let mark = Mark::Votes(votes.clone());
                            let share = shares.entry(group).or_default();
                            share.events.push(Event::Mark { id, mark });
                        }
                    }
                }
                Change::Renamed(person) => {
                    for group in context.targets.groups() {
                        let Some(target) = context.targets.get(group) else {
                            continue;
                        };
                        let id = person.id;
                        let known = target.look(move |reader| Ok(reader.person(id)?)).await?;
                        // Of those who are not known here, nobody asked.
                        if let Some(known) = known {
                            let share = shares.entry(group).or_default();
                            share.events.push(Event::Person(Person {
                                kind: known.kind,
                                ..person.clone()
                            }));
                        }
                    }
                }
                Change::Gone(group, ids) => {
                    let share = shares.entry(group).or_default();
                    share.events.push(Event::Deleted(ids));
                }
                Change::Group(group) => {
                    if context.targets.has(group) {
                        // Nobody is left to hear it only when the run is over.
                        let _ = heal.send(Why::GroupChanged(group));
                    }
                }
                Change::Nothing => {}
            }
        }
        shares.retain(|group, _| context.targets.has(*group));
        if !shares.is_empty() {
            steps::passed("capture.received");
        }
        let people = convert::people(&self.users, &self.chats);
        for (group, mut share) in shares {
            let Some(target) = context.targets.get(group) else {
                continue;
            };
            let mut events = target.news_of(&people, &share.named);
            events.append(&mut share.events);
            let handed = match way {
                Way::InOrder(handed) => handed.get(&group),
                Way::AsItComes => None,
            };
            let positions = handed
                .map(|pts| Position {
                    name: "pts".to_owned(),
                    value: i64::from(*pts),
                })
                .into_iter()
                .collect();
            target
                .write_followed(events, positions, &share.counters)
                .await?;
            for received in &self.received {
                context.metrics.lagged(*received);
            }
            share.ids.sort_unstable();
            for id in share.ids {
                context.board.followed(group, id.0);
            }
            context.board.committed(group);
        }
        for (group, id) in again {
            if let Some(target) = context.targets.get(group) {
                target.again.note(&[id], context.settle);
            }
        }
        Ok(())
    }
}

/// Where an update stands in the group's order.
fn counter(update: &tl::enums::Update) -> Option<(GroupId, i32, i32)> {
    use tl::enums::Update;
    let (message, pts, count) = match update {
        Update::NewChannelMessage(new) => (&new.message, new.pts, new.pts_count),
        Update::EditChannelMessage(edit) => (&edit.message, edit.pts, edit.pts_count),
        Update::DeleteChannelMessages(gone) => {
            let group = GroupId::from_bare(gone.channel_id)?;
            return Some((group, gone.pts, gone.pts_count));
        }
        Update::PinnedChannelMessages(pins) => {
            let group = GroupId::from_bare(pins.channel_id)?;
            return Some((group, pins.pts, pins.pts_count));
        }
        Update::ChannelWebPage(page) => {
            let group = GroupId::from_bare(page.channel_id)?;
            return Some((group, page.pts, page.pts_count));
        }
        _ => return None,
    };
    let peer = match message {
        tl::enums::Message::Message(message) => &message.peer_id,
        tl::enums::Message::Service(message) => &message.peer_id,
        tl::enums::Message::Empty(_) => return None,
    };
    match peer {
        tl::enums::Peer::Channel(channel) => {
            GroupId::from_bare(channel.channel_id).map(|group| (group, pts, count))
        }
        _ => None,
    }
}

/// Commits pushes as they come, until told to stop and nothing waits any more.
pub(super) async fn write_pushed(
    context: Arc<Context>,
    mut pushes: mpsc::Receiver<News>,
    heal: mpsc::UnboundedSender<Why>,
    stop: CancellationToken,
) -> Result<(), CaptureError> {
    let mut waiting = Vec::with_capacity(TOGETHER);
    loop {
        tokio::select! {
            biased;
            count = pushes.recv_many(&mut waiting, TOGETHER) => {
                if count == 0 {
                    // The connection is over; what follows is decided elsewhere.
                    stop.cancelled().await;
                    return Ok(());
                }
                let mut together = News::default();
                waiting.drain(..).for_each(|news| together.append(news));
                together.commit(&context, &heal, Way::AsItComes).await?;
            }
            () = stop.cancelled() => return Ok(()),
        }
    }
}
