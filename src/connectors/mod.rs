//! Connectors: outside systems as data.
//!
//! A connector is a TOML file that says where a system is, how it knows us, how fast it may be
//! asked, and what can be done there: *actions*, each a list of *steps* (a request, what is taken
//! from its answer, when to stop) and a reply. Nothing in Rust knows any system; the presets are
//! files like anyone's own.
//!
//! `written` is the file as serde reads it; `build` makes of it a [`Connector`] (`definition`), in
//! which every template (`template`), JSON body (`json`), argument (`arguments`) and name (`names`)
//! has been checked. A [`Live`] connector carries out an [`Action`] (`run`) through a client
//! (`client`) that keeps the system's pace, logs in (`login`, `google`) and asks again
//! where that does no harm. Whatever goes wrong is a [`Failure`]: one sentence for the operator,
//! the details for the log.

mod address;
mod arguments;
mod build;
mod catalogue;
mod client;
mod context;
mod definition;
mod failure;
mod filters;
mod google;
mod json;
mod login;
mod markup;
mod memory;
mod names;
pub mod presets;
mod problem;
mod rehearsal;
mod run;
mod secrets;
mod spot;
mod step;
mod template;
#[cfg(test)]
mod tests;
mod wire;
mod written;

pub use arguments::{Grammar, Misfit};
pub use catalogue::{Catalogue, CatalogueError, fingerprint};
pub use context::{Context, Operator, roots as values};
pub use definition::{Action, Connector, Say};
pub use failure::{Cause, Failure};
pub use filters::escaped;
pub use markup::Markup;
pub use memory::Memory;
pub use problem::Problem;
pub use rehearsal::{RehearsedAction, RehearsedStep};
pub use run::{Live, Outcome, Until};
pub use spot::Spot;
pub use template::TemplateError;
