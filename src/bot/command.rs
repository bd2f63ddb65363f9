//! The command table: our own commands and those of the connectors, and finding out which command
//! a message is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::BotError;
use super::permission::{self, Who};
use crate::connectors::{self, Live};
use crate::i18n::{Language, Phrase};

/// What a command of ours does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// See `info.rs`.
    Info,
    /// See `export.rs`.
    Export,
    /// See `search.rs`.
    Search,
    /// See `history.rs`.
    History,
    /// See `waiting.rs`.
    Waiting,
    /// See `link.rs`.
    Link,
    /// See `link.rs`.
    Unlink,
    /// See `link.rs`.
    Links,
    /// See `status.rs`.
    Status,
    /// See `help.rs`.
    Help,
}

/// What a command does.
#[derive(Clone, Debug)]
pub(super) enum Does {
    /// One of ours.
    Own(Own),
    /// An action of a connector.
    Act(Deed),
}

/// An action of a connector.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    /// The connector.
    pub(super) live: Arc<Live>,
    /// Its action.
    pub(super) action: Arc<connectors::Action>,
}

impl Deed {
    /// Who may run it, unless the group says otherwise.
    pub(super) fn may(&self) -> Vec<Who> {
        match &self.action.permission {
            Some(names) => permission::read(names.iter().map(String::as_str)),
            None => vec![Who::Operators],
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.live.connector.name == other.live.connector.name
            && self.action.name == other.action.name
    }
}

/// A command.
#[derive(Debug)]
pub(super) struct Command {
    /// Its own name; `bot.names` may give it another.
    pub(super) name: String,
    /// Its name here.
    pub(super) shown: String,
    /// Names that it answers to besides.
    aliases: Vec<String>,
    /// Who may give it, unless the group says otherwise.
    pub(super) may: Vec<Who>,
    /// What it does.
    pub(super) does: Does,
}

impl Command {
    /// What it is for.
    pub(super) fn about(&self, language: Language) -> String {
        match &self.does {
            Does::Own(own) => language.say(&own.about()),
            Does::Act(deed) => {
                let about = deed
                    .action
                    .about(language)
                    .filter(|about| !about.is_empty());
                about.map_or_else(|| deed.live.connector.title.clone(), str::to_owned)
            }
        }
    }

    /// What follows it, and how it is written.
    pub(super) fn usage(&self) -> String {
        match &self.does {
            Does::Act(deed) => format!("/{} {}", self.shown, deed.action.grammar.usage()),
            Does::Own(_) => format!("/{}", self.shown),
        }
        .trim_end()
        .to_owned()
    }
}

impl Own {
    /// Every command of ours, its name and aliases, in the order of `/help`.
    const ALL: [(Self, &'static str, &'static [&'static str]); 10] = [
        (Self::Info, "info", &[]),
        // The CRM's own bots have an /export too.
        (Self::Export, "export", &["transcript"]),
        (Self::Search, "search", &[]),
        (Self::History, "history", &[]),
        (Self::Waiting, "waiting", &[]),
        (Self::Link, "link", &[]),
        (Self::Unlink, "unlink", &[]),
        (Self::Links, "links", &[]),
        (Self::Status, "status", &[]),
        (Self::Help, "help", &[]),
    ];

    const fn about(self) -> Phrase {
        match self {
            Self::Info => Phrase::DescribeInfo,
            Self::Export => Phrase::DescribeExport,
            Self::Search => Phrase::DescribeSearch,
            Self::History => Phrase::DescribeHistory,
            Self::Waiting => Phrase::DescribeWaiting,
            Self::Link => Phrase::DescribeLink,
            Self::Unlink => Phrase::DescribeUnlink,
            Self::Links => Phrase::DescribeLinks,
            Self::Status => Phrase::DescribeStatus,
            Self::Help => Phrase::DescribeHelp,
        }
    }
}

/// What the CRM must leave to us, as a line of its set-up wants it: every name and alias.
#[must_use]
pub fn custom_commands() -> String {
    let names = Own::ALL
        .iter()
        .flat_map(|(_, name, aliases)| std::iter::once(name).chain(aliases.iter()));
    names
        .map(|name| format!("/{name}"))
        .collect::<Vec<_>>()
        .join(" ")
}

/// The commands under the names that the config gives them.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// All of them, ours first.
    commands: Vec<Arc<Command>>,
    /// What is answered to: their names here, and aliases where nothing stands in their way.
    here: BTreeMap<String, Arc<Command>>,
}

/// A message that is one of our commands.
#[derive(Clone, Debug)]
pub(super) struct Call<'a> {
    /// Which one.
    pub(super) command: Arc<Command>,
    /// What follows it.
    pub(super) arguments: &'a str,
}

impl Table {
    /// Puts our commands and those of connectors together, and applies `bot.names`.
    pub(super) fn new(
        names: &BTreeMap<String, String>,
        connectors: &[Arc<Live>],
    ) -> Result<Self, BotError> {
        let mut commands: Vec<Command> = Own::ALL
            .iter()
            .map(|(own, name, aliases)| Command {
                name: (*name).to_owned(),
                shown: (*name).to_owned(),
                aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
                may: vec![Who::Operators],
                does: Does::Own(*own),
            })
            .collect();
        for live in connectors {
            for action in live.connector.actions.values() {
                let Some(name) = &action.command else {
                    continue;
                };
                let deed = Deed {
                    live: Arc::clone(live),
                    action: Arc::clone(action),
                };
                commands.push(Command {
                    name: name.clone(),
                    shown: name.clone(),
                    aliases: action.aliases.clone(),
                    may: deed.may(),
                    does: Does::Act(deed),
                });
            }
        }
        if let Some(name) = names
            .keys()
            .find(|name| commands.iter().all(|command| command.name != **name))
        {
            let known: Vec<&str> = commands.iter().map(|one| one.name.as_str()).collect();
            return Err(BotError::UnknownCommand {
                name: name.clone(),
                known: known.join(", "),
            });
        }
        let mut here: BTreeMap<String, Arc<Command>> = BTreeMap::new();
        let mut all = Vec::with_capacity(commands.len());
        for mut command in commands {
            command.shown = renamed(&command.name, names)?;
            let command = Arc::new(command);
            all.push(Arc::clone(&command));
            let name = command.shown.clone();
            if let Some(other) = here.insert(name.clone(), Arc::clone(&command)) {
                return Err(BotError::NameTaken {
                    command: command.name.clone(),
                    name,
                    by: other.name.clone(),
                });
            }
        }
        // Aliases come last: a name that was given on purpose goes before.
        for command in &all {
            for alias in &command.aliases {
                let entry = here.entry(alias.clone());
                entry.or_insert_with(|| Arc::clone(command));
            }
        }
        Ok(Self {
            commands: all,
            here,
        })
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
        let mut command = self.here.get(&name);
        if let Some(addressee) = addressee {
            if addressee.is_empty() || !addressee.eq_ignore_ascii_case(username) {
                return None;
            }
            // Whoever addresses us may use a command's own name even where another bot has it.
            command = command.or_else(|| self.commands.iter().find(|one| one.name == name));
        }
        Some(Call {
            command: Arc::clone(command?),
            arguments: arguments.trim(),
        })
    }

