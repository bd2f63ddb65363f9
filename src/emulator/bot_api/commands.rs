//! The command menu, by scope and language.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::api::BotApi;
use super::error::{Answer, ApiError};
use super::params::Params;

/// Menus by bot, scope and language.
pub(super) type Menus = BTreeMap<(i64, String, String), Value>;

type Key = (i64, String, String);

/// `setMyCommands`.
pub(super) fn set(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let commands: Vec<Value> = params
        .json("commands")?
        .ok_or_else(|| ApiError::bad_request("can't parse commands JSON object"))?;
    if commands.len() > 100 {
        return Err(ApiError::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in &commands {
        let field = |name: &str| {
            command
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let name = field("command").trim_start_matches('/');
        let valid = (1..=32).contains(&name.len())
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !valid {
            return Err(ApiError::bad_request("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&field("description").chars().count()) {
            return Err(ApiError::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    api.menus()
        .insert(key(bot, params)?, Value::Array(commands));
    Ok(json!(true))
}

/// `getMyCommands`.
pub(super) fn get(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let menu = api.menus().get(&key(bot, params)?).cloned();
    Ok(menu.unwrap_or_else(|| json!([])))
}

/// `deleteMyCommands`.
pub(super) fn delete(api: &BotApi, bot: i64, params: &Params) -> Answer {
    api.menus().remove(&key(bot, params)?);
    Ok(json!(true))
}

fn key(bot: i64, params: &Params) -> Result<Key, ApiError> {
    let scope: BTreeMap<String, Value> = params
        .json("scope")?
        .unwrap_or_else(|| [("type".to_owned(), json!("default"))].into());
    // A sorted map, so that the same scope is the same key however the client orders it.
    let scope = serde_json::to_string(&scope)
        .map_err(|_| ApiError::bad_request("can't parse BotCommandScope"))?;
    let language = params.text("language_code").unwrap_or_default().to_owned();
    Ok((bot, scope, language))
}
