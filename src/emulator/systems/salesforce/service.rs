//! Salesforce as the network sees it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::object::{Contact, EXTERNAL, OBJECT, Wrong, named, wrong};
use super::soql::Query;
use crate::emulator::systems::answer::Answer;
use crate::emulator::systems::call::Call;
use crate::emulator::systems::clock::Clock;
use crate::emulator::systems::faults::FaultQueue;
use crate::emulator::systems::front::{No, System};
use crate::emulator::systems::ids;
use crate::emulator::systems::journal::Journal;
use crate::emulator::systems::pace::{Limit, Pace};

/// How long a token is good for; nobody is told.
const LIFE: Duration = Duration::from_secs(2 * 3_600);
/// Records in one answer, at most.
const PAGE: usize = 2_000;
/// Requests in a day, at most.
const DAY: usize = 15_000;
/// Queries that can be gone on with, at most.
const MOST_QUERIES: usize = 100;
/// Versions of the API that are known.
const VERSIONS: std::ops::RangeInclusive<u32> = 31..=70;
/// Since this version, updates are answered with a body.
const TALKATIVE: u32 = 46;

/// Salesforce. Clones share it.
#[derive(Clone, Debug)]
pub struct Salesforce {
    /// What goes wrong with the next requests.
    pub faults: FaultQueue,
    /// What was asked.
    pub journal: Journal,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    seed: u64,
    /// Where the organisation is reached.
    base: String,
    client_id: String,
    client_secret: String,
    clock: Clock,
    org: Mutex<Org>,
}

#[derive(Debug)]
struct Org {
    pace: Pace,
    used: usize,
    page_size: usize,
    /// Tokens, and until when they are good.
    tokens: HashMap<String, Timestamp>,
    fetched: u64,
    contacts: Vec<Contact>,
    /// What queries have still to give, by their locator.
    queries: HashMap<String, (usize, Vec<Value>)>,
    asked: u64,
}

type Done = Result<Answer, Answer>;

impl Salesforce {
    pub(in crate::emulator::systems) fn new(seed: u64, clock: &Clock, base: &str) -> Self {
        Self {
            faults: FaultQueue::default(),
            journal: Journal::default(),
            inner: Arc::new(Inner {
                seed,
                base: format!("{base}/salesforce"),
                client_id: format!("3MVG9{}", ids::hex(seed, "salesforce client", 0)),
                client_secret: ids::hex(seed, "salesforce secret", 0),
                clock: clock.clone(),
                org: Mutex::new(Org {
                    pace: Pace::new(Limit::Window {
                        most: DAY,
                        within: Duration::from_secs(24 * 3_600),
                    }),
                    used: 0,
                    page_size: PAGE,
                    tokens: HashMap::new(),
                    fetched: 0,
                    contacts: Vec::new(),
                    queries: HashMap::new(),
                    asked: 0,
                }),
            }),
        }
    }

    /// The connected app's key and secret.
    #[must_use]
    pub fn client(&self) -> (&str, &str) {
        (&self.inner.client_id, &self.inner.client_secret)
    }

