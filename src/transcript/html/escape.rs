//! What makes text from outside harmless in a page.

use std::fmt::{self, Display, Formatter, Write};

/// Text as it may stand in elements and in quoted attributes. Control characters, which no page
/// may contain, become the replacement character.
pub(in crate::transcript) struct Escaped<'t>(pub(in crate::transcript) &'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.bytes().position(may_be_special) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            let mut characters = tail.chars();
            match characters.next() {
                Some('&') => f.write_str("&amp;")?,
                Some('<') => f.write_str("&lt;")?,
                Some('>') => f.write_str("&gt;")?,
                Some('"') => f.write_str("&quot;")?,
                Some('\'') => f.write_str("&#39;")?,
                Some(control) if control.is_control() => f.write_char('\u{fffd}')?,
                Some(other) => f.write_char(other)?,
                None => {}
            }
            rest = characters.as_str();
        }
        f.write_str(rest)
    }
}

/// Whether a character that needs care begins with the byte. Controls beyond ASCII begin with
/// `C2`, as some harmless signs do.
fn may_be_special(byte: u8) -> bool {
    const SPECIAL: [bool; 256] = {
        let mut special = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            special[byte] = match byte as u8 {
                b'\n' | b'\t' => false,
                b'&' | b'<' | b'>' | b'"' | b'\'' | ..b' ' | 0x7F | 0xC2 => true,
                _ => false,
            };
            byte += 1;
        }
        special
    };
    SPECIAL.get(usize::from(byte)).copied().unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_text_is_markup() {
        assert_eq!(
            Escaped("<script>\"a\" & 'b'\u{0}\r\n\t\u{1b}°\u{7f}\u{9f}»").to_string(),
            "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;\u{fffd}\u{fffd}\n\t\u{fffd}°\u{fffd}\u{fffd}»"
        );
    }
}
