//! `doctor`: what is in order, what is not, and what to do about it.

mod canary;
mod check;
mod local;
mod network;
mod roles;
mod run;

pub use run::DoctorArgs;
pub(super) use run::run;
