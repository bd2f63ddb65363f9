//! The default world: who is there, what they said, and what they do next.
//!
//! Everything follows from the seed: names, texts, order. Dialogues are data (`dialogues/`), in
//! English, German and Russian; both the [`build`] past and the [`play`]ed present are made of
//! them.

mod build;
mod cast;
mod conversation;
mod dialogue;
mod files;
mod live;
mod random;
mod step;

pub use build::build;
pub use cast::Cast;
pub use files::sample;
pub use live::{Plan, play};
pub(super) use random::Random;
pub use step::{Deed, Step};

#[cfg(test)]
mod tests;
