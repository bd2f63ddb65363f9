//! A conversation as it goes on, line by line.

use super::cast::Cast;
use super::dialogue::{Dialogue, Line, Slots, Turn, dialogues};
use super::files;
use super::random::Random;
use super::step::{Deed, Step, step};
use crate::emulator::text::units;
use crate::emulator::world::{Button, Draft, Entity, File, Forward, Refusal, State};

/// A conversation of a customer with an operator.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) topic: i32,
    customer: i64,
    operator: i64,
    language: String,
    slots: Slots,
    lines: std::vec::IntoIter<Line>,
    last_customer: Option<i32>,
    last_operator: Option<i32>,
}

impl Conversation {
    /// Begins one in a customer's topic.
    pub(super) fn begin(
        state: &State,
        cast: &Cast,
        random: &mut Random,
        customer: i64,
        topic: i32,
    ) -> Self {
        let user = state.user(customer).cloned().unwrap_or_default();
        let operator = operator_for(state, cast, random, &user.language);
        let operator_name = state.user(operator).map(|user| user.first_name.clone());
        let dialogue = random
            .pick(dialogues(&user.language))
            .cloned()
            .unwrap_or_default();
        Self {
            topic,
            customer,
            operator,
            slots: Slots::draw(
                random,
                &user.language,
                &user.first_name,
                &operator_name.unwrap_or_default(),
            ),
            language: user.language,
            lines: dialogue.into_iter(),
            last_customer: None,
            last_operator: None,
        }
    }

    /// Chooses the dialogue by number instead of by chance.
    pub(super) fn about(self, number: usize) -> Self {
        let all = dialogues(&self.language);
        let chosen = all.get(number % all.len().max(1)).cloned();
        self.saying(chosen.unwrap_or_default())
    }

    /// Replaces what will be said.
    pub(super) fn saying(mut self, dialogue: Dialogue) -> Self {
        self.lines = dialogue.into_iter();
        self
    }

    /// Lines not said yet.
    pub(super) fn remaining(&self) -> usize {
        self.lines.len()
    }

    /// Says the next line; `None` when all is said.
    pub(super) fn step(
        &mut self,
        state: &mut State,
        cast: &Cast,
        random: &mut Random,
        date: Option<i64>,
    ) -> Option<Result<Step, Refusal>> {
        let line = self.lines.next()?;
        Some(self.say(state, cast, random, line, date))
    }

    fn say(
        &mut self,
        state: &mut State,
        cast: &Cast,
        random: &mut Random,
        line: Line,
        date: Option<i64>,
    ) -> Result<Step, Refusal> {
        let (name, text) = match line.text.split_once('|') {
            Some((name, text)) => (self.slots.fill(name), self.slots.fill(text)),
            None => (String::new(), self.slots.fill(line.text)),
        };
        let mut draft = Draft {
            topic: self.topic,
            text,
            date,
            ..Draft::default()
        };
        let attach = |state: &mut State, file: File| Some(state.add_file(file));
        let (from, what) = match line.turn {
            Turn::Customer => {
                if random.chance(2) {
                    draft.forward = Some(forward(state, date));
                }
                (cast.author, Deed::CustomerWrites)
            }
            Turn::CustomerReplies => {
                draft.reply_to = self.last_operator;
                (cast.author, Deed::CustomerWrites)
            }
            Turn::CustomerForwards => {
                draft.forward = Some(forward(state, date));
                (cast.author, Deed::CustomerWrites)
            }
            Turn::CustomerPhoto => {
                draft.file = attach(state, files::photo(random.below(1 << 16)));
                (cast.author, Deed::CustomerSendsFile)
            }
            Turn::CustomerVoice => {
                draft.file = attach(state, files::voice(random.below(1 << 16)));
                (cast.author, Deed::CustomerSendsFile)
            }
            Turn::CustomerDocument => {
                draft.file = attach(state, files::document(&name, &name));
                (cast.author, Deed::CustomerSendsFile)
            }
            Turn::Operator => {
                draft.entities = emphasis(random, &draft.text);
                (self.operator, Deed::OperatorAnswers)
            }
            Turn::OperatorReplies => {
                draft.reply_to = self.last_customer;
                (self.operator, Deed::OperatorAnswers)
            }
            Turn::OperatorDocument => {
                draft.file = attach(state, files::document(&name, &name));
                (self.operator, Deed::OperatorSendsFile)
            }
            Turn::Note => {
                draft.text.insert_str(0, "/ ");
                (self.operator, Deed::OperatorNotes)
            }
            Turn::Parcel => {
                draft.text.insert_str(0, "/ ");
                draft.buttons = vec![vec![Button {
                    text: "↗ RX".to_owned(),
                    url: Some("https://parcel.example/track".to_owned()),
                    ..Button::default()
                }]];
                (cast.parcel_bot, Deed::OtherBotWrites)
            }
        };
        // What was replied to may have been deleted in the meantime.
        draft.reply_to = draft.reply_to.filter(|id| {
            state
                .group(cast.group)
                .is_some_and(|group| group.visible(*id).is_some())
        });
        let text = draft.text.clone();
        let id = state.post(cast.group, from, draft)?;
        if from == cast.author {
            self.last_customer = Some(id);
        } else if from == self.operator {
            self.last_operator = Some(id);
        }
        Ok(self.done(state, cast, from, what, id, text))
    }

