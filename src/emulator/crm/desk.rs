//! Between customers and topics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::delivered::Delivered;
use super::topics_api::ApiKeys;
use crate::emulator::scenario::Cast;
use crate::emulator::world::{
    Change, Draft, Message, Refusal, State, What, World, addressed_command,
};

/// How customers' messages reach the topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Relay {
    /// Through the CRM's bot: hidden from other bots.
    #[default]
    Bot,
    /// Through one relay user account.
    User,
}

/// The CRM. Clones share it.
#[derive(Clone, Debug)]
pub struct Crm(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: World,
    cast: Cast,
    keys: ApiKeys,
    book: Mutex<Book>,
}

#[derive(Debug)]
struct Book {
    /// How far the world's log was read.
    cursor: usize,
    delivered: Vec<Delivered>,
}

impl Crm {
    /// Works at a world's desk from now on; what is past was delivered long ago.
    #[must_use]
    pub fn new(world: World, cast: Cast) -> Self {
        let cursor = world.read(|state| state.log().len());
        let keys = world.read(ApiKeys::of);
        let book = Book {
            cursor,
            delivered: Vec::new(),
        };
        Self(Arc::new(Inner {
            world,
            cast,
            keys,
            book: Mutex::new(book),
        }))
    }

    /// The secrets of its Topics API.
    #[must_use]
    pub fn keys(&self) -> &ApiKeys {
        &self.0.keys
    }

    pub(super) fn world(&self) -> &World {
        &self.0.world
    }

    pub(super) fn cast(&self) -> &Cast {
        &self.0.cast
    }

    /// Everything that reached customers, in order.
    #[must_use]
    pub fn delivered(&self) -> Vec<Delivered> {
        let mut book = self.book();
        self.0.world.read(|state| {
            for change in state.log().get(book.cursor..).unwrap_or_default() {
                // Edits of what was delivered are not delivered again.
                if let What::Posted(message) = &change.what
                    && let Some(customer) = self.recipient(change, message)
                {
                    book.delivered.push(Delivered {
                        customer,
                        topic: message.topic,
                        message_id: message.id,
                        from: message.from,
                        text: message.text.clone(),
                        file: file_name(state, message),
                        at: change.at,
                    });
                }
            }
            book.cursor = state.log().len();
        });
        book.delivered.clone()
    }

    /// The customer to whom a message is passed on.
    fn recipient(&self, change: &Change, message: &Message) -> Option<i64> {
        let cast = self.cast();
        let seen = match cast.relay {
            Relay::Bot => change.read_by(cast.author),
            Relay::User => message.from != cast.author,
        };
        let internal = message.service.is_some()
            || message.text.starts_with("/ ")
            || addressed_command(&message.text).is_some();
        if message.group != cast.group || !seen || internal {
            return None;
        }
        change.customer
    }

    /// A customer writes: posts it in their topic, which is opened or reopened where needed.
    /// Returns topic and message id.
    pub fn customer_says(&self, customer: i64, draft: Draft) -> Result<(i32, i32), Refusal> {
        self.0
            .world
            .write(|state| self.customer_posts(state, customer, draft))
    }

    /// [`Crm::customer_says`] for whoever holds the world already.
    pub(in crate::emulator) fn customer_posts(
        &self,
        state: &mut State,
        customer: i64,
        draft: Draft,
    ) -> Result<(i32, i32), Refusal> {
        let cast = self.cast();
        // Before a topic is opened for it: in General, the same holds of all but the place.
        let general = Draft {
            topic: 1,
            ..draft.clone()
        };
        let carries = draft.file.is_some() || draft.content.is_some();
        state.may_post(cast.group, cast.author, &general, carries)?;
        let topic = topic_of(state, cast, customer, draft.date)?;
        let draft = Draft { topic, ..draft };
        Ok((topic, state.post(cast.group, cast.author, draft)?))
    }

    /// A customer changes what they wrote.
    pub fn customer_edits(&self, message_id: i32, text: &str) -> Result<(), Refusal> {
        let cast = self.cast();
        let draft = Draft {
            text: text.to_owned(),
            ..Draft::default()
        };
        self.0
            .world
            .write(|state| state.edit(cast.group, cast.author, message_id, draft))
    }

    /// A customer takes back what they wrote.
    pub fn customer_deletes(&self, message_id: i32) -> Result<(), Refusal> {
        let cast = self.cast();
        self.0
            .world
            .write(|state| state.delete(cast.group, cast.author, &[message_id]))
            .map(drop)
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The customer's topic, open.
fn topic_of(
    state: &mut State,
    cast: &Cast,
    customer: i64,
    date: Option<i64>,
) -> Result<i32, Refusal> {
    let group = state.group(cast.group).ok_or(Refusal::NoSuchGroup)?;
    let known = group
        .topics
        .values()
        .rev()
        .find(|topic| topic.customer == Some(customer))
        .map(|topic| (topic.id, topic.closed));
    match known {
        Some((topic, false)) => Ok(topic),
        Some((topic, true)) => {
            state.edit_topic(cast.group, cast.author, topic, None, Some(false), date)?;
            Ok(topic)
        }
        None => {
            let name = state
                .user(customer)
                .map(crate::emulator::world::User::name)
                .ok_or(Refusal::NoSuchTopic)?;
            state.create_topic(cast.group, cast.author, &name, Some(customer), date)
        }
    }
}

fn file_name(state: &State, message: &Message) -> Option<String> {
    let file = state.file(message.file?)?;
    if !file.name.is_empty() {
        return Some(file.name.clone());
    }
    Some(file.kind.name().to_owned())
}
