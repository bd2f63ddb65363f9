//! Salesforce's REST API: contacts with an external id, upserts, and a little SOQL.
//!
//! `object` knows what a contact is, `soql` reads queries, and `service` is what the network sees.

mod object;
mod service;
mod soql;

pub use service::Salesforce;
