//! Small groups, and who is found in them.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::sample::{Choice, NEWEST, SPREAD};
use super::*;
use crate::archive::{CompactPolicy, Compactor, Order, SealPolicy, Vault};
use crate::model::{Event, Observed, Service, Source};
use crate::transcript::{Format, Options, Record, Role, Summary, render};

const CRM: i64 = 100;
const RELAY: i64 = 110;
const OURS: i64 = 200;
const OTHER_BOT: i64 = 210;
const ANNA: i64 = 400;
const MAX: i64 = 401;
const OWNER: i64 = 402;

/// A group in the making.
#[derive(Debug, Clone)]
struct Desk {
    events: Vec<Event>,
    next: i32,
    date: i64,
}

impl Desk {
    fn new() -> Self {
        let mut events: Vec<Event> = [CRM, OURS, OTHER_BOT]
            .map(|id| person(id, PersonKind::Bot))
            .into();
        events.extend([RELAY, ANNA, MAX, OWNER].map(|id| person(id, PersonKind::User)));
        Self {
            events,
            next: 2,
            date: 1_795_392_000,
        }
    }

    fn post(&mut self, message: impl FnOnce(MessageId, i64) -> Message) -> i32 {
        let id = self.next;
        self.next += 1;
        let message = message(MessageId(id), self.date);
        self.events.push(Event::Message(Box::new(message)));
        id
    }

    /// Somebody creates a topic.
    fn topic(&mut self, creator: i64) -> i32 {
        self.date += 60;
        self.post(|id, date| {
            let mut message = Message::text(id, TopicId(id.0), date, PersonId(creator), "");
            message.service = Some(Service::TopicCreated {
                title: format!("Topic {id}"),
            });
            message
        })
    }

    /// Somebody writes, so many seconds later.
    fn say(&mut self, topic: i32, after: i64, who: i64, text: &str) {
        self.date += after;
        self.post(|id, date| Message::text(id, TopicId(topic), date, PersonId(who), text));
    }

    /// A conversation: a topic, words, an answer by one of two, a note, and words again.
    fn conversation(&mut self, creator: i64, customer: i64, pause: i64) -> i32 {
        let topic = self.topic(creator);
        let operator = if topic % 2 == 0 { ANNA } else { MAX };
        self.say(topic, pause, customer, "Where is my order?");
        self.say(topic, 30, operator, "/ he called before");
        self.say(topic, 30, operator, "On its way");
        self.say(topic, 30, customer, "Thanks");
        topic
    }

    fn archive(&self) -> (tempfile::TempDir, Vault) {
        let dir = tempfile::tempdir().unwrap();
        let vault = Vault::create(&dir.path().join("vault")).unwrap();
        let observed: Vec<Observed> = self.events.iter().cloned().map(seen).collect();
        let mut writer = vault.writer(GroupId::EXAMPLE).unwrap();
        writer.append(&observed, &[]).unwrap();
        drop(writer);
        (dir, vault)
    }

    fn cast_with(&self, rules: &RoleRules, known: &Known) -> Cast {
        let (_dir, vault) = self.archive();
        let reader = vault.reader(GroupId::EXAMPLE).unwrap();
        Cast::of(&reader, rules, known).unwrap()
    }

    fn cast(&self) -> Cast {
        self.cast_with(&RoleRules::default(), &known())
    }
}

fn seen(event: Event) -> Observed {
    Observed {
        event,
        source: Source::Live,
        at: 1_795_392_000,
    }
}

fn person(id: i64, kind: PersonKind) -> Event {
    Event::Person(Person {
        id: PersonId(id),
        kind,
        name: format!("N{id}"),
        username: None,
    })
}

fn known() -> Known {
    Known {
        bot: Some(PersonId(OURS)),
        operators: Vec::new(),
    }
}

/// Who was chosen, and the doubts about the others.
fn outcome(part: &Part) -> (Vec<i64>, Vec<(i64, Doubt)>) {
    let sure = part.candidates.iter().filter(|one| one.is_sure());
    let doubted = part.candidates.iter();
    (
        sure.map(|one| one.id.0).collect(),
        doubted
            .filter_map(|one| Some((one.id.0, one.doubt?)))
            .collect(),
    )
}

/// A desk as a CRM's bot runs it.
fn with_a_bot(topics: usize) -> Desk {
    let mut desk = Desk::new();
    for _ in 0..topics {
        desk.conversation(CRM, CRM, 20);
    }
    desk
}

#[test]
fn a_crm_s_bot_is_found_and_all_is_sure() {
    let cast = with_a_bot(6).cast();
    assert_eq!(cast.relays.origin, Origin::Found);
    assert_eq!(outcome(&cast.relays), (vec![CRM], vec![]));
    assert_eq!(cast.rules().relays, [CRM]);
    let told = cast.relays.candidates[0].evidence.unwrap().to_string();
    assert_eq!(
        told,
        "created 6 of 6 topics, spoke first in 6, was answered in 6"
    );
    assert_eq!(cast.relays.candidates[0].name, "N100");
    assert_eq!((cast.topics, cast.messages, cast.unsure()), (6, 24, 0));
}

