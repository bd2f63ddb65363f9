//! What reached customers.

use serde::Serialize;

/// A message that the CRM passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivered {
    /// Who got it.
    pub customer: i64,
    /// The topic it was written in.
    pub topic: i32,
    /// Its id there.
    pub message_id: i32,
    /// Who wrote it.
    pub from: i64,
    /// Text or caption.
    pub text: String,
    /// Name of its file; the kind of file where it has no name.
    pub file: Option<String>,
    /// When, Unix seconds of the world's clock.
    pub at: i64,
}
