//! A config with which `topicvault run` bridges a running emulator.

use std::fmt::Write as _;

use crate::emulator::scenario::Cast;
use crate::emulator::server::Facts;

/// How such a config begins: the demo may clear a directory that holds one.
pub(super) const FIRST_LINE: &str =
    "# Bridges the built-in Telegram; its keys are worth nothing elsewhere.";

/// Writes the config: the emulator's addresses, keys and secrets, and its support desk with the
/// rules that say who is who. Paths are relative to the file. Nobody is logged in on its key: the
/// userbot's login comes first.
#[must_use]
pub fn config(facts: &Facts, cast: &Cast) -> String {
    written(facts, cast, &facts.mtproto.auth_key_hex, "")
}

/// The same with a key on which the userbot's account is logged in already. `None` in a world that
/// has no account for the userbot, or whose desk has no topics.
#[must_use]
pub fn ready_config(facts: &Facts, cast: &Cast) -> Option<String> {
    let userbot = facts.users.iter().find(|user| user.id == cast.userbot)?;
    // A session remembers its key, so another world needs another one.
    let world = blake3::hash(userbot.auth_key_hex.as_bytes()).to_hex();
    let account = format!("account = \"emulator-{}\"\n", world.get(..8).unwrap_or("0"));
    let desk = facts.groups.iter().find(|group| group.id == cast.group)?;
    desk.forum
        .then(|| written(facts, cast, &userbot.auth_key_hex, &account))
}

fn written(facts: &Facts, cast: &Cast, auth_key: &str, account: &str) -> String {
    let mut text =
        String::from("# Bridges the built-in Telegram; its keys are worth nothing elsewhere.\n");
    let assistant = facts.bots.iter().find(|bot| bot.id == cast.assistant);
    let ids = |ids: &[i64]| {
        let known = ids.iter().filter(|id| **id != 0).map(i64::to_string);
        known.collect::<Vec<String>>().join(", ")
    };
    // Every bot but the CRM's.
    let crms = [cast.author, cast.crm_bot];
    let others = cast.bots.iter().filter(|id| !crms.contains(id));
    let assistants: Vec<i64> = others.copied().collect();
    let (mtproto, crm) = (&facts.mtproto, &facts.crm);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        r#"
[telegram]
api_id = {api_id}
api_hash = {api_hash:?}
{account}
[telegram.server]
dc_id = {dc_id}
address = {address:?}
auth_key = {auth_key:?}
"#,
        api_id = facts.api.api_id,
        api_hash = facts.api.api_hash,
        dc_id = mtproto.dc_id,
        address = mtproto.addr,
    );
    if let Some(bot) = assistant {
        let _ = write!(
            text,
            r#"
[bot]
token = {token:?}
api_url = {api_url:?}
"#,
            token = bot.token,
            api_url = facts.bot_api,
        );
    }
    let _ = write!(
        text,
        r#"
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
relays = [{relays}]
assistants = [{assistants}]
"#,
        crm_url = crm.url,
        crm_key = crm.api_key,
        instance = crm.instance,
        instance_key = crm.instance_api_key,
        group = cast.group,
        relays = ids(&[cast.author]),
        assistants = ids(&assistants),
    );
    text
}
