//! The MTProto face: what unmodified clients (grammers, Telethon) talk to.
//!
//! From the wire upwards: `transport` cuts frames, `envelope` decrypts them, `payload` opens
//! containers, `session` judges message ids and salts, `service` answers the protocol's own messages,
//! `connection` runs one client, `rpc` answers its requests one family a file, and `push` tells it
//! what happens meanwhile. `convert` and `entities` turn the world into TL; the constructors that
//! grow with each layer stand in `literals` alone.
//!
//! Keys are shared beforehand ([`KeyRing::share`]) or agreed on: `handshake`, under the key of
//! `rsa`. An unknown key is answered with transport error 404.

mod connection;
mod convert;
mod entities;
mod envelope;
mod handshake;
mod keys;
mod literals;
mod media;
mod obfuscation;
mod payload;
mod place;
mod probe;
mod push;
mod rpc;
mod rsa;
mod server;
mod service;
mod session;
mod srp;
#[cfg(test)]
mod tests;
mod transport;
mod uploads;

pub use keys::{KeyRing, ScanError};
pub use probe::Probe;
pub use server::serve;

/// The methods that clients may call, by the names of the TL schema, in its order of families.
pub fn methods() -> impl Iterator<Item = &'static str> {
    rpc::constructors()
        .into_iter()
        .map(grammers_tl_types::name_for_id)
}
