//! A connector, checked: what it is, what it can do, and how.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use super::arguments::Grammar;
use super::json::JsonTemplate;
use super::secrets::Secrets;
use super::spot::Spot;
use super::template::{Condition, Template};
use crate::i18n::Language;

/// A connector: one outside system and what can be done there.
#[derive(Clone, Debug)]
pub struct Connector {
    /// Its name: that of its file, without `.toml`.
    pub name: Arc<str>,
    /// What people call the system.
    pub title: String,
    /// The preset that it is made from.
    pub preset: Option<String>,
    /// The file that it was read from.
    pub file: Arc<str>,
    /// A hash of all that it is made from.
    pub digest: blake3::Hash,
    pub(super) base: Base,
    /// Plain HTTP is allowed to other machines.
    pub(super) insecure_http: bool,
    /// Settings that must be given.
    pub(super) required: Vec<String>,
    pub(super) settings: Map<String, Value>,
    pub(super) secrets: BTreeMap<String, SecretPlace>,
    pub(super) headers: Vec<(String, Template)>,
    pub(super) auth: Auth,
    pub(super) limits: Limits,
    pub(super) errors: Errors,
    /// What can be done, by name.
    pub actions: BTreeMap<String, Arc<Action>>,
}

/// Where a system is.
#[derive(Clone, Debug)]
pub(super) enum Base {
    /// Not said yet.
    Nowhere,
    /// At an address put together from settings.
    Address(Template),
    /// At an address that is itself a secret.
    Secret(String),
}

/// Where a secret lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecretPlace {
    /// In an environment variable.
    Environment(String),
    /// In a file.
    File(PathBuf),
}

/// How a system knows us. Texts are names of secrets.
#[derive(Clone, Debug)]
pub(super) enum Auth {
    None,
    /// A header of the system's own: its name, what stands before the secret, the secret.
    Header {
        header: String,
        prefix: String,
        secret: String,
    },
    Basic {
        user: Template,
        secret: String,
    },
    OAuth2(OAuth2),
    /// A JSON key of a Google service account.
    GoogleServiceAccount {
        secret: String,
        scope: String,
    },
}

/// OAuth 2.0 without a browser.
#[derive(Clone, Debug)]
pub(super) struct OAuth2 {
    pub(super) grant: Grant,
    pub(super) token_url: Template,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    pub(super) scope: Option<String>,
    pub(super) send_as: SendAs,
    /// Parameters besides the standard's.
    pub(super) extra: Vec<(String, Template)>,
}

/// RFC 6749's ways to a token that need nobody at a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Grant {
    /// Section 4.4.
    ClientCredentials,
    /// Section 6; the name of the secret that holds the first refresh token.
    RefreshToken(String),
}

/// How the token request is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SendAs {
    /// As the standard has it.
    Form,
    /// As some systems want it.
    Json,
}

/// How much the system takes, and how long we wait.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limits {
    /// Requests a second, averaged; 0: as many as there are.
    pub(super) per_second: f64,
    /// Requests that may come at once.
    pub(super) burst: u32,
    /// For one request, from connecting to the last byte.
    pub(super) timeout: Duration,
    /// For an action, waits included.
    pub(super) budget: Duration,
    /// Attempts at one request.
    pub(super) attempts: u32,
    /// Largest answer, bytes.
    pub(super) largest: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            per_second: 5.0,
            burst: 5,
            timeout: Duration::from_secs(10),
            budget: Duration::from_secs(45),
            attempts: 4,
            largest: 2_000_000,
        }
    }
}

/// How the system words its errors.
#[derive(Clone, Debug, Default)]
pub(super) struct Errors {
    /// Where its own words are, JSONPath.
    pub(super) message: Option<serde_json_path::JsonPath>,
    /// Where its code is, JSONPath.
    pub(super) code: Option<serde_json_path::JsonPath>,
    /// Codes that mean "too many requests", whatever the status.
    pub(super) busy: Vec<String>,
}

/// Something to say, in up to three languages.
#[derive(Clone, Debug, Default)]
pub struct Say {
    pub(super) english: Option<Template>,
    pub(super) german: Option<Template>,
    pub(super) russian: Option<Template>,
}

