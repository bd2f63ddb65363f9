//! A request's parameters, however they were sent.

use std::collections::BTreeMap;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::{Form, Json};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::error::ApiError;

/// Largest upload, as on Telegram's own server.
const UPLOAD_LIMIT: usize = 50 * 1024 * 1024;

/// A file of a multipart body.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) mime_type: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// Values as text (nested ones as JSON) and files by the name of their part.
#[derive(Debug, Default)]
pub(super) struct Params {
    values: BTreeMap<String, String>,
    files: BTreeMap<String, Upload>,
}

/// A body without files. What is too large is read all the same, up to a point: a client that is
/// still sending would otherwise see a broken connection instead of the answer.
async fn whole(body: Body) -> Result<Bytes, ApiError> {
    let bytes = axum::body::to_bytes(body, 4 * UPLOAD_LIMIT)
        .await
        .map_err(|_| ApiError::too_large())?;
    if bytes.len() > UPLOAD_LIMIT {
        return Err(ApiError::too_large());
    }
    Ok(bytes)
}

impl Params {
    /// Reads query and body. The body wins where both name a parameter.
    pub(super) async fn read(request: Request) -> Result<Self, ApiError> {
        let mut params = Self::default();
        if let Ok(Query(pairs)) = Query::<Vec<(String, String)>>::try_from_uri(request.uri()) {
            params.values.extend(pairs);
        }
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if kind.starts_with("multipart/form-data") {
            params.read_multipart(request).await?;
        } else if kind.starts_with("application/json") {
            params.read_json(request).await?;
        } else if kind.starts_with("application/x-www-form-urlencoded")
            && request.method() != axum::http::Method::GET
        {
            let (parts, body) = request.into_parts();
            let request = Request::from_parts(parts, whole(body).await?.into());
            let Form(pairs) = Form::<Vec<(String, String)>>::from_request(request, &())
                .await
                .map_err(|_| ApiError::bad_request("can't parse the form"))?;
            params.values.extend(pairs);
        }
        Ok(params)
    }

    async fn read_json(&mut self, request: Request) -> Result<(), ApiError> {
        let unreadable = || ApiError::bad_request("can't parse request JSON object");
        let body = whole(request.into_body()).await?;
        if body.is_empty() {
            return Ok(());
        }
        let Json(value) = Json::<Value>::from_bytes(&body).map_err(|_| unreadable())?;
        let Value::Object(fields) = value else {
            return Err(unreadable());
        };
        for (name, value) in fields {
            let text = match value {
                Value::Null => continue,
                Value::String(text) => text,
                other => other.to_string(),
            };
            self.values.insert(name, text);
        }
        Ok(())
    }

    /// Reads on to the end of what is too large: a client that is still sending would otherwise
    /// see a broken connection instead of the answer.
    async fn read_multipart(&mut self, request: Request) -> Result<(), ApiError> {
        let broken = || ApiError::bad_request("can't parse multipart/form-data");
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| broken())?;
        let mut total = 0_usize;
        while let Some(mut part) = parts.next_field().await.map_err(|_| broken())? {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            let mime_type = part.content_type().map(str::to_owned);
            let mut bytes = Vec::new();
            while let Some(chunk) = part.chunk().await.map_err(|_| broken())? {
                total = total.saturating_add(chunk.len());
                if total <= UPLOAD_LIMIT {
                    bytes.extend_from_slice(&chunk);
                } else {
                    bytes = Vec::new();
                }
            }
            if let Some(file_name) = file_name {
                let upload = Upload {
                    name: file_name,
                    mime_type,
                    bytes,
                };
                self.files.insert(name, upload);
            } else {
                let text = String::from_utf8(bytes)
                    .map_err(|_| ApiError::bad_request("strings must be encoded in UTF-8"))?;
                self.values.insert(name, text);
            }
        }
        if total > UPLOAD_LIMIT {
            return Err(ApiError::too_large());
        }
        Ok(())
    }

    /// A parameter as text; empty counts as absent.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// A number.
    pub(super) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        self.text(name)
            .map(|text| {
                text.trim()
                    .parse()
                    .map_err(|_| ApiError::bad_request(format!("invalid {name} specified")))
            })
            .transpose()
    }

    /// A message or topic id.
    pub(super) fn id(&self, name: &str) -> Result<Option<i32>, ApiError> {
        let number = self.integer(name)?;
        Ok(number.map(|number| i32::try_from(number).unwrap_or_default()))
    }

    /// `true`, `True` and `1` are yes.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"))
    }

    /// A nested value, sent as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ApiError> {
        self.text(name)
            .map(|text| {
                serde_json::from_str(text)
                    .map_err(|_| ApiError::bad_request(format!("can't parse {name} JSON object")))
            })
            .transpose()
    }

    /// Takes the file that a parameter means: its own part, or the part it names by `attach://`.
    pub(super) fn take_file(&mut self, name: &str) -> Option<Upload> {
        let part = match self.text(name) {
            Some(text) => text.strip_prefix("attach://")?.to_owned(),
            None => name.to_owned(),
        };
        self.files.remove(&part)
    }
}
