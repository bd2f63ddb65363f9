//! Small files of the right kind: what matters is that they are real.

use crate::emulator::world::{File, FileKind};

/// A small file of a kind, told apart by `number`: what somebody posts who does not care which.
/// Pictures, documents and voice messages are whole; of films there is the beginning alone.
#[must_use]
pub fn sample(kind: FileKind, name: &str, number: usize) -> File {
    let (mime_type, bytes, width, height, duration) = match kind {
        FileKind::Photo => return photo(number),
        FileKind::Voice => return voice(number),
        FileKind::Document => {
            let file = document(name, name);
            let mime_type = type_of(name).to_owned();
            return File { mime_type, ..file };
        }
        FileKind::Video | FileKind::Animation => ("video/mp4", film(), 640, 360, 5),
        FileKind::VideoNote => ("video/mp4", film(), 240, 240, 5),
        FileKind::Audio => ("audio/mpeg", sound(), 0, 0, 30),
        FileKind::Sticker => ("image/webp", STICKER.to_vec(), 512, 512, 0),
    };
    File {
        kind,
        name: name.to_owned(),
        mime_type: mime_type.to_owned(),
        width,
        height,
        duration,
        bytes: bytes.into(),
        ..File::default()
    }
}

/// The MIME type that a name's ending stands for.
fn type_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    match ending.unwrap_or_default().to_ascii_lowercase().as_str() {
        "pdf" => "application/pdf",
        "csv" => "text/csv",
        "txt" | "log" => "text/plain",
        "md" => "text/markdown",
        "html" | "htm" => "text/html",
        "json" => "application/json",
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "mp4" => "video/mp4",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" => "audio/ogg",
        _ => "application/octet-stream",
    }
}

/// A lossless WebP of one transparent pixel.
const STICKER: &[u8] =
    b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";

/// How an MP4 begins.
fn film() -> Vec<u8> {
    b"\0\0\0\x18ftypisom\0\0\x02\0isommp41\0\0\0\x08mdat".to_vec()
}

/// A frame of silence, MPEG layer III at 128 kbit/s.
fn sound() -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xFB, 0x90, 0x00];
    bytes.resize(417, 0);
    bytes
}

/// A plain-coloured picture of 48 × 32 pixels.
pub(super) fn photo(seed: usize) -> File {
    let shade = |shift: usize| u8::try_from((seed >> shift) * 53 % 256).unwrap_or_default();
    let (width, height) = (48_u32, 32_u32);
    let mut raw = Vec::new();
    for row in 0..height {
        raw.push(0);
        for column in 0..width {
            let step = u8::try_from((row * 3 + column * 2) % 64).unwrap_or_default();
            raw.extend([
                shade(0).wrapping_add(step),
                shade(3).wrapping_add(step),
                shade(6),
            ]);
        }
    }
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in [
        (b"IHDR", header),
        (b"IDAT", compressed(&raw)),
        (b"IEND", Vec::new()),
    ] {
        chunk(&mut bytes, name, &data);
    }
    File {
        id: 0,
        kind: FileKind::Photo,
        name: String::new(),
        mime_type: "image/jpeg".to_owned(),
        width: 48,
        height: 32,
        duration: 0,
        bytes: bytes.into(),
        ..File::default()
    }
}

fn compressed(raw: &[u8]) -> Vec<u8> {
    use std::io::Write as _;

    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory does not fail; an empty picture would still be a picture.
    let _ = encoder.write_all(raw);
    encoder.finish().unwrap_or_default()
}

fn chunk(bytes: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    bytes.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    let mut crc = flate2::Crc::new();
    crc.update(name);
    crc.update(data);
    bytes.extend(name);
    bytes.extend(data);
    bytes.extend(crc.sum().to_be_bytes());
}

/// A document after its name: a one-page PDF, or a table.
pub(super) fn document(name: &str, line: &str) -> File {
    let (mime_type, bytes) = if name.ends_with(".csv") {
        let rows = format!(
            "date;what;amount\r\n2026-01-07;{};19,90\r\n",
            line.replace(';', ",")
        );
        ("text/csv", rows.into_bytes())
    } else {
        ("application/pdf", pdf(line))
    };
    File {
        id: 0,
        kind: FileKind::Document,
        name: name.to_owned(),
        mime_type: mime_type.to_owned(),
        width: 0,
        height: 0,
        duration: 0,
        bytes: bytes.into(),
        ..File::default()
    }
}

/// A PDF with one line of text, its cross-reference table included. Its fonts know ASCII only.
fn pdf(line: &str) -> Vec<u8> {
    let shown: String = line
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                ' '
            }
        })
        .take(60)
        .collect();
    let stream = format!("BT /F1 16 Tf 60 760 Td ({shown}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{stream}\nendstream", stream.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut text = "%PDF-1.4\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", text.len()));
        text.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let start = text.len();
    text.push_str(&table);
    text.push_str(&format!(
        "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        objects.len() + 1
    ));
    text.into_bytes()
}

/// A voice message: an Ogg page with an Opus header; silence needs no more.
pub(super) fn voice(seed: usize) -> File {
    let mut bytes = b"OggS\0\x02".to_vec();
    bytes.extend([0; 8]);
    bytes.extend(u32::try_from(seed).unwrap_or_default().to_le_bytes());
    bytes.extend([0; 8]);
    bytes.extend([1, 19]);
    bytes.extend(b"OpusHead\x01\x01\x38\x01\x80\xBB\0\0\0\0\0");
    File {
        id: 0,
        kind: FileKind::Voice,
        name: String::new(),
        mime_type: "audio/ogg".to_owned(),
        width: 0,
        height: 0,
        duration: i32::try_from(3 + seed % 40).unwrap_or(3),
        bytes: bytes.into(),
        ..File::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_what_they_say() {
        let photo = photo(7);
        assert_eq!(
            crate::emulator::image::dimensions(&photo.bytes),
            Some((photo.width, photo.height))
        );
        let pdf = document("a.pdf", "Order 4711 (paid)");
        assert!(pdf.bytes.starts_with(b"%PDF-1.4") && pdf.bytes.ends_with(b"%%EOF\n"));
        assert!(voice(1).bytes.starts_with(b"OggS"));
        assert_eq!(document("a.csv", "x").mime_type, "text/csv");
        for kind in FileKind::ALL {
            let file = sample(kind, "", 3);
            assert!(file.kind == kind && !file.bytes.is_empty(), "{kind:?}");
        }
        assert_eq!(
            sample(FileKind::Document, "a.TXT", 1).mime_type,
            "text/plain"
        );
    }
}
