//! Actions, done in the world.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::action::{Action, NewEntity, NewStanding, Rows, Who};
use super::media::Made;
use super::refused::Refused;
use super::routes::Control;
use crate::emulator::world::{Draft, Entity, Group, Message, Passing, Refusal, State};
use crate::emulator::{hint, text};
use crate::model::GroupId;

impl Action {
    /// Does it, whole or not at all; answers what came of it.
    pub(super) fn perform(mut self, control: &Control) -> Result<Value, Refused> {
        // Made before the world is held: a large file takes a while.
        let media = self.take_media();
        let made = media.map(|media| media.made(&mut control.world.clone()));
        let made = made.transpose()?;
        control.world.write(|state| {
            let carried = carrying(state, made);
            let file = carried.file;
            let done = self.on(state, control, carried);
            if let (Err(_), Some(file)) = (&done, file) {
                state.drop_newest_file(file);
            }
            done
        })
    }

    fn on(self, state: &mut State, control: &Control, carried: Draft) -> Result<Value, Refused> {
        let first = control.cast.group;
        match self {
            Self::Post {
                who,
                group,
                topic,
                text,
                entities,
                reply_to,
                quote,
                album,
                silent,
                buttons,
                ..
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                // An answer stands where the question does.
                let beside = || topic_of(state, group, reply_to?);
                let draft = Draft {
                    topic: topic.or_else(beside).unwrap_or_default(),
                    text,
                    entities: formatting(entities),
                    reply_to,
                    quote: quote.map(Into::into),
                    album: album_id(album)?,
                    silent,
                    buttons: keyboard(buttons),
                    ..carried
                };
                let message = state.post(group, who, draft)?;
                let topic = topic_of(state, group, message);
                Ok(json!({ "topic": topic, "message": message }))
            }
            Self::Edit {
                who,
                group,
                message,
                text,
                entities,
                buttons,
                ..
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                let old = state.group(group).and_then(|place| place.visible(message));
                let old = old.ok_or(Refusal::NoSuchMessage)?;
                let draft = Draft {
                    entities: match (entities, &text) {
                        (Some(new), _) => formatting(new.unwrap_or_default()),
                        (None, Some(_)) => Vec::new(),
                        (None, None) => given(old),
                    },
                    text: text.map_or_else(|| old.text.clone(), Option::unwrap_or_default),
                    buttons: match buttons {
                        Some(new) => keyboard(new.unwrap_or_default()),
                        None => old.buttons.clone(),
                    },
                    ..carried
                };
                if draft.content.is_some() {
                    return Err(Refusal::WrongMedia.into());
                }
                state.edit(group, who, message, draft)?;
                Ok(json!({ "message": message }))
            }
            Self::Delete {
                who,
                group,
                message,
                mut messages,
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                messages.extend(message);
                let mut seen = BTreeSet::new();
                messages.retain(|id| seen.insert(*id));
                if messages.is_empty() {
                    return Err(Refused::new(
                        "MESSAGE_ID_INVALID",
                        "say which: `message` (an id) or `messages` (a list of ids)",
                    ));
                }
                let gone = state.delete(group, who, &messages)?;
                if gone.is_empty() {
                    return Err(Refusal::NoSuchMessage.into());
                }
                let mut answer = json!({ "messages": gone });
                if let (Some(id), Some(answer)) = (message, answer.as_object_mut()) {
                    answer.insert("message".to_owned(), json!(id));
                }
                Ok(answer)
            }
            Self::React {
                who,
                group,
                message,
                reaction,
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                let emoji = reaction.map(super::action::OneOrMany::list);
                let emoji = emoji.unwrap_or_default();
                let emoji: Vec<&str> = emoji.iter().map(String::as_str).collect();
                state.react(group, who, message, &emoji)?;
                Ok(json!({ "message": message }))
            }
            Self::Topic {
                who,
                group,
                topic,
                title,
                customer,
                closed,
                hidden,
                pinned,
                deleted,
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                let Some(topic) = topic else {
                    let changes = [closed, hidden, pinned, Some(deleted)];
                    if changes.iter().flatten().any(|change| *change) {
                        return Err(Refused::new(
                            "TOPIC_ID_INVALID",
                            "say which `topic`; without one, a new topic begins",
                        ));
                    }
                    if customer.is_some_and(|customer| state.user(customer).is_none()) {
                        return Err(Refusal::NoSuchUser.into());
                    }
                    let title = title.unwrap_or_default();
                    let id = state.create_topic(group, who, &title, customer, None)?;
                    return Ok(json!({ "topic": id, "message": id }));
                };
                let renamed = title.is_some() || closed.is_some();
                let kinds = [renamed, hidden.is_some(), pinned.is_some(), deleted];
                if kinds.iter().filter(|kind| **kind).count() != 1 || customer.is_some() {
                    return Err(Refused::new(
                        "BAD_REQUEST",
                        "one change of a topic at a time: `title` and `closed`, or `hidden`, or \
                         `pinned`, or `deleted`",
                    ));
                }
                if deleted {
                    let gone = state.delete_topic(group, who, topic)?;
                    return Ok(json!({ "topic": topic, "messages": gone }));
                }
                if let Some(pinned) = pinned {
                    state.pin_topic(group, who, topic, pinned)?;
                    return Ok(json!({ "topic": topic }));
                }
                let message = if let Some(hidden) = hidden {
                    if topic != 1 {
                        return Err(Refused::new(
                            "TOPIC_ID_INVALID",
                            "only General (topic 1) can be hidden",
                        ));
                    }
                    state.hide_general(group, who, hidden)?
                } else {
                    state.edit_topic(group, who, topic, title.as_deref(), closed, None)?
                };
                Ok(json!({ "topic": topic, "message": message }))
            }
            Self::Press {
                who,
                group,
                message,
                data,
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                let press = state.press(group, who, message, &data)?;
                Ok(json!({ "press": press }))
            }
            Self::Vote {
                who,
                group,
                message,
                options,
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                state.vote(group, who, message, &options)?;
                Ok(json!({ "message": message }))
            }
            Self::Pin {
                who,
                group,
                message,
                silent,
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                let notice = state.pin(group, who, message, true, silent)?;
                Ok(json!({ "message": message, "notice": notice }))
            }
            Self::Unpin {
                who,
                group,
                message,
                topic,
            } => {
                let (who, group) = (account(state, &who)?, place(state, group, first)?.id);
                if let Some(message) = message {
                    state.pin(group, who, message, false, true)?;
                    return Ok(json!({ "message": message }));
                }
                let unpinned = state.unpin_all(group, who, topic)?;
                Ok(json!({ "messages": unpinned }))
            }
            Self::Forward {
                who,
                from,
                message,
                group,
                topic,
            } => {
                let who = account(state, &who)?;
                let group = place(state, group, first)?.id;
                let from = place(state, from, group)?.id;
                let how = Passing {
                    topic,
                    ..Passing::default()
                };
                let made = state.forward(from, &[message], group, who, how)?;
                let message = made.get(&message).copied().unwrap_or_default();
                let topic = topic_of(state, group, message);
                Ok(json!({ "topic": topic, "message": message }))
            }
            Self::Member {
                who,
                group,
                user,
                standing,
            } => {
                let user = account(state, &user)?;
                let place = place(state, group, first)?;
                let (group, owner) = (place.id, place.owner);
                let outside = !place.standing(user).is_member();
                if matches!(standing, NewStanding::Restricted) && outside {
                    return Err(Refused::new(
                        "USER_NOT_PARTICIPANT",
                        "only who is in the group can be restricted: let them join first with \
                         \"standing\": \"member\"",
                    ));
                }
                let by = who.map_or(Ok(owner), |who| account(state, &who))?;
                state.set_standing(group, by, user, standing.into())?;
                Ok(json!({ "user": user }))
            }
            Self::Scan { who, token } => {
                let who = account(state, &who)?;
                let token = login_token(&token)?;
                let scanned = control.keys.accept_login(state, &token, who);
                scanned.map_err(|error| Refused::new(&error.to_string(), error.advice()))?;
                Ok(json!({ "user": who }))
            }
            Self::Customer {
                who,
                text,
                entities,
                album,
                reply_to,
                ..
            } => {
                if control.cast.author == 0 {
                    return Err(Refused::new(
                        "CHANNEL_INVALID",
                        "nobody relays customers' messages in this world: name a `relay` in its \
                         `[desk]`",
                    ));
                }
                let customer = match who {
                    Some(who) => account(state, &who)?,
                    None => control.cast.customers.first().copied().ok_or_else(|| {
                        Refused::new(
                            "USER_ID_INVALID",
                            "this world has no customers: name an account in `as`",
                        )
                    })?,
                };
                let draft = Draft {
                    text,
                    entities: formatting(entities),
                    reply_to,
                    album: album_id(album)?,
                    ..carried
                };
                let (topic, message) = control.crm.customer_posts(state, customer, draft)?;
                Ok(json!({ "topic": topic, "message": message }))
            }
        }
    }
}