    /// Every contact as the API gives it, the oldest first.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        let org = self.org();
        let contacts = org.contacts.iter();
        contacts
            .map(|contact| contact.told("v62.0", None))
            .collect()
    }

    /// Adds a contact as somebody inside would: the external id may be there already. False where
    /// the fields make none.
    pub fn add(&self, fields: &Value) -> bool {
        let now = self.inner.clock.now();
        let mut org = self.org();
        let mut contact = self.blank(&org);
        let written = fields
            .as_object()
            .is_some_and(|fields| contact.write(fields, now).is_ok());
        if written {
            org.contacts.push(contact);
        }
        written
    }

    /// How many records an answer to a query holds at most; 2,000 at first.
    pub fn set_page_size(&self, most: usize) {
        self.org().page_size = most.clamp(1, PAGE);
    }

    /// Another rate limit; 15,000 requests in 24 hours at first.
    pub fn set_limit(&self, limit: Limit) {
        self.org().pace.set(limit);
    }

    fn org(&self) -> MutexGuard<'_, Org> {
        self.inner
            .org
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn blank(&self, org: &Org) -> Contact {
        let number = u64::try_from(org.contacts.len()).unwrap_or_default();
        Contact::new(self.inner.seed, number, self.inner.clock.now())
    }

    fn done(&self, call: &Call) -> Done {
        let (method, parts) = call.at();
        if let ("POST", ["services", "oauth2", "token"]) = (method, parts.as_slice()) {
            return self.token(call);
        }
        let mut org = self.org();
        let now = self.inner.clock.now();
        let good = call.bearer().and_then(|token| org.tokens.get(token));
        if good.is_none_or(|until| *until <= now) {
            return Err(self.refuse(No::ExpiredToken));
        }
        org.pace
            .take(now)
            .map_err(|_| self.refuse(No::TooMany(None)))?;
        org.used += 1;
        let ["services", "data", version, rest @ ..] = parts.as_slice() else {
            return Err(self.refuse(No::NotFound));
        };
        let number = number_of(version).ok_or_else(|| self.refuse(No::NotFound))?;
        let answer = match (method, rest) {
            ("PATCH", ["sobjects", object, field, value]) => {
                self.external(object, field)?;
                self.upsert(call, &mut org, (version, number), value)
            }
            ("GET", ["sobjects", object, field, value]) => {
                self.external(object, field)?;
                let fields = chosen(call)?;
                match org.matching(value).as_slice() {
                    [] => Err(self.refuse(No::NotFound)),
                    [one] => Ok(Answer::json(200, &one.told(version, fields.as_deref()))),
                    several => Ok(choices(several, version)),
                }
            }
            ("GET", ["sobjects", object, id]) => {
                self.known(object)?;
                let fields = chosen(call)?;
                // Fifteen letters are enough.
                let found = org.contacts.iter().find(|contact| {
                    contact.id == *id || (id.len() == 15 && contact.id.starts_with(id))
                });
                let found = found.ok_or_else(|| self.refuse(No::NotFound))?;
                Ok(Answer::json(200, &found.told(version, fields.as_deref())))
            }
            ("GET", ["query"]) => self.query(call, &mut org, version),
            ("GET", ["query", locator]) => org.more(locator, version).ok_or_else(|| {
                let words = "invalid query locator";
                told(400, &[wrong("INVALID_QUERY_LOCATOR", words, &[])])
            }),
            (_, ["sobjects", ..] | ["query", ..]) => {
                let words = format!("HTTP Method '{method}' not allowed.");
                Err(told(405, &[wrong("METHOD_NOT_ALLOWED", words, &[])]))
            }
            _ => Err(self.refuse(No::NotFound)),
        };
        let usage = format!("api-usage={}/{DAY}", org.used);
        answer.map(|answer| answer.with("sforce-limit-info", usage))
    }

    fn token(&self, call: &Call) -> Done {
        let refused = |code: &str, words: &str| {
            Answer::json(400, &json!({ "error": code, "error_description": words }))
        };
        if call.kind() != "application/x-www-form-urlencoded" {
            return Err(refused("invalid_request", "the body has to be a form"));
        }
        let form = call.form();
        let field = |name: &str| {
            let found = form.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        if field("grant_type") != "client_credentials" {
            return Err(refused(
                "unsupported_grant_type",
                "grant type not supported",
            ));
        }
        let given = call
            .basic()
            .unwrap_or_else(|| (field("client_id"), field("client_secret")));
        if given.0 != self.inner.client_id {
            return Err(refused("invalid_client_id", "client identifier invalid"));
        }
        if given.1 != self.inner.client_secret {
            return Err(refused("invalid_client", "invalid client credentials"));
        }
        let now = self.inner.clock.now();
        let mut org = self.org();
        org.tokens.retain(|_, until| *until > now);
        org.fetched += 1;
        let token = format!(
            "00D{}",
            ids::hex(self.inner.seed, "salesforce token", org.fetched)
        );
        let until = now.checked_add(LIFE).unwrap_or(now);
        org.tokens.insert(token.clone(), until);
        Ok(Answer::json(
            200,
            &json!({
                "access_token": token,
                "signature": ids::hex(self.inner.seed, "salesforce signature", org.fetched),
                "scope": "api",
                "instance_url": self.inner.base,
                "id": format!("{}/id/00D000000000001AAA/005000000000001AAA", self.inner.base),
                "token_type": "Bearer",
                "issued_at": now.as_millisecond().to_string(),
            }),
        ))
    }

    fn known(&self, object: &str) -> Result<(), Answer> {
        if object == OBJECT {
            return Ok(());
        }
        Err(self.refuse(No::NotFound))
    }

    fn external(&self, object: &str, field: &str) -> Result<(), Answer> {
        self.known(object)?;
        if field == EXTERNAL {
            return Ok(());
        }
        let words =
            format!("Provided external ID field does not exist or is not accessible: {field}");
        Err(told(404, &[wrong("NOT_FOUND", words, &[])]))
    }

    fn upsert(&self, call: &Call, org: &mut Org, version: (&str, u32), value: &str) -> Done {
        let update_only = match (call.unknown(&["updateOnly"]), call.asked("updateOnly")) {
            (Some(name), _) => {
                let words = format!("unknown parameter {name}");
                return Err(told(
                    400,
                    &[wrong("INVALID_QUERY_FILTER_OPERATOR", words, &[])],
                ));
            }
            (None, only) => only == Some("true"),
        };
        let body = serde_json::from_slice::<Value>(&call.body).ok();
        let body = body.filter(|_| call.kind() == "application/json");
        let Some(Value::Object(mut body)) = body else {
            let words = "The HTTP entity body is required, but it was not given or is no JSON";
            return Err(told(400, &[wrong("JSON_PARSER_ERROR", words, &[])]));
        };
        let given = body.keys().find(|name| name.eq_ignore_ascii_case(EXTERNAL));
        if given.is_some() {
            let words =
                format!("The {EXTERNAL} field should not be specified in the sobject data.");
            return Err(told(400, &[wrong("INVALID_FIELD", words, &[])]));
        }
        let now = self.inner.clock.now();
        let places: Vec<usize> = org.places(value);
        match places.as_slice() {
            [] if update_only => Err(self.refuse(No::NotFound)),
            [] => {
                let mut contact = self.blank(org);
                body.insert(EXTERNAL.to_owned(), value.into());
                contact
                    .write(&body, now)
                    .map_err(|wrong| told(400, &[wrong]))?;
                let answer = upserted(&contact.id, true);
                org.contacts.push(contact);
                Ok(Answer::json(201, &answer))
            }
            [place] => {
                let contact = org.contacts.get_mut(*place);
                let contact = contact.ok_or_else(|| self.refuse(No::ServerError))?;
                let mut changed = contact.clone();
                changed
                    .write(&body, now)
                    .map_err(|wrong| told(400, &[wrong]))?;
                *contact = changed;
                Ok(if version.1 >= TALKATIVE {
                    Answer::json(200, &upserted(&contact.id, false))
                } else {
                    Answer::empty(204)
                })
            }
            _ => Ok(choices(&org.matching(value), version.0)),
        }
    }

    fn query(&self, call: &Call, org: &mut Org, version: &str) -> Done {
        let text = call.asked("q").unwrap_or_default();
        let query = Query::read(text).map_err(|wrong| told(400, &[wrong]))?;
        let fitting = org.contacts.iter().filter(|contact| query.fits(contact));
        let records: Vec<Value> = fitting
            .take(query.limit.unwrap_or(usize::MAX))
            .map(|contact| contact.told(version, Some(&query.fields)))
            .collect();
        org.asked += 1;
        let locator = ids::hex(self.inner.seed, "salesforce query", org.asked);
        let locator = format!("01g{}", locator.get(..15).unwrap_or_default());
        if org.queries.len() >= MOST_QUERIES {
            org.queries.clear();
        }
        let first = format!("{locator}-0");
        org.queries.insert(first.clone(), (records.len(), records));
        org.more(&first, version)
            .ok_or_else(|| self.refuse(No::ServerError))
    }
}

