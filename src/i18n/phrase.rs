//! What there is to say.

/// Something to say to a person, with its figures. Words of the interface only: whoever says it
/// adds the prefix that keeps a note from the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phrase {
    // --- what commands are for ---
    /// What `/export` is for, for Telegram's list of commands (256 characters at most).
    DescribeExport,
    /// What `/search` is for.
    DescribeSearch,
    /// What `/status` is for.
    DescribeStatus,
    /// What `/help` is for.
    DescribeHelp,
    /// Heads the list of commands.
    HelpTitle,
    /// How to word `/export`, with examples.
    ExportUsage {
        /// The command's name here, without the slash.
        command: String,
    },

    // --- /search ---
    /// How to word `/search`, with examples.
    SearchUsage {
        /// The command's name here, without the slash.
        command: String,
    },
    /// A filter with a value that it does not know.
    UnknownValue {
        /// The filter and its value: `has:photos`.
        word: String,
        /// The values that it knows.
        known: String,
    },
    /// Heads all messages that were found.
    SearchFound {
        /// How many.
        messages: u64,
    },
    /// Heads the best of many messages.
    SearchBest {
        /// How many are shown.
        messages: u64,
    },
    /// No message says that.
    SearchNothing,
    /// Stands behind a message that was deleted in Telegram.
    SearchDeleted,

    // --- arguments that make no sense ---
    /// A word that means nothing here.
    UnknownWord {
        /// The word.
        word: String,
    },
    /// A word that needs a value after it.
    ValueMissing {
        /// The word.
        word: String,
    },
    /// `last` wants a number of 1 or more.
    NotANumber {
        /// What stood there.
        word: String,
    },
    /// `since` wants a date.
    NotADate {
        /// What stood there.
        word: String,
    },
    /// The same thing was said twice, or `all` beside a limit.
    Contradiction {
        /// The word that contradicts.
        word: String,
    },

    // --- /export ---
    /// An export is being made.
    ExportProgress {
        /// Messages written so far.
        messages: u64,
    },
    /// An export has not begun: it waits for others, or for capture.
    ExportQueued,
    /// The export that was announced is ready.
    ExportDone {
        /// Messages in it.
        messages: u64,
    },
    /// The same export is being made already.
    ExportRunning,
    /// The export went wrong.
    ExportFailed,
    /// The service stops before the export is ready.
    ExportInterrupted,
    /// Nothing matches.
    ExportEmpty,
    /// Caption of the file.
    ExportCaption {
        /// Messages in it.
        messages: u64,
        /// Title of the topic, where known.
        topic: Option<String>,
    },
    /// The archive has not yet seen what was just written.
    CaptureBehind,
    /// Messages of the group may be missing.
    UnknownIds {
        /// Ids of which nothing is known.
        ids: u64,
    },
    /// The file was compressed because of the limit.
    Compressed {
        /// Size before, bytes.
        size: u64,
        /// The limit, bytes.
        limit: u64,
    },
    /// One part of a file that was split because of the limit.
    Part {
        /// Which part, from 1.
        part: u64,
        /// How many there are.
        parts: u64,
    },
    /// How to join the parts.
    JoinParts {
        /// Name of the compressed file.
        name: String,
    },

    // --- /status ---
    /// Heads the figures.
    StatusTitle,
    /// What is in the archive.
    StatusCaptured {
        /// Messages that exist.
        messages: u64,
        /// Topics.
        topics: u64,
    },
    /// Messages that were deleted in Telegram and kept here.
    StatusDeleted {
        /// How many.
        messages: u64,
    },
    /// Ids of which nothing is known; 0: complete.
    StatusUnknown {
        /// How many.
        ids: u64,
    },
    /// How far capture is behind the group; 0: up to date.
    StatusLag {
        /// Messages of the group that are not captured yet.
        messages: u64,
    },
    /// When something was last captured.
    StatusLastCommit {
        /// How long ago, seconds.
        ago: u64,
        /// The moment, written out.
        moment: String,
    },
    /// Capture compares with history before it follows live.
    StatusCatchingUp,
    /// Capture has not been answered by Telegram yet.
    StatusConnecting,
    /// Capture is down.
    StatusDown {
        /// For how long, seconds.
        ago: u64,
        /// Since when, written out.
        moment: String,
    },
    /// Capture does not run beside this bot.
    StatusNoCapture,
    /// Files that messages carry.
    StatusFiles {
        /// Stored.
        stored: u64,
        /// Bytes of these.
        bytes: u64,
        /// Wanted and not stored yet.
        missing: u64,
    },
    /// What the archive takes on disk.
    StatusSize {
        /// Bytes.
        bytes: u64,
    },
    /// Telegram asked capture to wait.
    StatusFloodWait {
        /// How much longer, seconds.
        seconds: u64,
    },
    /// There is no archive of this group yet.
    NothingCaptured,
    /// A command went wrong on our side.
    CommandFailed {
        /// The command's name, without the slash.
        command: String,
    },

    // --- what the bot says by itself ---
    /// The group is not captured.
    AlertDown {
        /// Since when, written out.
        moment: String,
    },
    /// The group is captured again.
    AlertBack {
        /// After so many seconds.
        seconds: u64,
    },
    /// The disk fills up.
    AlertDisk {
        /// Bytes that are free.
        free: u64,
    },

    // --- why nothing is captured, and what to do ---
    /// Telegram cannot be reached.
    TroubleUnreachable,
    /// Telegram asks our account to wait.
    TroubleWait,
    /// Nobody has logged in.
    TroubleNotLoggedIn,
    /// The login was ended from elsewhere.
    TroubleRevoked,
    /// The login was used at two places.
    TroubleDuplicated,
    /// The account is gone.
    TroubleDeactivated,
    /// The account lives in another datacentre.
    TroubleMoved,
    /// The login's file cannot be used.
    TroubleSession,
    /// The account is not in the group.
    TroubleNotMember,
    /// The group has no topics.
    TroubleNotForum,
    /// The disk is full.
    TroubleDiskFull,
    /// The archive cannot be written.
    TroubleArchive,
    /// The application is not accepted.
    TroubleSettings,
    /// Anything else.
    TroubleOther,
}

