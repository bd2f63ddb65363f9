//! From the archive through a writer into one stream.

use std::cell::RefCell;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;

use super::choice::Choice;
use super::facts::page;
use super::run::Run;
use super::writer::writer_of;
use super::{Options, Summary, TranscriptError};
use crate::archive::{ArchiveError, Reader};

/// Hears the number of messages written so far and may stop the work.
pub type Progress<'a> = dyn FnMut(u64) -> ControlFlow<()> + 'a;

/// Renders to `out`, in constant memory; `progress` hears the number of messages written so far
/// and may stop it.
///
/// # Errors
/// Where the archive cannot be read, `out` cannot be written, or `progress` breaks.
pub fn render(
    reader: &Reader,
    options: &Options,
    out: &mut dyn Write,
    progress: &mut Progress<'_>,
) -> Result<Summary, TranscriptError> {
    let failure = RefCell::new(None);
    let choice = Choice::new(reader, options)?;
    let page = page(reader, options, &failure)?;
    let buffered = Box::new(BufWriter::with_capacity(1 << 16, out));
    let writer = writer_of(options.format, &page)?;
    let mut run = Run::new(&page, &options.roles, writer, buffered);
    run.begin()?;
    choice.feed(reader, options, &mut |snapshot| {
        run.push(snapshot)?;
        go_on(&failure, run.written(), progress)
    })?;
    run.end()
}

/// Whether to write the next message.
pub(super) fn go_on(
    failure: &RefCell<Option<ArchiveError>>,
    written: u64,
    progress: &mut Progress<'_>,
) -> Result<(), TranscriptError> {
    if let Some(error) = failure.take() {
        return Err(error.into());
    }
    match progress(written) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(TranscriptError::Stopped),
    }
}
