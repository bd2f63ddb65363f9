//! Who is meant by a name.

use super::error::Problem;
use super::format::Name;
use crate::emulator::hint;
use crate::emulator::world::{State, User};

/// The account that a name means: an id, a username with or without `@`, a first or a full name.
pub(super) fn account(state: &State, name: &Name) -> Result<i64, Problem> {
    let text = match name {
        Name::Id(id) => {
            return state.user(*id).map(|user| user.id).ok_or_else(|| {
                Problem::new(format!("there is no account {id} among `users` and `bots`"))
            });
        }
        Name::Text(text) => text,
    };
    let bare = text.trim_start_matches('@');
    let is_username = |user: &&User| {
        let username = user.username.as_deref();
        username.is_some_and(|username| username.eq_ignore_ascii_case(bare))
    };
    if let Some(user) = state.users().find(is_username) {
        return Ok(user.id);
    }
    let full: Vec<i64> = named(state, |user| user.name() == *text);
    let first: Vec<i64> = named(state, |user| user.first_name == *text);
    match (full.as_slice(), first.as_slice()) {
        ([one], _) | ([], [one]) => Ok(*one),
        ([], []) => Err(unknown(state, text)),
        _ => {
            let words = format!("{text:?} could be several accounts; name one by its username");
            Err(Problem::new(words).at(text))
        }
    }
}

fn named(state: &State, is: impl Fn(&User) -> bool) -> Vec<i64> {
    let users = state.users().filter(|user| is(user));
    users.map(|user| user.id).collect()
}

fn unknown(state: &State, text: &str) -> Problem {
    let mut known: Vec<String> = Vec::new();
    for user in state.users() {
        known.extend(user.username.clone());
        known.push(user.name());
        known.push(user.first_name.clone());
    }
    let nearest = hint::nearest(text, known.iter().map(String::as_str));
    let hint = match nearest {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => "add them to `users` or `bots`".to_owned(),
    };
    Problem::new(format!("there is no account {text:?}; {hint}")).at(text)
}

/// The group that a name means: an id or a title.
pub(super) fn group(state: &State, name: &Name) -> Result<i64, Problem> {
    let found = state.groups().find(|group| match name {
        Name::Id(id) => group.id == *id,
        Name::Text(title) => group.title == *title,
    });
    found.map(|group| group.id).ok_or_else(|| {
        let titles = state.groups().map(|group| group.title.as_str());
        let hint = match hint::nearest(&name.to_string(), titles) {
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => "name one of `groups` by title or id".to_owned(),
        };
        let problem = Problem::new(format!("there is no group \"{name}\"; {hint}"));
        problem.at(&name.to_string())
    })
}
