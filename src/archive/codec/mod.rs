//! The columnar codec of sealed frames.
//!
//! A frame holds *runs* (up to 256 messages of one topic, ascending) of many topics: most topics
//! are too short to compress alone. Each column is compressed on its own. The layout is described
//! in `layout.rs`; [`decode_frame`] is total and may be given any bytes.

mod decode;
mod encode;
mod error;
mod layout;
#[cfg(test)]
mod tests;
mod varint;

pub use super::record::{Body, Record, Rest};
pub use decode::{Run, decode_frame, decode_runs};
pub use encode::{Encoded, Encoder, RunHead};
pub use error::CodecError;
