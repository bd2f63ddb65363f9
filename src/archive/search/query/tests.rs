#![allow(clippy::unwrap_used)]
use super::*;

fn parse(text: &str) -> Result<Query, QueryError> {
    Query::parse(text, &TimeZone::UTC)
}

/// Where a query's words stand; `None` unless all do.
fn find(query: &str, text: &str) -> Option<Vec<(usize, usize)>> {
    let query = parse(query).unwrap();
    let stemmers = Stemmers::default();
    let mut folded = Folded::default();
    folded.set(text);
    super::super::matches::matches(&query, &folded, &stemmers).map(|found| found.places)
}

#[test]
fn case_and_accents_do_not_matter_in_any_script() {
    for (query, text) in [
        ("hello", "Well, HELLO there"),
        ("ПРИВЕТ", "ну привет"),
        ("елка", "Ёлка"),
        ("größe", "die GRÖSSE"),
        ("grüsse", "Viele Grüße"),
        ("GRÜẞE", "viele grüsse"),
        ("grusse", "viele Grüße"),
        ("cafe", "ein Café"),
        ("perche", "Perché no?"),
        ("οδοσ", "ΟΔΟΣ οδός ὁδὸς"),
        ("istanbul", "İSTANBUL"),
        ("замок", "старый за\u{301}мок"),
        ("天气", "今天天气很好"),
        ("气", "今天天气很好"),
        ("안녕", "안녕하세요"),
    ] {
        assert!(find(query, text).is_some(), "{query} in {text}");
    }
    assert!(find("мои", "мой").is_none(), "й is a letter of its own");
}

#[test]
fn words_match_from_their_beginning_and_all_must() {
    assert_eq!(
        find("pay", "repay PAYMENT pay"),
        Some(vec![(6, 9), (14, 17)])
    );
    assert_eq!(find("ment", "payment"), None);
    assert_eq!(find("a b", "a c"), None);
    assert!(find("card, visa!", "my Visa card").is_some());
    assert!(find("4917", "+49 17").is_none());
    assert!(find("to", "tomorrow").is_none(), "short words match whole");
    assert!(find("to", "go TO it").is_some());
    assert!(find("card -visa", "my card").is_some());
    assert!(find("card -visa", "my Visa card").is_none());
}

#[test]
fn other_forms_of_a_word_match_whole() {
    assert_eq!(find("заказов", "мой заказ"), Some(vec![(4, 9)]));
    assert_eq!(find("возврат", "сумму возвратов"), Some(vec![(6, 15)]));
    assert_eq!(
        find("bestellungen", "meine Bestellung"),
        Some(vec![(6, 16)])
    );
    assert!(find("Buch", "zwei Bücher").is_some());
    assert!(find("Bücher", "ein Buch").is_some());
    assert!(find("deliveries", "the delivery").is_some());
    assert!(find("refunded", "a refund").is_some());
    assert!(find("ordering", "border").is_none());
}

#[test]
fn a_phrase_stays_together() {
    assert!(find("\"left  OUR\" depot", "Depot: it left our house").is_some());
    assert!(find("\"left our\"", "our parcel left").is_none());
    assert!(find("an \"open end", "an open end").is_some());
    assert!(find("e-mail", "my E-Mail").is_some());
    assert!(find("e-mail", "mail for e").is_none());
    assert!(find("x -\"left our\"", "x left the our").is_some());
}

#[test]
fn matches_are_apart_and_of_whole_characters() {
    assert_eq!(find("ref refund", "a refund"), Some(vec![(2, 8)]));
    assert_eq!(find("gros", "groß da"), Some(vec![(0, 4)]));
}

#[test]
fn filters_are_read() {
    let query = parse("refund from:\"Anna S\" from:@bo role:Operator topic:5343 has:photo after:2026-11-01 before:2026-11-02T12:00").unwrap();
    let filters = &query.filters;
    assert_eq!(query.terms.len(), 1);
    assert_eq!(filters.from, ["Anna S", "@bo"]);
    assert_eq!(filters.role, ["operator"]);
    assert_eq!(filters.topic, ["5343"]);
    assert_eq!(filters.has, [Has::Kind(MediaKind::Photo)]);
    assert_eq!(filters.after, Some(1_793_491_200));
    assert_eq!(filters.before, Some(1_793_491_200 + 36 * 3600));
    // What only looks like one is words.
    assert_eq!(parse("re:from fromage:1").unwrap().terms.len(), 2);
    assert!(parse("has:link").is_ok());
}

#[test]
fn what_cannot_be_understood_is_said() {
    for (text, said) in [
        (" ?! \" \"", "no letters"),
        ("-", "no letters"),
        ("from:", "`from:` needs a value"),
        ("has:horns", "`has:horns` is unknown: use photo"),
        ("role:king", "`role:king` is unknown"),
        ("before:yesterday", "`before:yesterday` is no date"),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    assert!(parse("a?").is_ok());
}
