//! The control port: programs outside ask what really happened, play along, and let things go
//! wrong. HTTP with JSON, no authorisation: whoever reaches it owns the world.
//! `docs/emulator.md` has every route, action and fault. From the wire inwards: `routes` finds who
//! answers, `action`, `media` and `faults` say what a body may contain, `perform` does it in the
//! world, `clock` moves its time, `systems` reaches the outside systems, `views` tells what is there, and `refused` says no.

mod action;
mod clock;
mod faults;
mod media;
mod perform;
mod refused;
mod routes;
mod systems;
mod views;

pub(super) use media::{Made, Media};
pub use routes::Control;

#[cfg(test)]
mod tests;
