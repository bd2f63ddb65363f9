//! Messages passed on to another place.

use std::collections::BTreeMap;

use super::content::Content;
use super::message::{Draft, Forward, Message};
use super::refusal::Refusal;
use super::state::State;

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
    /// Passes messages on in the order of their ids; albums stay together. Ids that do not exist
    /// and service messages are passed over, unless nothing is left. Returns the new ids by the
    /// old ones.
    pub fn forward(
        &mut self,
        from: i64,
        ids: &[i32],
        to: i64,
        by: i64,
        how: Passing,
    ) -> Result<BTreeMap<i32, i32>, Refusal> {
        let source = self.member(from, by)?;
        let messages: BTreeMap<i32, Message> = ids
            .iter()
            .filter_map(|id| source.visible(*id))
            .filter(|message| message.service.is_none())
            .map(|message| (message.id, message.clone()))
            .collect();
        if messages.is_empty() {
            return Err(Refusal::NoSuchMessage);
        }
        if source.protected {
            return Err(Refusal::Protected);
        }
        let mut albums: BTreeMap<i64, i64> = BTreeMap::new();
        let mut made = BTreeMap::new();
        for (id, message) in messages {
            let album = message
                .album
                .map(|album| *albums.entry(album).or_insert_with(|| self.make_number()));
            let draft = draft(message, album, how);
            made.insert(id, self.post(to, by, draft)?);
        }
        Ok(made)
    }
}

fn draft(message: Message, album: Option<i64>, how: Passing) -> Draft {
    let bare = how.drop_captions && (message.file.is_some() || message.content.is_some());
    let (text, entities) = if bare {
        (String::new(), Vec::new())
    } else {
        (message.text, message.entities)
    };
    let content = message.content.map(|content| match content {
        // Votes stay where they were given.
        Content::Poll(mut poll) => {
            poll.id = 0;
            for option in &mut poll.options {
                option.voters.clear();
            }
            Content::Poll(poll)
        }
        other => other,
    });
    let origin = Forward {
        from: Some(message.from),
        name: None,
        date: message.date,
    };
    // Buttons that call back belong to the bot that made them; links may travel.
    let buttons = message
        .buttons
        .into_iter()
        .map(|row| row.into_iter().filter(|it| it.url.is_some()).collect())
        .filter(|row: &Vec<_>| !row.is_empty() && !how.copy)
        .collect();
    Draft {
        topic: how.topic,
        text,
        entities,
        file: message.file,
        content,
        album,
        silent: how.silent,
        buttons,
        forward: (!how.copy).then(|| message.forward.unwrap_or(origin)),
        ..Draft::default()
    }
}
