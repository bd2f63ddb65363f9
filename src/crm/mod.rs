//! The CRM beside us: its Topics API, and who a topic's customer is.
//!
//! [`TopicsApi`] asks; what an answer means is decided by pure functions beside it.

mod answer;
mod client;
mod error;

#[cfg(all(test, feature = "emulator"))]
mod tests;

pub use client::TopicsApi;
pub use error::CrmError;