#[test]
fn a_relay_account_is_found() {
    // Its own topics, slowly; and those of the CRM's silent bot, at once.
    for (creator, pause, topics) in [(RELAY, 40, 8), (CRM, 1, 5), (RELAY, 1, 5)] {
        let mut desk = Desk::new();
        for _ in 0..topics {
            desk.conversation(creator, RELAY, pause);
        }
        let cast = desk.cast();
        assert_eq!(outcome(&cast.relays), (vec![RELAY], vec![]), "{creator}");
    }
}

#[test]
fn exceptions_do_not_matter() {
    let mut desk = with_a_bot(18);
    // An operator writes to a customer first; another's topic is created by hand; one is empty.
    let topic = desk.topic(CRM);
    desk.say(topic, 60, ANNA, "Your order is here");
    desk.conversation(ANNA, ANNA, 60);
    desk.topic(CRM);
    let cast = desk.cast();
    assert_eq!(outcome(&cast.relays), (vec![CRM], vec![]));
    let told = cast.relays.candidates[0].evidence.unwrap().to_string();
    assert_eq!(
        told,
        "created 19 of 20 topics, spoke first in 18, was answered in 18"
    );
}

#[test]
fn thin_evidence_chooses_nobody() {
    let cast = with_a_bot(4).cast();
    assert_eq!(cast.relays.origin, Origin::Nobody);
    assert_eq!(
        outcome(&cast.relays),
        (vec![], vec![(CRM, Doubt::FewTopics)])
    );
    assert!(cast.rules().relays.is_empty());
    // Nothing is settled while anybody may be the relay.
    assert_eq!(cast.unsure(), cast.messages);
    assert_eq!(Desk::new().cast().relays.candidates, []);
}

#[test]
fn contradictory_evidence_chooses_nobody() {
    type Case<'a> = (&'a str, &'a dyn Fn(&mut Desk), (i64, Doubt));
    let cases: [Case<'_>; 9] = [
        (
            "two of like weight",
            &|desk| {
                for _ in 0..10 {
                    desk.conversation(CRM, CRM, 20);
                    desk.conversation(RELAY, RELAY, 1);
                }
            },
            (CRM, Doubt::NotFirst),
        ),
        (
            "a person opens topics by hand, and customers are members",
            &|desk| {
                for customer in 0..12 {
                    let topic = desk.topic(OWNER);
                    desk.say(topic, 20, OWNER, "How may I help?");
                    desk.say(topic, 20, 900 + customer, "Where is my order?");
                    desk.say(topic, 20, OWNER, "On its way");
                }
            },
            (OWNER, Doubt::Crowd),
        ),
        (
            "a person opens topics by hand, and the CRM's bot answers",
            &|desk| {
                for _ in 0..12 {
                    let topic = desk.topic(OWNER);
                    desk.say(topic, 20, OWNER, "Your order is here");
                    desk.say(topic, 20, CRM, "When may I come?");
                    desk.say(topic, 20, OWNER, "Today");
                }
            },
            (OWNER, Doubt::Rival),
        ),
        (
            "a person opens topics by hand, and another one answers",
            &|desk| {
                for _ in 0..12 {
                    let topic = desk.topic(OWNER);
                    desk.say(topic, 20, OWNER, "Your order is here");
                    desk.say(topic, 20, RELAY, "When may I come?");
                    desk.say(topic, 20, OWNER, "Today");
                }
            },
            (OWNER, Doubt::Rival),
        ),
        (
            "a bot opens each topic with a card about the customer",
            &|desk| {
                for _ in 0..12 {
                    let topic = desk.topic(CRM);
                    desk.say(topic, 0, CRM, "A new customer");
                    desk.say(topic, 1, RELAY, "Where is my order?");
                    desk.say(topic, 20, ANNA, "On its way");
                    desk.say(topic, 20, RELAY, "Thanks");
                }
            },
            (CRM, Doubt::OneSided),
        ),
        (
            "nobody answers",
            &|desk| {
                for _ in 0..12 {
                    let topic = desk.topic(CRM);
                    desk.say(topic, 0, CRM, "The disk is full");
                    desk.say(topic, 50, CRM, "The disk is full");
                }
            },
            (CRM, Doubt::Unanswered),
        ),
        (
            "somebody who writes notes",
            &|desk| {
                for _ in 0..12 {
                    let topic = desk.conversation(RELAY, RELAY, 20);
                    desk.say(topic, 20, RELAY, "/ a difficult one");
                }
            },
            (RELAY, Doubt::WritesNotes),
        ),
        (
            "somebody who talks in General",
            &|desk| {
                for _ in 0..12 {
                    desk.conversation(RELAY, RELAY, 20);
                }
                desk.say(1, 20, RELAY, "Lunch?");
            },
            (RELAY, Doubt::InGeneral),
        ),
        (
            "topics that somebody else creates",
            &|desk| {
                for _ in 0..12 {
                    desk.conversation(OWNER, CRM, 20);
                }
            },
            (CRM, Doubt::NotCreator),
        ),
    ];
    for (what, fill, (who, doubt)) in cases {
        let mut desk = Desk::new();
        fill(&mut desk);
        let cast = desk.cast();
        let (sure, doubted) = outcome(&cast.relays);
        assert_eq!((sure, doubted[0]), (vec![], (who, doubt)), "{what}");
        assert!(cast.rules().relays.is_empty(), "{what}");
    }
}

