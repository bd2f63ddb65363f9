//! Makes conversations of the messages of topics.

use std::cell::RefCell;

use super::TrainingOptions;
use super::counter::{Counter, Placed, TOKENIZER};
use super::near::Near;
use super::outlet::Outlet;
use super::sample::Sample;
use super::session::{Session, placeholder, side};
use super::tally::{Reason, Report, Tally};
use super::{dataset, page};
use crate::archive::{Order, Reader};
use crate::model::{Customer, MessageId, Snapshot, TopicId};
use crate::transcript::choice::Choice;
use crate::transcript::export::{Layout, Out};
use crate::transcript::facts;
use crate::transcript::language::{self, primary};
use crate::transcript::pull::{Pull, digest};
use crate::transcript::redact::{Key, Names, Redactor};
use crate::transcript::render::{Progress, go_on};
use crate::transcript::role::resolve;
use crate::transcript::writer::Page;
use crate::transcript::{Options, Summary, TranscriptError};

/// Makes an export to train on, group by group.
pub(in crate::transcript) struct Trainer {
    training: TrainingOptions,
    key: Key,
    redactor: Redactor,
    /// Languages that are wanted; empty: all.
    languages: Vec<String>,
    least_turns: usize,
    near: Option<Near>,
    counter: Counter,
    outlet: Outlet,
    tally: Tally,
    title: Option<String>,
}

/// The topic that is being read.
struct Topic {
    id: TopicId,
    customer: Option<Customer>,
    /// Evenly spread, the same for all topics of a customer.
    number: u64,
    pseudonym: String,
    names: Names,
    session: Session,
    /// What the customer wrote in the session.
    written: language::Sample,
}

/// What is new since the last export of the same name.
struct News<'a> {
    pull: &'a Pull,
    /// A session with something said after this may go on.
    since: i64,
}

impl Trainer {
    pub(in crate::transcript) fn new(
        options: &Options,
        layout: &Layout,
        out: &mut Out<'_>,
    ) -> Result<Self, TranscriptError> {
        let key = options.redact.clone().ok_or(TranscriptError::NoKey)?;
        let wanted = options.filter.languages.iter();
        Ok(Self {
            redactor: Redactor::new(key.clone()),
            key,
            languages: wanted.map(|tag| primary(tag)).collect(),
            least_turns: (options.filter.min_turns as usize).max(2),
            near: options.training.near.map(Near::new),
            counter: Counter::new()?,
            outlet: Outlet::new(options.format, layout, out)?,
            tally: Tally::new(options, TOKENIZER),
            training: options.training.clone(),
            title: None,
        })
    }

