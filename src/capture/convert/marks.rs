//! What surrounds messages: reactions, pins, votes, views.

use grammers_client::tl;

use super::people::person_id;
use crate::model::{
    Mark, PersonId, Reacted, Reaction, ReactionCount, Reactions, Views, Voted, Votes,
};

/// How everything around a message stands, as the message itself tells. What may have been there
/// before is told even where there is nothing now.
pub(in crate::capture) fn marks(raw: &tl::enums::Message) -> Vec<Mark> {
    match raw {
        tl::enums::Message::Empty(_) => Vec::new(),
        tl::enums::Message::Service(raw) => vec![of_reactions(raw.reactions.as_ref())],
        tl::enums::Message::Message(raw) => {
            let mut marks = vec![
                of_reactions(raw.reactions.as_ref()),
                Mark::Pinned { pinned: raw.pinned },
            ];
            if let Some(tl::enums::MessageMedia::Poll(media)) = &raw.media {
                let tl::enums::Poll::Poll(poll) = &media.poll;
                marks.extend(votes(Some(poll), &media.results).map(Mark::Votes));
            }
            if raw.views.is_some() || raw.forwards.is_some() {
                marks.push(views(raw.views, raw.forwards));
            }
            marks
        }
    }
}

fn of_reactions(raw: Option<&tl::enums::MessageReactions>) -> Mark {
    Mark::Reactions(raw.map(reactions).unwrap_or_default())
}

/// The reactions to a message, in an order of our own: Telegram's differs from one member to the
/// other, and from time to time.
pub(super) fn reactions(raw: &tl::enums::MessageReactions) -> Reactions {
    let tl::enums::MessageReactions::Reactions(raw) = raw;
    let mut counts: Vec<_> = raw
        .results
        .iter()
        .filter_map(|count| {
            let tl::enums::ReactionCount::Count(count) = count;
            Some(ReactionCount {
                reaction: reaction(&count.reaction)?,
                count: u32::try_from(count.count).unwrap_or(0),
            })
        })
        .collect();
    counts.sort_by(|a, b| (b.count, &a.reaction).cmp(&(a.count, &b.reaction)));
    Reactions {
        counts,
        people: reacted(raw.recent_reactions.as_deref().unwrap_or_default()),
    }
}

/// Who reacted, latest first.
pub(in crate::capture) fn reacted(raw: &[tl::enums::MessagePeerReaction]) -> Vec<Reacted> {
    let mut people: Vec<_> = raw
        .iter()
        .filter_map(|raw| {
            let tl::enums::MessagePeerReaction::Reaction(raw) = raw;
            Some(Reacted {
                person: person_id(&raw.peer_id),
                reaction: reaction(&raw.reaction)?,
                date: i64::from(raw.date),
            })
        })
        .collect();
    people.sort_by(|a, b| (b.date, a.person, &a.reaction).cmp(&(a.date, b.person, &b.reaction)));
    people.dedup();
    people
}

fn reaction(raw: &tl::enums::Reaction) -> Option<Reaction> {
    match raw {
        tl::enums::Reaction::Emoji(raw) => Some(Reaction::Emoji(raw.emoticon.clone())),
        tl::enums::Reaction::CustomEmoji(raw) => Some(Reaction::Custom(raw.document_id)),
        tl::enums::Reaction::Paid => Some(Reaction::Paid),
        tl::enums::Reaction::Empty => None,
    }
}

/// How a poll stands; `None` where Telegram does not say. Whether it is closed and the order of its
/// answers stand in the poll, which is not sent along every time: then the results' own order is
/// taken, which is the same.
pub(super) fn votes(
    poll: Option<&tl::types::Poll>,
    results: &tl::enums::PollResults,
) -> Option<Votes> {
    let tl::enums::PollResults::Results(results) = results;
    let told = results.results.as_deref().unwrap_or_default();
    let answers: Vec<&tl::types::PollAnswerVoters> = told
        .iter()
        .map(|answer| {
            let tl::enums::PollAnswerVoters::Voters(answer) = answer;
            answer
        })
        .collect();
    let order: Vec<&[u8]> = match poll {
        Some(poll) => poll.answers.iter().filter_map(option).collect(),
        None => answers
            .iter()
            .map(|answer| answer.option.as_slice())
            .collect(),
    };
    let of = |option: &[u8]| answers.iter().find(|answer| answer.option == option);
    let closed = poll.is_some_and(|poll| poll.closed);
    if answers.is_empty() && results.total_voters.is_none() && !closed {
        return None;
    }
    let people = (0_u32..)
        .zip(&order)
        .filter_map(|(place, option)| Some((place, of(option)?)))
        .flat_map(|(place, answer)| {
            let voters = answer.recent_voters.as_deref().unwrap_or_default();
            voters.iter().map(move |voter| Voted {
                person: person_id(voter),
                answer: Some(place),
            })
        });
    let mut people: Vec<_> = people.collect();
    let voters = results.recent_voters.as_deref().unwrap_or_default();
    for person in voters.iter().map(person_id) {
        if !people.iter().any(|voted| voted.person == person) {
            people.push(Voted {
                person,
                answer: None,
            });
        }
    }
    people.sort_by_key(|voted| (voted.answer, voted.person));
    let count = |voters: i32| u32::try_from(voters).unwrap_or(0);
    Some(Votes {
        closed,
        voters: count(results.total_voters.unwrap_or(0)),
        answers: if answers.is_empty() {
            Vec::new()
        } else {
            order
                .iter()
                .map(|option| of(option).and_then(|it| it.voters).map_or(0, count))
                .collect()
        },
        people,
    })
}

