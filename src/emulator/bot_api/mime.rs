//! MIME types by file name: Telegram's server goes by it where the client says nothing.

/// What says nothing.
pub(super) const UNKNOWN: &str = "application/octet-stream";

/// The MIME type of a file of that name.
pub(super) fn by_name(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        "aac" => "audio/aac",
        "apk" => "application/vnd.android.package-archive",
        "avi" => "video/x-msvideo",
        "bmp" => "image/bmp",
        "bz2" => "application/x-bzip2",
        "css" => "text/css",
        "csv" => "text/csv",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "epub" => "application/epub+zip",
        "flac" => "audio/flac",
        "gif" => "image/gif",
        "gz" | "tgz" => "application/gzip",
        "heic" => "image/heic",
        "htm" | "html" => "text/html",
        "ics" => "text/calendar",
        "jpeg" | "jpg" => "image/jpeg",
        "js" => "text/javascript",
        "json" => "application/json",
        "m4a" => "audio/mp4",
        "md" => "text/markdown",
        "mkv" => "video/x-matroska",
        "mov" => "video/quicktime",
        "mp3" => "audio/mpeg",
        "mp4" | "m4v" => "video/mp4",
        "odp" => "application/vnd.oasis.opendocument.presentation",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "odt" => "application/vnd.oasis.opendocument.text",
        "oga" | "ogg" | "opus" => "audio/ogg",
        "pdf" => "application/pdf",
        "png" => "image/png",
        "ppt" => "application/vnd.ms-powerpoint",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "rtf" => "application/rtf",
        "svg" => "image/svg+xml",
        "tar" => "application/x-tar",
        "tgs" => "application/x-tgsticker",
        "tif" | "tiff" => "image/tiff",
        "txt" | "log" => "text/plain",
        "vcf" => "text/vcard",
        "wav" => "audio/x-wav",
        "webm" => "video/webm",
        "webp" => "image/webp",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xml" => "application/xml",
        "zip" => "application/zip",
        "7z" => "application/x-7z-compressed",
        _ => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ending_counts() {
        assert_eq!(by_name("Bericht.zip.PDF"), "application/pdf");
        for name in ["", "pdf", "a.", "a.unheard-of"] {
            assert_eq!(by_name(name), UNKNOWN, "{name}");
        }
    }
}
