//! Exports of what is new since the last one of the same name.
//!
//! An archive's messages come late (backfill), change (edits, deletions, reactions) and are stored by
//! id, so neither a highest id nor a date says what somebody has had. So of each message that was
//! exported a digest of 32 bits is kept, four bytes a message: what has another one now, or none, is
//! new. Readers take a message again where it changed, and put it in the place of the one before.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::archive::{ArchiveError, State};
use crate::model::{GroupId, MessageId, Snapshot};

/// Ids of a block.
const BLOCK: usize = 1024;

/// What an export of this name has had of a group.
#[derive(Debug)]
pub struct Pull {
    name: String,
    group: GroupId,
    state: State,
    inner: RefCell<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// Digests of a block's ids; 0: not exported.
    blocks: HashMap<i32, Block>,
    failure: Option<ArchiveError>,
}

#[derive(Debug)]
struct Block {
    digests: Vec<u32>,
    changed: bool,
}

impl Pull {
    /// What was had under a name, letters, digits and `-_.`, 64 at most.
    #[must_use]
    pub fn new(state: State, name: &str, group: GroupId) -> Option<Self> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let fits = (1..=64).contains(&name.len()) && name.bytes().all(letter);
        fits.then(|| Self {
            name: name.to_owned(),
            group,
            state,
            inner: RefCell::default(),
        })
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether a message, as it is now, was not had before.
    pub(super) fn is_new(&self, id: MessageId, digest: u32) -> bool {
        self.place(id, |known| *known != digest)
    }

    /// Notes that it is had now.
    pub(super) fn mark(&self, id: MessageId, digest: u32) {
        self.place(id, |known| *known = digest);
        let mut inner = self.inner.borrow_mut();
        if let Some(block) = inner.blocks.get_mut(&number(id)) {
            block.changed = true;
        }
    }

    /// Keeps what was noted, once the export has its place. Where that fails, or nobody gets here,
    /// the same is exported again.
    ///
    /// # Errors
    /// Where it cannot be read or kept.
    pub fn finish(mut self) -> Result<(), ArchiveError> {
        let inner = self.inner.into_inner();
        if let Some(failure) = inner.failure {
            return Err(failure);
        }
        let mut blocks: Vec<(i32, Vec<u8>)> = inner
            .blocks
            .into_iter()
            .filter(|(_, block)| block.changed)
            .map(|(number, block)| {
                let bytes = block.digests.iter().flat_map(|digest| digest.to_le_bytes());
                (number, bytes.collect())
            })
            .collect();
        blocks.sort_unstable();
        self.state.keep_pulled(&self.name, self.group, &blocks)
    }

    /// Forgets what was had, so that everything is new.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub fn forget(&mut self) -> Result<(), ArchiveError> {
        self.inner.take();
        self.state.forget_pulled(&self.name, self.group)
    }

    fn place<T: Default>(&self, id: MessageId, work: impl FnOnce(&mut u32) -> T) -> T {
        let number = number(id);
        let mut inner = self.inner.borrow_mut();
        if !inner.blocks.contains_key(&number) {
            let kept = match self.state.pulled(&self.name, self.group, number) {
                Ok(kept) => kept.unwrap_or_default(),
                Err(error) => {
                    inner.failure.get_or_insert(error);
                    Vec::new()
                }
            };
            let mut digests = vec![0; BLOCK];
            for (digest, bytes) in digests.iter_mut().zip(kept.chunks_exact(4)) {
                *digest = bytes.try_into().map_or(0, u32::from_le_bytes);
            }
            let block = Block {
                digests,
                changed: false,
            };
            inner.blocks.insert(number, block);
        }
        let slot = usize::try_from(id.0.rem_euclid(BLOCK as i32)).unwrap_or_default();
        let block = inner.blocks.get_mut(&number);
        match block.and_then(|block| block.digests.get_mut(slot)) {
            Some(known) => work(known),
            None => T::default(),
        }
    }
}

fn number(id: MessageId) -> i32 {
    id.0.div_euclid(BLOCK as i32)
}

/// What a message is now, in 32 bits; never 0. Another version, a deletion, a pin, other reactions
/// or votes make another one.
pub(super) fn digest(snapshot: &Snapshot) -> u32 {
    let message = &snapshot.message;
    let mut hash = blake3::Hasher::new();
    let mut number = |value: Option<i64>| {
        hash.update(&[u8::from(value.is_some())]);
        hash.update(&value.unwrap_or_default().to_le_bytes());
    };
    number(message.edit_date);
    number(snapshot.deleted_at);
    number(i64::try_from(snapshot.versions.len()).ok());
    number(Some(i64::from(snapshot.marks.pinned)));
    hash.update(message.text.as_bytes());
    // Views change with every look at the message: they are no news.
    let marks = (&snapshot.marks.reactions, &snapshot.marks.votes);
    if marks != (&None, &None) {
        // What cannot be written as JSON counts as the same.
        let _ = serde_json::to_writer(&mut hash, &marks);
    }
    let mut digest = [0; 4];
    hash.finalize_xof().fill(&mut digest);
    u32::from_le_bytes(digest).max(1)
}
