//! The control port: programs outside ask what really happened, play along, and let things go
//! wrong.
//!
//! | request | does |
//! |---|---|
//! | `GET /world/messages?group=&format=` | ground truth of a group (the desk unless named), a JSON array, or JSON Lines with `format=jsonl` |
//! | `GET /world/journal` | what the MTProto server told whom |
//! | `GET /crm/delivered` | what reached customers |
//! | `GET /bots/<id>/received` | the updates that a bot was handed |
//! | `POST /control/faults` | failures, latency, lost pushes, dropped connections, revoked logins |
//! | `POST /control/act` | someone does something, see [`Act`] |

mod act;
mod routes;

pub use act::{Act, Acted};
pub use routes::Control;

#[cfg(test)]
mod tests;
