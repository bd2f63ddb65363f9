//! Questions with buttons: what costs money is done only after an operator agreed.
//!
//! What is to be done lies in `state.db`, the buttons carry only its token; so they work after a
//! restart, each once, and whoever presses one must be allowed the command itself.

use std::sync::Arc;

use teloxide::payloads::AnswerCallbackQuerySetters;
use teloxide::requests::Requester;
use teloxide::types::CallbackQuery;

use super::act;
use super::audit::{self, Audit, Outcome};
use super::command::{Command, Deed, Does};
use super::connection::Connection;
use super::customer;
use super::dispatch::{Desk, language_of, operator};
use super::error::causes;
use super::note::Note;
use super::queue::{Button, Dropped};
use super::request::{CommandError, Group, Request, Shared};
use crate::archive::{Question, QuestionState, State};
use crate::connectors::{Context, Markup, Outcome as Did, Until};
use crate::i18n::{Came, Language, Phrase};
use crate::model::{GroupId, MessageId, PersonId};
use crate::steps;

/// How long a question may be answered, seconds.
const OPEN: i64 = 3600;
/// How long it is kept, seconds.
const KEPT: i64 = 30 * 86_400;
/// What our buttons' data begin with.
const MARK: &str = "q";

/// Asks, and keeps what is to be done.
pub(super) async fn ask(
    shared: &Shared,
    request: &Request,
    deed: &Deed,
    context: &Context,
    question: &str,
) -> Result<(), CommandError> {
    let mut random = [0; 12];
    getrandom::fill(&mut random).map_err(|error| std::io::Error::other(error.to_string()))?;
    let token: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let now = jiff::Timestamp::now().as_second();
    let kept = Question {
        token: token.clone(),
        group: request.group.id,
        topic: request.topic,
        command: request.message,
        message: None,
        person: request.person,
        connector: deed.live.connector.name.to_string(),
        action: deed.action.name.clone(),
        arguments: request.arguments.clone(),
        asked_at: now,
        agreed: agreed(deed, context, question),
        answered_by: None,
    };
    // Before it is asked: a button without what belongs to it would do nothing.
    let before = shared.state.with(move |state| state.ask(&kept, now - KEPT));
    for question in before.await? {
        let markup = plain(&Phrase::QuestionOff, request.language);
        show(&request.group, &question, &markup, request.language).await;
    }
    let button = |phrase: &Phrase, answer: char| Button {
        text: request.language.say(phrase),
        data: format!("{MARK}:{token}:{answer}"),
    };
    let buttons = vec![
        button(&Phrase::ButtonYes, 'y'),
        button(&Phrase::ButtonNo, 'n'),
    ];
    let markup = Markup::read_or_plain(question);
    let post = act::post(request, &markup, buttons);
    let message = match request.group.queue.post(post).await {
        Ok(message) => message,
        Err(dropped) => {
            return unasked(shared, request, &token, markup, dropped).await;
        }
    };
    let of = token.clone();
    shared
        .state
        .with(move |state| state.asked_in(&of, message))
        .await
}

/// A question that could not be asked: nobody can answer it, and it is said where that can be.
async fn unasked(
    shared: &Shared,
    request: &Request,
    token: &str,
    mut markup: Markup,
    dropped: Dropped,
) -> Result<(), CommandError> {
    let (token, person) = (token.to_owned(), request.person);
    let now = jiff::Timestamp::now().as_second();
    let (from, to) = (QuestionState::Open, QuestionState::Off);
    let off = move |state: &mut State| state.answer(&token, from, to, person, now);
    shared.state.with(off).await?;
    if dropped == Dropped::NotSent {
        let off = request.language.say(&Phrase::QuestionOff);
        markup.add(&format!("\n{off}"));
        request.reply(&markup).await?;
        return Ok(());
    }
    Err(dropped.into())
}

/// An edited message: what its text asked about before is off.
pub(super) async fn edited(
    shared: Arc<Shared>,
    group: Arc<Group>,
    command: MessageId,
    text: String,
) {
    let (id, now) = (group.id, jiff::Timestamp::now().as_second());
    let off = move |state: &mut State| state.call_off(id, command, &text, now);
    match shared.state.with(off).await {
        Ok(questions) => {
            let language = group.language.unwrap_or_default();
            for question in questions {
                let markup = plain(&Phrase::QuestionOff, language);
                show(&group, &question, &markup, language).await;
            }
        }
        Err(error) => {
            tracing::error!(group = %id, error = causes(&error), "a question could not be closed");
        }
    }
}

