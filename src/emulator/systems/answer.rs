//! Answers.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use serde_json::Value;

/// What a system answers.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// JSON.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, "application/json; charset=utf-8", body.to_string())
    }

    /// Text of some kind.
    pub(super) fn text(status: u16, kind: &str, body: String) -> Self {
        Self {
            status,
            headers: vec![("content-type", kind.to_owned())],
            body: body.into_bytes(),
        }
    }

    /// A status alone.
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// One more header.
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// A header `Retry-After`, where there is something to say.
    pub(super) fn retry_after(self, seconds: Option<u64>) -> Self {
        match seconds {
            Some(seconds) => self.with("retry-after", seconds),
            None => self,
        }
    }

    /// The first half of it, which says that it is all.
    pub(super) fn halved(mut self) -> Self {
        if self.body.len() < 2 {
            self.body = b"{\"result\":{\"i".to_vec();
        }
        self.body.truncate(self.body.len() / 2);
        self.status = 200;
        self.headers = vec![("content-type", "application/json".to_owned())];
        self
    }

    pub(super) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .append(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// 200 with JSON of so many bytes, which are made while they are sent.
pub(super) fn huge(bytes: u64) -> Response<Body> {
    use tokio::io::AsyncReadExt as _;
    let (before, after) = (&b"{\"result\":\""[..], &b"\"}"[..]);
    let frame = before.len() + after.len();
    let middle = bytes.saturating_sub(u64::try_from(frame).unwrap_or_default());
    let all = before
        .chain(tokio::io::repeat(b'x').take(middle))
        .chain(after);
    let mut response = Response::new(Body::from_stream(tokio_util::io::ReaderStream::new(all)));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
