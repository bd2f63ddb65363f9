//! From the archive to whoever takes its messages.

use std::collections::VecDeque;
use std::ops::{ControlFlow, RangeInclusive};
use std::sync::mpsc;
use std::thread;

use super::{Options, TranscriptError};
use crate::archive::{Order, Reader, Selection};
use crate::model::Snapshot;

/// Messages that the reading thread hands over together.
const LOT: usize = 512;
/// How many lots may wait to be written.
const WAITING: usize = 4;

/// What takes the messages, one by one.
pub(super) type Each<'a> = dyn FnMut(&Snapshot) -> Result<(), TranscriptError> + 'a;

/// Hands over what is selected and `keep` wants, in order; nothing but ids is held of the rest.
pub(super) fn feed(
    reader: &Reader,
    options: &Options,
    keep: Option<&dyn Fn(&Snapshot) -> bool>,
    each: &mut Each<'_>,
) -> Result<(), TranscriptError> {
    let all = keep.is_none();
    let keep = |snapshot: &Snapshot| keep.is_none_or(|keep| keep(snapshot));
    let each = &mut |snapshot: &Snapshot| match keep(snapshot) {
        true => each(snapshot),
        false => Ok(()),
    };
    let Some(count) = options.last else {
        return stream(reader, options, 1..=i32::MAX, each);
    };
    let selection = &options.selection;
    let everything_of_it =
        all && selection.since.is_none() && selection.until.is_none() && selection.skip_deleted;
    match selection.topics.as_slice() {
        [topic] if everything_of_it => reader.last(*topic, count)?.iter().try_for_each(each),
        _ => match newest(reader, selection, count, &keep)? {
            Some(ids) => stream(reader, options, ids, each),
            None => Ok(()),
        },
    }
}

/// Between which ids the newest `count` messages of the selection lie. Only ids are kept, so
/// that the messages themselves are streamed whatever `count` is.
fn newest(
    reader: &Reader,
    selection: &Selection,
    count: usize,
    keep: &dyn Fn(&Snapshot) -> bool,
) -> Result<Option<RangeInclusive<i32>>, TranscriptError> {
    if count == 0 {
        return Ok(None);
    }
    let mut ids: VecDeque<i32> = VecDeque::new();
    reader.read(selection, Order::Id, &mut |snapshot| {
        if !keep(&snapshot) {
            return ControlFlow::Continue(());
        }
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

/// Streams the selection's messages with ids in `ids`.
fn stream(
    reader: &Reader,
    options: &Options,
    ids: RangeInclusive<i32>,
    each: &mut Each<'_>,
) -> Result<(), TranscriptError> {
    let each = &mut |snapshot: &Snapshot| match ids.contains(&snapshot.message.id.0) {
        true => each(snapshot),
        false => Ok(()),
    };
    // A topic is read before a thread has begun.
    if options.selection.topics.len() != 1 {
        return read_ahead(reader.another()?, options, each);
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
    each: &mut Each<'_>,
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
