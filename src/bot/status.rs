//! `/status`: what is captured, and whether anything is missing.

use std::time::Duration;

use super::notices::explain;
use super::render::{PATIENCE, wait_for};
use super::request::{CommandError, Request, Shared};
use crate::archive::{MediaTotals, Stats};
use crate::capture::{CaptureState, Progress};
use crate::i18n::{Language, Phrase};
use crate::model::MessageId;

/// Says how the group's archive is.
pub(super) async fn run(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let capture = shared.capture_of(request.group.id);
    let (vault, group, message) = (shared.vault.clone(), request.group.id, request.message);
    // While nothing is captured there is nothing to wait for.
    let working = capture
        .as_ref()
        .is_some_and(|capture| capture.down.is_none());
    let patience = if working { PATIENCE } else { Duration::ZERO };
    let abandon = shared.abandon.clone();
    let policy = shared.files;
    type Looked = Option<(Stats, MediaTotals)>;
    let stats = tokio::task::spawn_blocking(move || -> Result<Looked, CommandError> {
        if !vault.groups()?.contains(&group) {
            return Ok(None);
        }
        let reader = vault.reader(group)?;
        wait_for(&reader, message, patience, &abandon)?;
        Ok(Some((reader.stats()?, reader.media_totals(&policy)?)))
    })
    .await??;
    let phrases = match stats {
        Some((stats, files)) => figures(
            &stats,
            &files,
            capture.as_ref(),
            message,
            jiff::Timestamp::now().as_second(),
            request.language,
            &request.group.zone,
        ),
        None => vec![Phrase::NothingCaptured],
    };
    request.say(&phrases).await?;
    Ok(())
}

/// The figures; `message` is the command itself, the newest message of the group there is.
fn figures(
    stats: &Stats,
    files: &MediaTotals,
    capture: Option<&Progress>,
    message: MessageId,
    now: i64,
    language: Language,
    zone: &jiff::tz::TimeZone,
) -> Vec<Phrase> {
    let highest = stats.ids.map_or(0, |(_, highest)| highest);
    let behind = message.0.saturating_sub(highest).max(0);
    let mut phrases = vec![
        Phrase::StatusTitle,
        Phrase::StatusCaptured {
            messages: stats.messages,
            topics: stats.topics,
        },
        Phrase::StatusUnknown { ids: stats.unknown },
        Phrase::StatusDeleted {
            messages: stats.deleted,
        },
        Phrase::StatusLag {
            messages: u64::try_from(behind).unwrap_or(0),
        },
    ];
    match capture {
        None => phrases.push(Phrase::StatusNoCapture),
        Some(capture) => {
            if let Some(down) = &capture.down {
                phrases.push(Phrase::StatusDown {
                    ago: u64::try_from(now.saturating_sub(down.since)).unwrap_or(0),
                    moment: language.moment(down.since, zone),
                });
                phrases.push(explain(down.trouble));
            }
            match capture.state() {
                CaptureState::Connecting => phrases.push(Phrase::StatusConnecting),
                CaptureState::CatchingUp => phrases.push(Phrase::StatusCatchingUp),
                CaptureState::Live | CaptureState::Down => {}
            }
            if let Some(commit) = capture.last_commit {
                phrases.push(Phrase::StatusLastCommit {
                    ago: u64::try_from(now.saturating_sub(commit)).unwrap_or(0),
                    moment: language.moment(commit, zone),
                });
            }
            let wait = capture.flood_until.map(|until| until.saturating_sub(now));
            if let Some(seconds) = wait.and_then(|wait| u64::try_from(wait).ok())
                && seconds > 0
            {
                phrases.push(Phrase::StatusFloodWait { seconds });
            }
        }
    }
    if files.stored + files.wanted > 0 {
        phrases.push(Phrase::StatusFiles {
            stored: files.stored,
            bytes: files.stored_bytes,
            missing: files.wanted,
        });
    }
    phrases.push(Phrase::StatusSize { bytes: stats.bytes });
    phrases
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{Down, Trouble};

    const NOW: i64 = 1_795_442_709;

    fn said(capture: Option<&Progress>) -> String {
        let stats = Stats {
            messages: 12_345,
            deleted: 12,
            topics: 120,
            ids: Some((1, 13_000)),
            unknown: 3,
            bytes: 3_400_000,
            ..Stats::default()
        };
        let language = Language::English;
        let files = MediaTotals {
            stored: 1_200,
            stored_bytes: 340_000_000,
            wanted: 2,
            ..MediaTotals::default()
        };
        figures(
            &stats,
            &files,
            capture,
            MessageId(13_002),
            NOW,
            language,
            &jiff::tz::TimeZone::UTC,
        )
        .iter()
        .map(|phrase| language.say(phrase).replace('\u{a0}', " "))
        .collect::<Vec<_>>()
        .join("\n")
    }

    #[test]
    fn the_figures_of_a_running_capture() {
        let progress = Progress {
            caught_up: true,
            missing: Some(0),
            stalled: false,
            watermark: 13_000,
            last_commit: Some(NOW - 5),
            flood_until: Some(NOW - 60),
            down: None,
        };
        insta::assert_snapshot!(said(Some(&progress)));
    }

    #[test]
    fn the_figures_of_a_capture_that_must_wait() {
        let progress = Progress {
            flood_until: Some(NOW + 45),
            ..Progress::default()
        };
        insta::assert_snapshot!(said(Some(&progress)));
    }

    #[test]
    fn the_figures_while_capture_is_down() {
        let progress = Progress {
            watermark: 13_000,
            last_commit: Some(NOW - 700),
            down: Some(Down {
                since: NOW - 600,
                trouble: Trouble::Revoked,
                reason: "for the log".to_owned(),
            }),
            ..Progress::default()
        };
        insta::assert_snapshot!(said(Some(&progress)));
    }

    #[test]
    fn the_figures_without_capture() {
        insta::assert_snapshot!(said(None));
    }
}
