//! The order in which a group's posts leave, without any I/O.
//!
//! Telegram takes about one message a second in a chat and twenty a minute in a group, all topics
//! together. Answers leave in order, texts before documents (which take long to upload, and must
//! not keep `/status` waiting). Edits of progress messages leave when nothing else wants to,
//! only the newest of each message, and at most half of what a minute allows is spent on them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::model::MessageId;

const MINUTE: Duration = Duration::from_secs(60);

/// How much Telegram takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Posts in any 60 seconds.
    pub(super) per_minute: usize,
    /// Least time between two posts.
    pub(super) gap: Duration,
}

/// What travels in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// A text or an edit.
    Text,
    /// A document.
    Document,
}

/// What to do now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next<T> {
    /// Send this; it counts from now on.
    Send(Lane, T),
    /// Ask again then, or when something new comes or ends.
    Wait(Instant),
    /// There is nothing to send, or what there is waits for a busy lane.
    Idle,
}

/// A group's posts that wait.
#[derive(Debug)]
pub(super) struct Line<T> {
    limits: Limits,
    texts: VecDeque<T>,
    documents: VecDeque<T>,
    edits: VecDeque<(MessageId, T)>,
    /// When the posts of the last minute left.
    sent: VecDeque<Instant>,
    held: Option<Instant>,
    text_busy: bool,
    document_busy: bool,
}