/// What an operator agrees to, as a hash, after the language of the question: another one is
/// another deed.
fn agreed(deed: &Deed, context: &Context, question: &str) -> Vec<u8> {
    let customer = context.customer.as_ref();
    let told = serde_json::json!([
        deed.live.connector.digest.to_hex().as_str(),
        deed.action.name,
        context.group.bare(),
        context.topic.0,
        customer
            .and_then(|customer| customer.user_id)
            .map(|id| id.0),
        context.accounts,
        context.arguments,
        question,
    ]);
    let mut agreed = context.language.tag().as_bytes().to_vec();
    agreed.extend_from_slice(blake3::hash(told.to_string().as_bytes()).as_bytes());
    agreed
}

/// A button that somebody pressed.
pub(super) struct Press {
    connection: Arc<Connection>,
    shared: Arc<Shared>,
    audit: Audit,
    group: Arc<Group>,
    query: CallbackQuery,
    token: String,
    yes: bool,
}

impl Press {
    /// Reads a press; `None`: it is none of ours.
    pub(super) fn read(desk: &Desk, query: &CallbackQuery) -> Option<Self> {
        let message = query.message.as_ref()?;
        let group = GroupId::from_marked(message.chat().id.0)?;
        let group = Arc::clone(desk.groups.get(&group)?);
        let mut parts = query.data.as_deref()?.split(':');
        if parts.next() != Some(MARK) {
            return None;
        }
        let token = parts.next()?.to_owned();
        let yes = parts.next()? == "y";
        Some(Self {
            connection: Arc::clone(&desk.connection),
            shared: Arc::clone(&desk.shared),
            audit: desk.audit.clone(),
            group,
            query: query.clone(),
            token,
            yes,
        })
    }

    /// Does what was agreed to.
    pub(super) async fn run(self) {
        if let Err(error) = self.serve().await {
            let group = self.group.id;
            tracing::error!(%group, error = causes(&error), "a button could not be served");
        }
    }

    async fn serve(&self) -> Result<(), CommandError> {
        let token = self.token.clone();
        let question = self
            .shared
            .state
            .with(move |state| state.question(&token))
            .await?;
        let language = language_of(&self.group, Some(&self.query.from));
        let Some(question) = question.filter(|question| question.group == self.group.id) else {
            self.hint(Some(&Phrase::QuestionGone), language).await;
            return Ok(());
        };
        let person = PersonId(i64::try_from(self.query.from.id.0).unwrap_or(i64::MAX));
        let Some((command, deed)) = find(&self.shared, &question) else {
            self.hint(Some(&Phrase::QuestionGone), language).await;
            return Ok(());
        };
        let administrators = &self.group.administrators;
        let administrator = administrators
            .contain(&self.connection, self.group.id, person)
            .await;
        let standing = self.group.permissions.standing(person, administrator);
        let logged = audit::Deed {
            group: question.group,
            topic: question.topic,
            person,
            action: &command.name,
        };
        if !self.group.permissions.allow(&command, &standing) {
            self.hint(None, language).await;
            self.audit
                .write(logged, Outcome::Refused, Some("button".to_owned()))
                .await;
            return Ok(());
        }
        let request = Request {
            group: Arc::clone(&self.group),
            topic: question.topic,
            message: question.command,
            person,
            language,
            operator: operator(&self.query.from),
            standing,
            arguments: question.arguments.clone(),
        };
        let now = jiff::Timestamp::now().as_second();
        let late = now - question.asked_at > OPEN;
        let to = if self.yes && !late {
            QuestionState::Doing
        } else {
            QuestionState::Off
        };
        let token = self.token.clone();
        let first = self
            .shared
            .state
            .with(move |state| state.answer(&token, QuestionState::Open, to, person, now));
        if !first.await? {
            self.hint(Some(&Phrase::QuestionAnswered), language).await;
            return Ok(());
        }
        self.hint(None, language).await;
        if to == QuestionState::Off {
            let phrase = if late {
                Phrase::QuestionLate
            } else {
                Phrase::QuestionOff
            };
            self.show(&question, &plain(&phrase, language)).await;
            let came = if late { Came::Late } else { Came::CalledOff };
            self.audit
                .write(logged, Outcome::Served, Some(came.word().to_owned()))
                .await;
            return Ok(());
        }
        self.audit
            .write(
                logged,
                Outcome::Allowed,
                Some(Came::Agreed.word().to_owned()),
            )
            .await;
        self.act(&request, &command, &deed, &question, logged).await
    }

