//! `sendMediaGroup` and the `InputMedia` that it shares with `editMessageMedia`.

use serde_json::Value;

use super::api::BotApi;
use super::draft::{array, begin, put, shown};
use super::error::{Answer, ApiError};
use super::params::{Fields, Params};
use super::text::{self, Formatted};
use super::{files, send};
use crate::emulator::world::{Draft, FileKind};

/// Messages of one album.
const MOST: usize = 10;

/// One file of an album, checked but not stored yet.
pub(super) struct Item<'a> {
    pub(super) kind: FileKind,
    pub(super) caption: Formatted,
    fields: Fields<'a>,
}

impl<'a> Item<'a> {
    /// Reads an `InputMedia`.
    pub(super) fn of(value: &'a Value, album: bool) -> Result<Self, ApiError> {
        let refused = |why: &str| ApiError::bad_request(format!("can't parse InputMedia: {why}"));
        let fields = Fields::of(value).ok_or_else(|| refused("expected an Object"))?;
        let caption = text::of_fields(fields, "caption", "parse_mode", "caption_entities")?;
        let kind = fields
            .text("type")
            .ok_or_else(|| refused("Can't find field \"type\""))?;
        fields
            .text("media")
            .ok_or_else(|| refused("media not found"))?;
        let kind = match FileKind::by_name(kind) {
            Some(FileKind::Animation) if album => {
                return Err(refused(
                    "type \"animation\" can't be used in sendMediaGroup",
                ));
            }
            Some(FileKind::Voice | FileKind::VideoNote | FileKind::Sticker) | None => {
                return Err(refused(&format!("type \"{kind}\" is unsupported")));
            }
            Some(kind) => kind,
        };
        Ok(Self {
            kind,
            caption,
            fields,
        })
    }

    /// Stores the file, or finds it.
    pub(super) fn file(&self, api: &BotApi, bot: i64, params: &Params) -> Result<i64, ApiError> {
        let given = self.fields.text("media").unwrap_or_default();
        let upload = params.attached(given);
        if upload.is_none() && given.starts_with("attach://") {
            return Err(ApiError::bad_request(
                "can't parse InputMedia: media not found",
            ));
        }
        let source = (upload, Some(given));
        files::wanted(api, bot, self.kind, source, send::about(self.fields))
    }
}

/// `sendMediaGroup`. As with Telegram, one file alone is posted as a message without an album.
pub(super) fn send(api: &BotApi, bot: i64, params: &Params) -> Answer {
    params.required("media")?;
    let value = params.json("media", "media")?.unwrap_or_default();
    let items: Vec<Item<'_>> = array(&value, "InputMedia")?
        .iter()
        .map(|item| Item::of(item, true))
        .collect::<Result<_, _>>()?;
    let (group, draft) = begin(api, bot, params)?;
    if items.is_empty() {
        return Err(ApiError::bad_request("there are no messages to send"));
    }
    if items.len() > MOST {
        return Err(ApiError::bad_request(
            "too many messages to send as an album",
        ));
    }
    for (kind, name) in [(FileKind::Document, "Document"), (FileKind::Audio, "Audio")] {
        let some = items.iter().any(|item| item.kind == kind);
        if some && items.iter().any(|item| item.kind != kind) {
            return Err(ApiError::bad_request(format!(
                "{name} can't be mixed with other media types"
            )));
        }
    }
    let too_long = |item: &Item<'_>| item.caption.0.encode_utf16().count() > 1024;
    if items.iter().any(too_long) {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    let files: Vec<i64> = items
        .iter()
        .map(|item| item.file(api, bot, params))
        .collect::<Result<_, _>>()?;
    api.admit(bot, group, items.len())?;
    api.world().write(|state| {
        let album = (files.len() > 1).then(|| state.make_number());
        let mut posted = Vec::new();
        for (item, file) in items.into_iter().zip(files) {
            let (text, entities) = item.caption;
            let draft = Draft {
                text,
                entities,
                file: Some(file),
                album,
                // Albums have no buttons.
                buttons: Vec::new(),
                ..draft.clone()
            };
            let id = put(state, bot, group, draft)?;
            posted.push(shown(state, bot, group, id)?);
        }
        Ok(Value::Array(posted))
    })
}
