//! The demo from its first line to its last.

use std::time::Duration;

use tokio::sync::mpsc;

use super::narrate::Narrator;
use super::options::{DemoError, Options};
use super::outside;
use super::stage::Stage;
use super::summary::Summary;
use crate::emulator::scenario::{Deed, Plan, Step, play};

/// How long the archive may take to hold the group's past, and to catch up at the end.
const FIRST_PATIENCE: Duration = Duration::from_secs(600);
const LAST_PATIENCE: Duration = Duration::from_secs(15);
/// How long the bot may take to answer the last export.
const EXPORT_PATIENCE: Duration = Duration::from_secs(20);
/// Steps of one act when the demo stays up.
const ACT: usize = 12;

/// Plays until `enough` resolves; with `once` it ends after the planned steps by itself, and
/// `enough` only breaks it off.
///
/// # Errors
/// See [`DemoError`].
pub async fn run(
    options: &Options,
    once: bool,
    enough: impl Future<Output = ()>,
) -> Result<Summary, DemoError> {
    let narrator = Narrator;
    tokio::pin!(enough);
    let start = async {
        let stage = Stage::build(options, narrator).await?;
        let past = stage.settle(FIRST_PATIENCE).await?;
        Ok::<_, DemoError>((stage, past))
    };
    let (mut stage, past) = tokio::select! {
        () = &mut enough => return Err(DemoError::Stopped),
        started = start => started?,
    };
    narrator.remark(&format!(
        "reconciled with history: {} of {} messages archived",
        past.archived, past.messages_in_group
    ));

    narrator.chapter("Customers write, operators answer");
    narrator.heads();
    let plan = Plan {
        seed: None,
        steps: options.steps,
        pace: options.pace,
        commands: vec!["/status".to_owned(), "/export".to_owned()],
    };
    let mut exports = 0;
    let mut ended = tokio::select! {
        () = &mut enough => true,
        asked = act(&mut stage, &plan, narrator) => {
            exports += asked?;
            false
        }
    };
    if ended && once {
        return Err(DemoError::Stopped);
    }
    if !ended {
        tokio::select! {
            () = &mut enough => ended = true,
            _ = outside::show(&stage, narrator) => {}
        }
    }
    if ended && once {
        return Err(DemoError::Stopped);
    }
    if !ended {
        narrator.chapter("Transcripts");
        narrator.remark("an operator asks for the busiest topic as JSON and as JSON Lines, too");
        for command in ["/export json last 20", "/export jsonl all"] {
            exports += usize::from(stage.operator_types(command));
        }
    }
    if !once && !ended {
        narrator.chapter("The desk stays open; Ctrl-C ends it");
        narrator.remark("meanwhile, in another terminal:");
        // As it was called: `cargo run` puts nothing into the PATH.
        let program = std::env::args().next();
        let program = program.as_deref().unwrap_or("topicvault");
        for command in [
            "stats",
            "search refund",
            "export --format html --out desk.html",
        ] {
            let config = options.dir.join("topicvault.toml");
            narrator.remark(&format!(
                "  {program} --config {} {command}",
                config.display()
            ));
        }
        narrator.heads();
        let mut number = 1;
        while !ended {
            let plan = Plan {
                seed: Some(options.seed.wrapping_add(number)),
                steps: ACT,
                pace: options.pace * 3,
                commands: vec!["/export last 20".to_owned()],
            };
            number += 1;
            tokio::select! {
                () = &mut enough => ended = true,
                more = act(&mut stage, &plan, narrator) => exports += more?,
            }
        }
    }

    narrator.chapter("What was kept");
    let files = stage.collect_exports(exports, EXPORT_PATIENCE).await?;
    let comparison = stage.settle(LAST_PATIENCE).await?;
    let summary = stage.close(comparison, files).await?;
    narrator.remark(&format!(
        "{} messages in the group, {} shown to an ordinary bot, {} archived",
        summary.messages_in_group, summary.seen_by_bot_api, summary.archived
    ));
    narrator.remark(&format!(
        "{} answers delivered to customers, {} of ours or of notes among them",
        summary.delivered_to_customer, summary.leaked
    ));
    for path in &summary.exports {
        narrator.remark(&format!("export: {}", path.display()));
    }
    Ok(summary)
}

/// Plays one plan and narrates it; returns how many exports operators asked for.
async fn act(stage: &mut Stage, plan: &Plan, narrator: Narrator) -> Result<usize, DemoError> {
    let (sender, mut steps) = mpsc::unbounded_channel::<Step>();
    let (world, cast) = (stage.emulator.world.clone(), stage.emulator.cast.clone());
    let plan = plan.clone();
    let player = async move {
        // The narrator lives as long as the play; a closed channel has no listener to miss it.
        play(&world, &cast, &plan, |step| drop(sender.send(step))).await;
    };
    let mut exports = 0;
    let telling = async {
        while let Some(step) = steps.recv().await {
            exports += usize::from(
                step.what == Deed::OperatorCommands && step.text.starts_with("/export"),
            );
            let sides = stage.sides(&step).await?;
            narrator.step(&step, sides);
        }
        Ok::<(), DemoError>(())
    };
    let ((), told) = tokio::join!(player, telling);
    told.map(|()| exports)
}
