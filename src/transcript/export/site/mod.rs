//! A group as an offline site: an index of topics that can be searched, and a page a topic, several
//! where it is long. Nothing is loaded from anywhere; the only script is ours, named by its hash.

mod words;

use std::cell::RefCell;
use std::fmt::Write as _;
use std::io::Write;

use super::Out;
use crate::archive::{Order, Reader};
use crate::i18n::Noun;
use crate::model::{MessageId, TopicId, TopicStatus};
use crate::transcript::choice::Choice;
use crate::transcript::facts::page;
use crate::transcript::html::{Escaped, document, script_policy};
use crate::transcript::pull::Pull;
use crate::transcript::render::{Progress, go_on};
use crate::transcript::run::Run;
use crate::transcript::words::{Labels, topic};
use crate::transcript::writer::{Page, Place, writer_of};
use crate::transcript::{Options, Summary, TranscriptError};
use words::Words;

/// Messages of a page at most: browsers open and search as many at once without a pause.
const PAGE: u64 = 5_000;

const INDEX_SCRIPT: &str = include_str!("index.js");
pub(in crate::transcript) const PAGE_SCRIPT: &str = include_str!("page.js");
pub(in crate::transcript) const STYLE: &str = include_str!("index.css");

/// What the index says of a topic.
struct Line {
    id: TopicId,
    messages: u64,
    first: i64,
    last: i64,
}

/// Writes the site.
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
    let mut words = Words::default();
    let mut lines: Vec<Line> = Vec::new();
    let mut current: Option<Run<'_>> = None;
    choice.feed(reader, &options, &mut |snapshot| {
        let message = &snapshot.message;
        let same = page.single.get() == Some(message.topic) && !lines.is_empty();
        let mut run = match current.take() {
            Some(run) if same && run.written() < PAGE => run,
            before => {
                let goes_on = same && before.is_some();
                if let Some(run) = before {
                    page.go_on(goes_on);
                    whole.add_page(&run.end()?, goes_on);
                }
                if !goes_on {
                    lines.push(Line {
                        id: message.topic,
                        messages: 0,
                        first: message.date,
                        last: message.date,
                    });
                }
                begin(message.topic, message.id, goes_on, &page, &options, out)?
            }
        };
        let number = u32::try_from(lines.len().saturating_sub(1)).unwrap_or(u32::MAX);
        run.push_and(snapshot, &mut |shown| {
            words.push(number, &shown.message.text);
        })?;
        if let Some(line) = lines.last_mut() {
            line.messages += 1;
            line.first = line.first.min(message.date);
            line.last = line.last.max(message.date);
        }
        let written = whole.messages + run.written();
        current = Some(run);
        go_on(&failure, written, progress)
    })?;
    if let Some(run) = current {
        page.go_on(false);
        whole.add_page(&run.end()?, false);
    }
    page.single.set(None);
    index(&page, &lines, &words, &whole, out)?;
    Ok(whole)
}

/// Begins a page of a topic.
fn begin<'p>(
    topic: TopicId,
    first: MessageId,
    goes_on: bool,
    page: &'p Page<'p>,
    options: &'p Options,
    out: &mut Out<'_>,
) -> Result<Run<'p>, TranscriptError> {
    page.single.set(Some(topic));
    let name = {
        let mut place = page.place.borrow_mut();
        let place = place.get_or_insert_with(Place::default);
        if !goes_on {
            place.firsts.clear();
        }
        place.firsts.push(first);
        place.goes_on = false;
        place.file(topic, place.firsts.len())
    };
    let sheet = out.begin(&format!("topics/{name}"))?;
    let writer = writer_of(options.format, page)?;
    let mut run = Run::new(page, &options.roles, writer, Box::new(sheet));
    run.begin()?;
    Ok(run)
}

/// The index of topics, the one that spoke last first.
fn index(
    page: &Page<'_>,
    lines: &[Line],
    words: &Words,
    whole: &Summary,
    out: &mut Out<'_>,
) -> Result<(), TranscriptError> {
    let labels = Labels::of(&page.language);
    let group = page.title.clone();
    let group = group.unwrap_or_else(|| format!("{} {}", labels.group, page.group));
    let mut html = String::new();
    document(
        &mut html,
        labels,
        &group,
        &script_policy(INDEX_SCRIPT),
        STYLE,
    );
    let _ = write!(
        html,
        "<main class=\"site\"><header class=\"top\"><p>{}</p></header><h1 dir=\"auto\">{}</h1>\n\
         <form class=\"find\" role=\"search\" hidden><input type=\"search\" name=\"q\" \
         placeholder=\"{search}\" aria-label=\"{search}\" autocomplete=\"off\"><output></output></form>\n",
        labels.transcript,
        Escaped(&group),
        search = labels.search,
    );
    if words.full {
        let _ = writeln!(html, "<p class=\"meta\">{}</p>", labels.search_in_part);
    }
    let _ = write!(
        html,
        "<table><thead><tr><th>{}</th><th></th><th>{}</th><th>{}</th><th>{}</th></tr></thead>\n<tbody>\n",
        labels.topic, labels.messages, labels.first, labels.last
    );
    let mut order: Vec<(usize, &Line)> = lines.iter().enumerate().collect();
    order.sort_by_key(|(_, line)| (std::cmp::Reverse(line.last), line.id));
    for (number, line) in order {
        row(&mut html, page, labels, number, line);
    }
    let _ = write!(
        html,
        "</tbody></table>\n<footer class=\"end\"><p>{} · {}</p><p>topicvault</p></footer></main>\n\
         <script type=\"application/json\" id=\"words\">",
        labels.spoken.count(whole.topics, Noun::Topic),
        labels.spoken.count(whole.messages, Noun::Message),
    );
    let mut sheet = out.begin("index.html")?;
    sheet.write_all(html.as_bytes())?;
    words.write(&mut sheet)?;
    write!(
        sheet,
        "</script>\n<script>{INDEX_SCRIPT}</script>\n</body>\n</html>\n"
    )?;
    Ok(())
}

fn row(html: &mut String, page: &Page<'_>, labels: &Labels, number: usize, line: &Line) {
    let known = page.facts.topic(line.id);
    let title = match &known {
        Some(known) => topic::title(known, labels),
        None => format!("{} {}", labels.topic, line.id),
    };
    let status = known.map_or(TopicStatus::Open, |known| known.status);
    let day = |at: i64| {
        let at = page.local(at).map(|at| labels.spoken.day(at.date()));
        at.unwrap_or_default()
    };
    let file = Place::default().file(line.id, 1);
    let _ = writeln!(
        html,
        "<tr data-n=\"{number}\"><td dir=\"auto\"><a href=\"topics/{file}\">{}</a></td><td>{}</td>\
         <td>{}</td><td>{}</td><td>{}</td></tr>",
        Escaped(&title),
        labels.status(status),
        line.messages,
        Escaped(&day(line.first)),
        Escaped(&day(line.last)),
    );
}
