//! Addresses from outside, made harmless.

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