impl Say {
    /// The words in a language, else in English, else in any.
    pub(super) fn words(&self, language: Language) -> Option<&Template> {
        let own = match language {
            Language::English => &self.english,
            Language::German => &self.german,
            Language::Russian => &self.russian,
        };
        let others = [own, &self.english, &self.german, &self.russian];
        others.into_iter().find_map(Option::as_ref)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Template> {
        [&self.english, &self.german, &self.russian]
            .into_iter()
            .filter_map(Option::as_ref)
    }
}

/// Something that can be done in the system.
#[derive(Clone, Debug)]
pub struct Action {
    /// Its name in the file.
    pub name: String,
    /// Where it stands.
    pub(super) spot: Spot,
    /// The command that does it.
    pub command: Option<String>,
    /// Other names of the command.
    pub aliases: Vec<String>,
    /// `/info` shows it.
    pub info: bool,
    /// `/link` asks it whether an account exists.
    pub link: bool,
    /// What it is for.
    pub about: Say,
    /// Who may; `None`: whoever may command the bot.
    pub permission: Option<Vec<String>>,
    /// What follows the command.
    pub grammar: Grammar,
    /// The question to be answered first.
    pub confirm: Option<Say>,
    pub(super) reply: Say,
    /// What the customer is told.
    pub(super) notice: Option<Say>,
    pub(super) steps: Vec<Step>,
}

impl Connector {
    /// Secrets and settings that are not there, and why; `directory` is where the file lies.
    #[must_use]
    pub fn missing(&self, directory: &Path) -> Vec<String> {
        let secrets = Secrets::read(&self.secrets, directory);
        let secrets = secrets.missing();
        let mut missing: Vec<String> = secrets
            .map(|(name, problem)| format!("the secret `{name}`: {problem}"))
            .collect();
        let settings = self.missing_settings();
        missing.extend(settings.map(|name| format!("the setting `{name}`: add it to [settings]")));
        missing
    }

    /// Settings that are required and not given.
    pub(super) fn missing_settings(&self) -> impl Iterator<Item = &str> {
        let empty = |name: &&String| match self.settings.get(*name) {
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Number(number)) => number.as_f64() == Some(0.0),
            Some(_) => false,
            None => true,
        };
        self.required.iter().filter(empty).map(String::as_str)
    }
}

impl Action {
    pub(super) fn new(name: &str, spot: Spot) -> Self {
        Self {
            name: name.to_owned(),
            spot,
            command: None,
            aliases: Vec::new(),
            info: false,
            link: false,
            about: Say::default(),
            permission: None,
            grammar: Grammar::default(),
            confirm: None,
            reply: Say::default(),
            notice: None,
            steps: Vec::new(),
        }
    }

    /// What it is for, in a language.
    #[must_use]
    pub fn about(&self, language: Language) -> Option<&str> {
        self.about.words(language).map(Template::source)
    }

    /// Whether it tells the customer.
    #[must_use]
    pub const fn tells_customer(&self) -> bool {
        self.notice.is_some()
    }

    /// Whether all of it, done twice, is as if done once.
    #[must_use]
    pub fn repeats(&self) -> bool {
        let requests = self.steps.iter().filter_map(|step| step.request.as_ref());
        requests
            .into_iter()
            .all(|it| it.reads || it.repeatable || it.idempotency_header.is_some())
    }

    /// Whether it changes anything in the system.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.steps.iter().any(Step::changes)
    }
}

/// One request, and what is made of its answer. Without an address: only computed values and a
/// reason to stop.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) spot: Spot,
    pub(super) when: Option<Condition>,
    /// A list; the request is made for each `item` of it.
    pub(super) each: Option<Template>,
    pub(super) request: Option<Request>,
    /// JSONPath, first value.
    pub(super) extract: Vec<(String, Template)>,
    /// JSONPath, all values.
    pub(super) collect: Vec<(String, Template)>,
    pub(super) pages: Option<Pages>,
    pub(super) set: Vec<(String, Template)>,
    pub(super) refuse: Option<(Condition, Say)>,
}

impl Step {
    pub(super) fn changes(&self) -> bool {
        self.request.as_ref().is_some_and(|request| !request.reads)
    }

    /// Names of the values that later steps may use.
    pub(super) fn values(&self) -> impl Iterator<Item = &str> {
        let named = [&self.extract, &self.collect, &self.set];
        let names = named.into_iter().flatten().map(|(name, _)| name.as_str());
        let of_answer = self.request.iter().flat_map(|request| {
            let text = request.text.then_some("text");
            std::iter::once("status").chain(text)
        });
        names.chain(of_answer).chain(std::iter::once("done"))
    }
}

/// A request of a step.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: reqwest::Method,
    pub(super) url: Template,
    pub(super) query: Vec<(String, Template)>,
    pub(super) headers: Vec<(String, Template)>,
    pub(super) body: Body,
    /// It changes nothing.
    pub(super) reads: bool,
    /// Done twice it is as if done once.
    pub(super) repeatable: bool,
    pub(super) idempotency_header: Option<String>,
    /// Statuses besides 200 to 299 that are answers.
    pub(super) accept: Vec<u16>,
    /// The answer is a text, not JSON.
    pub(super) text: bool,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(super) enum Body {
    None,
    Json(JsonTemplate),
    Form(Vec<(String, Template)>),
}

/// How to ask for the next page.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    /// JSONPath of the cursor, the offset or the address of the next page.
    pub(super) next: Template,
    pub(super) into: Into,
    pub(super) most: u32,
}

/// Where the cursor goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Into {
    /// It is an address.
    Url,
    /// A parameter of the address.
    Query(String),
    /// A key of the body.
    Json(String),
}
