//! What types cannot say: values that are well-formed and still wrong.

use std::collections::HashMap;

use super::error::ConfigError;
use super::load::Origins;
use super::{Config, Delivery, GroupConfig, TriggerConfig};
use crate::model::MediaKind;

/// Languages the bot speaks.
const LANGUAGES: &[&str] = &["en", "de", "ru"];
/// Smallest upload limit that makes sense: transcripts are split into parts of this size.
const MIN_UPLOAD: u64 = 100_000;
/// Bot API servers take at most this much (a local one).
const MAX_UPLOAD: u64 = 2_000_000_000;
/// Bytes of an MTProto authorisation key.
const AUTH_KEY_BYTES: usize = 256;

/// A shorter passphrase is soon guessed by whoever has the file.
const MIN_PASSPHRASE: usize = 12;

/// Checks every value that is set. Values that only some commands need are left to
/// [`Config::require_telegram`] and its like.
pub(super) fn check(config: &Config, origins: &Origins) -> Result<(), ConfigError> {
    let wrong = |key: &str, problem: &str, help: Option<&str>| {
        Err(ConfigError::Invalid {
            origin: origins.of(key),
            key: key.to_owned(),
            problem: problem.to_owned(),
            help: help.map(str::to_owned),
        })
    };
    if config.telegram.api_id < 0 {
        return wrong("telegram.api_id", "must be positive", Some(API_HELP));
    }
    if !is_account_name(&config.telegram.account) {
        return wrong(
            "telegram.account",
            "must be a plain name: letters, digits, - _ .",
            Some("it names the login's file"),
        );
    }
    let session_key = config.telegram.session_key.expose();
    if !session_key.is_empty() && session_key.chars().count() < MIN_PASSPHRASE {
        return wrong(
            "telegram.session_key",
            "must be at least 12 characters, or 64 hexadecimal digits",
            Some("`openssl rand -hex 32` makes one; keep a copy apart from the login files"),
        );
    }
    if let Some(server) = &config.telegram.server {
        if !(1..=5).contains(&server.dc_id) {
            return wrong("telegram.server.dc_id", "must be from 1 to 5", None);
        }
        let key = server.auth_key.expose();
        if key.len() != 2 * AUTH_KEY_BYTES || !key.chars().all(|c| c.is_ascii_hexdigit()) {
            return wrong(
                "telegram.server.auth_key",
                "must be 512 hexadecimal digits",
                Some("copy it from what `topicvault emulator` prints"),
            );
        }
    }
    if !config.bot.token.is_empty() && !is_bot_token(config.bot.token.expose()) {
        return wrong(
            "bot.token",
            "does not look like a bot's token",
            Some("@BotFather gives it as 123456789:AA…; copy it whole"),
        );
    }
    if !is_url(&config.bot.api_url) {
        return wrong("bot.api_url", "must begin with https:// or http://", None);
    }
    if !(MIN_UPLOAD..=MAX_UPLOAD).contains(&config.bot.upload_limit) {
        return wrong(
            "bot.upload_limit",
            "must be from 100000 to 2000000000 bytes",
            Some("50000000 at Telegram's own Bot API server"),
        );
    }
    if !(1..=60).contains(&config.bot.messages_per_minute) {
        return wrong(
            "bot.messages_per_minute",
            "must be from 1 to 60",
            Some("Telegram allows 20 in one group"),
        );
    }
    if !config.crm.url.is_empty() && !is_url(&config.crm.url) {
        return wrong("crm.url", "must begin with https:// or http://", None);
    }
    if config.crm.per_second == 0 {
        return wrong("crm.per_second", "must be at least 1", None);
    }
    if !config.http.listen.is_empty() && config.http.address().is_none() {
        return wrong(
            "http.listen",
            "must be an address and a port",
            Some("such as \"127.0.0.1:9464\""),
        );
    }
    if config.vault.dir.as_os_str().is_empty() {
        return wrong("vault.dir", "must name a directory", None);
    }
    if config.vault.seal_after == 0 {
        return wrong("vault.seal_after", "must be at least 1", None);
    }
    if !(1..=19).contains(&config.vault.seal_level) {
        return wrong("vault.seal_level", "must be from 1 to 19", None);
    }
    if !(0..=19).contains(&config.vault.compact_level) {
        return wrong("vault.compact_level", "must be from 0 to 19", None);
    }
    let no_kind = |name: &&String| MediaKind::by_file_name(name).is_none();
    if config.media.download.iter().any(|name| no_kind(&name)) {
        return wrong("media.download", "names no kind of file", Some(KINDS_HELP));
    }
    if config.media.max_sizes.keys().any(|name| no_kind(&name)) {
        return wrong("media.max_sizes", "names no kind of file", Some(KINDS_HELP));
    }
    if !(1..=100).contains(&config.media.warn_at) {
        return wrong("media.warn_at", "must be from 1 to 100", None);
    }
    let mut seen = HashMap::new();
    for (index, group) in config.groups.iter().enumerate() {
        check_group(group, index, origins)?;
        if let Ok(id) = group.group()
            && let Some(first) = seen.insert(id, index)
        {
            return wrong(
                &format!("groups[{index}].id"),
                "names a group that has a block already",
                Some(&format!(
                    "it stands at {} too; merge the two blocks",
                    origins.of(&format!("groups[{first}].id"))
                )),
            );
        }
    }
    Ok(())
}

