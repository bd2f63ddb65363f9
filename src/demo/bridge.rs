//! A config with which `topicvault run` bridges a running emulator.

use std::fmt::Write as _;

use crate::emulator::scenario::Cast;
use crate::emulator::server::Facts;
use crate::emulator::world::{Group, State};

/// How such a config begins: the demo may clear a directory that holds one.
pub(super) const FIRST_LINE: &str =
    "# Bridges the built-in Telegram; its keys are worth nothing elsewhere.";

/// How the second line begins; what the rest was when it was written follows, hashed.
const UNTOUCHED: &str = "# Replaced by the next emulator unless somebody changes it: ";

/// Writes the config: the emulator's addresses, keys and secrets, and its support desk with the
/// rules that say who is who. Paths are relative to the file. Nobody is logged in on its key: the
/// userbot's login comes first.
#[must_use]
pub fn config(facts: &Facts, cast: &Cast) -> String {
    written(facts, cast, &facts.mtproto.auth_key_hex, None)
}

/// The same with a key on which the userbot's account is logged in already, and with a session and
/// a vault of this world's own: what belongs to another world is another story under the same ids.
/// `None` in a world that has no account for the userbot, or whose desk has no topics.
#[must_use]
pub fn ready_config(facts: &Facts, cast: &Cast, state: &State) -> Option<String> {
    let userbot = facts.users.iter().find(|user| user.id == cast.userbot)?;
    let desk = state.group(cast.group).filter(|desk| desk.forum)?;
    let world = fingerprint(&userbot.auth_key_hex, desk);
    Some(written(facts, cast, &userbot.auth_key_hex, Some(&world)))
}

/// A name for a world: the same key and the same past give the same.
fn fingerprint(key: &str, desk: &Group) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(key.as_bytes());
    for message in desk.messages.values() {
        hasher.update(&message.id.to_le_bytes());
        hasher.update(&message.date.to_le_bytes());
        hasher.update(&message.from.to_le_bytes());
        hasher.update(&message.text.len().to_le_bytes());
        hasher.update(message.text.as_bytes());
    }
    let hash = hasher.finalize().to_hex();
    hash.get(..8).unwrap_or("0").to_owned()
}

/// Whether a config's text is what an emulator wrote, and nobody changed it since.
pub(super) fn is_untouched(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('\n') else {
        return false;
    };
    let Some((second, body)) = rest.split_once('\n') else {
        return false;
    };
    first == FIRST_LINE && second.strip_prefix(UNTOUCHED) == Some(&*hash(body))
}

fn hash(body: &str) -> String {
    blake3::hash(body.as_bytes()).to_hex().to_string()
}

/// `world`: the name of the world, for its session and its vault.
fn written(facts: &Facts, cast: &Cast, auth_key: &str, world: Option<&str>) -> String {
    let account = world.map(|world| format!("account = \"emulator-{world}\"\n"));
    let account = account.unwrap_or_default();
    let vault = world.map(|world| format!("\n[vault]\ndir = \"vault-emulator-{world}\"\n"));
    let vault = vault.unwrap_or_default();
    let mut text = String::new();
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
{vault}"#,
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
# What the customer is to be told, the userbot writes in the topic, and the CRM passes it on.
delivery = "userbot"

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
    format!("{FIRST_LINE}\n{UNTOUCHED}{}\n{text}", hash(&text))
}
