//! What encoder and decoder agree on.
//!
//! ```text
//! frame   = MAGIC, LAYOUT, (raw length, packed length: varint) a column, packed columns
//! heads   a run: topic (signed, to the run before), count * 2 + NAMES, first id and its date (signed,
//!         to the run before); NAMES: a message of it has a file with a name
//! people  each author once, signed, in order of appearance
//! ids     a message but the first of its run: distance to the one before, less one
//! dates   a message but the first of its run: signed distance to the one before
//! shapes  a message: who speaks (two bits), and EDITED | REPLY | REST | EARLIER | AROUND
//!         | IMPORTED (the latest version is from a file)
//! authors where nobody who spoke last in the run does: 0 for nobody, else place in people plus one
//! edits   where EDITED: signed distance from date to edit_date
//! replies where REPLY: signed distance from the message replied to
//! rest    where REST: JSON of `Rest`, 0x00 ends it
//! earlier where EARLIER: JSON of the earlier versions, 0x00 ends it
//! around  where AROUND: JSON of deletion and marks, 0x00 ends it
//! texts   a message: letters (see `letters.rs`), 0x00 ends it
//! ```
//! A column that compression does not shorten is stored as it is (packed length = raw length).
//! `texts` may be compressed with a dictionary, which the archive names beside the frame.
//!
//! Who speaks: 0 to 2 for the last three different authors of the run, the last one first, 3 for
//! anybody else. Most dialogues have two sides, so that a byte says who speaks and what it has.
//!
//! Only `heads` and `people` depend on what came before a run; all other columns can be passed over
//! by counting ends, so that one run is read without decoding those before it.

pub(super) const MAGIC: [u8; 3] = *b"TVF";
/// Raised when the meaning of a frame changes; decoders keep all old ones (`first.rs`).
pub(super) const LAYOUT: u8 = 2;

pub(super) const HEADS: usize = 0;
pub(super) const PEOPLE: usize = 1;
pub(super) const IDS: usize = 2;
pub(super) const DATES: usize = 3;
pub(super) const SHAPES: usize = 4;
pub(super) const AUTHORS: usize = 5;
pub(super) const EDITS: usize = 6;
pub(super) const REPLIES: usize = 7;
pub(super) const REST: usize = 8;
pub(super) const EARLIER: usize = 9;
pub(super) const AROUND: usize = 10;
pub(super) const TEXTS: usize = 11;
pub(super) const COLUMNS: usize = 12;

pub(super) const NAMES: [&str; COLUMNS] = [
    "heads", "people", "ids", "dates", "shapes", "authors", "edits", "replies", "rest", "earlier",
    "around", "texts",
];

/// The bits of a shape that say who speaks.
pub(super) const SPEAKER: u8 = 0b11;
/// Somebody who is not among the last to speak.
pub(super) const ANYBODY: u8 = 3;
/// How many of the last to speak are told apart.
pub(super) const RECENT: usize = 3;

pub(super) const EDITED_FLAG: u8 = 1 << 2;
pub(super) const REPLY_FLAG: u8 = 1 << 3;
pub(super) const REST_FLAG: u8 = 1 << 4;
pub(super) const EARLIER_FLAG: u8 = 1 << 5;
pub(super) const AROUND_FLAG: u8 = 1 << 6;
pub(super) const IMPORTED_FLAG: u8 = 1 << 7;

/// Messages a run at most: what has to be decoded for the last messages of a topic.
pub(super) const MAX_RUN: usize = 256;

/// What a frame may claim, checked before memory is taken. Above anything the encoder makes: a
/// frame closes at a fraction of it, and one message adds at most a few MB.
pub(super) const MAX_RAW: u64 = 16 * 1024 * 1024;

/// Messages that a frame may claim: each costs memory beyond its bytes.
pub(in crate::archive) const MAX_MESSAGES: usize = 65_536;
