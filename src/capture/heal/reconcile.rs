//! One group's reconciliation.

use std::collections::HashSet;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::super::clock;
use super::super::convert;
use super::super::error::CaptureError;
use super::super::target::{Asked, Context, Target};
use super::backfill::SEGMENT;
use super::history::{History, PAGE, Page};
use super::members;
use super::topics;
use crate::archive::{Order, Position, Selection};
use crate::model::{Event, MessageId, PersonId};
use crate::steps;

/// The position under which the watermark is stored.
pub(super) const WATERMARK: &str = "watermark";

/// The position under which is stored when it was last compared with the group, Unix seconds.
const LOOKED_AT: &str = "looked_at";

/// How long people can edit what they wrote; deletions have no limit, but old ones are rare.
const EDITABLE_SECONDS: i64 = 48 * 3600;

/// How many ids below the last watermark are looked at again after a start.
const OVERLAP: i32 = 1_000;

/// Holes in history up to this size are confirmed id by id before anything is marked as gone; of
/// longer ones (a cleared history, one hidden from new members) history's word is taken.
const CONFIRMED_HOLE: usize = 1_000;

/// How much of what is known already is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// The newest page: now and then.
    Glance,
    /// The last [`OVERLAP`] ids that were known before: after a reconnection.
    Recent,
    /// Everything that may have been edited, and the overlap: after a start or "too long".
    Thorough,
}

/// Reconciles a group with its history.
pub(super) async fn reconcile(
    context: &Context,
    target: &Target,
    depth: Depth,
) -> Result<(), CaptureError> {
    let history = History::new(context, target);
    let newest = history.before(0).await?;
    let top = newest.messages.first().map_or(0, |message| message.id.0);
    let mut work = Reconciliation::new(history);
    work.above(top).await?;
    if top > 0 {
        let floor = floor(target, depth, top).await?;
        work.walk(newest, top, floor).await?;
    }
    if work.committed > 0 {
        tracing::info!(
            group = %target.group,
            messages = work.committed,
            "reconciled with history"
        );
    }
    if depth > Depth::Glance {
        topics::read(context, target).await?;
    }
    if depth == Depth::Thorough {
        members::read(context, target).await?;
    }
    let position = |name: &str, value: i64| Position {
        name: name.to_owned(),
        value,
    };
    target
        .write_positions(vec![
            position(WATERMARK, i64::from(top)),
            position(LOOKED_AT, clock::now()),
        ])
        .await?;
    context.board.reconciled(target.group, top);
    // What is older and unknown can wait.
    target.backfill.notify_one();
    Ok(())
}

/// The lowest id to look at again.
async fn floor(target: &Target, depth: Depth, top: i32) -> Result<i32, CaptureError> {
    if depth == Depth::Glance {
        return Ok(top);
    }
    target
        .look(move |reader| {
            let watermark = reader
                .position(WATERMARK)?
                .and_then(|value| i32::try_from(value).ok())
                // The first reconciliation was never finished: what is unknown is filled anyway.
                .filter(|watermark| *watermark > 0)
                .unwrap_or(top);
            let known = watermark.min(top).saturating_sub(OVERLAP);
            if depth == Depth::Recent {
                return Ok(known.max(1));
            }
            let mut first_editable = None;
            let recent = Selection {
                since: Some(clock::now() - EDITABLE_SECONDS),
                skip_deleted: true,
                ..Selection::default()
            };
            reader.read(&recent, Order::Id, &mut |snapshot| {
                first_editable = Some(snapshot.message.id.0);
                ControlFlow::Break(())
            })?;
            Ok(first_editable.map_or(known, |id| id.min(known)).max(1))
        })
        .await
}

/// One comparison of a group's archive with history.
pub(super) struct Reconciliation<'a> {
    history: History<'a>,
    committed: u64,
}

impl<'a> Reconciliation<'a> {
    pub(super) fn new(history: History<'a>) -> Self {
        Self {
            history,
            committed: 0,
        }
    }

    /// Messages that were new, changed or gone.
    pub(super) fn committed(&self) -> u64 {
        self.committed
    }

    /// Asks for what the archive holds above history's newest: it was deleted while nobody looked,
    /// unless it was posted since.
    async fn above(&mut self, top: i32) -> Result<(), CaptureError> {
        let held = self
            .history
            .target
            .look(move |reader| Ok(reader.existing(top.saturating_add(1)..=i32::MAX)?))
            .await?;
        let known = held.iter().copied().collect();
        self.ask(&held, &known).await
    }

    /// Walks down from `high` until below `floor`, beginning with a page already read.
    async fn walk(&mut self, first: Page, mut high: i32, floor: i32) -> Result<(), CaptureError> {
        let mut page = first;
        loop {
            let Some(lowest) = page.messages.last().map(|message| message.id.0) else {
                // Nothing is left below: history's word on all of it.
                let rest = floor.min(high)..=high;
                self.settle(page, rest).await?;
                return Ok(());
            };
            self.settle(page, lowest..=high).await?;
            if lowest <= floor {
                return Ok(());
            }
            high = lowest - 1;
            page = self.history.before(lowest).await?;
        }
    }

