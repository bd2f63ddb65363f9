//! The catalogue of what the product says to people, in English, German and Russian.
//!
//! A [`Phrase`] is something to say, with its figures in it; [`Language::say`] says it. Each
//! language is one exhaustive `match`, so a phrase that lacks a translation does not compile.
//! Numbers, sizes, spans and dates are written as the language writes them ([`Language::number`]
//! and its neighbours); counted nouns come in the plural form that the number asks for.

mod came;
mod dates;
mod english;
mod german;
mod language;
mod numbers;
mod phrase;
mod russian;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use came::Came;
pub use language::Language;
pub use numbers::Noun;
pub use phrase::Phrase;
