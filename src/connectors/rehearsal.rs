//! What a connector would ask, for a made-up customer, without asking.

use minijinja::value::{Serde, Value as Values};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::address;
use super::context::{Context, Operator};
use super::definition::{Action, Auth, Base, Body, Connector, Grant, Request, Step};
use super::template::{Template, TemplateError};
use crate::i18n::Language;
use crate::model::{Customer, GroupId, PersonId, TopicId};

/// An action's steps, as they would go.
#[derive(Clone, Debug, Serialize)]
pub struct RehearsedAction {
    /// The action's name.
    pub action: String,
    /// Its steps.
    pub steps: Vec<RehearsedStep>,
}

/// A step as it would go.
#[derive(Clone, Debug, Serialize)]
pub struct RehearsedStep {
    /// Its name.
    pub step: String,
    /// Only when this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// It is done for each item of this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<String>,
    /// It changes something.
    pub changes: bool,
    /// Method and address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Why it cannot be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Connector {
    /// Every action as it would go for a made-up customer. What only an answer tells stands as
    /// `step.value`.
    #[must_use]
    pub fn rehearse(&self) -> Vec<RehearsedAction> {
        let actions = self.actions.values();
        actions
            .map(|action| RehearsedAction {
                action: action.name.clone(),
                steps: self.steps(action),
            })
            .collect()
    }

    /// The address, as far as it is no secret; with settings that are not given it has gaps.
    #[must_use]
    pub fn address(&self) -> String {
        match &self.base {
            Base::Nowhere => String::new(),
            Base::Secret(name) => format!("(secret {name})"),
            Base::Address(template) => {
                let settings = Values::from(Serde(json!({ "settings": self.settings })));
                template.render(&settings).unwrap_or_default()
            }
        }
    }

    /// How the system knows us, in words.
    #[must_use]
    pub fn login(&self) -> &'static str {
        match &self.auth {
            Auth::None if matches!(self.base, Base::Secret(_)) => "secret address",
            Auth::None => "none",
            Auth::Header { prefix, .. } if prefix == "Bearer " => "bearer token",
            Auth::Header { .. } => "header",
            Auth::Basic { .. } => "basic",
            Auth::OAuth2(oauth) => match oauth.grant {
                Grant::ClientCredentials => "OAuth 2.0, client credentials",
                Grant::RefreshToken(_) => "OAuth 2.0, refresh token",
            },
            Auth::GoogleServiceAccount { .. } => "Google service account",
        }
    }

    fn steps(&self, action: &Action) -> Vec<RehearsedStep> {
        let mut root = made_up(action).values();
        root.insert("settings".to_owned(), self.settings.clone().into());
        root.insert("account".to_owned(), "N005".into());
        let mut rehearsed = Vec::with_capacity(action.steps.len());
        for step in &action.steps {
            if step.each.is_some() {
                root.insert("item".to_owned(), "item".into());
            }
            rehearsed.push(self.step(step, &root));
            root.remove("item");
            let mut values = stood_for(step);
            keep(&mut root, step, &values);
            for (name, computed) in &step.set {
                // What cannot be computed from stand-ins stands for itself.
                match computed.value(&Values::from(Serde(&root))) {
                    Ok(Some(value)) if !is_nothing(&value) => {
                        values.insert(name.clone(), value);
                    }
                    _ => {}
                }
                keep(&mut root, step, &values);
            }
        }
        rehearsed
    }

    fn step(&self, step: &Step, root: &Map<String, Value>) -> RehearsedStep {
        let mut shown = RehearsedStep {
            step: step.name.clone(),
            when: step.when.as_ref().map(|when| when.source().to_owned()),
            each: step.each.as_ref().map(|each| each.source().to_owned()),
            changes: step.changes(),
            request: None,
            body: None,
            problem: None,
        };
        if let Some(request) = &step.request {
            match self.asked(request, &Values::from(Serde(root))) {
                Ok((line, body)) => {
                    shown.request = Some(line);
                    shown.body = body;
                }
                Err(error) => shown.problem = Some(error.to_string()),
            }
        }
        shown
    }

    fn asked(
        &self,
        request: &Request,
        values: &Values,
    ) -> Result<(String, Option<Value>), TemplateError> {
        let path = request.url.render(values)?;
        let address = match &self.base {
            Base::Secret(name) => format!("({name}){path}"),
            _ => {
                let base = reqwest::Url::parse(&self.address()).ok();
                let url = base.and_then(|base| address::below(&base, &path));
                url.map_or(path, |url| url.to_string())
            }
        };
        let mut line = format!("{} {address}", request.method);
        let pairs = |named: &[(String, Template)]| -> Result<Map<String, Value>, TemplateError> {
            let mut pairs = Map::new();
            for (name, value) in named {
                pairs.extend(value.value(values)?.map(|value| (name.clone(), value)));
            }
            Ok(pairs)
        };
        for (index, (name, value)) in pairs(&request.query)?.into_iter().enumerate() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            line.push(if index == 0 { '?' } else { '&' });
            line.push_str(&format!("{name}={value}"));
        }
        let body = match &request.body {
            Body::None => None,
            Body::Json(json) => Some(json.fill(values)?),
            Body::Form(fields) => Some(pairs(fields)?.into()),
        };
        Ok((line, body))
    }
}

/// Stand-ins for what an answer would tell.
fn stood_for(step: &Step) -> Map<String, Value> {
    let stand_in = |name: &str| Value::from(format!("{}.{name}", step.name));
    let mut values = Map::new();
    values.insert("done".to_owned(), true.into());
    if step.request.is_some() {
        values.insert("status".to_owned(), 200.into());
    }
    for (name, _) in step.extract.iter().chain(&step.set) {
        values.insert(name.clone(), stand_in(name));
    }
    for (name, _) in &step.collect {
        values.insert(name.clone(), json!([stand_in(name)]));
    }
    values
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || value == &json!(0) || value == &json!("") || value == &json!([])
}

fn keep(root: &mut Map<String, Value>, step: &Step, values: &Map<String, Value>) {
    if let Some(Value::Object(steps)) = root.get_mut("steps") {
        steps.insert(step.name.clone(), values.clone().into());
    }
}

/// A customer, an operator and arguments that nobody has.
fn made_up(action: &Action) -> Context {
    let text = |text: &str| Some(text.to_owned());
    let arguments = action.grammar.parse(&action.grammar.example());
    Context {
        customer: Some(Customer {
            user_id: Some(PersonId(987_654_321)),
            first_name: text("Anna"),
            last_name: text("Schmidt"),
            username: text("anna_s"),
            language: text("de"),
            phone: text("+49301234567"),
            chat_title: None,
        }),
        operator: Operator {
            id: Some(PersonId(1_234_567)),
            name: text("Otto Operator"),
            username: text("otto"),
        },
        group: GroupId::EXAMPLE,
        group_title: text("Support desk"),
        topic: TopicId(5343),
        topic_title: text("Anna Schmidt"),
        accounts: vec!["N005".to_owned()],
        arguments: arguments.unwrap_or_default(),
        language: Language::English,
        mask: false,
        now: 1_795_442_709,
        key: "rehearsal".to_owned(),
    }
}