#[test]
fn who_is_said_to_answer_is_never_the_relay() {
    let mut desk = Desk::new();
    for _ in 0..12 {
        desk.conversation(OWNER, OWNER, 20);
    }
    assert_eq!(outcome(&desk.cast().relays).0, [OWNER]);
    let named = Known {
        operators: vec![PersonId(OWNER)],
        ..known()
    };
    let cast = desk.cast_with(&RoleRules::default(), &named);
    assert!(outcome(&cast.relays).0.is_empty());
    let bots = RoleRules {
        assistants: vec![CRM],
        ..RoleRules::default()
    };
    let cast = with_a_bot(8).cast_with(&bots, &known());
    let doubted = vec![(ANNA, Doubt::NotFirst), (MAX, Doubt::NotFirst)];
    assert_eq!(outcome(&cast.relays), (vec![], doubted));
}

#[test]
fn our_bot_and_bots_that_answer_are_assistants() {
    let mut desk = with_a_bot(6);
    for topic in [2, 7, 12] {
        desk.say(topic, 5, OTHER_BOT, "We are open until six");
    }
    let cast = desk.cast();
    assert_eq!(outcome(&cast.assistants), (vec![OURS, OTHER_BOT], vec![]));
    assert_eq!(cast.rules().assistants, [OURS, OTHER_BOT]);
    assert_eq!(cast.unsure(), 0);
    let told = cast.assistants.candidates[1].evidence.unwrap().to_string();
    assert_eq!(told, "wrote in 3 of 6 topics");

    // Two answers are not enough, and notes are none.
    let mut desk = with_a_bot(6);
    for (topic, text) in [(2, "Open"), (7, "Open"), (12, "/ Open"), (17, "/ Open")] {
        desk.say(topic, 5, OTHER_BOT, text);
    }
    let cast = desk.cast();
    let doubted = vec![(OTHER_BOT, Doubt::SeldomAnswers)];
    assert_eq!(outcome(&cast.assistants), (vec![OURS], doubted));
    // What a bot marks as a note is one, whatever else it is.
    assert_eq!(cast.unsure(), 2);
    assert_eq!(cast.unsettled[0].id, Some(PersonId(OTHER_BOT)));

    // While nobody is known to be the relay, any bot may be.
    let mut desk = with_a_bot(3);
    desk.say(2, 5, OTHER_BOT, "Open");
    let cast = desk.cast();
    let doubted = vec![(CRM, Doubt::MayBeRelay), (OTHER_BOT, Doubt::MayBeRelay)];
    assert_eq!(outcome(&cast.assistants), (vec![OURS], doubted));
}

