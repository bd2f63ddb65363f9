//! Buttons pressed: the one request that waits for somebody else.

use std::time::Duration;

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::messages::message_of;
use super::refusal::RpcRefusal;

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