fn option(answer: &tl::enums::PollAnswer) -> Option<&[u8]> {
    match answer {
        tl::enums::PollAnswer::Answer(answer) => Some(&answer.option),
        // What clients send, never what they are told.
        tl::enums::PollAnswer::InputPollAnswer(_) => None,
    }
}

/// Views and forwards.
pub(super) fn views(views: Option<i32>, forwards: Option<i32>) -> Mark {
    let count = |number: Option<i32>| number.and_then(|number| u32::try_from(number).ok());
    Mark::Views(Views {
        views: count(views),
        forwards: count(forwards),
    })
}

/// Everyone whom a mark names.
pub(in crate::capture) fn named_in(mark: &Mark) -> Vec<PersonId> {
    match mark {
        Mark::Reactions(reactions) => reactions.people.iter().map(|it| it.person).collect(),
        Mark::Votes(votes) => votes.people.iter().map(|it| it.person).collect(),
        Mark::Pinned { .. } | Mark::Views(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::super::literals::{GROUP, here, service, someone, text};
    use super::super::{Change, change};
    use super::*;
    use crate::model::{GroupId, MessageId};

    fn thumb() -> tl::enums::Reaction {
        tl::types::ReactionEmoji {
            emoticon: "👍".to_owned(),
        }
        .into()
    }

    fn heart() -> tl::enums::Reaction {
        tl::types::ReactionCustomEmoji { document_id: 77 }.into()
    }

    fn raw(
        counts: &[(tl::enums::Reaction, i32)],
        people: &[(i64, tl::enums::Reaction, i32)],
    ) -> tl::enums::MessageReactions {
        let count = |(reaction, count): &(tl::enums::Reaction, i32)| {
            tl::types::ReactionCount {
                chosen_order: None,
                reaction: reaction.clone(),
                count: *count,
            }
            .into()
        };
        let person = |(person, reaction, date): &(i64, tl::enums::Reaction, i32)| {
            tl::types::MessagePeerReaction {
                big: false,
                unread: false,
                my: false,
                peer_id: someone(*person),
                date: *date,
                reaction: reaction.clone(),
            }
            .into()
        };
        tl::types::MessageReactions {
            min: false,
            can_see_list: true,
            reactions_as_tags: false,
            results: counts.iter().map(count).collect(),
            recent_reactions: Some(people.iter().map(person).collect()),
            top_reactors: None,
        }
        .into()
    }

    #[test]
    fn reactions_are_in_one_order_whoever_is_asked() {
        let one = raw(
            &[(heart(), 1), (thumb(), 2)],
            &[(7, thumb(), 10), (8, heart(), 30), (9, thumb(), 20)],
        );
        let other = raw(
            &[(thumb(), 2), (heart(), 1)],
            &[(9, thumb(), 20), (7, thumb(), 10), (8, heart(), 30)],
        );
        assert_eq!(reactions(&one), reactions(&other));
        let read = reactions(&one);
        assert_eq!(read.counts[0].reaction, Reaction::Emoji("👍".to_owned()));
        assert_eq!(read.counts[1].reaction, Reaction::Custom(77));
        let who: Vec<_> = read.people.iter().map(|it| it.person.0).collect();
        assert_eq!(who, [8, 9, 7]);
        assert_eq!(read.unnamed(), 0);
        assert!(read.agrees());
    }

    #[test]
    fn a_message_tells_how_everything_around_it_stands() {
        let mut message = text(10, "hello");
        message.pinned = true;
        message.views = Some(5);
        message.reactions = Some(raw(&[(thumb(), 1)], &[]));
        let told = marks(&message.clone().into());
        assert!(told.contains(&Mark::Pinned { pinned: true }));
        assert!(told.contains(&views(Some(5), None)));
        assert_eq!(told.iter().filter(|mark| mark.is_nothing()).count(), 0);
        message.reactions = None;
        message.pinned = false;
        let told = marks(&message.into());
        assert_eq!(told.iter().filter(|mark| mark.is_nothing()).count(), 2);
        let notice = service(11, tl::enums::MessageAction::PinMessage);
        assert!(marks(&notice.into()).iter().all(Mark::is_nothing));
    }

    fn with_text(text: &str) -> tl::enums::TextWithEntities {
        tl::types::TextWithEntities {
            text: text.to_owned(),
            entities: Vec::new(),
        }
        .into()
    }

    fn poll(closed: bool) -> tl::types::Poll {
        let answer = |text: &str, option: u8| {
            tl::types::PollAnswer {
                text: with_text(text),
                option: vec![option],
                media: None,
                added_by: None,
                date: None,
            }
            .into()
        };
        tl::types::Poll {
            id: 55,
            closed,
            public_voters: true,
            multiple_choice: false,
            quiz: false,
            open_answers: false,
            revoting_disabled: false,
            shuffle_answers: false,
            hide_results_until_close: false,
            creator: false,
            subscribers_only: false,
            question: with_text("Well?"),
            answers: vec![answer("yes", 1), answer("no", 2)],
            close_period: None,
            close_date: None,
            countries_iso2: None,
            hash: 0,
        }
    }

    fn results(told: &[(u8, i32, &[i64])], total: Option<i32>) -> tl::types::PollResults {
        let answer = |(option, voters, people): &(u8, i32, &[i64])| {
            tl::types::PollAnswerVoters {
                chosen: false,
                correct: false,
                option: vec![*option],
                voters: Some(*voters),
                recent_voters: Some(people.iter().copied().map(someone).collect()),
            }
            .into()
        };
        tl::types::PollResults {
            min: true,
            has_unread_votes: false,
            can_view_stats: false,
            results: (!told.is_empty()).then(|| told.iter().map(answer).collect()),
            total_voters: total,
            recent_voters: None,
            solution: None,
            solution_entities: None,
            solution_media: None,
        }
    }

    #[test]
    fn votes_are_counted_in_the_order_of_the_answers() {
        let told = results(&[(2, 1, &[9]), (1, 2, &[8, 7])], Some(3));
        let read = votes(Some(&poll(false)), &told.into()).unwrap();
        assert_eq!(read.answers, [2, 1]);
        assert_eq!(read.voters, 3);
        let who: Vec<_> = read
            .people
            .iter()
            .map(|it| (it.person.0, it.answer))
            .collect();
        assert_eq!(who, [(7, Some(0)), (8, Some(0)), (9, Some(1))]);
        assert_eq!(votes(Some(&poll(false)), &results(&[], None).into()), None);
        let closed = votes(Some(&poll(true)), &results(&[], Some(3)).into()).unwrap();
        assert!(closed.closed && closed.answers.is_empty());
    }

    #[test]
    fn news_about_a_poll_finds_its_message_or_names_the_poll() {
        let group = GroupId::from_bare(GROUP).unwrap();
        let mut update = tl::types::UpdateMessagePoll {
            peer: Some(here()),
            msg_id: Some(12),
            top_msg_id: None,
            poll_id: 55,
            poll: None,
            results: results(&[(1, 2, &[])], Some(2)).into(),
        };
        let Change::Marked(found, ids, Mark::Votes(votes)) = change(&update.clone().into()) else {
            panic!("no votes");
        };
        assert_eq!((found, ids), (group, vec![MessageId(12)]));
        assert_eq!(votes.answers, [2]);
        update.msg_id = None;
        assert!(matches!(change(&update.into()), Change::Voted(55, _)));
    }

    #[test]
    fn pins_views_and_reactions_are_told_by_themselves() {
        let group = GroupId::from_bare(GROUP).unwrap();
        let pins = tl::types::UpdatePinnedChannelMessages {
            pinned: true,
            channel_id: GROUP,
            messages: vec![4, 5],
            pts: 1,
            pts_count: 1,
        };
        assert_eq!(
            change(&pins.into()),
            Change::Marked(
                group,
                vec![MessageId(4), MessageId(5)],
                Mark::Pinned { pinned: true }
            )
        );
        let reacted = tl::types::UpdateMessageReactions {
            peer: here(),
            msg_id: 4,
            top_msg_id: None,
            saved_peer_id: None,
            reactions: raw(&[], &[]),
        };
        assert_eq!(
            change(&reacted.into()),
            Change::Marked(
                group,
                vec![MessageId(4)],
                Mark::Reactions(Reactions::default())
            )
        );
        let seen = tl::types::UpdateChannelMessageViews {
            channel_id: GROUP,
            id: 4,
            views: 9,
        };
        assert_eq!(
            change(&seen.into()),
            Change::Marked(group, vec![MessageId(4)], views(Some(9), None))
        );
    }
}
