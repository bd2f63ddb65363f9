//! When to reconcile which group.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;

use super::super::account::{check_group, is_no_member};
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::reconcile::{Depth, reconcile};
use crate::model::GroupId;

/// How often to glance at history without any reason. grammers asks for a difference by itself
/// only after 15 min of silence, and only for channels it has a counter for.
const NOW_AND_THEN: Duration = Duration::from_secs(10 * 60);

/// Why something has to be reconciled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::capture) enum Why {
    /// The process started.
    Started,
    /// A connection was lost, or updates were.
    Reconnected,
    /// Telegram had more than it was willing to tell.
    TooLong(GroupId),
    /// The group itself changed.
    GroupChanged(GroupId),
}

/// Reconciles all groups, then whenever there is a reason; returns only on an error.
pub(in crate::capture) async fn keep(
    context: &Context,
    first: Why,
    mut reasons: mpsc::UnboundedReceiver<Why>,
) -> Result<(), CaptureError> {
    let mut due = BTreeMap::new();
    note(context, &mut due, first);
    loop {
        for (group, depth) in std::mem::take(&mut due) {
            if let Some(target) = context.targets.get(&group) {
                one(context, target, depth).await?;
            }
        }
        match tokio::time::timeout(NOW_AND_THEN, reasons.recv()).await {
            Ok(Some(why)) => note(context, &mut due, why),
            Ok(None) => return Ok(()), // the run is over
            Err(_) => {
                for group in context.targets.keys() {
                    due.entry(*group).or_insert(Depth::Glance);
                }
            }
        }
        while let Ok(why) = reasons.try_recv() {
            note(context, &mut due, why);
        }
    }
}

/// Adds a reason to what is due; the deepest look wins.
fn note(context: &Context, due: &mut BTreeMap<GroupId, Depth>, why: Why) {
    let mut add = |group: GroupId, depth: Depth| {
        let due = due.entry(group).or_insert(depth);
        *due = (*due).max(depth);
    };
    match why {
        Why::Started => context
            .targets
            .keys()
            .for_each(|group| add(*group, Depth::Thorough)),
        Why::Reconnected => context
            .targets
            .keys()
            .for_each(|group| add(*group, Depth::Recent)),
        Why::TooLong(group) => add(group, Depth::Thorough),
        Why::GroupChanged(group) => add(group, Depth::Glance),
    }
}

/// Reconciles one group. One that we were removed from is told and left alone until the next
/// time: the others go on.
async fn one(context: &Context, target: &Target, depth: Depth) -> Result<(), CaptureError> {
    let group = target.group;
    match check_group(&context.telegram, &context.session, group).await {
        Ok(title) => target.archive.set_title(title).await?,
        Err(error @ (CaptureError::UnknownGroup { .. } | CaptureError::NotForum { .. })) => {
            tracing::error!(%group, %error, "the group cannot be captured now");
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    match reconcile(context, target, depth).await {
        Err(error) if is_no_member(&error) => {
            tracing::error!(%group, %error, "the group cannot be captured now");
            Ok(())
        }
        other => other,
    }
}
