//! The demo: the whole bridge against the built-in Telegram, for people to follow and for tests
//! to judge.
//!
//! [`run`] builds a [`Stage`] (emulator, login, service, and a witness: an ordinary bot that only
//! listens), plays the scenario, tells each step from both sides, and ends with a [`Summary`]:
//! the archive compared by content with the world's ground truth.

mod bridge;
mod compare;
mod narrate;
mod options;
mod outside;
mod place;
mod play;
mod stage;
mod summary;
mod visitors;

pub use bridge::{config, ready_config};
pub use compare::{Comparison, Difference, compare};
pub use narrate::{Held, Narrator, Sides};
pub use options::{DemoError, Options};
pub use place::{is_demo_config, is_untouched_config};
pub use play::run;
pub use stage::Stage;
pub use summary::{Reached, Summary};
