//! Search: case-blind in every script, all words must begin a word, newest first.
//!
//! It scans, newest frames first, and stops when no older frame can hold a newer hit.

mod fold;
mod hit;
mod scan;

pub use hit::Hit;
pub use scan::Search;
