//! Votes.

use super::change::What;
use super::content::Content;
use super::refusal::Refusal;
use super::state::State;

impl State {
    /// Votes in a poll, or takes the vote back with no options.
    pub fn vote(&mut self, group: i64, by: i64, id: i32, options: &[usize]) -> Result<(), Refusal> {
        let place = self.member(group, by)?;
        let message = place.visible(id).ok_or(Refusal::NoSuchMessage)?;
        let Some(Content::Poll(poll)) = &message.content else {
            return Err(Refusal::NoPoll);
        };
        if poll.closed {
            return Err(Refusal::PollClosed);
        }
        if options.iter().any(|option| *option >= poll.options.len()) {
            return Err(Refusal::NoSuchOption);
        }
        if options.len() > 1 && !poll.multiple {
            return Err(Refusal::NoSuchOption);
        }
        let voted = poll.voters().contains(&by);
        if voted && (poll.correct.is_some() || !options.is_empty()) {
            return Err(Refusal::AlreadyVoted);
        }
        let Some(message) = self.message_mut(group, id) else {
            return Err(Refusal::NoSuchMessage);
        };
        if let Some(Content::Poll(poll)) = &mut message.content {
            for (at, option) in poll.options.iter_mut().enumerate() {
                if options.contains(&at) {
                    option.voters.insert(by);
                } else {
                    option.voters.remove(&by);
                }
            }
        }
        let message = message.without_past();
        let options = options.to_vec();
        let what = What::Voted {
            message,
            by,
            options,
        };
        self.record(group, 0, what);
        Ok(())
    }

    /// Closes one's own poll for good; that is an edit of its message.
    pub fn close_poll(&mut self, group: i64, by: i64, id: i32) -> Result<(), Refusal> {
        let now = self.now();
        let place = self.member(group, by)?;
        let message = place.visible(id).ok_or(Refusal::NoSuchMessage)?;
        let Some(Content::Poll(poll)) = &message.content else {
            return Err(Refusal::NoPoll);
        };
        if message.from != by {
            return Err(Refusal::NotTheAuthor);
        }
        if poll.closed {
            return Err(Refusal::PollClosed);
        }
        let Some(message) = self.message_mut(group, id) else {
            return Err(Refusal::NoSuchMessage);
        };
        if let Some(Content::Poll(poll)) = &mut message.content {
            poll.closed = true;
        }
        message.edit_date = Some(now);
        let message = message.without_past();
        self.record(group, 1, What::Edited(message));
        Ok(())
    }
}
