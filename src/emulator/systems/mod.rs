//! Outside systems that a support desk works with: local servers that behave as the real ones are
//! documented, limits, paging and errors included. For the demo, the tests, and whoever writes a
//! connector.
//!
//! They are judges, so they are stricter than what they stand for: whatever the documentation does
//! not allow is refused in the system's own words. Nothing of the product is in them.
//!
//! A request comes in over a `line` that can be cut, is written down in the [`Journal`], meets its
//! [`Fault`] if one waits for it, and is served by its system, which counts it against its `pace`
//! and goes by the common [`Clock`]. [`Systems`] puts all of that on one port; [`SystemsFacts`] has
//! the addresses and secrets.

mod amocrm;
mod answer;
mod billing;
mod bitrix24;
mod call;
mod clock;
mod facts;
mod faults;
mod front;
mod google;
mod ids;
mod journal;
mod line;
mod notion;
mod pace;
mod salesforce;
#[expect(clippy::module_inception, reason = "it holds `Systems`")]
mod systems;

pub use amocrm::AmoCrm;
pub use billing::Billing;
pub use bitrix24::Bitrix24;
pub use clock::Clock;
pub use facts::{
    AmoCrmFacts, AmoCrmFields, BillingFacts, Bitrix24Facts, GoogleFacts, NotionFacts,
    SalesforceFacts, SystemsFacts,
};
pub use faults::{Fault, FaultQueue};
pub use google::{Google, Quotas};
pub use journal::{Journal, Received};
pub use notion::Notion;
pub use pace::Limit;
pub use salesforce::Salesforce;
pub use systems::{Each, Systems};

#[cfg(test)]
mod tests;