    /// Takes in a group.
    pub(in crate::transcript) fn group(
        &mut self,
        reader: &Reader,
        options: &Options,
        pull: Option<&Pull>,
        out: &mut Out<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<Summary, TranscriptError> {
        // What was said last may go on: such a session is left for the next time.
        let newest = reader.stats()?.dates.map(|(_, last)| last);
        let news = pull.map(|pull| News {
            pull,
            since: newest
                .unwrap_or(i64::MAX)
                .saturating_sub(self.training.silence),
        });
        let news = news.as_ref();
        // Sessions are cut out of whole topics. What is personal must be known to be found.
        let options = Options {
            order: Order::Topic,
            redact: None,
            ..options.clone()
        };
        let failure = RefCell::new(None);
        let choice = Choice::new(reader, &options)?;
        self.redactor.meet(reader)?;
        let page = facts::page(reader, &options, &failure)?;
        self.title = self.title.take().or_else(|| page.title.clone());
        let mut summary = Summary::default();
        let mut current: Option<Topic> = None;
        choice.feed(reader, &options, &mut |snapshot| {
            let id = snapshot.message.topic;
            let mut topic = match current.take() {
                Some(topic) if topic.id == id => topic,
                before => {
                    if let Some(mut topic) = before {
                        self.end(&mut topic, &page, news, out)?;
                    }
                    summary.topics += 1;
                    self.topic(id, &page)
                }
            };
            self.push(
                &mut topic,
                snapshot,
                &page,
                &options,
                news,
                &mut summary,
                out,
            )?;
            current = Some(topic);
            go_on(&failure, summary.messages, progress)
        })?;
        if let Some(mut topic) = current {
            self.end(&mut topic, &page, news, out)?;
        }
        Ok(summary)
    }

    fn topic(&self, id: TopicId, page: &Page<'_>) -> Topic {
        let customer = page.facts.customer(id);
        let title = page.facts.topic(id).map(|topic| topic.title);
        let title = title.unwrap_or_default();
        let names = self
            .redactor
            .names(page.group, id, customer.as_ref(), &title);
        let pseudonym = names.pseudonym().to_string();
        Topic {
            id,
            number: self.key.number("split", pseudonym.as_bytes()),
            pseudonym,
            names,
            customer,
            session: Session::default(),
            written: language::Sample::default(),
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one caller, and each is another thing"
    )]
    fn push(
        &mut self,
        topic: &mut Topic,
        snapshot: &Snapshot,
        page: &Page<'_>,
        options: &Options,
        news: Option<&News<'_>>,
        summary: &mut Summary,
        out: &mut Out<'_>,
    ) -> Result<(), TranscriptError> {
        let message = &snapshot.message;
        let kind_of = |person| page.people.kind(person);
        let resolved = resolve(message, &options.roles, page.group, &kind_of);
        summary.take(message.id, resolved.sure);
        let Some(desk) = side(resolved.role) else {
            self.tally.without_messages(resolved.role.name(), 1);
            return Ok(());
        };
        if snapshot.deleted_at.is_some() {
            self.tally.without_messages("deleted", 1);
            return Ok(());
        }
        if topic
            .session
            .ends_before(message.date, self.training.silence)
        {
            self.end(topic, page, news, out)?;
        }
        let media = message.media.as_ref().and_then(|it| placeholder(it.kind));
        let text = self
            .redactor
            .text(&message.text, &message.entities, &topic.names);
        let text = text.trim();
        let whole = match media {
            None => std::borrow::Cow::Borrowed(text),
            Some(media) if text.is_empty() => media.into(),
            Some(media) => format!("{media}\n{text}").into(),
        };
        if whole.is_empty() {
            self.tally.without_messages("empty", 1);
            return Ok(());
        }
        if !desk {
            topic.written.push(&message.text);
        }
        if let Some(news) = news {
            let digest = digest(snapshot);
            topic.session.fresh |= news.pull.is_new(message.id, digest);
            topic.session.had.push((message.id, digest));
        }
        topic.session.unsure |= !resolved.sure;
        topic.session.push(message, desk, &whole);
        Ok(())
    }

    /// Ends the session that is being read.
    fn end(
        &mut self,
        topic: &mut Topic,
        page: &Page<'_>,
        news: Option<&News<'_>>,
        out: &mut Out<'_>,
    ) -> Result<(), TranscriptError> {
        let mut session = std::mem::take(&mut topic.session);
        let written = std::mem::take(&mut topic.written);
        if session.is_empty() {
            return Ok(());
        }
        if let Some(news) = news {
            let reason = if !session.fresh {
                Some(Reason::NotNew)
            } else if session.ended() > news.since {
                Some(Reason::GoesOn)
            } else {
                None
            };
            if let Some(reason) = reason {
                self.tally.without(reason);
                return Ok(());
            }
            // Had, whether it is written or left out: neither is to come again.
            for (id, digest) in session.had.drain(..) {
                news.pull.mark(id, digest);
            }
        }
        let (leading, trailing) = session.trim();
        self.tally
            .without_messages("desk_before_the_customer", leading.into());
        self.tally
            .without_messages("customer_after_the_desk", trailing.into());
        let known = topic
            .customer
            .as_ref()
            .and_then(|it| it.language.as_deref());
        let language = written.language(known);
        let first = session.first.unwrap_or(MessageId(0));
        let reason = if session.turns.len() < self.least_turns {
            Some(Reason::TooShort)
        } else if session.unsure {
            Some(Reason::Unsure)
        } else if !self.is_wanted(language.as_deref()) {
            Some(Reason::Language)
        } else if self
            .near
            .as_mut()
            .is_some_and(|near| near.repeats(&session.turns))
        {
            Some(Reason::Repeats)
        } else {
            None
        };
        if let Some(reason) = reason {
            self.tally.without(reason);
            return Ok(());
        }
        let sample = self.sample(topic, session, language, first, page)?;
        let split = self.training.splits.of(topic.number);
        let counted = self.counter.push((split, topic.number, sample));
        self.write(counted, out)
    }

    /// Writes what is counted.
    fn write(&mut self, counted: Vec<Placed>, out: &mut Out<'_>) -> Result<(), TranscriptError> {
        for (split, customer, sample) in counted {
            self.tally.sample(&sample, split, customer);
            self.outlet.write(split, &sample, out)?;
        }
        Ok(())
    }

    fn is_wanted(&self, language: Option<&str>) -> bool {
        self.languages.is_empty()
            || language.is_some_and(|it| self.languages.iter().any(|wanted| wanted == it))
    }

    fn sample(
        &self,
        topic: &Topic,
        session: Session,
        language: Option<String>,
        first: MessageId,
        page: &Page<'_>,
    ) -> Result<Sample, TranscriptError> {
        let date = page.local(session.started).map(|at| at.date().to_string());
        let system = match &self.training.system {
            None => None,
            Some(prompt) => Some(
                prompt
                    .of(
                        page.title.as_deref().unwrap_or_default(),
                        language.as_deref(),
                        &date.unwrap_or_default(),
                    )
                    .map_err(TranscriptError::System)?,
            ),
        };
        let id = [page.group.bare(), topic.id.0.into(), first.0.into()];
        let id = id.map(i64::to_le_bytes).concat();
        Ok(Sample {
            id: self.key.pseudonym("session", &id).to_string(),
            group: page.group,
            customer: topic.pseudonym.clone(),
            language,
            started: session.started,
            system,
            turns: session.turns,
            tokens: 0,
        })
    }

    /// Ends the files and writes what was made of what beside them.
    pub(in crate::transcript) fn finish(
        mut self,
        options: &Options,
        layout: &Layout,
        out: &mut Out<'_>,
    ) -> Result<Report, TranscriptError> {
        let left = self.counter.finish();
        self.write(left, out)?;
        let splits = self.outlet.end()?;
        let report = self.tally.finish(self.redactor.replaced());
        let title = self.title.unwrap_or_default();
        page::write(&report, &title, layout, options, out)?;
        if options.format == crate::transcript::Format::Dataset {
            dataset::describe(&report, &title, &splits, out)?;
        }
        Ok(report)
    }
}