impl Org {
    fn places(&self, external: &str) -> Vec<usize> {
        let contacts = self.contacts.iter().enumerate();
        contacts
            .filter(|(_, contact)| contact.value(EXTERNAL).as_deref() == Some(external))
            .map(|(place, _)| place)
            .collect()
    }

    fn matching(&self, external: &str) -> Vec<&Contact> {
        let places = self.places(external).into_iter();
        places
            .filter_map(|place| self.contacts.get(place))
            .collect()
    }

    /// The next page of a query. A page can be fetched again, as long as the query is known.
    fn more(&mut self, locator: &str, version: &str) -> Option<Answer> {
        let (total, records) = self.queries.get(locator)?.clone();
        let (page, rest) = records.split_at(self.page_size.min(records.len()));
        let mut answer = json!({
            "totalSize": total,
            "done": rest.is_empty(),
            "records": page,
        });
        if !rest.is_empty()
            && let Some(answer) = answer.as_object_mut()
        {
            let (query, _) = locator.split_once('-')?;
            let next = format!("{query}-{}", total - rest.len());
            let url = format!("/services/data/{version}/query/{next}");
            answer.insert("nextRecordsUrl".to_owned(), url.into());
            self.queries.insert(next, (total, rest.to_vec()));
        }
        Some(Answer::json(200, &answer))
    }
}

