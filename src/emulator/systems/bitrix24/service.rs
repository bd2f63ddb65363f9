//! Bitrix24 as the network sees it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::field::{self, Item};
use super::filter::{Filter, compare};
use super::params::{self, integer, list};
use crate::emulator::systems::answer::Answer;
use crate::emulator::systems::call::Call;
use crate::emulator::systems::clock::Clock;
use crate::emulator::systems::faults::FaultQueue;
use crate::emulator::systems::front::{No, System};
use crate::emulator::systems::ids;
use crate::emulator::systems::journal::Journal;
use crate::emulator::systems::pace::{Limit, Pace};

/// The user on whose behalf the webhook acts.
const USER: &str = "1";

/// Bitrix24. Clones share it.
#[derive(Clone, Debug)]
pub struct Bitrix24 {
    /// What goes wrong with the next requests.
    pub faults: FaultQueue,
    /// What was asked. The paths contain the secret.
    pub journal: Journal,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    secret: String,
    clock: Clock,
    portal: Mutex<Portal>,
}

#[derive(Debug)]
struct Portal {
    pace: Pace,
    page_size: usize,
    items: Vec<Item>,
    /// The latest id of a phone and the like.
    ways: i64,
}

type Done = Result<Answer, Answer>;

impl Bitrix24 {
    pub(in crate::emulator::systems) fn new(seed: u64, clock: &Clock) -> Self {
        let mut secret = ids::hex(seed, "bitrix24 webhook", 0);
        secret.truncate(16);
        Self {
            faults: FaultQueue::default(),
            journal: Journal::default(),
            inner: Arc::new(Inner {
                secret,
                clock: clock.clone(),
                portal: Mutex::new(Portal {
                    pace: Pace::new(Limit::Bucket {
                        size: 50,
                        per_second: 2,
                    }),
                    page_size: 50,
                    items: Vec::new(),
                    ways: 100,
                }),
            }),
        }
    }

    /// The webhook's path below the base: `/rest/{user}/{secret}/`.
    #[must_use]
    pub fn webhook(&self) -> String {
        format!("/rest/{USER}/{}/", self.inner.secret)
    }

    /// The secret in it.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.inner.secret
    }

    /// Every item as `crm.item.get` gives it, the oldest first.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        self.portal()
            .items
            .iter()
            .map(|item| item.told(None))
            .collect()
    }

    /// How many items a page holds; 50 at first.
    pub fn set_page_size(&self, size: usize) {
        self.portal().page_size = size.max(1);
    }

    /// Another rate limit; a bucket of 50, of which 2 run out in a second, at first.
    pub fn set_limit(&self, limit: Limit) {
        self.portal().pace.set(limit);
    }

    fn portal(&self) -> MutexGuard<'_, Portal> {
        self.inner
            .portal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, call: &Call) -> Done {
        let mut portal = self.portal();
        let now = self.inner.clock.now();
        portal
            .pace
            .take(now)
            .map_err(|_| self.refuse(No::TooMany(None)))?;
        let (method, parts) = call.at();
        let name = match parts.as_slice() {
            ["rest", user, secret, name] => {
                if *user != USER || *secret != self.inner.secret {
                    return Err(self.refuse(No::ExpiredToken));
                }
                name.strip_suffix(".json").unwrap_or(name)
            }
            ["rest", _] => return Err(no(401, "NO_AUTH_FOUND", "Wrong authorization data")),
            _ => return Err(Answer::empty(404)),
        };
        if !matches!(method, "GET" | "POST") {
            return Err(Answer::empty(405));
        }
        let params = params::read(call);
        let result = match name {
            "crm.item.fields" => {
                let kind = kind(&params)?;
                let fields = field::of(kind);
                let fields: Map<String, Value> = fields
                    .map(|field| (field.name.to_owned(), field.told()))
                    .collect();
                json!({ "result": { "fields": fields } })
            }
            "crm.item.list" => portal.list(&params)?,
            "crm.item.get" => {
                let place = portal.find(&params)?;
                let item = portal.items.get(place);
                json!({ "result": { "item": item.map(|item| item.told(None)) } })
            }
            "crm.item.add" => {
                let kind = kind(&params)?;
                let of_kind = portal.items.iter().filter(|item| item.kind == kind);
                let id = of_kind.map(|item| item.id).max().unwrap_or_default() + 1;
                let mut item = Item::new(kind, id, now);
                let fields = fields(&params)?;
                item.write(&fields, now, &mut portal.ways)
                    .map_err(not_valid)?;
                item.complete().map_err(|name| {
                    let words = format!("Required field \"{name}\" is not filled");
                    no(400, "CRM_FIELD_ERROR_REQUIRED", &words)
                })?;
                let told = item.told(None);
                portal.items.push(item);
                json!({ "result": { "item": told } })
            }
            "crm.item.update" => {
                let place = portal.find(&params)?;
                let fields = fields(&params)?;
                let portal = &mut *portal;
                let Some(item) = portal.items.get_mut(place) else {
                    return Err(missing());
                };
                // All or nothing.
                let mut changed = item.clone();
                changed
                    .write(&fields, now, &mut portal.ways)
                    .map_err(not_valid)?;
                *item = changed;
                json!({ "result": { "item": item.told(None) } })
            }
            _ => return Err(self.refuse(No::NotFound)),
        };
        Ok(Answer::json(200, &self.timed(result)))
    }

    /// Every answer says how long it took.
    fn timed(&self, mut answer: Value) -> Value {
        let now = self.inner.clock.now();
        let seconds = now.as_duration().as_secs_f64();
        let date = now.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string();
        if let Some(answer) = answer.as_object_mut() {
            answer.insert(
                "time".to_owned(),
                json!({
                    "start": seconds,
                    "finish": seconds,
                    "duration": 0.01,
                    "processing": 0.01,
                    "date_start": date,
                    "date_finish": date,
                    "operating": 0,
                }),
            );
        }
        answer
    }
}

