//! `/help`, and the list of commands that Telegram shows while somebody types.

use teloxide::payloads::SetMyCommandsSetters;
use teloxide::requests::Requester;
use teloxide::types::{BotCommand, BotCommandScope, ChatId, Recipient};

use super::command::{Action, Permission, Table};
use super::connection::Connection;
use super::note::Note;
use super::request::{CommandError, Group, Request, Shared};
use crate::i18n::{Language, Phrase};

/// Lists the commands.
pub(super) async fn run(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let note = Note::new(
        &request.group.prefix,
        &text(&shared.table, request.language),
    );
    request.group.queue.post(request.post(note)).await?;
    Ok(())
}

fn text(table: &Table, language: Language) -> String {
    let mut lines = vec![language.say(&Phrase::HelpTitle)];
    for (name, command) in table.listed() {
        // Whoever reads this is an operator already.
        match command.permission {
            Permission::Operators => {
                lines.push(format!("/{name} – {}", language.say(&command.description)));
            }
        }
    }
    let command = table.name_of(Action::Export).to_owned();
    lines.push(String::new());
    lines.push(language.say(&Phrase::ExportUsage { command }));
    let command = table.name_of(Action::Search).to_owned();
    lines.push(String::new());
    lines.push(language.say(&Phrase::SearchUsage { command }));
    lines.join("\n")
}

/// Tells Telegram the commands of a group, in each language or in the group's own.
pub(super) async fn announce(connection: &Connection, table: &Table, group: &Group) {
    for tag in Language::ALL {
        let language = group.language.unwrap_or(tag);
        let commands: Vec<BotCommand> = table
            .listed()
            .map(|(name, command)| BotCommand::new(name, language.say(&command.description)))
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
        let table = Table::new(&names).unwrap();
        let said: Vec<String> = Language::ALL
            .iter()
            .map(|language| text(&table, *language))
            .collect();
        insta::assert_snapshot!(said.join("\n\n"));
    }

    #[test]
    fn descriptions_are_what_telegram_takes() {
        let table = Table::new(&Default::default()).unwrap();
        for language in Language::ALL {
            for (_, command) in table.listed() {
                let length = language.say(&command.description).encode_utf16().count();
                assert!((3..=256).contains(&length));
            }
        }
    }
}
