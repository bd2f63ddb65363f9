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
    /// Formats to train on need the customers' consent.
    ExportNoConsent,
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
    /// Of some messages it is not settled whose part they are.
    RolesUnsure {
        /// How many.
        messages: u64,
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

    // --- what the desk's commands are for ---
    /// What `/info` is for.
    DescribeInfo,
    /// What `/history` is for.
    DescribeHistory,
    /// What `/waiting` is for.
    DescribeWaiting,
    /// What `/link` is for.
    DescribeLink,
    /// What `/unlink` is for.
    DescribeUnlink,
    /// What `/links` is for.
    DescribeLinks,

    // --- who the customer is ---
    /// Nobody has said who the customer is.
    CustomerUnknown,
    /// Something about the customer is not known that is needed.
    CustomerLacks {
        /// Its name in templates.
        value: String,
    },
    /// The CRM knows no such topic.
    CrmUnknown,
    /// The CRM does not answer.
    CrmSilent,
    /// The CRM does not take our keys.
    CrmDenied,
    /// The CRM answers nonsense.
    CrmFailed,

    // --- /info ---
    /// The topic stands for a group chat.
    InfoChat,
    /// The customer wrote last, says the CRM.
    InfoWaitsForUs,
    /// We wrote last, says the CRM.
    InfoWaitsForCustomer,
    /// The topic is closed, says the CRM.
    InfoClosed,
    /// Stands before linked accounts.
    InfoAccounts,
    /// When the customer wrote first.
    InfoFirstContact {
        /// Written out.
        moment: String,
    },
    /// How many messages there are.
    InfoMessages {
        /// Of customer and operators.
        messages: u64,
        /// Of the customer.
        from_customer: u64,
    },
    /// When the customer was last answered.
    InfoLastAnswer {
        /// Written out.
        moment: String,
    },
    /// Since when the customer waits.
    InfoWaitingSince {
        /// Written out.
        moment: String,
    },
    /// Heads what could not be found out.
    InfoMissing,

    // --- arguments of commands that connectors declare ---
    /// How a command is written.
    ActUsage {
        /// Its name and arguments.
        usage: String,
        /// One that works.
        example: String,
    },
    /// An argument is missing.
    ArgumentMissing {
        /// Its name.
        name: String,
    },
    /// An argument is not what it may be.
    ArgumentWrong {
        /// Its name.
        name: String,
        /// What stood there.
        word: String,
    },

    // --- what outside systems do ---
    /// It is not set up.
    SystemSetup {
        /// Its title.
        system: String,
    },
    /// A value is missing in its answer.
    SystemLacks {
        /// Its title.
        system: String,
        /// Its name in templates.
        value: String,
    },
    /// Nobody answers.
    SystemUnreachable {
        /// Its title.
        system: String,
    },
    /// No answer in time.
    SystemTimedOut {
        /// Its title.
        system: String,
    },
    /// Our credentials are refused.
    SystemUnauthorised {
        /// Its title.
        system: String,
    },
    /// We may not.
    SystemForbidden {
        /// Its title.
        system: String,
    },
    /// There is no such thing.
    SystemNotFound {
        /// Its title.
        system: String,
    },
    /// It is asked too much.
    SystemBusy {
        /// Its title.
        system: String,
        /// After so many it may be asked again.
        seconds: Option<u64>,
    },
    /// It failed.
    SystemFailed {
        /// Its title.
        system: String,
        /// HTTP status.
        status: u16,
    },
    /// It does not take what was sent.
    SystemRejected {
        /// Its title.
        system: String,
        /// HTTP status.
        status: u16,
        /// Its own words; may be empty.
        message: String,
    },
    /// Its answer cannot be read.
    SystemUnreadable {
        /// Its title.
        system: String,
    },
    /// Its answer is too large.
    SystemTooLarge {
        /// Its title.
        system: String,
    },
    /// More is to be changed there than is at once.
    SystemTooMany {
        /// Its title.
        system: String,
        /// So many are.
        most: usize,
    },
    /// It sends us elsewhere.
    SystemRedirected {
        /// Its title.
        system: String,
    },
    /// The last step may have been done.
    SystemUncertain {
        /// Its name.
        step: String,
    },
    /// Steps that were done before.
    SystemDone {
        /// Their names.
        steps: String,
    },
    /// Nothing was changed.
    SystemUnchanged,

    // --- questions with buttons ---
    /// On the button that agrees.
    ButtonYes,
    /// On the button that declines.
    ButtonNo,
    /// It is being done.
    QuestionDoing {
        /// The command.
        command: String,
    },
    /// Somebody declined.
    QuestionOff,
    /// It is too late to agree.
    QuestionLate,
    /// Nothing belongs to the button any more.
    QuestionGone,
    /// Somebody was quicker.
    QuestionAnswered,
    /// A kill broke it off.
    QuestionBroken,

    // --- words for the customer ---
    /// The customer is told.
    NoticeQueued {
        /// What.
        text: String,
    },
    /// The group has no way to the customer.
    NoticeOff {
        /// What they would be told.
        text: String,
    },
    /// It could not be delivered.
    NoticeFailed {
        /// What.
        text: String,
    },
    /// A command that a stop broke off.
    CommandBroken {
        /// Its name, without the slash.
        command: String,
    },
    /// A trigger that a stop broke off.
    TriggerBroken {
        /// Its event.
        event: String,
    },
    /// What was asked about is not what would be done now.
    QuestionChanged,
    /// Before a note that cannot be posted where it belongs.
    SaidElsewhere {
        /// The topic.
        link: String,
    },
    /// Whether it was delivered is not known.
    NoticeDoubt {
        /// What.
        text: String,
    },

    // --- /link, /unlink, /links ---
    /// How to word `/link` and its like.
    LinkUsage {
        /// The command's name here, without the slash.
        command: String,
    },
    /// What stood there is no user id.
    NotAUser {
        /// What stood there.
        word: String,
    },
    /// Users were linked.
    Linked {
        /// The account.
        account: String,
        /// How many.
        users: u64,
    },
    /// They were linked before.
    LinkedAlready {
        /// The account.
        account: String,
    },
    /// Links were ended.
    Unlinked {
        /// The account.
        account: String,
        /// How many.
        users: u64,
    },
    /// There was no link.
    NotLinked {
        /// The account.
        account: String,
    },
    /// Heads the links of an account.
    LinksOfAccount {
        /// The account.
        account: String,
    },
    /// Heads the links of the customer.
    LinksOfCustomer,
    /// There are none.
    LinksNone,
    /// A link that holds.
    LinkSince {
        /// Since when.
        day: String,
        /// Who made it.
        by: String,
    },
    /// A link that has ended.
    LinkWas {
        /// From.
        since: String,
        /// To.
        until: String,
        /// Who ended it.
        by: String,
    },

    // --- /waiting, /history ---
    /// Everyone was answered.
    WaitingNobody,
    /// Heads the list of those who wait.
    WaitingHead {
        /// How many.
        topics: u64,
    },
    /// How long somebody waits.
    WaitingRow {
        /// For so long.
        seconds: u64,
        /// Messages without an answer.
        messages: u64,
    },
    /// There are more than are shown.
    AndMore {
        /// How many.
        more: u64,
    },
    /// Heads earlier names.
    HistoryNames,
    /// Heads other topics of the customer.
    HistoryTopics,
    /// Heads what was done.
    HistoryDeeds,
    /// Nothing is known.
    HistoryNone,
}
