//! Carries out an action: step by step, each with what the earlier ones found.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use minijinja::value::{Serde, Value as Values};
use reqwest::Url;
use reqwest::header::HeaderName;
use serde_json::{Map, Value, json};
use serde_json_path::JsonPath;
use tokio::time::Instant;

use super::address;
use super::client::{Client, How, bare, plain};
use super::context::Context;
use super::definition::{Action, Body, Connector, Into as CursorPlace, Request, Say, Step};
use super::failure::{Cause, Failure};
use super::login::header_name;
use super::memory::Memory;
use super::spot::Spot;
use super::template::{Template, TemplateError};
use super::wire::{Ask, Payload};
use crate::i18n::Language;

/// Values that are kept of all pages.
const MOST_VALUES: usize = 10_000;
/// Items of a list for which a step is done.
const MOST_ITEMS: usize = 50;
/// Customers for whom something is changed at the same moment, at most; beyond it all are let go
/// that nobody waits for.
const LOCKS: usize = 1_000;

/// A connector at work.
#[derive(Debug)]
pub struct Live {
    /// What it is.
    pub connector: Connector,
    /// `Err`: it cannot be used, and why.
    client: Result<Client, Failure>,
    /// One change for a customer after another: both would find no record and make one.
    locks: std::sync::Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

/// What an action came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done {
        /// For the operator, HTML.
        reply: String,
        /// For the customer, plain text.
        notice: Option<String>,
    },
    /// It was not done, for a reason that the connector words itself.
    Refused {
        /// For the operator, HTML.
        reply: String,
    },
    /// The operator must agree first.
    Ask {
        /// For the operator, HTML.
        question: String,
    },
}

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Up to the question, where there is one: nothing is changed before it is answered.
    Question,
    /// To the end.
    End,
}

impl Live {
    /// Makes a connector ready; its secrets are read now. `directory` is where its file lies.
    #[must_use]
    pub fn new(connector: Connector, directory: &Path, memory: Memory) -> Self {
        let client = Client::new(&connector, directory, memory);
        Self {
            connector,
            client,
            locks: std::sync::Mutex::default(),
        }
    }

    /// Why it cannot be used.
    #[must_use]
    pub fn trouble(&self) -> Option<&Failure> {
        self.client.as_ref().err()
    }

    /// Carries out an action.
    ///
    /// # Errors
    /// A [`Failure`] that tells what had been done by then.
    pub async fn run(
        &self,
        action: &Action,
        context: &Context,
        until: Until,
    ) -> Result<Outcome, Failure> {
        let outcome = self.carry_out(action, context, until).await;
        match outcome {
            Ok(Outcome::Done { reply, notice }) => Ok(Outcome::Done {
                reply: context.shown(reply),
                notice,
            }),
            Ok(Outcome::Refused { reply }) => Ok(Outcome::Refused {
                reply: context.shown(reply),
            }),
            Ok(Outcome::Ask { question }) => Ok(Outcome::Ask {
                question: context.shown(question),
            }),
            Err(mut failure) => {
                if let Cause::Rejected { message, .. } = &mut failure.cause {
                    *message = context.shown_words(message);
                }
                Err(failure)
            }
        }
    }

