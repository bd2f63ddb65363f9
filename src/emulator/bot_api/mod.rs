//! The Bot API over HTTP, on the same world as MTProto.
//!
//! Which methods there are, [`methods`] tells. Their names are compared without case; parameters
//! come in the query, as JSON, urlencoded or multipart. What a bot is shown follows
//! [`super::world::bot_sees`] and nothing else; it gets it by polling or by webhook. Errors carry
//! Telegram's codes and words, because clients match on them.

mod album;
mod api;
mod body;
mod chats;
mod commands;
mod deliver;
mod draft;
mod edit;
mod encode;
mod error;
mod files;
mod happenings;
mod html;
mod http;
mod limits;
mod markdown;
mod markup;
mod members;
mod methods;
mod mime;
mod params;
mod pass_on;
mod pins;
mod send;
mod text;
mod topics;
mod updates;
mod webhook;

pub use api::BotApi;
pub use limits::Limits;
pub use methods::methods;

#[cfg(test)]
mod tests;
