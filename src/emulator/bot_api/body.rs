//! Request bodies: read whole, then taken apart without waiting for anything.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::error::ApiError;
use super::mime;
use super::params::{Params, Upload};

/// Largest file in a request, bytes, as on Telegram's own server.
pub(super) const UPLOAD_LIMIT: usize = 50 * 1024 * 1024;

/// Largest body: a file and what surrounds it.
const BODY_LIMIT: usize = UPLOAD_LIMIT + 1024 * 1024;

/// Parameters and parts in one request.
const MOST_FIELDS: usize = 1_000;

/// Largest headers of one part, bytes.
const HEADER_LIMIT: usize = 8 * 1024;

/// How long a client may send nothing in the middle of a body.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bodies above this size, bytes, take one of few places.
const LARGE: usize = 1024 * 1024;

/// A whole body, and the place that it takes if it is large. What is too large is read all the
/// same, up to a point: a client that is still sending would otherwise see a broken connection
/// instead of the answer.
pub(super) async fn whole(
    mut body: Body,
    places: &Arc<Semaphore>,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), ApiError> {
    let mut kept = Vec::new();
    let mut place = None;
    let mut total = 0_usize;
    while let Some(data) = next(&mut body).await? {
        total = total.saturating_add(data.len());
        if total > LARGE && place.is_none() {
            let free = places.clone().acquire_owned();
            let free = tokio::time::timeout(PATIENCE, free).await;
            place = Some(free.ok().and_then(Result::ok).ok_or_else(ApiError::busy)?);
        }
        if total > BODY_LIMIT {
            drop((kept, place));
            discard(body).await;
            return Err(ApiError::too_large());
        }
        kept.extend_from_slice(&data);
    }
    Ok((kept.into(), place))
}

/// Reads a body to its end, up to a point, and keeps nothing of it.
pub(super) async fn discard(mut body: Body) {
    let mut total = 0_usize;
    while total <= 3 * BODY_LIMIT
        && let Ok(Some(data)) = next(&mut body).await
    {
        total = total.saturating_add(data.len());
    }
}

/// The next piece of a body; a client that falls silent is given up.
async fn next(body: &mut Body) -> Result<Option<Bytes>, ApiError> {
    let frame = std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context));
    let frame = tokio::time::timeout(PATIENCE, frame).await;
    match frame.map_err(|_| ApiError::too_slow())? {
        None => Ok(None),
        Some(frame) => frame
            // Trailers are no data.
            .map(|frame| Some(frame.into_data().unwrap_or_default()))
            .map_err(|_| ApiError::bad_request("unexpected end of request content")),
    }
}

impl Params {
    /// Reads query and body. The body wins where both name a parameter; one of an unknown kind is
    /// passed over, as Telegram does.
    pub(super) fn parse(query: &str, content_type: &str, body: &Bytes) -> Result<Self, ApiError> {
        let mut params = Self::default();
        read_form(&mut params, query.as_bytes())?;
        let kind = content_type.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("multipart/form-data") {
            read_multipart(&mut params, content_type, body)?;
        } else if kind.eq_ignore_ascii_case("application/json") {
            read_json(&mut params, body)?;
        } else if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            read_form(&mut params, body)?;
        }
        Ok(params)
    }
}

fn read_form(params: &mut Params, form: &[u8]) -> Result<(), ApiError> {
    for pair in form.split(|byte| *byte == b'&').take(MOST_FIELDS) {
        if pair.is_empty() {
            continue;
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || unescaped(halves.next().unwrap_or_default(), true);
        let (name, value) = (half(), half());
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(|_| not_utf8());
        params.put(text(name)?, text(value)?);
    }
    Ok(())
}

fn read_json(params: &mut Params, body: &[u8]) -> Result<(), ApiError> {
    use serde_json::Value;
    if body.is_empty() {
        return Ok(());
    }
    let value: Value = serde_json::from_slice(body)
        .map_err(|_| ApiError::bad_request("can't parse request JSON object"))?;
    let Value::Object(fields) = value else {
        return Err(ApiError::bad_request("JSON object expected"));
    };
    for (name, value) in fields {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            other => other.to_string(),
        };
        params.put(name, text);
    }
    Ok(())
}

