//! From [`WorldFile`] to a world.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Problem, WorldError};
use super::format::{Name, NewBot, NewGroup, NewMessage, NewTopic, NewUser, WorldFile};
use super::names;
use super::plan::{Happening, plan};
use crate::emulator::control::Made;
use crate::emulator::crm::Relay;
use crate::emulator::scenario::Cast;
use crate::emulator::world::{Bot, Draft, Refusal, Standing, State, User};
use crate::model::GroupId;

/// Bytes of all files in a world, at most.
const FILES: usize = 512 * 1024 * 1024;

const DAY: i64 = 86_400;

/// Where ids that the file leaves out begin, and how many there are.
const USER_IDS: (i64, i64) = (100_000_000, 5_000_000_000);
const BOT_IDS: (i64, i64) = (5_200_000_000, 2_000_000_000);
const GROUP_IDS: (i64, i64) = (1_100_000_000, 1_000_000_000);

impl WorldFile {
    /// Makes the world.
    ///
    /// # Errors
    /// What in the file makes no sense, and where.
    pub fn build(&self, seed: u64) -> Result<(State, Cast), WorldError> {
        self.made(seed).map_err(|problem| self.explain(problem))
    }

    fn made(&self, seed: u64) -> Result<(State, Cast), Problem> {
        let mut state = State::new(seed);
        if let Some(clock) = self.clock {
            state.clock_offset = clock.0 - state.now();
        }
        let now = state.now();
        let mut taken = Taken::new(self)?;
        for user in &self.users {
            let user = taken.user(&state, user)?;
            state.add_user(user);
        }
        for bot in &self.bots {
            let bot = taken.bot(&state, bot)?;
            state.add_user(bot);
        }
        // Whole days ago, so that a world looks the same all day.
        let began = (now / DAY - 7) * DAY + 9 * 3_600;
        let mut ids = Vec::new();
        for group in &self.groups {
            let began = group.created.map_or(began, |date| date.0);
            ids.push(found(&mut state, &mut taken, group, began)?);
        }
        let cast = self.cast(&mut state, &ids)?;
        let mut files = 0;
        for (group, id) in self.groups.iter().zip(&ids) {
            let mut telling = Telling {
                cast: &cast,
                group,
                id: *id,
                owner: state.group(*id).map_or(0, |group| group.owner),
                topics: BTreeMap::new(),
                keys: BTreeMap::new(),
                gone: Vec::new(),
                now,
                files: &mut files,
            };
            telling.tell(&mut state)?;
        }
        let cast = self.complete(&state, cast);
        Ok((state, cast))
    }

    /// Who does what, and their places at the desk.
    fn cast(&self, state: &mut State, groups: &[i64]) -> Result<Cast, Problem> {
        let desk = &self.desk;
        let one = |name: &Option<Name>| {
            let found = name.as_ref().map(|name| names::account(state, name));
            found.transpose().map(Option::unwrap_or_default)
        };
        let relay = one(&desk.relay)?;
        let userbot = match &desk.userbot {
            Some(_) => one(&desk.userbot)?,
            None => state
                .users()
                .find(|user| !user.is_bot())
                .map_or(0, |user| user.id),
        };
        let first = |wanted: &dyn Fn(&User) -> bool| {
            let bots = self.bots.iter();
            let mut ids = bots
                .filter_map(|bot| names::account(state, &Name::Text(bot.username.clone())).ok());
            ids.find(|id| state.user(*id).is_some_and(wanted))
        };
        let assistant = match &desk.assistant {
            Some(_) => one(&desk.assistant)?,
            None => first(&|bot| bot.id != relay).unwrap_or_default(),
        };
        for (name, id, bot) in [("userbot", userbot, false), ("assistant", assistant, true)] {
            if state.user(id).is_some_and(|user| user.is_bot() != bot) {
                let kind = if bot { "a bot" } else { "a person" };
                return Err(Problem::new(format!(
                    "the desk's `{name}` has to be {kind}"
                )));
            }
        }
        let group = match &desk.group {
            Some(name) => names::group(state, name)?,
            None => groups.first().copied().unwrap_or_default(),
        };
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
    group: &NewGroup,
    began: i64,
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
        Some(name) => names::account(state, name)?,
        None => {
            let first = state
                .users()
                .find(|user| !user.is_bot())
                .map(|user| user.id);
            first.ok_or_else(|| Problem::new("a group needs an owner: add somebody to `users`"))?
        }
    };
    state.add_group(id, &group.title, forum, owner, began);
    state.furnish_group(id, &group.about, group.protected);
    for name in &group.administrators {
        let user = names::account(state, name)?;
        state.add_member(id, user, true);
    }
    for name in group.members.iter().chain(&group.restricted) {
        let user = names::account(state, name)?;
        state.add_member(id, user, false);
    }
    Ok(id)
}

