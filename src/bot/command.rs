//! The command table, and finding out which command a message is.

use std::collections::BTreeMap;

use super::error::BotError;
use crate::i18n::Phrase;

/// Who may give a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// The group's administrators and the operators named in the config.
    Operators,
}

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// See `export.rs`.
    Export,
    /// See `search.rs`.
    Search,
    /// See `status.rs`.
    Status,
    /// See `help.rs`.
    Help,
}

/// A command as declared.
#[derive(Debug)]
pub(super) struct Command {
    /// Its own name; `bot.names` may give it another.
    pub(super) name: &'static str,
    /// Names that it answers to besides.
    pub(super) aliases: &'static [&'static str],
    /// What it is for.
    pub(super) description: Phrase,
    /// Who may give it.
    pub(super) permission: Permission,
    /// What it does.
    pub(super) action: Action,
}

/// Every command there is, in the order of `/help`.
static COMMANDS: [Command; 4] = [
    Command {
        name: "export",
        // The CRM's own bots have an /export too.
        aliases: &["transcript"],
        description: Phrase::DescribeExport,
        permission: Permission::Operators,
        action: Action::Export,
    },
    Command {
        name: "search",
        aliases: &[],
        description: Phrase::DescribeSearch,
        permission: Permission::Operators,
        action: Action::Search,
    },
    Command {
        name: "status",
        aliases: &[],
        description: Phrase::DescribeStatus,
        permission: Permission::Operators,
        action: Action::Status,
    },
    Command {
        name: "help",
        aliases: &[],
        description: Phrase::DescribeHelp,
        permission: Permission::Operators,
        action: Action::Help,
    },
];

/// What the CRM must leave to us, as a line of its set-up wants it: every name and alias.
#[must_use]
pub fn custom_commands() -> String {
    let names = COMMANDS
        .iter()
        .flat_map(|command| std::iter::once(command.name).chain(command.aliases.iter().copied()));
    names
        .map(|name| format!("/{name}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The commands under the names that the config gives them.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Each command's name here, in the table's order.
    shown: Vec<(String, &'static Command)>,
    /// What is answered to: those names, and aliases where nothing stands in their way.
    here: BTreeMap<String, &'static Command>,
}

/// A message that is one of our commands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    /// Which one.
    pub(super) command: &'static Command,
    /// What follows it.
    pub(super) arguments: &'a str,
}

impl Table {
    /// Applies `bot.names`.
    pub(super) fn new(names: &BTreeMap<String, String>) -> Result<Self, BotError> {
        if let Some(name) = names
            .keys()
            .find(|name| COMMANDS.iter().all(|command| command.name != **name))
        {
            let known: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
            return Err(BotError::UnknownCommand {
                name: name.clone(),
                known: known.join(", "),
            });
        }
        let mut here: BTreeMap<String, &'static Command> = BTreeMap::new();
        let mut shown = Vec::with_capacity(COMMANDS.len());
        for command in &COMMANDS {
            let name = renamed(command, names)?;
            shown.push((name.clone(), command));
            if let Some(other) = here.insert(name.clone(), command) {
                return Err(BotError::NameTaken {
                    command: command.name.to_owned(),
                    name,
                    by: other.name.to_owned(),
                });
            }
        }
        // Aliases come last: a name that was given on purpose goes before.
        for command in &COMMANDS {
            for alias in command.aliases {
                here.entry((*alias).to_owned()).or_insert(command);
            }
        }
        Ok(Self { shown, here })
    }

    /// Which command a message is; `None` where it is none of ours or meant for another bot.
    pub(super) fn find<'a>(&self, text: &'a str, username: &str) -> Option<Call<'a>> {
        let rest = text.strip_prefix('/')?;
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (word, arguments) = rest.split_at_checked(end)?;
        let (name, addressee) = match word.split_once('@') {
            Some((name, addressee)) => (name, Some(addressee)),
            None => (word, None),
        };
        let name = name.to_ascii_lowercase();
        let mut command = self.here.get(&name).copied();
        if let Some(addressee) = addressee {
            if addressee.is_empty() || !addressee.eq_ignore_ascii_case(username) {
                return None;
            }
            // Whoever addresses us may use a command's own name even where another bot has it.
            command = command.or_else(|| COMMANDS.iter().find(|command| command.name == name));
        }
        Some(Call {
            command: command?,
            arguments: arguments.trim(),
        })
    }

    /// Commands with their names here, in the table's order.
    pub(super) fn listed(&self) -> impl Iterator<Item = (&str, &'static Command)> {
        self.shown
            .iter()
            .map(|(name, command)| (name.as_str(), *command))
    }

    /// A command's name here.
    pub(super) fn name_of(&self, action: Action) -> &str {
        self.listed()
            .find(|(_, command)| command.action == action)
            .map_or("", |(name, _)| name)
    }
}

