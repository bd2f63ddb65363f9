//! Messages passed on to another place.

use std::collections::BTreeMap;

use super::content::Content;
use super::group::Group;
use super::message::{Draft, Forward, Message};
use super::refusal::Refusal;
use super::state::State;
use super::visibility::may_read;

/// How messages are passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passing {
    /// The topic that they go to; 0 and 1 both mean General.
    pub topic: i32,
    /// As one's own, without a word on where they come from: a copy.
    pub copy: bool,
    /// Files and the like without their captions.
    pub drop_captions: bool,
    /// Without a sound.
    pub silent: bool,
}

impl State {
    /// Passes messages on in the order of their ids; albums stay together. Ids that do not exist,
    /// service messages and what a bot is not shown are passed over, unless nothing is left. All
    /// are passed on, or none. Returns the new ids by the old ones.
    pub fn forward(
        &mut self,
        from: i64,
        ids: &[i32],
        to: i64,
        by: i64,
        how: Passing,
    ) -> Result<BTreeMap<i32, i32>, Refusal> {
        let source = self.member(from, by)?;
        let mut drafts = BTreeMap::new();
        for message in ids.iter().filter_map(|id| source.visible(*id)) {
            if message.service.is_some() || !may_read(self, by, message) {
                continue;
            }
            let draft = Draft {
                topic: how.topic,
                silent: how.silent,
                album: message.album,
                ..Draft::default()
            };
            drafts.insert(message.id, passed_on(source, message, how, draft)?);
        }
        if drafts.is_empty() {
            return Err(Refusal::NoSuchMessage);
        }
        for draft in drafts.values() {
            let carries = draft.file.is_some() || draft.content.is_some();
            self.may_post(to, by, draft, carries)?;
        }
        let mut albums: BTreeMap<i64, i64> = BTreeMap::new();
        let mut made = BTreeMap::new();
        for (id, mut draft) in drafts {
            draft.album = draft
                .album
                .map(|album| *albums.entry(album).or_insert_with(|| self.make_number()));
            made.insert(id, self.post(to, by, draft)?);
        }
        Ok(made)
    }
}

/// A draft that carries on what a message of `place` has.
pub fn passed_on(
    place: &Group,
    message: &Message,
    how: Passing,
    draft: Draft,
) -> Result<Draft, Refusal> {
    if message.service.is_some() {
        return Err(Refusal::NoSuchMessage);
    }
    if place.protected || message.protected {
        return Err(Refusal::Protected);
    }
    let bare = how.drop_captions && (message.file.is_some() || message.content.is_some());
    let (text, entities) = if bare {
        (String::new(), Vec::new())
    } else {
        (message.text.clone(), message.entities.clone())
    };
    let content = message.content.clone().map(|content| match content {
        // Another poll: votes stay where they were given, and a copy is open again.
        Content::Poll(mut poll) => {
            poll.id = 0;
            poll.closed &= !how.copy;
            for option in &mut poll.options {
                option.voters.clear();
            }
            Content::Poll(poll)
        }
        other => other,
    });
    let origin = message.forward.clone().unwrap_or(Forward {
        from: Some(message.from),
        name: None,
        date: message.date,
    });
    // Buttons that call back belong to the bot that made them; links travel with a forward.
    let links = message.buttons.iter().map(|row| {
        let links = row.iter().filter(|button| button.url.is_some());
        links.cloned().collect::<Vec<_>>()
    });
    let buttons = if how.copy {
        draft.buttons
    } else {
        links.filter(|row| !row.is_empty()).collect()
    };
    Ok(Draft {
        text,
        entities,
        file: message.file,
        content,
        buttons,
        forward: (!how.copy).then_some(origin),
        ..draft
    })
}
