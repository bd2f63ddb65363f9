//! A backfill that was asked for: one topic, or a group in a chosen direction.
//!
//! Where it is, is noted after the page was committed: a kill in between reads one page twice.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use super::super::account::is_no_member;
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::backfill;
use super::history::History;
use super::reconcile::Reconciliation;
use crate::archive::{Backfill, BackfillState};
use crate::model::TopicId;

/// How often to note how far it is.
const NOTE_EVERY: Duration = Duration::from_secs(1);

/// How long one that cannot be read now is left alone.
const LATER: Duration = Duration::from_secs(10);

/// Works on a backfill until it has ended, is not wanted any more, or another one comes first.
pub(super) async fn serve(
    context: &Arc<Context>,
    target: &Arc<Target>,
    order: Backfill,
) -> Result<(), CaptureError> {
    let orders = &context.orders;
    orders.begin(order.id).await;
    let read = match order.wish.topic {
        Some(topic) => read_topic(context, target, topic, &order).await,
        None => read_group(context, target, &order).await,
    };
    match read {
        Ok(None) => {}
        Ok(Some(problem)) => {
            let problem = (!problem.is_empty()).then_some(problem);
            let end = match problem {
                None => BackfillState::Done,
                Some(_) => BackfillState::InPart,
            };
            tracing::info!(group = %target.group, backfill = order.id, problem, "a backfill was read");
            orders.end(order.id, end, problem).await;
        }
        Err(error) if is_no_member(&error) => return Err(error),
        // Something about this very one: there is no such topic, or it was deleted.
        Err(CaptureError::Telegram {
            name,
            code: 400..=499,
        }) => {
            let problem = match name.as_str() {
                "MSG_ID_INVALID" | "TOPIC_ID_INVALID" | "TOPIC_DELETED" => {
                    "the group has no such topic (any more)".to_owned()
                }
                _ => format!("Telegram answered {name}"),
            };
            tracing::warn!(group = %target.group, backfill = order.id, problem, "a backfill failed");
            orders
                .end(order.id, BackfillState::Failed, Some(problem))
                .await;
        }
        // A server that fails at this one answers others: nothing else need end.
        Err(error @ CaptureError::Telegram { .. }) => {
            tracing::warn!(group = %target.group, backfill = order.id, %error, "a backfill is tried again");
        }
        Err(error) => return Err(error),
    }
    if goes_on(context, target, &order) {
        // Its end could not be noted, or it is to be tried again.
        tokio::time::sleep(LATER).await;
    }
    Ok(())
}

/// Whether it is still wanted, comes first, and its group is still captured here.
fn goes_on(context: &Context, target: &Arc<Target>, order: &Backfill) -> bool {
    context.orders.is_first(order) && context.targets.still_has(target)
}

/// Reads a topic page by page; says what is left and why, nothing where nothing is. `None`: it is
/// not wanted any more, or another one is first.
async fn read_topic(
    context: &Context,
    target: &Arc<Target>,
    topic: TopicId,
    order: &Backfill,
) -> Result<Option<String>, CaptureError> {
    let (mut position, mut done) = (order.position, order.done);
    loop {
        if !goes_on(context, target, order) {
            return Ok(None);
        }
        let history = History::patient(context, target);
        let page = match order.wish.oldest_first {
            true => history.topic_after(topic, position).await?,
            false => history.topic_before(topic, position).await?,
        };
        let edge = match order.wish.oldest_first {
            true => page.messages.first(),
            false => page.messages.last(),
        };
        let Some(edge) = edge.map(|message| message.id.0) else {
            if page.repeats {
                return Ok(Some(
                    "Telegram repeats itself; there may be more".to_owned(),
                ));
            }
            context
                .orders
                .advance(order.id, position, done, Some(0))
                .await;
            return Ok(Some(String::new()));
        };
        done = done.saturating_add(u64::try_from(page.messages.len()).unwrap_or(0));
        let remaining = page.total.map(|total| total.saturating_sub(done));
        Reconciliation::new(history)
            .commit(page, &HashSet::new())
            .await?;
        position = Some(edge);
        context
            .orders
            .advance(order.id, position, done, remaining)
            .await;
    }
}

/// Reads what is unknown of a group; `None`: it is not wanted any more, or another one is first.
async fn read_group(
    context: &Arc<Context>,
    target: &Arc<Target>,
    order: &Backfill,
) -> Result<Option<String>, CaptureError> {
    let (mut before, mut at_first) = (None, None);
    loop {
        // Healing looks first; until then nobody knows what is unknown.
        let Some(unknown) = backfill::unknown(target).await? else {
            if !goes_on(context, target, order) {
                return Ok(None);
            }
            drop(tokio::time::timeout(NOTE_EVERY, target.backfill.notified()).await);
            continue;
        };
        let missing = backfill::total(&unknown);
        let at_first: u64 = *at_first.get_or_insert(missing.saturating_add(order.done));
        note(context, target, order, at_first, missing).await;
        if missing == 0 {
            return Ok(Some(String::new()));
        }
        if before == Some(missing) {
            context.board.missing(target.group, missing, true);
            return Ok(Some(format!("Telegram does not tell of {missing} ids now")));
        }
        before = Some(missing);
        let mut pieces = backfill::pieces(unknown);
        if order.wish.oldest_first {
            pieces.reverse();
        }
        let reading = backfill::read(context, target, pieces, || goes_on(context, target, order));
        tokio::pin!(reading);
        let all = loop {
            tokio::select! {
                ended = &mut reading => break ended?,
                () = tokio::time::sleep(NOTE_EVERY) => {
                    let unknown = backfill::unknown(target).await?.unwrap_or_default();
                    note(context, target, order, at_first, backfill::total(&unknown)).await;
                }
            }
        };
        if !all {
            return Ok(None);
        }
    }
}

async fn note(context: &Context, target: &Target, order: &Backfill, at_first: u64, missing: u64) {
    context.board.missing(target.group, missing, false);
    let done = at_first.saturating_sub(missing);
    let advance = context.orders.advance(order.id, None, done, Some(missing));
    advance.await;
}
