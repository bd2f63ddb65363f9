//! Requests and their answers: `dispatch` finds the method, one file a family answers it.

mod auth;
mod buttons;
mod changes;
mod channels;
mod contacts;
mod dialogs;
mod dispatch;
mod files;
mod help;
mod history;
mod marks;
mod media;
mod messages;
mod nesting;
mod participants;
mod peers;
mod reactions;
mod refusal;
mod search;
mod sessions;
mod tokens;
mod told;
mod topics;
mod updates;
mod uploads;
mod users;

pub(super) use dispatch::{Answer, answer, constructors, takes_long};
