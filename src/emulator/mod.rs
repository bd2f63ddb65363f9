//! The built-in Telegram: one [`world`] with two faces, [`mtproto`] and the [`bot_api`], and a
//! [`crm`] that behaves as the real one. For the demo, the tests, and anyone without network or
//! account.
//!
//! [`server`] puts the parts together. The [`scenario`] says who is there, makes up their past and
//! plays what they do next; [`truth`] tells what really happened, and [`control`] lets programs
//! outside ask for it, play along and let things go wrong ([`faults`]). Beside it stand outside
//! [`systems`] that a desk works with.

pub mod bot_api;
pub mod control;
pub mod crm;
mod facts;
pub mod faults;
mod hint;
pub mod image;
pub mod mtproto;
pub mod scenario;
pub mod server;
pub mod systems;
pub mod text;
pub mod truth;
pub mod world;
pub mod worldfile;
