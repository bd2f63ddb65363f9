//! What happens while somebody watches.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use super::build::open_topic;
use super::cast::Cast;
use super::conversation::Conversation;
use super::dialogue::{Dialogue, Line, Turn, dialogues};
use super::random::Random;
use super::step::{Deed, Step, step};
use crate::emulator::world::{State, World};

/// How to play.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Decides who says what; the world's own seed if `None`.
    pub seed: Option<u64>,
    /// How many steps; `usize::MAX` plays on until the future is dropped.
    pub steps: usize,
    /// Time between two steps; zero for tests.
    pub pace: Duration,
    /// Commands that operators type, in turn; none if empty.
    pub commands: Vec<String>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            seed: None,
            steps: 40,
            pace: Duration::from_millis(400),
            commands: vec!["/status".to_owned(), "/export last 20".to_owned()],
        }
    }
}

/// Plays and tells every step after it was done. Within the first 40 steps every [`Deed`] happens
/// at least once (commands only where the plan has some).
pub async fn play(world: &World, cast: &Cast, plan: &Plan, mut on_step: impl FnMut(Step)) {
    let mut scene = world.read(|state| Scene::new(state, cast, plan));
    let mut left = plan.steps;
    while left > 0 {
        let done = world.write(|state| scene.go_on(state));
        for step in done {
            on_step(step);
            left = left.saturating_sub(1);
        }
        // Others must get their turn even at full speed.
        tokio::task::yield_now().await;
        if !plan.pace.is_zero() {
            tokio::time::sleep(plan.pace).await;
        }
    }
}

/// One beat of the play; numbers are conversations.
#[derive(Clone, Copy, Debug)]
enum Beat {
    Line(usize),
    Edit(usize, bool),
    Delete(usize, bool),
    Command(usize),
    Rename(usize),
    Close(usize),
    Return(usize),
}

struct Scene<'a> {
    cast: &'a Cast,
    random: Random,
    topics: BTreeMap<i64, i32>,
    commands: VecDeque<String>,
    conversations: Vec<Conversation>,
    beats: VecDeque<Beat>,
    acts: usize,
}

impl<'a> Scene<'a> {
    fn new(state: &State, cast: &'a Cast, plan: &Plan) -> Self {
        let topics = state.group(cast.group).map(|group| {
            group
                .topics
                .values()
                .filter_map(|topic| Some((topic.customer?, topic.id)))
                .collect()
        });
        let seed = plan.seed.unwrap_or_else(|| state.seed());
        Self {
            cast,
            random: Random::new(seed ^ 0x11FE),
            topics: topics.unwrap_or_default(),
            commands: plan.commands.iter().cloned().collect(),
            conversations: Vec::new(),
            beats: VecDeque::new(),
            acts: 0,
        }
    }

    /// The next beat; several steps where a topic has to be opened first.
    fn go_on(&mut self, state: &mut State) -> Vec<Step> {
        let Some(beat) = self.beats.pop_front() else {
            return self.next_act(state);
        };
        let (cast, random) = (self.cast, &mut self.random);
        let index = match beat {
            Beat::Line(index)
            | Beat::Edit(index, _)
            | Beat::Delete(index, _)
            | Beat::Command(index)
            | Beat::Rename(index)
            | Beat::Close(index)
            | Beat::Return(index) => index,
        };
        let Some(conversation) = self.conversations.get_mut(index) else {
            return Vec::new();
        };
        let done = match beat {
            Beat::Line(_) => conversation
                .step(state, cast, random, None)
                .and_then(Result::ok),
            Beat::Edit(_, by_customer) => conversation.edit(state, cast, random, by_customer, None),
            Beat::Delete(_, by_customer) => conversation.delete(state, cast, by_customer, None),
            Beat::Command(_) => {
                let Some(command) = self.commands.pop_front() else {
                    return Vec::new();
                };
                let done = conversation.command(state, cast, &command, None);
                self.commands.push_back(command);
                done
            }
            Beat::Rename(_) => conversation.rename(state, cast, None),
            Beat::Close(_) => conversation.close(state, cast, None),
            Beat::Return(_) => return conversation.come_back(state, cast, random),
        };
        done.into_iter().collect()
    }

