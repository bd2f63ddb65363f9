//! The columnar codec of sealed frames.
//!
//! A frame holds *runs* (up to 256 messages of one topic, ascending) of many topics: most topics
//! are too short to compress alone. Each column is compressed on its own, so that who reads only
//! some of them unpacks no more. The layout is described in `layout.rs`; [`Frame::read`] and what
//! it gives are total and may be given any bytes.

mod encode;
mod error;
mod first;
mod frame;
mod layout;
mod letters;
mod pack;
#[cfg(test)]
mod tests;
mod varint;

pub use super::record::{Around, Body, Record, Rest};
pub use encode::{Encoded, Encoder, RunHead};
pub use error::CodecError;
pub use frame::{Cursor, Frame, Head, Run};
pub(super) use layout::MAX_MESSAGES;
pub(super) use letters::Sieve;
pub use pack::{Dictionary, Packer};
