//! Bitrix24: the universal methods `crm.item.*` behind an inbound webhook.
//!
//! `params` reads requests as PHP does, `field` knows what leads, deals, contacts and companies
//! have, `filter` what a list may ask for, and `service` is what the network sees.

mod field;
mod filter;
mod params;
mod service;

pub use service::Bitrix24;
