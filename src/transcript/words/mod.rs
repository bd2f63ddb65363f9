//! What pages say around what people wrote, in every language that the product speaks. Nothing
//! here is escaped: that is the format's.

mod labels;
pub(super) mod media;
mod sender;
mod sentence;
pub(super) mod topic;

pub(super) use labels::Labels;
pub(super) use sender::{cut, sender};
pub(super) use sentence::sentence;
