//! Things that go wrong on demand, for tests and for `POST /faults`.
//!
//! [`Faults`] is what both faces ask; the mechanics behind it know nothing of them: `failure`
//! says which calls fail, `flood` who called too often, `pushes` what becomes of an update on
//! its way. Whatever is left to chance (`chance`) follows from a seed, from who asks, and from how
//! often they asked before or which change of the world it is about, so the same requests of an
//! account meet the same faults, whatever others do meanwhile.

mod chance;
mod failure;
mod flood;
mod pushes;
mod switches;

pub use failure::{Failure, Plain, Rule, code_of};
pub use flood::{FloodLimit, FloodModel, FloodRecord};
pub use pushes::PushFaults;
pub use switches::{Connections, Faults, HOME_DC, Latency};
