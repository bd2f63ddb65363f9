//! Keyboards. Inline ones stay on the message; the others are checked and leave nothing on it.

use serde_json::Value;

use super::error::ApiError;
use super::params::{Fields, Params};
use crate::emulator::world::{Button, leads_somewhere};

/// Buttons below one message.
const MOST_BUTTONS: usize = 100;

/// Rows of an inline keyboard, from `reply_markup`.
pub(super) fn buttons(params: &Params) -> Result<Vec<Vec<Button>>, ApiError> {
    let Some(markup) = params.json("reply_markup", "reply keyboard markup")? else {
        return Ok(Vec::new());
    };
    let fields = Fields::of(&markup)
        .ok_or_else(|| ApiError::bad_request("object expected as reply markup"))?;
    let rows = |name: &str, what: &str| -> Result<Vec<&Vec<Value>>, ApiError> {
        let wrong =
            || ApiError::bad_request(format!("field \"{name}\"{what} must be an Array of Arrays"));
        let Some(rows) = fields.get(name) else {
            return Ok(Vec::new());
        };
        let rows = rows.as_array().ok_or_else(wrong)?;
        rows.iter()
            .map(|row| row.as_array().ok_or_else(wrong))
            .collect()
    };
    for button in rows("keyboard", "")?.into_iter().flatten() {
        reply_button(button)
            .map_err(|why| ApiError::bad_request(format!("can't parse keyboard button: {why}")))?;
    }
    let mut keyboard = Vec::new();
    let mut count = 0;
    for row in rows("inline_keyboard", " of the InlineKeyboardMarkup")? {
        let mut buttons = Vec::new();
        for value in row {
            let button = inline_button(value).map_err(|why| {
                ApiError::bad_request(format!("can't parse inline keyboard button: {why}"))
            })?;
            buttons.push(checked(button)?);
            count += 1;
        }
        if !buttons.is_empty() {
            keyboard.push(buttons);
        }
    }
    if count > MOST_BUTTONS {
        return Err(ApiError::bad_request("reply markup is too long"));
    }
    Ok(keyboard)
}

fn reply_button(value: &Value) -> Result<(), &'static str> {
    if value.is_string() {
        return Ok(());
    }
    let fields = Fields::of(value).ok_or("KeyboardButton must be a String or an Object")?;
    fields.get("text").ok_or("Can't find field \"text\"")?;
    Ok(())
}

fn inline_button(value: &Value) -> Result<Button, &'static str> {
    let fields = Fields::of(value).ok_or("InlineKeyboardButton must be an Object")?;
    let text = fields.get("text").and_then(Value::as_str);
    let text = text.ok_or("Can't find field \"text\"")?.to_owned();
    let login = fields.get("login_url").and_then(Fields::of);
    let url = fields
        .text("url")
        .or_else(|| login.and_then(|login| login.text("url")));
    let data = fields.text("callback_data").filter(|_| url.is_none());
    let other = [
        "callback_game",
        "pay",
        "switch_inline_query",
        "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat",
        "web_app",
    ];
    let copy = fields
        .get("copy_text")
        .filter(|_| url.is_none() && data.is_none());
    let copy = copy
        .map(|copy| {
            let copy = Fields::of(copy).ok_or("Field \"copy_text\" must be of type Object")?;
            copy.text("text").ok_or("Can't find field \"text\"")
        })
        .transpose()?;
    let does = url.or(data).or(copy);
    if does.is_none() && !other.iter().any(|name| fields.get(name).is_some()) {
        return Err("Text buttons are unallowed in the inline keyboard");
    }
    Ok(Button {
        text,
        url: url.map(str::to_owned),
        data: data.map(str::to_owned),
        copy: copy.map(str::to_owned),
    })
}

/// What Telegram's servers check about a button.
fn checked(button: Button) -> Result<Button, ApiError> {
    if button.text.trim().is_empty() {
        return Err(ApiError::bad_request(
            "inline keyboard button text must be non-empty",
        ));
    }
    match (&button.url, &button.data) {
        (None, None) if button.copy.is_some() => Ok(button),
        // Buttons for games, payments, web apps and inline queries: the first three are refused in
        // groups by Telegram too, and no bot of this world answers inline queries.
        (None, None) => Err(ApiError::bad_request("BUTTON_TYPE_INVALID")),
        (Some(url), _) if !leads_somewhere(url) => Err(ApiError::bad_request(format!(
            "inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
        ))),
        _ => Ok(button),
    }
}