#[test]
fn sealed_archives_show_the_same() {
    let mut desk = with_a_bot(320);
    for topic in [2, 7, 12] {
        for _ in 0..300 {
            desk.say(topic, 5, OTHER_BOT, "We are open until six");
        }
    }
    let (_dir, vault) = desk.archive();
    let look = || {
        let reader = vault.reader(GroupId::EXAMPLE).unwrap();
        Cast::of(&reader, &RoleRules::default(), &known()).unwrap()
    };
    let hot = look();
    assert_eq!(hot.rules().relays, [CRM]);
    assert!((200..320).contains(&hot.topics), "{}", hot.topics);
    let mut writer = vault.writer(GroupId::EXAMPLE).unwrap();
    let policy = SealPolicy {
        hot_messages: 1,
        level: 3,
    };
    writer.seal(&policy).unwrap();
    assert_eq!(look(), hot);
    let policy = CompactPolicy {
        level: 5,
        segments: 1,
    };
    Compactor::new(vault.reader(GroupId::EXAMPLE).unwrap(), policy)
        .run(&mut |fold| writer.fold(&fold), &mut |_| {
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(look(), hot);
}

#[test]
fn a_bounded_number_of_topics_is_chosen_evenly() {
    for count in [0, 1, NEWEST, NEWEST + 1, 300, 5_000, 170_000] {
        let mut choice = Choice::default();
        for topic in 0..count {
            choice.push(TopicId(i32::try_from(topic).unwrap()));
        }
        let (older, newest) = (choice.older, choice.newest);
        assert_eq!(newest.len(), count.min(NEWEST));
        let passed = count.saturating_sub(NEWEST);
        assert!(older.len() <= 2 * SPREAD && older.len() >= passed.min(SPREAD));
        let steps: Vec<i32> = older.windows(2).map(|two| two[1].0 - two[0].0).collect();
        assert!(steps.windows(2).all(|two| two[0] == two[1]), "{count}");
    }
}

fn rendered(desk: &Desk, rules: &RoleRules) -> (Vec<(Option<PersonId>, Role)>, Summary) {
    let (_dir, vault) = desk.archive();
    let reader = vault.reader(GroupId::EXAMPLE).unwrap();
    let options = Options {
        order: Order::Id,
        roles: rules.clone(),
        ..Options::new(Format::Jsonl)
    };
    let mut out = Vec::new();
    let summary = render(&reader, &options, &mut out, &mut |_| {
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines = text.lines();
    let records = lines.filter_map(|line| {
        let record: Record<'_> = serde_json::from_str(line).ok()?;
        Some((record.from_id, record.role?))
    });
    (records.collect(), summary)
}

#[test]
fn a_transcript_has_customers_without_configured_relays() {
    let mut desk = with_a_bot(6);
    desk.say(2, 5, OTHER_BOT, "Buy now");
    let cast = desk.cast();
    let (records, summary) = rendered(&desk, cast.rules());
    let customers: Vec<_> = records
        .iter()
        .filter(|(_, role)| *role == Role::Customer)
        .collect();
    assert_eq!(customers.len(), 12);
    assert!(
        customers
            .iter()
            .all(|(author, _)| *author == Some(PersonId(CRM)))
    );
    assert_eq!((summary.messages, summary.unsure), (31, 1));
    // As it was: a bot's messages are the assistant's, and all are unsure but Telegram's own.
    let (records, summary) = rendered(&desk, &RoleRules::default());
    assert!(records.iter().all(|(_, role)| *role != Role::Customer));
    assert_eq!(summary.unsure, 25);
}

/// What happens in a topic: by whom, what, how many seconds later.
fn happening() -> impl Strategy<Value = (i64, &'static str, i64)> {
    let who = prop::sample::select(vec![CRM, RELAY, OURS, OTHER_BOT, ANNA, MAX, OWNER]);
    let text = prop::sample::select(vec!["Hello", "/ note", "/info", ""]);
    (who, text, 0..90_i64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_the_configuration_names_always_wins(
        topics in prop::collection::vec(
            (prop::sample::select(vec![CRM, RELAY, OWNER]), prop::collection::vec(happening(), 0..6)),
            0..14,
        ),
        usual in 0..12_usize,
        relays in prop::collection::vec(prop::sample::select(vec![CRM, RELAY, ANNA, 999]), 0..2),
        assistants in prop::collection::vec(prop::sample::select(vec![CRM, OURS, MAX, 999]), 0..2),
    ) {
        let mut desk = with_a_bot(usual);
        for (creator, happenings) in topics {
            let topic = desk.topic(creator);
            for (who, text, after) in happenings {
                desk.say(topic, after, who, text);
            }
        }
        let rules = RoleRules { relays: relays.clone(), assistants: assistants.clone(), ..RoleRules::default() };
        let cast = desk.cast_with(&rules, &known());
        let effective = cast.rules();
        if !relays.is_empty() {
            prop_assert_eq!(&effective.relays, &relays);
            prop_assert_eq!(cast.relays.origin, Origin::Config);
        }
        if !assistants.is_empty() {
            prop_assert_eq!(&effective.assistants, &assistants);
            prop_assert_eq!(cast.assistants.origin, Origin::Config);
        }
        prop_assert_eq!(&effective.note_prefix, &rules.note_prefix);
        // Nobody who was found plays two parts, or one that the configuration gave another.
        if relays.is_empty() || assistants.is_empty() {
            prop_assert!(effective.relays.iter().all(|id| !effective.assistants.contains(id)));
        }
        prop_assert!(effective.relays.len() <= relays.len().max(1));
        // The same archive, the same finding; and the sample says what a transcript counts.
        prop_assert_eq!(&desk.cast_with(&rules, &known()), &cast);
        let (_dir, vault) = desk.archive();
        let reader = vault.reader(GroupId::EXAMPLE).unwrap();
        let examined = Cast::examined(&reader, &rules, &known()).unwrap();
        prop_assert_eq!(examined.rules(), effective);
        prop_assert_eq!(rendered(&desk, effective).1.unsure, examined.unsure());
    }
}