/// A group's past, being told.
struct Telling<'a> {
    cast: &'a Cast,
    group: &'a NewGroup,
    id: i64,
    owner: i64,
    /// Topics by their place in the file.
    topics: BTreeMap<usize, i32>,
    /// Messages by their keys.
    keys: BTreeMap<&'a str, i32>,
    /// Messages to be deleted in the end: who wrote which, and when it goes.
    gone: Vec<(i64, i32, i64)>,
    now: i64,
    files: &'a mut usize,
}

impl<'a> Telling<'a> {
    fn tell(&mut self, state: &mut State) -> Result<(), Problem> {
        let group = self.group;
        let began = state.group(self.id).map_or(0, |group| group.created);
        for (date, happening) in plan(group, began, self.now) {
            match happening {
                Happening::Opened(at) => self.open(state, at, date)?,
                Happening::Said(at, message) => self.say(state, at, message, date)?,
                Happening::Closed(at) => {
                    let topic = self.topics.get(&at).copied().unwrap_or_default();
                    state
                        .edit_topic(self.id, self.owner, topic, None, Some(true), Some(date))
                        .map_err(|refusal| refused(refusal, &self.topic(at).title))?;
                }
            }
        }
        for (at, topic) in group
            .topics
            .iter()
            .enumerate()
            .filter(|(_, topic)| topic.pinned)
        {
            let id = self.topics.get(&at).copied().unwrap_or_default();
            state
                .pin_topic(self.id, self.owner, id, true)
                .map_err(|refusal| refused(refusal, &topic.title))?;
        }
        for (author, message, date) in std::mem::take(&mut self.gone) {
            state
                .delete_at(self.id, author, &[message], Some(date))
                .map_err(|refusal| refused(refusal, ""))?;
        }
        for (names, standing) in [
            (&group.restricted, Standing::Restricted),
            (&group.banned, Standing::Banned),
        ] {
            for name in names {
                let user = names::account(state, name)?;
                state
                    .set_standing(self.id, self.owner, user, standing)
                    .map_err(|refusal| refused(refusal, &name.to_string()))?;
            }
        }
        Ok(())
    }

    fn topic(&self, at: usize) -> NewTopic {
        self.group.topics.get(at).cloned().unwrap_or_default()
    }

    /// Whether customers' messages come through the relay here.
    fn relays(&self) -> bool {
        self.cast.author != 0 && self.cast.group == self.id
    }

    fn open(&mut self, state: &mut State, at: usize, date: i64) -> Result<(), Problem> {
        let topic = self.topic(at);
        let customer = topic
            .customer
            .as_ref()
            .map(|name| names::account(state, name));
        let customer = customer.transpose()?;
        let by = match (&topic.by, customer) {
            (Some(name), _) => names::account(state, name)?,
            (None, Some(_)) if self.relays() => self.cast.author,
            _ => self.owner,
        };
        state.add_member(self.id, by, false);
        let title = match customer.and_then(|id| state.user(id)) {
            Some(user) if topic.title.is_empty() => user.name(),
            _ => topic.title.clone(),
        };
        if title.trim().is_empty() {
            let words = format!(
                "a topic of {:?} has neither `title` nor `customer`",
                self.group.title
            );
            return Err(Problem::new(words).at(&self.group.title));
        }
        let id = state
            .create_topic(self.id, by, &title, customer, Some(date))
            .map_err(|refusal| refused(refusal, &title))?;
        self.topics.insert(at, id);
        Ok(())
    }

