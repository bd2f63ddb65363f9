//! The Bot API over HTTP, on the same world as MTProto.
//!
//! Method names are compared without case; parameters come in the query, as JSON, urlencoded or
//! multipart. What a bot is shown follows [`super::world::bot_sees`] and nothing else. Errors carry
//! Telegram's codes and words, because clients match on them.

mod api;
mod chats;
mod commands;
mod edit;
mod encode;
mod error;
mod files;
mod html;
mod http;
mod limits;
mod params;
mod send;
mod topics;
mod updates;

pub use api::BotApi;
pub use limits::Limits;

#[cfg(test)]
mod tests;
