//! From the world to TL, as one account sees it. Pure.

use std::collections::BTreeSet;

use grammers_tl_types::{enums, types};

use super::entities::entity;
use super::session::seconds;
use super::{literals, media};
use crate::emulator::faults::HOME_DC;
use crate::emulator::world::{
    Button, Content, Group, Message, Reaction, Service, State, Topic, User, may_read,
};

/// The first datacentre; files lie there.
pub(super) const DC: i32 = HOME_DC;
/// Colour of every topic's icon; Telegram's first.
const ICON_COLOUR: i32 = 0x006f_b9f0;
/// Reactions that come with a message by name; the rest is counted.
const RECENT_REACTIONS: usize = 3;

/// The world as an account sees it.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// The world.
    pub(super) state: &'a State,
    /// The account.
    pub(super) me: i64,
}

impl View<'_> {
    /// An account. The phone number is shown to its owner alone, as nobody here has contacts.
    pub(super) fn user(&self, user: &User) -> enums::User {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        types::User {
            is_self: user.id == self.me,
            bot: user.is_bot(),
            bot_chat_history: user.bot.as_ref().is_some_and(|bot| !bot.privacy_mode),
            bot_info_version: user.is_bot().then_some(1),
            id: user.id,
            access_hash: Some(user.access_hash),
            first_name: text(&user.first_name),
            last_name: text(&user.last_name),
            username: user.username.clone(),
            phone: user.phone.clone().filter(|_| user.id == self.me),
            ..literals::user()
        }
        .into()
    }

    /// Whether this account is a bot.
    pub(super) fn is_bot(&self) -> bool {
        self.state.user(self.me).is_some_and(User::is_bot)
    }

    /// Whether this account may read a message of a group that it is in.
    pub(super) fn shows(&self, message: &Message) -> bool {
        may_read(self.state, self.me, message)
    }

    /// Whether a message calls this account by name, or answers something of its.
    pub(super) fn mentioned(&self, message: &Message) -> bool {
        if message.from == self.me {
            return false;
        }
        let group = self.state.group(message.group);
        let answered = message.reply_to.and_then(|id| group?.messages.get(&id));
        if answered.is_some_and(|answered| answered.from == self.me) {
            return true;
        }
        let name = self
            .state
            .user(self.me)
            .and_then(|me| me.username.as_deref());
        message.entities.iter().any(|entity| {
            entity.user_id == Some(self.me)
                || entity.kind == "mention"
                    && name.is_some_and(|name| {
                        part(&message.text, entity.offset, entity.length)
                            .trim_start_matches('@')
                            .eq_ignore_ascii_case(name)
                    })
        })
    }

    /// The accounts with these ids that exist.
    pub(super) fn users(&self, ids: impl IntoIterator<Item = i64>) -> Vec<enums::User> {
        let ids: BTreeSet<i64> = ids.into_iter().collect();
        ids.into_iter()
            .filter_map(|id| self.state.user(id))
            .map(|user| self.user(user))
            .collect()
    }

    /// Everyone whom these messages mention, this account included.
    pub(super) fn users_in<'m>(
        &self,
        messages: impl IntoIterator<Item = &'m Message>,
    ) -> Vec<enums::User> {
        let mut ids = BTreeSet::from([self.me]);
        for message in messages {
            ids.insert(message.from);
            ids.extend(message.via_bot);
            ids.extend(message.forward.as_ref().and_then(|forward| forward.from));
            ids.extend(message.entities.iter().filter_map(|entity| entity.user_id));
            ids.extend(message.reactions.iter().map(|reaction| reaction.by));
            if let Some(Content::Contact { user_id, .. }) = &message.content {
                ids.extend(user_id);
            }
            match &message.service {
                Some(Service::Joined { people }) => ids.extend(people),
                Some(Service::Left { person }) => ids.extend([*person]),
                _ => {}
            }
        }
        self.users(ids)
    }

    /// A group.
    pub(super) fn channel(&self, group: &Group) -> enums::Chat {
        types::Channel {
            creator: group.owner == self.me,
            left: !group.members.contains(&self.me),
            megagroup: true,
            noforwards: group.protected,
            forum: group.forum,
            id: group.id,
            access_hash: Some(group.access_hash),
            title: group.title.clone(),
            date: seconds(group.created),
            admin_rights: group
                .administrators
                .contains(&self.me)
                .then(|| administrator().into()),
            default_banned_rights: Some(literals::banned_rights().into()),
            participants_count: Some(count(group.members.len())),
            ..literals::channel()
        }
        .into()
    }

    /// A message.
    pub(super) fn message(&self, message: &Message) -> enums::Message {
        let peer_id = channel_peer(message.group);
        let reply_to = reply_header(message);
        if let Some(service) = &message.service {
            return types::MessageService {
                out: message.from == self.me,
                id: message.id,
                from_id: Some(user_peer(message.from)),
                peer_id,
                reply_to,
                date: seconds(message.date),
                action: action(service),
                ..literals::service()
            }
            .into();
        }
        let forward = message.forward.as_ref().map(|forward| {
            let header = types::MessageFwdHeader {
                from_id: forward.from.map(user_peer),
                from_name: forward.name.clone(),
                date: seconds(forward.date),
                ..literals::forward_header()
            };
            header.into()
        });
        let entities: Vec<_> = message.entities.iter().map(entity).collect();
        types::Message {
            out: message.from == self.me,
            mentioned: self.mentioned(message),
            silent: message.silent,
            pinned: message.pinned,
            noforwards: message.protected
                || self
                    .state
                    .group(message.group)
                    .is_some_and(|group| group.protected),
            id: message.id,
            from_id: Some(user_peer(message.from)),
            peer_id,
            fwd_from: forward,
            via_bot_id: message.via_bot,
            reply_to,
            date: seconds(message.date),
            message: message.text.clone(),
            media: media::of(self, message),
            reply_markup: markup(&message.buttons),
            entities: (!entities.is_empty()).then_some(entities),
            edit_date: message.edit_date.map(seconds),
            grouped_id: message.album,
            reactions: self.reactions(message),
            ..literals::message()
        }
        .into()
    }

    /// The reactions to a message, counted, and who gave the newest; `None` where there are none.
    pub(super) fn reactions(&self, message: &Message) -> Option<enums::MessageReactions> {
        if message.reactions.is_empty() {
            return None;
        }
        let mut counts: Vec<(&str, i32, bool)> = Vec::new();
        for reaction in &message.reactions {
            let mine = reaction.by == self.me;
            match counts
                .iter_mut()
                .find(|(emoji, ..)| *emoji == reaction.emoji)
            {
                Some((_, count, chosen)) => {
                    *count += 1;
                    *chosen |= mine;
                }
                None => counts.push((&reaction.emoji, 1, mine)),
            }
        }
        counts.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
        let results = counts
            .into_iter()
            .map(|(emoji, count, chosen)| {
                types::ReactionCount {
                    chosen_order: chosen.then_some(0),
                    reaction: emoji_reaction(emoji),
                    count,
                }
                .into()
            })
            .collect();
        let newest = message.reactions.iter().rev().take(RECENT_REACTIONS);
        let reactions = types::MessageReactions {
            min: false,
            can_see_list: true,
            reactions_as_tags: false,
            results,
            recent_reactions: Some(newest.map(|it| self.reaction(it)).collect()),
            top_reactors: None,
        };
        Some(reactions.into())
    }

    /// Somebody's reaction.
    pub(super) fn reaction(&self, reaction: &Reaction) -> enums::MessagePeerReaction {
        types::MessagePeerReaction {
            big: false,
            unread: false,
            my: reaction.by == self.me,
            peer_id: user_peer(reaction.by),
            date: seconds(reaction.date),
            reaction: emoji_reaction(&reaction.emoji),
        }
        .into()
    }

    /// The chat list's entry for a group; everything counts as read.
    pub(super) fn dialog(&self, group: &Group) -> enums::Dialog {
        let top = group.top_message().map_or(0, |message| message.id);
        types::Dialog {
            peer: channel_peer(group.id),
            top_message: top,
            read_inbox_max_id: top,
            read_outbox_max_id: top,
            pts: Some(group.pts),
            ..literals::dialog()
        }
        .into()
    }

    /// A topic, with the id of its newest message.
    pub(super) fn topic(&self, group: &Group, topic: &Topic, top: i32) -> enums::ForumTopic {
        types::ForumTopic {
            my: topic.creator == self.me,
            closed: topic.closed,
            pinned: topic.pinned,
            hidden: topic.hidden,
            id: topic.id,
            date: seconds(topic.created),
            peer: channel_peer(group.id),
            title: topic.title.clone(),
            icon_color: ICON_COLOUR,
            top_message: top,
            read_inbox_max_id: top,
            read_outbox_max_id: top,
            from_id: user_peer(topic.creator),
            ..literals::forum_topic()
        }
        .into()
    }
}