fn check_group(group: &GroupConfig, index: usize, origins: &Origins) -> Result<(), ConfigError> {
    let wrong = |name: &str, problem: String, help: Option<&str>| {
        let key = format!("groups[{index}].{name}");
        Err(ConfigError::Invalid {
            origin: origins.of(&key),
            key,
            problem,
            help: help.map(str::to_owned),
        })
    };
    if group.group().is_err() {
        return wrong(
            "id",
            "is no group id".to_owned(),
            Some("use -100…, the bare id, or the link of a message in the group (t.me/c/…)"),
        );
    }
    if group.zone().is_none() {
        return wrong(
            "timezone",
            "is no time zone that we know".to_owned(),
            Some("use an IANA name such as \"Europe/Berlin\" or \"UTC\""),
        );
    }
    if let Some(language) = &group.language
        && !LANGUAGES.contains(&language.as_str())
    {
        return wrong(
            "language",
            format!("must be one of {}", LANGUAGES.join(", ")),
            Some("leave it out for the operator's own language"),
        );
    }
    if let Some(account) = &group.account
        && !is_account_name(account)
    {
        return wrong(
            "account",
            "must be a plain name: letters, digits, - _ .".to_owned(),
            Some("it names the login's file; leave it out for telegram.account"),
        );
    }
    if group.alerts < 1 {
        return wrong(
            "alerts",
            "must be a topic's id".to_owned(),
            Some("1 is General; others are the last number of the topic's link"),
        );
    }
    for (command, who) in &group.permissions {
        let known = |name: &String| {
            ["operators", "administrators", "nobody"].contains(&name.as_str())
                || group.staff.contains_key(name)
                || name.parse::<i64>().is_ok()
        };
        if let Some(stranger) = who.iter().find(|name| !known(name)) {
            return wrong(
                &format!("permissions.{command}"),
                format!("names {stranger:?}, which is neither a role nor a user id"),
                Some(
                    "there are operators, administrators, nobody, user ids in quotes, and the \
                     roles of [groups.staff]",
                ),
            );
        }
    }
    if group.delivery == Delivery::CrmApi && group.delivery_action.is_empty() {
        return wrong(
            "delivery",
            "needs a connector's action that brings words to the customer".to_owned(),
            Some("add delivery_action = \"connector.action\""),
        );
    }
    let by_itself = matches!(group.delivery, Delivery::Bot | Delivery::Userbot);
    if by_itself && group.roles.reply_only {
        return wrong(
            "delivery",
            "would reach nobody: with roles.reply_only the CRM passes on replies only".to_owned(),
            Some("use delivery = \"crm_api\" with a delivery_action, or none"),
        );
    }
    for (at, trigger) in group.triggers.iter().enumerate() {
        if let Some((key, problem, help)) = trigger_problem(trigger) {
            return wrong(
                &format!("triggers[{at}].{key}"),
                problem.to_owned(),
                Some(help),
            );
        }
    }
    if group.roles.note_prefix.is_empty() {
        return wrong(
            "roles.note_prefix",
            "must not be empty: every message would be a note".to_owned(),
            Some("Hotline's notes begin with \"/ \""),
        );
    }
    Ok(())
}

/// What is wrong with a trigger: the key, what, and what to do.
fn trigger_problem(trigger: &TriggerConfig) -> Option<(&'static str, &'static str, &'static str)> {
    if !TRIGGERS.contains(&trigger.on.as_str()) {
        return Some((
            "on",
            "names nothing that happens",
            "use topic_created, first_message, closed, reopened, no_answer or text",
        ));
    }
    if trigger.on == "no_answer" && trigger.minutes == 0 {
        return Some(("minutes", "must be at least 1", "such as: minutes = 15"));
    }
    if trigger.on == "text" && trigger.matches.is_empty() {
        return Some((
            "matches",
            "must say what the message contains",
            "such as: matches = \"(?i)refund|возврат\"",
        ));
    }
    if regex::Regex::new(&trigger.matches).is_err() {
        return Some((
            "matches",
            "is no regular expression",
            "put a backslash before . * + ? ( ) [ ] where they stand for themselves",
        ));
    }
    if trigger.run.is_empty() && trigger.note.is_empty() {
        return Some((
            "on",
            "has nothing to do",
            "add run = \"connector.action\" or note = \"…\"",
        ));
    }
    None
}

/// What a trigger can wait for.
const TRIGGERS: &[&str] = &[
    "topic_created",
    "first_message",
    "closed",
    "reopened",
    "no_answer",
    "text",
];

const KINDS_HELP: &str = "the kinds are photo, video, video_note, voice, audio, animation, sticker and document; \
     [] means none";

/// Where an api_id comes from.
pub(super) const API_HELP: &str =
    "get your own api_id and api_hash at https://my.telegram.org/apps";

/// Whether a text can name a login: it becomes a file name.
#[must_use]
pub fn is_account_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('.')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// Whether a text has the shape of a bot's token: digits, a colon, then the secret part.
#[must_use]
pub fn is_bot_token(text: &str) -> bool {
    text.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty()
            && id.len() <= 20
            && id.chars().all(|c| c.is_ascii_digit())
            && secret.len() >= 16
            && secret
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    })
}

fn is_url(text: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| {
        text.strip_prefix(scheme)
            .is_some_and(|rest| !rest.is_empty())
    })
}
