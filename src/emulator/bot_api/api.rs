//! The Bot API's shared state, and how methods are called.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::commands::Menus;
use super::error::{Answer, ApiError};
use super::files::Ready;
use super::limits::{Limiter, Limits};
use super::methods::{self, Work};
use super::params::Params;
use super::updates::Queue;
use super::webhook::Hooks;
use crate::emulator::faults::Faults;
use crate::emulator::world::{Standing, World};
use crate::model::GroupId;

/// Large request bodies that are held at once.
const LARGE_BODIES: usize = 16;

/// The Bot API of a world. Clones share everything.
#[derive(Clone, Debug)]
pub struct BotApi(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    world: World,
    faults: Faults,
    stop: CancellationToken,
    /// Where bots' queues begin: what happened earlier is past its 24 hours for them.
    since: usize,
    limiter: Mutex<Limiter>,
    queues: Mutex<BTreeMap<i64, Queue>>,
    menus: Mutex<Menus>,
    hooks: Mutex<Hooks>,
    ready: Mutex<Ready>,
    /// Places for large bodies: each may take tens of megabytes.
    large: Arc<Semaphore>,
    /// Counts changes of webhooks.
    rehooked: watch::Sender<u64>,
}

impl BotApi {
    /// Serves a world; updates are kept for each bot from now on.
    #[must_use]
    pub fn new(world: World, faults: Faults, limits: Limits, stop: CancellationToken) -> Self {
        let since = world.read(|state| state.log().len());
        let (rehooked, _) = watch::channel(0);
        Self(Arc::new(Inner {
            world,
            faults,
            stop,
            since,
            limiter: Mutex::new(Limiter::new(limits)),
            queues: Mutex::default(),
            menus: Mutex::default(),
            hooks: Mutex::default(),
            ready: Mutex::default(),
            large: Arc::new(Semaphore::new(LARGE_BODIES)),
            rehooked,
        }))
    }

    /// Every update that a bot was handed, in order and once each: what the Bot API showed it.
    #[must_use]
    pub fn received(&self, bot: i64) -> Vec<Value> {
        self.queues()
            .get(&bot)
            .map(|queue| queue.received.clone())
            .unwrap_or_default()
    }

    pub(super) fn world(&self) -> &World {
        &self.0.world
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.0.faults
    }

    pub(super) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    pub(super) fn menus(&self) -> MutexGuard<'_, Menus> {
        self.0.menus.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hooks(&self) -> MutexGuard<'_, Hooks> {
        self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What bots may download.
    pub(super) fn ready(&self) -> MutexGuard<'_, Ready> {
        self.0.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Places for large bodies.
    pub(super) fn large(&self) -> &Arc<Semaphore> {
        &self.0.large
    }

    pub(super) fn rehooked(&self) -> &watch::Sender<u64> {
        &self.0.rehooked
    }

    fn queues(&self) -> MutexGuard<'_, BTreeMap<i64, Queue>> {
        self.0.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works on a bot's queue.
    pub(super) fn with_queue<T>(&self, bot: i64, work: impl FnOnce(&mut Queue) -> T) -> T {
        let mut queues = self.queues();
        let queue = queues.entry(bot).or_insert_with(|| {
            let first = self.0.world.read(|state| state.hash(bot).unsigned_abs());
            Queue::new(self.0.since, first)
        });
        work(queue)
    }

    /// The bot that a token belongs to.
    pub(super) fn authorise(&self, token: &str) -> Result<i64, ApiError> {
        let well_formed = token
            .split_once(':')
            .is_some_and(|(id, secret)| id.parse::<i64>().is_ok() && !secret.is_empty());
        if !well_formed {
            return Err(ApiError::not_found());
        }
        self.0
            .world
            .read(|state| {
                state
                    .users()
                    .find(|user| user.bot.as_ref().is_some_and(|bot| bot.token == token))
                    .map(|user| user.id)
            })
            .ok_or_else(ApiError::unauthorized)
    }

    /// Counts so many posts to a group, or refuses them with 429. Waits pass with the world's
    /// clock, so that who moves it need not wait.
    pub(super) fn admit(&self, bot: i64, group: i64, posts: usize) -> Result<(), ApiError> {
        let ahead = self.0.world.read(|state| state.clock_offset);
        let ahead = Duration::from_secs(u64::try_from(ahead).unwrap_or_default());
        let now = Instant::now();
        let now = now.checked_add(ahead).unwrap_or(now);
        let mut limiter = self
            .0
            .limiter
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        limiter
            .admit(bot, group, posts, now)
            .map_err(ApiError::too_many_requests)
    }

    /// Calls a method; `name` as the client wrote it.
    pub(super) async fn call(&self, bot: i64, name: &str, params: &Params) -> Answer {
        match self.look_up(bot, name)? {
            Work::Now(work) => work(self, bot, params),
            Work::Poll => self.get_updates(bot, params).await,
        }
    }

    /// [`BotApi::call`] without waiting: a poll gives what is there.
    pub(super) fn call_now(&self, bot: i64, name: &str, params: &Params) -> Answer {
        match self.look_up(bot, name)? {
            Work::Now(work) => work(self, bot, params),
            Work::Poll => self.poll_once(bot, params),
        }
    }

    fn look_up(&self, bot: i64, name: &str) -> Result<Work, ApiError> {
        if let Some(failure) = self.0.faults.refusal_bot_api(bot, name) {
            return Err(failure.into());
        }
        methods::find(name).ok_or_else(ApiError::no_such_method)
    }
}

/// The bare id of the group that a parameter means, where the bot is a member.
pub(super) fn group_of(
    api: &BotApi,
    bot: i64,
    params: &Params,
    name: &str,
) -> Result<i64, ApiError> {
    let text = params
        .text(name)
        .ok_or_else(|| ApiError::bad_request("chat_id is empty"))?;
    group_of_text(api, bot, text)
}

/// The bare id of the group that a chat id means, where the bot is a member.
///
/// Groups of this world have no public name, and private chats are not part of it: nobody has
/// opened one, and Telegram does not let a bot do so. It says "chat not found" of people whom the
/// bot has never met, and that it can't initiate a conversation with those whom it has; bots can
/// never write to each other.
pub(super) fn group_of_text(api: &BotApi, bot: i64, text: &str) -> Result<i64, ApiError> {
    let not_found = || ApiError::bad_request("chat not found");
    let number: i64 = text.trim().parse().map_err(|_| not_found())?;
    api.world().read(|state| {
        if let Some(person) = state.user(number) {
            let met = state
                .groups()
                .any(|group| group.members.contains(&bot) && group.members.contains(&number));
            return Err(match (person.is_bot(), met) {
                (true, _) => ApiError::forbidden("bot can't send messages to bots"),
                (false, true) => ApiError::forbidden("bot can't initiate conversation with a user"),
                (false, false) => not_found(),
            });
        }
        let group = GroupId::from_marked(number)
            .map(GroupId::bare)
            .ok_or_else(not_found)?;
        match state.group(group).map(|place| place.standing(bot)) {
            None => Err(not_found()),
            Some(Standing::Banned) => Err(ApiError::kicked()),
            Some(Standing::Left) => Err(ApiError::not_a_member()),
            Some(_) => Ok(group),
        }
    })
}