    async fn act(
        &self,
        request: &Request,
        command: &Command,
        deed: &Deed,
        question: &Question,
        logged: audit::Deed<'_>,
    ) -> Result<(), CommandError> {
        let shared = &self.shared;
        let known = match customer::known(shared, &request.group, request.topic).await {
            Ok(known) => known,
            Err(error) => {
                let command = command.shown.clone();
                self.refuse(question, &Phrase::CommandFailed { command }, logged)
                    .await?;
                return Err(error);
            }
        };
        let mut context = act::context(request, &known, deed);
        // They fitted when the command was given; a connector may have changed since.
        context.arguments = deed
            .action
            .grammar
            .parse(&request.arguments)
            .unwrap_or_default();
        if let Some(message) = question.message {
            let doing = Phrase::QuestionDoing {
                command: command.usage(),
            };
            let note = Note::marked(&self.group.prefix, &plain(&doing, request.language));
            self.group.queue.edit(message, note);
        }
        // What it was about is looked up once more, in the language in which it was asked.
        let tag = question.agreed.get(..2).unwrap_or_default();
        let asked = Context {
            language: Language::from_tag(&String::from_utf8_lossy(tag)),
            ..context.clone()
        };
        let again = deed.live.run(&deed.action, &asked, Until::Question).await;
        let outcome = match again {
            Ok(Did::Ask { question: now }) if agreed(deed, &asked, &now) == question.agreed => {
                steps::passed("question.doing");
                deed.live.run(&deed.action, &context, Until::End).await
            }
            Ok(Did::Ask { .. }) => {
                return self
                    .refuse(question, &Phrase::QuestionChanged, logged)
                    .await;
            }
            // There is a reason not to do it now.
            other => other,
        };
        steps::passed("question.acted");
        let (markup, outcome, result) = match outcome {
            Ok(outcome) => {
                let (markup, came) = act::finish(shared, request, &context, outcome).await;
                (markup, Outcome::Served, came.word().to_owned())
            }
            Err(failure) => {
                let (group, topic) = (request.group.id, request.topic);
                let connector = &deed.live.connector.name;
                tracing::error!(%group, %topic, command = command.name, %connector, error = %failure, "failed");
                let markup = act::apology(deed, &failure, &known, request.language);
                (markup, Outcome::Failed, failure.to_string())
            }
        };
        self.show(question, &markup).await;
        self.audit.write(logged, outcome, Some(result)).await;
        // After it was said: one that a kill breaks off before is told of after the start.
        self.close(QuestionState::Done, logged.person).await
    }

    /// Says why nothing is done.
    async fn refuse(
        &self,
        question: &Question,
        why: &Phrase,
        logged: audit::Deed<'_>,
    ) -> Result<(), CommandError> {
        let language = language_of(&self.group, Some(&self.query.from));
        self.show(question, &plain(why, language)).await;
        let result = Some(Came::NotDone.word().to_owned());
        self.audit.write(logged, Outcome::Failed, result).await;
        self.close(QuestionState::Off, logged.person).await
    }

    async fn close(&self, to: QuestionState, person: PersonId) -> Result<(), CommandError> {
        let token = self.token.clone();
        let now = jiff::Timestamp::now().as_second();
        let end =
            move |state: &mut State| state.answer(&token, QuestionState::Doing, to, person, now);
        self.shared.state.with(end).await?;
        Ok(())
    }

    async fn show(&self, question: &Question, markup: &Markup) {
        let language = self.group.language.unwrap_or_default();
        show(&self.group, question, markup, language).await;
    }

    /// Ends the button's waiting, with a word where there is one to say.
    async fn hint(&self, phrase: Option<&Phrase>, language: Language) {
        let mut answer = self
            .connection
            .calls
            .answer_callback_query(self.query.id.clone());
        if let Some(phrase) = phrase {
            answer = answer.text(language.say(phrase));
        }
        if let Err(error) = answer.await {
            // It waits for some seconds only; what was asked is done all the same.
            let cause = self.connection.describe(&error);
            tracing::debug!(%cause, "a button could not be answered");
        }
    }
}

/// Changes the question to what came of it; where it is gone, says so in a note of its own.
pub(super) async fn show(group: &Group, question: &Question, markup: &Markup, language: Language) {
    let note = Note::marked(&group.prefix, markup);
    if let Some(message) = question.message
        && group.queue.change(message, note.clone()).await.is_ok()
    {
        return;
    }
    // Why it was dropped is logged where it was.
    let _ = group.tell(question.topic, note, language).await;
}

fn plain(phrase: &Phrase, language: Language) -> Markup {
    Markup::plain(&language.say(phrase))
}

/// The name of the command that a question is about.
pub(super) fn command(shared: &Shared, question: &Question) -> String {
    match find(shared, question) {
        Some((command, _)) => command.name.clone(),
        None => format!("{}.{}", question.connector, question.action),
    }
}

/// The command and the action that a question is about.
fn find(shared: &Shared, question: &Question) -> Option<(Arc<Command>, Deed)> {
    shared
        .table
        .all()
        .iter()
        .find_map(|command| match &command.does {
            Does::Act(deed)
                if *deed.live.connector.name == *question.connector
                    && deed.action.name == question.action =>
            {
                Some((Arc::clone(command), deed.clone()))
            }
            _ => None,
        })
}
