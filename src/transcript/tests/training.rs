//! Redaction, and conversations to train on.

use super::*;

/// What the fixture says about people.
const PERSONAL: [&str; 12] = [
    "Anna",
    "Schmidt",
    "anna_s",
    "987654321",
    "1234567",
    "a@b.de",
    "Max Weber",
    "max_w",
    "Ольга",
    "Петров",
    "rechnung",
    "49301234567",
];

#[test]
fn a_redacted_transcript_says_nothing_of_anybody() {
    let place = archive();
    let key = Key::new([3; 32]);
    for format in [
        Format::Html,
        Format::Telegram,
        Format::Jsonl,
        Format::Markdown,
        Format::Csv,
    ] {
        let options = Options {
            redact: Some(key.clone()),
            ..options(format)
        };
        for order in [Order::Topic, Order::Id] {
            let options = Options {
                order,
                ..options.clone()
            };
            let (text, summary) = place.render(&options);
            for word in PERSONAL {
                assert!(!text.contains(word), "{format:?} {word}");
            }
            assert!(text.contains("PERSON"), "{format:?}");
            assert!(summary.replaced.contains_key("email"), "{summary:?}");
            // Whoever speaks for the desk or is a bot is still told apart.
            assert!(text.contains("Desk bot"), "{format:?}");
            assert_eq!(place.render(&options).0, text, "the same each time");
        }
    }
}

#[test]
fn a_redacted_line_is_a_line_that_reads() {
    let place = archive();
    let options = Options {
        redact: Some(Key::new([3; 32])),
        ..options(Format::Jsonl)
    };
    let (text, _) = place.render(&options);
    for snapshot in snapshots(&text) {
        let units = snapshot.message.text.encode_utf16().count();
        for entity in &snapshot.message.entities {
            let end = u64::from(entity.offset) + u64::from(entity.length);
            assert!(end <= units as u64, "{snapshot:?}");
        }
    }
    let redacted = snapshots(&text);
    let formatted = redacted.iter().find(|it| it.message.id.0 == 5344).unwrap();
    let bold = formatted.message.entities.iter().find(|it| {
        let text: Vec<u16> = formatted.message.text.encode_utf16().collect();
        let range = it.offset as usize..(it.offset + it.length) as usize;
        String::from_utf16_lossy(&text[range]) == "fett kursiv"
    });
    assert!(bold.is_some(), "formatting moves with the text");
}

fn trained(place: &Place, layout: &Layout, change: impl FnOnce(&mut Options)) -> (Kept, Manifest) {
    let mut options = Options {
        redact: Some(Key::new([3; 32])),
        ..options(Format::Openai)
    };
    options.training.consent = true;
    change(&mut options);
    exported(place, layout, options)
}

#[test]
fn nothing_is_made_to_train_on_without_consent_or_key() {
    let place = archive();
    let layout = Layout::File("x.jsonl".to_owned());
    let refused = |options: Options| {
        let reader = place.reader.another().unwrap();
        let group = crate::transcript::Group {
            reader,
            options,
            pull: None,
        };
        let go_on = &mut |_| ControlFlow::Continue(());
        let mut shelf = Kept::default();
        let error = crate::transcript::export(&[group], &layout, &mut shelf, go_on).unwrap_err();
        assert!(shelf.0.is_empty(), "no file was begun");
        error
    };
    let mut wanted = options(Format::Openai);
    wanted.redact = Some(Key::new([3; 32]));
    let error = refused(wanted.clone());
    assert!(matches!(error, TranscriptError::Consent(_)), "{error}");
    wanted.training.consent = true;
    wanted.redact = None;
    let error = refused(wanted);
    assert!(matches!(error, TranscriptError::NoKey), "{error}");
}

#[test]
fn conversations_alternate_and_say_nothing_of_anybody() {
    let place = archive();
    let layout = Layout::File("x.jsonl".to_owned());
    let (files, manifest) = trained(&place, &layout, |options| {
        let prompt = "You answer for {{ group }} in {{ language_name }}.";
        options.training.system = Some(SystemPrompt::parse(prompt).unwrap());
    });
    let names: Vec<&String> = files.0.keys().collect();
    assert_eq!(
        names,
        ["x.jsonl", "x.jsonl.report.html", "x.jsonl.report.json"]
    );
    let text = files.text("x.jsonl");
    let mut turns = 0;
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let messages = line["messages"].as_array().unwrap();
        assert_eq!(
            messages[0]["content"],
            "You answer for Support & Sales in German."
        );
        let roles = messages[1..].iter().map(|it| it["role"].as_str().unwrap());
        assert!(
            roles
                .enumerate()
                .all(|(place, role)| { role == if place % 2 == 0 { "user" } else { "assistant" } })
        );
        assert!(messages.len() % 2 == 1);
        turns += messages.len() as u64 - 1;
    }
    assert!(turns > 0);
    for name in files.0.keys() {
        for word in PERSONAL {
            let text = files.text(name);
            assert!(!text.contains(word), "{name} {word}\n{text}");
        }
    }
    let report = manifest.training.unwrap();
    assert_eq!(report.turns, turns);
    assert_eq!(report.sessions, text.lines().count() as u64);
    assert!(report.tokens > 0 && report.tokenizer == "o200k_base");
    assert!(report.left_out.messages.contains_key("note"), "{report:?}");
    assert_eq!(
        serde_json::from_str::<crate::transcript::Report>(&files.text("x.jsonl.report.json"))
            .unwrap(),
        report
    );
    assert_eq!(
        manifest.privacy.training_consent.as_deref(),
        Some("customers")
    );
}

#[test]
fn a_long_silence_begins_a_new_session() {
    let place = archive();
    let layout = Layout::File("x.jsonl".to_owned());
    let sessions = |silence: i64| {
        let (files, _) = trained(&place, &layout, |options| {
            options.training.silence = silence;
            options.training.near = None;
        });
        files.text("x.jsonl").lines().count()
    };
    assert!(sessions(60) < sessions(600) || sessions(86_400) <= sessions(600));
    assert_eq!(sessions(86_400 * 365), 1);
}

#[test]
fn a_dataset_has_a_card_and_croissant() {
    let place = archive();
    let (files, manifest) = trained(&place, &Layout::Folder, |options| {
        options.format = Format::Dataset;
    });
    let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
    let table = names.iter().find(|name| name.starts_with("data/")).unwrap();
    let others: Vec<&&str> = names.iter().filter(|name| *name != table).collect();
    assert_eq!(
        others,
        [
            &"README.md",
            &"croissant.json",
            &"report.html",
            &"report.json"
        ]
    );
    assert!(table.ends_with("-00000-of-00001.parquet"), "{table}");
    let json: serde_json::Value = serde_json::from_str(&files.text("croissant.json")).unwrap();
    let entry = manifest.files.iter().find(|it| it.path == *table).unwrap();
    assert_eq!(json["distribution"][0]["sha256"], entry.sha256);
    let split = table.trim_start_matches("data/").split('-').next().unwrap();
    let card = files.text("README.md");
    assert!(card.contains(&format!(
        "  - split: {split}\n    path: data/{split}-*.parquet"
    )));
}
