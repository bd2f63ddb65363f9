//! The CRM beside us: its Topics API, and who a topic's customer is.

use crate::config::CrmConfig;
use crate::model::{Customer, GroupId, TopicId};

/// Why the CRM gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum CrmError {}

/// A client of the Topics API.
#[derive(Clone, Debug)]
pub struct TopicsApi {}

impl TopicsApi {
    /// Builds a client; `None` where the config names no CRM.
    pub fn new(_config: &CrmConfig) -> Result<Option<Self>, CrmError> {
        todo!()
    }
    /// Asks who a topic's customer is; retries 429 and 5xx with back-off. `None`: the CRM knows no such topic.
    pub async fn info_by_topic(
        &self,
        _group: GroupId,
        _topic: TopicId,
    ) -> Result<Option<Customer>, CrmError> {
        todo!()
    }
}
