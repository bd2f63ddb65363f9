#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;

/// A reader that gives a byte at a time, as a slow disk might.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some((first, rest)) = self.0.split_first() else {
            return Ok(0);
        };
        self.0 = rest;
        if let Some(byte) = out.first_mut() {
            *byte = *first;
        }
        Ok(1)
    }
}

fn scan(text: &str) -> Result<Vec<String>, String> {
    let mut both = Vec::new();
    for slow in [false, true] {
        let reader: Box<dyn Read> = match slow {
            true => Box::new(Slow(text.as_bytes())),
            false => Box::new(text.as_bytes()),
        };
        let mut scanner = Scanner::new(reader);
        let mut found = Vec::new();
        let end = loop {
            match scanner.next() {
                Ok(None) => break Ok(found),
                Ok(Some(Item::Chat(chat))) => found.push(format!(
                    "{} {} {}",
                    chat.name.unwrap_or_default(),
                    chat.kind.unwrap_or_default(),
                    chat.id.unwrap_or_default()
                )),
                Ok(Some(Item::Message { bytes, place })) => {
                    let there = &text.as_bytes()[usize::try_from(place.offset).unwrap()..];
                    assert!(there.starts_with(bytes));
                    found.push(format!(
                        "{}: {}",
                        place.line,
                        String::from_utf8_lossy(bytes)
                    ));
                }
                Err(error) => break Err(error.to_string()),
            }
        };
        both.push(end);
    }
    assert_eq!(both[0], both[1]);
    both.remove(0)
}

#[test]
fn a_chats_messages_are_found_with_their_places() {
    let text = "\u{feff}{\n \"name\": \"Su\\\"p\", \"type\": \"private_supergroup\",\n \"id\": 77,\n \"x\": {\"messages\": [1, {\"a\": \"}\"}]},\n \"messages\": [\n  {\"id\": 1, \"text\": \"a ] } \\\\\"},\n  {\"id\": 2, \"t\": [[]]}, 5\n ]\n}\n";
    assert_eq!(
        scan(text).unwrap(),
        [
            "Su\"p private_supergroup 77",
            "6: {\"id\": 1, \"text\": \"a ] } \\\\\"}",
            "7: {\"id\": 2, \"t\": [[]]}",
            "7: 5"
        ]
    );
}

#[test]
fn a_whole_export_has_many_chats() {
    let text = r#"{"about": "…", "personal_information": {"user_id": 1, "messages": [7]},
        "chats": {"about": "", "list": [
            {"name": "A", "type": "personal_chat", "id": 1, "messages": []},
            {"id": 2, "messages": [{"id": 5}], "more": [1, 2]}, {"type": "x"}]},
        "left_chats": {"list": [{"id": 3, "messages": [{}]}]}}"#;
    assert_eq!(
        scan(text).unwrap(),
        ["A personal_chat 1", "  2", "4: {\"id\": 5}", "  3", "5: {}"]
    );
}

#[test]
fn what_is_no_export_is_said_with_its_place() {
    for (text, said) in [
        ("", "does not begin"),
        ("[]", "does not begin"),
        ("{", "ends too soon"),
        ("{\"messages\": [{\"id\": 1}", "ends too soon"),
        ("{\"messages\": [{\"id\": 1", "middle of this"),
        ("{\"messages\": [{\"id\": \"", "middle of this"),
        ("{\"a\" 1}", "colon"),
        ("{\"a\": 1} x", "follows its end"),
        ("{1: 2}", "something else than a name"),
        ("{\"a\": [}]}", "does not fit"),
        ("{\"messages\": [[]}", "does not fit"),
        ("{\"messages\": [{}}]}", "does not fit"),
        ("{\"id\": }", "does not fit"),
        ("{\"chats\": {\"list\": [1]}}", "something else"),
    ] {
        let error = scan(text).unwrap_err();
        assert!(error.contains(said), "{text}: {error}");
    }
    let deep = format!("{{\"a\": {}", "[".repeat(1000));
    assert!(scan(&deep).unwrap_err().contains("too deeply"));
}
