//! A file a topic.

use std::cell::RefCell;

use super::Out;
use crate::archive::{Order, Reader};
use crate::model::TopicId;
use crate::transcript::choice::Choice;
use crate::transcript::facts::page;
use crate::transcript::file_name::topic_file;
use crate::transcript::pull::Pull;
use crate::transcript::render::{Progress, go_on};
use crate::transcript::run::Run;
use crate::transcript::writer::{Page, writer_of};
use crate::transcript::{Options, Summary, TranscriptError};

/// Writes each topic that has a message chosen into a file of its own.
pub(super) fn write(
    reader: &Reader,
    options: &Options,
    pull: Option<&Pull>,
    out: &mut Out<'_>,
    progress: &mut Progress<'_>,
) -> Result<Summary, TranscriptError> {
    let options = Options {
        order: Order::Topic,
        ..options.clone()
    };
    let failure = RefCell::new(None);
    let choice = Choice::new(reader, &options)?.since(pull);
    let page = page(reader, &options, &failure)?;
    let mut whole = Summary::default();
    let mut current: Option<(TopicId, Run<'_>)> = None;
    choice.feed(reader, &options, &mut |snapshot| {
        let topic = snapshot.message.topic;
        let mut run = match current.take() {
            Some((same, run)) if same == topic => run,
            before => {
                if let Some((_, run)) = before {
                    whole.add(&run.end()?);
                }
                begin(topic, &page, &options, out)?
            }
        };
        run.push(snapshot)?;
        let written = whole.messages + run.written();
        current = Some((topic, run));
        go_on(&failure, written, progress)
    })?;
    if let Some((_, run)) = current {
        whole.add(&run.end()?);
    }
    Ok(whole)
}

fn begin<'p>(
    topic: TopicId,
    page: &'p Page<'p>,
    options: &'p Options,
    out: &mut Out<'_>,
) -> Result<Run<'p>, TranscriptError> {
    page.single.set(Some(topic));
    let title = page.facts.topic(topic).map(|topic| topic.title);
    let name = topic_file(topic, &title.unwrap_or_default(), options.format);
    let sheet = out.begin(&name)?;
    let writer = writer_of(options.format, page)?;
    let mut run = Run::new(page, &options.roles, writer, Box::new(sheet));
    run.begin()?;
    Ok(run)
}
