//! The account behind a login: who it is and which groups it is in.

use grammers_client::tl;
use grammers_session::Session as _;
use grammers_session::types::PeerInfo;

use super::allow::Telegram;
use super::convert;
use super::error::CaptureError;
use super::session::SessionFile;
use crate::model::GroupId;

/// Dialogs asked for at once, Telegram's limit.
const PAGE: i32 = 100;

/// Pages of dialogs to read at most: 2,000 dialogs, far beyond a desk's account, so that a server
/// that repeats itself cannot keep us here.
const PAGES: usize = 20;

/// Who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// User id.
    pub id: i64,
    /// Display name.
    pub name: String,
}

/// Asks Telegram who we are.
pub(super) async fn me(telegram: &Telegram) -> Result<Me, CaptureError> {
    let user = myself(telegram).await?;
    Ok(Me {
        id: user.id,
        name: convert::person_of_user(&user).name,
    })
}

/// Asks Telegram for our account.
pub(super) async fn myself(telegram: &Telegram) -> Result<tl::types::User, CaptureError> {
    let users = telegram
        .read(&tl::functions::users::GetUsers {
            id: vec![tl::enums::InputUser::UserSelf],
        })
        .await?;
    match users.into_iter().next() {
        Some(tl::enums::User::User(user)) => Ok(user),
        _ => Err(CaptureError::NotLoggedIn),
    }
}

/// Remembers the access hashes of everything an answer names.
pub(super) async fn remember_peers(
    session: &SessionFile,
    users: &[tl::enums::User],
    chats: &[tl::enums::Chat],
) -> Result<(), CaptureError> {
    let peers = users
        .iter()
        .map(PeerInfo::from)
        .chain(chats.iter().map(PeerInfo::from))
        .collect();
    Ok(session.cache_peers(peers).await?)
}

/// Reads the list of dialogs for the access hashes in it.
pub(super) async fn read_dialogs(
    telegram: &Telegram,
    session: &SessionFile,
) -> Result<(), CaptureError> {
    let mut request = tl::functions::messages::GetDialogs {
        exclude_pinned: false,
        folder_id: None,
        offset_date: 0,
        offset_id: 0,
        offset_peer: tl::enums::InputPeer::Empty,
        limit: PAGE,
        hash: 0,
    };
    for _ in 0..PAGES {
        use tl::enums::messages::Dialogs;
        let (messages, users, chats, more) = match telegram.read(&request).await? {
            Dialogs::Dialogs(all) => (all.messages, all.users, all.chats, false),
            Dialogs::Slice(part) => (part.messages, part.users, part.chats, true),
            Dialogs::NotModified(_) => return Ok(()),
        };
        remember_peers(session, &users, &chats).await?;
        // The next page begins behind this one's oldest message.
        let oldest = messages
            .iter()
            .filter_map(|message| match message {
                tl::enums::Message::Message(message) => {
                    Some((message.date, message.id, &message.peer_id))
                }
                tl::enums::Message::Service(message) => {
                    Some((message.date, message.id, &message.peer_id))
                }
                tl::enums::Message::Empty(_) => None,
            })
            .min_by_key(|(date, ..)| *date);
        let Some((date, id, peer)) = oldest.filter(|_| more) else {
            return Ok(());
        };
        if date == request.offset_date && id == request.offset_id {
            return Ok(());
        }
        request.offset_date = date;
        request.offset_id = id;
        request.offset_peer = input_peer(session, peer);
        request.exclude_pinned = true;
    }
    Ok(())
}

fn input_peer(session: &SessionFile, peer: &tl::enums::Peer) -> tl::enums::InputPeer {
    match peer {
        tl::enums::Peer::Channel(channel) => match session.channel_hash(channel.channel_id) {
            Some(access_hash) => tl::types::InputPeerChannel {
                channel_id: channel.channel_id,
                access_hash,
            }
            .into(),
            None => tl::enums::InputPeer::Empty,
        },
        tl::enums::Peer::Chat(chat) => tl::types::InputPeerChat {
            chat_id: chat.chat_id,
        }
        .into(),
        // Users' hashes are of no use to us otherwise; an empty peer only costs an overlap.
        tl::enums::Peer::User(_) => tl::enums::InputPeer::Empty,
    }
}

/// A group as requests name it.
pub(super) fn input_channel(
    session: &SessionFile,
    group: GroupId,
) -> Result<tl::types::InputChannel, CaptureError> {
    let access_hash = session
        .channel_hash(group.bare())
        .ok_or(CaptureError::UnknownGroup { group })?;
    Ok(tl::types::InputChannel {
        channel_id: group.bare(),
        access_hash,
    })
}

/// Checks that we are in a group and that it is a forum; returns its title.
pub(super) async fn check_group(
    telegram: &Telegram,
    session: &SessionFile,
    group: GroupId,
) -> Result<String, CaptureError> {
    let unknown = || CaptureError::UnknownGroup { group };
    if session.channel_hash(group.bare()).is_none() {
        read_dialogs(telegram, session).await?; // perhaps we were added after the login
    }
    let answer = telegram
        .read(&tl::functions::channels::GetChannels {
            id: vec![input_channel(session, group)?.into()],
        })
        .await;
    let chats = match answer {
        Ok(tl::enums::messages::Chats::Chats(chats)) => chats.chats,
        Ok(tl::enums::messages::Chats::Slice(chats)) => chats.chats,
        Err(error) if is_no_member(&error) => return Err(unknown()),
        Err(error) => return Err(error),
    };
    for chat in chats {
        match chat {
            tl::enums::Chat::Channel(channel) if channel.id == group.bare() => {
                if channel.left {
                    return Err(unknown());
                }
                if !channel.megagroup || !channel.forum {
                    return Err(CaptureError::NotForum { group });
                }
                return Ok(channel.title);
            }
            _ => {}
        }
    }
    Err(unknown())
}

/// The first message id that a group shows us: it may hide what was before we came. 0: all.
pub(super) async fn first_shown(
    telegram: &Telegram,
    session: &SessionFile,
    group: GroupId,
) -> Result<i32, CaptureError> {
    let question = tl::functions::channels::GetFullChannel {
        channel: input_channel(session, group)?.into(),
    };
    let tl::enums::messages::ChatFull::Full(answer) = telegram.read(&question).await?;
    Ok(match answer.full_chat {
        tl::enums::ChatFull::ChannelFull(full) => full.available_min_id.unwrap_or(0),
        _ => 0,
    })
}

/// Whether the group is not ours to see, or no longer what it was.
pub(super) fn is_no_member(error: &CaptureError) -> bool {
    match error {
        CaptureError::UnknownGroup { .. } | CaptureError::NotForum { .. } => true,
        CaptureError::Telegram { name, .. } => matches!(
            name.as_str(),
            "CHANNEL_PRIVATE"
                | "CHANNEL_INVALID"
                | "CHANNEL_PUBLIC_GROUP_NA"
                | "PEER_ID_INVALID"
                | "USER_BANNED_IN_CHANNEL"
                | "CHAT_FORBIDDEN"
        ),
        _ => false,
    }
}
