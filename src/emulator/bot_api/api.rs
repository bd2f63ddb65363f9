//! The Bot API's shared state, and which method is which.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::commands::Menus;
use super::error::{Answer, ApiError};
use super::limits::{Limiter, Limits};
use super::params::Params;
use super::updates::Queue;
use super::{chats, commands, edit, files, send, topics};
use crate::emulator::faults::Faults;
use crate::emulator::world::World;
use crate::model::GroupId;

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
}

impl BotApi {
    /// Serves a world; updates are kept for each bot from now on.
    #[must_use]
    pub fn new(world: World, faults: Faults, limits: Limits, stop: CancellationToken) -> Self {
        let since = world.read(|state| state.log().len());
        Self(Arc::new(Inner {
            world,
            faults,
            stop,
            since,
            limiter: Mutex::new(Limiter::new(limits)),
            queues: Mutex::default(),
            menus: Mutex::default(),
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

    /// Counts a post to a chat, or refuses it with 429.
    pub(super) fn admit(&self, bot: i64, chat: i64) -> Result<(), ApiError> {
        let mut limiter = self
            .0
            .limiter
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        limiter
            .admit(bot, chat, Instant::now())
            .map_err(ApiError::too_many_requests)
    }

    /// Calls a method; `name` as the client wrote it.
    pub(super) async fn call(&self, bot: i64, name: &str, params: Params) -> Answer {
        let name = name.to_ascii_lowercase();
        if let Some(failure) = self.0.faults.refusal_bot_api(bot, &name) {
            return Err(failure.into());
        }
        match name.as_str() {
            "getupdates" => self.get_updates(bot, &params).await,
            "getme" => chats::get_me(self, bot),
            "getwebhookinfo" => Ok(json!({
                "url": "",
                "has_custom_certificate": false,
                "pending_update_count": self.pending(bot),
            })),
            "setwebhook" if params.text("url").is_some() => Err(ApiError::bad_request(
                "bad webhook: this server delivers no webhooks, use getUpdates",
            )),
            "setwebhook" | "deletewebhook" => {
                if params.flag("drop_pending_updates") {
                    self.drop_pending(bot);
                }
                Ok(json!(true))
            }
            "sendmessage" => send::message(self, bot, params),
            "senddocument" => send::document(self, bot, params),
            "sendphoto" => send::photo(self, bot, params),
            "sendchataction" => send::action(self, bot, &params),
            "editmessagetext" => edit::text(self, bot, &params),
            "editmessagecaption" => edit::caption(self, bot, &params),
            "editmessagereplymarkup" => edit::markup(self, bot, &params),
            "deletemessage" => edit::delete(self, bot, &params),
            "deletemessages" => edit::delete_many(self, bot, &params),
            "getchat" => chats::get_chat(self, bot, &params),
            "getchatmember" => chats::get_member(self, bot, &params),
            "getchatadministrators" => chats::get_administrators(self, bot, &params),
            "getchatmembercount" | "getchatmemberscount" => {
                chats::get_member_count(self, bot, &params)
            }
            "setmycommands" => commands::set(self, bot, &params),
            "getmycommands" => commands::get(self, bot, &params),
            "deletemycommands" => commands::delete(self, bot, &params),
            "createforumtopic" => topics::create(self, bot, &params),
            "editforumtopic" => topics::edit(self, bot, &params),
            "closeforumtopic" => topics::close(self, bot, &params, true),
            "reopenforumtopic" => topics::close(self, bot, &params, false),
            "getfile" => files::get_file(self, bot, &params),
            "answercallbackquery" | "logout" | "close" => Ok(json!(true)),
            _ => Err(ApiError::no_such_method()),
        }
    }
}

/// The bare id of the group that `chat_id` means, where the bot is a member.
pub(super) fn group_of(api: &BotApi, bot: i64, params: &Params) -> Result<i64, ApiError> {
    let text = params
        .text("chat_id")
        .ok_or_else(|| ApiError::bad_request("chat_id is empty"))?;
    let not_found = || ApiError::bad_request("chat not found");
    // Groups of this world have no public name, and nobody has opened a private chat with a bot.
    let group = text
        .parse()
        .ok()
        .and_then(GroupId::from_marked)
        .map(GroupId::bare)
        .ok_or_else(not_found)?;
    api.world().read(|state| match state.group(group) {
        None => Err(not_found()),
        Some(place) if !place.members.contains(&bot) => Err(ApiError::not_a_member()),
        Some(_) => Ok(group),
    })
}
