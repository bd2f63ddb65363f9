//! Search: case-blind in every script, all words must occur, newest first.
//!
//! It scans, newest frames first, and stops when no older frame can hold a newer hit.

mod fold;
mod hit;
mod scan;

pub use hit::Hit;
