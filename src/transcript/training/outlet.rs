//! Where conversations go: one file, or one for each split.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::chat;
use super::dataset::{self, Conversations};
use super::options::Split;
use super::sample::Sample;
use crate::transcript::Format;
use crate::transcript::export::{Layout, Out, Sheet};

/// The files of an export. Those of a split are made with its first conversation: readers take
/// neither a file without rows nor one that is not there.
pub(super) struct Outlet {
    format: Format,
    /// The only file, where there is one.
    whole: Option<Sheet>,
    splits: BTreeMap<Split, Place>,
}

enum Place {
    Lines(Sheet),
    Rows(Box<Conversations>, Sheet),
}

impl Outlet {
    pub(super) fn new(format: Format, layout: &Layout, out: &mut Out<'_>) -> io::Result<Self> {
        let whole = match layout {
            Layout::File(name) => Some(out.begin(name)?),
            Layout::ByTopic | Layout::Folder => None,
        };
        Ok(Self {
            format,
            whole,
            splits: BTreeMap::new(),
        })
    }

    pub(super) fn write(
        &mut self,
        split: Split,
        sample: &Sample,
        out: &mut Out<'_>,
    ) -> io::Result<()> {
        if let Some(sheet) = &mut self.whole {
            return chat::line(self.format, sample, sheet);
        }
        if !self.splits.contains_key(&split) {
            let place = match self.format {
                Format::Dataset => {
                    let sheet = out.begin(&dataset::file(split))?;
                    Place::Rows(Box::new(Conversations::new()?), sheet)
                }
                format => {
                    let name = format!("{}.{}", split.name(), format.extension());
                    Place::Lines(out.begin(&name)?)
                }
            };
            self.splits.insert(split, place);
        }
        match self.splits.get_mut(&split) {
            Some(Place::Lines(sheet)) => chat::line(self.format, sample, sheet),
            Some(Place::Rows(rows, sheet)) => rows.push(sample, sheet),
            None => Ok(()),
        }
    }

    /// Ends the files; which splits have one.
    pub(super) fn end(self) -> io::Result<Vec<Split>> {
        let mut written = Vec::new();
        for (split, place) in self.splits {
            if let Place::Rows(mut rows, mut sheet) = place {
                rows.end(&mut sheet)?;
            }
            written.push(split);
        }
        if let Some(mut whole) = self.whole {
            whole.flush()?;
        }
        Ok(written)
    }
}
