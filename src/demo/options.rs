//! What a demo is asked to do, and why it can fail.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::app::AppError;
use crate::archive::{ArchiveError, OpenError};
use crate::capture::CaptureError;
use crate::config::ConfigError;
use crate::emulator::server::{EmulatorError, Relay};

/// What a demo is asked to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where config, vault and exports are left.
    pub dir: PathBuf,
    /// Decides the world and the play.
    pub seed: u64,
    /// Messages in the group before the play, roughly.
    pub messages: usize,
    /// How customers' messages reach the topic.
    pub relay: Relay,
    /// Steps to play before the summary.
    pub steps: usize,
    /// Time between two steps.
    pub pace: Duration,
}

/// Why a demo ended early.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The directory holds something else.
    #[error(
        "{} holds files that are not a demo's: name another directory with --dir, or an empty one",
        .0.display()
    )]
    NotADemo(PathBuf),
    /// Another demo runs there.
    #[error("another demo runs in {}: end it, or name another directory with --dir", .0.display())]
    Busy(PathBuf),
    /// It was ended before there was anything to sum up.
    #[error("the demo was ended before it had anything to show")]
    Stopped,
    /// Files cannot be written.
    #[error("cannot write to {}: {source}; name another directory with --dir", .path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The emulator did not start.
    #[error(transparent)]
    Emulator(#[from] EmulatorError),
    /// The config that the demo wrote was refused; a defect of ours.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The userbot could not log in.
    #[error(transparent)]
    Capture(#[from] CaptureError),
    /// The service could not start or ended.
    #[error(transparent)]
    App(#[from] AppError),
    /// The archive could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The archive could not be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}
