//! From the archive through a writer into a file.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::{BufWriter, Write};
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::mpsc;
use std::thread;

use super::people::People;
use super::role::resolve;
use super::writer::{Entry, Facts, Page, TopicHead, TranscriptWriter, writer_of};
use super::{Options, Summary, TranscriptError};
use crate::archive::{ArchiveError, Order, Reader, Selection};
use crate::config::RoleRules;
use crate::model::{Customer, MessageId, Person, PersonId, Snapshot, Topic, TopicId, TopicStatus};

/// Messages that the reading thread hands over together.
const LOT: usize = 512;
/// How many lots may wait to be written.
const WAITING: usize = 4;

/// Renders to `out`, in constant memory; `progress` hears the number of messages written so far
/// and may stop it.
///
/// # Errors
/// Where the archive cannot be read, `out` cannot be written, or `progress` breaks.
pub fn render(
    reader: &Reader,
    options: &Options,
    out: &mut dyn Write,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Summary, TranscriptError> {
    let single = match options.selection.topics.as_slice() {
        [topic] => Some(*topic),
        _ => None,
    };
    let mut people = People::default();
    reader.each_person(&mut |person| people.push(&person))?;
    let failure = RefCell::new(None);
    let archive = Archive {
        reader,
        selection: &options.selection,
        failure: &failure,
    };
    let page = Page {
        group: reader.group(),
        title: reader.title()?,
        people,
        single,
        order: options.order,
        timezone: options.timezone.clone(),
        language: options.language.clone(),
        facts: Box::new(archive),
    };
    let mut buffered = BufWriter::with_capacity(1 << 16, out);
    let writer = writer_of(options.format, &page);
    let mut run = Run::new(&page, &options.roles, writer, &mut buffered);
    run.begin()?;
    let progress = &mut |written| {
        if failure.borrow().is_some() {
            return ControlFlow::Break(());
        }
        progress(written)
    };
    let written = write(reader, options, &mut run, progress);
    if let Some(error) = failure.take() {
        return Err(error.into());
    }
    written?;
    let summary = run.end()?;
    buffered.flush()?;
    Ok(summary)
}

/// Writes what is selected.
fn write(
    reader: &Reader,
    options: &Options,
    run: &mut Run<'_>,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<(), TranscriptError> {
    match options.last {
        None => stream(reader, options, 1..=i32::MAX, run, progress),
        Some(count) => match (run.page.single, &options.selection) {
            (
                Some(topic),
                Selection {
                    since: None,
                    until: None,
                    skip_deleted: true,
                    ..
                },
            ) => {
                for snapshot in reader.last(topic, count)? {
                    run.push(&snapshot)?;
                    if progress(run.summary.messages).is_break() {
                        return Err(TranscriptError::Stopped);
                    }
                }
                Ok(())
            }
            (_, selection) => match newest(reader, selection, count)? {
                Some(ids) => stream(reader, options, ids, run, progress),
                None => Ok(()),
            },
        },
    }
}

/// The archive as a transcript asks it. Where it cannot be read, the first reason is kept.
struct Archive<'a> {
    reader: &'a Reader,
    selection: &'a Selection,
    failure: &'a RefCell<Option<ArchiveError>>,
}

impl Archive<'_> {
    fn known<T: Default>(&self, found: Result<T, ArchiveError>) -> T {
        found.unwrap_or_else(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            T::default()
        })
    }
}

impl Facts for Archive<'_> {
    fn message(&self, id: MessageId, topic: TopicId) -> Option<Snapshot> {
        // A reply to what cannot be read is written without a preview.
        let found = self.reader.message_near(id, Some(topic));
        found.ok().flatten()
    }

    fn person(&self, id: PersonId) -> Option<Person> {
        self.known(self.reader.person(id))
    }

    fn topic(&self, id: TopicId) -> Option<Topic> {
        self.known(self.reader.topic(id))
    }

    fn each_topic(&self, each: &mut dyn FnMut(Topic)) {
        let chosen = &self.selection.topics;
        self.known(self.reader.each_topic(&mut |topic| {
            if chosen.is_empty() || chosen.contains(&topic.id) {
                each(topic);
            }
        }));
    }

    fn customer(&self, topic: TopicId) -> Option<Customer> {
        self.known(self.reader.customer(topic))
    }
}

/// Between which ids the newest `count` messages of the selection lie. Only ids are kept, so
/// that the messages themselves are streamed whatever `count` is.
fn newest(
    reader: &Reader,
    selection: &Selection,
    count: usize,
) -> Result<Option<RangeInclusive<i32>>, TranscriptError> {
    if count == 0 {
        return Ok(None);
    }
    let mut ids: VecDeque<i32> = VecDeque::new();
    reader.read(selection, Order::Id, &mut |snapshot| {
        if ids.len() == count {
            ids.pop_front();
        }
        ids.push_back(snapshot.message.id.0);
        ControlFlow::Continue(())
    })?;
    Ok(ids
        .front()
        .zip(ids.back())
        .map(|(&first, &last)| first..=last))
}

/// Streams the selection's messages with ids in `ids` through the run.
fn stream(
    reader: &Reader,
    options: &Options,
    ids: RangeInclusive<i32>,
    run: &mut Run<'_>,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<(), TranscriptError> {
    let mut each = |snapshot: &Snapshot| {
        if ids.contains(&snapshot.message.id.0) {
            run.push(snapshot)?;
            if progress(run.summary.messages).is_break() {
                return Err(TranscriptError::Stopped);
            }
        }
        Ok(())
    };
    // A topic is read before a thread has begun.
    if options.selection.topics.len() != 1 {
        return read_ahead(reader.another()?, options, &mut each);
    }
    let mut failure = None;
    reader.read(
        &options.selection,
        options.order,
        &mut |snapshot| match each(&snapshot) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failure = Some(error);
                ControlFlow::Break(())
            }
        },
    )?;
    failure.map_or(Ok(()), Err)
}

