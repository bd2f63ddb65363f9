//! Notion's API: one database with one data source of customers; a second one can be added.
//!
//! `property` knows what may stand in a property, `page` how everything is told, `filter` what a query
//! may ask for, and `service` is what the network sees.

mod filter;
mod page;
mod property;
mod service;

pub use service::Notion;
pub(super) use service::VERSION;
