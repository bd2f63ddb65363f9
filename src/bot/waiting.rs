//! `/waiting`: customers whom nobody has answered, those who wait longest first.

use std::ops::ControlFlow;

use super::request::{CommandError, Request, Shared};
use super::turns::{Turns, Unanswered};
use crate::archive::{Order, Selection};
use crate::connectors::{Markup, escaped};
use crate::i18n::{Language, Phrase};
use crate::model::{GroupId, TopicId, TopicStatus, message_link};
use crate::transcript::Roles;

/// Topics shown: what fits a message of Telegram and a look.
const SHOWN: usize = 20;
/// How far back is looked, seconds: who has waited longer does not wait any more.
const BACK: i64 = 30 * 86_400;
/// Longest title, in characters.
const TITLE: usize = 40;

/// A customer who waits.
struct Waiting {
    topic: TopicId,
    title: String,
    unanswered: Unanswered,
}

/// Lists the topics without an answer.
pub(super) async fn run(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let now = jiff::Timestamp::now().as_second();
    let (vault, group) = (shared.vault.clone(), request.group.id);
    let rules = request.group.rules();
    let abandon = shared.abandon.clone();
    let mut turns = Turns::of(shared, group).await?;
    type Found = Option<(Vec<Waiting>, usize)>;
    let found = tokio::task::spawn_blocking(move || -> Result<Found, CommandError> {
        if !vault.groups()?.contains(&group) {
            return Ok(None);
        }
        let reader = vault.reader(group)?;
        let roles = Roles::new(&reader, rules)?;
        let selection = Selection {
            since: Some(now - BACK),
            ..Selection::default()
        };
        reader.read(&selection, Order::Id, &mut |snapshot| {
            turns.take(&snapshot, roles.of(&snapshot.message));
            if abandon.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        if abandon.is_cancelled() {
            return Err(CommandError::Interrupted);
        }
        let mut waiting = Vec::new();
        let mut all = 0;
        for (topic, unanswered) in turns.longest() {
            let known = reader.topic(topic)?;
            let open = known
                .as_ref()
                .is_none_or(|topic| topic.status == TopicStatus::Open);
            if !open {
                continue;
            }
            all += 1;
            if waiting.len() < SHOWN {
                waiting.push(Waiting {
                    topic,
                    title: known.map_or_else(|| topic.to_string(), |topic| topic.title),
                    unanswered,
                });
            }
        }
        Ok(Some((waiting, all)))
    })
    .await??;
    match found {
        None => request.say(&[Phrase::NothingCaptured]).await?,
        Some((waiting, _)) if waiting.is_empty() => request.say(&[Phrase::WaitingNobody]).await?,
        Some((waiting, all)) => {
            let html = table(request.group.id, request.language, &waiting, all, now);
            request.reply(&Markup::read_or_plain(&html)).await?
        }
    };
    Ok(())
}

fn table(group: GroupId, language: Language, waiting: &[Waiting], all: usize, now: i64) -> String {
    let head = Phrase::WaitingHead {
        topics: u64::try_from(all).unwrap_or(u64::MAX),
    };
    let mut lines = vec![format!("<b>{}</b>", escaped(&language.say(&head)))];
    for one in waiting {
        let title: String = one.title.chars().take(TITLE).collect();
        let seconds = u64::try_from(now - one.unanswered.since).unwrap_or(0);
        let link = message_link(group, one.topic, one.unanswered.message);
        let row = Phrase::WaitingRow {
            seconds,
            messages: u64::from(one.unanswered.messages),
        };
        lines.push(format!(
            "<a href=\"{link}\">{}</a> – {}",
            escaped(&title),
            escaped(&language.say(&row))
        ));
    }
    if waiting.len() < all {
        let more = Phrase::AndMore {
            more: u64::try_from(all - waiting.len()).unwrap_or(u64::MAX),
        };
        lines.push(escaped(&language.say(&more)));
    }
    lines.join("\n")
}