fn renamed(command: &Command, names: &BTreeMap<String, String>) -> Result<String, BotError> {
    let Some(name) = names.get(command.name) else {
        return Ok(command.name.to_owned());
    };
    let fits = (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if fits {
        Ok(name.clone())
    } else {
        Err(BotError::BadName {
            command: command.name.to_owned(),
            name: name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn table(names: &[(&str, &str)]) -> Result<Table, BotError> {
        Table::new(
            &names
                .iter()
                .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()))
                .collect(),
        )
    }

    fn find(table: &Table, text: &str) -> Option<(Action, String)> {
        table
            .find(text, "vault_bot")
            .map(|call| (call.command.action, call.arguments.to_owned()))
    }

    #[test]
    fn commands_are_found_by_name_alias_and_address() {
        let table = table(&[]).unwrap();
        for text in [
            "/export json last 5",
            "/EXPORT  json last 5 ",
            "/transcript json last 5",
            "/export@vault_bot json last 5",
            "/export@Vault_Bot\njson last 5",
        ] {
            assert_eq!(
                find(&table, text),
                Some((Action::Export, "json last 5".into())),
                "{text}"
            );
        }
        assert_eq!(find(&table, "/help"), Some((Action::Help, String::new())));
    }

    #[test]
    fn what_is_meant_for_others_is_left_alone() {
        let table = table(&[]).unwrap();
        for text in [
            "",
            "/",
            "/ export",
            "/ a note",
            "export",
            " /export",
            "/export@other_bot",
            "/export@",
            "/exports",
            "/hold",
            "/@vault_bot",
        ] {
            assert_eq!(find(&table, text), None, "{text}");
        }
    }

    #[test]
    fn a_renamed_command_answers_to_its_own_name_only_when_addressed() {
        let table = table(&[("export", "vault"), ("help", "transcript")]).unwrap();
        assert_eq!(
            find(&table, "/vault"),
            Some((Action::Export, String::new()))
        );
        assert_eq!(find(&table, "/export"), None);
        assert_eq!(
            find(&table, "/export@vault_bot"),
            Some((Action::Export, String::new()))
        );
        // A name given on purpose goes before an alias.
        assert_eq!(
            find(&table, "/transcript"),
            Some((Action::Help, String::new()))
        );
        assert_eq!(table.name_of(Action::Export), "vault");
        let listed: Vec<&str> = table.listed().map(|(name, _)| name).collect();
        assert_eq!(listed, ["vault", "search", "status", "transcript"]);
    }

    #[test]
    fn a_command_may_be_renamed_to_its_own_alias() {
        let table = table(&[("export", "transcript")]).unwrap();
        assert_eq!(
            find(&table, "/transcript"),
            Some((Action::Export, String::new()))
        );
        assert_eq!(find(&table, "/export"), None);
        assert_eq!(table.name_of(Action::Export), "transcript");
    }

    #[test]
    fn names_that_cannot_work_are_refused() {
        for (names, word) in [
            (&[("exprot", "x")][..], "export, search, status, help"),
            (&[("export", "")][..], "1 to 32"),
            (&[("export", "/vault")][..], "1 to 32"),
            (&[("export", "Vault")][..], "1 to 32"),
            (&[("export", "status")][..], "taken"),
            (&[("export", "a"), ("help", "a")][..], "taken"),
        ] {
            let error = table(names).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