/// The number of `v62.0`.
fn number_of(version: &str) -> Option<u32> {
    let number = version.strip_prefix('v')?.strip_suffix(".0")?;
    let number = number.parse().ok()?;
    VERSIONS.contains(&number).then_some(number)
}

/// The fields that a request asks for.
fn chosen(call: &Call) -> Result<Option<Vec<&'static str>>, Answer> {
    let Some(names) = call.asked("fields") else {
        return Ok(None);
    };
    let fields = names.split(',').map(|name| {
        let name = name.trim();
        named(name).ok_or_else(|| {
            let words = format!("No such column '{name}' on sobject of type {OBJECT}");
            told(400, &[wrong("INVALID_FIELD", words, &[])])
        })
    });
    fields.collect::<Result<_, _>>().map(Some)
}

fn choices(several: &[&Contact], version: &str) -> Answer {
    let urls: Vec<String> = several.iter().map(|one| one.url(version)).collect();
    Answer::json(300, &json!(urls))
}

fn upserted(id: &str, created: bool) -> Value {
    json!({ "id": id, "success": true, "errors": [], "created": created })
}

fn told(status: u16, all: &[Wrong]) -> Answer {
    let all: Vec<Value> = all
        .iter()
        .map(|wrong| {
            let mut told = Map::new();
            told.insert("message".to_owned(), wrong.message.as_str().into());
            told.insert("errorCode".to_owned(), wrong.code.into());
            if !wrong.fields.is_empty() {
                told.insert("fields".to_owned(), json!(wrong.fields));
            }
            Value::Object(told)
        })
        .collect();
    Answer::json(status, &Value::from(all))
}

impl System for Salesforce {
    const BODY: usize = 6 * 1024 * 1024;

    fn faults(&self) -> &FaultQueue {
        &self.faults
    }

    fn journal(&self) -> &Journal {
        &self.journal
    }

    fn serve(&self, call: &Call) -> Answer {
        self.done(call).unwrap_or_else(|refused| refused)
    }

    fn refuse(&self, refused: No) -> Answer {
        let (status, code, words) = match refused {
            No::ExpiredToken => (401, "INVALID_SESSION_ID", "Session expired or invalid"),
            No::Forbidden => (
                403,
                "INSUFFICIENT_ACCESS",
                "insufficient access rights on object id",
            ),
            No::NotFound => (404, "NOT_FOUND", "The requested resource does not exist"),
            No::TooMany(_) => (
                403,
                "REQUEST_LIMIT_EXCEEDED",
                "TotalRequests Limit exceeded.",
            ),
            No::Overloaded => (
                503,
                "SERVER_UNAVAILABLE",
                "The server is too busy. Try again later.",
            ),
            No::ServerError => (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
            No::TooLarge => (413, "REQUEST_ENTITY_TOO_LARGE", "The body is too long."),
        };
        let wait = match refused {
            No::TooMany(wait) => wait,
            _ => None,
        };
        told(status, &[wrong(code, words, &[])]).retry_after(wait)
    }

    fn expire(&self) {
        self.org().tokens.clear();
    }

    fn fetches_token(&self, path: &str) -> bool {
        path == "/services/oauth2/token"
    }
}