    fn say(
        &mut self,
        state: &mut State,
        at: Option<usize>,
        message: &'a NewMessage,
        date: i64,
    ) -> Result<(), Problem> {
        let from = names::account(state, &message.from)?;
        let topic = at.and_then(|at| self.topics.get(&at)).copied().unwrap_or(1);
        let place = state.group(self.id);
        let customer = place.and_then(|place| place.topics.get(&topic)?.customer);
        let inside = place.is_some_and(|place| place.members.contains(&from));
        let from = if customer == Some(from) && self.relays() && !inside {
            self.cast.author
        } else {
            state.add_member(self.id, from, false);
            from
        };
        let reply_to = message.reply_to.as_ref().map(|key| {
            self.keys.get(key.as_str()).copied().ok_or_else(|| {
                let words = format!(
                    "`reply_to = {key:?}` is not the `key` of an earlier message of the same group"
                );
                Problem::new(words).at(key)
            })
        });
        let mut draft = Draft {
            topic,
            text: message.text.clone(),
            reply_to: reply_to.transpose()?,
            album: message.album,
            silent: message.silent,
            date: Some(date),
            ..Draft::default()
        };
        if let Some(media) = message.media.clone() {
            let made = media.made(state);
            match made.map_err(|refused| Problem::new(refused.description).at(&message.text))? {
                Made::File(file) => {
                    *self.files = self.files.saturating_add(file.bytes.len());
                    if *self.files > FILES {
                        let words = format!("all files together are larger than {FILES} bytes");
                        return Err(Problem::new(words));
                    }
                    draft.file = Some(state.add_file(file));
                }
                Made::Content(content) => draft.content = Some(content),
            }
        }
        let failed = |refusal| refused(refusal, &message.text);
        let id = state.post(self.id, from, draft).map_err(failed)?;
        if let Some(key) = &message.key
            && self.keys.insert(key, id).is_some()
        {
            let words = format!("two messages of a group have the key {key:?}");
            return Err(Problem::new(words).at(key));
        }
        let mut later = date;
        for text in &message.edits {
            later = (later + 60).min(self.now.max(later));
            let draft = Draft {
                text: text.clone(),
                date: Some(later),
                ..Draft::default()
            };
            let edited = state.edit(self.id, from, id, draft);
            edited.map_err(|refusal| refused(refusal, text))?;
        }
        for reaction in &message.reactions {
            let by = names::account(state, &reaction.by)?;
            state.add_member(self.id, by, false);
            let reacted = state.react(self.id, by, id, &[&reaction.emoji]);
            reacted.map_err(|refusal| refused(refusal, &reaction.emoji))?;
        }
        if message.pinned {
            state
                .pin(self.id, self.owner, id, true, true)
                .map_err(failed)?;
        }
        if message.deleted {
            self.gone
                .push((from, id, (later + 60).min(self.now.max(later))));
        }
        Ok(())
    }
}

/// A refusal of the world in the file's words.
fn refused(refusal: Refusal, text: &str) -> Problem {
    let words = match refusal {
        Refusal::Empty => "needs `text`, `media` or a `title`".to_owned(),
        Refusal::TooLong => "is longer than 4,096 characters (1,024 below media)".to_owned(),
        Refusal::NotModified => "is said to change without being different".to_owned(),
        Refusal::NoSuchReaction => "is no emoji that people can react with".to_owned(),
        Refusal::TooManyReactions => "is more than one reaction of one person".to_owned(),
        Refusal::TooManyPins => "is one pinned topic too many: five at most".to_owned(),
        Refusal::OwnerStays => "owns the group, which cannot be changed".to_owned(),
        other => format!("cannot be: Telegram would answer {other}"),
    };
    let short: String = text.chars().take(40).collect();
    Problem::new(format!("{short:?} {words}")).at(text)
}

/// Ids and names that are given away already.
struct Taken {
    ids: BTreeSet<i64>,
    groups: BTreeSet<i64>,
    usernames: BTreeSet<String>,
    phones: BTreeSet<String>,
}

impl Taken {
    /// Everything that the file itself gives out, checked.
    fn new(file: &WorldFile) -> Result<Self, Problem> {
        let mut taken = Self {
            ids: BTreeSet::new(),
            groups: BTreeSet::new(),
            usernames: BTreeSet::new(),
            phones: BTreeSet::new(),
        };
        let users = file
            .users
            .iter()
            .map(|user| (user.id, user.username.as_deref()));
        let mut bots = Vec::new();
        for bot in &file.bots {
            bots.push((bot_id(bot)?, Some(bot.username.as_str())));
        }
        for (id, username) in users.chain(bots) {
            if let Some(id) = id {
                // The highest that Telegram's own documentation allows for: 52 bits.
                if !(1..1 << 52).contains(&id) {
                    return Err(Problem::new(format!("{id} is no id of an account")));
                }
                if !taken.ids.insert(id) {
                    return Err(Problem::new(format!("two accounts have the id {id}")));
                }
            }
            if let Some(name) = username {
                let letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                if !(1..=32).contains(&name.len()) || !name.chars().all(letter) {
                    let words =
                        format!("{name:?} is no username: 1 to 32 letters, digits and underscores");
                    return Err(Problem::new(words).at(name));
                }
                if !taken.usernames.insert(name.to_lowercase()) {
                    let words = format!("two accounts have the username {name:?}");
                    return Err(Problem::new(words).at(name));
                }
            }
        }
        for id in file.groups.iter().filter_map(|group| group.id) {
            let bare = bare(id)?;
            if !taken.groups.insert(bare) {
                return Err(Problem::new(format!("two groups have the id {bare}")));
            }
        }
        Ok(taken)
    }

