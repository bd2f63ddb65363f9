//! A support desk for tests: a running emulator, a config that bridges it, a login that is done.

use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::time::Duration;

use tempfile::TempDir;
use topicvault::capture::{self, LoginPrompt};
use topicvault::emulator::server::{Emulator, Settings};
use topicvault::model::GroupId;

/// See the module.
pub struct Desk {
    pub emulator: Emulator,
    pub dir: TempDir,
    pub config: PathBuf,
    pub group: i64,
    pub topic: i32,
    pub operator: i64,
}

/// Numbers that follow from a seed (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `limit` (0 when that is 0).
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D).checked_rem(limit).unwrap_or(0)
    }
}
