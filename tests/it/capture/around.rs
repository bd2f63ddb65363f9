//! Everything that Telegram shows a member besides texts: reactions, pins, votes, quotes, albums,
//! topics, names.

use topicvault::emulator::faults::PushFaults;
use topicvault::emulator::world::{Content, Draft, File, FileKind, Poll, PollOption, Quote};
use topicvault::model::{MessageId, PersonId, Reaction, Service, TopicStatus};

use super::Desk;

impl Desk {
    fn post_with(&self, draft: Draft) -> i32 {
        let (group, author) = (self.emulator.cast.group, self.emulator.cast.author);
        let world = &self.emulator.world;
        world
            .write(|state| state.post(group, author, draft))
            .unwrap()
    }

    fn react(&self, by: i64, id: i32, emoji: &[&str]) {
        let group = self.emulator.cast.group;
        let world = &self.emulator.world;
        world
            .write(|state| state.react(group, by, id, emoji))
            .unwrap();
    }

    fn vote(&self, by: i64, id: i32, options: &[usize]) {
        let group = self.emulator.cast.group;
        let world = &self.emulator.world;
        world
            .write(|state| state.vote(group, by, id, options))
            .unwrap();
    }

    fn pin(&self, id: i32, pinned: bool) {
        let (group, owner) = (self.emulator.cast.group, self.owner());
        let world = &self.emulator.world;
        world
            .write(|state| state.pin(group, owner, id, pinned, true))
            .unwrap();
    }

    fn owner(&self) -> i64 {
        let world = &self.emulator.world;
        world.read(|state| state.group(self.emulator.cast.group).unwrap().owner)
    }

    /// People who may react and vote.
    fn people(&self) -> Vec<i64> {
        self.emulator.world.read(|state| {
            let group = state.group(self.emulator.cast.group).unwrap();
            let members = group.members.iter().copied();
            members
                .filter(|id| state.user(*id).is_some_and(|user| !user.is_bot()))
                .collect()
        })
    }

    /// What differs around messages; nothing, usually.
    pub(super) fn around(&self) -> Vec<String> {
        let (existing, archived) = (self.existing(), self.archived());
        let mut found = Vec::new();
        for (id, real) in &existing {
            let Some(held) = archived.get(id) else {
                found.push(format!("{id}: missing"));
                continue;
            };
            let marks = &held.marks;
            let mut held_who: Vec<_> = marks
                .reactions
                .iter()
                .flat_map(|reactions| &reactions.people)
                .map(|it| (it.person.0, it.reaction.clone()))
                .collect();
            held_who.sort();
            let mut real_who: Vec<_> = real
                .reactions
                .iter()
                .map(|it| (it.by, Reaction::Emoji(it.emoji.clone())))
                .collect();
            real_who.sort();
            let unnamed = marks.reactions.as_ref().map_or(0, |it| it.unnamed());
            if held_who != real_who || unnamed != 0 {
                found.push(format!("{id}: {held_who:?} instead of {real_who:?}"));
            }
            if marks.pinned != real.pinned {
                found.push(format!("{id}: pinned {}", marks.pinned));
            }
            if let Some(Content::Poll(poll)) = &real.content {
                let votes = marks.votes.clone().unwrap_or_default();
                let real: Vec<_> = poll.options.iter().map(|it| it.voters.len()).collect();
                let held: Vec<_> = votes.answers.iter().map(|it| *it as usize).collect();
                // What it is for, members see when they have voted or when it is closed.
                let told = poll.closed && !poll.voters().is_empty();
                let voters = poll.voters().len();
                if (told && held != real)
                    || votes.voters as usize != voters
                    || votes.closed != poll.closed
                {
                    found.push(format!("{id}: votes {held:?} instead of {real:?}"));
                }
            }
        }
        found
    }

