//! Who may give a command.

use std::collections::{BTreeMap, HashSet};

use super::command::{Command, Table};
use super::error::BotError;
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
    /// Reads a group's. A command may be named as it is called here or in its connector, or by
    /// another of its names; a name that no command has would protect nothing.
    pub(super) fn new(config: &GroupConfig, table: &Table) -> Result<Self, BotError> {
        let mut commands = BTreeMap::new();
        for (written, who) in &config.permissions {
            let name = written.trim_start_matches('/');
            let Some(command) = table.named(name) else {
                let known = table.all().iter().map(|one| one.shown.as_str());
                return Err(BotError::UnknownPermission {
                    name: written.clone(),
                    known: known.collect::<Vec<_>>().join(", "),
                });
            };
            let who = read(who.iter().map(String::as_str));
            commands.insert(command.name.clone(), who);
        }
        Ok(Self {
            operators: config.operators.iter().copied().collect(),
            staff: config.staff.clone(),
            commands,
        })
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

    /// Whether somebody may give a command: the group says so, or else the command itself.
    pub(super) fn allow(&self, command: &Command, standing: &Standing) -> bool {
        let set = self.commands.get(&command.name);
        standing.is_among(set.unwrap_or(&command.may))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn table() -> Table {
        Table::new(&[("export".to_owned(), "vault".to_owned())].into(), &[]).unwrap()
    }

    fn permissions() -> Permissions {
        let config = GroupConfig {
            operators: vec![5],
            staff: [("billing".to_owned(), vec![6])].into(),
            permissions: [
                (
                    "link".to_owned(),
                    vec!["billing".to_owned(), "9".to_owned()],
                ),
                ("info".to_owned(), vec!["nobody".to_owned()]),
                ("/vault".to_owned(), vec!["administrators".to_owned()]),
            ]
            .into(),
            ..GroupConfig::new("5")
        };
        Permissions::new(&config, &table()).unwrap()
    }

    #[test]
    fn each_command_has_its_own() {
        let (permissions, table) = (permissions(), table());
        let may = |person, administrator, command: &str| {
            let standing = permissions.standing(PersonId(person), administrator);
            permissions.allow(table.named(command).unwrap(), &standing)
        };
        for (person, administrator, command, wanted) in [
            (5, false, "help", true),
            (6, false, "help", true),
            (7, true, "help", true),
            (8, false, "help", false),
            (5, false, "link", false),
            (6, false, "link", true),
            // An administrator is not asked for where a role is.
            (7, true, "link", false),
            (9, false, "link", true),
            (7, true, "info", false),
            (7, true, "export", true),
            (6, false, "export", false),
        ] {
            assert_eq!(
                may(person, administrator, command),
                wanted,
                "{person} {command}"
            );
        }
    }

    #[test]
    fn a_permission_counts_under_every_name_of_a_command_and_for_no_other() {
        let of = |name: &str| {
            let config = GroupConfig {
                permissions: [(name.to_owned(), vec!["nobody".to_owned()])].into(),
                ..GroupConfig::new("5")
            };
            Permissions::new(&config, &table())
        };
        for name in ["export", "/export", "vault", "transcript"] {
            let standing = Standing {
                administrator: true,
                ..Standing::default()
            };
            let permissions = of(name).unwrap();
            assert!(!permissions.allow(table().named("export").unwrap(), &standing));
        }
        let error = of("exprot").unwrap_err().to_string();
        assert!(error.contains("groups.permissions.exprot"), "{error}");
        assert!(error.contains("vault, search"), "{error}");
    }
}
