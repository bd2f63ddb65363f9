//! One world with two faces: what MTProto and the Bot API show is the same group.
//!
//! [`World`] is a shared handle. Readers and writers hold its lock only inside a closure, so it is
//! never held across an await. Everything that happens goes through the operations of [`State`]
//! and leaves a [`Change`] in the log; faces follow the log by index and are woken by
//! [`World::changes`], so a slow one misses nothing.

mod change;
mod content;
mod dice;
mod file;
mod forward;
mod group;
mod journal;
mod limits;
mod making;
mod message;
mod pins;
mod polls;
mod presses;
mod reactions;
mod refusal;
mod settings;
mod standing;
mod state;
mod topics;
mod user;
mod visibility;

pub use change::{Change, Press, PressAnswer, What};
pub use content::{Content, Point, Poll, PollOption};
pub use dice::{Dice, dice};
pub use file::{File, FileKind};
pub use forward::{Passing, passed_on};
pub use group::{Group, Topic};
pub use journal::{Delivery, Journal, Opened, Way};
pub(in crate::emulator) use limits::leads_somewhere;
pub use message::{Button, Draft, Entity, Forward, Message, PastVersion, Quote, Service};
pub use reactions::{EMOJI, Reaction};
pub use refusal::Refusal;
pub use standing::Standing;
pub use state::State;
pub use user::{Bot, User};
pub use visibility::{addressed_command, bot_sees, may_read};

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// A shared handle on the world.
#[derive(Clone, Debug)]
pub struct World(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    changes: watch::Sender<usize>,
}

impl World {
    /// Shares a state.
    #[must_use]
    pub fn new(state: State) -> Self {
        let (changes, _) = watch::channel(state.revision());
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            changes,
        }))
    }

    /// Looks at the world.
    pub fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the world and wakes whoever follows its log.
    pub fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let (answer, revision) = {
            let mut state = self.lock();
            let answer = change(&mut state);
            (answer, state.revision())
        };
        self.0.changes.send_if_modified(|known| {
            let grew = *known != revision;
            *known = revision;
            grew
        });
        answer
    }

    /// Wakes whenever the log grew or an answer arrived ([`State::revision`]).
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<usize> {
        self.0.changes.subscribe()
    }

    /// A panic inside a closure leaves data that is still whole: every operation checks first
    /// and changes afterwards, so a poisoned lock is taken all the same.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
