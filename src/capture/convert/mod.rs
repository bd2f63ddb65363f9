//! From Telegram's types to ours. Pure and total: whatever arrives becomes something, and what
//! this version does not know is kept as unsupported, with its constructor's name.

mod people;

pub(super) use people::{people, person_id, person_of_user};
