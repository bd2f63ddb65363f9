//! The bot as a service: polls, hands on, ends cleanly.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use teloxide::payloads::GetUpdatesSetters;
use teloxide::requests::Requester;
use teloxide::types::{AllowedUpdate, Update};
use teloxide::{ApiError, RequestError};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::audit::Audit;
use super::broken::Broken;
use super::command::Table;
use super::connection::{Connection, Identity, POLL_SECONDS};
use super::dispatch::Desk;
use super::error::BotError;
use super::facts::{self, Membership};
use super::help;
use super::line::Limits;
use super::notices::Notices;
use super::queue::Queue;
use super::request::{Group, Shared};
use super::scratch::Workshop;
use super::source::{Archives, Recorder};
use super::store::Store;
use super::{outbox, parts, triggers};
use crate::archive::Vault;
use crate::capture::Progress;
use crate::config::Config;
use crate::connectors::{Catalogue, Live, Memory};
use crate::crm::Crm;
use crate::model::{GroupId, PersonId};

/// Telegram takes about one message a second in a chat.
const GAP: Duration = Duration::from_secs(1);
/// Pause after the first failed poll; doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// Longest pause between two polls.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Another poller is believed after so many conflicts: one or two happen when a predecessor is
/// still ending.
const CONFLICTS: u32 = 10;
/// Pause between two conflicts.
const CONFLICT_PAUSE: Duration = Duration::from_secs(3);
/// At the end: time for commands to finish by themselves.
const GRACE: Duration = Duration::from_secs(3);
/// At the end: time for commands that were told to break off.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// At the end: time for a call, and for the queues to empty.
const LAST_CALL: Duration = Duration::from_secs(2);

/// What the bot works with.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The archives.
    pub vault: Vault,
    /// How far capture is.
    pub progress: watch::Receiver<HashMap<GroupId, Progress>>,
    /// What operators are to be told.
    pub notices: Notices,
    /// The archives that are open.
    pub archives: Archives,
    /// The CRM, where there is one.
    pub crm: Option<Arc<dyn Crm>>,
}

/// The connectors of the configuration, ready.
pub(super) fn connectors(config: &Config, memory: Memory) -> Result<Vec<Arc<Live>>, BotError> {
    let dir = &config.connectors.dir;
    let connectors = Catalogue::read(dir)?.connectors.into_iter();
    let live = connectors.map(|one| {
        let live = Live::new(one, dir, memory.clone());
        if let Some(trouble) = live.trouble() {
            // The others work; whoever uses this one is told.
            tracing::warn!(connector = %live.connector.name, error = %trouble, "a connector cannot be used");
        }
        Arc::new(live)
    });
    Ok(live.collect())
}

/// The groups of the configuration, and the work of each one's queue.
pub(super) fn groups(
    config: &Config,
    connectors: &[Arc<Live>],
    table: &Table,
    connection: &Arc<Connection>,
) -> Result<Vec<(Group, impl Future<Output = ()> + Send + use<>)>, BotError> {
    let limits = Limits {
        per_minute: usize::try_from(config.bot.messages_per_minute).unwrap_or(usize::MAX),
        gap: GAP,
    };
    let groups = config.groups.iter().map(|group| {
        let id: GroupId = group.id.parse()?;
        let (queue, work) = Queue::new(id, Arc::clone(connection), limits);
        Ok((Group::new(id, group, connectors, table, queue)?, work))
    });
    groups.collect()
}

/// Does work that ends with the service only; where it breaks off, it is begun again.
async fn keep<F: Future<Output = ()> + Send + 'static>(
    what: &str,
    ending: CancellationToken,
    work: impl Fn() -> F,
) {
    while !ending.is_cancelled() {
        let mut one = JoinSet::new();
        one.spawn(work());
        if let Some(Err(error)) = one.join_next().await {
            tracing::error!(%error, "{what} broke off and is begun again");
        }
        rest(FIRST_PAUSE, &ending).await;
    }
}

