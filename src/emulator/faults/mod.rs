//! Things that go wrong on demand, for tests and for `POST /faults`.
//!
//! [`Faults`] is what both faces ask; the mechanics behind it know nothing of them: `failure`
//! says which calls fail, `flood` who called too often, `pushes` what becomes of an update on
//! its way. Whatever is left to chance follows from a seed and from how often it was asked before,
//! so the same requests meet the same faults.

mod failure;
mod flood;
mod pushes;
mod switches;

pub use failure::{Failure, Plain, Rule, code_of};
pub use flood::{FloodLimit, FloodModel, FloodRecord};
pub use pushes::PushFaults;
pub use switches::{Connections, Faults, HOME_DC, Latency};
