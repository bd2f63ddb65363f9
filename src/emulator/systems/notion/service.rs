//! Notion as the network sees it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::filter::Filter;
use super::page::{Home, Page, Source};
use super::property::{customers, failed, object, should};
use crate::emulator::systems::answer::Answer;
use crate::emulator::systems::call::Call;
use crate::emulator::systems::clock::Clock;
use crate::emulator::systems::faults::FaultQueue;
use crate::emulator::systems::front::{No, System};
use crate::emulator::systems::ids::{self, same_uuid};
use crate::emulator::systems::journal::Journal;
use crate::emulator::systems::pace::{Limit, Pace, whole_seconds};

/// The only version of the API that is spoken.
pub(in crate::emulator::systems) const VERSION: &str = "2026-03-11";

/// Pages in one answer, at most.
const PAGE: usize = 100;

/// Notion. Clones share it.
#[derive(Clone, Debug)]
pub struct Notion {
    /// What goes wrong with the next requests.
    pub faults: FaultQueue,
    /// What was asked.
    pub journal: Journal,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    seed: u64,
    token: String,
    home: Home,
    clock: Clock,
    space: Mutex<Space>,
}

#[derive(Debug)]
struct Space {
    pace: Pace,
    page_size: usize,
    sources: Vec<Source>,
    pages: Vec<Page>,
}

type Done = Result<Answer, Answer>;

impl Notion {
    pub(in crate::emulator::systems) fn new(seed: u64, clock: &Clock) -> Self {
        let first = Source {
            id: ids::uuid(seed, "notion data source", 0),
            name: "Customers".to_owned(),
            columns: customers(),
        };
        Self {
            faults: FaultQueue::default(),
            journal: Journal::default(),
            inner: Arc::new(Inner {
                seed,
                token: format!("ntn-{}", ids::hex(seed, "notion token", 0)),
                home: Home {
                    database: ids::uuid(seed, "notion database", 0),
                    bot: ids::uuid(seed, "notion bot", 0),
                },
                clock: clock.clone(),
                space: Mutex::new(Space {
                    pace: Pace::new(Limit::Bucket {
                        size: 6,
                        per_second: 3,
                    }),
                    page_size: PAGE,
                    sources: vec![first],
                    pages: Vec::new(),
                }),
            }),
        }
    }

