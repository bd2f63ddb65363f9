//! From an update to the command that answers it.

use std::collections::HashMap;
use std::sync::Arc;

use teloxide::types::{Message, Update, UpdateKind, User};
use tokio::task::JoinSet;

use super::audit::{self, Audit, Outcome};
use super::command::{Command, Does, Own};
use super::connection::Connection;
use super::convert;
use super::error::causes;
use super::operators::{Sender, sender};
use super::permission::Standing;
use super::question::{self, Press};
use super::request::{CommandError, Group, Request, Shared};
use super::{act, export, help, history, info, link, search, status, waiting};
use crate::archive::{Served, Turn};
use crate::connectors::Operator;
use crate::i18n::{Language, Phrase};
use crate::model::{GroupId, MessageId, PersonId};

/// A command that is older is not run because somebody edits it, seconds.
const EDITABLE: i64 = 86_400;

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
            UpdateKind::Message(message) => self.message(message, false, tasks),
            UpdateKind::EditedMessage(message) => {
                let now = jiff::Timestamp::now().as_second();
                if now - message.date.timestamp() < EDITABLE {
                    self.message(message, true, tasks);
                }
            }
            UpdateKind::CallbackQuery(query) => {
                if let Some(press) = Press::read(self, query) {
                    tasks.spawn(press.run());
                }
            }
            UpdateKind::MyChatMember(change) => {
                let group = GroupId::from_marked(change.chat.id.0)
                    .and_then(|id| self.groups.get(&id))
                    .cloned();
                if let Some(group) = group {
                    let status = change.new_chat_member.status();
                    if change.new_chat_member.is_present() {
                        tracing::info!(group = %group.id, ?status, "the bot's place in the group changed");
                    } else {
                        tracing::warn!(group = %group.id, ?status, "the bot was removed from the group: add it again, or nobody can command it there");
                    }
                    tasks.spawn(async move { group.administrators.forget().await });
                }
            }
            // A kind of update that teloxide does not know yet.
            _ => tracing::debug!(update = update.id.0, "an update was ignored"),
        }
    }

    fn message(&self, message: &Message, edited: bool, tasks: &mut JoinSet<()>) {
        let Some(group) =
            GroupId::from_marked(message.chat.id.0).and_then(|id| self.groups.get(&id))
        else {
            return;
        };
        if let Some(new) = message.migrate_to_chat_id() {
            tracing::warn!(group = %group.id, new = new.0, "the group has moved: write its new id into the config");
        }
        let Some(text) = message.text() else { return };
        let Some(call) = self.shared.table.find(text, &self.shared.username) else {
            if edited {
                let id = MessageId(message.id.0);
                let (shared, group) = (Arc::clone(&self.shared), Arc::clone(group));
                tasks.spawn(question::edited(shared, group, id, text.to_owned()));
            }
            return;
        };
        let sender = sender(message, group.id, &group.rules());
        let person = match sender {
            Sender::Nobody => return,
            Sender::Administrator(id) | Sender::Stranger(id) | Sender::Person(id) => id,
        };
        let request = Request {
            group: Arc::clone(group),
            topic: convert::topic(message),
            message: MessageId(message.id.0),
            person,
            language: language_of(group, message.from.as_ref()),
            operator: message.from.as_ref().map(operator).unwrap_or_default(),
            standing: Standing::default(),
            arguments: call.arguments.to_owned(),
        };
        let errand = Errand {
            connection: Arc::clone(&self.connection),
            shared: Arc::clone(&self.shared),
            audit: self.audit.clone(),
            command: call.command,
            sender,
            request,
            text: text.to_owned(),
            edited,
        };
        tasks.spawn(errand.run());
    }
}

/// The group's language, else the person's own.
pub(super) fn language_of(group: &Group, user: Option<&User>) -> Language {
    let own = || user.and_then(|user| user.language_code.as_deref());
    group
        .language
        .unwrap_or_else(|| own().map_or_else(Language::default, Language::from_tag))
}

/// Who gives a command, for templates.
pub(super) fn operator(user: &User) -> Operator {
    Operator {
        id: i64::try_from(user.id.0).ok().map(PersonId),
        name: Some(user.full_name()),
        username: user.username.clone(),
    }
}

/// A command on its way.
struct Errand {
    connection: Arc<Connection>,
    shared: Arc<Shared>,
    audit: Audit,
    command: Arc<Command>,
    sender: Sender,
    request: Request,
    /// The whole message.
    text: String,
    /// It came as an edit.
    edited: bool,
}

