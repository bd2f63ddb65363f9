//! Ids, names, phones and secrets: what the file gives, checked, and what it leaves out, made up.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Problem;
use super::format::{NewBot, NewGroup, NewUser, WorldFile};
use crate::emulator::world::{Bot, State, User};
use crate::model::GroupId;

/// Where ids that the file leaves out begin, and how many there are.
const USER_IDS: (i64, i64) = (100_000_000, 5_000_000_000);
const BOT_IDS: (i64, i64) = (5_200_000_000, 2_000_000_000);
const GROUP_IDS: (i64, i64) = (1_100_000_000, 1_000_000_000);
/// How many made-up phone numbers there are.
const PHONES: u64 = 10_000_000;

/// Ids and names that are given away already.
pub(super) struct Taken {
    ids: BTreeSet<i64>,
    groups: BTreeSet<i64>,
    usernames: BTreeSet<String>,
    phones: BTreeSet<String>,
    /// How many had a name before, so that many namesakes need not all be tried.
    namesakes: BTreeMap<String, i64>,
}

impl Taken {
    /// Everything that the file itself gives out, checked.
    pub(super) fn new(file: &WorldFile) -> Result<Self, Problem> {
        let mut taken = Self {
            ids: BTreeSet::new(),
            groups: BTreeSet::new(),
            usernames: BTreeSet::new(),
            phones: BTreeSet::new(),
            namesakes: BTreeMap::new(),
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
        for phone in file.users.iter().filter_map(|user| user.phone.as_ref()) {
            let digits = digits(phone)?;
            if !taken.phones.insert(digits.clone()) {
                let words = format!("two users have the phone number {digits}");
                return Err(Problem::new(words).at(phone));
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

    pub(super) fn user(&mut self, state: &State, new: &NewUser) -> Result<User, Problem> {
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
        let id = new.id.unwrap_or_else(|| {
            pick(
                state,
                &mut self.ids,
                &mut self.namesakes,
                &format!("user:{handle}"),
                USER_IDS,
            )
        });
        let phone = match &new.phone {
            Some(phone) => digits(phone)?,
            None => self.made_up_phone(state.hash(id ^ 0xF0E).unsigned_abs()),
        };
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

    /// A free number of those that belong to nobody; `from` says where to look first.
    fn made_up_phone(&mut self, from: u64) -> String {
        let mut number = from % PHONES;
        loop {
            let phone = format!("99966{number:07}");
            // A file has too few bytes for as many users as there are numbers.
            if self.phones.insert(phone.clone()) {
                return phone;
            }
            number = (number + 1) % PHONES;
        }
    }

    pub(super) fn bot(&mut self, state: &State, new: &NewBot) -> Result<User, Problem> {
        let id = match bot_id(new)? {
            Some(id) => id,
            None => {
                let name = format!("bot:{}", new.username.to_lowercase());
                pick(state, &mut self.ids, &mut self.namesakes, &name, BOT_IDS)
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

    pub(super) fn group(&mut self, state: &State, new: &NewGroup) -> Result<i64, Problem> {
        match new.id {
            Some(id) => bare(id),
            None => {
                let name = format!("group:{}", new.title);
                Ok(pick(
                    state,
                    &mut self.groups,
                    &mut self.namesakes,
                    &name,
                    GROUP_IDS,
                ))
            }
        }
    }
}

/// A phone number's digits.
fn digits(phone: &str) -> Result<String, Problem> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    if (5..=15).contains(&digits.len()) {
        Ok(digits)
    } else {
        let words = format!("{phone:?} is no phone number: 5 to 15 digits");
        Err(Problem::new(words).at(phone))
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
fn pick(
    state: &State,
    taken: &mut BTreeSet<i64>,
    namesakes: &mut BTreeMap<String, i64>,
    name: &str,
    (first, many): (i64, i64),
) -> i64 {
    let digest = blake3::hash(name.as_bytes());
    let eight = digest.as_bytes().first_chunk().copied().unwrap_or_default();
    let before = namesakes.entry(name.to_owned()).or_default();
    let mut of = i64::from_le_bytes(eight).wrapping_add(*before);
    *before += 1;
    loop {
        let id = first + state.hash(of).rem_euclid(many);
        if taken.insert(id) {
            return id;
        }
        of = of.wrapping_add(1);
    }
}
