//! A segment as a stream of messages, sorted by topic and id.

use std::collections::VecDeque;

use rusqlite::Connection;

use crate::archive::codec::{Cursor, Frame, Record};
use crate::archive::error::Fault;
use crate::archive::frames::{Frames, in_frame};

/// A run that was read whole.
#[derive(Clone, Copy, Debug)]
pub(super) struct Used {
    pub(super) number: i64,
    pub(super) topic: i32,
    pub(super) last_id: i32,
}

/// How much of a frame is gone now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) frame: i64,
    /// Runs that were gone before.
    pub(super) before: usize,
    /// Runs that are gone now, and the topic of the first one left; `None`: all.
    pub(super) left: Option<(usize, i32)>,
}

/// A frame that is being read.
#[derive(Debug)]
struct Open {
    number: i64,
    frame: Frame,
    /// Runs that are gone, as far as the archive knows.
    gone: usize,
    slot: usize,
    cursor: Cursor,
    /// Messages of the run that were read.
    read: usize,
    last_id: i32,
}

/// The frames of a segment, one of which is unpacked.
#[derive(Debug)]
pub(super) struct Stream {
    frames: VecDeque<(i64, usize)>,
    open: Option<Open>,
    next: Option<(i32, Record)>,
    used: Vec<Used>,
    taken: Vec<Taken>,
}

impl Stream {
    /// Over frames, given by number and by how many of their runs are gone.
    pub(super) fn new(frames: VecDeque<(i64, usize)>) -> Self {
        Self {
            frames,
            open: None,
            next: None,
            used: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Topic and id of the next message.
    pub(super) fn place(&self) -> Option<(i32, i32)> {
        let (topic, record) = self.next.as_ref()?;
        Some((*topic, record.id))
    }

    /// Whether no run is half read.
    pub(super) fn is_at_rest(&self) -> bool {
        self.open.as_ref().is_none_or(|open| open.read <= 1)
    }

    /// Takes the next message.
    pub(super) fn take(&mut self) -> Option<(i32, Record)> {
        self.next.take()
    }

    /// Reads the next message, unless that was done or there is none.
    pub(super) fn fill(&mut self, conn: &Connection, frames: &mut Frames) -> Result<(), Fault> {
        while self.next.is_none() {
            let Some(open) = &mut self.open else {
                let Some((number, gone)) = self.frames.pop_front() else {
                    return Ok(());
                };
                let frame = frames.load(conn, number)?;
                let cursor = frame.cursor(gone).map_err(in_frame(number))?;
                self.open = Some(Open {
                    number,
                    gone,
                    slot: gone,
                    cursor,
                    read: 0,
                    last_id: 0,
                    frame,
                });
                continue;
            };
            let topic = open.cursor.topic();
            let damaged = in_frame(open.number);
            if let Some(record) = open.cursor.next(&open.frame).map_err(&damaged)? {
                open.read += 1;
                open.last_id = record.id;
                self.next = Some((topic, record));
                return Ok(());
            }
            self.used.push(Used {
                number: open.number + i64::try_from(open.slot).unwrap_or(i64::MAX),
                topic,
                last_id: open.last_id,
            });
            open.slot += 1;
            open.read = 0;
            if open.slot < open.frame.heads().len() {
                open.cursor = open.frame.cursor(open.slot).map_err(&damaged)?;
            } else {
                self.taken.push(Taken {
                    frame: open.number,
                    before: open.gone,
                    left: None,
                });
                self.open = None;
            }
        }
        Ok(())
    }

    /// What was read whole since the last call.
    pub(super) fn drain(&mut self, used: &mut Vec<Used>, taken: &mut Vec<Taken>) {
        used.append(&mut self.used);
        taken.append(&mut self.taken);
        if let Some(open) = &mut self.open
            && open.slot > open.gone
        {
            taken.push(Taken {
                frame: open.number,
                before: open.gone,
                left: Some((open.slot, open.cursor.topic())),
            });
            open.gone = open.slot;
        }
    }
}
