//! What is older than the last look and still unknown, beside everything else.
//!
//! Coverage is the position: each page is committed with the ids that it settles, so that whatever
//! happens, the next round begins with what is still unknown, and nothing is asked for twice. A
//! supergroup's ids are consecutive, so long ranges are cut into segments that are read side by
//! side, as far as the pacer allows; scattered ids are asked for by id, a hundred at once.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::account::is_no_member;
use super::super::error::CaptureError;
use super::super::pacer::Lane;
use super::super::target::{Context, Target};
use super::history::{History, PAGE};
use super::order;
use super::reconcile::{Reconciliation, WATERMARK, length};
use crate::model::{GroupId, MessageId};

/// Ids of a segment: ten pages, so that the last one, which is rarely full, costs little.
pub(super) const SEGMENT: i32 = 10 * PAGE;

/// A range of unknown ids at least this long is read as history; shorter ones are asked for by id,
/// a page of them at once, from wherever they lie.
const LONG_RANGE: i64 = 50;

/// How often to look for unknown ids without any reason.
const NOW_AND_THEN: Duration = Duration::from_secs(60);

/// How long a group that is not ours to see is left alone.
const AWAY: Duration = Duration::from_secs(10);

/// How often to look for groups that are new.
const NEW_GROUPS: Duration = Duration::from_secs(1);

/// Something to be read.
pub(super) enum Piece {
    /// A stretch of history.
    Segment(RangeInclusive<i32>),
    /// Scattered ids.
    Ids(Vec<MessageId>),
}

/// Fills every group's unknown ids whenever there are some; returns only on an error. May be
/// cancelled at any moment.
pub(in crate::capture) async fn keep(context: Arc<Context>) -> Result<(), CaptureError> {
    let mut groups = HashMap::new();
    let mut running = JoinSet::new();
    loop {
        for group in context.targets.groups() {
            groups.entry(group).or_insert_with(|| {
                let task = running.spawn(follow(Arc::clone(&context), group));
                task.id()
            });
        }
        tokio::select! {
            Some(ended) = running.join_next_with_id() => match ended {
                Ok((id, Ok(()))) => groups.retain(|_, task| *task != id),
                Ok((_, Err(error))) => return Err(error),
                Err(_) => return Err(broke()),
            },
            () = tokio::time::sleep(NEW_GROUPS) => {}
        }
    }
}

/// Fills one group's unknown ids whenever there are some, for as long as it is captured.
async fn follow(context: Arc<Context>, group: GroupId) -> Result<(), CaptureError> {
    loop {
        let Some(target) = context.targets.get(group) else {
            return Ok(());
        };
        match fill(&context, &target).await {
            Ok(()) => {}
            // Healing tells of it.
            Err(error) if is_no_member(&error) => tokio::time::sleep(AWAY).await,
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = target.backfill.notified() => {}
            () = context.orders.wait_for(group) => {}
            () = tokio::time::sleep(NOW_AND_THEN) => {}
        }
    }
}

/// Reads what was asked for, then everything that is unknown, newest first, until nothing is, and
/// tells how much is left.
async fn fill(context: &Arc<Context>, target: &Arc<Target>) -> Result<(), CaptureError> {
    let mut before = None;
    loop {
        while let Some(order) = context.orders.first(target.group) {
            // Captured anew, it has another archive.
            if !context.targets.still_has(target) {
                return Ok(());
            }
            order::serve(context, target, order).await?;
        }
        if context.orders.are_alone() {
            return Ok(());
        }
        let Some(unknown) = unknown(target).await? else {
            return Ok(());
        };
        let missing = total(&unknown);
        // What two rounds could not settle, Telegram does not tell now.
        let stalled = missing > 0 && before == Some(missing);
        context.board.missing(target.group, missing, stalled);
        if missing == 0 || stalled {
            if before.is_some() {
                tracing::info!(group = %target.group, missing, "history was read");
            }
            return Ok(());
        }
        let go_on = || context.orders.first(target.group).is_none();
        let all = read(context, target, pieces(unknown), go_on).await?;
        before = all.then_some(missing);
    }
}

/// How many ids these are.
pub(super) fn total(unknown: &[RangeInclusive<i32>]) -> u64 {
    let lengths = unknown.iter().map(|range| length(range).unsigned_abs());
    lengths.sum()
}