impl Portal {
    fn find(&self, params: &Map<String, Value>) -> Result<usize, Answer> {
        let kind = kind(params)?;
        let id = required(params, "id").and_then(|id| integer(id).ok_or_else(missing))?;
        self.items
            .iter()
            .position(|item| item.kind == kind && item.id == id)
            .ok_or_else(missing)
    }

    fn list(&self, params: &Map<String, Value>) -> Result<Value, Answer> {
        let kind = kind(params)?;
        let invalid = |words: String| no(400, "INVALID_ARG_VALUE", &words);
        let filter = match params.get("filter") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(filter)) => filter.clone(),
            Some(Value::Array(filter)) if filter.is_empty() => Map::new(),
            Some(_) => return Err(invalid("Invalid filter: not an object".to_owned())),
        };
        let filter = Filter::read(kind, &filter).map_err(invalid)?;
        let select: Option<Vec<String>> = match params.get("select") {
            None | Some(Value::Null) => None,
            Some(select) => list(select).map(|names| {
                let names = names.into_iter().filter_map(Value::as_str);
                names.map(str::to_owned).collect()
            }),
        };
        let mut found: Vec<&Item> = self
            .items
            .iter()
            .filter(|item| item.kind == kind && filter.fits(item))
            .collect();
        let order = params.get("order").and_then(Value::as_object);
        // Sorting keeps what is equal in order, so the last key comes first.
        for (name, direction) in order.into_iter().flatten().rev() {
            let field = field::of(kind).find(|field| field.name == name);
            let Some(field) = field else {
                return Err(invalid(format!(
                    "Invalid order: field '{name}' is not allowed in order"
                )));
            };
            let direction = direction.as_str().unwrap_or_default().to_uppercase();
            if !matches!(direction.as_str(), "ASC" | "DESC") {
                return Err(invalid(format!(
                    "Invalid order: allowed sort directions are ASC, DESC. But got '{direction}' \
                     for field '{name}'"
                )));
            }
            found.sort_by(|one, other| {
                let order = compare(&one.value(field), &other.value(field));
                if direction == "ASC" {
                    order
                } else {
                    order.reverse()
                }
            });
        }
        let start = params.get("start").and_then(integer).unwrap_or_default();
        // -1: the first page, and nothing is counted.
        let skipped = usize::try_from(start).unwrap_or_default();
        let page: Vec<Value> = found
            .iter()
            .skip(skipped)
            .take(self.page_size)
            .map(|item| item.told(select.as_deref()))
            .collect();
        let mut answer = json!({ "result": { "items": page } });
        if start >= 0
            && let Some(answer) = answer.as_object_mut()
        {
            let next = skipped + self.page_size;
            if next < found.len() {
                answer.insert("next".to_owned(), json!(next));
            }
            answer.insert("total".to_owned(), json!(found.len()));
        }
        Ok(answer)
    }
}

fn required<'a>(params: &'a Map<String, Value>, name: &str) -> Result<&'a Value, Answer> {
    params.get(name).ok_or_else(|| {
        let words = format!("Could not find value for parameter {{{name}}}");
        no(400, "100", &words)
    })
}

/// The type that a request is about.
fn kind(params: &Map<String, Value>) -> Result<i64, Answer> {
    let kind = required(params, "entityTypeId").map(integer)?;
    kind.filter(|kind| (field::LEAD..=field::COMPANY).contains(kind))
        .ok_or_else(|| no(400, "NOT_FOUND", "Smart process not found"))
}

fn fields(params: &Map<String, Value>) -> Result<Map<String, Value>, Answer> {
    match required(params, "fields")? {
        Value::Object(fields) => Ok(fields.clone()),
        _ => Err(no(400, "100", "Invalid value {fields}: not an object")),
    }
}

fn not_valid(name: &str) -> Answer {
    let words = format!("Invalid value for the field \"{name}\"");
    no(400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", &words)
}

fn missing() -> Answer {
    no(400, "NOT_FOUND", "Element not found")
}

fn no(status: u16, code: &str, words: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "error": code, "error_description": words }),
    )
}

impl System for Bitrix24 {
    const BODY: usize = 2 * 1024 * 1024;

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
        match refused {
            No::ExpiredToken => no(401, "INVALID_CREDENTIALS", "Invalid request credentials"),
            No::Forbidden => no(403, "ACCESS_DENIED", "Access denied."),
            No::NotFound => no(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"),
            No::TooMany(wait) => {
                no(503, "QUERY_LIMIT_EXCEEDED", "Too many requests").retry_after(wait)
            }
            No::Overloaded => Answer::text(
                503,
                "text/html",
                "<html><head><title>503 Service Temporarily Unavailable</title></head></html>\n"
                    .to_owned(),
            ),
            No::ServerError => no(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
            No::TooLarge => Answer::empty(413),
        }
    }
}