    /// The command of any of the names that it has, here or by itself.
    pub(super) fn named(&self, name: &str) -> Option<&Arc<Command>> {
        let mut all = self.commands.iter();
        self.here
            .get(name)
            .or_else(|| all.find(|one| one.name == name))
    }

    /// The command that does something.
    pub(super) fn of(&self, deed: &Deed) -> Option<&Arc<Command>> {
        self.commands
            .iter()
            .find(|one| matches!(&one.does, Does::Act(does) if does.is(deed)))
    }

    /// All commands, ours first.
    pub(super) fn all(&self) -> &[Arc<Command>] {
        &self.commands
    }

    /// The name here of a command of ours.
    pub(super) fn name_of(&self, own: Own) -> &str {
        self.commands
            .iter()
            .find(|command| matches!(command.does, Does::Own(does) if does == own))
            .map_or("", |command| &command.shown)
    }
}

fn renamed(command: &str, names: &BTreeMap<String, String>) -> Result<String, BotError> {
    let Some(name) = names.get(command) else {
        return Ok(command.to_owned());
    };
    let fits = (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    if fits {
        Ok(name.clone())
    } else {
        Err(BotError::BadName {
            command: command.to_owned(),
            name: name.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn table(names: &[(&str, &str)]) -> Result<Table, BotError> {
        let names = names
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        Table::new(&names.collect(), &[])
    }

    fn find(table: &Table, text: &str) -> Option<(String, String)> {
        let call = table.find(text, "vault_bot")?;
        Some((call.command.name.clone(), call.arguments.to_owned()))
    }

    fn called(name: &str, arguments: &str) -> Option<(String, String)> {
        Some((name.to_owned(), arguments.to_owned()))
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
                called("export", "json last 5"),
                "{text}"
            );
        }
        assert_eq!(find(&table, "/help"), called("help", ""));
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
        assert_eq!(find(&table, "/vault"), called("export", ""));
        assert_eq!(find(&table, "/export"), None);
        assert_eq!(find(&table, "/export@vault_bot"), called("export", ""));
        // A name given on purpose goes before an alias.
        assert_eq!(find(&table, "/transcript"), called("help", ""));
        assert_eq!(table.name_of(Own::Export), "vault");
        let listed: Vec<&str> = table.all().iter().map(|one| one.shown.as_str()).collect();
        assert_eq!(listed.first(), Some(&"info"));
        assert_eq!(listed.last(), Some(&"transcript"));
    }

    #[test]
    fn a_command_may_be_renamed_to_its_own_alias() {
        let table = table(&[("export", "transcript")]).unwrap();
        assert_eq!(find(&table, "/transcript"), called("export", ""));
        assert_eq!(find(&table, "/export"), None);
        assert_eq!(table.name_of(Own::Export), "transcript");
    }

    #[test]
    fn names_that_cannot_work_are_refused() {
        for (names, word) in [
            (&[("exprot", "x")][..], "info, export, search"),
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
