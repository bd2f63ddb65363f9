//! A command that somebody may give, and what all commands share.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use tokio::sync::{Notify, Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::arguments::ExportArguments;
use super::command::{Deed, Table};
use super::error::BotError;
use super::note::{Note, NotePrefix};
use super::operators::Administrators;
use super::parts::Parts;
use super::permission::{Permissions, Standing};
use super::queue::{Dropped, Post, Queue};
use super::scratch::Workshop;
use super::store::Store;
use super::trigger::{self, Trigger};
use crate::archive::{ArchiveError, OpenError, Vault};
use crate::capture::Progress;
use crate::config::{Delivery, GroupConfig, RoleRules, TrainingConsent};
use crate::connectors::{Failure, Live, Markup, Operator};
use crate::crm::Crm;
use crate::i18n::{Language, Phrase};
use crate::model::{GroupId, MediaPolicy, MessageId, PersonId, TopicId, topic_link};
use crate::transcript::TranscriptError;

/// Exports that are made at the same time in one group.
const EXPORTS_AT_ONCE: usize = 2;

/// Why a command failed; logged, while the operator hears a phrase.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    /// The archive cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The transcript cannot be rendered.
    #[error(transparent)]
    Transcript(#[from] TranscriptError),
    /// A temporary file cannot be written.
    #[error("writing a temporary file in the vault: {0}; check its free space and rights")]
    Io(#[from] std::io::Error),
    /// The answer was dropped.
    #[error(transparent)]
    Dropped(#[from] Dropped),
    /// The service stops.
    #[error("the service stopped before the command was done")]
    Interrupted,
    /// An outside system; the operator was told already.
    #[error("{connector}: {failure}")]
    Connector {
        /// Which one.
        connector: String,
        /// Why, without secrets and people.
        failure: Box<Failure>,
    },
    /// Work on another thread broke off.
    #[error("work broke off: {0}")]
    Broken(#[from] tokio::task::JoinError),
}

/// What all commands share.
#[derive(Debug)]
pub(super) struct Shared {
    /// The bot itself.
    pub(super) id: PersonId,
    /// Its name, without the `@`.
    pub(super) username: String,
    /// The archives.
    pub(super) vault: Vault,
    /// How far capture is.
    pub(super) progress: watch::Receiver<HashMap<GroupId, Progress>>,
    /// The commands.
    pub(super) table: Table,
    /// The connectors.
    pub(super) connectors: Vec<Arc<Live>>,
    /// The CRM, where there is one.
    pub(super) crm: Option<Arc<dyn Crm>>,
    /// What spans groups: links, questions, what was served.
    pub(super) state: Store,
    /// Something was put into the outbox.
    pub(super) outbox: Notify,
    /// Largest file that the Bot API server takes, bytes.
    pub(super) upload_limit: u64,
    /// Which files are wanted.
    pub(super) files: MediaPolicy,
    /// The file with the key for pseudonyms.
    pub(super) pseudonym_key: PathBuf,
    /// Where temporary files go.
    pub(super) workshop: Workshop,
    /// The service stops: what runs by itself begins nothing more.
    pub(super) ending: CancellationToken,
    /// The service stops and waits no longer: break off.
    pub(super) abandon: CancellationToken,
}

impl Shared {
    /// How far capture of a group is; `None` where none runs beside the bot.
    pub(super) fn capture_of(&self, group: GroupId) -> Option<Progress> {
        self.progress.borrow().get(&group).cloned()
    }
}

/// A group that the bot serves.
#[derive(Debug)]
pub(super) struct Group {
    /// Which one.
    pub(super) id: GroupId,
    /// Who is who in it.
    pub(super) parts: Parts,
    /// How notes begin in it.
    pub(super) prefix: NotePrefix,
    /// Where it is told of trouble.
    pub(super) alerts: TopicId,
    /// Zone of the dates shown.
    pub(super) zone: TimeZone,
    /// The language, unless everyone is answered in their own.
    pub(super) language: Option<Language>,
    /// Who may do what.
    pub(super) permissions: Permissions,
    /// Customers are shown in part only.
    pub(super) mask: bool,
    /// Its customers have consented to training.
    pub(super) consent: bool,
    /// How words of ours reach the customer.
    pub(super) delivery: Delivery,
    /// The action that brings them there, where that is the way.
    pub(super) delivery_action: Option<Deed>,
    /// What happens by itself.
    pub(super) triggers: Vec<Trigger>,
    /// Its administrators.
    pub(super) administrators: Administrators,
    /// The way out.
    pub(super) queue: Queue,
    /// Exports that may start.
    pub(super) exports: Semaphore,
    running: Mutex<HashSet<(TopicId, ExportArguments)>>,
}

impl Group {
    /// Reads a group's section of the config.
    pub(super) fn new(
        id: GroupId,
        config: &GroupConfig,
        connectors: &[Arc<Live>],
        table: &Table,
        queue: Queue,
    ) -> Result<Self, BotError> {
        let triggers = config.triggers.iter();
        let triggers: Result<_, _> = triggers.map(|one| Trigger::new(one, connectors)).collect();
        let delivery_action = match config.delivery {
            Delivery::CrmApi => Some(trigger::action(
                &config.delivery_action,
                connectors,
                "text",
            )?),
            Delivery::None | Delivery::Bot | Delivery::Userbot => None,
        };
        let zone = TimeZone::get(&config.timezone).map_err(|_| BotError::BadTimeZone {
            name: config.timezone.clone(),
        })?;
        Ok(Self {
            id,
            prefix: NotePrefix::of(&config.roles),
            parts: Parts::new(config),
            alerts: TopicId(config.alerts),
            zone,
            language: config.language.as_deref().map(Language::from_tag),
            permissions: Permissions::new(config, table)?,
            mask: config.mask,
            consent: config.training_consent == TrainingConsent::Customers,
            delivery: config.delivery,
            delivery_action,
            triggers: triggers?,
            administrators: Administrators::default(),
            queue,
            exports: Semaphore::new(EXPORTS_AT_ONCE),
            running: Mutex::default(),
        })
    }

    /// Who is who in it, as far as the configuration says or the group shows.
    pub(super) fn rules(&self) -> RoleRules {
        self.parts.rules()
    }

    /// Posts a note in a topic, and waits until it is there. Where nothing can be written, as in a
    /// closed topic or one that is gone, it goes where operators are told of trouble.
    pub(super) async fn tell(
        &self,
        topic: TopicId,
        note: Note,
        language: Language,
    ) -> Result<MessageId, Dropped> {
        let posted = self.queue.post(Post::note(topic, note.clone())).await;
        if posted != Err(Dropped::NotSent) || topic == self.alerts {
            return posted;
        }
        let link = topic_link(self.id, topic);
        let head = language.say(&Phrase::SaidElsewhere { link });
        let note = note.below(&self.prefix, &head);
        self.queue.post(Post::note(self.alerts, note)).await
    }

    /// Whether somebody may run a connector's action, by whatever way.
    pub(super) fn allows(&self, table: &Table, deed: &Deed, standing: &Standing) -> bool {
        match table.of(deed) {
            Some(command) => self.permissions.allow(command, standing),
            None => standing.is_among(&deed.may()),
        }
    }

    /// Claims an export; `None` while the same one is being made.
    pub(super) fn claim(
        self: &Arc<Self>,
        topic: TopicId,
        arguments: &ExportArguments,
    ) -> Option<Claim> {
        let key = (topic, arguments.clone());
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(key.clone()).then(|| Claim {
            group: Arc::clone(self),
            key,
        })
    }
}

/// An export that nobody else makes meanwhile.
#[derive(Debug)]
pub(super) struct Claim {
    group: Arc<Group>,
    key: (TopicId, ExportArguments),
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.group
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

/// A command that somebody gave and may give.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// Where.
    pub(super) group: Arc<Group>,
    /// In which topic.
    pub(super) topic: TopicId,
    /// The command's own message.
    pub(super) message: MessageId,
    /// Who.
    pub(super) person: PersonId,
    /// In which language to answer.
    pub(super) language: Language,
    /// Their name and so on, for templates.
    pub(super) operator: Operator,
    /// What they may.
    pub(super) standing: Standing,
    /// What followed the command.
    pub(super) arguments: String,
}

impl Request {
    /// Phrases as a note, a line each.
    pub(super) fn note(&self, phrases: &[Phrase]) -> Note {
        let lines: Vec<String> = phrases
            .iter()
            .map(|phrase| self.language.say(phrase))
            .collect();
        Note::new(&self.group.prefix, &lines.join("\n"))
    }

    /// A post of a note in the topic.
    pub(super) fn post(&self, note: Note) -> Post {
        Post::note(self.topic, note)
    }

    /// Posts a reply of a connector in the topic, and waits until it is there.
    pub(super) async fn reply(&self, markup: &Markup) -> Result<MessageId, Dropped> {
        self.put(Note::marked(&self.group.prefix, markup)).await
    }

    /// Posts phrases in the topic, a line each, and waits until they are there.
    pub(super) async fn say(&self, phrases: &[Phrase]) -> Result<MessageId, Dropped> {
        self.put(self.note(phrases)).await
    }

    /// Posts a note in the topic, or where it can be, and waits until it is there.
    pub(super) async fn put(&self, note: Note) -> Result<MessageId, Dropped> {
        self.group.tell(self.topic, note, self.language).await
    }
}
