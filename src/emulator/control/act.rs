//! Things that someone in the world can be made to do.

use serde::{Deserialize, Serialize};

use crate::emulator::crm::Crm;
use crate::emulator::image;
use crate::emulator::scenario::Cast;
use crate::emulator::world::{Draft, File, FileKind, Refusal, World};

/// A file to post; its content is text unless it is made up by the emulator.
#[derive(Clone, Debug, Deserialize)]
pub struct NewFile {
    /// Name; empty for photos.
    #[serde(default)]
    pub name: String,
    /// MIME type.
    #[serde(default = "plain")]
    pub mime_type: String,
    /// `photo`, `voice` or `document` (default).
    #[serde(default)]
    pub kind: String,
    /// Content.
    #[serde(default)]
    pub content: String,
}

fn plain() -> String {
    "text/plain".to_owned()
}

/// What to do. `group` is the desk unless named.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Act {
    /// A member posts.
    Post {
        /// User id.
        who: i64,
        /// Bare id of the group.
        group: Option<i64>,
        /// Topic; General if left out.
        #[serde(default)]
        topic: i32,
        /// Text or caption.
        #[serde(default)]
        text: String,
        /// Message replied to.
        reply_to: Option<i32>,
        /// File to carry.
        file: Option<NewFile>,
    },
    /// A member edits their message.
    Edit {
        /// User id.
        who: i64,
        /// Bare id of the group.
        group: Option<i64>,
        /// Which message.
        id: i32,
        /// New text or caption.
        text: String,
    },
    /// A member deletes messages.
    Delete {
        /// User id.
        who: i64,
        /// Bare id of the group.
        group: Option<i64>,
        /// Which messages.
        ids: Vec<i32>,
    },
    /// A member opens a topic.
    CreateTopic {
        /// User id.
        who: i64,
        /// Bare id of the group.
        group: Option<i64>,
        /// Its title.
        title: String,
        /// The customer it stands for.
        customer: Option<i64>,
    },
    /// A topic is renamed, closed or reopened.
    EditTopic {
        /// User id.
        who: i64,
        /// Bare id of the group.
        group: Option<i64>,
        /// Which topic.
        topic: i32,
        /// New title.
        title: Option<String>,
        /// Closed or reopened.
        closed: Option<bool>,
    },
    /// A customer writes; the CRM posts it.
    CustomerSays {
        /// User id; the first customer if left out.
        customer: Option<i64>,
        /// Text or caption.
        #[serde(default)]
        text: String,
        /// File to carry.
        file: Option<NewFile>,
    },
    /// Somebody joins a group.
    Join {
        /// User id.
        who: i64,
        /// Bare id of the group.
        group: Option<i64>,
        /// With all rights.
        #[serde(default)]
        administrator: bool,
    },
    /// Somebody leaves a group or is removed.
    Leave {
        /// User id.
        who: i64,
        /// Bare id of the group.
        group: Option<i64>,
    },
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Acted {
    /// Topic concerned, where there is one.
    pub topic: Option<i32>,
    /// Message that came into being or changed.
    pub message_id: Option<i32>,
}

impl Act {
    /// Does it.
    pub fn perform(self, world: &World, cast: &Cast, crm: &Crm) -> Result<Acted, Refusal> {
        let desk = |group: Option<i64>| group.unwrap_or(cast.group);
        let message = |id| Acted {
            message_id: Some(id),
            ..Acted::default()
        };
        match self {
            Self::Post {
                who,
                group,
                topic,
                text,
                reply_to,
                file,
            } => world.write(|state| {
                let file = file.map(|file| state.add_file(file.made()));
                let draft = Draft {
                    topic,
                    text,
                    reply_to,
                    file,
                    ..Draft::default()
                };
                state.post(desk(group), who, draft).map(|id| Acted {
                    topic: Some(topic.max(1)),
                    message_id: Some(id),
                })
            }),
            Self::Edit {
                who,
                group,
                id,
                text,
            } => {
                let draft = Draft {
                    text,
                    ..Draft::default()
                };
                world
                    .write(|state| state.edit(desk(group), who, id, draft))
                    .map(|()| message(id))
            }
            Self::Delete { who, group, ids } => world
                .write(|state| state.delete(desk(group), who, &ids))
                .map(|_| Acted::default()),
            Self::CreateTopic {
                who,
                group,
                title,
                customer,
            } => world
                .write(|state| state.create_topic(desk(group), who, &title, customer, None))
                .map(|id| Acted {
                    topic: Some(id),
                    message_id: Some(id),
                }),
            Self::EditTopic {
                who,
                group,
                topic,
                title,
                closed,
            } => world
                .write(|state| {
                    state.edit_topic(desk(group), who, topic, title.as_deref(), closed, None)
                })
                .map(|id| Acted {
                    topic: Some(topic),
                    message_id: Some(id),
                }),
            Self::CustomerSays {
                customer,
                text,
                file,
            } => {
                let customer = customer
                    .or_else(|| cast.customers.first().copied())
                    .unwrap_or_default();
                let file = file.map(|file| world.write(|state| state.add_file(file.made())));
                let draft = Draft {
                    text,
                    file,
                    ..Draft::default()
                };
                crm.customer_says(customer, draft).map(|(topic, id)| Acted {
                    topic: Some(topic),
                    message_id: Some(id),
                })
            }
            Self::Join {
                who,
                group,
                administrator,
            } => {
                world.write(|state| state.add_member(desk(group), who, administrator));
                Ok(Acted::default())
            }
            Self::Leave { who, group } => {
                world.write(|state| state.remove_member(desk(group), who));
                Ok(Acted::default())
            }
        }
    }
}

impl NewFile {
    fn made(self) -> File {
        let bytes = self.content.into_bytes();
        let (width, height) = image::dimensions(&bytes).unwrap_or_default();
        File {
            id: 0,
            kind: FileKind::by_name(&self.kind).unwrap_or_default(),
            name: self.name,
            mime_type: self.mime_type,
            width,
            height,
            bytes: bytes.into(),
            ..File::default()
        }
    }
}
