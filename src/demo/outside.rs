//! The desk and outside systems: an operator's commands, and what the bot answers, with the
//! built-in stand-ins for a billing service and Notion.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::narrate::Narrator;
use super::options::DemoError;
use super::place::{make_dir, write_private};
use super::stage::Stage;
use crate::emulator::systems::SystemsFacts;
use crate::emulator::world::{Draft, Message};

/// How long the bot may take to answer: Telegram takes a message a second.
const PATIENCE: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(30);

/// Writes the connectors of the built-in systems.
pub(super) fn write(dir: &Path, facts: &SystemsFacts) -> Result<(), DemoError> {
    let dir = dir.join("connectors");
    make_dir(&dir)?;
    let billing = format!(
        "preset = \"billing\"\n\n[settings]\nurl = \"{}\"\n\n\
         [secrets]\ntoken = {{ file = \"billing.token\" }}\n",
        facts.billing.url
    );
    let notion = format!(
        "preset = \"notion\"\nbase_url = \"{}\"\n\n[settings]\ndatabase = \"{}\"\n\n\
         [secrets]\ntoken = {{ file = \"notion.token\" }}\n",
        facts.notion.url, facts.notion.database_id
    );
    for (name, text) in [
        ("billing.toml", &billing),
        ("billing.token", &facts.billing.token),
        ("notion.toml", &notion),
        ("notion.token", &facts.notion.token),
    ] {
        write_private(&dir.join(name), text)?;
    }
    Ok(())
}

/// Lets an operator work with them; how many of the commands were answered.
pub(super) async fn show(stage: &Stage, narrator: Narrator) -> usize {
    narrator.chapter("An operator works with outside systems");
    let Some(topic) = stage.busiest_topic() else {
        narrator.remark("there is no open topic");
        return 0;
    };
    let mut answered = 0;
    for command in ["/link N005", "/notion vip", "/activate t1 m6", "/info"] {
        narrator.remark(&format!("{} types {command}", stage.operator_name()));
        let Some(answer) = ask(stage, topic, command).await else {
            narrator.remark("  no answer came");
            continue;
        };
        narrator.answer(&answer.text);
        let yes = answer.buttons.iter().flatten().next();
        let agreed = match yes.and_then(|button| Some((button.text.clone(), button.data.clone()?)))
        {
            None => true,
            Some((label, data)) => {
                narrator.remark(&format!("presses “{label}”"));
                let done = press(stage, &answer, &data).await;
                if let Some(done) = &done {
                    narrator.answer(&done.text);
                }
                done.is_some()
            }
        };
        answered += usize::from(agreed);
    }
    answered
}

async fn ask(stage: &Stage, topic: i32, command: &str) -> Option<Message> {
    let cast = &stage.emulator.cast;
    let draft = Draft {
        topic,
        text: command.to_owned(),
        ..Draft::default()
    };
    let operator = *cast.operators.first()?;
    let asked = stage
        .emulator
        .world
        .write(|state| state.post(cast.group, operator, draft))
        .ok()?;
    until(stage, |message| {
        message.from == cast.assistant && message.topic == topic && message.id > asked
    })
    .await
}

async fn press(stage: &Stage, question: &Message, data: &str) -> Option<Message> {
    let cast = &stage.emulator.cast;
    let operator = *cast.operators.first()?;
    let pressed = |state: &mut crate::emulator::world::State| {
        state.press(cast.group, operator, question.id, data)
    };
    stage.emulator.world.write(pressed).ok()?;
    // First it says that it is being done, then what came of it.
    until(stage, |message| {
        let changed = message.text != question.text && !message.text.ends_with('…');
        message.id == question.id && changed
    })
    .await
}

async fn until(stage: &Stage, wanted: impl Fn(&Message) -> bool) -> Option<Message> {
    let deadline = Instant::now() + PATIENCE;
    let group = stage.emulator.cast.group;
    loop {
        let found = stage.emulator.world.read(|state| {
            let messages = state.group(group).into_iter();
            let mut messages = messages.flat_map(|group| group.messages.values());
            messages.find(|message| wanted(message)).cloned()
        });
        if found.is_some() || Instant::now() >= deadline {
            return found;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