fn read_multipart(params: &mut Params, content_type: &str, body: &Bytes) -> Result<(), ApiError> {
    let boundary = parameter(content_type, "boundary")
        .ok_or_else(|| ApiError::bad_request("boundary not found"))?;
    if boundary.is_empty() || boundary.len() > 200 {
        return Err(ApiError::bad_request("boundary too big or empty"));
    }
    let broken = || ApiError::bad_request("can't parse multipart/form-data");
    let mark = Mark::new(format!("\r\n--{boundary}").into_bytes());
    let first = mark.needle.get(2..).unwrap_or_default();
    // The first mark may stand at the very beginning, without a line break before it.
    let mut at = if body.starts_with(first) {
        first.len()
    } else {
        mark.find(body, 0).ok_or_else(broken)? + mark.needle.len()
    };
    let mut fields = 0;
    while !body.get(at..).unwrap_or_default().starts_with(b"--") {
        fields += 1;
        if fields > MOST_FIELDS {
            return Err(ApiError::too_many_parts());
        }
        let rest = body.get(at..).unwrap_or_default();
        let head = rest.get(..rest.len().min(HEADER_LIMIT)).unwrap_or_default();
        let size = head
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .ok_or_else(broken)?;
        let headers = String::from_utf8_lossy(head.get(..size).unwrap_or_default()).into_owned();
        let begin = at + size + 4;
        let end = mark.find(body, begin).ok_or_else(broken)?;
        keep(params, &headers, body.slice(begin..end))?;
        at = end + mark.needle.len();
    }
    Ok(())
}

/// Keeps one part: a file where it names one, else a parameter.
fn keep(params: &mut Params, headers: &str, content: Bytes) -> Result<(), ApiError> {
    let header = |wanted: &str| {
        headers.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim()
                .eq_ignore_ascii_case(wanted)
                .then(|| value.trim())
        })
    };
    let disposition = header("content-disposition").unwrap_or_default();
    let name = parameter(disposition, "name")
        .ok_or_else(|| ApiError::bad_request("field name in multipart/form-data not found"))?;
    let file_name = parameter(disposition, "filename*")
        .and_then(|value| {
            // `utf-8''Gr%C3%BC%C3%9Fe.txt`
            let encoded = value.splitn(3, '\'').nth(2)?.to_owned();
            String::from_utf8(unescaped(encoded.as_bytes(), false)).ok()
        })
        .or_else(|| parameter(disposition, "filename"));
    let Some(file_name) = file_name else {
        let text = String::from_utf8(content.to_vec()).map_err(|_| not_utf8())?;
        params.put(name, text);
        return Ok(());
    };
    if content.len() > UPLOAD_LIMIT {
        return Err(ApiError::too_large());
    }
    let upload = Upload {
        name: file_name,
        mime_type: header("content-type")
            .filter(|kind| !kind.is_empty() && !kind.eq_ignore_ascii_case(mime::UNKNOWN))
            .map(str::to_owned),
        bytes: content,
    };
    params.put_file(name, upload);
    Ok(())
}

/// A parameter of a header such as `form-data; name="a"; filename="b"`.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            let mut value = String::new();
            let mut letters = quoted.char_indices();
            let end = loop {
                let (at, letter) = letters.next()?;
                match letter {
                    '"' => break at + 1,
                    // Browsers write paths of Windows with bare backslashes; only quotes and
                    // backslashes are escaped.
                    '\\' if quoted.get(at + 1..)?.starts_with(['"', '\\']) => {
                        value.push(letters.next()?.1);
                    }
                    letter => value.push(letter),
                }
            };
            (value, quoted.get(end..)?)
        } else {
            let end = after.find(';').unwrap_or(after.len());
            let (value, next) = after.split_at(end);
            (value.trim().to_owned(), next)
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next.trim_start().trim_start_matches(';');
    }
}

/// Undoes `%3A` and the like, and `+` in forms; what is no such escape stays.
pub(super) fn unescaped(text: &[u8], plus: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        bytes.push(match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                rest = after.get(2..).unwrap_or_default();
                u8::try_from(high * 16 + low).unwrap_or_default()
            }
            (b'+', ..) if plus => b' ',
            _ => *byte,
        });
    }
    bytes
}

