//! Google's token endpoint for service accounts, and the values of a spreadsheet.
//!
//! `grant` checks what a service account signs, `a1` reads ranges, `sheet` holds cells, `quota`
//! counts, and `service` is what the network sees.

mod a1;
mod grant;
mod quota;
mod service;
mod sheet;

pub use quota::Quotas;
pub use service::Google;
