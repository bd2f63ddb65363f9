//! Files: ids, uploads, downloads.

use std::collections::{BTreeMap, VecDeque};

use serde_json::json;

use super::api::BotApi;
use super::error::{Answer, ApiError};
use super::mime;
use super::params::{Params, Upload};
use crate::emulator::image;
use crate::emulator::world::{File, FileKind, State};

/// Largest download by a bot.
const DOWNLOAD_LIMIT: usize = 20 * 1024 * 1024;

/// Largest picture that can be sent as a photo.
const PHOTO_LIMIT: usize = 10 * 1024 * 1024;

/// Files per bot whose download was prepared and is remembered; the oldest are forgotten.
const MOST_READY: usize = 10_000;

/// A `file_id`: good for one bot only, as Telegram's are, and not to be guessed.
pub(super) fn file_id(state: &State, bot: i64, file: &File) -> String {
    let kind = match file.kind {
        FileKind::Photo => "AgACAgIAAx",
        FileKind::Voice => "AwACAgIAAx",
        FileKind::Video => "BAACAgIAAx",
        FileKind::Sticker => "CAACAgIAAx",
        FileKind::Audio => "CQACAgIAAx",
        FileKind::Animation => "CgACAgIAAx",
        FileKind::VideoNote => "DQACAgIAAx",
        FileKind::Document => "BQACAgIAAx",
    };
    format!("{kind}{:x}-{}", file.id, proof(state, bot, file.id))
}

/// A `file_unique_id`: the same for every bot, and says nothing about the number of files.
pub(super) fn unique_id(state: &State, file: &File) -> String {
    let secret = state.secret(&format!("unique file {}", file.id));
    format!("AQAD{}", secret.get(..16).unwrap_or_default())
}

/// What shows that this bot was given the id of this file.
fn proof(state: &State, bot: i64, file: i64) -> String {
    state.secret(&format!("file {file} of bot {bot}"))
}

/// The file that an id means, if it is one that this bot was given.
fn by_file_id<'a>(state: &'a State, bot: i64, text: &str) -> Option<&'a File> {
    let (number, _) = text.get(10..)?.split_once('-')?;
    let file = state.file(i64::from_str_radix(number, 16).ok()?)?;
    (file_id(state, bot, file) == text).then_some(file)
}

/// Files that bots have asked for with `getFile`, by bot, oldest first.
#[derive(Debug, Default)]
pub(super) struct Ready(BTreeMap<i64, VecDeque<i64>>);

impl Ready {
    fn add(&mut self, bot: i64, file: i64) {
        let files = self.0.entry(bot).or_default();
        if files.contains(&file) {
            return;
        }
        if files.len() >= MOST_READY {
            files.pop_front();
        }
        files.push_back(file);
    }

    fn has(&self, bot: i64, file: i64) -> bool {
        self.0.get(&bot).is_some_and(|files| files.contains(&file))
    }
}

/// What a request says about an upload beside its bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    /// Pixels.
    pub(super) width: i32,
    /// Pixels.
    pub(super) height: i32,
    /// Seconds.
    pub(super) duration: i32,
    pub(super) title: String,
    pub(super) performer: String,
    pub(super) emoji: String,
}

/// The file that a request means: an upload, which is stored, or the id of a stored one.
pub(super) fn wanted(
    api: &BotApi,
    bot: i64,
    kind: FileKind,
    (upload, given): (Option<&Upload>, Option<&str>),
    about: About,
) -> Result<i64, ApiError> {
    if let Some(upload) = upload {
        let file = read(upload, kind, about)?;
        return Ok(api.world().write(|state| state.add_file(file)));
    }
    let Some(text) = given else {
        let what = kind.name().replace('_', " ");
        return Err(ApiError::bad_request(format!(
            "there is no {what} in the request"
        )));
    };
    if text.starts_with("http://") || text.starts_with("https://") {
        // A server without internet fetches nothing.
        return Err(ApiError::bad_request("failed to get HTTP URL content"));
    }
    let wrong = || ApiError::bad_request("wrong file identifier/HTTP URL specified");
    let (id, real) = api
        .world()
        .read(|state| by_file_id(state, bot, text).map(|file| (file.id, file.kind)))
        .ok_or_else(wrong)?;
    if real != kind {
        return Err(ApiError::bad_request(format!(
            "can't use file of type {} as {}",
            type_name(real),
            type_name(kind)
        )));
    }
    Ok(id)
}

