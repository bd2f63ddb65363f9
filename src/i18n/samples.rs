//! One of each phrase, for tests that go through all of them.

use super::phrase::Phrase;

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
            Self::ExportNoConsent,
            Self::ExportCaption {
                messages: 21,
                topic: Some(text()),
            },
            Self::CaptureBehind,
            Self::UnknownIds { ids: 3 },
            Self::RolesUnsure { messages: 21 },
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
            Self::DescribeInfo,
            Self::DescribeHistory,
            Self::DescribeWaiting,
            Self::DescribeLink,
            Self::DescribeUnlink,
            Self::DescribeLinks,
            Self::CustomerUnknown,
            Self::CustomerLacks { value: text() },
            Self::CrmUnknown,
            Self::CrmSilent,
            Self::CrmDenied,
            Self::CrmFailed,
            Self::InfoChat,
            Self::InfoWaitsForUs,
            Self::InfoWaitsForCustomer,
            Self::InfoClosed,
            Self::InfoAccounts,
            Self::InfoFirstContact { moment: text() },
            Self::InfoMessages {
                messages: 12_345,
                from_customer: 1_200,
            },
            Self::InfoLastAnswer { moment: text() },
            Self::InfoWaitingSince { moment: text() },
            Self::InfoMissing,
            Self::ActUsage {
                usage: text(),
                example: text(),
            },
            Self::ArgumentMissing { name: text() },
            Self::ArgumentWrong {
                name: text(),
                word: text(),
            },
            Self::SystemSetup { system: text() },
            Self::SystemLacks {
                system: text(),
                value: text(),
            },
            Self::SystemUnreachable { system: text() },
            Self::SystemTimedOut { system: text() },
            Self::SystemUnauthorised { system: text() },
            Self::SystemForbidden { system: text() },
            Self::SystemNotFound { system: text() },
            Self::SystemBusy {
                system: text(),
                seconds: Some(30),
            },
            Self::SystemFailed {
                system: text(),
                status: 502,
            },
            Self::SystemRejected {
                system: text(),
                status: 422,
                message: text(),
            },
            Self::SystemUnreadable { system: text() },
            Self::SystemTooLarge { system: text() },
            Self::SystemTooMany {
                system: text(),
                most: 50,
            },
            Self::SystemRedirected { system: text() },
            Self::SystemUncertain { step: text() },
            Self::SystemDone { steps: text() },
            Self::SystemUnchanged,
            Self::ButtonYes,
            Self::ButtonNo,
            Self::QuestionDoing { command: text() },
            Self::QuestionOff,
            Self::QuestionLate,
            Self::QuestionGone,
            Self::QuestionAnswered,
            Self::QuestionBroken,
            Self::NoticeQueued { text: text() },
            Self::NoticeOff { text: text() },
            Self::NoticeFailed { text: text() },
            Self::NoticeDoubt { text: text() },
            Self::CommandBroken { command: text() },
            Self::TriggerBroken {
                event: "no_answer".to_owned(),
            },
            Self::QuestionChanged,
            Self::SaidElsewhere {
                link: "https://t.me/c/2101424779/5343".to_owned(),
            },
            Self::LinkUsage { command: text() },
            Self::NotAUser { word: text() },
            Self::Linked {
                account: text(),
                users: 3,
            },
            Self::LinkedAlready { account: text() },
            Self::Unlinked {
                account: text(),
                users: 3,
            },
            Self::NotLinked { account: text() },
            Self::LinksOfAccount { account: text() },
            Self::LinksOfCustomer,
            Self::LinksNone,
            Self::LinkSince {
                day: text(),
                by: text(),
            },
            Self::LinkWas {
                since: text(),
                until: text(),
                by: text(),
            },
            Self::WaitingNobody,
            Self::WaitingHead { topics: 23 },
            Self::WaitingRow {
                seconds: 5_000,
                messages: 2,
            },
            Self::AndMore { more: 7 },
            Self::HistoryNames,
            Self::HistoryTopics,
            Self::HistoryDeeds,
            Self::HistoryNone,
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
                | Self::ExportNoConsent
                | Self::ExportCaption { .. }
                | Self::CaptureBehind
                | Self::UnknownIds { .. }
                | Self::RolesUnsure { .. }
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
                | Self::TroubleOther
                | Self::DescribeInfo
                | Self::DescribeHistory
                | Self::DescribeWaiting
                | Self::DescribeLink
                | Self::DescribeUnlink
                | Self::DescribeLinks
                | Self::CustomerUnknown
                | Self::CustomerLacks { .. }
                | Self::CrmUnknown
                | Self::CrmSilent
                | Self::CrmDenied
                | Self::CrmFailed
                | Self::InfoChat
                | Self::InfoWaitsForUs
                | Self::InfoWaitsForCustomer
                | Self::InfoClosed
                | Self::InfoAccounts
                | Self::InfoFirstContact { .. }
                | Self::InfoMessages { .. }
                | Self::InfoLastAnswer { .. }
                | Self::InfoWaitingSince { .. }
                | Self::InfoMissing
                | Self::ActUsage { .. }
                | Self::ArgumentMissing { .. }
                | Self::ArgumentWrong { .. }
                | Self::SystemSetup { .. }
                | Self::SystemLacks { .. }
                | Self::SystemUnreachable { .. }
                | Self::SystemTimedOut { .. }
                | Self::SystemUnauthorised { .. }
                | Self::SystemForbidden { .. }
                | Self::SystemNotFound { .. }
                | Self::SystemBusy { .. }
                | Self::SystemFailed { .. }
                | Self::SystemRejected { .. }
                | Self::SystemUnreadable { .. }
                | Self::SystemTooLarge { .. }
                | Self::SystemTooMany { .. }
                | Self::SystemRedirected { .. }
                | Self::SystemUncertain { .. }
                | Self::SystemDone { .. }
                | Self::SystemUnchanged
                | Self::ButtonYes
                | Self::ButtonNo
                | Self::QuestionDoing { .. }
                | Self::QuestionOff
                | Self::QuestionLate
                | Self::QuestionGone
                | Self::QuestionAnswered
                | Self::QuestionBroken
                | Self::NoticeQueued { .. }
                | Self::NoticeOff { .. }
                | Self::NoticeFailed { .. }
                | Self::NoticeDoubt { .. }
                | Self::CommandBroken { .. }
                | Self::TriggerBroken { .. }
                | Self::QuestionChanged
                | Self::SaidElsewhere { .. }
                | Self::LinkUsage { .. }
                | Self::NotAUser { .. }
                | Self::Linked { .. }
                | Self::LinkedAlready { .. }
                | Self::Unlinked { .. }
                | Self::NotLinked { .. }
                | Self::LinksOfAccount { .. }
                | Self::LinksOfCustomer
                | Self::LinksNone
                | Self::LinkSince { .. }
                | Self::LinkWas { .. }
                | Self::WaitingNobody
                | Self::WaitingHead { .. }
                | Self::WaitingRow { .. }
                | Self::AndMore { .. }
                | Self::HistoryNames
                | Self::HistoryTopics
                | Self::HistoryDeeds
                | Self::HistoryNone => {}
            }
        }
        all
    }
}
