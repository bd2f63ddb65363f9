//! Telegram in: the userbot's session, login, live updates, reconciliation, conversion.

mod account;
mod allow;
mod clock;
mod convert;
mod error;
mod flood;
mod heal;
mod link;
mod live;
mod login;
mod progress;
mod run;
mod session;
mod tap;
mod target;
mod userbot;
mod watchdog;

pub use account::Me;
pub use allow::{CONNECTION, LOGIN, READING};
pub use error::CaptureError;
pub use login::{LoginPrompt, login, session_path};
pub use progress::Progress;
pub use session::SessionError;
pub use userbot::Userbot;
