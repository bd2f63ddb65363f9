//! Live updates: from grammers' update state into the archives.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use grammers_client::tl;
use grammers_mtsender::{UpdatesConfiguration, UpdatesReceiver};
use grammers_session::updates::{MessageBox, State};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::error::CaptureError;
use super::heal::Why;
use super::news::{News, Way};
use super::tap::{Gauge, Inbox};
use super::target::Context;
use crate::model::GroupId;

/// How often grammers' update state is saved at most. It is only where the next start begins to
/// ask; what we hold is in the archives.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// How long to go on taking what has already arrived once we are to stop.
const LAST_CALL: Duration = Duration::from_secs(2);

type Batch = (
    Vec<(tl::enums::Update, State)>,
    Vec<tl::enums::User>,
    Vec<tl::enums::Chat>,
);

/// Follows the updates of one connection.
///
/// grammers' receiver is used directly rather than through its stream: it hands out one container
/// at a time and then holds nothing back, so that the state saved after a commit is the state of
/// what was committed. Its `next` may be cancelled without losing anything.
pub(super) struct Live {
    context: Arc<Context>,
    receiver: UpdatesReceiver,
    gauge: Gauge,
    heal: mpsc::UnboundedSender<Why>,
    /// How far the updates of each group were handed to us.
    handed: HashMap<GroupId, i32>,
    save_at: Option<Instant>,
}

impl Live {
    pub(super) async fn new(
        context: Arc<Context>,
        inbox: Inbox,
        heal: mpsc::UnboundedSender<Why>,
    ) -> Result<Self, CaptureError> {
        let pool = context.telegram.pool();
        let receiver = UpdatesReceiver::create(
            pool.thin.clone(),
            Arc::clone(&pool.session),
            inbox.updates,
            // Without `catch_up` grammers erases the counters of all channels.
            UpdatesConfiguration { catch_up: true },
        )
        .await
        .map_err(grammers_mtsender::InvocationError::from)?;
        let handed = context
            .targets
            .groups()
            .into_iter()
            .filter_map(|group| Some((group, context.session.channel_pts(group.bare())?)))
            .collect();
        Ok(Self {
            context,
            receiver,
            gauge: inbox.gauge,
            heal,
            handed,
            save_at: None,
        })
    }

    /// Follows until told to stop or until the connection fails.
    pub(super) async fn follow(mut self, stop: CancellationToken) -> Result<(), CaptureError> {
        loop {
            let save_at = self.save_at;
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                batch = self.receiver.next() => {
                    self.take(batch?).await?;
                }
                () = tokio::time::sleep_until(save_at.unwrap_or_else(Instant::now)),
                    if save_at.is_some() => self.save().await?,
            }
        }
        let last_call = Instant::now() + LAST_CALL;
        while self.gauge.any() {
            match tokio::time::timeout_at(last_call, self.receiver.next()).await {
                Ok(Ok(batch)) => self.take(batch).await?,
                Ok(Err(_)) | Err(_) => break, // the next start reconciles
            }
        }
        self.save().await
    }

    /// Commits a batch.
    async fn take(&mut self, (updates, users, chats): Batch) -> Result<(), CaptureError> {
        for (_, state) in &updates {
            if let Some(MessageBox::Channel { channel_id, pts }) = &state.message_box
                && let Some(group) = self.captured(*channel_id)
            {
                let handed = self.handed.entry(group).or_default();
                *handed = (*handed).max(*pts);
            }
        }
        let updates: Vec<_> = updates.into_iter().map(|(update, _)| update).collect();
        let news = News {
            // The push of the same update was timed.
            received: Vec::new(),
            updates,
            users,
            chats,
        };
        news.commit(&self.context, &self.heal, Way::InOrder(&self.handed))
            .await?;
        self.save_at
            .get_or_insert_with(|| Instant::now() + SAVE_EVERY);
        Ok(())
    }

    /// Saves grammers' update state, all of which has been committed, and looks whether it ran
    /// ahead of what was handed to us. That is how a difference that was "too long" shows: grammers
    /// takes over its counter and says nothing about the messages in between.
    async fn save(&mut self) -> Result<(), CaptureError> {
        self.save_at = None;
        self.receiver
            .sync_update_state()
            .await
            .map_err(grammers_mtsender::InvocationError::from)?;
        for group in self.context.targets.groups() {
            let Some(pts) = self.context.session.channel_pts(group.bare()) else {
                continue;
            };
            let handed = self.handed.entry(group).or_insert(pts);
            if *handed < pts {
                tracing::info!(%group, from = *handed, to = pts, "updates were skipped");
                *handed = pts;
                let _ = self.heal.send(Why::TooLong(group));
            }
        }
        Ok(())
    }

    fn captured(&self, channel: i64) -> Option<GroupId> {
        GroupId::from_bare(channel).filter(|group| self.context.targets.has(*group))
    }
}
