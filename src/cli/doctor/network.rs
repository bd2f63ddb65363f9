//! What Telegram, the Bot API and the CRM say.

use super::check::{Check, State};
use crate::bot::{self, Membership};
use crate::capture::{self, CaptureError, SessionError, Userbot};
use crate::config::{Config, Loaded, TelegramConfig};
use crate::crm::TopicsApi;
use crate::model::{GroupId, TopicId};

/// How long one check over the network may take, seconds.
const PATIENCE: u64 = 30;

/// Logs in, looks at the groups, the bot and the CRM.
pub(super) async fn checks(loaded: &Loaded) -> Vec<Check> {
    let config = &loaded.config;
    let groups: Vec<GroupId> = config
        .groups
        .iter()
        .filter_map(|group| group.group().ok())
        .collect();
    let mut checks = Vec::new();
    if config.require_telegram().is_err() {
        checks.push(Check::new("login", State::Skipped, "api_id is not set"));
    } else {
        for (account, groups) in config.accounts() {
            let login = config.login_of(&account);
            if capture::session_path(&login, &loaded.base).exists() {
                checks.extend(patient("login", logged_in(&login, loaded, &groups)).await);
            } else {
                let detail = format!("{account}: not logged in");
                checks.push(Check::new("login", State::Skipped, detail));
            }
        }
    }
    checks.extend(patient("bot", bot(config)).await);
    checks.extend(patient("crm", crm(config, groups.first().copied())).await);
    checks
}

/// A check that may hang gets an end.
async fn patient(name: &'static str, check: impl Future<Output = Vec<Check>>) -> Vec<Check> {
    let limit = std::time::Duration::from_secs(PATIENCE);
    tokio::time::timeout(limit, check)
        .await
        .unwrap_or_else(|_| {
            vec![
                Check::new(
                    name,
                    State::Failed,
                    format!("no answer within {PATIENCE} s"),
                )
                .help("check the network, a firewall or a proxy"),
            ]
        })
}

async fn logged_in(login: &TelegramConfig, loaded: &Loaded, groups: &[GroupId]) -> Vec<Check> {
    let userbot = match Userbot::connect(login, &loaded.base).await {
        Ok(userbot) => userbot,
        // A second use would end it; whoever uses it knows whether it is good.
        Err(CaptureError::Session(SessionError::InUse { .. })) => {
            return vec![Check::new(
                "login",
                State::Skipped,
                "in use by another process, such as a running service",
            )];
        }
        Err(error) => return vec![Check::failed("login", error.into())],
    };
    let mut checks = vec![Check::new(
        "login",
        State::Ok,
        format!("{} ({})", userbot.me().name, userbot.me().id),
    )];
    for group in groups {
        checks.push(match userbot.check_groups(&[*group]).await {
            Ok(titles) => Check::new(
                "group",
                State::Ok,
                format!("{} ({})", titles.join(", "), group.marked()),
            ),
            Err(error) => Check::failed("group", error.into()),
        });
    }
    checks
}

async fn bot(config: &Config) -> Vec<Check> {
    if config.bot.token.is_empty() {
        return vec![Check::new("bot", State::Skipped, "none is set")];
    }
    let facts = match bot::check(config).await {
        Ok(facts) => facts,
        Err(error) => return vec![Check::failed("bot", error.into())],
    };
    let name = format!("@{}", facts.username);
    let mut checks = vec![if facts.can_read_all_group_messages {
        Check::new("bot", State::Ok, format!("{name}, privacy mode off"))
    } else {
        Check::new("bot", State::Warning, format!("{name}, privacy mode on"))
            .help("in @BotFather: /setprivacy, Disable; then remove the bot from the group and add it again")
    }];
    for place in &facts.groups {
        let group = place.group.marked();
        checks.push(match place.membership {
            Membership::Administrator => Check::new(
                "bot",
                State::Ok,
                format!("{name} is an administrator of {group}"),
            ),
            Membership::Member => {
                Check::new("bot", State::Ok, format!("{name} is a member of {group}"))
            }
            Membership::Restricted => Check::new(
                "bot",
                State::Failed,
                format!("{name} may not write in {group}"),
            )
            .help("lift its restriction in the group's settings"),
            Membership::Absent => {
                Check::new("bot", State::Failed, format!("{name} is not in {group}"))
                    .help("add it to the group; @BotFather's /setjoingroups must be enabled")
            }
        });
    }
    checks
}

async fn crm(config: &Config, group: Option<GroupId>) -> Vec<Check> {
    let api = match TopicsApi::new(&config.crm) {
        Ok(Some(api)) => api,
        Ok(None) => return vec![Check::new("crm", State::Skipped, "none is set")],
        Err(error) => return vec![Check::failed("crm", error.into())],
    };
    let Some(group) = group else {
        return vec![Check::new(
            "crm",
            State::Skipped,
            "there is no group to ask about",
        )];
    };
    // Whether it knows this topic is all the same: it must answer and take our key.
    vec![match api.info_by_topic(group, TopicId::GENERAL).await {
        Ok(_) => Check::new("crm", State::Ok, "it answers"),
        Err(error) => Check::failed("crm", error.into()),
    }]
}
