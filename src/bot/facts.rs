//! What a look at the bot tells, for `doctor`.

use std::sync::Arc;

use teloxide::requests::Requester;
use teloxide::types::{ChatId, UserId};
use teloxide::{ApiError, RequestError};

use super::command::Table;
use super::connection::Connection;
use super::error::BotError;
use super::service;
use crate::config::Config;
use crate::connectors::Memory;
use crate::model::GroupId;

/// The bot as Telegram describes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BotFacts {
    /// User id.
    pub id: u64,
    /// Without the `@`.
    pub username: String,
    /// Privacy mode is off: the bot sees what people write without a slash. Commands reach it
    /// either way, so this is a recommendation.
    pub can_read_all_group_messages: bool,
    /// Its place in each configured group, in the config's order.
    pub groups: Vec<GroupFacts>,
}

/// The bot's place in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct GroupFacts {
    /// Which group.
    pub group: GroupId,
    /// What it is there.
    pub membership: Membership,
}

/// What the bot is in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// An administrator: sees everything that people write, whatever its privacy mode.
    Administrator,
    /// A member who may write.
    Member,
    /// A member who may not write, or only in part: answers may not arrive.
    Restricted,
    /// Not in the group: add it.
    Absent,
}

/// Whether the service could work with a configuration and its connectors; nothing is asked.
///
/// # Errors
/// What only the service would stumble over otherwise.
pub fn consider_config(config: &Config) -> Result<(), BotError> {
    consider(config).map(drop)
}

fn consider(config: &Config) -> Result<Arc<Connection>, BotError> {
    let connection = Arc::new(Connection::new(&config.bot)?);
    let connectors = service::connectors(config, Memory::default())?;
    let table = Table::new(&config.bot.names, &connectors)?;
    service::groups(config, &connectors, &table, &connection)?;
    Ok(connection)
}

/// Looks at the bot and at its place in each configured group.
///
/// # Errors
/// A [`BotError`] where the config cannot work, the token is wrong or the Bot API does not answer.
pub async fn check(config: &Config) -> Result<BotFacts, BotError> {
    let connection = consider(config)?;
    let groups: Vec<GroupId> = config
        .groups
        .iter()
        .map(|group| group.id.parse())
        .collect::<Result<_, _>>()?;
    let identity = connection.identity().await?;
    let mut facts = Vec::with_capacity(groups.len());
    for group in groups {
        facts.push(GroupFacts {
            group,
            membership: membership(&connection, group, identity.id).await?,
        });
    }
    Ok(BotFacts {
        id: identity.id,
        username: identity.username,
        can_read_all_group_messages: identity.reads_all,
        groups: facts,
    })
}

/// What the bot is in a group.
pub(super) async fn membership(
    connection: &Connection,
    group: GroupId,
    id: u64,
) -> Result<Membership, BotError> {
    match connection
        .calls
        .get_chat_member(ChatId(group.marked()), UserId(id))
        .await
    {
        Ok(member) if member.is_privileged() => Ok(Membership::Administrator),
        Ok(member) if member.is_restricted() => Ok(Membership::Restricted),
        Ok(member) if member.is_member() => Ok(Membership::Member),
        Ok(_) => Ok(Membership::Absent),
        // "chat not found", "bot is not a member", "bot was kicked": all mean the same.
        Err(RequestError::Api(error)) if error != ApiError::InvalidToken => {
            tracing::debug!(group = %group, %error, "the bot is not in the group");
            Ok(Membership::Absent)
        }
        Err(error) => Err(BotError::Unreachable {
            call: "getChatMember",
            cause: connection.describe(&error),
        }),
    }
}