/// A part of a text, counted in UTF-16 units.
fn part(text: &str, offset: i32, length: i32) -> String {
    let place = |number: i32| usize::try_from(number).unwrap_or(0);
    let units = text.encode_utf16().skip(place(offset)).take(place(length));
    char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// A reaction by its emoji.
pub(super) fn emoji_reaction(emoji: &str) -> enums::Reaction {
    types::ReactionEmoji {
        emoticon: emoji.to_owned(),
    }
    .into()
}

/// What an administrator may do here.
pub(super) fn administrator() -> types::ChatAdminRights {
    types::ChatAdminRights {
        add_admins: true,
        manage_call: true,
        change_info: true,
        delete_messages: true,
        ban_users: true,
        invite_users: true,
        pin_messages: true,
        manage_topics: true,
        other: true,
        ..literals::admin_rights()
    }
}

/// A length as TL writes it.
pub(super) fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

/// A user as author.
pub(super) fn user_peer(id: i64) -> enums::Peer {
    types::PeerUser { user_id: id }.into()
}

/// A group as place.
pub(super) fn channel_peer(id: i64) -> enums::Peer {
    types::PeerChannel { channel_id: id }.into()
}

/// Membership in a topic and replies share one header: a plain post in topic T "replies" to T; a
/// reply inside T names its target and has T on top; General has neither.
fn reply_header(message: &Message) -> Option<enums::MessageReplyHeader> {
    if matches!(message.service, Some(Service::TopicCreated { .. })) {
        return None;
    }
    let target = match &message.service {
        Some(Service::Pinned { message }) => Some(*message),
        _ => message.reply_to,
    };
    let topic = (message.topic > 1).then_some(message.topic);
    let target = target.filter(|target| Some(*target) != topic);
    let to = target.or(topic)?;
    let quote = message.quote.as_ref().filter(|_| target.is_some());
    let header = types::MessageReplyHeader {
        forum_topic: topic.is_some(),
        quote: quote.is_some(),
        reply_to_msg_id: Some(to),
        reply_to_top_id: topic.filter(|topic| *topic != to),
        quote_text: quote.map(|quote| quote.text.clone()),
        quote_entities: quote
            .map(|quote| quote.entities.iter().map(entity).collect())
            .filter(|entities: &Vec<_>| !entities.is_empty()),
        quote_offset: quote.map(|quote| quote.offset),
        ..literals::reply_header()
    };
    Some(header.into())
}

fn action(service: &Service) -> enums::MessageAction {
    match service {
        Service::GroupTitle { title } => types::MessageActionChannelCreate {
            title: title.clone(),
        }
        .into(),
        Service::Renamed { title } => types::MessageActionChatEditTitle {
            title: title.clone(),
        }
        .into(),
        Service::TopicCreated { title } => types::MessageActionTopicCreate {
            title_missing: false,
            title: title.clone(),
            icon_color: ICON_COLOUR,
            icon_emoji_id: None,
        }
        .into(),
        Service::TopicEdited {
            title,
            closed,
            hidden,
        } => types::MessageActionTopicEdit {
            title: title.clone(),
            icon_emoji_id: None,
            closed: *closed,
            hidden: *hidden,
        }
        .into(),
        Service::Pinned { .. } => enums::MessageAction::PinMessage,
        Service::Joined { people } => types::MessageActionChatAddUser {
            users: people.clone(),
        }
        .into(),
        Service::Left { person } => types::MessageActionChatDeleteUser { user_id: *person }.into(),
    }
}

fn markup(rows: &[Vec<Button>]) -> Option<enums::ReplyMarkup> {
    let button = |button: &Button| {
        let kind = match (&button.url, &button.copy, &button.data) {
            (Some(url), ..) => types::InlineButtonTypeUrl { url: url.clone() }.into(),
            (None, Some(copy), _) => types::InlineButtonTypeCopy {
                copy_text: copy.clone(),
            }
            .into(),
            (None, None, data) => types::InlineButtonTypeCallback {
                requires_password: false,
                data: data.clone().unwrap_or_default().into_bytes(),
            }
            .into(),
        };
        types::KeyboardInlineButton {
            style: None,
            text: button.text.clone(),
            r#type: kind,
        }
        .into()
    };
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            let buttons = row.iter().map(button).collect();
            types::KeyboardInlineButtonRow { buttons }.into()
        })
        .collect();
    let markup = types::ReplyInlineMarkup {
        force_reply: false,
        rows,
    };
    (!markup.rows.is_empty()).then(|| markup.into())
}
