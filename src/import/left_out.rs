//! Records that cannot be read.

use super::Options;
use super::error::{ImportError, Place};

/// Those that are listed; there may be millions.
const LISTED: usize = 100;

/// Records that were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct LeftOut {
    /// The first hundred.
    pub bad: Vec<Bad>,
    /// How many there were.
    pub bad_count: u64,
}

/// A record that was left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Bad {
    /// Its line.
    pub line: u64,
    /// Bytes before it.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

impl LeftOut {
    /// Notes a record that cannot be read, or refuses it.
    pub(super) fn add(
        &mut self,
        options: &Options,
        place: Place,
        what: String,
    ) -> Result<(), ImportError> {
        if !options.skip_bad {
            return Err(ImportError::Record { place, what });
        }
        self.bad_count += 1;
        if self.bad.len() < LISTED {
            self.bad.push(Bad {
                line: place.line,
                offset: place.offset,
                what,
            });
        }
        Ok(())
    }
}
