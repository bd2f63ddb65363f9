//! When to reconcile which group.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::super::account::{check_group, first_shown, is_no_member};
use super::super::error::CaptureError;
use super::super::missed;
use super::super::target::{Context, Target};
use super::recheck::recheck;
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
    /// A group is captured from now on.
    Added(GroupId),
    /// The group itself changed.
    GroupChanged(GroupId),
}

/// What is left to reconcile. It outlives connections, so that no reason is forgotten when one of
/// them ends before the work is done.
pub(in crate::capture) struct Healer {
    reasons: mpsc::UnboundedReceiver<Why>,
    tell: mpsc::UnboundedSender<Why>,
    due: BTreeMap<GroupId, Depth>,
    /// The groups that we were removed from: looked at thoroughly when we are back.
    lost: HashSet<GroupId>,
}

impl Healer {
    /// A healer, and where to tell it reasons.
    pub(in crate::capture) fn new() -> (mpsc::UnboundedSender<Why>, Self) {
        let (tell, reasons) = mpsc::unbounded_channel();
        let healer = Self {
            reasons,
            tell: tell.clone(),
            due: BTreeMap::new(),
            lost: HashSet::new(),
        };
        (tell, healer)
    }

    /// Reconciles whenever there is a reason, and looks at old messages again when there is none;
    /// returns only on an error. May be cancelled at any moment: what was not done stays due.
    pub(in crate::capture) async fn keep(&mut self, context: &Context) -> Result<(), CaptureError> {
        let mut glance_at = Instant::now() + NOW_AND_THEN;
        loop {
            while let Ok(why) = self.reasons.try_recv() {
                self.note(context, why);
            }
            if let Some((group, depth)) = self.due.first_key_value().map(|(g, d)| (*g, *d)) {
                self.heal(context, group, depth).await?;
                self.due.remove(&group);
                continue;
            }
            match tokio::time::timeout(context.recheck_every, self.reasons.recv()).await {
                Ok(Some(why)) => self.note(context, why),
                Ok(None) => return Ok(()), // the run is over
                Err(_) if Instant::now() >= glance_at => {
                    glance_at = Instant::now() + NOW_AND_THEN;
                    for group in context.targets.groups() {
                        self.add(group, Depth::Glance);
                    }
                }
                Err(_) => self.look_back(context).await?,
            }
        }
    }

    /// Adds a reason to what is due.
    fn note(&mut self, context: &Context, why: Why) {
        let (all, depth) = match why {
            Why::Started => (None, Depth::Thorough),
            Why::Reconnected => (None, Depth::Recent),
            Why::TooLong(group) | Why::Added(group) => (Some(group), Depth::Thorough),
            Why::GroupChanged(group) => (Some(group), Depth::Glance),
        };
        match all {
            Some(group) => self.add(group, depth),
            None => context
                .targets
                .groups()
                .into_iter()
                .for_each(|group| self.add(group, depth)),
        }
    }

    /// The deepest look wins.
    fn add(&mut self, group: GroupId, depth: Depth) {
        let due = self.due.entry(group).or_insert(depth);
        *due = (*due).max(depth);
    }

    /// Reconciles one group. One that we were removed from is told and left alone until the next
    /// time: the others go on.
    async fn heal(
        &mut self,
        context: &Context,
        group: GroupId,
        depth: Depth,
    ) -> Result<(), CaptureError> {
        let Some(target) = context.targets.get(group) else {
            return Ok(());
        };
        let depth = if self.lost.contains(&group) {
            Depth::Thorough
        } else {
            depth
        };
        match one(context, &target, depth, &self.tell).await {
            Ok(()) => {
                self.lost.remove(&group);
                Ok(())
            }
            Err(error) if is_no_member(&error) => {
                tracing::error!(%group, %error, "the group cannot be captured now");
                context.board.lost(group, &error);
                self.lost.insert(group);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Looks at one page of old messages in each group.
    async fn look_back(&self, context: &Context) -> Result<(), CaptureError> {
        for group in context.targets.groups() {
            let Some(target) = context.targets.get(group) else {
                continue;
            };
            if self.lost.contains(&group) {
                continue;
            }
            match recheck(context, &target).await {
                Err(error) if is_no_member(&error) => {} // the next glance tells it
                other => other?,
            }
        }
        Ok(())
    }
}

async fn one(
    context: &Context,
    target: &Target,
    depth: Depth,
    heal: &mpsc::UnboundedSender<Why>,
) -> Result<(), CaptureError> {
    let title = check_group(&context.telegram, &context.session, target.group).await?;
    target.archive.set_title(title).await?;
    let first = first_shown(&context.telegram, &context.session, target.group).await?;
    target.shown_from.store(first, Ordering::Relaxed);
    // Versions first: history shows only the last one.
    let complete = depth == Depth::Glance || missed::fetch(context, target, heal).await?;
    let depth = if complete { depth } else { Depth::Thorough };
    reconcile(context, target, depth).await
}
