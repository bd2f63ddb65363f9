//! Waiting for backfills: by doing them, or by watching the service that does.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::super::context::Context;
use super::super::failure::Failure;
use super::super::follow::{Teller, say};
use super::super::interrupt;
use super::show::duration;
use crate::app::{self, Healed};
use crate::archive::{Backfill, BackfillState, State};
use crate::config::Loaded;
use crate::model::GroupId;

/// How often to look how far they are.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often a line is printed where no bar can be drawn, in looks.
const LINE_EVERY: u32 = 20;

/// Returns when none of these backfills is open any more, or none can go on now.
pub(super) fn watch(
    context: &Context,
    loaded: &Loaded,
    state: &State,
    group: GroupId,
    ids: &[i64],
) -> Result<(), Failure> {
    let mut config = loaded.config.clone();
    config
        .groups
        .retain(|it| it.group().is_ok_and(|id| id == group));
    let stop = CancellationToken::new();
    context.runtime()?.block_on(async {
        let told = stop.clone();
        tokio::spawn(interrupt::twice(move || {
            say("stopping; what was read is stored, and the next run goes on with the rest");
            told.cancel();
        }));
        let ended = stop.child_token();
        let telling = ended.clone();
        let shown = move |_, mut board: tokio::sync::watch::Receiver<_>| {
            tokio::spawn(async move {
                let mut teller = Teller::default();
                loop {
                    teller.tell(&board.borrow_and_update(), say);
                    tokio::select! {
                        () = telling.cancelled() => return,
                        changed = board.changed() => if changed.is_err() { return },
                    }
                }
            });
        };
        let bars = show(state, ids, &ended);
        let work = app::backfill(&config, &loaded.base, ids.to_vec(), stop.clone(), shown);
        tokio::pin!(bars, work);
        let mut over = false;
        let end = tokio::select! {
            end = &mut work => end,
            shown = &mut bars => {
                shown?;
                over = true;
                // All have ended; the service notices within a moment.
                work.await
            }
        };
        let end = match end {
            Err(error) if error.is_in_use() && over => Healed::Whole,
            Err(error) if error.is_in_use() => {
                say("a service uses this vault and reads it; Ctrl-C leaves that to it");
                tokio::select! {
                    () = stop.cancelled() => Healed::Stopped,
                    shown = bars => { shown?; Healed::Whole }
                }
            }
            other => other?,
        };
        ended.cancel();
        match end {
            Healed::Whole => Ok(()),
            Healed::InPart => {
                say("no more can be had from Telegram now; it stays open for the next run");
                Ok(())
            }
            Healed::Stopped => Err(Failure::interrupted()),
        }
    })
}

/// Shows how far they are until none is open.
async fn show(state: &State, ids: &[i64], ended: &CancellationToken) -> Result<(), Failure> {
    let bar = bar();
    let mut looks = 0_u32;
    loop {
        let mut mine = state.backfills(true)?;
        mine.retain(|it| ids.contains(&it.id));
        if mine.is_empty() || ended.is_cancelled() {
            bar.finish_and_clear();
            return Ok(());
        }
        if let Some(first) = mine.iter().find(|it| it.begun_at.is_some()) {
            let line = line(first, mine.len());
            if bar.is_hidden() {
                if looks % LINE_EVERY == LINE_EVERY - 1 {
                    say(&line);
                }
            } else {
                bar.set_length(first.done + first.remaining.unwrap_or(0));
                bar.set_position(first.done);
                bar.set_message(line);
            }
        }
        looks = looks.wrapping_add(1);
        tokio::select! {
            () = ended.cancelled() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

fn line(it: &Backfill, open: usize) -> String {
    debug_assert_eq!(it.state, BackfillState::Open);
    let what = match it.wish.topic {
        Some(topic) => format!("topic {}: {} messages read", topic.0, it.done),
        None => format!("{} ids read", it.done),
    };
    let left = match (it.remaining, it.seconds_left()) {
        (Some(left), Some(seconds)) => format!(", {left} left, about {}", duration(seconds)),
        (Some(left), None) => format!(", {left} left"),
        (None, _) => String::new(),
    };
    let others = match open {
        0 | 1 => String::new(),
        more => format!("; {} more to do", more - 1),
    };
    what + &left + &others
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bar:30} {msg}") {
        Ok(style) => bar.with_style(style),
        // The template is a constant; without it the bar still counts.
        Err(_) => bar,
    }
}
