//! Behaviour of the archive through its public face.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod compacting;
mod covering;
mod crash;
mod damage;
mod formats;
mod handle;
mod history;
mod marks;
mod media;
mod model;
mod querying;
mod reading;
mod resting;
mod searching;
mod sources;
mod store;
mod vault;

use std::ops::ControlFlow;

use super::*;
use crate::model::{
    Event, GroupId, Mark, Message, MessageId, Observed, PersonId, Reaction, ReactionCount,
    Reactions, Snapshot, Source, TopicId,
};

pub(super) const SEAL: SealPolicy = SealPolicy {
    hot_messages: 1,
    level: 3,
};

pub(super) const COMPACT: CompactPolicy = CompactPolicy {
    level: 5,
    segments: 1,
};

/// A vault in a directory that vanishes with it.
pub(super) struct Place {
    _dir: tempfile::TempDir,
    pub(super) vault: Vault,
}

impl Place {
    pub(super) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::create(&dir.path().join("vault")).unwrap();
        Self { _dir: dir, vault }
    }

    pub(super) fn writer(&self) -> Writer {
        self.vault.writer(group()).unwrap()
    }

    pub(super) fn reader(&self) -> Reader {
        self.vault.reader(group()).unwrap()
    }
}

pub(super) fn group() -> GroupId {
    GroupId::from_bare(2_101_424_779).unwrap()
}

pub(super) fn text(id: i32, topic: i32, text: &str) -> Message {
    Message::text(
        MessageId(id),
        TopicId(topic),
        1_700_000_000 + i64::from(id),
        PersonId(100 + i64::from(id % 7)),
        text,
    )
}

pub(super) fn edited(id: i32, topic: i32, new: &str, edit_date: i64) -> Message {
    Message {
        edit_date: Some(edit_date),
        ..text(id, topic, new)
    }
}

pub(super) fn live(message: Message) -> Observed {
    seen(Event::Message(Box::new(message)), Source::Live)
}

pub(super) fn history(message: Message) -> Observed {
    seen(Event::Message(Box::new(message)), Source::History)
}

pub(super) fn deleted(id: i32) -> Observed {
    seen(Event::Deleted(vec![MessageId(id)]), Source::Live)
}

pub(super) fn reaction(id: i32, sign: &str) -> Observed {
    let mut counts = Vec::new();
    if !sign.is_empty() {
        counts.push(ReactionCount {
            reaction: Reaction::Emoji(sign.to_owned()),
            count: 1,
        });
    }
    mark(
        id,
        Mark::Reactions(Reactions {
            counts,
            people: Vec::new(),
        }),
    )
}

pub(super) fn mark(id: i32, mark: Mark) -> Observed {
    let id = MessageId(id);
    seen(Event::Mark { id, mark }, Source::Live)
}

/// Merges whatever there is; returns how many messages it packed.
pub(super) fn compact(vault: &Vault, writer: &mut Writer) -> u64 {
    let done = Compactor::new(vault.reader(group()).unwrap(), COMPACT)
        .run(&mut |fold| writer.fold(&fold), &mut |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(done.messages, done.of);
    done.messages
}

pub(super) fn seen(event: Event, source: Source) -> Observed {
    Observed {
        event,
        source,
        at: 1_700_000_500,
    }
}

pub(super) fn all(reader: &Reader, selection: &Selection, order: Order) -> Vec<Snapshot> {
    let mut found = Vec::new();
    reader
        .read(selection, order, &mut |snapshot| {
            found.push(snapshot);
            ControlFlow::Continue(())
        })
        .unwrap();
    found
}

pub(super) fn ids(snapshots: &[Snapshot]) -> Vec<i32> {
    snapshots
        .iter()
        .map(|snapshot| snapshot.message.id.0)
        .collect()
}
