//! amoCRM as the network sees it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::account::Account;
use super::entity::{FIELDS, Kind, PIPELINE, STAGES};
use super::grant::{Grants, REDIRECT};
use super::input::{self, Wrong, list, object, wrong};
use crate::emulator::systems::answer::Answer;
use crate::emulator::systems::call::Call;
use crate::emulator::systems::clock::Clock;
use crate::emulator::systems::faults::FaultQueue;
use crate::emulator::systems::front::{No, System};
use crate::emulator::systems::journal::Journal;
use crate::emulator::systems::pace::{Limit, Pace};

/// Entities in one answer or one request, at most.
const PAGE: usize = 250;
/// Leads that are added with everything at once, at most.
const COMPLEX: usize = 50;

/// amoCRM. Clones share it.
#[derive(Clone, Debug)]
pub struct AmoCrm {
    /// What goes wrong with the next requests.
    pub faults: FaultQueue,
    /// What was asked.
    pub journal: Journal,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Where the account is reached.
    base: String,
    clock: Clock,
    account: Mutex<Account>,
}

type Done = Result<Answer, Answer>;

impl AmoCrm {
    pub(in crate::emulator::systems) fn new(seed: u64, clock: &Clock, base: &str) -> Self {
        Self {
            faults: FaultQueue::default(),
            journal: Journal::default(),
            inner: Arc::new(Inner {
                base: format!("{base}/amocrm"),
                clock: clock.clone(),
                account: Mutex::new(Account {
                    pace: Pace::new(Limit::Window {
                        most: 7,
                        within: Duration::from_secs(1),
                    }),
                    early: 0,
                    blocked: HashSet::new(),
                    grants: Grants::new(seed),
                    page_size: PAGE,
                    merges: false,
                    entities: Vec::new(),
                    next_id: 1_000_000,
                    tags: Vec::new(),
                }),
            }),
        }
    }

    /// The token that lives long.
    #[must_use]
    pub fn token(&self) -> String {
        self.account().grants.long_lived.clone()
    }

    /// Client id, client secret and redirect URI of the integration.
    #[must_use]
    pub fn client(&self) -> (String, String, &'static str) {
        let grants = &self.account().grants;
        (
            grants.client_id.clone(),
            grants.client_secret.clone(),
            REDIRECT,
        )
    }

    /// The refresh token that is good next.
    #[must_use]
    pub fn refresh_token(&self) -> String {
        self.account().grants.refresh.clone()
    }

    /// The id of a custom field by its name; 0 where there is none.
    #[must_use]
    pub fn field(name: &str) -> u64 {
        let field = FIELDS.iter().find(|field| field.name == name);
        field.map(|field| field.id).unwrap_or_default()
    }

    /// The pipeline, and its first stage.
    #[must_use]
    pub fn pipeline() -> (u64, u64) {
        (PIPELINE, STAGES.first().copied().unwrap_or_default())
    }

