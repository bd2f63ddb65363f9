//! Files, manifests, sites, and what is new since the last time.

use super::*;

#[test]
fn an_export_has_a_manifest_that_holds() {
    let place = archive();
    let layout = Layout::File("all.jsonl".to_owned());
    let (files, manifest) = exported(&place, &layout, options(Format::Jsonl));
    let (text, summary) = place.render(&options(Format::Jsonl));
    assert_eq!(files.text("all.jsonl"), text);
    assert_eq!(manifest.messages, summary.messages);
    let [file] = manifest.files.as_slice() else {
        unreachable!("one file")
    };
    assert_eq!(file.bytes, text.len() as u64);
    let [group] = manifest.groups.as_slice() else {
        unreachable!("one group")
    };
    assert_eq!(
        (group.first_id, group.last_id),
        (Some(5343), Some(5401)),
        "{group:?}"
    );
    assert!(group.archive.unknown > 0);
    let [unknown, unsure] = manifest.warnings.as_slice() else {
        unreachable!("{:?}", manifest.warnings)
    };
    assert!(unknown.contains("nothing is known"), "{unknown}");
    assert!(unsure.contains("unsure"), "{unsure}");
    // The same archive gives the same manifest; one that was added to, another.
    assert_eq!(
        exported(&place, &layout, options(Format::Jsonl)).1,
        manifest
    );
}

#[test]
fn the_root_changes_with_whatever_is_written() {
    let mut place = archive();
    let before = place.reader.root().unwrap();
    assert_eq!(place.reader.root().unwrap(), before);
    let deleted = Observed {
        event: Event::Deleted(vec![MessageId(5344)]),
        source: Source::Live,
        at: 1,
    };
    place.writer.append(&[deleted], &[]).unwrap();
    let after = place.reader.root().unwrap();
    assert_ne!(after, before);
    place.seal();
    assert_ne!(place.reader.root().unwrap(), after);
}

#[test]
fn a_file_a_topic_holds_what_the_topic_alone_would() {
    let place = archive();
    for format in [
        Format::Telegram,
        Format::Markdown,
        Format::Jsonl,
        Format::Csv,
    ] {
        let (files, manifest) = exported(&place, &Layout::ByTopic, options(format));
        let ending = format.extension();
        let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [format!("5343-Anna-b.{ending}"), format!("5400.{ending}")]
        );
        for (topic, name) in [TOPIC, OTHER_TOPIC].into_iter().zip(names) {
            let alone = Options {
                selection: Selection {
                    topics: vec![topic],
                    ..Selection::default()
                },
                ..options(format)
            };
            assert_eq!(files.text(name), place.render(&alone).0, "{name}");
        }
        assert_eq!(manifest.messages, conversation().len() as u64);
        assert_eq!(manifest.groups[0].topics, 2);
    }
}

#[test]
fn a_site_has_an_index_and_its_pages_lead_to_each_other() {
    let place = archive();
    let (files, manifest) = exported(&place, &Layout::ByTopic, options(Format::Html));
    let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["index.html", "topics/5343.html", "topics/5400.html"]
    );
    assert_eq!(manifest.messages, conversation().len() as u64);
    let index = files.text("index.html");
    for link in ["topics/5343.html", "topics/5400.html"] {
        assert!(index.contains(&format!("<a href=\"{link}\">")), "{link}");
    }
    assert!(
        index.contains("&lt;b&gt;") && !index.contains("😀 <b>"),
        "titles are escaped"
    );
    for name in names {
        let page = files.text(name);
        // One script, ours, which the policy names by its hash; and data, which does not run.
        assert_eq!(page.matches("<script>").count(), 1, "{name}");
        assert!(page.contains("script-src 'sha256-"), "{name}");
        for forbidden in [
            " src=",
            " onclick",
            " onerror",
            "javascript:",
            "@import",
            "url(",
        ] {
            assert!(
                !page.to_lowercase().contains(forbidden),
                "{name} {forbidden}"
            );
        }
        if name != "index.html" {
            assert!(page.contains("href=\"../index.html\""), "{name}");
        }
    }
    let words = index.split("id=\"words\">").nth(1).unwrap();
    let words: serde_json::Value =
        serde_json::from_str(words.split("</script>").next().unwrap()).unwrap();
    assert_eq!(words["kursiv"], serde_json::json!([0]));
}

#[test]
fn a_long_topic_has_several_pages() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::create(&dir.path().join("vault")).unwrap();
    let group = GroupId::from_bare(2_101_424_779).unwrap();
    let mut writer = vault.writer(group).unwrap();
    let said = |id: i32| {
        let mut message =
            Message::text(MessageId(id), TopicId(2), id.into(), PersonId(400), "hello");
        if id == 10_500 {
            message.reply_to = Some(crate::model::Reply::to(MessageId(4)));
        }
        Observed {
            event: Event::Message(Box::new(message)),
            source: Source::Live,
            at: 0,
        }
    };
    let events: Vec<Observed> = (3..=11_000).map(said).collect();
    writer.append(&events, &[]).unwrap();
    let place = Place {
        _dir: dir,
        writer,
        reader: vault.reader(group).unwrap(),
    };
    let (files, manifest) = exported(&place, &Layout::ByTopic, options(Format::Html));
    let names: Vec<&str> = files.0.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "index.html",
            "topics/2-2.html",
            "topics/2-3.html",
            "topics/2.html"
        ]
    );
    assert_eq!((manifest.messages, manifest.groups[0].topics), (10_998, 1));
    let count = |name: &str| files.text(name).matches("<article ").count();
    assert_eq!(
        ["topics/2.html", "topics/2-2.html", "topics/2-3.html"].map(count),
        [5_000, 5_000, 998]
    );
    let middle = files.text("topics/2-2.html");
    assert!(middle.contains("<a href=\"2.html\">") && middle.contains("<a href=\"2-3.html\">"));
    assert!(!files.text("topics/2-3.html").contains("2-4.html"));
    // A reply to what stands on another page leads there.
    assert!(files.text("topics/2-3.html").contains("href=\"2.html#m4\""));
}