/// Reads on a thread of its own while what was read is written. Lots go back when they are written:
/// memory is given back by the thread that took it, which is much cheaper.
fn read_ahead(
    reader: Reader,
    options: &Options,
    each: &mut dyn FnMut(&Snapshot) -> Result<(), TranscriptError>,
) -> Result<(), TranscriptError> {
    let (sender, receiver) = mpsc::sync_channel::<Vec<Snapshot>>(WAITING);
    let (back, written) = mpsc::channel::<Vec<Snapshot>>();
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut lot = Vec::with_capacity(LOT);
            reader.read(&options.selection, options.order, &mut |snapshot| {
                lot.push(snapshot);
                if lot.len() < LOT {
                    return ControlFlow::Continue(());
                }
                let mut next = written.try_recv().unwrap_or_default();
                next.clear();
                next.reserve(LOT);
                match sender.send(std::mem::replace(&mut lot, next)) {
                    Ok(()) => ControlFlow::Continue(()),
                    Err(_) => ControlFlow::Break(()),
                }
            })?;
            // Nobody receives it where writing failed.
            let _ = sender.send(lot);
            Ok(())
        });
        // Dropping the receiver ends the reading where writing fails.
        let result = receiver.into_iter().try_for_each(|lot| {
            lot.iter().try_for_each(&mut *each)?;
            // Nobody takes it where reading has come to its end.
            let _ = back.send(lot);
            Ok(())
        });
        let read = reading
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        result.and(read)
    })
}

/// Heads of topics that are remembered where topics are interleaved.
const HEADS: usize = 4_096;

/// One transcript being written: gives each message its role and topic and counts.
pub(super) struct Run<'a> {
    page: &'a Page<'a>,
    rules: &'a RoleRules,
    writer: Box<dyn TranscriptWriter + 'a>,
    out: &'a mut dyn Write,
    current: Option<TopicHead>,
    /// Heads of interleaved topics, so that few are looked up twice.
    heads: HashMap<TopicId, TopicHead>,
    topics: HashSet<TopicId>,
    summary: Summary,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        page: &'a Page<'a>,
        rules: &'a RoleRules,
        writer: Box<dyn TranscriptWriter + 'a>,
        out: &'a mut dyn Write,
    ) -> Self {
        Self {
            page,
            rules,
            writer,
            out,
            current: None,
            heads: HashMap::new(),
            topics: HashSet::new(),
            summary: Summary::default(),
        }
    }

    /// Writes what stands before all messages; the head of a single topic too, so that it shows
    /// even where the topic has no message.
    pub(super) fn begin(&mut self) -> Result<(), TranscriptError> {
        self.writer.preamble(self.out)?;
        if let Some(topic) = self.page.single {
            let head = self.head(topic);
            self.writer.topic(self.out, &head)?;
            self.current = Some(head);
        }
        Ok(())
    }

    /// Writes the next message.
    pub(super) fn push(&mut self, snapshot: &Snapshot) -> Result<(), TranscriptError> {
        let topic = snapshot.message.topic;
        let id = snapshot.message.id.0;
        let kind_of = |person: PersonId| self.page.people.kind(person);
        let resolved = resolve(&snapshot.message, self.rules, self.page.group, &kind_of);
        let current = self.current.take();
        // Most messages follow one of the same topic.
        if current
            .as_ref()
            .is_none_or(|head| head.topic.id != topic || self.topics.is_empty())
            && self.topics.insert(topic)
        {
            self.summary.topics += 1;
        }
        let head = match current {
            Some(head) if head.topic.id == topic => head,
            previous if self.page.interleaved() => {
                if self.heads.len() == HEADS {
                    self.heads.clear();
                }
                if let Some(previous) = previous {
                    self.heads.insert(previous.topic.id, previous);
                }
                match self.heads.remove(&topic) {
                    Some(head) => head,
                    None => self.head(topic),
                }
            }
            _ => {
                let head = self.head(topic);
                self.writer.topic(self.out, &head)?;
                head
            }
        };
        let entry = Entry {
            snapshot,
            role: resolved.role,
            topic: &head,
        };
        self.writer.message(self.out, entry)?;
        self.current = Some(head);
        self.summary.messages += 1;
        self.summary.unsure += u64::from(!resolved.sure);
        self.summary.ids = Some(match self.summary.ids {
            None => (id, id),
            Some((first, last)) => (first.min(id), last.max(id)),
        });
        Ok(())
    }

    /// Writes what stands behind all messages.
    pub(super) fn end(mut self) -> Result<Summary, TranscriptError> {
        self.writer.postamble(self.out, &self.summary)?;
        Ok(self.summary)
    }

    /// A topic's facts; a topic of which only messages are known gets an empty title.
    fn head(&self, topic: TopicId) -> TopicHead {
        let facts = &self.page.facts;
        let unknown = || Topic {
            id: topic,
            title: String::new(),
            status: TopicStatus::Open,
            hidden: false,
            created: None,
        };
        if !self.writer.shows_topics() {
            return TopicHead {
                topic: unknown(),
                customer: None,
            };
        }
        TopicHead {
            topic: facts.topic(topic).unwrap_or_else(unknown),
            customer: facts.customer(topic),
        }
    }
}
