//! The demo's last line: the archive held against the truth.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Serialize;

use super::compare::{Comparison, Difference};
use crate::bot::Seen;
use crate::emulator::crm::Delivered;
use crate::emulator::scenario::Cast;
use crate::emulator::world::{State, addressed_command};

/// What a demo found. Written as one line of JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Messages that exist in the group.
    pub messages_in_group: usize,
    /// How many of them a real teloxide client, an ordinary bot in the group, was shown.
    pub seen_by_bot_api: usize,
    /// Messages that the archive holds as existing.
    pub archived: usize,
    /// Ids that exist and are not in the archive.
    pub missing: Vec<i32>,
    /// Ids that are in the archive and do not exist.
    pub extra: Vec<i32>,
    /// Fields that differ from the truth, or from what the bot was shown.
    pub differing: Vec<Difference>,
    /// Messages that the CRM passed on to customers.
    pub delivered_to_customer: usize,
    /// Those among them that were never meant for customers: what our accounts posted without its
    /// lying in the outbox, notes, commands.
    pub leaked: usize,
    /// Transcripts that operators got, as files.
    pub exports: Vec<PathBuf>,
    /// The vault.
    pub vault: PathBuf,
}

impl Summary {
    /// Puts the findings together.
    #[must_use]
    pub fn new(
        comparison: Comparison,
        seen: &[Seen],
        state: &State,
        cast: &Cast,
        reached: Reached<'_>,
        exports: Vec<PathBuf>,
        vault: PathBuf,
    ) -> Self {
        let mut differing = comparison.differing;
        let mut shown: BTreeMap<i32, &Seen> = BTreeMap::new();
        for seen in seen.iter().filter(|seen| seen.group.bare() == cast.group) {
            shown.insert(seen.id.0, seen);
        }
        let group = state.group(cast.group);
        let mut existing = 0;
        for (id, seen) in &shown {
            let Some(truth) = group.and_then(|group| group.messages.get(id)) else {
                differing.push(Difference {
                    id: *id,
                    field: "seen_by_bot_api",
                    archived: seen.text.clone().into(),
                    truth: serde_json::Value::Null,
                });
                continue;
            };
            existing += usize::from(truth.deleted_at.is_none());
            let told =
                truth.text == seen.text || truth.versions.iter().any(|past| past.text == seen.text);
            if !told {
                differing.push(Difference {
                    id: *id,
                    field: "seen_by_bot_api",
                    archived: seen.text.clone().into(),
                    truth: truth.text.clone().into(),
                });
            }
        }
        Self {
            messages_in_group: comparison.messages_in_group,
            seen_by_bot_api: existing,
            archived: comparison.archived,
            missing: comparison.missing,
            extra: comparison.extra,
            differing,
            delivered_to_customer: reached.delivered.len(),
            leaked: reached.leaked(cast),
            exports,
            vault,
        }
    }

    /// Whether the archive is equal to the group, less was shown to the bot, and nothing leaked.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.missing.is_empty()
            && self.extra.is_empty()
            && self.differing.is_empty()
            && self.leaked == 0
            && self.seen_by_bot_api < self.messages_in_group
    }
}

/// What reached customers, and what of ours was meant to.
#[derive(Debug)]
pub struct Reached<'a> {
    /// What reached them.
    pub delivered: &'a [Delivered],
    /// What lay in the outbox.
    pub meant: Vec<String>,
}

impl Reached<'_> {
    /// How much reached them that was not meant to; each thing that was may reach them once.
    fn leaked(&self, cast: &Cast) -> usize {
        let mut meant = self.meant.clone();
        let ours = self.delivered.iter().filter(|one| is_ours(one, cast));
        let leaked = ours.filter(|one| {
            let place = meant.iter().position(|text| *text == one.text);
            place.map(|place| meant.swap_remove(place)).is_none()
        });
        leaked.count()
    }
}

/// What must not reach a customer by itself: whatever our two accounts post, notes, and commands.
fn is_ours(delivery: &Delivered, cast: &Cast) -> bool {
    delivery.from == cast.assistant
        || delivery.from == cast.userbot
        || delivery.text.starts_with("/ ")
        || addressed_command(&delivery.text).is_some()
}
