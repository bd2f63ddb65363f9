//! A group's past: topics and messages, one after the other.

use std::collections::BTreeMap;

use super::error::Problem;
use super::format::{NewGroup, NewMessage};
use super::names::Names;
use super::plan::{Happening, plan};
use crate::emulator::control::Made;
use crate::emulator::scenario::Cast;
use crate::emulator::world::{Draft, Refusal, Standing, State};

/// Bytes of all files in a world, at most.
const FILES: usize = 512 * 1024 * 1024;

/// A group's past, being told.
pub(super) struct Telling<'a> {
    cast: &'a Cast,
    names: &'a Names,
    group: &'a NewGroup,
    id: i64,
    owner: i64,
    /// Topics by their place in the file.
    topics: BTreeMap<usize, i32>,
    /// Messages by their keys.
    keys: BTreeMap<&'a str, i32>,
    /// Messages to be deleted in the end: who wrote which, and when it goes.
    gone: Vec<(i64, i32, i64)>,
    now: i64,
    files: &'a mut usize,
}

impl<'a> Telling<'a> {
    /// That of a group which is there already; `files` counts the bytes of all files.
    pub(super) fn new(
        state: &State,
        cast: &'a Cast,
        names: &'a Names,
        (group, id): (&'a NewGroup, i64),
        files: &'a mut usize,
    ) -> Self {
        Self {
            cast,
            names,
            group,
            id,
            owner: state.group(id).map_or(0, |group| group.owner),
            topics: BTreeMap::new(),
            keys: BTreeMap::new(),
            gone: Vec::new(),
            now: state.now(),
            files,
        }
    }

    pub(super) fn tell(&mut self, state: &mut State) -> Result<(), Problem> {
        let group = self.group;
        let began = state.group(self.id).map_or(0, |group| group.created);
        if began > self.now {
            let words = format!("{:?} was `created` after the world's `clock`", group.title);
            return Err(Problem::new(words).at(&group.title));
        }
        for (date, happening) in plan(group, began, self.now) {
            if date > self.now {
                return Err(self.too_late(happening));
            }
            match happening {
                Happening::Opened(at) => self.open(state, at, date)?,
                Happening::Said(at, message) => self.say(state, at, message, date)?,
                Happening::Closed(at) => {
                    let topic = self.topics.get(&at).copied().unwrap_or_default();
                    state
                        .edit_topic(self.id, self.owner, topic, None, Some(true), Some(date))
                        .map_err(|refusal| refused(refusal, &group.title))?;
                }
            }
        }
        for (at, topic) in group
            .topics
            .iter()
            .enumerate()
            .filter(|(_, topic)| topic.pinned)
        {
            let id = self.topics.get(&at).copied().unwrap_or_default();
            state
                .pin_topic(self.id, self.owner, id, true)
                .map_err(|refusal| refused(refusal, &topic.title))?;
        }
        for (author, message, date) in std::mem::take(&mut self.gone) {
            state
                .delete_at(self.id, author, &[message], Some(date))
                .map_err(|refusal| refused(refusal, ""))?;
        }
        for (names, standing) in [
            (&group.restricted, Standing::Restricted),
            (&group.banned, Standing::Banned),
        ] {
            for name in names {
                let user = self.names.account(name)?;
                state
                    .set_standing(self.id, self.owner, user, standing)
                    .map_err(|refusal| refused(refusal, &name.to_string()))?;
            }
        }
        Ok(())
    }

    /// What happens after the world's clock.
    fn too_late(&self, happening: Happening<'_>) -> Problem {
        let what = match happening {
            Happening::Opened(at) | Happening::Closed(at) => {
                let topic = self.group.topics.get(at);
                let title = topic.map_or("", |topic| &topic.title);
                format!("topic {title:?}")
            }
            Happening::Said(_, message) => self.which(message),
        };
        let words = format!(
            "{what} of {:?} has a date after the world's `clock` (the time now unless given): \
             nothing can have happened later",
            self.group.title
        );
        let problem = Problem::new(words);
        match happening {
            Happening::Said(_, message) if !message.text.is_empty() => problem.at(&message.text),
            _ => problem.at(&self.group.title),
        }
    }

    /// A message, for people who look for it in the file.
    fn which(&self, message: &NewMessage) -> String {
        let at = |list: &[NewMessage]| list.iter().position(|one| std::ptr::eq(one, message));
        if let Some(at) = at(&self.group.messages) {
            return format!("message {}", at + 1);
        }
        let mut topics = self.group.topics.iter().enumerate();
        let found = topics.find_map(|(place, topic)| Some((place, at(&topic.messages)?)));
        found.map_or_else(
            || "a message".to_owned(),
            |(topic, at)| format!("message {} in topic {}", at + 1, topic + 1),
        )
    }

    /// Whether customers' messages come through the relay here.
    fn relays(&self) -> bool {
        self.cast.author != 0 && self.cast.group == self.id
    }

    fn open(&mut self, state: &mut State, at: usize, date: i64) -> Result<(), Problem> {
        let Some(topic) = self.group.topics.get(at) else {
            return Ok(());
        };
        let customer = topic.customer.as_ref().map(|name| self.names.account(name));
        let customer = customer.transpose()?;
        let by = match (&topic.by, customer) {
            (Some(name), _) => self.names.account(name)?,
            (None, Some(_)) if self.relays() => self.cast.author,
            _ => self.owner,
        };
        state.add_member(self.id, by, false);
        let title = match customer.and_then(|id| state.user(id)) {
            Some(user) if topic.title.is_empty() => user.name(),
            _ => topic.title.clone(),
        };
        if title.trim().is_empty() {
            let words = format!(
                "a topic of {:?} has neither `title` nor `customer`",
                self.group.title
            );
            return Err(Problem::new(words).at(&self.group.title));
        }
        let id = state
            .create_topic(self.id, by, &title, customer, Some(date))
            .map_err(|refusal| refused(refusal, &title))?;
        self.topics.insert(at, id);
        Ok(())
    }

    fn say(
        &mut self,
        state: &mut State,
        at: Option<usize>,
        message: &'a NewMessage,
        date: i64,
    ) -> Result<(), Problem> {
        if message.text.trim().is_empty() && message.media.is_none() {
            let words = format!(
                "{} of {:?}, from {}, has neither `text` nor `media`",
                self.which(message),
                self.group.title,
                message.from
            );
            return Err(Problem::new(words).at(&self.group.title));
        }
        let from = self.names.account(&message.from)?;
        let topic = at.and_then(|at| self.topics.get(&at)).copied().unwrap_or(1);
        let place = state.group(self.id);
        let customer = place.and_then(|place| place.topics.get(&topic)?.customer);
        let inside = place.is_some_and(|place| place.members.contains(&from));
        let from = if customer == Some(from) && self.relays() && !inside {
            self.cast.author
        } else {
            state.add_member(self.id, from, false);
            from
        };
        let reply_to = message.reply_to.as_ref().map(|key| {
            self.keys.get(key.as_str()).copied().ok_or_else(|| {
                let words = format!(
                    "`reply_to = {key:?}` is not the `key` of an earlier message of the same group"
                );
                Problem::new(words).at(key)
            })
        });
        let mut draft = Draft {
            topic,
            text: message.text.clone(),
            reply_to: reply_to.transpose()?,
            album: message.album,
            silent: message.silent,
            date: Some(date),
            ..Draft::default()
        };
        if let Some(media) = message.media.clone() {
            let made = media.made(state);
            match made.map_err(|refused| Problem::new(refused.description).at(&message.text))? {
                Made::File(file) => {
                    *self.files = self.files.saturating_add(file.bytes.len());
                    if *self.files > FILES {
                        let words = format!("all files together are larger than {FILES} bytes");
                        return Err(Problem::new(words));
                    }
                    draft.file = Some(state.add_file(file));
                }
                Made::Content(content) => draft.content = Some(content),
            }
        }
        let failed = |refusal| refused(refusal, &message.text);
        let id = state.post(self.id, from, draft).map_err(failed)?;
        if let Some(key) = &message.key
            && self.keys.insert(key, id).is_some()
        {
            let words = format!("two messages of a group have the key {key:?}");
            return Err(Problem::new(words).at(key));
        }
        let mut later = date;
        for text in &message.edits {
            later = (later + 60).min(self.now.max(later));
            let draft = Draft {
                text: text.clone(),
                date: Some(later),
                ..Draft::default()
            };
            let edited = state.edit(self.id, from, id, draft);
            edited.map_err(|refusal| refused(refusal, text))?;
        }
        for reaction in &message.reactions {
            let by = self.names.account(&reaction.by)?;
            state.add_member(self.id, by, false);
            let reacted = state.react(self.id, by, id, &[&reaction.emoji]);
            reacted.map_err(|refusal| refused(refusal, &reaction.emoji))?;
        }
        if message.pinned {
            state.pinned_before(self.id, id);
        }
        if message.deleted {
            self.gone
                .push((from, id, (later + 60).min(self.now.max(later))));
        }
        Ok(())
    }
}

/// A refusal of the world in the file's words.
fn refused(refusal: Refusal, text: &str) -> Problem {
    let words = match refusal {
        Refusal::Empty => "needs `text`, `media` or a `title`".to_owned(),
        Refusal::TooLong => "is longer than 4,096 characters (1,024 below media)".to_owned(),
        Refusal::NotModified => "is said to change without being different".to_owned(),
        Refusal::NoSuchReaction => "is no emoji that people can react with".to_owned(),
        Refusal::TooManyReactions => "is more than one reaction of one person".to_owned(),
        Refusal::TooManyPins => "is one pinned topic too many: five at most".to_owned(),
        Refusal::OwnerStays => "owns the group, which cannot be changed".to_owned(),
        other => format!("cannot be: Telegram would answer {other}"),
    };
    let short: String = text.chars().take(40).collect();
    Problem::new(format!("{short:?} {words}")).at(text)
}