impl Errand {
    async fn run(mut self) {
        let (group, topic, person) = (
            self.request.group.id,
            self.request.topic,
            self.request.person,
        );
        let command = Arc::clone(&self.command);
        let command = command.name.as_str();
        // Before its turn, which knows only the new text.
        if self.edited {
            let (shared, group) = (Arc::clone(&self.shared), Arc::clone(&self.request.group));
            question::edited(shared, group, self.request.message, self.text.clone()).await;
        }
        self.request.standing = self.standing().await;
        let permissions = &self.request.group.permissions;
        if !permissions.allow(&self.command, &self.request.standing) {
            tracing::info!(%group, %topic, %person, command, "refused");
            self.write(Outcome::Refused, None).await;
            return;
        }
        match self.turn().await {
            Ok(Turn::Serve) => {}
            Ok(turn) => {
                tracing::info!(%group, %topic, %person, command, ?turn, "not served again");
                return;
            }
            // A state that cannot be written keeps nobody from working.
            Err(error) => {
                tracing::error!(%group, error = causes(&error), "commands cannot be noted");
            }
        }
        self.write(Outcome::Allowed, None).await;
        match self.serve().await {
            Ok(result) => {
                tracing::info!(%group, %topic, %person, command, "served");
                self.write(Outcome::Served, result).await;
            }
            Err(error) => {
                tracing::error!(%group, %topic, %person, command, error = causes(&error), "failed");
                self.write(Outcome::Failed, result_of(&error)).await;
                self.apologise(&error).await;
            }
        }
        let message = self.request.message;
        let done = self
            .shared
            .state
            .with(move |state| state.turn_done(group, message));
        if let Err(error) = done.await {
            tracing::error!(%group, error = causes(&error), "commands cannot be noted");
        }
    }

    async fn serve(&self) -> Result<Option<String>, CommandError> {
        let (shared, request) = (&self.shared, &self.request);
        let own = match &self.command.does {
            Does::Own(own) => *own,
            Does::Act(deed) => return act::run(shared, request, &self.command, deed).await,
        };
        match own {
            Own::Info => return info::run(shared, request).await,
            Own::Link => return link::link(shared, request).await,
            Own::Unlink => return link::unlink(shared, request).await,
            Own::Export => export::run(shared, request).await,
            Own::Search => search::run(shared, request).await,
            Own::History => history::run(shared, request).await,
            Own::Waiting => waiting::run(shared, request).await,
            Own::Links => link::links(shared, request).await,
            Own::Status => status::run(shared, request).await,
            Own::Help => help::run(shared, request).await,
        }?;
        Ok(None)
    }

    async fn standing(&self) -> Standing {
        let group = &self.request.group;
        match self.sender {
            Sender::Administrator(person) => group.permissions.standing(person, true),
            Sender::Person(person) => {
                let administrator = group
                    .administrators
                    .contain(&self.connection, group.id, person)
                    .await;
                group.permissions.standing(person, administrator)
            }
            Sender::Stranger(_) | Sender::Nobody => Standing::default(),
        }
    }

    /// Whether this command is to be served: Telegram may show one twice, and an edit runs it again
    /// once at most.
    async fn turn(&self) -> Result<Turn, CommandError> {
        let served = Served {
            group: self.request.group.id,
            topic: self.request.topic,
            message: self.request.message,
            person: self.request.person,
            command: self.command.name.clone(),
        };
        let (text, edited) = (self.text.clone(), self.edited);
        let now = jiff::Timestamp::now().as_second();
        let since = now - 2 * EDITABLE;
        self.shared
            .state
            .with(move |state| state.take_turn(&served, &text, edited, now, since))
            .await
    }

    /// Says that a command failed, unless it said so itself or cannot say anything.
    async fn apologise(&self, error: &CommandError) {
        let said = matches!(self.command.does, Does::Own(Own::Export))
            || matches!(
                error,
                CommandError::Dropped(_) | CommandError::Connector { .. }
            );
        if said {
            return;
        }
        let command = self.command.shown.clone();
        // A dropped post was logged where it was dropped.
        let _ = self.request.say(&[Phrase::CommandFailed { command }]).await;
    }

    async fn write(&self, outcome: Outcome, result: Option<String>) {
        let deed = audit::Deed {
            group: self.request.group.id,
            topic: self.request.topic,
            person: self.request.person,
            action: &self.command.name,
        };
        self.audit.write(deed, outcome, result).await;
    }
}

/// What the audit log keeps of a failure: what outside systems said of it holds neither secrets nor
/// people; other errors stay in the log.
fn result_of(error: &CommandError) -> Option<String> {
    match error {
        CommandError::Connector { .. } => Some(error.to_string()),
        _ => None,
    }
}