    fn user(&mut self, state: &State, new: &NewUser) -> Result<User, Problem> {
        if new.first_name.trim().is_empty() {
            let words = "every user needs a `first_name`";
            let problem = Problem::new(words);
            return Err(match &new.username {
                Some(name) => problem.at(name),
                None => problem,
            });
        }
        let handle = new.username.clone();
        let handle = handle.unwrap_or_else(|| format!("{} {}", new.first_name, new.last_name));
        let id = new
            .id
            .unwrap_or_else(|| pick(state, &mut self.ids, &format!("user:{handle}"), USER_IDS));
        let phone = match &new.phone {
            Some(phone) => {
                let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
                if !(5..=15).contains(&digits.len()) {
                    let words = format!("{phone:?} is no phone number: 5 to 15 digits");
                    return Err(Problem::new(words).at(phone));
                }
                digits
            }
            None => format!(
                "99966{:07}",
                state.hash(id ^ 0xF0E).unsigned_abs() % 10_000_000
            ),
        };
        if !self.phones.insert(phone.clone()) {
            let words = format!("two users have the phone number {phone}");
            return Err(Problem::new(words));
        }
        let code = new
            .code
            .clone()
            .unwrap_or_else(|| format!("{:05}", state.hash(id).unsigned_abs() % 100_000));
        if code.is_empty() || code.len() > 10 || !code.chars().all(|digit| digit.is_ascii_digit()) {
            let words = format!("{code:?} is no login code: 1 to 10 digits");
            return Err(Problem::new(words).at(&code));
        }
        Ok(User {
            id,
            first_name: new.first_name.clone(),
            last_name: new.last_name.clone(),
            username: new.username.clone(),
            phone: Some(phone),
            language: new.language.clone().unwrap_or_else(|| "en".to_owned()),
            code,
            password: new.password.clone().filter(|password| !password.is_empty()),
            ..User::default()
        })
    }

    fn bot(&mut self, state: &State, new: &NewBot) -> Result<User, Problem> {
        let id = match bot_id(new)? {
            Some(id) => id,
            None => {
                let name = format!("bot:{}", new.username.to_lowercase());
                pick(state, &mut self.ids, &name, BOT_IDS)
            }
        };
        let token = new.token.clone().unwrap_or_else(|| {
            let (one, two) = (state.hash(id), state.hash(id ^ 0x5EC2));
            format!("{id}:AA{one:016x}{two:016x}")
        });
        Ok(User {
            id,
            first_name: new
                .first_name
                .clone()
                .unwrap_or_else(|| new.username.clone()),
            username: Some(new.username.clone()),
            bot: Some(Bot {
                token,
                privacy_mode: new.privacy_mode,
                bot_to_bot: new.bot_to_bot,
            }),
            ..User::default()
        })
    }

    fn group(&mut self, state: &State, new: &NewGroup) -> Result<i64, Problem> {
        match new.id {
            Some(id) => bare(id),
            None => {
                let name = format!("group:{}", new.title);
                Ok(pick(state, &mut self.groups, &name, GROUP_IDS))
            }
        }
    }
}

/// A bot's id as the file gives it, by itself or in its token.
fn bot_id(bot: &NewBot) -> Result<Option<i64>, Problem> {
    let Some(token) = &bot.token else {
        return Ok(bot.id);
    };
    let wrong = || {
        let words = format!(
            "the token of {:?} is not `<id>:<secret>` with its own id",
            bot.username
        );
        Problem::new(words).at(&bot.username)
    };
    let (id, secret) = token.split_once(':').ok_or_else(wrong)?;
    let id: i64 = id.parse().map_err(|_| wrong())?;
    let letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let sound = !secret.is_empty() && secret.len() <= 100 && secret.chars().all(letter);
    if !sound || bot.id.is_some_and(|own| own != id) {
        return Err(wrong());
    }
    Ok(Some(id))
}

/// A group's bare id, given bare or with -100 in front.
fn bare(id: i64) -> Result<i64, Problem> {
    let group = GroupId::from_bare(id).or_else(|| GroupId::from_marked(id));
    group
        .map(GroupId::bare)
        .ok_or_else(|| Problem::new(format!("{id} is no group's id")))
}

/// A free id that follows from the seed and a name.
fn pick(state: &State, taken: &mut BTreeSet<i64>, name: &str, (first, many): (i64, i64)) -> i64 {
    let digest = blake3::hash(name.as_bytes());
    let eight = digest.as_bytes().first_chunk().copied().unwrap_or_default();
    let mut of = i64::from_le_bytes(eight);
    loop {
        let id = first + state.hash(of).rem_euclid(many);
        if taken.insert(id) {
            return id;
        }
        of = of.wrapping_add(1);
    }
}