/// Serves commands until cancelled.
///
/// # Errors
/// A [`BotError`] where the config cannot work, Telegram refuses the token, or somebody else
/// fetches the bot's updates. A network that is down is waited for.
pub async fn run(
    config: Config,
    surroundings: Surroundings,
    stop: CancellationToken,
) -> Result<(), BotError> {
    let Surroundings {
        vault,
        progress,
        notices,
        archives,
        crm,
    } = surroundings;
    let connection = Arc::new(Connection::new(&config.bot)?);
    let state = Store::open(&vault)?;
    let connectors = connectors(&config, Memory::of(state.shared()))?;
    let table = Table::new(&config.bot.names, &connectors)?;
    let workshop = Workshop::open(vault.dir()).map_err(|source| BotError::Scratch {
        dir: vault.dir().join("tmp").display().to_string(),
        source,
    })?;
    let audit = Audit::new(state.clone());
    let mut queues = JoinSet::new();
    let mut groups = HashMap::new();
    for (group, work) in self::groups(&config, &connectors, &table, &connection)? {
        queues.spawn(work);
        groups.insert(group.id, Arc::new(group));
    }
    let Some(identity) = arrive(&connection, &stop).await? else {
        return Ok(());
    };
    let shared = Arc::new(Shared {
        id: PersonId(i64::try_from(identity.id).unwrap_or(i64::MAX)),
        username: identity.username.clone(),
        vault,
        progress,
        table,
        connectors,
        crm,
        state,
        outbox: Notify::new(),
        upload_limit: config.bot.upload_limit,
        files: config.media.policy(),
        pseudonym_key: config.privacy.pseudonym_key.clone(),
        workshop,
        ending: CancellationToken::new(),
        abandon: CancellationToken::new(),
    });
    tracing::info!(
        bot = %identity.username,
        groups = groups.len(),
        reads_all = identity.reads_all,
        "the bot serves"
    );
    let desk = Desk {
        connection: Arc::clone(&connection),
        shared: Arc::clone(&shared),
        groups,
        audit,
    };
    let mut tasks = JoinSet::new();
    // Before anything begins.
    parts::look_at_all(&shared, &desk.groups).await;
    let broken = Broken::read(&shared, &desk.groups).await;
    let audit = desk.audit.clone();
    tasks.spawn(broken.tell(Arc::clone(&shared), audit, desk.groups.clone()));
    for group in desk.groups.values() {
        let group = Arc::clone(group);
        let (connection, shared) = (Arc::clone(&connection), Arc::clone(&shared));
        let id = identity.id;
        tasks.spawn(async move { greet(&connection, &shared, &group, id).await });
    }
    let mut helpers = JoinSet::new();
    let ending = shared.ending.clone();
    let (groups, told) = (desk.groups.clone(), ending.clone());
    helpers.spawn(keep("telling operators", ending.clone(), move || {
        notices.clone().deliver(groups.clone(), told.clone())
    }));
    for group in desk.groups.values() {
        let (shared, group) = (Arc::clone(&shared), Arc::clone(group));
        helpers.spawn(keep("a group's outbox", ending.clone(), move || {
            outbox::drain(Arc::clone(&shared), Arc::clone(&group))
        }));
    }
    for group in desk.groups.values().filter(|it| it.parts.is_open()) {
        let (shared, group) = (Arc::clone(&shared), Arc::clone(group));
        helpers.spawn(keep("finding who is who", ending.clone(), move || {
            parts::follow(Arc::clone(&shared), Arc::clone(&group))
        }));
    }
    for group in desk.groups.values().filter(|it| !it.triggers.is_empty()) {
        let (shared, audit) = (Arc::clone(&shared), desk.audit.clone());
        let (group, archives) = (Arc::clone(group), archives.clone());
        helpers.spawn(keep("a group's triggers", ending.clone(), move || {
            let (shared, audit) = (Arc::clone(&shared), audit.clone());
            triggers::follow(shared, audit, Arc::clone(&group), archives.clone())
        }));
    }
    let recorder = Recorder::new(archives);
    let outcome = poll(&connection, &desk, recorder, &mut tasks, &stop).await;
    // What they are at they may finish; and they hold entrances to the queues.
    ending.cancel();
    if timeout(GRACE, all(&mut helpers)).await.is_err() {
        helpers.shutdown().await;
    }
    leave(desk, tasks, queues).await;
    outcome
}

