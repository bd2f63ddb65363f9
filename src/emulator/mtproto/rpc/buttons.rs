//! Buttons: the ones that bots attach, their presses, and the answers. A press is the one request
//! that waits for somebody else.

use std::time::Duration;

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::messages::message_of;
use super::refusal::RpcRefusal;
use crate::emulator::world::{Button, PressAnswer, State, User};

/// Bytes that a button may call back with.
const DATA: usize = 64;

/// The buttons that a bot attaches; other keyboards leave nothing on a message, and neither do
/// people's.
pub(super) fn attached(
    state: &State,
    me: i64,
    markup: Option<enums::ReplyMarkup>,
) -> Result<Vec<Vec<Button>>, RpcRefusal> {
    let Some(enums::ReplyMarkup::ReplyInlineMarkup(markup)) = markup else {
        return Ok(Vec::new());
    };
    if !state.user(me).is_some_and(User::is_bot) {
        return Ok(Vec::new());
    }
    let mut rows = Vec::new();
    for enums::KeyboardInlineButtonRow::Row(row) in markup.rows {
        let buttons: Result<Vec<Button>, RpcRefusal> =
            row.buttons.into_iter().map(button).collect();
        rows.push(buttons?);
    }
    rows.retain(|row| !row.is_empty());
    Ok(rows)
}

fn button(button: enums::KeyboardInlineButton) -> Result<Button, RpcRefusal> {
    let enums::KeyboardInlineButton::Button(button) = button;
    if button.text.is_empty() {
        return Err(RpcRefusal::bad("BUTTON_TEXT_INVALID"));
    }
    let (url, data) = match button.r#type {
        enums::InlineButtonType::Url(it) => (Some(it.url), None),
        enums::InlineButtonType::Callback(it) if it.data.len() <= DATA => {
            let data = String::from_utf8(it.data);
            (
                None,
                Some(data.map_err(|_| RpcRefusal::bad("BUTTON_DATA_INVALID"))?),
            )
        }
        enums::InlineButtonType::Callback(_) => return Err(RpcRefusal::bad("BUTTON_DATA_INVALID")),
        _ => return Err(RpcRefusal::bad("BUTTON_TYPE_INVALID")),
    };
    Ok(Button {
        text: button.text,
        url,
        data,
        copy: None,
    })
}

/// A bot answers a press.
pub(super) fn set_bot_callback_answer(
    call: &mut Call,
    request: functions::messages::SetBotCallbackAnswer,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    let answer = PressAnswer {
        text: request.message.unwrap_or_default(),
        alert: request.alert,
        url: request.url,
        cache_time: request.cache_time,
    };
    let world = &call.caller.place.world;
    world.write(|state| state.answer_press(me, request.query_id, answer))?;
    Ok(true)
}

/// For how long a bot may think; Telegram's apps give up about then.
const PATIENCE: Duration = Duration::from_secs(15);

/// Presses a button and waits for what the bot answers.
pub(super) async fn get_bot_callback_answer(
    call: &Call,
    request: functions::messages::GetBotCallbackAnswer,
) -> Result<enums::messages::BotCallbackAnswer, RpcRefusal> {
    let me = call.me()?;
    let place = &call.caller.place;
    let data = request.data.unwrap_or_default();
    let data = String::from_utf8(data).map_err(|_| RpcRefusal::bad("DATA_INVALID"))?;
    let mut changes = place.world.changes();
    let press = place.world.write(|state| {
        let group = message_of(state, me, &request.peer, request.msg_id)?;
        Ok::<_, RpcRefusal>(state.press(group, me, request.msg_id, &data)?)
    })?;
    let answered = async {
        loop {
            let answer = place.world.read(|state| state.press_answer(press).cloned());
            if let Some(answer) = answer {
                return answer;
            }
            if changes.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    let answer = tokio::select! {
        answer = answered => answer,
        () = tokio::time::sleep(PATIENCE) => return Err(RpcRefusal::bad("BOT_RESPONSE_TIMEOUT")),
        () = place.stop.cancelled() => return Err(RpcRefusal::bad("BOT_RESPONSE_TIMEOUT")),
    };
    let answer = types::messages::BotCallbackAnswer {
        alert: answer.alert,
        has_url: answer.url.is_some(),
        native_ui: true,
        message: Some(answer.text).filter(|text| !text.is_empty()),
        url: answer.url,
        cache_time: answer.cache_time,
    };
    Ok(answer.into())
}
