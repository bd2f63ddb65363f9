//! The companion bot: what operators talk to in a topic.

use std::collections::HashMap;
use tokio_util::sync::CancellationToken;

use crate::archive::Vault;
use crate::capture::Progress;
use crate::config::Config;
use crate::model::GroupId;

/// Why the bot could not start or go on; each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BotError {}

/// Serves commands until cancelled.
pub async fn run(
    _config: Config,
    _vault: Vault,
    _progress: tokio::sync::watch::Receiver<HashMap<GroupId, Progress>>,
    _stop: CancellationToken,
) -> Result<(), BotError> {
    todo!()
}