    /// Every contact and lead as the API gives them, with their relations, the oldest first.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        let account = self.account();
        let all = account.entities.iter();
        all.map(|entity| account.told(&self.inner.base, entity, &["leads", "contacts"]))
            .collect()
    }

    /// How many entities a page holds at most; 250 at first.
    pub fn set_page_size(&self, most: usize) {
        self.account().page_size = most.clamp(1, PAGE);
    }

    /// Whether leads that are added at once with a contact are merged with the latest lead of a
    /// contact with the same phone or Telegram id; not at first.
    pub fn set_duplicate_control(&self, on: bool) {
        self.account().merges = on;
    }

    /// Another rate limit; seven requests a second at first.
    pub fn set_limit(&self, limit: Limit) {
        self.account().pace.set(limit);
    }

    /// Lets blocked addresses in again.
    pub fn unblock(&self) {
        let mut account = self.account();
        account.blocked.clear();
        account.early = 0;
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.inner
            .account
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.inner.clock.now().as_second()
    }

    fn done(&self, call: &Call) -> Done {
        let mut account = self.account();
        account
            .paced(call.peer, &self.inner.clock)
            .map_err(|no| self.refuse(no))?;
        let (method, parts) = call.at();
        if let ("POST", ["oauth2", "access_token"]) = (method, parts.as_slice()) {
            let body = json_of(call)?;
            let now = self.inner.clock.now();
            let granted = account.grants.exchange(&body, now);
            return granted.map(|granted| hal(&granted)).map_err(|hint| {
                let mut problem = problem(400, "The request cannot be done");
                if let Some(problem) = problem.as_object_mut() {
                    problem.insert("hint".to_owned(), hint.into());
                }
                refusal(400, &problem)
            });
        }
        let now = self.inner.clock.now();
        if !call
            .bearer()
            .is_some_and(|token| account.grants.good(token, now))
        {
            return Err(self.refuse(No::ExpiredToken));
        }
        let kind = match parts.get(2) {
            Some(&"contacts") => Kind::Contact,
            Some(&"leads") => Kind::Lead,
            _ => return Err(self.refuse(No::NotFound)),
        };
        match (method, parts.as_slice()) {
            ("GET", ["api", "v4", _]) => self.list(call, &account, kind),
            ("GET", ["api", "v4", _, id]) => {
                let with = with(call, &["with"])?;
                match account.find(kind, id) {
                    Some(entity) => Ok(hal(&account.told(&self.inner.base, entity, &with))),
                    // As documented: no content, and no error.
                    None => Ok(Answer::empty(204)),
                }
            }
            ("POST", ["api", "v4", "contacts"]) => self.add_contacts(call, &mut account),
            ("POST", ["api", "v4", "leads", "complex"]) => self.add_complex(call, &mut account),
            ("PATCH", ["api", "v4", _, id]) => self.update(call, &mut account, kind, id),
            (_, ["api", "v4", _]) => Err(refusal(405, &problem(405, "Method Not Allowed"))),
            _ => Err(self.refuse(No::NotFound)),
        }
    }

    fn list(&self, call: &Call, account: &Account, kind: Kind) -> Done {
        // Filters and other orders are not emulated.
        let with = with(call, &["with", "page", "limit", "query"])?;
        let number = |name: &str, default: usize, most: usize| match call.asked(name) {
            None => Ok(default),
            Some(text) => text
                .parse::<usize>()
                .ok()
                .filter(|number| (1..=most).contains(number))
                .ok_or_else(|| {
                    let detail = format!("This value should be between 1 and {most}.");
                    invalid("0", &wrong("InvalidValue", name, &detail))
                }),
        };
        let page = number("page", 1, usize::MAX)?;
        let limit = number("limit", 50, PAGE)?.min(account.page_size);
        let query = call.asked("query").unwrap_or_default();
        let all = account.entities.iter().filter(|entity| entity.kind == kind);
        let mut found = all
            .filter(|entity| query.is_empty() || entity.matches(query))
            .skip((page - 1).saturating_mul(limit))
            .peekable();
        let told: Vec<Value> = found
            .by_ref()
            .take(limit)
            .map(|entity| account.told(&self.inner.base, entity, &with))
            .collect();
        if told.is_empty() {
            return Ok(Answer::empty(204));
        }
        let href = |page: usize| {
            let mut url = format!("{}/api/v4/{}?page={page}", self.inner.base, kind.name());
            let others = call.query.iter().filter(|(name, _)| name != "page");
            for (name, value) in others {
                url.push_str(&format!("&{name}={}", escaped(value)));
            }
            json!({ "href": url })
        };
        let mut links = json!({ "self": href(page) });
        if found.peek().is_some()
            && let Some(links) = links.as_object_mut()
        {
            links.insert("next".to_owned(), href(page + 1));
        }
        Ok(hal(&json!({
            "_page": page,
            "_links": links,
            "_embedded": { (kind.name()): told },
        })))
    }

    fn add_contacts(&self, call: &Call, account: &mut Account) -> Done {
        let body = json_of(call)?;
        let all = several(&body, PAGE)?;
        let now = self.now();
        let mut new = Vec::new();
        for (place, one) in all.iter().enumerate() {
            let request = request_id(one, place);
            let refused = |wrong: Wrong| invalid(&request, &wrong);
            let fields = object("", one, &input::CONTACT).map_err(refused)?;
            let mut contact = account.blank(Kind::Contact, now, new.len());
            account.fill(&mut contact, "", fields).map_err(refused)?;
            new.push((contact, request));
        }
        let told: Vec<Value> = new
            .iter()
            .map(|(contact, request)| {
                let href = format!("{}/api/v4/contacts/{}", self.inner.base, contact.id);
                json!({
                    "id": contact.id,
                    "request_id": request,
                    "_links": { "self": { "href": href } },
                })
            })
            .collect();
        for (contact, _) in new {
            account.keep(contact);
        }
        let href = format!("{}/api/v4/contacts", self.inner.base);
        Ok(hal(&json!({
            "_links": { "self": { "href": href } },
            "_embedded": { "contacts": told },
        })))
    }

    fn add_complex(&self, call: &Call, account: &mut Account) -> Done {
        let body = json_of(call)?;
        let all = several(&body, COMPLEX)?;
        let now = self.now();
        // Read all first: one that is wrong leaves nothing behind.
        let mut new = Vec::new();
        let mut ahead = 0;
        for (place, one) in all.iter().enumerate() {
            let request = request_id(one, place);
            let refused = |wrong: Wrong| invalid(&request, &wrong);
            let fields = object("", one, &input::LEAD).map_err(refused)?;
            let mut lead = account.blank(Kind::Lead, now, ahead);
            account.fill(&mut lead, "", fields).map_err(refused)?;
            let embedded = fields
                .get("_embedded")
                .cloned()
                .unwrap_or_else(|| json!({}));
            let known = ["tags", "contacts", "companies"];
            let embedded = object("_embedded", &embedded, &known).map_err(refused)?;
            let contact = account.related(embedded, now, ahead + 1).map_err(refused)?;
            let companies = list("_embedded", embedded, "companies").map_err(refused)?;
            ahead += 3;
            if !companies.is_empty() {
                lead.company = Some(account.next_id + u64::try_from(ahead).unwrap_or_default());
            }
            new.push((lead, contact, request));
        }
        account.next_id += u64::try_from(ahead).unwrap_or_default();
        let mut answers = Vec::new();
        for (mut lead, contact, request) in new {
            let double = contact.as_ref().and_then(|contact| account.double(contact));
            let (id, merged) = match (double, account.merges) {
                (Some(double), true) => {
                    lead.contacts = double.contacts.clone();
                    lead.company = double.company;
                    (double.id, true)
                }
                _ => (lead.id, false),
            };
            if !merged {
                if let Some(contact) = contact {
                    lead.contacts.push(contact.id);
                    if !account.entities.iter().any(|known| known.id == contact.id) {
                        account.keep(contact);
                    }
                }
                if lead.name.is_empty() {
                    lead.name = format!("Lead #{}", lead.id);
                }
                account.keep(lead.clone());
            }
            answers.push(json!({
                "id": id,
                "contact_id": lead.contacts.first(),
                "company_id": lead.company,
                "request_id": [request],
                "merged": merged,
            }));
        }
        Ok(hal(&json!(answers)))
    }

    fn update(&self, call: &Call, account: &mut Account, kind: Kind, id: &str) -> Done {
        let body = json_of(call)?;
        let known = match kind {
            Kind::Contact => input::CONTACT,
            Kind::Lead => input::LEAD,
        };
        let refused = |wrong: Wrong| invalid("0", &wrong);
        let fields = object("", &body, &known).map_err(refused)?;
        let Some(mut entity) = account.find(kind, id).cloned() else {
            return Err(self.refuse(No::NotFound));
        };
        account.fill(&mut entity, "", fields).map_err(refused)?;
        entity.updated = self.now();
        let href = format!("{}/api/v4/{}/{}", self.inner.base, kind.name(), entity.id);
        let answer = json!({
            "id": entity.id,
            "name": entity.name,
            "updated_at": entity.updated,
            "_links": { "self": { "href": href } },
        });
        account.keep(entity);
        Ok(hal(&answer))
    }
}

