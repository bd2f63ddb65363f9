//! The service as the network sees it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::account::{Account, Subscription, TARIFFS, Tariff, Transaction, made_up};
use super::money::Money;
use super::subscription::Period;
use crate::emulator::systems::answer::Answer;
use crate::emulator::systems::call::Call;
use crate::emulator::systems::clock::Clock;
use crate::emulator::systems::faults::FaultQueue;
use crate::emulator::systems::front::{No, System};
use crate::emulator::systems::ids;
use crate::emulator::systems::journal::Journal;
use crate::emulator::systems::pace::{Limit, Pace, whole_seconds};

/// Answers under idempotency keys that are kept, at most.
const MOST_KEYS: usize = 10_000;

/// The billing service. Clones share it.
#[derive(Clone, Debug)]
pub struct Billing {
    /// What goes wrong with the next requests.
    pub faults: FaultQueue,
    /// What was asked.
    pub journal: Journal,
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    token: String,
    clock: Clock,
    book: Mutex<Book>,
}

#[derive(Debug)]
struct Book {
    pace: Pace,
    most_a_page: usize,
    accounts: Vec<Account>,
    /// What was asked under a key, and what was answered.
    keys: HashMap<String, (String, Answer)>,
    sold: u64,
}

type Done = Result<Answer, Answer>;

impl Billing {
    pub(in crate::emulator::systems) fn new(seed: u64, clock: &Clock) -> Self {
        Self {
            faults: FaultQueue::default(),
            journal: Journal::default(),
            inner: Arc::new(Inner {
                token: format!("bill-{}", ids::hex(seed, "billing token", 0)),
                clock: clock.clone(),
                book: Mutex::new(Book {
                    pace: Pace::new(Limit::Window {
                        most: 10,
                        within: Duration::from_secs(1),
                    }),
                    most_a_page: 100,
                    accounts: made_up(seed, clock.now(), clock.today()),
                    keys: HashMap::new(),
                    sold: 0,
                }),
            }),
        }
    }

