//! Telegram in: the userbot's session, login, live updates, reconciliation, conversion.

mod account;
mod allow;
mod clock;
mod convert;
mod error;
mod flood;
mod link;
mod login;
mod progress;
mod session;
mod userbot;

pub use account::Me;
pub use allow::{CONNECTION, LOGIN, READING};
pub use error::CaptureError;
pub use login::{LoginPrompt, login, session_path};
pub use progress::Progress;
pub use session::SessionError;
pub use userbot::Userbot;
