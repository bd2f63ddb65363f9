//! What a CRM tells of a topic, whichever it is.

use std::fmt;
use std::pin::Pin;

use super::error::CrmError;
use crate::model::{Customer, GroupId, TopicId};

/// What a CRM tells of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TopicInfo {
    /// Whom it stands for.
    pub customer: Customer,
    /// Whose turn it is, where the CRM says so.
    pub status: Option<Status>,
    /// When something last happened in it, Unix seconds.
    pub last: Option<i64>,
}

/// Whose turn it is in a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The customer wrote last.
    WaitsForUs,
    /// We wrote last.
    WaitsForCustomer,
    /// It is over.
    Closed,
}

/// A question that is on its way.
pub type Asked<'a> = Pin<Box<dyn Future<Output = Result<Option<TopicInfo>, CrmError>> + Send + 'a>>;

/// A CRM that copies customers' messages into topics.
pub trait Crm: fmt::Debug + Send + Sync {
    /// What it knows of a topic; `None`: it knows no such topic.
    fn topic(&self, group: GroupId, topic: TopicId) -> Asked<'_>;
}