/// The unknown ids below the last look; `None` where nobody has looked yet.
pub(super) async fn unknown(
    target: &Target,
) -> Result<Option<Vec<RangeInclusive<i32>>>, CaptureError> {
    target
        .look(|reader| {
            let top = reader
                .position(WATERMARK)?
                .and_then(|top| i32::try_from(top).ok())
                .unwrap_or(0);
            Ok(if reader.position(WATERMARK)?.is_some() {
                Some(reader.unknown(1..=top)?)
            } else {
                None
            })
        })
        .await
}

/// Cuts ranges into pieces, newest first.
pub(super) fn pieces(unknown: Vec<RangeInclusive<i32>>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut scattered = Vec::new();
    let page = usize::try_from(PAGE).unwrap_or(1);
    for range in unknown.into_iter().rev() {
        if length(&range) < LONG_RANGE {
            scattered.extend(range.rev().map(MessageId));
            while scattered.len() >= page {
                pieces.push(Piece::Ids(scattered.drain(..page).collect()));
            }
            continue;
        }
        let (low, mut high) = (*range.start(), *range.end());
        while high >= low {
            let first = high.saturating_sub(SEGMENT - 1).max(low);
            pieces.push(Piece::Segment(first..=high));
            high = first.saturating_sub(1);
        }
    }
    if !scattered.is_empty() {
        pieces.push(Piece::Ids(scattered));
    }
    pieces
}

/// Reads pieces side by side, in their order; after each one `go_on` says whether to begin others.
/// Returns whether all were read.
pub(super) async fn read(
    context: &Arc<Context>,
    target: &Arc<Target>,
    pieces: Vec<Piece>,
    go_on: impl Fn() -> bool + Send,
) -> Result<bool, CaptureError> {
    let mut running = JoinSet::new();
    let mut wanted = true;
    for piece in pieces {
        while wanted && running.len() >= context.pacer.width(Lane::History) {
            outcome(running.join_next().await)?;
            wanted = go_on();
        }
        if !wanted {
            break;
        }
        let (context, target) = (Arc::clone(context), Arc::clone(target));
        running.spawn(async move { one(&context, &target, piece).await });
    }
    while !running.is_empty() {
        outcome(running.join_next().await)?;
        wanted &= go_on();
    }
    Ok(wanted)
}

fn outcome(
    ended: Option<Result<Result<(), CaptureError>, tokio::task::JoinError>>,
) -> Result<(), CaptureError> {
    match ended {
        None => Ok(()),
        Some(Ok(result)) => result,
        Some(Err(_)) => Err(broke()),
    }
}

fn broke() -> CaptureError {
    CaptureError::Unreachable {
        reason: "a page of history could not be handled".to_owned(),
    }
}

async fn one(context: &Context, target: &Target, piece: Piece) -> Result<(), CaptureError> {
    let history = History::patient(context, target);
    match piece {
        Piece::Ids(ids) => {
            let mut work = Reconciliation::new(history);
            work.ask(&ids, &std::collections::HashSet::new()).await
        }
        Piece::Segment(ids) => {
            let mut work = Reconciliation::new(history);
            work.down(ids).await?;
            context.board.committed(target.group);
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unknown_id_is_in_one_piece_newest_first() {
        let unknown = vec![1..=3, 10..=10, 100..=2_349, 3_000..=3_049, 4_000..=4_010];
        let mut seen = Vec::new();
        let mut segments = Vec::new();
        for piece in pieces(unknown.clone()) {
            match piece {
                Piece::Segment(range) => {
                    assert!(length(&range) <= i64::from(SEGMENT));
                    segments.push(*range.end());
                    seen.extend(range);
                }
                Piece::Ids(ids) => {
                    assert!(ids.len() <= 100);
                    seen.extend(ids.into_iter().map(|id| id.0));
                }
            }
        }
        assert!(segments.is_sorted_by(|a, b| a > b));
        assert_eq!(segments, [3_049, 2_349, 1_349, 349]);
        seen.sort_unstable();
        let all: Vec<i32> = unknown.into_iter().flatten().collect();
        assert_eq!(seen, all);
    }
}
