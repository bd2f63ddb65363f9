//! Messages to be looked at once more, soon.
//!
//! News about reactions, pins and votes carries no counter: two of them may arrive in the wrong
//! order, and an edit that was held back brings the reactions of a moment ago. And it tells only
//! some of those who reacted. So what changed is asked for again when it has settled, a hundred
//! messages at once, and who reacted where only the last few were named.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use grammers_client::tl;
use tokio::time::Instant;

use super::super::account::{input_channel, is_no_member, remember_peers};
use super::super::convert;
use super::super::error::CaptureError;
use super::super::target::{Context, Target};
use super::history::{History, PAGE};
use super::reconcile::Reconciliation;
use crate::model::{Event, Mark, MessageId, PersonId, Reactions};

/// Messages that wait, at most; beyond that the slow walk through everything finds the rest.
const ROOM: usize = 10_000;

/// Pages of those who reacted to one message.
const PAGES: usize = 5;

/// Which messages wait, and until when.
#[derive(Debug, Default)]
pub(in crate::capture) struct Again(Mutex<BTreeMap<MessageId, Instant>>);

impl Again {
    /// Notes messages; each further change of one puts it off.
    pub(in crate::capture) fn note(&self, ids: &[MessageId], settle: Duration) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = Instant::now() + settle;
        for id in ids {
            if waiting.len() < ROOM || waiting.contains_key(id) {
                waiting.insert(*id, at);
            }
        }
    }

    /// Takes out what has settled, a page of it at most.
    fn due(&self) -> Vec<MessageId> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let due: Vec<MessageId> = waiting
            .iter()
            .filter(|(_, at)| **at <= now)
            .map(|(id, _)| *id)
            .take(usize::try_from(PAGE).unwrap_or(1))
            .collect();
        for id in &due {
            waiting.remove(id);
        }
        due
    }
}

/// Looks again at what has settled, for as long as the connection lasts.
pub(in crate::capture) async fn keep(context: &Context) -> Result<(), CaptureError> {
    loop {
        tokio::time::sleep(context.settle / 2).await;
        for group in context.targets.groups() {
            let Some(target) = context.targets.get(group) else {
                continue;
            };
            let due = target.again.due();
            if due.is_empty() {
                continue;
            }
            match look(context, &target, &due).await {
                Ok(()) => {}
                // Healing tells of it.
                Err(error) if is_no_member(&error) => {}
                Err(error) => {
                    target.again.note(&due, context.settle);
                    return Err(error);
                }
            }
        }
    }
}

async fn look(context: &Context, target: &Target, ids: &[MessageId]) -> Result<(), CaptureError> {
    let (Some(low), Some(high)) = (ids.first(), ids.last()) else {
        return Ok(());
    };
    let range = low.0..=high.0;
    let known: HashSet<MessageId> = target
        .look(move |reader| Ok(reader.existing(range)?))
        .await?
        .into_iter()
        .collect();
    let mut work = Reconciliation::new(History::patient(context, target));
    work.ask(ids, &known).await?;
    let ids = ids.to_vec();
    let lacking = target
        .look(move |reader| {
            let mut lacking = Vec::new();
            for id in ids {
                let marks = reader.marks(id)?.into_iter().rev();
                let mut reactions = marks.filter_map(|marked| match marked.mark {
                    Mark::Reactions(reactions) => Some(reactions),
                    _ => None,
                });
                lacking.extend(
                    reactions
                        .next()
                        .filter(|known| known.unnamed() > 0)
                        .map(|known| (id, known)),
                );
            }
            Ok(lacking)
        })
        .await?;
    for (id, known) in lacking {
        who(context, target, id, known).await?;
    }
    Ok(())
}

/// Asks who reacted to a message of which fewer are named than counted.
async fn who(
    context: &Context,
    target: &Target,
    id: MessageId,
    known: Reactions,
) -> Result<(), CaptureError> {
    let channel = input_channel(&context.session, target.group)?;
    let mut question = tl::functions::messages::GetMessageReactionsList {
        peer: tl::types::InputPeerChannel {
            channel_id: channel.channel_id,
            access_hash: channel.access_hash,
        }
        .into(),
        id: id.0,
        reaction: None,
        offset: None,
        limit: PAGE,
    };
    let asked = target.ask_history().await;
    let mut named = Vec::new();
    let mut people = Vec::new();
    for _ in 0..PAGES {
        let answer = match context.telegram.patient().read(&question).await {
            Ok(tl::enums::messages::MessageReactionsList::List(answer)) => answer,
            // Not everybody may see it, and the message may be gone by now.
            Err(CaptureError::Telegram {
                code: 400 | 403, ..
            }) => return Ok(()),
            Err(error) => return Err(error),
        };
        remember_peers(&context.session, &answer.users, &answer.chats).await?;
        people.extend(convert::people(&answer.users, &answer.chats));
        named.extend(answer.reactions);
        question.offset = answer.next_offset;
        if question.offset.is_none() {
            break;
        }
    }
    let people_named = convert::reacted(&named);
    let reactions = Reactions {
        counts: known.counts,
        people: people_named,
    };
    // They changed meanwhile: the news of it is on its way.
    if !reactions.agrees() {
        return Ok(());
    }
    let who: HashSet<PersonId> = reactions.people.iter().map(|it| it.person).collect();
    let mut events = target.news_of(&people, &who);
    let mark = Mark::Reactions(reactions);
    events.push(Event::Mark { id, mark });
    target.write_history(&asked, events).await?;
    Ok(())
}
