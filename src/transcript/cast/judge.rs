//! From what was seen in a group to who plays which part.

use std::cmp::Reverse;

use super::evidence::{Doubt, Evidence};
use super::sample::{Sample, Seen};
use super::{Known, Verdict};
use crate::config::RoleRules;
use crate::model::{PersonId, PersonKind};

/// Topics that a bot must have been seen in to count as the relay.
pub(super) const BOT_TOPICS: u32 = 5;
/// The same of a user account: a person may open topics too.
pub(super) const USER_TOPICS: u32 = 8;
/// Topics in which a bot must have answered to count as an assistant.
const ANSWERED_TOPICS: u32 = 3;
/// Candidates that are told of where nobody is chosen.
const TOLD: usize = 3;

/// Who posts customers' messages: the one who is beyond doubt, or those who may.
pub(super) fn relays(sample: &Sample, rules: &RoleRules, known: &Known) -> Vec<Verdict> {
    let mut candidates: Vec<(PersonId, &Seen)> = sample
        .everybody()
        .filter(|(id, seen)| {
            let can = matches!(seen.kind, Some(PersonKind::User | PersonKind::Bot));
            let ours = known.bot == Some(*id) || rules.assistants.contains(&id.0);
            can && !ours && !known.operators.contains(id) && seen.evidence.first > 0
        })
        .collect();
    candidates.sort_by_key(|(id, seen)| (Reverse(seen.evidence.first), *id));
    let verdict = |(id, seen): &(PersonId, &Seen)| {
        let doubt = doubt(sample, *id, seen, rules, known);
        (*id, Some(seen.evidence), doubt)
    };
    if let Some(best) = candidates.first().map(verdict)
        && best.2.is_none()
    {
        return vec![best];
    }
    // Only one can be beyond doubt; who speaks first now and then is not even told of.
    candidates
        .iter()
        .filter(|(_, seen)| part(seen.evidence.first, sample.topics, 20))
        .map(verdict)
        .filter(|(_, _, doubt)| doubt.is_some())
        .take(TOLD)
        .collect()
}

/// Why somebody may not be the relay.
fn doubt(
    sample: &Sample,
    id: PersonId,
    seen: &Seen,
    rules: &RoleRules,
    known: &Known,
) -> Option<Doubt> {
    let it = &seen.evidence;
    let person = seen.kind == Some(PersonKind::User);
    // What creates a topic and speaks in it at once is a machine, whatever the account.
    let machine = !person || part(it.prompt, it.topics, 80);
    let (topics, share) = match machine {
        true => (BOT_TOPICS, 80),
        false => (USER_TOPICS, 90),
    };
    if it.topics < topics {
        return Some(Doubt::FewTopics);
    }
    if !part(it.first, it.topics, share) {
        return Some(Doubt::NotFirst);
    }
    if part(it.known, it.topics, 50) {
        if !part(it.created, it.known, share) && !has_silent_creator(sample, it) {
            return Some(Doubt::NotCreator);
        }
    } else if !part(it.first, it.topics, 90) {
        // Who created the topics is not known: then the rest has to be clear.
        return Some(Doubt::NotFirst);
    }
    let often = if machine { 25 } else { 40 };
    if !part(it.answered, it.first, often) {
        return Some(Doubt::Unanswered);
    }
    if !part(it.resumed, it.first, often) {
        return Some(Doubt::OneSided);
    }
    // A customer may begin with a slash and a space, once in a hundred messages.
    let notes = if person { 0 } else { it.messages / 100 };
    if it.notes > notes {
        return Some(Doubt::WritesNotes);
    }
    if person && it.general > 0 {
        return Some(Doubt::InGeneral);
    }
    // The same few operators answer everywhere; customers each have a topic of their own.
    let once = seen.others.values().filter(|topics| **topics == 1).count();
    if u32::try_from(once).unwrap_or(u32::MAX) > it.topics / 2 {
        return Some(Doubt::Crowd);
    }
    has_rival(sample, id, seen, machine, rules, known).then_some(Doubt::Rival)
}

/// Whether topics are created by a bot that has no words in them: the CRM's bot, where a user account
/// of the CRM posts what customers write.
fn has_silent_creator(sample: &Sample, of: &Evidence) -> bool {
    part(of.prompt, of.topics, 80)
        && sample.everybody().any(|(_, seen)| {
            let it = &seen.evidence;
            seen.kind == Some(PersonKind::Bot)
                && part(it.created, it.known, 80)
                && !part(it.spoke, it.topics, 20)
        })
}

/// Whether somebody else may as well be the relay: the candidate may be a bot that opens each topic
/// with a card about the customer, or a person who opens them by hand.
fn has_rival(
    sample: &Sample,
    id: PersonId,
    seen: &Seen,
    machine: bool,
    rules: &RoleRules,
    known: &Known,
) -> bool {
    let others = sample.everybody().filter(|(other, _)| {
        let ours = known.bot == Some(*other) || rules.assistants.contains(&other.0);
        *other != id && !ours && !known.operators.contains(other)
    });
    others.into_iter().any(|(other, about)| {
        let it = &about.evidence;
        let shared = seen.others.get(&other).copied().unwrap_or(0);
        let often = part(shared, seen.evidence.first, 80);
        // Operators leave traces: notes, words among colleagues.
        let operator = it.notes > 0 || it.general > 0;
        match about.kind {
            // Of two bots in all topics one is an assistant, and a relay says more than a card.
            Some(PersonKind::Bot) if machine => often && it.messages > 2 * seen.evidence.messages,
            Some(PersonKind::Bot) => part(shared, seen.evidence.first, 50),
            Some(PersonKind::User) if machine => {
                often && !operator && it.messages > 2 * seen.evidence.messages
            }
            Some(PersonKind::User) => often && !operator,
            Some(PersonKind::Channel) | None => false,
        }
    })
}

/// Our bot, and other bots that answer, or may.
pub(super) fn assistants(sample: &Sample, rules: &RoleRules, known: &Known) -> Vec<Verdict> {
    let is_relay = |id: PersonId| rules.relays.contains(&id.0);
    let ours = known.bot.filter(|bot| !is_relay(*bot));
    let mut found: Vec<Verdict> = ours
        .map(|bot| (bot, sample.evidence(bot), None))
        .into_iter()
        .collect();
    for (id, seen) in sample.everybody() {
        let it = &seen.evidence;
        // What only writes notes has no words for a customer.
        let is_bot = seen.kind == Some(PersonKind::Bot);
        if !is_bot || Some(id) == ours || is_relay(id) || it.spoke == 0 {
            continue;
        }
        let doubt = if rules.relays.is_empty() {
            Some(Doubt::MayBeRelay)
        } else if it.joined < ANSWERED_TOPICS
            || !part(it.joined, it.spoke, 90)
            || (it.created > 0 && part(it.created, it.spoke, 10))
        {
            Some(Doubt::SeldomAnswers)
        } else {
            None
        };
        found.push((id, Some(*it), doubt));
    }
    found
}

/// Whether so many are at least so many per cent of all.
fn part(of: u32, all: u32, percent: u32) -> bool {
    u64::from(of) * 100 >= u64::from(all) * u64::from(percent)
}