    /// The customer (or the operator) changes their last words.
    pub(super) fn edit(
        &mut self,
        state: &mut State,
        cast: &Cast,
        random: &mut Random,
        by_customer: bool,
        date: Option<i64>,
    ) -> Option<Step> {
        let (from, id) = self.last_of(cast, by_customer)?;
        let message = state.group(cast.group)?.visible(id)?;
        if message.text.is_empty() {
            return None;
        }
        let afterthoughts = match self.language.as_str() {
            "de" => [" (Tippfehler verbessert)", " Danke!", " 🙏"],
            "ru" => [" (исправлено)", " Спасибо!", " 🙏"],
            _ => [" (typo fixed)", " Thanks!", " 🙏"],
        };
        let afterthought = random.pick(&afterthoughts).copied().unwrap_or_default();
        let text = format!("{}{afterthought}", message.text);
        let draft = Draft {
            text: text.clone(),
            date,
            buttons: message.buttons.clone(),
            ..Draft::default()
        };
        state.edit(cast.group, from, id, draft).ok()?;
        Some(self.done(state, cast, from, Deed::Edits, id, text))
    }

    /// The customer (or the operator) takes their last words back.
    pub(super) fn delete(
        &mut self,
        state: &mut State,
        cast: &Cast,
        by_customer: bool,
        date: Option<i64>,
    ) -> Option<Step> {
        let (from, id) = self.last_of(cast, by_customer)?;
        let text = state.group(cast.group)?.visible(id)?.text.clone();
        state.delete_at(cast.group, from, &[id], date).ok()?;
        Some(self.done(state, cast, from, Deed::Deletes, id, text))
    }

    /// The operator types a command.
    pub(super) fn command(
        &mut self,
        state: &mut State,
        cast: &Cast,
        command: &str,
        date: Option<i64>,
    ) -> Option<Step> {
        let draft = Draft {
            topic: self.topic,
            text: command.to_owned(),
            date,
            ..Draft::default()
        };
        let id = state.post(cast.group, self.operator, draft).ok()?;
        let what = Deed::OperatorCommands;
        Some(self.done(state, cast, self.operator, what, id, command.to_owned()))
    }

    /// The operator renames the topic after what it is about.
    pub(super) fn rename(
        &mut self,
        state: &mut State,
        cast: &Cast,
        date: Option<i64>,
    ) -> Option<Step> {
        let name = state.user(self.customer)?.name();
        let title = self.slots.fill(&format!("{name} · {{order}}"));
        let id = state
            .edit_topic(
                cast.group,
                self.operator,
                self.topic,
                Some(&title),
                None,
                date,
            )
            .ok()?;
        Some(self.done(state, cast, self.operator, Deed::RenamesTopic, id, title))
    }

    /// The operator closes the topic.
    pub(super) fn close(
        &mut self,
        state: &mut State,
        cast: &Cast,
        date: Option<i64>,
    ) -> Option<Step> {
        let id = state
            .edit_topic(
                cast.group,
                self.operator,
                self.topic,
                None,
                Some(true),
                date,
            )
            .ok()?;
        let text = String::new();
        Some(self.done(state, cast, self.operator, Deed::ClosesTopic, id, text))
    }

    /// The customer writes once more after all was said; the CRM opens the topic again for that.
    pub(super) fn come_back(
        &mut self,
        state: &mut State,
        cast: &Cast,
        random: &mut Random,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        let reopened =
            state.edit_topic(cast.group, cast.author, self.topic, None, Some(false), None);
        if let Ok(id) = reopened {
            let what = Deed::ReopensTopic;
            steps.push(self.done(state, cast, cast.author, what, id, String::new()));
        }
        let text = match self.language.as_str() {
            "de" => "Eins noch: darf ich Sie weiterempfehlen? 😊",
            "ru" => "И ещё: можно порекомендовать вас друзьям? 😊",
            _ => "One more thing: may I recommend you to friends? 😊",
        };
        let line = Line {
            turn: Turn::Customer,
            text,
        };
        steps.extend(self.say(state, cast, random, line, None).ok());
        steps
    }

    fn last_of(&self, cast: &Cast, by_customer: bool) -> Option<(i64, i32)> {
        if by_customer {
            Some((cast.author, self.last_customer?))
        } else {
            Some((self.operator, self.last_operator?))
        }
    }

    fn done(
        &self,
        state: &State,
        cast: &Cast,
        from: i64,
        what: Deed,
        message_id: i32,
        text: String,
    ) -> Step {
        let speaker = if from == cast.author {
            self.customer
        } else {
            from
        };
        step(state, cast, self.topic, speaker, what, message_id, text)
    }
}

/// Someone who speaks the customer's language, where there is one.
fn operator_for(state: &State, cast: &Cast, random: &mut Random, language: &str) -> i64 {
    let speakers: Vec<i64> = cast
        .operators
        .iter()
        .copied()
        .filter(|id| {
            state
                .user(*id)
                .is_some_and(|user| user.language == language)
        })
        .collect();
    let any = cast.operators.first().copied().unwrap_or_default();
    random.pick(&speakers).copied().unwrap_or(any)
}

/// Somebody else's words of the day before.
fn forward(state: &State, date: Option<i64>) -> Forward {
    Forward {
        from: None,
        name: Some("M. K.".to_owned()),
        date: date.unwrap_or_else(|| state.now()) - 86_400,
    }
}

/// Now and then an operator formats a word.
fn emphasis(random: &mut Random, text: &str) -> Vec<Entity> {
    let kinds = ["bold", "italic", "underline", "spoiler"];
    if !random.chance(12) {
        return Vec::new();
    }
    let words: Vec<&str> = text.split(' ').collect();
    let index = random.below(words.len());
    let word = words.get(index).copied().unwrap_or_default();
    if !word.chars().all(char::is_alphanumeric) || word.is_empty() {
        return Vec::new();
    }
    let before: i32 = words.iter().take(index).map(|word| units(word) + 1).sum();
    vec![Entity {
        kind: random.pick(&kinds).copied().unwrap_or("bold").to_owned(),
        offset: before,
        length: units(word),
        ..Entity::default()
    }]
}
