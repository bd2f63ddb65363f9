//! Whom a topic stands for: the CRM is asked, and where it does not answer, what the archive knows
//! counts.

use std::sync::Arc;
use std::time::Duration;

use super::error::causes;
use super::request::{CommandError, Group, Shared};
use crate::archive::Reader;
use crate::connectors::{Context, Operator};
use crate::crm::{CrmError, TopicInfo};
use crate::i18n::{Language, Phrase};
use crate::model::{Customer, PersonId, TopicId};

/// How long the CRM is waited for where the archive knows the customer, and where it does not.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(20));

/// What is known of a topic's customer.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Who it is; `None`: nobody has said so.
    pub(super) customer: Option<Customer>,
    /// What the CRM says, where it answered.
    pub(super) info: Option<TopicInfo>,
    /// Why the CRM did not answer.
    pub(super) trouble: Option<Phrase>,
    /// The topic's title.
    pub(super) title: Option<String>,
    /// The group's title.
    pub(super) group_title: Option<String>,
    /// Accounts that are linked with the customer.
    pub(super) accounts: Vec<String>,
}

impl Known {
    /// The customer's user id.
    pub(super) fn user(&self) -> Option<PersonId> {
        self.customer.as_ref()?.user_id
    }
}

/// Finds out whom a topic stands for.
pub(super) async fn known(
    shared: &Shared,
    group: &Arc<Group>,
    topic: TopicId,
) -> Result<Known, CommandError> {
    let mut known = archived(shared, group, topic).await?;
    // General is nobody's.
    if let Some(crm) = shared.crm.as_ref().filter(|_| topic != TopicId::GENERAL) {
        let patience = match known.customer {
            Some(_) => PATIENCE.0,
            None => PATIENCE.1,
        };
        let answer = tokio::time::timeout(patience, crm.topic(group.id, topic)).await;
        match answer {
            Ok(Ok(Some(info))) => {
                let archived = known.customer.take().unwrap_or_default();
                known.customer = Some(info.customer.clone().or(&archived));
                known.info = Some(info);
            }
            Ok(Ok(None)) => known.trouble = Some(Phrase::CrmUnknown),
            Ok(Err(error)) => {
                tracing::warn!(group = %group.id, %topic, error = causes(&error), "the CRM gave no answer");
                known.trouble = Some(explain(&error));
            }
            Err(_) => {
                tracing::warn!(group = %group.id, %topic, "the CRM gave no answer in time");
                known.trouble = Some(Phrase::CrmSilent);
            }
        }
    }
    if let Some(user) = known.user() {
        let accounts = shared.state.with(move |state| state.accounts_of(user));
        known.accounts = accounts.await?;
    }
    Ok(known)
}

/// What the archive knows.
async fn archived(
    shared: &Shared,
    group: &Arc<Group>,
    topic: TopicId,
) -> Result<Known, CommandError> {
    let (vault, id) = (shared.vault.clone(), group.id);
    let read = move || -> Result<Known, CommandError> {
        if !vault.groups()?.contains(&id) {
            return Ok(Known::default());
        }
        let reader: Reader = vault.reader(id)?;
        Ok(Known {
            customer: reader.customer(topic)?,
            title: reader.topic(topic)?.map(|topic| topic.title),
            group_title: reader.title()?,
            ..Known::default()
        })
    };
    tokio::task::spawn_blocking(read).await?
}

fn explain(error: &CrmError) -> Phrase {
    match error {
        CrmError::Denied { .. } => Phrase::CrmDenied,
        CrmError::Unreachable { .. } | CrmError::TimedOut { .. } | CrmError::Busy { .. } => {
            Phrase::CrmSilent
        }
        _ => Phrase::CrmFailed,
    }
}

/// What a connector's action is told.
pub(super) fn context(
    group: &Group,
    topic: TopicId,
    known: &Known,
    operator: Operator,
    language: Language,
    key: String,
) -> Context {
    Context {
        customer: known.customer.clone(),
        operator,
        group: group.id,
        group_title: known.group_title.clone(),
        topic,
        topic_title: known.title.clone(),
        accounts: known.accounts.clone(),
        arguments: serde_json::Map::new(),
        language,
        mask: group.mask,
        now: jiff::Timestamp::now().as_second(),
        key,
    }
}