    /// The bearer token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.inner.token
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.inner.home.database
    }

    /// Its data sources, the customers' first.
    #[must_use]
    pub fn data_sources(&self) -> Vec<String> {
        let space = self.space();
        space
            .sources
            .iter()
            .map(|source| source.id.clone())
            .collect()
    }

    /// All pages as the API gives them, the oldest first, those in the trash too.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        let space = self.space();
        let pages = space.pages.iter();
        pages
            .map(|page| page.told(&self.inner.home, &space.sources))
            .collect()
    }

    /// Adds a data source with the same columns to the database; calls that name only the database
    /// fail from now on. Returns its id.
    pub fn add_data_source(&self, name: &str) -> String {
        let mut space = self.space();
        let number = u64::try_from(space.sources.len()).unwrap_or_default();
        let id = ids::uuid(self.inner.seed, "notion data source", number);
        space.sources.push(Source {
            id: id.clone(),
            name: name.to_owned(),
            columns: customers(),
        });
        id
    }

    /// How many pages an answer holds at most, whatever is asked for; 100 at first.
    pub fn set_page_size(&self, most: usize) {
        self.space().page_size = most.clamp(1, PAGE);
    }

    /// Another rate limit; three requests a second on average at first, six at once.
    pub fn set_limit(&self, limit: Limit) {
        self.space().pace.set(limit);
    }

    fn space(&self) -> MutexGuard<'_, Space> {
        self.inner
            .space
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, call: &Call) -> Done {
        if call.bearer() != Some(self.inner.token.as_str()) {
            return Err(no(401, "unauthorized", "API token is invalid."));
        }
        let mut space = self.space();
        space
            .pace
            .take(self.inner.clock.now())
            .map_err(|wait| self.refuse(No::TooMany(Some(whole_seconds(wait)))))?;
        match call.header("notion-version") {
            VERSION => {}
            "" => {
                let words = "Notion-Version header failed validation: Notion-Version header \
                             should be defined, instead was `undefined`.";
                return Err(no(400, "missing_version", words));
            }
            other => {
                return Err(invalid(&format!(
                    "Notion-Version header failed validation: Notion-Version header should be \
                     `\"{VERSION}\"`, instead was `\"{other}\"`."
                )));
            }
        }
        let (method, parts) = call.at();
        match (method, parts.as_slice()) {
            ("GET", ["v1", "databases", id]) => {
                if uuid("database_id", id)? != self.inner.home.database {
                    return Err(missing("database", id));
                }
                Ok(Answer::json(200, &self.inner.home.told(&space.sources)))
            }
            ("GET", ["v1", "data_sources", id]) => {
                let source = source(&mut space.sources, id)?;
                Ok(Answer::json(200, &source.told(&self.inner.home)))
            }
            ("POST", ["v1", "data_sources", id, "query"]) => self.query(call, &mut space, id),
            ("POST", ["v1", "pages"]) => self.create(call, &mut space),
            ("GET", ["v1", "pages", id]) => {
                let space = &mut *space;
                let page = page(&mut space.pages, id)?;
                Ok(Answer::json(
                    200,
                    &page.told(&self.inner.home, &space.sources),
                ))
            }
            ("PATCH", ["v1", "pages", id]) => self.update(call, &mut space, id),
            _ => Err(no(400, "invalid_request_url", "Invalid request URL.")),
        }
    }

    fn query(&self, call: &Call, space: &mut Space, id: &str) -> Done {
        let source = source(&mut space.sources, id)?;
        let body = if call.body.is_empty() {
            json!({})
        } else {
            json_of(call)?
        };
        // Sorts are not emulated: pages come in the order of their making.
        let known = ["filter", "page_size", "start_cursor"];
        let body = object("body", &body, &known).map_err(|words| invalid(&words))?;
        let filter = match body.get("filter") {
            None => None,
            Some(filter) => {
                Some(Filter::read(&source.columns, filter).map_err(|words| invalid(&words))?)
            }
        };
        let size = match body.get("page_size") {
            None => PAGE,
            Some(size) => size
                .as_u64()
                .and_then(|size| usize::try_from(size).ok())
                .filter(|size| (1..=PAGE).contains(size))
                .ok_or_else(|| {
                    invalid(&should("body.page_size", "be a number from 1 to 100", size))
                })?,
        };
        let size = size.min(space.page_size);
        let source = source.id.clone();
        let of_source = space
            .pages
            .iter()
            .filter(|page| page.source == source && !page.in_trash);
        let fitting = of_source.filter(|page| {
            filter
                .as_ref()
                .is_none_or(|filter| filter.fits(&|name: &str| page.values.get(name)))
        });
        let mut fitting = fitting.peekable();
        if let Some(cursor) = body.get("start_cursor") {
            let wrong = || invalid(&should("body.start_cursor", "be a valid uuid", cursor));
            let cursor = cursor.as_str().and_then(same_uuid).ok_or_else(wrong)?;
            while fitting.next_if(|page| page.id != cursor).is_some() {}
            if fitting.peek().is_none() {
                return Err(invalid(&format!(
                    "The start_cursor provided is invalid: {cursor}"
                )));
            }
        }
        let page: Vec<Value> = fitting
            .by_ref()
            .take(size)
            .map(|page| page.told(&self.inner.home, &space.sources))
            .collect();
        let next = fitting.peek().map(|page| page.id.clone());
        Ok(Answer::json(
            200,
            &json!({
                "object": "list",
                "results": page,
                "has_more": next.is_some(),
                "next_cursor": next,
                "type": "page_or_data_source",
                "page_or_data_source": {},
            }),
        ))
    }

    fn create(&self, call: &Call, space: &mut Space) -> Done {
        let body = json_of(call)?;
        let known = ["parent", "properties", "icon", "cover"];
        let body = object("body", &body, &known).map_err(|words| invalid(&words))?;
        let Some(parent) = body.get("parent") else {
            return Err(invalid(&failed(
                "body.parent should be defined, instead was `undefined`.",
            )));
        };
        let number = u64::try_from(space.pages.len()).unwrap_or_default();
        let source = self.parent(space, parent)?;
        let Some(properties) = body.get("properties") else {
            return Err(invalid(&failed(
                "body.properties should be defined, instead was `undefined`.",
            )));
        };
        let now = self.inner.clock.now();
        let mut page = Page {
            id: ids::uuid(self.inner.seed, "notion page", number),
            source: source.id.clone(),
            created: now,
            edited: now,
            in_trash: false,
            values: BTreeMap::new(),
        };
        source
            .write(&mut page, properties)
            .map_err(|words| invalid(&words))?;
        let answer = page.told(&self.inner.home, &space.sources);
        space.pages.push(page);
        Ok(Answer::json(200, &answer))
    }

    fn parent<'a>(&self, space: &'a mut Space, parent: &Value) -> Result<&'a mut Source, Answer> {
        let known = ["type", "data_source_id", "database_id"];
        let fields = object("body.parent", parent, &known).map_err(|words| invalid(&words))?;
        let named = |name: &str| fields.get(name).and_then(Value::as_str);
        let kind = match (named("data_source_id"), named("database_id")) {
            (Some(_), None) => "data_source_id",
            (None, Some(_)) => "database_id",
            _ => {
                return Err(invalid(&failed(
                    "body.parent.data_source_id should be defined, instead was `undefined`.",
                )));
            }
        };
        if let Some(said) = fields.get("type")
            && said != kind
        {
            return Err(invalid(&should(
                "body.parent.type",
                &format!("be `\"{kind}\"`"),
                said,
            )));
        }
        let id = named(kind).unwrap_or_default();
        if kind == "data_source_id" {
            return source(&mut space.sources, id);
        }
        if uuid("database_id", id)? != self.inner.home.database {
            return Err(missing("database", id));
        }
        if space.sources.len() > 1 {
            let children: Vec<&str> = space
                .sources
                .iter()
                .map(|source| source.id.as_str())
                .collect();
            return Err(Answer::json(
                400,
                &json!({
                    "object": "error",
                    "status": 400,
                    "code": "validation_error",
                    "message": "Databases with multiple data sources are not supported in this \
                                API version.",
                    "additional_data": {
                        "error_type": "multiple_data_sources_for_database",
                        "database_id": self.inner.home.database,
                        "child_data_source_ids": children,
                        "minimum_api_version": "2025-09-03",
                    },
                }),
            ));
        }
        space
            .sources
            .first_mut()
            .ok_or_else(|| missing("database", id))
    }

    fn update(&self, call: &Call, space: &mut Space, id: &str) -> Done {
        let page = page(&mut space.pages, id)?;
        let body = json_of(call)?;
        // `archived` is gone since 2026-03-11.
        let known = ["properties", "in_trash", "icon", "cover", "is_locked"];
        let body = object("body", &body, &known).map_err(|words| invalid(&words))?;
        let in_trash = match body.get("in_trash") {
            None => page.in_trash,
            Some(Value::Bool(in_trash)) => *in_trash,
            Some(other) => return Err(invalid(&should("body.in_trash", "be a boolean", other))),
        };
        if page.in_trash && in_trash {
            let words = "Can't edit block that is in the trash. You must restore the block before \
                         editing.";
            return Err(invalid(words));
        }
        if let Some(properties) = body.get("properties") {
            let source = source(&mut space.sources, &page.source)?;
            source
                .write(page, properties)
                .map_err(|words| invalid(&words))?;
        }
        page.in_trash = in_trash;
        page.edited = self.inner.clock.now();
        Ok(Answer::json(
            200,
            &page.told(&self.inner.home, &space.sources),
        ))
    }
}