    async fn carry_out(
        &self,
        action: &Action,
        context: &Context,
        until: Until,
    ) -> Result<Outcome, Failure> {
        let client = self.client.as_ref().map_err(Clone::clone)?;
        let _turn = if until == Until::End && action.changes() {
            Some(self.turn(context).lock_owned().await)
        } else {
            None
        };
        // From here on: waiting for one's turn is nobody's fault.
        let deadline = Instant::now() + self.connector.limits.budget;
        let mut root = context.values();
        root.insert(
            "settings".to_owned(),
            self.connector.settings.clone().into(),
        );
        let mut course = Course {
            client,
            context,
            personal: context.personal(),
            root,
            deadline,
            done: Vec::new(),
            item: None,
        };
        let ask = action.confirm.as_ref().filter(|_| until == Until::Question);
        for step in &action.steps {
            if let Some(question) = ask
                && step.changes()
            {
                return course.question(question, &action.spot);
            }
            let refused = course.step(step).await.map_err(|mut failure| {
                failure.step.get_or_insert_with(|| step.name.clone());
                failure.done = course.done.clone();
                failure
            })?;
            if let Some(reply) = refused {
                return Ok(Outcome::Refused { reply });
            }
        }
        if let Some(question) = ask {
            return course.question(question, &action.spot);
        }
        let ended = |mut failure: Failure| {
            failure.done = course.done.clone();
            failure
        };
        let reply = course.say(&action.reply, &action.spot).map_err(ended)?;
        let notice = action.notice.as_ref().map(|notice| course.tell(notice));
        let notice = notice.transpose().map_err(ended)?.flatten();
        Ok(Outcome::Done { reply, notice })
    }

    fn turn(&self, context: &Context) -> Arc<tokio::sync::Mutex<()>> {
        let user = context
            .customer
            .as_ref()
            .and_then(|customer| customer.user_id);
        let key = match user {
            Some(user) => format!("user {user}"),
            None => format!("topic {} {}", context.group, context.topic),
        };
        let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
        if locks.len() >= LOCKS {
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        Arc::clone(locks.entry(key).or_default())
    }
}

/// An action on its way.
struct Course<'a> {
    client: &'a Client,
    context: &'a Context,
    personal: Vec<String>,
    root: Map<String, Value>,
    deadline: Instant,
    done: Vec<String>,
    /// Which item of a list it is about.
    item: Option<usize>,
}