#[cfg(test)]
impl Phrase {
    /// One of each, for tests that go through all of them. The `match` has no other use than to
    /// fail to compile when a phrase is added that is missing here.
    pub(super) fn samples() -> Vec<Self> {
        let text = || "x7".to_owned();
        let all = vec![
            Self::DescribeExport,
            Self::DescribeSearch,
            Self::SearchUsage { command: text() },
            Self::UnknownValue {
                word: text(),
                known: text(),
            },
            Self::SearchFound { messages: 3 },
            Self::SearchBest { messages: 10 },
            Self::SearchNothing,
            Self::SearchDeleted,
            Self::DescribeStatus,
            Self::DescribeHelp,
            Self::HelpTitle,
            Self::ExportUsage { command: text() },
            Self::UnknownWord { word: text() },
            Self::ValueMissing { word: text() },
            Self::NotANumber { word: text() },
            Self::NotADate { word: text() },
            Self::Contradiction { word: text() },
            Self::ExportProgress { messages: 12_000 },
            Self::ExportQueued,
            Self::ExportDone { messages: 12_345 },
            Self::ExportRunning,
            Self::ExportFailed,
            Self::ExportInterrupted,
            Self::ExportEmpty,
            Self::ExportCaption {
                messages: 21,
                topic: Some(text()),
            },
            Self::CaptureBehind,
            Self::UnknownIds { ids: 3 },
            Self::Compressed {
                size: 61_250_000,
                limit: 50_000_000,
            },
            Self::Part { part: 2, parts: 3 },
            Self::JoinParts { name: text() },
            Self::StatusTitle,
            Self::StatusCaptured {
                messages: 12_345,
                topics: 102,
            },
            Self::StatusDeleted { messages: 1 },
            Self::StatusUnknown { ids: 5 },
            Self::StatusLag { messages: 2 },
            Self::StatusLastCommit {
                ago: 5,
                moment: text(),
            },
            Self::StatusCatchingUp,
            Self::StatusConnecting,
            Self::StatusDown {
                ago: 90,
                moment: text(),
            },
            Self::StatusNoCapture,
            Self::StatusFiles {
                stored: 1_200,
                bytes: 3_400_000,
                missing: 2,
            },
            Self::StatusSize { bytes: 3_400_000 },
            Self::StatusFloodWait { seconds: 45 },
            Self::NothingCaptured,
            Self::CommandFailed { command: text() },
            Self::AlertDown { moment: text() },
            Self::AlertBack { seconds: 150 },
            Self::AlertDisk { free: 900_000_000 },
            Self::TroubleUnreachable,
            Self::TroubleWait,
            Self::TroubleNotLoggedIn,
            Self::TroubleRevoked,
            Self::TroubleDuplicated,
            Self::TroubleDeactivated,
            Self::TroubleMoved,
            Self::TroubleSession,
            Self::TroubleNotMember,
            Self::TroubleNotForum,
            Self::TroubleDiskFull,
            Self::TroubleArchive,
            Self::TroubleSettings,
            Self::TroubleOther,
        ];
        for phrase in &all {
            match phrase {
                Self::DescribeExport
                | Self::DescribeSearch
                | Self::SearchUsage { .. }
                | Self::UnknownValue { .. }
                | Self::SearchFound { .. }
                | Self::SearchBest { .. }
                | Self::SearchNothing
                | Self::SearchDeleted
                | Self::DescribeStatus
                | Self::DescribeHelp
                | Self::HelpTitle
                | Self::ExportUsage { .. }
                | Self::UnknownWord { .. }
                | Self::ValueMissing { .. }
                | Self::NotANumber { .. }
                | Self::NotADate { .. }
                | Self::Contradiction { .. }
                | Self::ExportProgress { .. }
                | Self::ExportQueued
                | Self::ExportDone { .. }
                | Self::ExportRunning
                | Self::ExportFailed
                | Self::ExportInterrupted
                | Self::ExportEmpty
                | Self::ExportCaption { .. }
                | Self::CaptureBehind
                | Self::UnknownIds { .. }
                | Self::Compressed { .. }
                | Self::Part { .. }
                | Self::JoinParts { .. }
                | Self::StatusTitle
                | Self::StatusCaptured { .. }
                | Self::StatusDeleted { .. }
                | Self::StatusUnknown { .. }
                | Self::StatusLag { .. }
                | Self::StatusLastCommit { .. }
                | Self::StatusCatchingUp
                | Self::StatusConnecting
                | Self::StatusDown { .. }
                | Self::StatusNoCapture
                | Self::StatusFiles { .. }
                | Self::StatusSize { .. }
                | Self::StatusFloodWait { .. }
                | Self::NothingCaptured
                | Self::CommandFailed { .. }
                | Self::AlertDown { .. }
                | Self::AlertBack { .. }
                | Self::AlertDisk { .. }
                | Self::TroubleUnreachable
                | Self::TroubleWait
                | Self::TroubleNotLoggedIn
                | Self::TroubleRevoked
                | Self::TroubleDuplicated
                | Self::TroubleDeactivated
                | Self::TroubleMoved
                | Self::TroubleSession
                | Self::TroubleNotMember
                | Self::TroubleNotForum
                | Self::TroubleDiskFull
                | Self::TroubleArchive
                | Self::TroubleSettings
                | Self::TroubleOther => {}
            }
        }
        all
    }
}
