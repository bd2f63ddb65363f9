//! The control port: programs outside ask what really happened, play along, and let things go
//! wrong.
//!
//! | request | does |
//! |---|---|
//! | `POST /actions` | someone does something, see below |
//! | `GET /world/messages?group=&topic=&format=` | ground truth of a group (the first unless named), JSON Lines, or one array with `format=json` |
//! | `GET /world/groups`, `GET /world/users` | who and what there is |
//! | `GET /world/delivered` | what reached customers |
//! | `GET /world/journal` | what the MTProto server told whom |
//! | `GET /world/presses/<id>` | what a bot answered to a press of its button, `null` before |
//! | `GET /bots/<id>/received` | the updates that a bot was handed |
//! | `POST /faults` | failures, latency, lost pushes, dropped connections, revoked logins |

mod action;
mod clock;
mod faults;
mod media;
mod perform;
mod refused;
mod routes;
mod views;

pub(super) use media::{Made, Media};
pub use routes::Control;

#[cfg(test)]
mod tests;
