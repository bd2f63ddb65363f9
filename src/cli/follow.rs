//! What `run` shows while it captures: how far history is read, waits that Telegram asks for, and
//! connections lost and found.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::app::Board;
use crate::archive::Vault;
use crate::capture::{Progress, Trouble};
use crate::model::GroupId;

/// How often the bar is drawn while history is read.
const BEAT: Duration = Duration::from_millis(500);

/// Shows progress until the service has ended and nobody reports any more.
pub(super) async fn follow(
    vault: Vault,
    mut board: watch::Receiver<Board>,
    stop: CancellationToken,
) {
    let bar = bar();
    let mut caught_up = false;
    let mut live = false;
    let mut teller = Teller::default();
    loop {
        let (now_live, now_caught_up) = {
            let board = board.borrow_and_update();
            teller.tell(&board, |line| bar.suspend(|| say(line)));
            let all = |is: fn(&Progress) -> bool| !board.is_empty() && board.values().all(is);
            (all(|progress| progress.caught_up), all(Progress::is_whole))
        };
        if now_live && !live && !now_caught_up {
            bar.suspend(|| say("following live; older messages are being read beside it"));
        }
        if now_caught_up && !caught_up {
            let messages = counts(&vault, &board.borrow()).messages;
            bar.finish_and_clear();
            say(&format!(
                "caught up: {messages} messages archived; following live"
            ));
        } else if live && !now_live && !stop.is_cancelled() {
            // What else may have ended it has been told.
            if teller.told.is_empty() {
                say("the connection was lost; connecting again");
            }
        }
        live = now_live;
        caught_up = now_caught_up;
        if !caught_up && !bar.is_finished() {
            let counts = counts(&vault, &board.borrow());
            bar.set_length(counts.ids);
            bar.set_position(counts.known);
        }
        let ended = tokio::select! {
            changed = board.changed() => changed.is_err(),
            () = tokio::time::sleep(BEAT), if !caught_up => false,
        };
        if ended {
            bar.finish_and_clear();
            return;
        }
        if !caught_up {
            // Progress changes with each page; the eye needs no more than two pictures a second.
            tokio::time::sleep(BEAT / 2).await;
        }
    }
}

/// Says which groups are not captured and why, once for each kind of trouble, and when Telegram
/// asks to wait.
#[derive(Default)]
pub(super) struct Teller {
    told: HashMap<GroupId, Trouble>,
    waiting: Option<i64>,
}

impl Teller {
    /// Says what is new.
    pub(super) fn tell(&mut self, board: &Board, say: impl Fn(&str)) {
        self.told
            .retain(|group, _| board.get(group).is_some_and(|it| it.down.is_some()));
        for (group, progress) in board {
            if let Some(down) = &progress.down
                && self.told.insert(*group, down.trouble) != Some(down.trouble)
            {
                say(&format!("group {}: {}", group.marked(), down.reason));
            }
        }
        let until = board.values().filter_map(|it| it.flood_until).max();
        if until != self.waiting
            && let Some(until) = until
        {
            let when = super::output::moment(until);
            say(&format!("Telegram asks to wait until {when} UTC; waiting"));
        }
        self.waiting = until;
    }
}

/// Figures over all groups.
#[derive(Default)]
struct Counts {
    /// Messages archived.
    messages: u64,
    /// Ids of which something is known.
    known: u64,
    /// Ids up to the highest that is known.
    ids: u64,
}

/// Archives that cannot be read just now are left out; the service itself reports them.
fn counts(vault: &Vault, board: &Board) -> Counts {
    let mut counts = Counts::default();
    for group in board.keys() {
        let Ok(stats) = vault.reader(*group).map(|reader| reader.stats()) else {
            continue;
        };
        let Ok(stats) = stats else { continue };
        let highest = stats
            .ids
            .map_or(0, |(_, last)| u64::from(last.unsigned_abs()));
        counts.messages += stats.messages;
        counts.known += highest.saturating_sub(stats.unknown);
        counts.ids += highest;
    }
    counts
}

fn bar() -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let template = "reading history {bar:30} {human_pos} of {human_len} message ids {eta}";
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        // The template is a constant; without it the bar still counts.
        Err(_) => bar,
    }
}

/// A line on stderr for whoever started the service by hand.
pub(super) fn say(line: &str) {
    // When stderr is closed nobody reads it.
    let _ = writeln!(anstream::stderr(), "{line}");
}
