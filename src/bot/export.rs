//! `/export`: this topic's messages as a file.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior};

use super::arguments::{self, ExportArguments};
use super::command::Own;
use super::note::Note;
use super::pack::{Packed, Parcel};
use super::progress::ProgressNote;
use super::queue::Post;
use super::render::{Job, Made, PATIENCE};
use super::request::{CommandError, Request, Shared};
use crate::archive::{Order, Selection};
use crate::i18n::Phrase;
use crate::transcript::{Options, TrainingOptions};

/// An export that is ready sooner needs no progress message.
const SILENT: Duration = Duration::from_secs(2);
/// Time between two changes of the progress message: an edit counts as a message.
const TICK: Duration = Duration::from_secs(4);

/// Makes an export and sends it.
pub(super) async fn run(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let zone = &request.group.zone;
    let arguments = match arguments::parse(&request.arguments, jiff::Timestamp::now(), zone) {
        Ok(arguments) => arguments,
        Err(error) => {
            let command = shared.table.name_of(Own::Export).to_owned();
            let usage = Phrase::ExportUsage { command };
            request.say(&[error, usage]).await?;
            return Ok(());
        }
    };
    let Some(_claim) = request.group.claim(request.topic, &arguments) else {
        request.say(&[Phrase::ExportRunning]).await?;
        return Ok(());
    };
    if arguments.format.is_for_training() && !request.group.consent {
        request.say(&[Phrase::ExportNoConsent]).await?;
        return Ok(());
    }
    let mut progress = ProgressNote::new(request);
    let outcome = make(shared, request, &arguments, &mut progress).await;
    let (last_word, outcome) = match outcome {
        Ok(Some(made)) => {
            let messages = made.messages;
            match send(shared, request, made).await {
                Ok(()) => {
                    // The file speaks for itself where nothing was announced.
                    progress.finish(Phrase::ExportDone { messages }).await;
                    return Ok(());
                }
                Err(error) => (Phrase::ExportFailed, Err(error)),
            }
        }
        Ok(None) => (Phrase::ExportEmpty, Ok(())),
        Err(CommandError::Interrupted) => {
            (Phrase::ExportInterrupted, Err(CommandError::Interrupted))
        }
        Err(error) => (Phrase::ExportFailed, Err(error)),
    };
    if !progress.finish(last_word.clone()).await {
        request.say(&[last_word]).await?;
    }
    outcome
}

/// Makes the files, saying how far it is where that takes long.
async fn make(
    shared: &Shared,
    request: &Request,
    arguments: &ExportArguments,
    progress: &mut ProgressNote<'_>,
) -> Result<Option<Made>, CommandError> {
    let written = Arc::new(AtomicU64::new(0));
    let job = Job {
        vault: shared.vault.clone(),
        workshop: shared.workshop.clone(),
        group: request.group.id,
        topic: request.topic,
        command: request.message,
        patience: shared
            .capture_of(request.group.id)
            .map_or(Duration::ZERO, |_| PATIENCE),
        options: options(request, arguments),
        key: (arguments.redacted || arguments.format.is_for_training())
            .then(|| shared.pseudonym_key.clone()),
        limit: shared.upload_limit,
        written: Arc::clone(&written),
        abandon: shared.abandon.clone(),
    };
    let work = async {
        let permit = tokio::select! {
            permit = request.group.exports.acquire() => permit,
            () = shared.abandon.cancelled() => return Err(CommandError::Interrupted),
        };
        let made = tokio::task::spawn_blocking(move || job.run()).await?;
        drop(permit);
        made
    };
    tokio::pin!(work);
    let mut ticks = tokio::time::interval_at(Instant::now() + SILENT, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            made = &mut work => return made,
            _ = ticks.tick() => {
                let phrase = match written.load(Ordering::Relaxed) {
                    0 => Phrase::ExportQueued,
                    messages => Phrase::ExportProgress { messages },
                };
                progress.show(phrase).await;
            }
        }
    }
}

fn options(request: &Request, arguments: &ExportArguments) -> Options {
    Options {
        selection: Selection {
            topics: vec![request.topic],
            ids: None,
            since: arguments.since,
            until: arguments.until,
            ..Selection::default()
        },
        last: arguments.last,
        order: Order::Topic,
        roles: request.group.rules(),
        timezone: request.group.zone.clone(),
        language: request.language.tag().to_owned(),
        training: TrainingOptions {
            consent: request.group.consent,
            ..TrainingOptions::default()
        },
        ..Options::new(arguments.format)
    }
}

/// Sends the files, each with a caption that says what it is and what may be missing.
async fn send(shared: &Shared, request: &Request, made: Made) -> Result<(), CommandError> {
    let mut about = vec![Phrase::ExportCaption {
        messages: made.messages,
        topic: made.title.clone(),
    }];
    if made.behind {
        about.push(Phrase::CaptureBehind);
    }
    if made.unknown > 0 {
        about.push(Phrase::UnknownIds { ids: made.unknown });
    }
    if made.unsure > 0 {
        let messages = made.unsure;
        about.push(Phrase::RolesUnsure { messages });
    }
    let limit = shared.upload_limit;
    match &made.files {
        Packed::Whole(parcel) => document(request, parcel, request.note(&about)).await,
        Packed::Compressed { parcel, size } => {
            about.push(Phrase::Compressed { size: *size, limit });
            document(request, parcel, request.note(&about)).await
        }
        Packed::Split { parts, name, size } => {
            let how = [
                Phrase::Compressed { size: *size, limit },
                Phrase::JoinParts { name: name.clone() },
            ];
            let count = u64::try_from(parts.len()).unwrap_or(u64::MAX);
            for (part, parcel) in (1..).zip(parts) {
                let number = Phrase::Part { part, parts: count };
                let caption = if part == 1 {
                    request.note(&[about.as_slice(), &how, &[number]].concat())
                } else {
                    request.note(&[number])
                };
                document(request, parcel, caption).await?;
            }
            Ok(())
        }
    }
}

async fn document(request: &Request, parcel: &Parcel, caption: Note) -> Result<(), CommandError> {
    request
        .group
        .queue
        .post(Post::Document {
            topic: request.topic,
            path: parcel.path.clone(),
            name: parcel.name.clone(),
            caption,
        })
        .await?;
    Ok(())
}