/// Finds out who we are, however long the network is down; `None`: stopped meanwhile.
async fn arrive(
    connection: &Connection,
    stop: &CancellationToken,
) -> Result<Option<Identity>, BotError> {
    let mut pause = FIRST_PAUSE;
    loop {
        let identity = tokio::select! {
            identity = connection.identity() => identity,
            () = stop.cancelled() => return Ok(None),
        };
        match identity {
            Ok(identity) => return Ok(Some(identity)),
            Err(error @ BotError::Unreachable { .. }) => {
                tracing::warn!(%error, seconds = pause.as_secs(), "trying again");
            }
            Err(error) => return Err(error),
        }
        if rest(pause, stop).await {
            return Ok(None);
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Tells Telegram the commands of a group, if the bot can be of use there.
async fn greet(connection: &Connection, shared: &Shared, group: &Group, id: u64) {
    match facts::membership(connection, group.id, id).await {
        Ok(Membership::Absent) => {
            tracing::warn!(group = %group.id, "the bot is not in the group: add it, or nobody can command it there");
            return;
        }
        Ok(Membership::Restricted) => {
            tracing::warn!(group = %group.id, "the bot is restricted in the group: allow it to write and to send files");
        }
        Ok(Membership::Administrator | Membership::Member) => {}
        // The network may be back for the commands.
        Err(error) => tracing::warn!(group = %group.id, %error, "the bot's place is not known"),
    }
    help::announce(connection, &shared.table, group).await;
}

/// Fetches updates and hands them on until stopped.
async fn poll(
    connection: &Connection,
    desk: &Desk,
    mut recorder: Recorder,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Result<(), BotError> {
    let mut offset = 0;
    let mut pause = FIRST_PAUSE;
    let mut conflicts = 0;
    let outcome = loop {
        while tasks.try_join_next().is_some() {}
        let call = connection
            .calls
            .get_updates()
            .offset(offset)
            .timeout(POLL_SECONDS)
            .allowed_updates([
                AllowedUpdate::Message,
                AllowedUpdate::EditedMessage,
                AllowedUpdate::CallbackQuery,
                AllowedUpdate::MyChatMember,
            ]);
        let updates = tokio::select! {
            biased;
            () = stop.cancelled() => break Ok(()),
            updates = call => updates,
        };
        let error = match updates {
            Ok(updates) => {
                (pause, conflicts) = (FIRST_PAUSE, 0);
                let reached = updates.iter().map(after).max();
                for update in &updates {
                    desk.take(update, tasks);
                }
                // Telegram forgets them with the next call, so they have to be safe by then.
                recorder.record(&updates).await;
                offset = offset.max(reached.unwrap_or(offset));
                continue;
            }
            Err(error) => error,
        };
        let wait = match trouble(&error) {
            Trouble::Fatal(error) => break Err(error),
            Trouble::Conflict => {
                conflicts += 1;
                if conflicts >= CONFLICTS {
                    break Err(BotError::OtherPoller);
                }
                tracing::warn!("{}", BotError::OtherPoller);
                CONFLICT_PAUSE
            }
            Trouble::Wait(wait) => wait,
            Trouble::Passing => {
                let cause = connection.describe(&error);
                let wait = pause;
                tracing::warn!(%cause, seconds = wait.as_secs(), "no updates, trying again");
                pause = (pause * 2).min(LONGEST_PAUSE);
                wait
            }
        };
        if rest(wait, stop).await {
            break Ok(());
        }
    };
    // Telegram forgets updates only when a later offset is asked for: without this call the last
    // ones would be served again after a restart.
    if offset > 0 && outcome.is_ok() {
        let confirm = connection
            .calls
            .get_updates()
            .offset(offset)
            .limit(1)
            .timeout(0);
        match timeout(LAST_CALL, confirm.into_future()).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                let cause = connection.describe(&error);
                tracing::warn!(%cause, "the last commands may be served again after a restart");
            }
            Err(_) => tracing::warn!("the last commands may be served again after a restart"),
        }
    }
    outcome
}

/// What a failed poll means.
#[derive(Debug)]
enum Trouble {
    /// It will not get better.
    Fatal(BotError),
    /// Somebody else polls.
    Conflict,
    /// Telegram asks for a pause.
    Wait(Duration),
    /// It may pass.
    Passing,
}

fn trouble(error: &RequestError) -> Trouble {
    match error {
        RequestError::RetryAfter(seconds) => Trouble::Wait(seconds.duration()),
        RequestError::Api(ApiError::InvalidToken) => Trouble::Fatal(BotError::WrongToken),
        RequestError::Api(ApiError::TerminatedByOtherGetUpdates) => Trouble::Conflict,
        RequestError::Api(ApiError::CantGetUpdates) => Trouble::Fatal(BotError::WebhookSet),
        // Telegram's wording is longer than the one that teloxide knows.
        RequestError::Api(ApiError::Unknown(text)) if text.contains("webhook is active") => {
            Trouble::Fatal(BotError::WebhookSet)
        }
        RequestError::Api(ApiError::Unknown(text)) if text.starts_with("Conflict") => {
            Trouble::Conflict
        }
        _ => Trouble::Passing,
    }
}

/// The offset that confirms an update.
fn after(update: &Update) -> i32 {
    i32::try_from(update.id.0).map_or(i32::MAX, |id| id.saturating_add(1))
}

/// Pauses; `true`: stopped meanwhile.
async fn rest(pause: Duration, stop: &CancellationToken) -> bool {
    timeout(pause, stop.cancelled()).await.is_ok()
}

/// Finishes what was begun, within bounds.
async fn leave(desk: Desk, mut tasks: JoinSet<()>, mut queues: JoinSet<()>) {
    let abandon = desk.shared.abandon.clone();
    drop(desk);
    if timeout(GRACE, all(&mut tasks)).await.is_err() {
        abandon.cancel();
        if timeout(LAST_WORDS, all(&mut tasks)).await.is_err() {
            tracing::warn!(commands = tasks.len(), "commands were cut off");
        }
    }
    abandon.cancel();
    // What still runs holds an entrance to its queue, and the queue would never end.
    tasks.shutdown().await;
    if timeout(LAST_CALL, all(&mut queues)).await.is_err() {
        tracing::warn!("answers were cut off");
    }
}

async fn all(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(text: &str) -> RequestError {
        RequestError::Api(ApiError::Unknown(text.to_owned()))
    }

    #[test]
    fn failed_polls_are_told_apart() {
        assert!(matches!(
            trouble(&RequestError::Api(ApiError::InvalidToken)),
            Trouble::Fatal(BotError::WrongToken)
        ));
        assert!(matches!(
            trouble(&unknown(
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )),
            Trouble::Fatal(BotError::WebhookSet)
        ));
        assert!(matches!(
            trouble(&unknown(
                "Conflict: terminated by other long poll or webhook"
            )),
            Trouble::Conflict
        ));
        assert!(matches!(
            trouble(&RequestError::Api(ApiError::TerminatedByOtherGetUpdates)),
            Trouble::Conflict
        ));
        assert!(matches!(
            trouble(&unknown("Internal Server Error")),
            Trouble::Passing
        ));
    }
}
