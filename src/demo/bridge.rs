//! A config with which `topicvault run` bridges a running emulator.

use std::fmt::Write as _;

use crate::emulator::scenario::Cast;
use crate::emulator::server::Facts;

/// How such a config begins: the demo may clear a directory that holds one.
pub(super) const FIRST_LINE: &str =
    "# Bridges the built-in Telegram; its keys are worth nothing elsewhere.";

/// Writes the config: the emulator's addresses, keys and secrets, and its support desk with the
/// rules that say who is who. Paths are relative to the file.
#[must_use]
pub fn config(facts: &Facts, cast: &Cast) -> String {
    let mut text =
        String::from("# Bridges the built-in Telegram; its keys are worth nothing elsewhere.\n");
    let userbot = facts.users.iter().find(|user| user.id == cast.userbot);
    let assistant = facts.bots.iter().find(|bot| bot.id == cast.assistant);
    let relay = match cast.relay {
        crate::emulator::server::Relay::Bot => cast.crm_bot,
        crate::emulator::server::Relay::User => cast.relay_user,
    };
    let (mtproto, crm) = (&facts.mtproto, &facts.crm);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        r#"
[telegram]
api_id = {api_id}
api_hash = {api_hash:?}

[telegram.server]
dc_id = {dc_id}
address = {address:?}
auth_key = {auth_key:?}

[bot]
token = {token:?}
api_url = {api_url:?}

[crm]
url = {crm_url:?}
api_key = {crm_key:?}
instance = {instance:?}
instance_api_key = {instance_key:?}

[privacy]
purpose = "Trying topicvault out against its built-in Telegram"

[[groups]]
id = "{group}"

[groups.roles]
relays = [{relay}]
assistants = [{assistants}]
"#,
        api_id = facts.api.api_id,
        api_hash = facts.api.api_hash,
        dc_id = mtproto.dc_id,
        address = mtproto.addr,
        auth_key = userbot.map_or(mtproto.auth_key_hex.as_str(), |user| &user.auth_key_hex),
        token = assistant.map_or("", |bot| &bot.token),
        api_url = facts.bot_api,
        crm_url = crm.url,
        crm_key = crm.api_key,
        instance = crm.instance,
        instance_key = crm.instance_api_key,
        group = cast.group,
        assistants = format_args!("{}, {}", cast.assistant, cast.parcel_bot),
    );
    text
}
