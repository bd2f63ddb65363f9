//! Addresses of a system: everything lies below one base.

use reqwest::Url;

/// An address below a base: `/v1/x` is appended to the base's path, as its own documentation
/// would write it; a whole address stands as it is.
pub(super) fn below(base: &Url, path: &str) -> Option<Url> {
    if path.starts_with("https://") || path.starts_with("http://") {
        return Url::parse(path).ok();
    }
    let (path, query) = match path.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path, None),
    };
    let mut url = base.clone();
    let joined = format!(
        "{}/{}",
        base.path().trim_end_matches('/'),
        path.trim_start_matches('/')
    );
    url.set_path(&joined);
    url.set_query(query);
    Some(url)
}

/// Whether credentials for one address may go to another.
pub(super) fn same_place(base: &Url, url: &Url) -> bool {
    base.origin() == url.origin()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn at(base: &str, path: &str) -> String {
        below(&Url::parse(base).unwrap(), path).unwrap().to_string()
    }

    #[test]
    fn paths_are_appended() {
        assert_eq!(at("https://a.example", "/v1/x"), "https://a.example/v1/x");
        assert_eq!(
            at("https://a.example/api/", "v1?q=1"),
            "https://a.example/api/v1?q=1"
        );
        assert_eq!(
            at("https://a.example/api", "https://b.example/x"),
            "https://b.example/x"
        );
        // What a value says is percent-encoded before; a colon is no scheme.
        assert_eq!(
            at("https://a.example", "/a:append"),
            "https://a.example/a:append"
        );
    }

    #[test]
    fn another_port_is_another_place() {
        let base = Url::parse("https://a.example").unwrap();
        for (other, same) in [
            ("https://a.example/x", true),
            ("https://a.example:443/x", true),
            ("http://a.example/x", false),
            ("https://a.example:444/x", false),
            ("https://b.example/x", false),
        ] {
            assert_eq!(
                same_place(&base, &Url::parse(other).unwrap()),
                same,
                "{other}"
            );
        }
    }
}