fn not_utf8() -> ApiError {
    ApiError::bad_request("strings must be encoded in UTF-8")
}

/// What separates parts, found by skipping ahead (Horspool): bodies are large, marks are long.
struct Mark {
    needle: Vec<u8>,
    skip: [usize; 256],
}

impl Mark {
    fn new(needle: Vec<u8>) -> Self {
        let last = needle.len().saturating_sub(1);
        let mut skip = [needle.len(); 256];
        for (at, byte) in needle.iter().take(last).enumerate() {
            if let Some(entry) = skip.get_mut(usize::from(*byte)) {
                *entry = last - at;
            }
        }
        Self { needle, skip }
    }

    fn find(&self, body: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        loop {
            let window = body.get(at..at.checked_add(self.needle.len())?)?;
            if window == self.needle.as_slice() {
                return Some(at);
            }
            at += self.skip.get(usize::from(*window.last()?))?.max(&1);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const KIND: &str = "multipart/form-data; boundary=\"xYz\"";

    #[test]
    fn multipart_bodies_are_taken_apart() {
        let body = Bytes::from_static(
            b"--xYz\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n-100\r\n\
              --xYz\r\ncontent-disposition: form-data; name=\"document\"; \
              filename=\"a \\\"b\\\".txt\"; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt\r\n\
              Content-Type: text/plain\r\n\r\n\r\n--xY\r\n\r\n--xYz--\r\n",
        );
        let params = Params::parse("chat_id=1&text=a+b%21", KIND, &body).unwrap();
        assert_eq!(params.text("chat_id"), Some("-100"));
        assert_eq!(params.text("text"), Some("a b!"));
        let file = params.file("document").unwrap();
        assert_eq!(file.name, "Grüße.txt");
        assert_eq!(file.mime_type.as_deref(), Some("text/plain"));
        assert_eq!(file.bytes.as_ref(), b"\r\n--xY\r\n");
    }

    #[test]
    fn a_quoted_name_keeps_its_quotes() {
        let header = "form-data; name=\"a\"; filename=\"C:\\dir\\x \\\"y\\\".txt\"";
        assert_eq!(
            parameter(header, "filename").unwrap(),
            "C:\\dir\\x \"y\".txt"
        );
        assert_eq!(parameter(header, "size"), None);
    }

    #[tokio::test]
    async fn few_large_bodies_are_held_at_once() {
        let places = Arc::new(Semaphore::new(1));
        let large = || Body::from(vec![b'x'; LARGE + 1]);
        let (bytes, place) = whole(large(), &places).await.unwrap();
        assert_eq!(bytes.len(), LARGE + 1);
        let (small, none) = whole(Body::from("a=b"), &places).await.unwrap();
        assert!(none.is_none() && small == "a=b", "small ones pass");
        let mut second = Box::pin(whole(large(), &places));
        let early = tokio::time::timeout(Duration::from_millis(50), &mut second).await;
        assert!(early.is_err(), "the second waits");
        drop(place);
        assert!(second.await.unwrap().1.is_some());
        assert_eq!(places.available_permits(), 1, "and its place is free again");
    }

    #[tokio::test]
    async fn what_is_too_large_gives_its_place_back() {
        let places = Arc::new(Semaphore::new(1));
        let refused = whole(Body::from(vec![0; BODY_LIMIT + 1]), &places).await;
        assert_eq!(refused.unwrap_err(), ApiError::too_large());
        assert_eq!(places.available_permits(), 1);
    }

    proptest::proptest! {
        #[test]
        fn any_body_is_read_or_refused(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec![
                    "--xYz", "\r\n", "--", "Content-Disposition: form-data; ", "name=\"a\"",
                    "filename=\"", "; ", "\"", "\\", "=", "x", "%", "&", "{", "}", "[1]", ":",
                ]),
                0..40,
            ),
        ) {
            let body = Bytes::from(pieces.concat());
            for kind in [KIND, "application/json", "application/x-www-form-urlencoded"] {
                let _ = Params::parse(&pieces.concat(), kind, &body);
            }
        }
    }
}