    /// Reads a range from its end to its beginning, and commits it as a whole: the archive takes
    /// few large pieces more easily than many small ones.
    pub(super) async fn down(&mut self, ids: RangeInclusive<i32>) -> Result<(), CaptureError> {
        let low = *ids.start();
        let mut whole = self.history.within(&ids).await?;
        let mut full = whole.is_full();
        while let (true, Some(lowest)) = (full, whole.messages.last()) {
            let high = lowest.id.0.saturating_sub(1);
            if high < low {
                break;
            }
            let page = self.history.within(&(low..=high)).await?;
            full = page.is_full();
            // What live updates told since the first question, they know better.
            whole.extend(page);
        }
        self.settle(whole, ids).await
    }

    /// Commits a page that shows the whole of a range: its messages, and what is not there.
    pub(super) async fn settle(
        &mut self,
        page: Page,
        range: RangeInclusive<i32>,
    ) -> Result<(), CaptureError> {
        let asked = Arc::clone(&page.asked);
        let shown: HashSet<i32> = page.messages.iter().map(|message| message.id.0).collect();
        let ids = range.clone();
        let (existing, unknown) = self
            .history
            .target
            .look(move |reader| Ok((reader.existing(ids.clone())?, reader.unknown(ids)?)))
            .await?;
        let shown_from = self.history.target.shown_from.load(Ordering::Relaxed);
        let mut missing: Vec<MessageId> = existing
            .iter()
            .copied()
            // What is hidden from us is not gone.
            .filter(|id| id.0 >= shown_from && !shown.contains(&id.0))
            .collect();
        let known: HashSet<MessageId> = existing.into_iter().collect();
        let holes: i64 = unknown.iter().map(length).sum();
        let cleared = page.messages.is_empty() && length(&range) >= i64::from(SEGMENT);
        let trusted = cleared || usize::try_from(holes).is_ok_and(|holes| holes > CONFIRMED_HOLE);
        if !trusted {
            missing.extend(
                unknown
                    .iter()
                    .cloned()
                    .flatten()
                    .filter(|id| !shown.contains(id))
                    .map(MessageId),
            );
        }
        self.commit(page, &known).await?;
        self.ask(&missing, &known).await?;
        if trusted {
            for hole in unknown {
                self.empty(&asked, hole, &shown).await?;
            }
        }
        Ok(())
    }

    /// Marks a long hole as empty, in pieces.
    async fn empty(
        &mut self,
        asked: &Arc<Asked>,
        hole: RangeInclusive<i32>,
        shown: &HashSet<i32>,
    ) -> Result<(), CaptureError> {
        let mut ids = hole
            .filter(|id| !shown.contains(id))
            .map(MessageId)
            .peekable();
        while ids.peek().is_some() {
            let piece = Page::nothing(asked, ids.by_ref().take(10_000).collect());
            self.commit(piece, &HashSet::new()).await?;
        }
        Ok(())
    }

    /// Asks for ids one page after the other, and commits the answers.
    pub(super) async fn ask(
        &mut self,
        ids: &[MessageId],
        known: &HashSet<MessageId>,
    ) -> Result<(), CaptureError> {
        for ids in ids.chunks(usize::try_from(PAGE).unwrap_or(1)) {
            let page = self.history.these(ids).await?;
            self.commit(page, known).await?;
        }
        Ok(())
    }

    /// Commits what a page says. `known` are the ids that the archive holds as existing.
    pub(super) async fn commit(
        &mut self,
        page: Page,
        known: &HashSet<MessageId>,
    ) -> Result<(), CaptureError> {
        let target = self.history.target;
        let mut named: HashSet<PersonId> = page.messages.iter().flat_map(convert::named).collect();
        named.extend(
            page.marks
                .iter()
                .flat_map(|(_, mark)| convert::named_in(mark)),
        );
        let mut events = target.news_of(&page.people, &named);
        let (deleted, empty): (Vec<_>, Vec<_>) =
            page.nothing.into_iter().partition(|id| known.contains(id));
        // Oldest first, as they happened.
        events.extend(
            page.messages
                .into_iter()
                .rev()
                .map(|message| Event::Message(Box::new(message))),
        );
        let marks = page.marks.into_iter();
        events.extend(marks.map(|(id, mark)| Event::Mark { id, mark }));
        if !deleted.is_empty() {
            events.push(Event::Deleted(deleted));
        }
        if !empty.is_empty() {
            events.push(Event::Empty(empty));
        }
        if events.is_empty() {
            return Ok(());
        }
        let done = target.write_history(&page.asked, events).await?;
        steps::passed("capture.reconciled");
        self.committed += done.new + done.edited + done.deleted;
        self.history.context.board.committed(target.group);
        Ok(())
    }
}

pub(super) fn length(range: &RangeInclusive<i32>) -> i64 {
    i64::from(*range.end()) - i64::from(*range.start()) + 1
}