/// An account by id or username.
pub(super) fn account(state: &State, who: &Who) -> Result<i64, Refused> {
    match who {
        Who::Id(id) => state
            .user(*id)
            .map(|user| user.id)
            .ok_or_else(|| Refusal::NoSuchUser.into()),
        Who::Name(name) => {
            let names = || {
                let users = state.users();
                users.filter_map(|user| Some((user.username.as_deref()?, user.id)))
            };
            let found = names().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, id)| id).ok_or_else(|| {
                let nearest = hint::nearest(name, names().map(|(known, _)| known));
                let hint = nearest.map_or_else(
                    || "GET /world/users lists them".to_owned(),
                    |nearest| format!("did you mean {nearest:?}?"),
                );
                Refused::new(
                    "USERNAME_NOT_OCCUPIED",
                    format!("nobody has the username {name:?}; {hint}"),
                )
            })
        }
    }
}

/// A group by its id, bare or with -100 in front, or the `otherwise` one.
pub(super) fn place(state: &State, group: Option<i64>, otherwise: i64) -> Result<&Group, Refused> {
    let id = group.unwrap_or(otherwise);
    let bare = GroupId::from_marked(id).map_or(id, GroupId::bare);
    state.group(bare).ok_or_else(|| {
        let known: Vec<String> = state.groups().map(|group| group.id.to_string()).collect();
        Refused::new(
            "CHANNEL_INVALID",
            format!("there is no group {id}; there are {}", known.join(", ")),
        )
    })
}

