//! The CRM beside the desk, as far as the group notices it.
//!
//! It copies what customers write into their topics, through its bot or through one relay account,
//! and passes on to the customer what people answer there, unless it is a note or a command. Its
//! list of deliveries is the ground truth for "nothing of ours reached a customer".

mod delivered;
mod desk;
mod topics_api;

pub use delivered::Delivered;
pub use desk::{Crm, Relay};
pub use topics_api::{ApiKeys, PATH as TOPICS_API_PATH};

#[cfg(test)]
mod tests;
