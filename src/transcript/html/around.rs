//! What surrounds a message: a poll's votes, and reactions.

use std::fmt::Write as _;

use super::super::words::Labels;
use super::super::writer::Page;
use super::escape::Escaped;
use crate::model::{Media, PersonId, Reaction, Reactions, Votes};

/// How a poll stands, an answer a line.
pub(super) fn votes(
    html: &mut String,
    media: Option<&Media>,
    votes: Option<&Votes>,
    page: &Page<'_>,
    labels: &Labels,
) {
    let (Some(poll), Some(votes)) = (media.and_then(|media| media.poll.as_ref()), votes) else {
        return;
    };
    html.push_str("<div class=\"votes\">");
    for (place, answer) in (0_u32..).zip(&poll.answers) {
        let Some(count) = usize::try_from(place)
            .ok()
            .and_then(|place| votes.answers.get(place))
        else {
            continue;
        };
        let chose = votes
            .people
            .iter()
            .filter(|voted| voted.answer == Some(place));
        let _ = write!(
            html,
            "<div><span dir=\"auto\">{}</span> <b title=\"{}\">{count}</b></div>",
            Escaped(answer),
            Escaped(&names(page, chose.map(|voted| voted.person)))
        );
    }
    let _ = write!(
        html,
        "<div>{}: <b title=\"{}\">{}</b>{}</div></div>",
        labels.voters,
        Escaped(&names(page, votes.people.iter().map(|it| it.person))),
        votes.voters,
        if votes.closed {
            format!(" · {}", labels.closed)
        } else {
            String::new()
        }
    );
}

/// Each reaction with how many chose it; who, under the pointer.
pub(super) fn reactions(html: &mut String, reactions: Option<&Reactions>, page: &Page<'_>) {
    let Some(reactions) = reactions.filter(|reactions| !reactions.counts.is_empty()) else {
        return;
    };
    html.push_str("<div class=\"reactions\">");
    for it in &reactions.counts {
        let who = reactions
            .people
            .iter()
            .filter(|person| person.reaction == it.reaction);
        let _ = write!(
            html,
            "<span title=\"{}\">{} {}</span>",
            Escaped(&names(page, who.map(|it| it.person))),
            Escaped(sign(&it.reaction)),
            it.count
        );
    }
    html.push_str("</div>");
}

fn sign(reaction: &Reaction) -> &str {
    match reaction {
        Reaction::Emoji(emoji) => emoji,
        Reaction::Custom(_) => "▣",
        Reaction::Paid => "⭐",
    }
}

fn names(page: &Page<'_>, people: impl Iterator<Item = PersonId>) -> String {
    people
        .map(|id| page.name(id).map_or_else(|| id.to_string(), str::to_owned))
        .collect::<Vec<_>>()
        .join(", ")
}