impl<T> Line<T> {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits: Limits {
                per_minute: limits.per_minute.max(1),
                ..limits
            },
            texts: VecDeque::new(),
            documents: VecDeque::new(),
            edits: VecDeque::new(),
            sent: VecDeque::new(),
            held: None,
            text_busy: false,
            document_busy: false,
        }
    }

    /// Queues a text or document.
    pub(super) fn push(&mut self, lane: Lane, post: T) {
        match lane {
            Lane::Text => self.texts.push_back(post),
            Lane::Document => self.documents.push_back(post),
        }
    }

    /// Queues an edit; an older one of the same message that still waits is forgotten.
    pub(super) fn push_edit(&mut self, message: MessageId, post: T) {
        match self.edits.iter_mut().find(|(other, _)| *other == message) {
            Some((_, waiting)) => *waiting = post,
            None => self.edits.push_back((message, post)),
        }
    }

    /// Puts back a text or document that was not taken, before all others.
    pub(super) fn again(&mut self, lane: Lane, post: T) {
        match lane {
            Lane::Text => self.texts.push_front(post),
            Lane::Document => self.documents.push_front(post),
        }
    }

    /// Puts back an edit that was not taken, unless a newer one waits by now.
    pub(super) fn edit_again(&mut self, message: MessageId, post: T) {
        if self.edits.iter().all(|(other, _)| *other != message) {
            self.edits.push_front((message, post));
        }
    }

    /// Sends nothing until then: what Telegram's `retry_after` asks for.
    pub(super) fn hold(&mut self, until: Instant) {
        self.held = Some(self.held.map_or(until, |held| held.max(until)));
    }

    /// What was being sent has been sent, or has failed.
    pub(super) fn done(&mut self, lane: Lane) {
        match lane {
            Lane::Text => self.text_busy = false,
            Lane::Document => self.document_busy = false,
        }
    }

    /// What to do now.
    pub(super) fn next(&mut self, now: Instant) -> Next<T> {
        self.sent
            .retain(|sent| now.saturating_duration_since(*sent) < MINUTE);
        let text = !self.text_busy && !self.texts.is_empty();
        let document = !self.document_busy && !self.documents.is_empty();
        let edit = !self.text_busy && !self.edits.is_empty();
        if !text && !document && !edit {
            return Next::Idle;
        }
        let allowance = if text || document {
            self.limits.per_minute
        } else {
            (self.limits.per_minute / 2).max(1)
        };
        let free = self.free_at(allowance);
        if let Some(free) = free
            && free > now
        {
            return Next::Wait(free);
        }
        let (lane, post) = if text {
            (Lane::Text, self.texts.pop_front())
        } else if document {
            (Lane::Document, self.documents.pop_front())
        } else {
            (Lane::Text, self.edits.pop_front().map(|(_, post)| post))
        };
        let Some(post) = post else {
            return Next::Idle;
        };
        match lane {
            Lane::Text => self.text_busy = true,
            Lane::Document => self.document_busy = true,
        }
        self.sent.push_back(now);
        Next::Send(lane, post)
    }

    /// When the next post may leave; `None`: at once.
    fn free_at(&self, allowance: usize) -> Option<Instant> {
        let gap = self.sent.back().map(|last| *last + self.limits.gap);
        let minute = self
            .sent
            .len()
            .checked_sub(allowance)
            .and_then(|oldest| self.sent.get(oldest))
            .map(|sent| *sent + MINUTE);
        [gap, minute, self.held].into_iter().flatten().max()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn line(per_minute: usize) -> Line<&'static str> {
        Line::new(Limits {
            per_minute,
            gap: SECOND,
        })
    }

    /// Sends everything that may leave until the line is empty; (seconds, what).
    fn drain(line: &mut Line<&'static str>, start: Instant) -> Vec<(u64, &'static str)> {
        let mut now = start;
        let mut sent = Vec::new();
        loop {
            match line.next(now) {
                Next::Send(lane, post) => {
                    sent.push((now.duration_since(start).as_secs(), post));
                    line.done(lane);
                }
                Next::Wait(until) => now = until,
                Next::Idle => return sent,
            }
        }
    }

    #[test]
    fn answers_leave_in_order_one_a_second() {
        let mut line = line(20);
        for post in ["a", "b", "c"] {
            line.push(Lane::Text, post);
        }
        assert_eq!(
            drain(&mut line, Instant::now()),
            [(0, "a"), (1, "b"), (2, "c")]
        );
    }

    #[test]
    fn no_minute_sees_more_than_its_share() {
        let mut line = line(3);
        for post in ["a", "b", "c", "d", "e"] {
            line.push(Lane::Text, post);
        }
        assert_eq!(
            drain(&mut line, Instant::now()),
            [(0, "a"), (1, "b"), (2, "c"), (60, "d"), (61, "e")]
        );
    }

    #[test]
    fn only_the_newest_edit_of_a_message_leaves_and_after_all_else() {
        let mut line = line(20);
        line.push_edit(MessageId(7), "7: one");
        line.push_edit(MessageId(8), "8: one");
        line.push_edit(MessageId(7), "7: two");
        line.push(Lane::Text, "text");
        line.push(Lane::Document, "document");
        assert_eq!(
            drain(&mut line, Instant::now()),
            [(0, "text"), (1, "document"), (2, "7: two"), (3, "8: one")]
        );
    }

    #[test]
    fn edits_leave_room_for_answers() {
        let mut line = line(4);
        let start = Instant::now();
        for (number, post) in ["a", "b", "c"].into_iter().enumerate() {
            line.push_edit(MessageId(i32::try_from(number).unwrap_or(0)), post);
        }
        assert_eq!(drain(&mut line, start), [(0, "a"), (1, "b"), (60, "c")]);
    }

    #[test]
    fn a_document_on_its_way_does_not_keep_texts_waiting() {
        let mut line = line(20);
        let start = Instant::now();
        line.push(Lane::Document, "document");
        line.push(Lane::Document, "another");
        assert_eq!(line.next(start), Next::Send(Lane::Document, "document"));
        line.push(Lane::Text, "text");
        assert_eq!(line.next(start + SECOND), Next::Send(Lane::Text, "text"));
        line.done(Lane::Text);
        assert_eq!(line.next(start + 9 * SECOND), Next::Idle);
        line.done(Lane::Document);
        assert_eq!(
            line.next(start + 9 * SECOND),
            Next::Send(Lane::Document, "another")
        );
    }

    #[test]
    fn retry_after_holds_the_whole_group_and_keeps_the_order() {
        let mut line = line(20);
        let start = Instant::now();
        line.push(Lane::Text, "a");
        line.push(Lane::Text, "b");
        let Next::Send(lane, post) = line.next(start) else {
            panic!("nothing to send");
        };
        line.hold(start + 30 * SECOND);
        line.hold(start + 5 * SECOND);
        line.again(lane, post);
        line.done(lane);
        assert_eq!(drain(&mut line, start), [(30, "a"), (31, "b")]);
    }

    #[test]
    fn an_edit_that_failed_does_not_undo_a_newer_one() {
        let mut line = line(20);
        line.push_edit(MessageId(7), "newer");
        line.edit_again(MessageId(7), "older");
        assert_eq!(drain(&mut line, Instant::now()), [(0, "newer")]);
    }
}
