//! The built-in Telegram: one [`world`] with two faces, [`mtproto`] and the Bot API, and a CRM
//! that behaves as the real one. For the demo, the tests, and anyone without network or account.

pub mod faults;
pub mod mtproto;
pub mod server;
pub mod text;
pub mod world;
