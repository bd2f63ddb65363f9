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
            "/{command} [html | json | jsonl] [last N | since DATE | all]\n\
             html: a page to read; json: as Telegram Desktop exports it; jsonl: everything, one message a line.\n\
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
    }
}
