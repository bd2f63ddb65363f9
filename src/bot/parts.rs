//! Who plays which part in a group, found again now and then.
//!
//! A new archive begins empty, and nobody restarts the service because a CRM changed its bot. So it is
//! looked at when the service starts, soon again while nobody was found, and every hour; never where
//! a message is handled. What the configuration names is not looked for.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::error::causes;
use super::request::{CommandError, Group, Shared};
use crate::config::{GroupConfig, RoleRules};
use crate::model::{GroupId, PersonId};
use crate::transcript::{Cast, Known, Origin};

/// Pause after nobody was found for the first time; doubles up to [`OFTEN`].
const SOON: Duration = Duration::from_secs(10);
/// How often it is looked again.
const OFTEN: Duration = Duration::from_secs(3_600);
/// At the start nothing is served for so long at most, because of an archive that is slow to read.
const AT_START: Duration = Duration::from_secs(10);

/// Who plays which part in a group.
#[derive(Debug)]
pub(super) struct Parts {
    configured: RoleRules,
    operators: Vec<PersonId>,
    effective: RwLock<RoleRules>,
}

impl Parts {
    /// What the configuration says.
    pub(super) fn new(config: &GroupConfig) -> Self {
        Self {
            configured: config.roles.clone(),
            operators: config.answering(),
            effective: RwLock::new(config.roles.clone()),
        }
    }

    /// The rules, completed by what was found last.
    pub(super) fn rules(&self) -> RoleRules {
        let effective = self.effective.read();
        effective.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the configuration leaves something to be found.
    pub(super) fn is_open(&self) -> bool {
        self.configured.relays.is_empty() || self.configured.assistants.is_empty()
    }

    fn take(&self, found: &RoleRules) {
        let mut effective = self
            .effective
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        effective.clone_from(found);
    }
}

/// Looks at all groups once, so that the first command finds everybody in their part.
pub(super) async fn look_at_all(shared: &Arc<Shared>, groups: &HashMap<GroupId, Arc<Group>>) {
    let all = async {
        for group in groups.values().filter(|group| group.parts.is_open()) {
            look(shared, group).await;
        }
    };
    if tokio::time::timeout(AT_START, all).await.is_err() {
        tracing::warn!("it takes long to find who posts customers' messages; it goes on meanwhile");
    }
}

/// Looks again now and then, until the service ends.
pub(super) async fn follow(shared: Arc<Shared>, group: Arc<Group>) {
    let mut pause = SOON;
    loop {
        tokio::select! {
            () = shared.ending.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = match look(&shared, &group).await {
            true => OFTEN,
            false => (pause * 2).min(OFTEN),
        };
    }
}

/// Looks once; whether it is known now who posts customers' messages.
async fn look(shared: &Shared, group: &Arc<Group>) -> bool {
    let before = group.rules();
    let found = match find(shared, group).await {
        Ok(Some(cast)) => cast,
        Ok(None) => return false,
        Err(error) => {
            // What was found before holds.
            tracing::warn!(group = %group.id, error = causes(&error), "who posts customers' messages cannot be found");
            return !before.relays.is_empty();
        }
    };
    let known = found.relays.origin != Origin::Nobody;
    if *found.rules() != before {
        // Accounts of a CRM and bots: nobody's personal data.
        tracing::info!(
            group = %group.id,
            relays = ?found.rules().relays,
            assistants = ?found.rules().assistants,
            topics = found.topics,
            "found who plays which part"
        );
        group.parts.take(found.rules());
    }
    known
}

/// `None`: nothing of the group is captured.
async fn find(shared: &Shared, group: &Arc<Group>) -> Result<Option<Cast>, CommandError> {
    let vault = shared.vault.clone();
    let id = group.id;
    let rules = group.parts.configured.clone();
    let known = Known {
        bot: Some(shared.id),
        operators: group.parts.operators.clone(),
    };
    let work = move || -> Result<Option<Cast>, CommandError> {
        if !vault.groups()?.contains(&id) {
            return Ok(None);
        }
        let reader = vault.reader(id)?;
        Ok(Some(Cast::of(&reader, &rules, &known)?))
    };
    tokio::task::spawn_blocking(work).await?
}
