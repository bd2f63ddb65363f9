//! Downloads.

use grammers_tl_types::{enums, functions, types};

use super::dispatch::Call;
use super::refusal::RpcRefusal;
use crate::emulator::world::FileKind;

/// Bytes in one answer, at most.
const MOST: i32 = 1024 * 1024;
/// What offsets and limits must be multiples of, and what they must be for `precise` requests.
const UNIT: i64 = 4 * 1024;
const PRECISE_UNIT: i64 = 1024;

/// A part of a file. A photo has one size, whichever is asked for.
pub(super) fn get_file(
    call: &mut Call,
    request: functions::upload::GetFile,
) -> Result<enums::upload::File, RpcRefusal> {
    call.me()?;
    let lies_in = call.caller.place.world.read(|state| state.files_dc);
    if call.caller.dc() != lies_in {
        return Err(RpcRefusal::new(303, &format!("FILE_MIGRATE_{lies_in}")));
    }
    let (id, hash, reference) = match request.location {
        enums::InputFileLocation::InputDocumentFileLocation(it) => {
            (it.id, it.access_hash, it.file_reference)
        }
        enums::InputFileLocation::InputPhotoFileLocation(it) => {
            (it.id, it.access_hash, it.file_reference)
        }
        _ => return Err(RpcRefusal::bad("LOCATION_INVALID")),
    };
    let unit = if request.precise { PRECISE_UNIT } else { UNIT };
    if request.offset < 0 || request.offset % unit != 0 {
        return Err(RpcRefusal::bad("OFFSET_INVALID"));
    }
    let limit = request.limit;
    if limit <= 0 || limit > MOST || i64::from(limit) % unit != 0 {
        return Err(RpcRefusal::bad("LIMIT_INVALID"));
    }
    let faults = &call.caller.place.faults;
    call.caller.place.world.read(|state| {
        let file = state
            .file(id)
            .filter(|file| state.hash(file.id) == hash)
            .ok_or_else(|| RpcRefusal::bad("FILE_ID_INVALID"))?;
        if reference != state.file_reference(id) {
            return Err(RpcRefusal::bad("FILE_REFERENCE_EXPIRED"));
        }
        let length = file.bytes.len();
        let start = usize::try_from(request.offset)
            .unwrap_or(length)
            .min(length);
        let end = start
            .saturating_add(usize::try_from(limit).unwrap_or(0))
            .min(length);
        let end = if end > start && faults.take_short_piece() {
            end - 1
        } else {
            end
        };
        let answer = types::upload::File {
            r#type: match file.kind {
                FileKind::Photo => enums::storage::FileType::FileJpeg,
                _ => enums::storage::FileType::FileUnknown,
            },
            mtime: 0,
            bytes: file.bytes.get(start..end).unwrap_or_default().to_vec(),
        };
        Ok(answer.into())
    })
}