/// A kind as Telegram's errors name it.
const fn type_name(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Photo => "Photo",
        FileKind::Video => "Video",
        FileKind::Animation => "Animation",
        FileKind::Audio => "Audio",
        FileKind::Voice => "VoiceNote",
        FileKind::VideoNote => "VideoNote",
        FileKind::Sticker => "Sticker",
        FileKind::Document => "Document",
    }
}

fn read(upload: &Upload, kind: FileKind, about: About) -> Result<File, ApiError> {
    if upload.bytes.is_empty() {
        return Err(ApiError::bad_request("file must be non-empty"));
    }
    let seen = image::dimensions(&upload.bytes);
    let mut file = File {
        id: 0,
        kind,
        name: upload.name.clone(),
        mime_type: upload
            .mime_type
            .clone()
            .unwrap_or_else(|| mime::by_name(&upload.name).to_owned()),
        width: about.width,
        height: about.height,
        duration: about.duration,
        title: about.title,
        performer: about.performer,
        emoji: about.emoji,
        bytes: upload.bytes.as_ref().into(),
    };
    match kind {
        FileKind::Photo => {
            if file.bytes.len() > PHOTO_LIMIT {
                return Err(ApiError::bad_request("too big for a photo"));
            }
            let size = seen.ok_or_else(|| ApiError::bad_request("IMAGE_PROCESS_FAILED"))?;
            file.name = String::new();
            "image/jpeg".clone_into(&mut file.mime_type);
            (file.width, file.height) = size;
        }
        FileKind::Sticker => (file.width, file.height) = seen.unwrap_or((512, 512)),
        FileKind::VideoNote => {
            let side = if about.width > 0 { about.width } else { 240 };
            (file.width, file.height) = (side, side);
        }
        FileKind::Voice => "audio/ogg".clone_into(&mut file.mime_type),
        _ => {}
    }
    Ok(file)
}

/// `getFile`.
pub(super) fn get_file(api: &BotApi, bot: i64, params: &Params) -> Answer {
    let text = params
        .text("file_id")
        .ok_or_else(|| ApiError::bad_request("file_id not specified"))?;
    let (id, answer) = api.world().read(|state| {
        let file =
            by_file_id(state, bot, text).ok_or_else(|| ApiError::bad_request("invalid file_id"))?;
        if file.bytes.len() > DOWNLOAD_LIMIT {
            return Err(ApiError::bad_request("file is too big"));
        }
        let answer = json!({
            "file_id": text,
            "file_unique_id": unique_id(state, file),
            "file_size": file.bytes.len(),
            "file_path": path(file),
        });
        Ok((file.id, answer))
    })?;
    api.ready().add(bot, id);
    Ok(answer)
}

fn path(file: &File) -> String {
    let folder = match file.kind {
        FileKind::Photo => "photos",
        FileKind::Voice => "voice",
        FileKind::Video => "videos",
        FileKind::Sticker => "stickers",
        FileKind::Audio => "music",
        FileKind::Animation => "animations",
        FileKind::VideoNote => "video_notes",
        FileKind::Document => "documents",
    };
    let extension: String = match file.kind {
        FileKind::Photo => "jpg".to_owned(),
        FileKind::Voice => "oga".to_owned(),
        _ => file
            .name
            .rsplit_once('.')
            .map(|(_, extension)| extension)
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .collect(),
    };
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{folder}/file_{}{dot}{extension}", file.id)
}

/// The bytes behind a `file_path` that this very bot was given by `getFile`.
pub(super) fn content(api: &BotApi, bot: i64, wanted: &str) -> Result<Vec<u8>, ApiError> {
    let id = wanted
        .split_once("/file_")
        .and_then(|(_, rest)| rest.split('.').next())
        .and_then(|number| number.parse().ok())
        .filter(|id| api.ready().has(bot, *id))
        .ok_or_else(ApiError::not_found)?;
    api.world()
        .read(|state| {
            state
                .file(id)
                .filter(|file| path(file) == wanted)
                .map(|file| file.bytes.to_vec())
        })
        .ok_or_else(ApiError::not_found)
}
