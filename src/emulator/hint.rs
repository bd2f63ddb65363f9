//! "Did you mean": what was probably meant by an unknown name.

/// How alike two names must be (0 to 1) for one to be taken for the other.
const ALIKE: f64 = 0.5;

/// The name among `known` that `name` was probably meant to be.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::normalized_damerau_levenshtein(&name, known), known))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// A reader's complaint, with "did you mean" where it names something unknown and what there is.
///
/// serde names both in its message alone: the unknown in back-ticks first, then what it expected.
pub(super) fn explained(complaint: &str) -> String {
    let complaint = complaint.trim();
    let unknown = ["unknown field `", "unknown variant `"]
        .iter()
        .find_map(|start| complaint.split_once(start));
    let Some((_, rest)) = unknown else {
        return complaint.to_owned();
    };
    let mut quoted = rest.split('`').step_by(2);
    let name = quoted.next().unwrap_or_default();
    // The pieces between back-ticks alternate: names at even places, commas between them.
    match nearest(name, quoted) {
        Some(meant) => format!("{complaint}; did you mean `{meant}`?"),
        None => complaint.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_named() {
        let said = explained("unknown field `grup`, expected one of `as`, `group`, `topic`");
        assert!(said.ends_with("did you mean `group`?"), "{said}");
        let said = explained("unknown variant `dance`, expected `post` or `edit`");
        assert!(!said.contains("did you mean"), "{said}");
        let said = explained("unknown field `titel`, expected `title` or `text`");
        assert!(said.ends_with("did you mean `title`?"), "{said}");
        assert_eq!(explained("missing field `text`"), "missing field `text`");
        assert_eq!(explained("unknown field `"), "unknown field `");
    }
}
