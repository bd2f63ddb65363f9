//! Personal data, replaced by pseudonyms.
//!
//! What has a form of its own is found by that form: telephone numbers, e-mail addresses, payment
//! cards (Luhn), IBANs (checksum), IP addresses, links that carry a secret, @names. The customer's own
//! names are known from the topic and found in every case and in the other script. The same value has
//! the same pseudonym everywhere, under a [`Key`] that is kept apart. How well it does, and what it
//! cannot do, is in `docs/redaction.md`.

mod find;
#[cfg(test)]
mod judged;
mod key;
mod message;
mod names;
mod redactor;
mod sound;

pub use key::Key;
pub(super) use names::Names;
pub(super) use redactor::{Redactor, person_token};
