//! From an update to the command that answers it.

use std::collections::HashMap;
use std::sync::Arc;

use teloxide::types::{Message, Update, UpdateKind};
use tokio::task::JoinSet;

use super::audit::{Audit, Outcome};
use super::command::{Action, Command, Permission};
use super::connection::Connection;
use super::convert;
use super::error::causes;
use super::operators::{Sender, sender};
use super::request::{CommandError, Group, Request, Shared};
use super::{export, help, search, status};
use crate::i18n::{Language, Phrase};
use crate::model::{GroupId, MessageId};

/// Where updates arrive.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) connection: Arc<Connection>,
    pub(super) shared: Arc<Shared>,
    /// The groups that are served; all others are ignored.
    pub(super) groups: HashMap<GroupId, Arc<Group>>,
    pub(super) audit: Audit,
}

impl Desk {
    /// Takes an update; a command becomes a task, so that none waits for another.
    pub(super) fn take(&self, update: &Update, tasks: &mut JoinSet<()>) {
        match &update.kind {
            UpdateKind::Message(message) => self.message(message, tasks),
            // For the archive only.
            UpdateKind::EditedMessage(_) => {}
            UpdateKind::MyChatMember(change) => {
                let group = GroupId::from_marked(change.chat.id.0)
                    .and_then(|id| self.groups.get(&id))
                    .cloned();
                if let Some(group) = group {
                    let status = change.new_chat_member.status();
                    tracing::info!(group = %group.id, ?status, "the bot's place in the group changed");
                    tasks.spawn(async move { group.administrators.forget().await });
                }
            }
            // A kind of update that teloxide does not know yet.
            _ => tracing::debug!(update = update.id.0, "an update was ignored"),
        }
    }

    fn message(&self, message: &Message, tasks: &mut JoinSet<()>) {
        let Some(group) =
            GroupId::from_marked(message.chat.id.0).and_then(|id| self.groups.get(&id))
        else {
            return;
        };
        let call = message
            .text()
            .and_then(|text| self.shared.table.find(text, &self.shared.username));
        let Some(call) = call else {
            return;
        };
        let sender = sender(message, group.id, &group.rules);
        let person = match sender {
            Sender::Nobody => return,
            Sender::Administrator(id) | Sender::Stranger(id) | Sender::Person(id) => id,
        };
        let request = Request {
            group: Arc::clone(group),
            topic: convert::topic(message),
            message: MessageId(message.id.0),
            person,
            language: language(group, message),
            arguments: call.arguments.to_owned(),
        };
        let errand = Errand {
            connection: Arc::clone(&self.connection),
            shared: Arc::clone(&self.shared),
            audit: self.audit.clone(),
            command: call.command,
            sender,
            request,
        };
        tasks.spawn(errand.run());
    }
}

fn language(group: &Group, message: &Message) -> Language {
    group.language.unwrap_or_else(|| {
        message
            .from
            .as_ref()
            .and_then(|user| user.language_code.as_deref())
            .map_or_else(Language::default, Language::from_tag)
    })
}

/// A command on its way.
struct Errand {
    connection: Arc<Connection>,
    shared: Arc<Shared>,
    audit: Audit,
    command: &'static Command,
    sender: Sender,
    request: Request,
}

impl Errand {
    async fn run(self) {
        let (group, person) = (self.request.group.id, self.request.person);
        let command = self.command.name;
        if !self.allowed().await {
            tracing::info!(%group, topic = %self.request.topic, %person, command, "refused");
            self.write(Outcome::Refused).await;
            return;
        }
        self.write(Outcome::Allowed).await;
        let outcome = match self.command.action {
            Action::Export => export::run(&self.shared, &self.request).await,
            Action::Search => search::run(&self.shared, &self.request).await,
            Action::Status => status::run(&self.shared, &self.request).await,
            Action::Help => help::run(&self.shared, &self.request).await,
        };
        match outcome {
            Ok(()) => {
                tracing::info!(%group, topic = %self.request.topic, %person, command, "served");
                self.write(Outcome::Served).await;
            }
            Err(error) => {
                tracing::error!(%group, topic = %self.request.topic, %person, command, error = causes(&error), "failed");
                self.write(Outcome::Failed).await;
                self.apologise(&error).await;
            }
        }
    }

    async fn allowed(&self) -> bool {
        let group = &self.request.group;
        match (self.command.permission, self.sender) {
            (Permission::Operators, Sender::Administrator(_)) => true,
            (Permission::Operators, Sender::Person(person)) => {
                group.operators.contains(&person.0)
                    || group
                        .administrators
                        .contain(&self.connection, group.id, person)
                        .await
            }
            (Permission::Operators, Sender::Stranger(_) | Sender::Nobody) => false,
        }
    }

    /// Says that a command failed, unless it said so itself or cannot say anything.
    async fn apologise(&self, error: &CommandError) {
        if self.command.action == Action::Export || matches!(error, CommandError::Dropped(_)) {
            return;
        }
        let command = self.shared.table.name_of(self.command.action).to_owned();
        // A dropped post was logged where it was dropped.
        let _ = self.request.say(&[Phrase::CommandFailed { command }]).await;
    }

    async fn write(&self, outcome: Outcome) {
        let request = &self.request;
        self.audit
            .write(
                request.group.id,
                request.topic,
                request.person,
                self.command.name,
                outcome,
            )
            .await;
    }
}
