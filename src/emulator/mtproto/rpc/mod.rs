//! Requests and their answers: `dispatch` finds the method, one file a family answers it.

mod auth;
mod channels;
mod dialogs;
mod dispatch;
mod files;
mod help;
mod history;
mod messages;
mod peers;
mod refusal;
mod told;
mod topics;
mod updates;
mod users;

pub(super) use dispatch::answer;