fn source<'a>(sources: &'a mut [Source], id: &str) -> Result<&'a mut Source, Answer> {
    let wanted = uuid("data_source_id", id)?;
    let found = sources.iter_mut().find(|source| source.id == wanted);
    found.ok_or_else(|| missing("data source", id))
}

fn page<'a>(pages: &'a mut [Page], id: &str) -> Result<&'a mut Page, Answer> {
    let wanted = uuid("page_id", id)?;
    let found = pages.iter_mut().find(|page| page.id == wanted);
    found.ok_or_else(|| missing("page", id))
}

fn uuid(name: &str, id: &str) -> Result<String, Answer> {
    same_uuid(id).ok_or_else(|| {
        invalid(&format!(
            "path failed validation: path.{name} should be a valid uuid, instead was `\"{id}\"`."
        ))
    })
}

fn json_of(call: &Call) -> Result<Value, Answer> {
    let body = serde_json::from_slice(&call.body).ok();
    body.filter(|_| call.kind() == "application/json")
        .ok_or_else(|| no(400, "invalid_json", "Error parsing JSON body."))
}

fn missing(what: &str, id: &str) -> Answer {
    let words = format!(
        "Could not find {what} with ID: {id}. Make sure the relevant pages and databases are \
         shared with your integration."
    );
    no(404, "object_not_found", &words)
}

fn invalid(message: &str) -> Answer {
    no(400, "validation_error", message)
}

fn no(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "object": "error", "status": status, "code": code, "message": message }),
    )
}

impl System for Notion {
    const BODY: usize = 500 * 1024;

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
            No::ExpiredToken => no(401, "unauthorized", "API token is invalid."),
            No::Forbidden => no(
                403,
                "restricted_resource",
                "API token does not have access to this resource.",
            ),
            No::NotFound => no(
                404,
                "object_not_found",
                "Could not find what was asked for.",
            ),
            No::TooMany(wait) => no(
                429,
                "rate_limited",
                "You have been rate limited. Please try again in a few minutes.",
            )
            .retry_after(wait),
            No::Overloaded => no(
                529,
                "service_overload",
                "Notion is overloaded. Please try again later.",
            )
            .retry_after(Some(1)),
            No::ServerError => no(500, "internal_server_error", "Unexpected error occurred."),
            No::TooLarge => no(413, "validation_error", "Payload too large."),
        }
    }
}
