//! The CRM beside us: its Topics API, and who a topic's customer is.
//!
//! [`Crm`] is what the rest of the product knows of it; [`TopicsApi`] is the one that there is. What
//! an answer means is decided by pure functions beside it.

mod answer;
mod client;
mod error;
mod info;

#[cfg(all(test, feature = "emulator"))]
mod tests;

pub use client::TopicsApi;
pub use error::CrmError;
pub use info::{Asked, Crm, Status, TopicInfo};

use std::sync::Arc;

use crate::config::CrmConfig;

/// The CRM that the configuration names, if it names one.
///
/// # Errors
/// Where its address or a key cannot be used.
pub fn connect(config: &CrmConfig) -> Result<Option<Arc<dyn Crm>>, CrmError> {
    let api = TopicsApi::new(config)?;
    Ok(api.map(|api| Arc::new(api) as Arc<dyn Crm>))
}
