//! amoCRM, elsewhere called Kommo: contacts and leads of its API, version 4.
//!
//! `entity` knows what contacts and leads are, `input` reads what is to be written, `grant` hands
//! tokens out, `account` holds everything, and `service` is what the network sees.

mod account;
mod entity;
mod grant;
mod input;
mod service;

pub use service::AmoCrm;
