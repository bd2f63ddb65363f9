//! The run: connections one after the other, until told to stop or until nothing can help.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::backoff::Backoff;
use super::clock;
use super::error::CaptureError;
use super::heal::{Healer, Why, backfill, look_again};
use super::link::Link;
use super::live::Live;
use super::media::Media;
use super::news::write_pushed;
use super::orders::Orders;
use super::outgoing::deliver;
use super::pacer::Pacer;
use super::progress::Board;
use super::session::SessionFile;
use super::supervise::Wanted;
use super::tap::tap;
use super::target::{Context, Target, Targets};
use super::watchdog;
use crate::metrics::Metrics;
use crate::model::GroupId;

/// The pauses between two attempts to connect, the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A connection that held this long was a good one: the next pause is short again.
const GOOD: Duration = Duration::from_secs(120);

/// How often the wait that Telegram asks for is shown.
const SHOW_EVERY: Duration = Duration::from_secs(1);

/// How long live updates may take to end.
const ENDING: Duration = Duration::from_secs(10);

/// What stays the same over all connections of a run.
pub(super) struct Run {
    pub(super) session: Arc<SessionFile>,
    pub(super) api_id: i32,
    pub(super) pacer: Pacer,
    pub(super) targets: Arc<Targets>,
    pub(super) board: Board,
    pub(super) orders: Orders,
    pub(super) metrics: Metrics,
    pub(super) recheck_every: Duration,
    pub(super) settle: Duration,
    pub(super) watch: (Duration, Duration),
    /// Fetches files; `None`: nothing is fetched, and nothing listed.
    pub(super) media: Option<Arc<Media>>,
    pub(super) stop: CancellationToken,
}

impl Run {
    /// Captures over this connection, and over new ones when it fails.
    pub(super) async fn go(
        self,
        first: Link,
        mut wanted: watch::Receiver<Wanted>,
    ) -> Result<(), CaptureError> {
        let mut link = first;
        let (reasons, healer) = Healer::new();
        let healer = Arc::new(Mutex::new(healer));
        let mut why = Why::Started;
        let mut told = None;
        let mut backoff = Backoff::new(PAUSES.0, PAUSES.1);
        loop {
            let began = Instant::now();
            for group in self.follow(&mut wanted) {
                let _ = reasons.send(Why::Added(group));
            }
            // The healer is here as long as we are.
            let _ = reasons.send(why);
            let end = self.over(&mut link, &reasons, &healer, &mut wanted).await;
            link.close().await;
            let error = match end {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            self.board.down(&error);
            if error.is_final() {
                return Err(error);
            }
            if began.elapsed() > GOOD {
                backoff.reset();
            }
            let pause = match error {
                // In full: coming back early makes it longer.
                CaptureError::FloodWait { seconds } => {
                    backoff.next() + Duration::from_secs(u64::from(seconds))
                }
                _ => backoff.next(),
            };
            // The same trouble is told once, not with every attempt.
            let trouble = error.trouble();
            if told == Some(trouble) && began.elapsed() < GOOD {
                tracing::debug!(%error, ?pause, "still not connected");
            } else {
                tracing::warn!(%error, ?pause, "connecting anew, again and again by itself");
            }
            told = Some(trouble);
            self.metrics.reconnected(trouble.name());
            // What was due from the start stays so until it is done.
            why = Why::Reconnected;
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep(pause) => {}
            }
            link = Link::open(&self.session, self.api_id, &self.pacer);
        }
    }

    /// Brings what is captured in line with what is wanted; returns the groups that are new.
    fn follow(&self, wanted: &mut watch::Receiver<Wanted>) -> Vec<GroupId> {
        let wanted = wanted.borrow_and_update().clone();
        for group in self.targets.groups() {
            if !wanted.contains_key(&group) {
                self.targets.remove(group);
            }
        }
        let mut new = Vec::new();
        for (group, archive) in &wanted {
            if !self.targets.has(*group) {
                let target = Target::new(*group, archive.clone(), self.metrics.clone());
                self.targets.add(target);
                new.push(*group);
            }
        }
        let groups = self.targets.groups();
        self.session
            .keep_channels(groups.iter().map(|group| group.bare()).collect());
        // Last: whoever waits for a group to be gone may close its archive then.
        self.board.claim_only(&groups.into_iter().collect());
        new
    }

