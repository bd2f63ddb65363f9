//! `/help`, and the list of commands that Telegram shows while somebody types.

use teloxide::payloads::SetMyCommandsSetters;
use teloxide::requests::Requester;
use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};

use super::command::{Command, Does, Own, Table};
use super::connection::Connection;
use super::note::Note;
use super::request::{CommandError, Group, Request, Shared};
use crate::i18n::{Language, Phrase};

/// Longest description that Telegram takes, in characters.
const LONGEST: usize = 256;

/// Lists the commands that this operator may give.
pub(super) async fn run(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let permissions = &request.group.permissions;
    let may = |command: &Command| permissions.allow(command, &request.standing);
    let text = text(&shared.table, request.language, &may);
    let note = Note::new(&request.group.prefix, &text);
    request.put(note).await?;
    Ok(())
}

fn text(table: &Table, language: Language, may: &dyn Fn(&Command) -> bool) -> String {
    let mut lines = vec![language.say(&Phrase::HelpTitle)];
    let mut usages = Vec::new();
    for command in table.all().iter().filter(|command| may(command)) {
        let about = command.about(language);
        lines.push(match &command.does {
            Does::Own(_) => format!("/{} – {about}", command.shown),
            Does::Act(_) => format!("{} – {about}", command.usage()),
        });
        let name = command.shown.clone();
        usages.extend(match command.does {
            Does::Own(Own::Export) => Some(Phrase::ExportUsage { command: name }),
            Does::Own(Own::Search) => Some(Phrase::SearchUsage { command: name }),
            Does::Own(Own::Link) => Some(Phrase::LinkUsage { command: name }),
            _ => None,
        });
    }
    for usage in usages {
        lines.push(String::new());
        lines.push(language.say(&usage));
    }
    lines.join("\n")
}

/// Tells Telegram the commands of a group, in each language or in the group's own.
pub(super) async fn announce(connection: &Connection, table: &Table, group: &Group) {
    for tag in Language::ALL {
        let language = group.language.unwrap_or(tag);
        let commands: Vec<BotCommand> = table
            .all()
            .iter()
            .map(|command| {
                let about: String = command.about(language).chars().take(LONGEST).collect();
                BotCommand::new(command.shown.clone(), about)
            })
            .collect();
        let scope = BotCommandScope::Chat {
            chat_id: Recipient::Id(ChatId(group.id.marked())),
        };
        let mut request = connection.calls.set_my_commands(commands).scope(scope);
        // The list without a language is for everyone who has none of their own.
        if tag != Language::default() {
            request = request.language_code(tag.tag());
        }
        if let Err(error) = request.await {
            let cause = connection.describe(&error);
            tracing::warn!(group = %group.id, %cause, "the list of commands could not be set");
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn help_in_every_language() {
        let names = [("export".to_owned(), "vault".to_owned())].into();
        let table = Table::new(&names, &[]).unwrap();
        let said: Vec<String> = Language::ALL
            .iter()
            .map(|language| text(&table, *language, &|_| true))
            .collect();
        insta::assert_snapshot!(said.join("\n\n"));
    }

    #[test]
    fn what_somebody_may_not_do_is_not_shown() {
        let table = Table::new(&Default::default(), &[]).unwrap();
        let shown = text(&table, Language::English, &|command| command.name == "help");
        assert_eq!(shown.lines().count(), 2, "{shown}");
    }

    #[test]
    fn descriptions_are_what_telegram_takes() {
        let table = Table::new(&Default::default(), &[]).unwrap();
        for language in Language::ALL {
            for command in table.all() {
                let length = command.about(language).encode_utf16().count();
                assert!((3..=256).contains(&length));
            }
        }
    }
}
