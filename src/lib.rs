//! topicvault: never lose a customer conversation.
//!
//! A support desk runs in a Telegram forum supergroup, one topic per customer. A CRM bot copies the
//! customers' messages in; operators answer. Bots cannot see each other's messages, so an ordinary
//! bot is blind to what the customers wrote. topicvault puts a user account beside the bot: the
//! *userbot* sees what a member sees, and what it sees is kept.
//!
//! # The way data flows
//!
//! One direction, from Telegram into the archive and from the archive to whoever wants to know:
//!
//! ```text
//! Telegram ──capture──▶ archive (the log) ──┬─▶ bot          operators in the topic
//! CRM ──────── crm ───▶                     ├─▶ transcript   files for people and tools
//! files ────── import ▶                     └─▶ cli          search, sql, stats, export
//! ```
//!
//! Nothing shortcuts it. What the [`bot`] posts reaches the archive by returning through Telegram,
//! and what a transcript shows has been read from the archive. That is why one comparison, archive
//! against group, can judge the whole product: the [`demo`] makes it at the end of every run.
//!
//! # The parts
//!
//! - [`model`] is the vocabulary: ids, people, topics, messages, media, events. Plain data. A
//!   [`model::Message`] is one version as one source observed it; who its author *is* to the desk
//!   (customer, operator, note …) is resolved on reading and never stored.
//! - [`capture`] speaks MTProto with grammers. It keeps its own session, logs in, follows updates,
//!   and, because updates can be missed in more ways than one, reconciles message ids with history
//!   after every start, reconnection and doubt. Conversion from Telegram's types is pure and total.
//!   Only reading methods can be called; the compiler keeps the list.
//! - [`archive`] is one SQLite file a group. Events are appended in one transaction with their
//!   source's position; duplicates are no-ops, edits are versions, deletions are marks. Recent
//!   messages are rows; older ones are packed, many topics together, into compressed columns, and
//!   compaction joins a topic's messages and folds in what came later. An index of words finds them
//!   again, and virtual tables answer SQL. *Coverage* knows of every message id whether it was captured, deleted, empty, or is unknown.
//! - [`import`] takes files: Telegram Desktop's exports, straight into compressed columns, and our own
//!   JSON Lines.
//! - [`transcript`] resolves roles by rules and renders: HTML for people, Telegram Desktop's JSON
//!   for tools, lossless JSON Lines for ourselves.
//! - [`bot`] serves operators with teloxide. Commands are data; answers are *notes*, a type that
//!   cannot be built without the prefix that keeps it from customers; a queue per group keeps
//!   Telegram's limits.
//! - [`crm`] asks the CRM who a topic's customer is. [`connectors`] speak to outside systems, each of
//!   them described by a file.
//! - [`metrics`] counts, for whoever watches the service.
//! - [`config`], [`i18n`] and [`cli`] are the edges; [`app`] wires everything and shuts it down in
//!   the order in which data flows; [`steps`] names the places where a crash is interesting, and
//!   the tests kill the service at each; [`memory`] keeps the
//!   allocator modest, and [`pace`] what we ask of others.
//! - [`emulator`] is a Telegram in a box: one world with two faces, MTProto and the Bot API, and a
//!   CRM that behaves as the real one. It imports nothing of the product but ids, so that it can
//!   judge it, and runs alone for anyone who writes bots or clients.
//!
//! `docs/architecture.md` has the table of who may import whom, which a test keeps.

pub mod app;
pub mod archive;
pub mod bot;
pub mod capture;
pub mod cli;
pub mod config;
pub mod connectors;
pub mod crm;
#[cfg(feature = "emulator")]
pub mod demo;
#[cfg(feature = "emulator")]
pub mod emulator;
pub mod i18n;
pub mod import;
pub mod memory;
pub mod metrics;
pub mod model;
pub mod pace;
pub mod steps;
pub mod transcript;

/// The Rust programs of the page compile.
#[cfg(all(doctest, feature = "emulator"))]
#[doc = include_str!("../docs/emulator.md")]
pub struct EmulatorPage;