    /// Captures over one connection.
    async fn over(
        &self,
        link: &mut Link,
        healing: &mpsc::UnboundedSender<Why>,
        healer: &Arc<Mutex<Healer>>,
        wanted: &mut watch::Receiver<Wanted>,
    ) -> Result<(), CaptureError> {
        let Some(network) = link.updates.take() else {
            return Ok(());
        };
        let context = Arc::new(Context {
            session: Arc::clone(&self.session),
            telegram: link.telegram.clone(),
            targets: Arc::clone(&self.targets),
            board: self.board.clone(),
            orders: self.orders.clone(),
            pacer: self.pacer.clone(),
            recheck_every: self.recheck_every,
            settle: self.settle,
            watch: self.watch,
            metrics: self.metrics.clone(),
        });
        let (reasons, mut heard) = mpsc::unbounded_channel();
        let (inbox, pushes, tap) = tap(network, reasons.clone());
        // Tasks rather than branches: grammers panics on what it does not expect, and a panic in a
        // task is an answer like any other. They end with this function.
        let mut tapping = Guarded(tokio::spawn(tap));
        let last_push = self.stop.child_token();
        let mut writer = Guarded(tokio::spawn(write_pushed(
            Arc::clone(&context),
            pushes,
            reasons.clone(),
            last_push.clone(),
        )));
        let live = Live::new(Arc::clone(&context), inbox, reasons.clone()).await?;
        let mut live = Guarded(tokio::spawn(live.follow(self.stop.clone())));
        let (place, patient) = (Arc::clone(&context), Arc::clone(healer));
        let mut healer = Guarded(tokio::spawn(async move {
            patient.lock().await.keep(&place).await
        }));
        let looking = Arc::clone(&context);
        let mut again = Guarded(tokio::spawn(async move { look_again(&looking).await }));
        let mut filling = Guarded(tokio::spawn(backfill(Arc::clone(&context))));
        let mut sending = Guarded(tokio::spawn(deliver(Arc::clone(&context))));
        let files = self
            .media
            .clone()
            .map(|media| media.keep(Arc::clone(&context)));
        let mut files = files.map(|work| Guarded(tokio::spawn(work)));
        let mut show = tokio::time::interval(SHOW_EVERY);
        let result = {
            let watchdog = watchdog::watch(&context);
            tokio::pin!(watchdog);
            let clock = clock::jumped();
            tokio::pin!(clock);
            let mut changing = true;
            loop {
                tokio::select! {
                    biased;
                    () = self.stop.cancelled() => {
                        healer.end().await; // resumable at any instant
                        let written = tokio::time::timeout(ENDING, &mut writer.0).await;
                        if let Ok(Ok(Err(error))) = written {
                            break Err(error);
                        }
                        break match tokio::time::timeout(ENDING, &mut live.0).await {
                            Ok(ended) => self.outcome(ended).await,
                            Err(_) => Ok(()), // the next start reconciles
                        };
                    }
                    ended = &mut live.0 => break self.outcome(ended).await,
                    ended = &mut writer.0 => break self.outcome(ended).await,
                    ended = &mut healer.0 => break self.outcome(ended).await,
                    ended = &mut again.0 => break self.outcome(ended).await,
                    ended = &mut filling.0 => break self.outcome(ended).await,
                    error = &mut watchdog => break Err(error),
                    seconds = &mut clock => {
                        tracing::warn!(seconds, "the clock was set, or the computer slept");
                        break Err(CaptureError::Unreachable {
                            reason: format!("the clock jumped by {seconds} s"),
                        });
                    }
                    Some(why) = heard.recv() => self.pass_on(why, healing),
                    changed = wanted.changed(), if changing => {
                        changing = changed.is_ok();
                        for group in self.follow(wanted) {
                            tracing::info!(%group, "one more group is captured");
                            let _ = healing.send(Why::Added(group));
                        }
                    }
                    () = link.ended() => break Err(CaptureError::Unreachable {
                        reason: "the connection's task ended".to_owned(),
                    }),
                    _ = show.tick() => {
                        let until = self.pacer.until();
                        self.board.flood(until);
                        self.orders.waiting(self.targets.groups(), until).await;
                    }
                }
            }
        };
        // They hold the login's file, which somebody may want to open next.
        live.end().await;
        healer.end().await;
        again.end().await;
        filling.end().await;
        sending.end().await; // a message in doubt has an id that Telegram takes once
        tapping.end().await;
        if let Some(files) = &mut files {
            files.end().await; // resumable at any instant
        }
        // What was announced over this connection may be told nowhere else again.
        last_push.cancel();
        let rest = tokio::time::timeout(ENDING, writer.finish()).await;
        writer.end().await;
        while let Ok(why) = heard.try_recv() {
            self.pass_on(why, healing);
        }
        match (result, rest) {
            (Err(error), _) if error.is_final() => Err(error),
            (_, Ok(Some(Ok(Err(error))))) if error.is_final() => Err(error),
            (result, _) => result,
        }
    }

    /// Hands a reason on to the healer, who is here as long as the run, and counts it.
    fn pass_on(&self, why: Why, healing: &mpsc::UnboundedSender<Why>) {
        match why {
            Why::Reconnected => self.metrics.reconnected("line"),
            Why::TooLong(_) => self.metrics.reconnected("too_long"),
            Why::Started | Why::Added(_) | Why::GroupChanged(_) => {}
        }
        let _ = healing.send(why);
    }

    async fn outcome(
        &self,
        ended: Result<Result<(), CaptureError>, JoinError>,
    ) -> Result<(), CaptureError> {
        match ended {
            Ok(result) => result,
            Err(error) if error.is_panic() => {
                // Most likely an answer that grammers' update state asserts never to come. Begin
                // with a fresh state, or it would come again; reconciliation finds the rest.
                tracing::error!("an update could not be handled; starting from a fresh state");
                self.session.forget_updates().await?;
                Err(CaptureError::Unreachable {
                    reason: "an answer of the server could not be handled".to_owned(),
                })
            }
            Err(_) => Ok(()),
        }
    }
}

/// A task that ends with its owner.
struct Guarded<T>(tokio::task::JoinHandle<T>);

impl<T> Guarded<T> {
    /// Waits for the task to end by itself; `None` where that was seen before.
    async fn finish(&mut self) -> Option<Result<T, JoinError>> {
        if self.0.is_finished() {
            return None;
        }
        Some((&mut self.0).await)
    }

    /// Ends the task and waits until it has let go of everything.
    async fn end(&mut self) {
        if !self.0.is_finished() {
            self.0.abort();
            let _ = (&mut self.0).await;
        }
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