    /// An act: three customers, one of each language, talk at the same time; one of them comes
    /// back after their topic was closed. In the first act one of them is new.
    fn next_act(&mut self, state: &mut State) -> Vec<Step> {
        let mut opened = Vec::new();
        self.conversations.clear();
        for language in 0..3 {
            let customer = self.customer(state, language);
            opened.extend(self.enter(state, customer, language));
        }
        self.acts += 1;
        let lengths: Vec<usize> = self
            .conversations
            .iter()
            .map(Conversation::remaining)
            .collect();
        let longest = lengths.iter().copied().max().unwrap_or_default();
        for round in 0..longest {
            for (index, length) in lengths.iter().enumerate() {
                if round < *length {
                    self.beats.push_back(Beat::Line(index));
                }
            }
            match round {
                1 => self.beats.push_back(Beat::Edit(0, true)),
                2 => self.beats.push_back(Beat::Delete(1, true)),
                3 => self.beats.push_back(Beat::Command(0)),
                4 => self.beats.push_back(Beat::Edit(2, false)),
                5 => {
                    self.beats.push_back(Beat::Rename(1));
                    self.beats.push_back(Beat::Command(2));
                }
                _ => {}
            }
        }
        self.beats.push_back(Beat::Close(1));
        self.beats.push_back(Beat::Return(1));
        opened
    }

    /// Somebody for a part: in the first act somebody new, then people with a topic.
    fn customer(&mut self, state: &State, language: usize) -> i64 {
        let of_language: Vec<i64> = self
            .cast
            .customers
            .iter()
            .copied()
            .skip(language)
            .step_by(3)
            .collect();
        let closed = |customer: &i64| {
            let group = state.group(self.cast.group)?;
            Some(group.topics.get(self.topics.get(customer)?)?.closed)
        };
        let wanted = (self.acts > 0 || language > 0).then_some(false);
        let fitting: Vec<i64> = of_language
            .iter()
            .copied()
            .filter(|customer| closed(customer) == wanted)
            .collect();
        let any = self.random.pick(&of_language).copied().unwrap_or_default();
        self.random.pick(&fitting).copied().unwrap_or(any)
    }

    /// Opens the customer's topic and prepares what they will talk about.
    fn enter(&mut self, state: &mut State, customer: i64, part: usize) -> Vec<Step> {
        let cast = self.cast;
        let known = self.topics.contains_key(&customer);
        let before = state.log().len();
        let Some(topic) = open_topic(state, cast, &mut self.topics, customer, None) else {
            return Vec::new();
        };
        let conversation = Conversation::begin(state, cast, &mut self.random, customer, topic);
        let conversation = match state.user(customer) {
            // The first act shows everything.
            Some(user) if self.acts == 0 => {
                conversation.saying(showing(&user.language, WANTED.get(part).copied()))
            }
            _ => conversation,
        };
        self.conversations.push(conversation);
        if state.log().len() == before {
            return Vec::new();
        }
        let id = state
            .group(cast.group)
            .and_then(|group| group.top_message())
            .map_or(0, |message| message.id);
        let what = if known {
            Deed::ReopensTopic
        } else {
            Deed::OpensTopic
        };
        let title = state.user(customer).map(|user| user.name());
        vec![step(
            state,
            cast,
            topic,
            customer,
            what,
            id,
            title.unwrap_or_default(),
        )]
    }
}

/// What the dialogue of each part in the first act must have.
const WANTED: [&[Turn]; 3] = [
    &[Turn::Parcel, Turn::OperatorReplies],
    &[Turn::CustomerPhoto, Turn::Note],
    &[Turn::OperatorDocument, Turn::Note],
];

/// The first dialogue of a language that has what is wanted.
fn showing(language: &str, wanted: Option<&[Turn]>) -> Dialogue {
    let wanted = wanted.unwrap_or_default();
    let has =
        |dialogue: &Dialogue, turn: &Turn| dialogue.iter().any(|line: &Line| line.turn == *turn);
    dialogues(language)
        .iter()
        .find(|dialogue| wanted.iter().all(|turn| has(dialogue, turn)))
        .cloned()
        .unwrap_or_default()
}