fn topic_of(state: &State, group: i64, message: i32) -> Option<i32> {
    Some(state.group(group)?.visible(message)?.topic)
}

/// A draft with nothing but its media.
fn carrying(state: &mut State, made: Option<Made>) -> Draft {
    let mut draft = Draft::default();
    match made {
        Some(Made::File(file)) => draft.file = Some(state.add_file(file)),
        Some(Made::Content(content)) => draft.content = Some(content),
        None => {}
    }
    draft
}

/// The entities that a message's author gave; the server finds the others again.
fn given(message: &Message) -> Vec<Entity> {
    let found = text::entities(&message.text, Vec::new());
    let all = message.entities.iter();
    all.filter(|entity| !found.contains(entity))
        .cloned()
        .collect()
}

fn formatting(entities: Vec<NewEntity>) -> Vec<Entity> {
    entities.into_iter().map(Into::into).collect()
}

fn keyboard(rows: Rows) -> Vec<Vec<crate::emulator::world::Button>> {
    rows.into_iter()
        .map(|row| row.into_iter().map(Into::into).collect())
        .collect()
}

fn album_id(album: Option<i64>) -> Result<Option<i64>, Refused> {
    match album {
        Some(..=0) => Err(Refused::new(
            "MEDIA_INVALID",
            "`album` is any positive number that its messages share",
        )),
        album => Ok(album),
    }
}

/// What a QR code carries: `tg://login?token=…`, or only the token.
fn login_token(text: &str) -> Result<Vec<u8>, Refused> {
    let token = text
        .trim()
        .strip_prefix("tg://login?token=")
        .unwrap_or_else(|| text.trim());
    URL_SAFE_NO_PAD
        .decode(token.trim_end_matches('='))
        .map_err(|error| {
            let error = format!("`token` is no base64 as in URLs: {error}");
            Refused::new("AUTH_TOKEN_INVALIDX", error)
        })
}