impl Course<'_> {
    /// Takes a step; `Some`: the connector says that it goes no further.
    async fn step(&mut self, step: &Step) -> Result<Option<String>, Failure> {
        if let Some(when) = &step.when
            && !when.holds(&self.values()).map_err(template)?
        {
            self.keep(step, json!({ "done": false }));
            return Ok(None);
        }
        self.keep(step, json!({ "done": true }));
        if let Some(request) = &step.request {
            let found = self.items(step, request).await?;
            if step.changes() {
                self.done.push(step.name.clone());
            }
            for (name, value) in found {
                self.set(step, &name, value);
            }
        }
        for (name, computed) in &step.set {
            if let Some(value) = computed.value(&self.values()).map_err(template)? {
                self.set(step, name, value);
            }
        }
        match &step.refuse {
            Some((when, say)) if when.holds(&self.values()).map_err(template)? => {
                self.say(say, &step.spot).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Asks once, or for each item of a list; what the items gave is put together.
    async fn items(
        &mut self,
        step: &Step,
        request: &Request,
    ) -> Result<Map<String, Value>, Failure> {
        let Some(each) = &step.each else {
            return self.pages(step, request).await;
        };
        let list = match each.value(&self.values()).map_err(template)? {
            None => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(one) => vec![one],
        };
        let mut found = Map::new();
        for (name, _) in &step.collect {
            found.insert(name.clone(), json!([]));
        }
        let all = list.len();
        if all > MOST_ITEMS && step.changes() {
            // Half of it would be worse than nothing.
            let cause = Cause::TooMany { most: MOST_ITEMS };
            return Err(Failure::new(cause, format!("{all} items")));
        }
        if all > MOST_ITEMS {
            tracing::warn!(
                step = step.name,
                all,
                read = MOST_ITEMS,
                "not all items are read"
            );
        }
        for (number, item) in list.into_iter().take(MOST_ITEMS).enumerate() {
            self.root.insert("item".to_owned(), item);
            self.item = Some(number);
            let of_item = self.pages(step, request).await;
            self.item = None;
            self.root.remove("item");
            if of_item.is_err() && number > 0 && step.changes() {
                self.done.push(format!("{} ({number}/{all})", step.name));
            }
            for (name, value) in of_item? {
                match (found.get_mut(&name), value) {
                    (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
                    (Some(_), _) => {}
                    (None, value) => drop(found.insert(name, value)),
                }
            }
        }
        Ok(found)
    }

    /// Asks, page after page, and takes what the step wants.
    async fn pages(&self, step: &Step, request: &Request) -> Result<Map<String, Value>, Failure> {
        let values = self.values();
        let mut ask = self.ask(step, request, &values)?;
        let paths = |named: &[(String, Template)]| -> Result<Vec<(String, JsonPath)>, Failure> {
            let named = named.iter();
            named
                .map(|(name, path)| Ok((name.clone(), parsed(path, &values)?)))
                .collect()
        };
        let (extract, collect) = (paths(&step.extract)?, paths(&step.collect)?);
        let next = step
            .pages
            .as_ref()
            .map(|pages| parsed(&pages.next, &values))
            .transpose()?;
        let how = How {
            reads: request.reads,
            repeatable: request.repeatable || request.idempotency_header.is_some(),
            accept: request.accept.clone(),
            text: request.text,
        };
        let mut found = Map::new();
        for (name, _) in &collect {
            found.insert(name.clone(), json!([]));
        }
        let most = step.pages.as_ref().map_or(1, |pages| pages.most);
        for page in 1..=most {
            let asked = self
                .client
                .ask(ask.clone(), &how, self.deadline, &self.personal);
            let (status, answer) = asked.await?;
            found.insert("status".to_owned(), status.into());
            if request.text {
                found.insert(
                    "text".to_owned(),
                    answer.get("text").cloned().unwrap_or_default(),
                );
            }
            for (name, path) in &extract {
                if !found.contains_key(name)
                    && let Some(value) = first(path, &answer)
                {
                    found.insert(name.clone(), value);
                }
            }
            for (name, path) in &collect {
                if let Some(Value::Array(list)) = found.get_mut(name) {
                    let room = MOST_VALUES.saturating_sub(list.len());
                    list.extend(path.query(&answer).all().into_iter().take(room).cloned());
                }
            }
            let (Some(pages), Some(next)) = (&step.pages, &next) else {
                break;
            };
            // What was looked for is found: further pages are not needed.
            let satisfied = collect.is_empty()
                && !extract.is_empty()
                && extract.iter().all(|(name, _)| found.contains_key(name));
            let cursor = first(next, &answer);
            let Some(cursor) = cursor.filter(|cursor| !satisfied && !is_end(cursor)) else {
                break;
            };
            if page == most {
                tracing::warn!(
                    step = step.name,
                    pages = most,
                    "there are more pages than are read"
                );
            }
            self.turn_page(&mut ask, &pages.into, &cursor)?;
        }
        Ok(found)
    }

    fn ask(&self, step: &Step, request: &Request, values: &Values) -> Result<Ask, Failure> {
        let path = request.url.render(values).map_err(template)?;
        let mut url = address::below(self.client.base(), &path)
            .ok_or_else(|| Failure::new(Cause::Setup, "`url` makes no address"))?;
        let query = fields(&request.query, values)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let body = match &request.body {
            Body::None => Payload::None,
            Body::Json(json) => Payload::Json(json.fill(values).map_err(template)?),
            Body::Form(form) => Payload::Form(fields(form, values)?),
        };
        let mut ask = bare(request.method.clone(), url, body);
        for (name, value) in fields(&request.headers, values)? {
            ask.headers.insert(header_name(&name)?, plain(&value)?);
        }
        if let Some(name) = &request.idempotency_header {
            let name: HeaderName = header_name(name)?;
            let item = self.item.map(|item| format!("-{item}")).unwrap_or_default();
            let key = format!("{}-{}{item}", self.context.key, step.name);
            ask.headers.insert(name, plain(&key)?);
        }
        Ok(ask)
    }

    fn turn_page(&self, ask: &mut Ask, into: &CursorPlace, cursor: &Value) -> Result<(), Failure> {
        let text = match cursor {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match into {
            CursorPlace::Url => {
                // Where it leads is checked before anything is sent.
                let next: Result<Url, _> = ask.url.join(&text);
                ask.url =
                    next.map_err(|_| Failure::new(Cause::Malformed, "the next page's address"))?;
            }
            CursorPlace::Query(name) => {
                let kept: Vec<(String, String)> = ask
                    .url
                    .query_pairs()
                    .filter(|(key, _)| key != name)
                    .map(|(key, value)| (key.into_owned(), value.into_owned()))
                    .collect();
                ask.url
                    .query_pairs_mut()
                    .clear()
                    .extend_pairs(kept)
                    .append_pair(name, &text);
            }
            CursorPlace::Json(name) => {
                if let Payload::Json(Value::Object(body)) = &mut ask.body {
                    body.insert(name.clone(), cursor.clone());
                }
            }
        }
        Ok(())
    }

    fn question(&self, question: &Say, spot: &Spot) -> Result<Outcome, Failure> {
        let question = self.say(question, spot)?;
        Ok(Outcome::Ask { question })
    }

    fn say(&self, say: &Say, spot: &Spot) -> Result<String, Failure> {
        let language = self.context.language;
        let words = say.words(language).ok_or_else(|| {
            Failure::new(Cause::Setup, format!("{spot}: there are no words for this"))
        })?;
        let mut root = self.root.clone();
        root.insert("customer".to_owned(), self.context.shown_customer().into());
        words.render(&Values::from(Serde(&root))).map_err(template)
    }

    /// The customer is spoken to in their own language.
    fn tell(&self, notice: &Say) -> Result<Option<String>, Failure> {
        let customer = self.context.customer.as_ref();
        let language = customer.and_then(|customer| customer.language.as_deref());
        let language = language.map_or(self.context.language, Language::from_tag);
        let words = notice.words(language);
        words
            .map(|words| words.render(&self.values()).map_err(template))
            .transpose()
    }

    fn values(&self) -> Values {
        Values::from(Serde(&self.root))
    }

    fn keep(&mut self, step: &Step, value: Value) {
        if let Some(Value::Object(steps)) = self.root.get_mut("steps") {
            steps.insert(step.name.clone(), value);
        }
    }

    fn set(&mut self, step: &Step, name: &str, value: Value) {
        let steps = self.root.get_mut("steps");
        if let Some(Value::Object(values)) = steps.and_then(|steps| steps.get_mut(&step.name)) {
            values.insert(name.to_owned(), value);
        }
    }
}

/// Named values as texts, without those that are to be left out.
fn fields(named: &[(String, Template)], values: &Values) -> Result<Vec<(String, String)>, Failure> {
    let mut fields = Vec::with_capacity(named.len());
    for (name, value) in named {
        match value.value(values).map_err(template)? {
            None => {}
            Some(Value::String(text)) => fields.push((name.clone(), text)),
            Some(Value::Array(list)) => {
                for item in list {
                    let text = item
                        .as_str()
                        .map_or_else(|| item.to_string(), str::to_owned);
                    fields.push((name.clone(), text));
                }
            }
            Some(other) => fields.push((name.clone(), other.to_string())),
        }
    }
    Ok(fields)
}

fn parsed(path: &Template, values: &Values) -> Result<JsonPath, Failure> {
    let text = path.render(values).map_err(template)?;
    JsonPath::parse(&text).map_err(|error| {
        let spot = path.spot();
        Failure::new(
            Cause::Setup,
            format!("{spot}: this is no JSONPath: {error}"),
        )
    })
}

/// The first value that says something.
fn first(path: &JsonPath, answer: &Value) -> Option<Value> {
    let found = path.query(answer).all();
    found.into_iter().find(|value| !value.is_null()).cloned()
}

/// A cursor that leads nowhere.
fn is_end(cursor: &Value) -> bool {
    matches!(cursor, Value::Null | Value::Bool(false)) || cursor.as_str() == Some("")
}

fn template(error: TemplateError) -> Failure {
    match error {
        TemplateError::Missing { spot, name } => {
            Failure::new(Cause::Missing { name }, spot.to_string())
        }
        TemplateError::Wrong { .. } => Failure::new(Cause::Setup, error.to_string()),
    }
}