/// What an export under this name has; `keep`: it gets to its place.
fn pulled(place: &Place, format: Format, keep: bool) -> (Kept, Manifest) {
    let vault = Vault::open(place.reader.path().parent().unwrap()).unwrap();
    let group = place.reader.group();
    let mut options = Options {
        redact: format.is_for_training().then(|| Key::new([3; 32])),
        ..options(format)
    };
    options.training.consent = true;
    let mut groups = [crate::transcript::Group {
        reader: place.reader.another().unwrap(),
        options,
        pull: Pull::new(vault.state().unwrap(), "nightly", group),
    }];
    let mut shelf = Kept::default();
    let layout = Layout::File("x.jsonl".to_owned());
    let go_on = &mut |_| ControlFlow::Continue(());
    let manifest = crate::transcript::export(&groups, &layout, &mut shelf, go_on).unwrap();
    if keep {
        groups[0].pull.take().unwrap().finish().unwrap();
    }
    (shelf, manifest)
}

#[test]
fn what_was_exported_comes_again_only_when_it_changed() {
    let mut place = archive();
    let ids = |(files, manifest): (Kept, Manifest)| {
        assert_eq!(manifest.filters["since_last"], "nightly");
        let found = snapshots(&files.text("x.jsonl"));
        found.iter().map(|it| it.message.id.0).collect::<Vec<_>>()
    };
    let everything: Vec<i32> = conversation().iter().map(|it| it.message.id.0).collect();
    let killed = ids(pulled(&place, Format::Jsonl, false));
    assert_eq!(killed, everything);
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), everything);
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), [0; 0]);
    place.seal();
    assert_eq!(
        ids(pulled(&place, Format::Jsonl, true)),
        [0; 0],
        "sealing is no news"
    );
    let seen = |event| Observed {
        event,
        source: Source::Live,
        at: 1_800_000_000,
    };
    let late = Message::text(
        MessageId(5355),
        TOPIC,
        1_795_467_700,
        PersonId(400),
        "found later",
    );
    let mut edited = conversation()
        .into_iter()
        .find(|it| it.message.id.0 == 5346)
        .unwrap()
        .message;
    edited.text.push_str(" (edited)");
    edited.edit_date = Some(1_799_999_000);
    let events = [
        seen(Event::Message(Box::new(late))),
        seen(Event::Message(Box::new(edited))),
        seen(Event::Deleted(vec![MessageId(5350)])),
    ];
    place.writer.append(&events, &[]).unwrap();
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), [5346, 5350, 5355]);
    assert_eq!(ids(pulled(&place, Format::Jsonl, true)), [0; 0]);
    let vault = Vault::open(place.reader.path().parent().unwrap()).unwrap();
    for name in ["", "a b", "../x", &"x".repeat(65)] {
        assert!(Pull::new(vault.state().unwrap(), name, place.reader.group()).is_none());
    }
}

#[test]
fn sessions_come_again_only_with_news_and_once_they_are_over() {
    let mut place = archive();
    let made = |place: &Place| {
        let (files, manifest) = pulled(place, Format::Openai, true);
        let report = manifest.training.unwrap();
        let sessions = files.text("x.jsonl").lines().count();
        (
            sessions,
            report
                .left_out
                .sessions
                .get("may_go_on")
                .copied()
                .unwrap_or(0),
        )
    };
    // The conversation is the newest there is: it may go on.
    let (sessions, may_go_on) = made(&place);
    assert_eq!(sessions, 0);
    assert!(may_go_on > 0);
    let later = Message::text(
        MessageId(6000),
        OTHER_TOPIC,
        1_795_467_600 + 30 * 86_400,
        PersonId(400),
        "weeks later",
    );
    let later = Observed {
        event: Event::Message(Box::new(later)),
        source: Source::Live,
        at: 0,
    };
    place.writer.append(&[later], &[]).unwrap();
    let (sessions, _) = made(&place);
    assert!(sessions > 0);
    assert_eq!(made(&place).0, 0);
}

#[test]
fn a_redacted_site_counts_each_place_once() {
    let place = archive();
    let redact = |layout: &Layout, format| {
        let options = Options {
            redact: Some(Key::new([3; 32])),
            ..options(format)
        };
        exported(&place, layout, options)
    };
    let (files, site) = redact(&Layout::ByTopic, Format::Html);
    let (_, lines) = redact(&Layout::File("x.jsonl".to_owned()), Format::Jsonl);
    assert_eq!(
        site.privacy.replaced["email"],
        lines.privacy.replaced["email"]
    );
    let index = files.text("index.html");
    assert!(
        !index.contains("Anna") && !index.contains("\"schmidt\""),
        "{index}"
    );
}
