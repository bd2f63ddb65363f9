//! Both kinds.
#![allow(clippy::unwrap_used)]

use super::{parse_old, parse_v2};
use crate::emulator::text::units;
use crate::emulator::world::Entity;

fn shape((text, entities): (String, Vec<Entity>)) -> (String, Vec<(String, i32, i32)>) {
    let entities = entities
        .into_iter()
        .map(|entity| (entity.kind, entity.offset, entity.length))
        .collect();
    (text, entities)
}

fn list(expected: &[(&str, i32, i32)]) -> Vec<(String, i32, i32)> {
    expected
        .iter()
        .map(|(kind, offset, length)| ((*kind).to_owned(), *offset, *length))
        .collect()
}

#[test]
fn the_old_kind_knows_five_entities() {
    let source = "😀 *bold* _it_ \\*no\\* `x` ```rust\nfn\n``` [here](https://a.example/) [anna](tg://user?id=7)";
    let parsed = parse_old(source).unwrap();
    assert_eq!(parsed.1.get(3).unwrap().language.as_deref(), Some("rust"));
    assert_eq!(parsed.1.last().unwrap().user_id, Some(7));
    let (text, entities) = shape(parsed);
    assert_eq!(text, "😀 bold it *no* x fn\n here anna");
    let expected = [
        ("bold", 3, 4),
        ("italic", 8, 2),
        ("code", 16, 1),
        ("pre", 18, 3),
        ("text_link", 22, 4),
        ("mention_name", 27, 4),
    ];
    assert_eq!(entities, list(&expected));
    assert_eq!(
        parse_old("a *b").unwrap_err(),
        "Can't find end of the entity starting at byte offset 2"
    );
}

#[test]
fn the_second_kind_nests() {
    let source = "*bold _both_* __under__ ~gone~ ||hush|| `a*b` \\. [x\\.y](https://a.example/\\))";
    let (text, entities) = shape(parse_v2(source).unwrap());
    assert_eq!(text, "bold both under gone hush a*b . x.y");
    let expected = [
        ("bold", 0, 9),
        ("italic", 5, 4),
        ("underline", 10, 5),
        ("strikethrough", 16, 4),
        ("spoiler", 21, 4),
        ("code", 26, 3),
        ("text_link", 32, 3),
    ];
    assert_eq!(entities, list(&expected));
}

#[test]
fn quotes_end_with_their_lines() {
    let (text, entities) = shape(parse_v2("a\n>one\n>*two*\nb\n>three||").unwrap());
    assert_eq!(text, "a\none\ntwo\nb\nthree");
    let expected = [("blockquote", 2, 7), ("bold", 6, 3), ("blockquote", 12, 5)];
    assert_eq!(entities, list(&expected));
}

#[test]
fn the_documented_quotes_are_understood() {
    let source = ">Block\n>last line\n**>The expandable started\n>hidden by default\n>last||";
    let (text, entities) = parse_v2(source).unwrap();
    assert_eq!(
        text,
        "Block\nlast line\nThe expandable started\nhidden by default\nlast"
    );
    let quotes: Vec<_> = entities
        .iter()
        .map(|entity| (entity.kind.as_str(), entity.offset, entity.collapsed))
        .collect();
    assert_eq!(quotes, [("blockquote", 0, false), ("blockquote", 16, true)]);
    assert!(parse_v2("*a*>b").is_err(), "a line that has begun");
}

#[test]
fn mistakes_are_explained() {
    let reserved = |letter| {
        format!("Character '{letter}' is reserved and must be escaped with the preceding '\\'")
    };
    for (source, error) in [
        ("1. first", reserved('.')),
        ("a > b", reserved('>')),
        ("a|b", reserved('|')),
        ("wow!", reserved('!')),
        (
            "ab *c",
            "Can't find end of Bold entity at byte offset 3".to_owned(),
        ),
        (
            "*a _b*",
            "Can't find end of Bold entity at byte offset 5".to_owned(),
        ),
        (
            "```rust\nx",
            "Can't find end of PreCode entity at byte offset 0".to_owned(),
        ),
        (
            "[x](https://a",
            "Can't find end of a URL at byte offset 4".to_owned(),
        ),
    ] {
        assert_eq!(parse_v2(source).unwrap_err(), error, "{source}");
    }
}

proptest::proptest! {
    #[test]
    fn any_input_is_parsed_or_refused(source in "(\\*|_|__|\\[|\\]|\\(|\\)|~|`|```|>|\\|\\||\\\\|!|\n|😀| |x){0,40}") {
        let parsed = [parse_old(&source), parse_v2(&source)];
        for (text, entities) in parsed.into_iter().flatten() {
            for entity in entities {
                proptest::prop_assert!(entity.offset >= 0 && entity.length > 0);
                proptest::prop_assert!(entity.offset + entity.length <= units(&text));
            }
        }
    }
}
