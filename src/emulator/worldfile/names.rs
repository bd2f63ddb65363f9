//! Who is meant by a name.

use std::collections::{BTreeMap, BTreeSet};

use super::error::Problem;
use super::format::Name;
use crate::emulator::hint;
use crate::emulator::world::State;

/// Every account of a world by all its names.
#[derive(Debug)]
pub(super) struct Names {
    ids: BTreeSet<i64>,
    /// Lower case.
    usernames: BTreeMap<String, i64>,
    full: BTreeMap<String, Vec<i64>>,
    first: BTreeMap<String, Vec<i64>>,
}

impl Names {
    /// Those of a world whose accounts are complete.
    pub(super) fn of(state: &State) -> Self {
        let mut names = Self {
            ids: BTreeSet::new(),
            usernames: BTreeMap::new(),
            full: BTreeMap::new(),
            first: BTreeMap::new(),
        };
        for user in state.users() {
            names.ids.insert(user.id);
            if let Some(username) = &user.username {
                names.usernames.insert(username.to_lowercase(), user.id);
            }
            names.full.entry(user.name()).or_default().push(user.id);
            let first = names.first.entry(user.first_name.clone());
            first.or_default().push(user.id);
        }
        names
    }

    /// The account that a name means: an id, a username with or without `@`, a full or a first
    /// name.
    pub(super) fn account(&self, name: &Name) -> Result<i64, Problem> {
        let text = match name {
            Name::Id(id) if self.ids.contains(id) => return Ok(*id),
            Name::Id(id) => {
                let words = format!("there is no account {id} among `users` and `bots`");
                return Err(Problem::new(words));
            }
            Name::Text(text) => text,
        };
        let bare = text.trim_start_matches('@').to_lowercase();
        if let Some(id) = self.usernames.get(&bare) {
            return Ok(*id);
        }
        let found = self.full.get(text).or_else(|| self.first.get(text));
        match found.map(Vec::as_slice) {
            Some([one]) => Ok(*one),
            Some(_) => {
                let words = format!("{text:?} could be several accounts; name one by its username");
                Err(Problem::new(words).at(text))
            }
            None => Err(self.unknown(text)),
        }
    }

    /// [`Names::account`] of what may be left out.
    pub(super) fn optional(&self, name: Option<&Name>) -> Result<Option<i64>, Problem> {
        name.map(|name| self.account(name)).transpose()
    }

    fn unknown(&self, text: &str) -> Problem {
        let known = self.usernames.keys().chain(self.full.keys());
        let known = known.chain(self.first.keys()).map(String::as_str);
        let hint = match hint::nearest(text, known) {
            Some(nearest) => format!("did you mean {nearest:?}?"),
            None => "add them to `users` or `bots`".to_owned(),
        };
        Problem::new(format!("there is no account {text:?}; {hint}")).at(text)
    }
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
