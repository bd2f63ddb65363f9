//! Every request as it arrived, and what became of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::http::request::Parts;
use tokio::time::Instant;

/// Requests that are kept, at most; the oldest go first.
const MOST: usize = 2_000;
/// Bytes of bodies that are kept, at most: a demo may run for weeks.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// A request.
#[derive(Clone, Debug)]
pub struct Received {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Its path below the system's base, as it was sent.
    pub path: String,
    /// What follows the question mark, as it was sent.
    pub query: String,
    /// Names in lower case and values, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body; what is no UTF-8 in it is replaced.
    pub body: String,
    /// The status that was answered; `None` before that, and where the connection was closed.
    pub status: Option<u16>,
    /// When it arrived.
    pub at: Instant,
}

impl Received {
    /// The first header of a name, in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The requests of one system. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Book>>);

#[derive(Debug, Default)]
struct Book {
    /// Number of the first that is still there.
    first: u64,
    bytes: usize,
    requests: VecDeque<Received>,
}

impl Journal {
    /// All that are kept, in the order in which they arrived.
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.book().requests.iter().cloned().collect()
    }

    /// Forgets them.
    pub fn clear(&self) {
        let mut book = self.book();
        book.first += u64::try_from(book.requests.len()).unwrap_or_default();
        book.requests.clear();
        book.bytes = 0;
    }

    /// Notes a request down when its headers are there: whoever hangs up meanwhile asked all the
    /// same. Returns its number.
    pub(super) fn arrived(&self, path: &str, parts: &Parts) -> u64 {
        let text = |value: &axum::http::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        let headers = parts.headers.iter();
        let received = Received {
            method: parts.method.to_string(),
            path: path.to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: String::new(),
            status: None,
            at: Instant::now(),
        };
        let mut book = self.book();
        book.requests.push_back(received);
        while book.requests.len() > MOST {
            book.forget_one();
        }
        book.first + u64::try_from(book.requests.len()).unwrap_or_default() - 1
    }

    /// Its body has arrived.
    pub(super) fn read(&self, number: u64, body: &Bytes) {
        let mut book = self.book();
        let body = String::from_utf8_lossy(body).into_owned();
        book.bytes += body.len();
        if let Some(request) = book.at(number) {
            request.body = body;
        }
        while book.bytes > MOST_BYTES && book.requests.len() > 1 {
            book.forget_one();
        }
    }

    /// It was answered.
    pub(super) fn answered(&self, number: u64, status: u16) {
        if let Some(request) = self.book().at(number) {
            request.status = Some(status);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn at(&mut self, number: u64) -> Option<&mut Received> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.requests.get_mut(place)
    }

    fn forget_one(&mut self) {
        if let Some(gone) = self.requests.pop_front() {
            self.bytes = self.bytes.saturating_sub(gone.body.len());
            self.first += 1;
        }
    }
}
