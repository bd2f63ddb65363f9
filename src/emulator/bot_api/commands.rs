//! The command menu, by scope and language, and what a bot says about itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::api::{BotApi, group_of_text};
use super::chats::cut;
use super::draft::array;
use super::error::{Answer, ApiError};
use super::params::{Fields, Params};

/// Scopes and languages with a menu, for one bot.
const MOST_MENUS: usize = 1_000;

/// What was set with `setMyCommands` and its like.
#[derive(Debug, Default)]
pub(super) struct Menus {
    /// Commands by bot, scope and language.
    commands: BTreeMap<(i64, String, String), Value>,
    /// Name, description and short description by bot, kind and language.
    said: BTreeMap<(i64, &'static str, String), String>,
}

/// `setMyCommands`.
pub(super) fn set(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let value = params.json("commands", "commands")?;
    let mut commands = Vec::new();
    if let Some(value) = &value {
        for command in array(value, "BotCommand")? {
            commands.push(command_of(command)?);
        }
    }
    if commands.len() > 100 {
        return Err(ApiError::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    let key = key(api, bot, params)?;
    let menus = &mut api.menus().commands;
    if commands.is_empty() {
        menus.remove(&key);
        return Ok(json!(true));
    }
    let many = menus.keys().filter(|(of, ..)| *of == bot).count();
    if many >= MOST_MENUS && !menus.contains_key(&key) {
        return Err(ApiError::bad_request("BOT_COMMANDS_TOO_MUCH"));
    }
    menus.insert(key, Value::Array(commands));
    Ok(json!(true))
}

fn command_of(command: &Value) -> Result<Value, ApiError> {
    let refused = |why: &str| ApiError::bad_request(format!("can't parse BotCommand: {why}"));
    let fields = Fields::of(command).ok_or_else(|| refused("expected an Object"))?;
    let field = |name: &str| {
        fields
            .get(name)
            .and_then(Value::as_str)
            .ok_or_else(|| refused(&format!("Can't find field \"{name}\"")))
    };
    let (name, description) = (field("command")?, field("description")?.trim());
    let name = name.trim_start_matches('/');
    let valid = (1..=32).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !valid {
        return Err(ApiError::bad_request("BOT_COMMAND_INVALID"));
    }
    if !(1..=256).contains(&description.chars().count()) {
        return Err(ApiError::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(json!({ "command": name, "description": description }))
}

/// `getMyCommands`.
pub(super) fn get(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let key = key(api, bot, params)?;
    let menu = api.menus().commands.get(&key).cloned();
    Ok(menu.unwrap_or_else(|| json!([])))
}

/// `deleteMyCommands`.
pub(super) fn delete(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let key = key(api, bot, params)?;
    api.menus().commands.remove(&key);
    Ok(json!(true))
}

fn key(api: &BotApi, bot: i64, params: &Params) -> Result<(i64, String, String), ApiError> {
    Ok((bot, scope(api, bot, params)?, language(params)?))
}

/// A scope as a text of its own, the same for the same scope however it was written.
fn scope(api: &BotApi, bot: i64, params: &Params) -> Result<String, ApiError> {
    let Some(value) = params.json("scope", "BotCommandScope")? else {
        return Ok("default".to_owned());
    };
    let refused = |why: &str| ApiError::bad_request(format!("can't parse BotCommandScope: {why}"));
    let fields = Fields::of(&value).ok_or_else(|| refused("BotCommandScope must be an Object"))?;
    let kind = fields
        .text("type")
        .ok_or_else(|| refused("Can't find field \"type\""))?;
    match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
            return Ok(kind.to_owned());
        }
        "chat" | "chat_administrators" | "chat_member" => {}
        _ => return Err(refused("Unsupported type specified")),
    }
    let chat = match fields.get("chat_id") {
        Some(Value::String(text)) => text.clone(),
        Some(number @ Value::Number(_)) => number.to_string(),
        _ => return Err(refused("Can't find field \"chat_id\"")),
    };
    if chat.is_empty() {
        return Err(refused("Empty chat_id specified"));
    }
    let user = if kind == "chat_member" {
        let user = fields
            .integer("user_id")
            .ok_or_else(|| refused("Can't find field \"user_id\""))?;
        if user <= 0 {
            return Err(refused("Invalid user_id specified"));
        }
        user
    } else {
        0
    };
    let group = group_of_text(api, bot, &chat)?;
    Ok(format!("{kind} {group} {user}"))
}

/// A two-letter language code, or nothing.
fn language(params: &Params) -> Result<String, ApiError> {
    let code = params.text("language_code").unwrap_or_default();
    let valid = code.is_empty() || code.len() == 2 && code.chars().all(|c| c.is_ascii_lowercase());
    if valid {
        Ok(code.to_owned())
    } else {
        Err(ApiError::bad_request("invalid language code specified"))
    }
}

/// `setMyName`.
pub(super) fn set_name(api: &BotApi, bot: i64, params: &Params) -> Answer {
    say(api, bot, params, "name", 64)
}

/// `getMyName`.
pub(super) fn get_name(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let first_name = api
        .world()
        .read(|state| state.user(bot).map(|user| user.first_name.clone()));
    said(api, bot, params, "name", first_name.unwrap_or_default())
}

/// `setMyDescription`.
pub(super) fn set_description(api: &BotApi, bot: i64, params: &Params) -> Answer {
    say(api, bot, params, "description", 512)
}

/// `getMyDescription`.
pub(super) fn get_description(api: &BotApi, bot: i64, params: &Params) -> Answer {
    said(api, bot, params, "description", String::new())
}

/// `setMyShortDescription`.
pub(super) fn set_short_description(api: &BotApi, bot: i64, params: &Params) -> Answer {
    say(api, bot, params, "short_description", 120)
}

/// `getMyShortDescription`.
pub(super) fn get_short_description(api: &BotApi, bot: i64, params: &Params) -> Answer {
    said(api, bot, params, "short_description", String::new())
}

/// Sets a text about the bot; without a language it is the one for everybody. Too long ones are
/// cut, as Telegram's server does. A name for everybody is the account's name from then on.
fn say(api: &BotApi, bot: i64, params: &Params, what: &'static str, limit: usize) -> Answer {
    let language = language(params)?;
    let text = cut(params.text(what), limit);
    if what == "name" && language.is_empty() {
        if text.is_empty() {
            return Err(ApiError::bad_request("name must be non-empty"));
        }
        api.world().write(|state| {
            if let Some(user) = state.user_mut(bot) {
                text.clone_into(&mut user.first_name);
            }
        });
        return Ok(json!(true));
    }
    let said = &mut api.menus().said;
    if text.is_empty() {
        said.remove(&(bot, what, language));
    } else {
        said.insert((bot, what, language), text);
    }
    Ok(json!(true))
}

/// A text about the bot, in the language asked for, else the one for everybody.
fn said(api: &BotApi, bot: i64, params: &Params, what: &'static str, default: String) -> Answer {
    let language = language(params)?;
    let menus = api.menus();
    let known = menus
        .said
        .get(&(bot, what, language))
        .or_else(|| menus.said.get(&(bot, what, String::new())));
    Ok(json!({ what: known.cloned().unwrap_or(default) }))
}
