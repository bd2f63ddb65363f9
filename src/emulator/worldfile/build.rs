//! From [`WorldFile`] to a world.

use std::collections::BTreeSet;

use super::error::{Problem, WorldError};
use super::format::{Name, NewGroup, WorldFile};
use super::names::{self, Names};
use super::taken::Taken;
use super::tell::Telling;
use crate::emulator::crm::Relay;
use crate::emulator::scenario::Cast;
use crate::emulator::world::{State, User};

const DAY: i64 = 86_400;
/// Edits of one message, and of all: each keeps a whole version.
const EDITS: usize = 1_000;
const ALL_EDITS: usize = 100_000;

impl WorldFile {
    /// Makes the world.
    ///
    /// # Errors
    /// What in the file makes no sense, and where.
    pub fn build(&self, seed: u64) -> Result<(State, Cast), WorldError> {
        self.made(seed).map_err(|problem| self.explain(problem))
    }

    fn made(&self, seed: u64) -> Result<(State, Cast), Problem> {
        self.bounded()?;
        let mut state = State::new(seed);
        if let Some(clock) = self.clock {
            state.clock_offset = clock.0 - state.now();
        }
        let now = state.now();
        let mut taken = Taken::new(self)?;
        let mut people = Vec::new();
        for user in &self.users {
            let user = taken.user(&state, user)?;
            people.push(user.id);
            state.add_user(user);
        }
        for bot in &self.bots {
            let bot = taken.bot(&state, bot)?;
            state.add_user(bot);
        }
        let names = Names::of(&state);
        // Whole days ago, so that a world looks the same all day.
        let began = (now / DAY - 7) * DAY + 9 * 3_600;
        let mut ids = Vec::new();
        for group in &self.groups {
            let began = group.created.map_or(began, |date| date.0);
            ids.push(found(
                &mut state,
                &mut taken,
                &names,
                (group, began),
                people.first(),
            )?);
        }
        let cast = self.cast(&mut state, &names, &ids, &people)?;
        let mut files = 0;
        for (group, id) in self.groups.iter().zip(&ids) {
            let mut telling = Telling::new(&state, &cast, &names, (group, *id), &mut files);
            telling.tell(&mut state)?;
        }
        let cast = self.complete(&state, cast);
        Ok((state, cast))
    }

    /// Whether there is something, and not too much of it.
    fn bounded(&self) -> Result<(), Problem> {
        if self.users.is_empty() && self.bots.is_empty() && self.groups.is_empty() {
            return Err(Problem::new(
                "this world is empty: it needs at least somebody in `users`, and a group in \
                 `groups` for something to happen in",
            ));
        }
        let mut edits = 0_usize;
        for group in &self.groups {
            let topics = group.topics.iter().flat_map(|topic| &topic.messages);
            for message in group.messages.iter().chain(topics) {
                edits = edits.saturating_add(message.edits.len());
                if message.edits.len() > EDITS {
                    let words = format!("a message has at most {EDITS} `edits`");
                    return Err(Problem::new(words).at(&message.text));
                }
            }
        }
        if edits > ALL_EDITS {
            let words = format!("all messages together have at most {ALL_EDITS} `edits`");
            return Err(Problem::new(words));
        }
        Ok(())
    }

