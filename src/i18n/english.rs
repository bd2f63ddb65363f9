//! The catalogue in English.

use super::language::Language::English as EN;
use super::numbers::Noun;
use super::phrase::Phrase;

pub(super) fn say(phrase: &Phrase) -> String {
    match phrase {
        Phrase::DescribeExport => "send this topic's messages as a file".into(),
        Phrase::DescribeStatus => "show what is captured, and whether anything is missing".into(),
        Phrase::DescribeHelp => "list the commands".into(),
        Phrase::HelpTitle => "Commands for operators:".into(),
        Phrase::ExportUsage { command } => format!(
            "/{command} [format] [last N | since DATE | until DATE | all] [redacted]\n\
             html: a page to read; json: as Telegram Desktop exports it; jsonl: everything, one message a line; \
             markdown; csv; parquet; to train on: openai, sharegpt, trl, dataset.\n\
             redacted: without personal data.\n\
             DATE: 2026-11-01, 01.11.2026, today, yesterday, or 7d for the last seven days.\n\
             Examples: /{command} – /{command} json last 100 – /{command} since yesterday"
        ),
        Phrase::DescribeSearch => "find messages of the whole group".into(),
        Phrase::SearchUsage { command } => format!(
            "/{command} WORDS\n\
             All words must occur, in any order and form. \"in quotes\": together; -word: not this one.\n\
             from:anna, role:customer, topic:here, has:photo, after:2026-11-01, before:2026-12-01 narrow it down.\n\
             Examples: /{command} refund – /{command} \"order number\" topic:here – /{command} has:photo after:2026-11-01"
        ),
        Phrase::UnknownValue { word, known } => format!("“{word}” is unknown; there is: {known}."),
        Phrase::SearchFound { messages } => format!("Found {}:", EN.count(*messages, Noun::Message)),
        Phrase::SearchBest { messages } => format!("The {messages} best matches:"),
        Phrase::SearchNothing => "Nothing found.".into(),
        Phrase::SearchDeleted => "deleted".into(),
        Phrase::UnknownWord { word } => format!("“{word}” means nothing here."),
        Phrase::ValueMissing { word } => format!("Something is missing after “{word}”."),
        Phrase::NotANumber { word } => {
            format!("“{word}” is no number of messages: use 1 or more.")
        }
        Phrase::NotADate { word } => format!("“{word}” is no date."),
        Phrase::Contradiction { word } => format!("“{word}” contradicts what stands before it."),
        Phrase::ExportProgress { messages } => {
            format!("Export: {}…", EN.count(*messages, Noun::Message))
        }
        Phrase::ExportQueued => "Export: waiting to begin…".into(),
        Phrase::ExportDone { messages } => {
            format!("Export ready: {}.", EN.count(*messages, Noun::Message))
        }
        Phrase::ExportRunning => "This export is being made already; the file will follow.".into(),
        Phrase::ExportFailed => "The export failed. The service's log says why.".into(),
        Phrase::ExportInterrupted => {
            "The export was interrupted because the service is stopping. Please ask again shortly."
                .into()
        }
        Phrase::ExportNoConsent => "Nothing was made to train on: this group's customers have not consented \
             (training_consent in the config)."
            .into(),
        Phrase::ExportEmpty => "Nothing to export: no captured message matches.".into(),
        Phrase::ExportCaption { messages, topic } => match topic {
            Some(topic) => format!("{topic}: {}.", EN.count(*messages, Noun::Message)),
            None => format!("Export: {}.", EN.count(*messages, Noun::Message)),
        },
        Phrase::CaptureBehind => {
            "Capture is behind: the newest messages may be missing here.".into()
        }
        Phrase::UnknownIds { ids } => format!(
            "Coverage of the group is not complete: nothing is known of {}.",
            EN.count(*ids, Noun::Id)
        ),
        Phrase::RolesUnsure { messages } => format!(
            "It is not sure who speaks in {}; topicvault doctor says what to do.",
            EN.count(*messages, Noun::Message)
        ),
        Phrase::Compressed { size, limit } => format!(
            "Compressed with zstd, because {} exceed the limit of {}. Unpack: zstd -d FILE.",
            EN.size(*size),
            EN.size(*limit)
        ),
        Phrase::Part { part, parts } => format!("Part {part} of {parts}."),
        Phrase::JoinParts { name } => {
            format!("Split because of the limit. Join: cat {name}.* > {name}; zstd -d {name}")
        }
        Phrase::StatusTitle => "Status of the archive".into(),
        Phrase::StatusCaptured { messages, topics } => format!(
            "Captured: {} in {}",
            EN.count(*messages, Noun::Message),
            EN.count(*topics, Noun::Topic)
        ),
        Phrase::StatusDeleted { messages } => format!(
            "Deleted in Telegram, kept here: {}",
            EN.count(*messages, Noun::Message)
        ),
        Phrase::StatusUnknown { ids } => match ids {
            0 => "Coverage: complete".into(),
            _ => format!("Coverage: nothing is known of {}", EN.count(*ids, Noun::Id)),
        },
        Phrase::StatusLag { messages } => match messages {
            0 => "Lag: none".into(),
            _ => format!("Lag: {} behind", EN.count(*messages, Noun::Message)),
        },
        Phrase::StatusLastCommit { ago, moment } => {
            format!("Last captured: {} ago ({moment})", EN.span(*ago))
        }
        Phrase::StatusCatchingUp => "Capture is catching up with history".into(),
        Phrase::StatusConnecting => "Capture is connecting to Telegram".into(),
        Phrase::StatusDown { ago, moment } => {
            format!("Capture has been down for {} (since {moment})", EN.span(*ago))
        }
        Phrase::StatusNoCapture => "Capture is not running".into(),
        Phrase::StatusFiles {
            stored,
            bytes,
            missing,
        } => format!(
            "Files: {} stored ({}), {} missing",
            EN.number(*stored),
            EN.size(*bytes),
            EN.number(*missing)
        ),
        Phrase::StatusSize { bytes } => format!("Size on disk: {}", EN.size(*bytes)),
        Phrase::StatusFloodWait { seconds } => {
            format!("Telegram asks us to wait: {} more", EN.span(*seconds))
        }
        Phrase::NothingCaptured => "Nothing of this group has been captured yet.".into(),
        Phrase::CommandFailed { command } => {
            format!("/{command} failed. The service's log says why.")
        }
        Phrase::AlertDown { moment } => format!("Attention: nothing of this group has been captured since {moment}. What is stored is safe; what is missed meanwhile will be fetched afterwards."),
        Phrase::AlertBack { seconds } => {
            format!("This group is captured again, after {}. What was missed is being fetched.", EN.span(*seconds))
        }
        Phrase::AlertDisk { free } => format!("The disk of the archive fills up: {} left. Please free some space.", EN.size(*free)),
        Phrase::TroubleUnreachable => "Telegram cannot be reached. Check the network of the server; capture goes on by itself.".into(),
        Phrase::TroubleWait => "Telegram asks our account to wait; capture goes on by itself.".into(),
        Phrase::TroubleNotLoggedIn => "Nobody is logged in. On the server: topicvault login".into(),
        Phrase::TroubleRevoked => "The login was ended in another app, or has expired. On the server: topicvault login".into(),
        Phrase::TroubleDuplicated => "The login was used at two places at once. Stop the other copy; then, on the server: topicvault login".into(),
        Phrase::TroubleDeactivated => "The Telegram account was deleted or banned. Log in with another one, and add it to the group.".into(),
        Phrase::TroubleMoved => "Telegram has moved the account to another datacentre. On the server: topicvault login".into(),
        Phrase::TroubleSession => "The login’s file is in use or cannot be used. The service’s log says more.".into(),
        Phrase::TroubleNotMember => "The account that captures is not in this group. Add it; capture goes on by itself.".into(),
        Phrase::TroubleNotForum => "Topics are switched off in this group. Switch them on; capture goes on by itself.".into(),
        Phrase::TroubleDiskFull => "The disk is full. Free some space; capture goes on by itself.".into(),
        Phrase::TroubleArchive => "The archive cannot be written. The service’s log says more.".into(),
        Phrase::TroubleSettings => "Telegram does not accept api_id and api_hash. Correct the configuration.".into(),
        Phrase::TroubleOther => "The service’s log says why.".into(),
        Phrase::DescribeInfo => "show who the customer is and what outside systems know".into(),
        Phrase::DescribeHistory => "show what has been done for this customer".into(),
        Phrase::DescribeWaiting => "list customers without an answer, the longest wait first".into(),
        Phrase::DescribeLink => "link the customer to an account".into(),
        Phrase::DescribeUnlink => "end a link to an account".into(),
        Phrase::DescribeLinks => "show who is linked to an account, and who was".into(),
        Phrase::CustomerUnknown => "Who the customer of this topic is, is not known.".into(),
        Phrase::CustomerLacks { value } => format!("This needs {value}, which is not known of this customer."),
        Phrase::CrmUnknown => "The CRM does not know this topic.".into(),
        Phrase::CrmSilent => "The CRM does not answer now.".into(),
        Phrase::CrmDenied => "The CRM does not accept our keys: somebody must check the settings.".into(),
        Phrase::CrmFailed => "The CRM gave no usable answer.".into(),
        Phrase::InfoChat => "a group chat".into(),
        Phrase::InfoWaitsForUs => "Waits for our answer.".into(),
        Phrase::InfoWaitsForCustomer => "We wait for the customer.".into(),
        Phrase::InfoClosed => "Closed.".into(),
        Phrase::InfoAccounts => "Accounts:".into(),
        Phrase::InfoFirstContact { moment } => format!("First contact: {moment}"),
        Phrase::InfoMessages { messages, from_customer } => format!("Messages: {}, {} of them from the customer", EN.number(*messages), EN.number(*from_customer)),
        Phrase::InfoLastAnswer { moment } => format!("Last answer: {moment}"),
        Phrase::InfoWaitingSince { moment } => format!("Waiting since: {moment}"),
        Phrase::InfoMissing => "Missing here".into(),
        Phrase::ActUsage { usage, example } => format!("{usage}\n\
             Example: {example}"),
        Phrase::ArgumentMissing { name } => format!("{name} is missing."),
        Phrase::ArgumentWrong { name, word } => format!("“{word}” cannot be {name}."),
        Phrase::SystemSetup { system } => format!("{system} is not set up completely; the log of the service says what is missing."),
        Phrase::SystemLacks { system, value } => format!("{system} did not say what is needed ({value})."),
        Phrase::SystemUnreachable { system } => format!("{system} cannot be reached."),
        Phrase::SystemTimedOut { system } => format!("{system} did not answer in time."),
        Phrase::SystemUnauthorised { system } => format!("{system} does not accept our credentials: somebody must renew them."),
        Phrase::SystemForbidden { system } => format!("{system} does not allow us to do that: somebody must give us the right."),
        Phrase::SystemNotFound { system } => format!("{system} does not find what it was asked for; the settings may name something that is gone."),
        Phrase::SystemBusy { system, seconds } => match seconds {
            Some(seconds) => {
                let wait = EN.span(*seconds);
                format!("{system} is asked too often; try again in {wait}.")
            }
            None => format!("{system} is asked too often; try again later."),
        },
        Phrase::SystemFailed { system, status } => format!("{system} has a failure of its own (HTTP {status}); try again later."),
        Phrase::SystemRejected {
            system,
            status,
            message,
        } => {
            let said = match message.is_empty() {
                true => ".".to_owned(),
                false => format!(": “{message}”."),
            };
            format!("{system} does not accept this (HTTP {status}){said}")
        }
        Phrase::SystemUnreadable { system } => format!("{system} gave an answer that cannot be read, perhaps a login page."),
        Phrase::SystemTooLarge { system } => format!("The answer of {system} is too large."),
        Phrase::SystemTooMany { system, most } => format!("There are more than {most} entries to change in {system}: change some of them there."),
        Phrase::SystemRedirected { system } => format!("{system} sends us to another address, where our credentials do not go: somebody must check its address."),
        Phrase::SystemUncertain { step } => format!("Whether it was done all the same ({step}) is not known: look there before you try again."),
        Phrase::SystemDone { steps } => format!("Already done: {steps}."),
        Phrase::SystemUnchanged => "Nothing was changed.".into(),
        Phrase::ButtonYes => "Yes".into(),
        Phrase::ButtonNo => "No".into(),
        Phrase::QuestionDoing { command } => format!("{command}: being done…"),
        Phrase::QuestionOff => "Called off; nothing was done.".into(),
        Phrase::QuestionLate => "This question is too old; give the command again. Nothing was done.".into(),
        Phrase::QuestionGone => "This question is too old; give the command again.".into(),
        Phrase::QuestionAnswered => "This was answered already.".into(),
        Phrase::QuestionBroken => "The service was stopped while this was being done. Whether it was done is not known: look there before you try again.".into(),
        Phrase::NoticeQueued { text } => format!("The customer is told: “{text}”"),
        Phrase::NoticeOff { text } => format!("The customer was not told (delivery is off here): “{text}”"),
        Phrase::NoticeFailed { text } => format!("This could not be delivered to the customer: “{text}”"),
        Phrase::NoticeDoubt { text } => format!("Whether the customer got this is not known, because sending it was broken off: “{text}”"),
        Phrase::CommandBroken { command } => format!("The service was stopped while it was answering /{command}. If the command changes something, look there before you give it again."),
        Phrase::TriggerBroken { event } => format!("The service was stopped during what it does by itself at “{event}”; whether it was done is not known."),
        Phrase::QuestionChanged => "Nothing was done: since the question was asked, the customer, the account, the price or the connector has changed. Give the command again.".into(),
        Phrase::SaidElsewhere { link } => format!("Nothing can be written in the topic {link}; this belongs there:"),
        Phrase::LinkUsage { command } => format!("/{command} ACCOUNT [USER ID …]\n\
             Without user ids the customer of this topic is meant.\n\
             Examples: /{command} N005 – /{command} N005 987654321 123456789"),
        Phrase::NotAUser { word } => format!("“{word}” is no Telegram user id."),
        Phrase::Linked { account, users: 1 } => format!("Linked to {account}."),
        Phrase::Linked { account, users } => {
            let users = EN.number(*users);
            format!("{users} users are linked to {account}.")
        }
        Phrase::LinkedAlready { account } => format!("Linked to {account} already."),
        Phrase::Unlinked { account, users: 1 } => format!("No longer linked to {account}."),
        Phrase::Unlinked { account, users } => {
            let users = EN.number(*users);
            format!("{users} users are no longer linked to {account}.")
        }
        Phrase::NotLinked { account } => format!("There is no such link to {account}."),
        Phrase::LinksOfAccount { account } => format!("Users of {account}:"),
        Phrase::LinksOfCustomer => "Accounts of this customer:".into(),
        Phrase::LinksNone => "none".into(),
        Phrase::LinkSince { day, by } => format!("since {day}, by {by}"),
        Phrase::LinkWas { since, until, by } => format!("from {since} to {until}, ended by {by}"),
        Phrase::WaitingNobody => "Everyone has an answer.".into(),
        Phrase::WaitingHead { topics } => format!("Without an answer: {}", EN.count(*topics, Noun::Topic)),
        Phrase::WaitingRow { seconds, messages } => format!("{}, {}", EN.span(*seconds), EN.count(*messages, Noun::Message)),
        Phrase::AndMore { more } => format!("… and {} more", EN.number(*more)),
        Phrase::HistoryNames => "Earlier names".into(),
        Phrase::HistoryTopics => "Other topics".into(),
        Phrase::HistoryDeeds => "Done here".into(),
        Phrase::HistoryNone => "Nothing has been done here yet.".into(),
    }
}