    async fn wait_around(&self) {
        for _ in 0..200 {
            if self.around().is_empty() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(self.around(), Vec::<String>::new());
    }
}

fn poll(anonymous: bool) -> Draft {
    let option = |text: &str| PollOption {
        text: text.to_owned(),
        ..PollOption::default()
    };
    Draft {
        content: Some(Content::Poll(Poll {
            question: "Tea or coffee?".to_owned(),
            options: vec![option("tea"), option("coffee")],
            anonymous,
            ..Poll::default()
        })),
        ..Draft::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reactions_are_followed_with_each_change_and_everybody_s_name() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let people = desk.people();
    assert!(people.len() >= 4, "{people:?}");
    let id = desk.post("react!");
    desk.react(people[0], id, &["👍"]);
    desk.wait_around().await;
    for person in &people[1..] {
        desk.react(*person, id, &["❤"]);
    }
    desk.wait_around().await;
    desk.react(people[0], id, &[]);
    desk.wait_around().await;

    let reader = running.archive.reader().unwrap();
    let history = reader.marks(MessageId(id)).unwrap();
    assert!(history.len() >= 3, "{history:?}");
    let known = reader.people().unwrap();
    assert!(
        people[1..]
            .iter()
            .all(|id| known.contains_key(&PersonId(*id)))
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pins_and_votes_are_followed() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let people = desk.people();
    let (open, secret) = (desk.post_with(poll(false)), desk.post_with(poll(true)));
    let pinned = desk.post("important");
    desk.pin(pinned, true);
    desk.vote(people[0], open, &[0]);
    desk.vote(people[1], open, &[1]);
    desk.vote(people[1], secret, &[1]);
    desk.wait_around().await;
    desk.vote(people[0], open, &[]);
    desk.pin(pinned, false);
    desk.wait_around().await;
    let (group, author) = (desk.emulator.cast.group, desk.emulator.cast.author);
    let world = &desk.emulator.world;
    world
        .write(|state| state.close_poll(group, author, open))
        .unwrap();
    desk.wait_around().await;

    let archived = desk.archived();
    let poll = archived[&open]
        .message
        .media
        .as_ref()
        .unwrap()
        .poll
        .as_ref();
    assert_eq!(poll.unwrap().answers, ["tea", "coffee"]);
    assert!(archived[&open].versions.is_empty(), "votes are no edits");
    let votes = archived[&open].marks.votes.as_ref().unwrap();
    assert_eq!(votes.people.len(), 1);
    assert_eq!(votes.people[0].person.0, people[1]);
    assert_eq!(votes.people[0].answer, Some(1));
    let secret = archived[&secret].marks.votes.as_ref().unwrap();
    assert_eq!((secret.voters, secret.people.len()), (1, 0));
    let pins = running
        .archive
        .reader()
        .unwrap()
        .marks(MessageId(pinned))
        .unwrap();
    assert_eq!(pins.len(), 2);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_around_messages_while_nobody_looked_is_found() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let people = desk.people();
    let (reacted, pinned, voted) = (
        desk.post("one"),
        desk.post("two"),
        desk.post_with(poll(false)),
    );
    desk.react(people[0], reacted, &["👍"]);
    desk.wait_around().await;
    running.stop().await;

    desk.react(people[0], reacted, &[]);
    desk.react(people[1], reacted, &["🔥"]);
    desk.pin(pinned, true);
    desk.vote(people[1], voted, &[1]);
    let running = desk.caught_up().await;
    desk.wait_around().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn updates_in_the_wrong_order_twice_or_never_leave_the_right_state() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let people = desk.people();
    let faults = &desk.emulator.faults;
    faults.set_pushes(PushFaults {
        reorder: 0.5,
        duplicate: 0.3,
        lose: 0.3,
        ..PushFaults::default()
    });
    let ids: Vec<i32> = (0..10)
        .map(|n| desk.post(&format!("message {n}")))
        .collect();
    for round in 0..6 {
        for (place, id) in ids.iter().enumerate() {
            let person = people[(place + round) % people.len()];
            let emoji: &[&str] = [&["👍"][..], &["🔥"], &[]][(place * 7 + round) % 3];
            let group = desk.emulator.cast.group;
            let world = &desk.emulator.world;
            // Taking back what is not there is refused.
            let _ = world.write(|state| state.react(group, person, *id, emoji));
            if (place + round) % 4 == 0 {
                desk.edit(*id, &format!("edited {place} {round}"));
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    }
    faults.set_pushes(PushFaults::default());
    desk.wait_equal().await;
    desk.wait_around().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_albums_and_replies_across_topics_are_kept() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let topics = desk.topics();
    let first = desk.post_with(Draft {
        topic: topics[0],
        text: "a long sentence".to_owned(),
        ..Draft::default()
    });
    let quoting = desk.post_with(Draft {
        topic: topics[0],
        text: "that one".to_owned(),
        reply_to: Some(first),
        quote: Some(Quote {
            text: "long".to_owned(),
            offset: 2,
            ..Quote::default()
        }),
        ..Draft::default()
    });
    let across = desk.post_with(Draft {
        topic: topics[1],
        text: "about another topic".to_owned(),
        reply_to: Some(first),
        ..Draft::default()
    });
    let world = &desk.emulator.world;
    let file = world.write(|state| {
        state.add_file(File {
            kind: FileKind::Photo,
            bytes: vec![1; 100].into(),
            width: 10,
            height: 10,
            ..File::default()
        })
    });
    let album: Vec<i32> = (0..3)
        .map(|n| {
            desk.post_with(Draft {
                topic: topics[1],
                text: format!("{n}"),
                file: Some(file),
                album: Some(4711),
                ..Draft::default()
            })
        })
        .collect();
    desk.wait_equal().await;
    let archived = desk.archived();
    let reply = archived[&quoting].message.reply_to.as_ref().unwrap();
    assert_eq!(reply.quote.as_deref(), Some("long"));
    let reply = archived[&across].message.reply_to.as_ref().unwrap();
    assert_eq!((reply.id.0, reply.external), (first, false));
    assert_eq!(archived[&across].message.topic.0, topics[1]);
    for id in album {
        assert_eq!(archived[&id].message.album, Some(4711));
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_are_followed_from_their_beginning_to_their_end() {
    let desk = Desk::logged_in(60).await;
    let running = desk.caught_up().await;
    let (group, owner) = (desk.emulator.cast.group, desk.owner());
    let world = &desk.emulator.world;
    let topic = world
        .write(|state| state.create_topic(group, owner, "New", None, None))
        .unwrap();
    let within = desk.post_with(Draft {
        topic,
        text: "in it".to_owned(),
        ..Draft::default()
    });
    for (title, closed) in [
        (Some("Renamed"), None),
        (None, Some(true)),
        (None, Some(false)),
    ] {
        world
            .write(|state| state.edit_topic(group, owner, topic, title, closed, None))
            .unwrap();
    }
    world
        .write(|state| state.hide_general(group, owner, true))
        .unwrap();
    desk.wait_equal().await;
    let of = |id: i32| {
        let topics = running.archive.reader().unwrap().topics().unwrap();
        topics.into_iter().find(|topic| topic.id.0 == id).unwrap()
    };
    assert_eq!(
        (of(topic).title.as_str(), of(topic).status),
        ("Renamed", TopicStatus::Open)
    );
    assert!(of(1).hidden);
    world
        .write(|state| state.delete_topic(group, owner, topic))
        .unwrap();
    desk.wait_equal().await;
    assert_eq!(of(topic).status, TopicStatus::Deleted);
    let archived = desk.archived();
    assert!(archived[&within].deleted_at.is_some());
    assert_eq!(archived[&within].message.text, "in it");
    let said: Vec<_> = archived
        .values()
        .filter(|held| held.message.topic.0 == topic)
        .filter_map(|held| held.message.service.clone())
        .collect();
    assert!(matches!(said[0], Service::TopicCreated { .. }));
    assert_eq!(said.len(), 4);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_followed_as_they_change() {
    let desk = Desk::logged_in(60).await;
    let author = desk.emulator.cast.operators[0];
    let running = desk.caught_up().await;
    let before = desk
        .emulator
        .world
        .read(|state| state.user(author).unwrap().name());
    let rename = |first: &str| {
        let world = &desk.emulator.world;
        world.write(|state| first.clone_into(&mut state.user_mut(author).unwrap().first_name));
    };
    let group = desk.emulator.cast.group;
    let topic = desk.topics()[0];
    rename("Renamed");
    let draft = Draft {
        topic,
        text: "/ under a new name".to_owned(),
        ..Draft::default()
    };
    let world = &desk.emulator.world;
    world
        .write(|state| state.post(group, author, draft))
        .unwrap();
    desk.wait_equal().await;
    let reader = running.archive.reader().unwrap();
    let now = reader.person(PersonId(author)).unwrap().unwrap().name;
    assert!(now.starts_with("Renamed"), "{now}");
    let past = reader.past_names(PersonId(author)).unwrap();
    assert_eq!(past[0].name, before);
    running.stop().await;

    // Without a word of theirs.
    rename("Silent");
    let running = desk.caught_up().await;
    let reader = running.archive.reader().unwrap();
    let now = reader.person(PersonId(author)).unwrap().unwrap().name;
    assert!(now.starts_with("Silent"), "{now}");
    running.stop().await;
}
