//! From Telegram's types to ours. Pure and total: whatever arrives becomes something, and what
//! this version does not know is kept as unsupported, with its constructor's name.

mod entities;
#[cfg(test)]
pub(super) mod literals;
mod marks;
mod media;
mod message;
mod name;
mod people;
mod rich;
mod service;
#[cfg(test)]
mod tests;
mod topic;
mod update;

pub(super) use marks::{marks, named_in, reacted};
pub(super) use message::{Found, message, named};
pub(super) use people::{people, person_of_user};
pub(super) use topic::topic;
pub(super) use update::{Change, change, concerns_archives};
