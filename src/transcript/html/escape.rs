//! What makes text and addresses from outside harmless in a page.

use std::fmt::{self, Display, Formatter, Write};

/// Text as it may stand in elements and in quoted attributes. Control characters, which no page
/// may contain, become the replacement character.
pub(super) struct Escaped<'t>(pub(super) &'t str);

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

/// The address if a click on it can only open a page, a chat or a letter: `http`, `https`, `tg`
/// or `mailto`, spelt without tricks. An address without a scheme is taken for a web address.
pub(super) fn safe_href(address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty()
        || address
            .chars()
            .any(|character| character.is_control() || character.is_whitespace())
    {
        return None;
    }
    match address.split_once(':') {
        Some((scheme, _))
            if ["http", "https", "tg", "mailto"]
                .iter()
                .any(|allowed| scheme.eq_ignore_ascii_case(allowed)) =>
        {
            Some(address.to_owned())
        }
        // `example.com:8080/x` has a port, not a scheme.
        Some((host, port))
            if is_host(host) && port.starts_with(|digit: char| digit.is_ascii_digit()) =>
        {
            Some(format!("https://{address}"))
        }
        None if is_host(address.split(['/', '?', '#']).next().unwrap_or_default()) => {
            Some(format!("https://{address}"))
        }
        Some((host, _))
            if is_host(host.split(['/', '?', '#']).next().unwrap_or_default())
                && host.contains('/') =>
        {
            Some(format!("https://{address}"))
        }
        _ => None,
    }
}

fn is_host(text: &str) -> bool {
    text.contains('.')
        && !text.starts_with('.')
        && text
            .chars()
            .all(|character| character.is_alphanumeric() || matches!(character, '.' | '-'))
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

    #[test]
    fn only_harmless_addresses_are_linked() {
        for (address, expected) in [
            ("https://a.example/?b=1", Some("https://a.example/?b=1")),
            ("HTTP://A.EXAMPLE", Some("HTTP://A.EXAMPLE")),
            ("tg://resolve?domain=x", Some("tg://resolve?domain=x")),
            ("mailto:a@b.example", Some("mailto:a@b.example")),
            ("example.com/a", Some("https://example.com/a")),
            ("example.com/a:b", Some("https://example.com/a:b")),
            ("example.com:8080/a", Some("https://example.com:8080/a")),
            ("javascript:alert(1)", None),
            (" javascript:alert(1)", None),
            ("JaVaScRiPt:alert(1)", None),
            ("java\tscript:alert(1)", None),
            ("data:text/html,x", None),
            ("vbscript:x", None),
            ("javascript.x:alert(1)", None),
            ("file:///etc/passwd", None),
            ("//evil.example", None),
            ("/etc/passwd", None),
            ("", None),
        ] {
            assert_eq!(safe_href(address).as_deref(), expected, "{address:?}");
        }
    }
}
