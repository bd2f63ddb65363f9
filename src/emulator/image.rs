//! Just enough of picture formats to know their size.

/// Width and height of a PNG, GIF or JPEG; `None` for anything else.
#[must_use]
pub fn dimensions(bytes: &[u8]) -> Option<(i32, i32)> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        let number = |at: usize| {
            let four = bytes.get(at..at + 4)?;
            i32::try_from(u32::from_be_bytes(four.try_into().ok()?)).ok()
        };
        return sane(number(16)?, number(20)?);
    }
    if bytes.starts_with(b"GIF8") {
        let number = |at: usize| {
            let two = bytes.get(at..at + 2)?;
            Some(i32::from(u16::from_le_bytes(two.try_into().ok()?)))
        };
        return sane(number(6)?, number(8)?);
    }
    if bytes.starts_with(&[0xFF, 0xD8]) {
        return jpeg(bytes);
    }
    None
}

/// Walks a JPEG's segments to the frame header.
fn jpeg(bytes: &[u8]) -> Option<(i32, i32)> {
    let word = |at: usize| {
        let two = bytes.get(at..at + 2)?;
        Some(u16::from_be_bytes(two.try_into().ok()?))
    };
    let mut at = 2;
    loop {
        let marker = *bytes.get(at + 1)?;
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        // SOF0 to SOF15, without DHT (C4), JPG (C8) and DAC (CC), which share the range.
        if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            return sane(i32::from(word(at + 7)?), i32::from(word(at + 5)?));
        }
        at += 2 + usize::from(word(at + 2)?);
    }
}

fn sane(width: i32, height: i32) -> Option<(i32, i32)> {
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_three_formats() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x20\0\0\0\x10\x08\x02";
        assert_eq!(dimensions(png), Some((32, 16)));
        assert_eq!(dimensions(b"GIF89a\x05\0\x07\0"), Some((5, 7)));
        let jpeg = b"\xFF\xD8\xFF\xE0\0\x04ab\xFF\xC0\0\x0b\x08\0\x09\0\x0a\x01";
        assert_eq!(dimensions(jpeg), Some((10, 9)));
    }

    #[test]
    fn what_is_no_picture_has_no_size() {
        for bytes in [&b""[..], b"%PDF-1.4", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1a\n"] {
            assert_eq!(dimensions(bytes), None);
        }
    }
}
