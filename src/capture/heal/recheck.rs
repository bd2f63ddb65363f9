//! A slow, endless walk through everything that is archived.
//!
//! A deletion has no age limit, and an edit of long ago may reach us only in a difference, whose
//! edits and deletions grammers drops as old once it has taken over the new counter. What lies
//! below the ids that a reconciliation looks at would then stay as it was. So whenever there is
//! nothing else to do, one page of history is compared with the archive: from the newest down to
//! the first, then again. At a page a minute a million messages take a week.

use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::history::{History, PAGE};
use super::reconcile::Reconciliation;
use crate::archive::Position;

/// The position under which the next id to look at is stored; 0: begin at the top.
const CURSOR: &str = "recheck";

/// How many ids are settled at once where history shows nothing: in a cleared group each that the
/// archive holds is asked for.
const NOTHING: i32 = 10 * PAGE;

/// Compares the next page of history with the archive.
pub(super) async fn recheck(context: &Context, target: &Target) -> Result<(), CaptureError> {
    let cursor = target
        .look(|reader| Ok(reader.position(CURSOR)?))
        .await?
        .and_then(|cursor| i32::try_from(cursor).ok())
        .unwrap_or(0)
        .max(0);
    let history = History::patient(context, target);
    let before = if cursor == 0 {
        0
    } else {
        cursor.saturating_add(1)
    };
    let page = history.before(before).await?;
    let newest = page.messages.first().map(|message| message.id.0);
    let lowest = page.messages.last().map(|message| message.id.0);
    let high = if cursor == 0 {
        newest.unwrap_or(0)
    } else {
        cursor
    };
    let low = lowest.unwrap_or_else(|| high.saturating_sub(NOTHING).max(1));
    let mut work = Reconciliation::new(history);
    if high > 0 {
        work.settle(page, low..=high).await?;
    }
    if work.committed() > 0 {
        tracing::info!(
            group = %target.group,
            messages = work.committed(),
            "old messages had changed"
        );
    }
    let next = Position {
        name: CURSOR.to_owned(),
        value: i64::from(low.saturating_sub(1)),
    };
    target.write_positions(vec![next]).await?;
    Ok(())
}