    /// Who does what, and their places at the desk.
    fn cast(
        &self,
        state: &mut State,
        names: &Names,
        groups: &[i64],
        people: &[i64],
    ) -> Result<Cast, Problem> {
        let desk = &self.desk;
        let relay = names.optional(desk.relay.as_ref())?.unwrap_or_default();
        let group = match &desk.group {
            Some(name) => names::group(state, name)?,
            None => groups.first().copied().unwrap_or_default(),
        };
        let inside = |id: &i64| {
            let desk = state.group(group);
            desk.is_some_and(|desk| desk.members.contains(id))
        };
        let userbot = names.optional(desk.userbot.as_ref())?;
        let userbot = userbot.or_else(|| people.iter().copied().find(inside));
        let userbot = userbot.or_else(|| people.first().copied());
        let userbot = userbot.unwrap_or_default();
        let assistant = match names.optional(desk.assistant.as_ref())? {
            Some(id) => id,
            None => {
                let bots = self.bots.iter().map(|bot| Name::Text(bot.username.clone()));
                let mut ids = bots.filter_map(|name| names.account(&name).ok());
                ids.find(|id| *id != relay).unwrap_or_default()
            }
        };
        for (name, id, bot) in [("userbot", userbot, false), ("assistant", assistant, true)] {
            if state.user(id).is_some_and(|user| user.is_bot() != bot) {
                let kind = if bot { "a bot" } else { "a person" };
                return Err(Problem::new(format!(
                    "the desk's `{name}` has to be {kind}"
                )));
            }
        }
        let by_bot = state.user(relay).is_some_and(User::is_bot);
        if relay != 0 {
            if !state.group(group).is_some_and(|group| group.forum) {
                return Err(Problem::new(
                    "a desk with a `relay` needs a group with topics: set its `forum = true`",
                ));
            }
            state.add_member(group, relay, true);
        }
        // Whoever is named in `[desk]` is there, with no more rights than the group gives them.
        for id in [(&desk.userbot, userbot), (&desk.assistant, assistant)] {
            if id.0.is_some() {
                state.add_member(group, id.1, false);
            }
        }
        Ok(Cast {
            relay: if relay == 0 || by_bot {
                Relay::Bot
            } else {
                Relay::User
            },
            userbot,
            assistant,
            crm_bot: if by_bot { relay } else { 0 },
            relay_user: if by_bot { 0 } else { relay },
            author: relay,
            group,
            ..Cast::default()
        })
    }

    /// The lists that need the whole world.
    fn complete(&self, state: &State, mut cast: Cast) -> Cast {
        if let Some(desk) = state.group(cast.group) {
            let customers = desk.topics.values().filter_map(|topic| topic.customer);
            let mut seen = BTreeSet::new();
            cast.customers = customers.filter(|id| seen.insert(*id)).collect();
            let person = |id: &&i64| state.user(**id).is_some_and(|user| !user.is_bot());
            let operators = desk.administrators.iter().filter(person);
            cast.operators = operators.copied().filter(|id| *id != cast.author).collect();
            cast.operators.sort_by_key(|id| *id != desk.owner);
        }
        let inside = |id: i64| state.groups().any(|group| group.members.contains(&id));
        let mut people: Vec<i64> = Vec::new();
        let mut bots: Vec<i64> = Vec::new();
        for user in state.users() {
            if user.is_bot() {
                bots.push(user.id);
            } else if !cast.customers.contains(&user.id) || inside(user.id) {
                people.push(user.id);
            }
        }
        people.sort_by_key(|id| *id != cast.userbot);
        bots.sort_by_key(|id| *id != cast.assistant);
        let mut groups: Vec<i64> = state.groups().map(|group| group.id).collect();
        groups.sort_by_key(|id| *id != cast.group);
        Cast {
            people,
            bots,
            groups,
            ..cast
        }
    }
}

/// Founds a group, with everybody in it who is named as being there.
fn found(
    state: &mut State,
    taken: &mut Taken,
    names: &Names,
    (group, began): (&NewGroup, i64),
    first: Option<&i64>,
) -> Result<i64, Problem> {
    if group.title.trim().is_empty() {
        return Err(Problem::new("every group needs a `title`"));
    }
    let forum = group.forum.unwrap_or(!group.topics.is_empty());
    if !forum && !group.topics.is_empty() {
        let words = format!("group {:?} has topics: set its `forum = true`", group.title);
        return Err(Problem::new(words).at(&group.title));
    }
    let id = taken.group(state, group)?;
    let owner = match group
        .owner
        .as_ref()
        .or_else(|| group.administrators.first())
    {
        Some(name) => names.account(name)?,
        None => {
            *first.ok_or_else(|| Problem::new("a group needs an owner: add somebody to `users`"))?
        }
    };
    state.add_group(id, &group.title, forum, owner, began);
    state.furnish_group(id, &group.about, group.protected);
    for name in &group.administrators {
        let user = names.account(name)?;
        state.add_member(id, user, true);
    }
    for name in group.members.iter().chain(&group.restricted) {
        let user = names.account(name)?;
        state.add_member(id, user, false);
    }
    Ok(id)
}
