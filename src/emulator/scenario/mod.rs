//! The default world: who is there, what they said, and what they do next.
//!
//! Everything follows from the seed: names, texts, order. Dialogues are data (`dialogues/`), in
//! English, German and Russian.

mod build;
mod cast;
mod random;

pub use build::build;
pub use cast::Cast;
