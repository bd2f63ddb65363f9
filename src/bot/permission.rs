//! Who may give a command.

use std::collections::{BTreeMap, HashSet};

use crate::config::GroupConfig;
use crate::model::PersonId;

/// One of those who may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// The group's administrators, the operators named in the config, and everyone with a role.
    Operators,
    /// The group's administrators.
    Administrators,
    /// Everyone with a role of the config.
    Role(String),
    /// A person.
    Person(PersonId),
}

/// Reads names; `nobody` is nobody.
pub(super) fn read<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<Who> {
    let who = names.into_iter().filter_map(|name| match name {
        "operators" => Some(Who::Operators),
        "administrators" => Some(Who::Administrators),
        "nobody" => None,
        name => Some(match name.parse() {
            Ok(id) => Who::Person(PersonId(id)),
            Err(_) => Who::Role(name.to_owned()),
        }),
    });
    who.collect()
}

/// What somebody is in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// Who it is.
    pub(super) person: Option<PersonId>,
    /// An administrator.
    pub(super) administrator: bool,
    /// Named in the config, by itself or by a role.
    pub(super) operator: bool,
    /// The roles.
    pub(super) roles: Vec<String>,
}

impl Standing {
    /// Whether it is one of those who may.
    pub(super) fn is_among(&self, may: &[Who]) -> bool {
        may.iter().any(|who| match who {
            Who::Operators => self.administrator || self.operator,
            Who::Administrators => self.administrator,
            Who::Role(role) => self.roles.contains(role),
            Who::Person(person) => self.person == Some(*person),
        })
    }
}

/// The permissions of a group.
#[derive(Debug, Default)]
pub(super) struct Permissions {
    operators: HashSet<i64>,
    staff: BTreeMap<String, Vec<i64>>,
    commands: BTreeMap<String, Vec<Who>>,
}

impl Permissions {
    pub(super) fn new(config: &GroupConfig) -> Self {
        let commands = config.permissions.iter().map(|(command, who)| {
            let who = read(who.iter().map(String::as_str));
            (command.trim_start_matches('/').to_owned(), who)
        });
        Self {
            operators: config.operators.iter().copied().collect(),
            staff: config.staff.clone(),
            commands: commands.collect(),
        }
    }

    /// What the config says of a person.
    pub(super) fn standing(&self, person: PersonId, administrator: bool) -> Standing {
        let roles = self.staff.iter().filter(|(_, ids)| ids.contains(&person.0));
        let roles: Vec<String> = roles.map(|(role, _)| role.clone()).collect();
        Standing {
            person: Some(person),
            administrator,
            operator: self.operators.contains(&person.0) || !roles.is_empty(),
            roles,
        }
    }

    /// Who may give a command, by any of its names; `own` is what it says itself.
    pub(super) fn of<'w>(&'w self, names: &[&str], own: &'w [Who]) -> &'w [Who] {
        let set = names.iter().find_map(|name| self.commands.get(*name));
        set.map_or(own, Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permissions() -> Permissions {
        let config = GroupConfig {
            operators: vec![5],
            staff: [("billing".to_owned(), vec![6])].into(),
            permissions: [
                (
                    "activate".to_owned(),
                    vec!["billing".to_owned(), "9".to_owned()],
                ),
                ("export".to_owned(), vec!["nobody".to_owned()]),
                ("/admin".to_owned(), vec!["administrators".to_owned()]),
            ]
            .into(),
            ..GroupConfig::new("5")
        };
        Permissions::new(&config)
    }

    #[test]
    fn each_command_has_its_own() {
        let permissions = permissions();
        let may = |person, administrator, command| {
            let standing = permissions.standing(PersonId(person), administrator);
            standing.is_among(permissions.of(&[command], &[Who::Operators]))
        };
        for (person, administrator, command, wanted) in [
            (5, false, "help", true),
            (6, false, "help", true),
            (7, true, "help", true),
            (8, false, "help", false),
            (5, false, "activate", false),
            (6, false, "activate", true),
            // An administrator is not asked for where a role is.
            (7, true, "activate", false),
            (9, false, "activate", true),
            (7, true, "export", false),
            (7, true, "admin", true),
            (6, false, "admin", false),
        ] {
            assert_eq!(
                may(person, administrator, command),
                wanted,
                "{person} {command}"
            );
        }
    }

    #[test]
    fn a_command_s_own_permission_counts_until_the_group_says_otherwise() {
        let permissions = permissions();
        let own = read(["administrators"]);
        assert_eq!(permissions.of(&["notion"], &own), own);
        assert_eq!(permissions.of(&["card", "activate"], &own).len(), 2);
    }
}