/// The relations that are asked for; refuses keys that mean nothing.
fn with<'a>(call: &'a Call, known: &[&str]) -> Result<Vec<&'a str>, Answer> {
    if let Some(name) = call.unknown(known) {
        let wrong = wrong("NotExpected", name, "This field was not expected.");
        return Err(invalid("0", &wrong));
    }
    let with = call.asked("with").unwrap_or_default().split(',');
    Ok(with.map(str::trim).collect())
}

fn json_of(call: &Call) -> Result<Value, Answer> {
    let body = serde_json::from_slice(&call.body).ok();
    body.filter(|_| call.kind() == "application/json")
        .ok_or_else(|| refusal(400, &problem(400, "Invalid JSON")))
}

fn several(body: &Value, most: usize) -> Result<&[Value], Answer> {
    match body.as_array() {
        Some(list) if (1..=most).contains(&list.len()) => Ok(list),
        Some(_) => {
            let detail = format!("This collection should contain from 1 to {most} elements.");
            Err(invalid("0", &wrong("TooMany", "", &detail)))
        }
        None => {
            let detail = "This value should be of type array.";
            Err(invalid("0", &wrong("InvalidType", "", detail)))
        }
    }
}

fn request_id(one: &Value, place: usize) -> String {
    let given = one.get("request_id").and_then(Value::as_str);
    given.map_or_else(|| place.to_string(), str::to_owned)
}

fn escaped(value: &str) -> String {
    let letters = value.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    letters.collect()
}

fn hal(body: &Value) -> Answer {
    Answer::text(200, "application/hal+json", body.to_string())
}

fn problem(status: u16, detail: &str) -> Value {
    let title = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Payload Too Large",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    };
    json!({
        "title": title,
        "type": "https://httpstatus.es/".to_owned() + &status.to_string(),
        "status": status,
        "detail": detail,
    })
}

fn refusal(status: u16, problem: &Value) -> Answer {
    Answer::text(status, "application/problem+json", problem.to_string())
}

fn invalid(request: &str, wrong: &Wrong) -> Answer {
    let mut problem = problem(400, "Request validation failed");
    if let Some(problem) = problem.as_object_mut() {
        problem.insert(
            "validation-errors".to_owned(),
            json!([{ "request_id": request, "errors": [wrong.told()] }]),
        );
    }
    refusal(400, &problem)
}

impl System for AmoCrm {
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
        let (status, detail) = match refused {
            No::ExpiredToken => (401, "Account not found or token is not valid"),
            No::Forbidden => (403, "Forbidden"),
            No::NotFound => (404, "Entity not found"),
            No::TooMany(_) => (429, "Too many requests"),
            No::Overloaded => (503, "Try again later"),
            No::ServerError => (500, "Something broke"),
            No::TooLarge => (413, "The body is too long"),
        };
        let wait = match refused {
            No::TooMany(wait) => wait,
            _ => None,
        };
        refusal(status, &problem(status, detail)).retry_after(wait)
    }

    fn expire(&self) {
        self.account().grants.expire();
    }

    fn fetches_token(&self, path: &str) -> bool {
        path == "/oauth2/access_token"
    }
}
