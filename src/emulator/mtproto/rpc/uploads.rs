//! Files on their way in, a part at a time.

use grammers_tl_types::functions;

use super::dispatch::Call;
use super::refusal::RpcRefusal;

/// A part of a small file.
pub(super) fn save_file_part(
    call: &mut Call,
    request: functions::upload::SaveFilePart,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    let uploads = &call.caller.place.uploads;
    uploads.save(me, request.file_id, request.file_part, request.bytes)?;
    Ok(true)
}

/// A part of a file of 10 MB or more.
pub(super) fn save_big_file_part(
    call: &mut Call,
    request: functions::upload::SaveBigFilePart,
) -> Result<bool, RpcRefusal> {
    let me = call.me()?;
    // -1: the client does not know yet.
    if request.file_total_parts != -1 && request.file_part >= request.file_total_parts {
        return Err(RpcRefusal::bad("FILE_PART_INVALID"));
    }
    let uploads = &call.caller.place.uploads;
    uploads.save(me, request.file_id, request.file_part, request.bytes)?;
    Ok(true)
}
