//! A billing service as anybody might have one: accounts with a balance, tariffs that are paid for
//! so many days or months, and the Telegram users that an account belongs to.
//!
//! `money` counts, `account` is what there is, `subscription` sells, and `service` is what the
//! network sees.

mod account;
mod money;
mod service;
mod subscription;

pub use service::Billing;