    /// The bearer token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.inner.token
    }

    /// All accounts as `GET /v1/accounts` lists them, each with its `transactions`, newest first.
    #[must_use]
    pub fn records(&self) -> Vec<Value> {
        let today = self.inner.clock.today();
        let accounts = &self.book().accounts;
        let whole = |account: &Account| {
            let mut view = account.view(today);
            let past: Vec<Value> = newest_first(account).map(Transaction::view).collect();
            if let Some(view) = view.as_object_mut() {
                view.insert("transactions".to_owned(), past.into());
            }
            view
        };
        accounts.iter().map(whole).collect()
    }

    /// One account as `GET /v1/accounts/{id}` gives it.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<Value> {
        let today = self.inner.clock.today();
        let book = self.book();
        let account = book.accounts.iter().find(|account| account.id == id)?;
        Some(account.view(today))
    }

    /// Connects an account to one more Telegram user; false where there is no such account.
    pub fn give(&self, account: &str, telegram_id: i64) -> bool {
        let mut book = self.book();
        let Some(account) = book.account(account) else {
            return false;
        };
        if !account.telegram_ids.contains(&telegram_id) {
            account.telegram_ids.push(telegram_id);
        }
        true
    }

    /// Disconnects an account from every Telegram user; false where there is no such account.
    pub fn take(&self, account: &str) -> bool {
        let mut book = self.book();
        let found = book.account(account);
        found.map(|account| account.telegram_ids.clear()).is_some()
    }

    /// Gives an account so many cents, nothing more and nothing less; false where there is none.
    pub fn set_balance(&self, account: &str, cents: i64) -> bool {
        let mut book = self.book();
        let found = book.account(account);
        found
            .map(|account| account.balance = Money(cents))
            .is_some()
    }

    /// How many a page holds at most; 100 at first.
    pub fn set_page_size(&self, most: usize) {
        self.book().most_a_page = most.max(1);
    }

    /// Another rate limit; ten requests a second at first.
    pub fn set_limit(&self, limit: Limit) {
        self.book().pace.set(limit);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.inner
            .book
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, call: &Call) -> Done {
        let clock = &self.inner.clock;
        if call.bearer() != Some(self.inner.token.as_str()) {
            return Err(no(401, "unauthorized", "a bearer token is needed"));
        }
        let mut book = self.book();
        book.pace
            .take(clock.now())
            .map_err(|wait| self.refuse(No::TooMany(Some(whole_seconds(wait)))))?;
        let today = clock.today();
        let (method, parts) = call.at();
        match (method, parts.as_slice()) {
            ("GET", ["v1", "accounts"]) => book.list(call, today),
            ("GET", ["v1", "tariffs"]) => {
                only(call, &[])?;
                let tariffs: Vec<Value> = TARIFFS.into_iter().map(Tariff::view).collect();
                Ok(Answer::json(200, &json!({ "tariffs": tariffs })))
            }
            ("GET", ["v1", "accounts", id]) => {
                only(call, &[])?;
                Ok(Answer::json(200, &book.named(id)?.view(today)))
            }
            ("GET", ["v1", "accounts", id, "transactions"]) => book.past(call, id),
            ("POST", ["v1", "accounts", id, "subscription"]) => {
                book.subscribe_once(call, id, clock)
            }
            ("DELETE", ["v1", "accounts", id, "subscription"]) => {
                only(call, &[])?;
                let account = book.named(id)?;
                account
                    .current(today)
                    .ok_or_else(|| no(409, "no_subscription", "the account has no tariff"))?;
                let ended = account.subscription.take();
                let ended = ended.map(|subscription| subscription.view());
                Ok(Answer::json(200, &json!({ "ended": ended })))
            }
            ("PUT", ["v1", "accounts", id, "admin"]) => {
                let wanted: Admin = body(call)?;
                let account = book.named(id)?;
                account.admin = wanted.admin;
                Ok(Answer::json(200, &account.view(today)))
            }
            ("PUT", ["v1", "accounts", id, "telegram"]) => {
                let mut wanted: Telegram = body(call)?;
                if wanted.telegram_ids.iter().any(|id| *id <= 0) {
                    return Err(no(422, "bad_telegram_id", "ids of users are positive"));
                }
                wanted.telegram_ids.sort_unstable();
                wanted.telegram_ids.dedup();
                let account = book.named(id)?;
                account.telegram_ids = wanted.telegram_ids;
                Ok(Answer::json(200, &account.view(today)))
            }
            (
                _,
                ["v1", "accounts" | "tariffs"]
                | ["v1", "accounts", _]
                | [
                    "v1",
                    "accounts",
                    _,
                    "transactions" | "subscription" | "admin" | "telegram",
                ],
            ) => Err(no(405, "method_not_allowed", "not with this method")),
            _ => Err(no(404, "not_found", "there is nothing at this address")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Admin {
    admin: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Telegram {
    telegram_ids: Vec<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    tariff: String,
    period: String,
}

impl Book {
    fn account(&mut self, id: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == id)
    }

    fn named(&mut self, id: &str) -> Result<&mut Account, Answer> {
        self.account(id)
            .ok_or_else(|| no(404, "account_not_found", "there is no such account"))
    }

    fn list(&self, call: &Call, today: jiff::civil::Date) -> Done {
        only(call, &["telegram_id", "cursor", "limit"])?;
        let telegram_id = match call.asked("telegram_id") {
            None => None,
            Some(text) => Some(
                text.parse::<i64>()
                    .map_err(|_| no(400, "bad_telegram_id", "`telegram_id` is a number"))?,
            ),
        };
        let fits = |account: &&Account| {
            telegram_id.is_none_or(|wanted| account.telegram_ids.contains(&wanted))
        };
        let all = self.accounts.iter().filter(fits);
        let (page, next) = self.page(call, all, |account| &account.id)?;
        let page: Vec<Value> = page
            .into_iter()
            .map(|account| account.view(today))
            .collect();
        Ok(Answer::json(
            200,
            &json!({ "accounts": page, "next": next }),
        ))
    }

    fn past(&mut self, call: &Call, id: &str) -> Done {
        only(call, &["cursor", "limit"])?;
        self.named(id)?;
        let account = self.accounts.iter().find(|account| account.id == id);
        let all = account.into_iter().flat_map(newest_first);
        let (page, next) = self.page(call, all, |transaction| &transaction.id)?;
        let page: Vec<Value> = page.into_iter().map(Transaction::view).collect();
        Ok(Answer::json(
            200,
            &json!({ "transactions": page, "next": next }),
        ))
    }

    /// A page of things and the cursor of the next: the id of its last, in disguise.
    fn page<'a, T>(
        &self,
        call: &Call,
        all: impl Iterator<Item = &'a T>,
        id: impl Fn(&T) -> &str,
    ) -> Result<(Vec<&'a T>, Option<String>), Answer> {
        let limit = match call.asked("limit") {
            None => 20,
            Some(text) => text
                .parse::<usize>()
                .ok()
                .filter(|limit| (1..=100).contains(limit))
                .ok_or_else(|| no(400, "bad_limit", "`limit` is a number from 1 to 100"))?,
        };
        let limit = limit.min(self.most_a_page);
        let mut all = all.peekable();
        if let Some(cursor) = call.asked("cursor") {
            let last = |one: &&T| masked(id(one)) == cursor;
            if !all.any(|one| last(&one)) {
                return Err(no(400, "bad_cursor", "this cursor was never handed out"));
            }
        }
        let page: Vec<&T> = all.by_ref().take(limit).collect();
        let more = all.peek().is_some();
        let next = page.last().filter(|_| more).map(|last| masked(id(last)));
        Ok((page, next))
    }

    fn subscribe_once(&mut self, call: &Call, id: &str, clock: &Clock) -> Done {
        let key = call.header("idempotency-key").to_owned();
        if key.is_empty() || key.len() > 255 {
            let words = "a header `Idempotency-Key` of at most 255 letters is needed";
            return Err(no(400, "idempotency_key_required", words));
        }
        let wanted: Wanted = body(call)?;
        let asked = format!("{id} {} {}", wanted.tariff, wanted.period);
        if let Some((before, answer)) = self.keys.get(&key) {
            if *before == asked {
                return Ok(answer.clone());
            }
            let words = "this key was used with another request";
            return Err(no(409, "idempotency_key_reused", words));
        }
        let answer = self.subscribe(id, &wanted, clock)?;
        if self.keys.len() < MOST_KEYS {
            self.keys.insert(key, (asked, answer.clone()));
        }
        Ok(answer)
    }

    /// The same tariff is prolonged; another one begins today and ends the one before.
    fn subscribe(&mut self, id: &str, wanted: &Wanted, clock: &Clock) -> Done {
        let today = clock.today();
        let number = self.sold + 1;
        let account = self.named(id)?;
        let tariff = Tariff::find(&wanted.tariff)
            .ok_or_else(|| no(422, "unknown_tariff", "GET /v1/tariffs lists them"))?;
        let period = Period::read(&wanted.period).ok_or_else(|| {
            let words = "a period is d, w, m or y and a number, such as m6";
            no(422, "bad_period", words)
        })?;
        let price = period.price(tariff);
        if account.balance < price {
            let words = format!("{} are needed", price.amount());
            return Err(no(402, "insufficient_funds", &words));
        }
        let from = match account.current(today) {
            Some(before) if before.tariff == tariff => before.until,
            _ => today,
        };
        let sold = Subscription {
            id: format!("S9{number:03}"),
            tariff,
            from,
            until: period.after(from),
        };
        account.balance = account.balance.minus(price);
        account.transactions.push(Transaction {
            id: format!("{}-{:04}", account.id, account.transactions.len() + 1),
            at: clock.now(),
            amount: Money(0).minus(price),
            text: format!("{}, {}", tariff.name, wanted.period),
        });
        let answer = json!({
            "subscription": sold.view(),
            "charged": price.view(),
            "balance": account.balance.view(),
        });
        account.subscription = Some(sold);
        self.sold = number;
        Ok(Answer::json(201, &answer))
    }
}

fn newest_first(account: &Account) -> impl Iterator<Item = &Transaction> {
    account.transactions.iter().rev()
}

fn masked(id: &str) -> String {
    ids::hex(0, "billing cursor", 0)
        .chars()
        .take(4)
        .chain(
            id.bytes()
                .flat_map(|byte| format!("{byte:02x}").into_bytes())
                .map(char::from),
        )
        .collect()
}

/// Refuses keys in the address that mean nothing.
fn only(call: &Call, known: &[&str]) -> Result<(), Answer> {
    match call.unknown(known) {
        Some(name) => Err(no(
            400,
            "unknown_parameter",
            &format!("unknown key `{name}`"),
        )),
        None => Ok(()),
    }
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Answer> {
    only(call, &[])?;
    if call.kind() != "application/json" {
        let words = "the body has to be application/json";
        return Err(no(415, "unsupported_media_type", words));
    }
    let value: Value = serde_json::from_slice(&call.body)
        .map_err(|error| no(400, "bad_json", &error.to_string()))?;
    serde_json::from_value(value).map_err(|error| no(422, "bad_request", &error.to_string()))
}

fn no(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "error": { "code": code, "message": message } }),
    )
}

impl System for Billing {
    const BODY: usize = 64 * 1024;

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
            No::ExpiredToken => no(401, "unauthorized", "the token has expired"),
            No::Forbidden => no(403, "forbidden", "not with this token"),
            No::NotFound => no(404, "not_found", "there is no such thing"),
            No::TooMany(wait) => no(429, "rate_limited", "ten requests a second").retry_after(wait),
            No::Overloaded => no(503, "unavailable", "try again later"),
            No::ServerError => no(500, "internal", "something broke"),
            No::TooLarge => no(413, "body_too_large", "at most 64 KiB"),
        }
    }
}
