//! A dataset in Hugging Face's layout: Parquet files, a card, and Croissant's description.
//!
//! The nested column follows the Parquet format's rules for lists; the card's front matter is what
//! `datasets.load_dataset` reads; the description is Croissant 1.1 with one record set a split.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::options::Split;
use super::sample::Sample;
use super::tally::Report;
use crate::transcript::TranscriptError;
use crate::transcript::export::{FileEntry, Out};
use crate::transcript::parquet::ParquetFile;

const SCHEMA: &str = "
message conversations {
  required binary id (STRING);
  required int64 group;
  required binary customer (STRING);
  optional binary language (STRING);
  required int64 started (TIMESTAMP(MILLIS,true));
  required int32 turns;
  required int32 tokens;
  required group messages (LIST) {
    repeated group list {
      required group element {
        required binary role (STRING);
        required binary content (STRING);
      }
    }
  }
}";

/// The columns for people and for Croissant: name, Croissant's type, what it is.
const COLUMNS: [(&str, &str, &str); 7] = [
    ("id", "sc:Text", "Pseudonym of the conversation"),
    ("group", "sc:Integer", "Telegram group that it stands in"),
    ("customer", "sc:Text", "Pseudonym of the customer"),
    (
        "language",
        "sc:Text",
        "Language that the customer writes in, ISO 639-1",
    ),
    // Croissant's consumers read no `sc:DateTime`; the time stays.
    ("started", "sc:Date", "When the customer began, UTC"),
    (
        "turns",
        "sc:Integer",
        "Turns, the system prompt not counted",
    ),
    ("tokens", "sc:Integer", "Tokens of all that is said"),
];

/// The only shard of a split.
pub(super) fn file(split: Split) -> String {
    format!("data/{}-00000-of-00001.parquet", split.name())
}

/// A table of conversations.
pub(super) struct Conversations(ParquetFile);

impl Conversations {
    pub(super) fn new() -> io::Result<Self> {
        let distinct = ["id", "messages.list.element.content"];
        ParquetFile::new(SCHEMA, &distinct).map(Self)
    }

    pub(super) fn push(&mut self, sample: &Sample, out: &mut dyn Write) -> io::Result<()> {
        let [
            id,
            group,
            customer,
            language,
            started,
            turns,
            tokens,
            role,
            content,
        ] = self.0.columns()
        else {
            return Err(io::Error::other("a column is missing"));
        };
        let small = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
        id.text(sample.id.as_str());
        group.long(sample.group.bare());
        customer.text(sample.customer.as_str());
        language.text(sample.language.as_deref());
        started.long(sample.started.saturating_mul(1000));
        turns.int(small(sample.turns.len()));
        tokens.int(i32::try_from(sample.tokens).unwrap_or(i32::MAX));
        for (place, (name, text)) in sample.messages().enumerate() {
            role.item(place == 0, name);
            content.item(place == 0, text);
        }
        self.0.end_row(out)
    }

    pub(super) fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.0.end(out)
    }
}

/// Writes the card and Croissant's description, once the tables are written.
pub(super) fn describe(
    report: &Report,
    title: &str,
    splits: &[Split],
    out: &mut Out<'_>,
) -> Result<(), TranscriptError> {
    let files = out.written()?;
    out.begin("README.md")?
        .write_all(card(report, title, splits).as_bytes())?;
    let mut text = serde_json::to_string_pretty(&croissant(report, title, splits, &files))
        .map_err(io::Error::other)?;
    text.push('\n');
    out.begin("croissant.json")?.write_all(text.as_bytes())?;
    Ok(())
}

/// The dataset's card. What stands in its front matter is JSON, which YAML takes as it is.
fn card(report: &Report, title: &str, splits: &[Split]) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut card = format!("---\npretty_name: {}\n", quoted(&name(title)));
    card.push_str("license: other\nlicense_name: consent-of-customers\n");
    let languages = spoken(report);
    if !languages.is_empty() {
        card.push_str("language:\n");
        for tag in languages {
            card.push_str(&format!("- {}\n", quoted(tag)));
        }
    }
    card.push_str("task_categories:\n- text-generation\nsize_categories:\n");
    card.push_str(&format!("- {}\n", size(report.sessions)));
    card.push_str("tags:\n- customer-support\n- telegram\nconfigs:\n- config_name: default\n");
    match splits {
        // Readers refuse a split without a file, and a list without a split.
        [] => card.push_str("  data_files: []\n"),
        splits => {
            card.push_str("  data_files:\n");
            for split in splits {
                let name = split.name();
                card.push_str(&format!(
                    "  - split: {name}\n    path: data/{name}-*.parquet\n"
                ));
            }
        }
    }
    card.push_str("---\n\n");
    card.push_str(&body(report, title, splits));
    card
}

fn body(report: &Report, title: &str, splits: &[Split]) -> String {
    let mut text = format!("# {}\n\n", plain(&name(title)));
    text.push_str(
        "Conversations between customers and a support desk, exported by topicvault. The \
         customers consented to training; personal data was replaced by pseudonyms.\n\n",
    );
    text.push_str(
        "| split | conversations | turns | tokens | customers |\n|---|---|---|---|---|\n",
    );
    for split in splits {
        if let Some(it) = report.splits.get(split.name()) {
            text.push_str(&format!(
                "| {} | {} | {} | {} | {} |\n",
                split.name(),
                it.sessions,
                it.turns,
                it.tokens,
                it.customers
            ));
        }
    }
    text.push_str(&format!(
        "\nNo customer is in two splits. Tokens are those of `{}`.\n\n",
        report.tokenizer
    ));
    text.push_str("| column | what it is |\n|---|---|\n");
    for (name, _, what) in COLUMNS {
        text.push_str(&format!("| `{name}` | {what} |\n"));
    }
    text.push_str("| `messages` | The turns, first to last: `role` and `content` |\n\n");
    text.push_str(
        "Sessions are cut where a topic was silent; turns of one side are merged, so that sides \
         alternate, the customer first and the desk last. `report.html` shows lengths, languages, \
         and what was left out and why; `manifest.json` where it comes from, with a hash of each \
         file.\n\n```python\nfrom datasets import load_dataset\n\nload_dataset(\"PATH\")\n```\n",
    );
    text
}

/// The languages of at least one conversation in fifty: a few words can be taken for anything.
fn spoken(report: &Report) -> Vec<&String> {
    let counts = report
        .languages
        .iter()
        .filter(|(tag, count)| *tag != "unknown" && count.saturating_mul(50) >= report.sessions);
    counts.map(|(tag, _)| tag).collect()
}

/// A title within Markdown.
fn plain(title: &str) -> String {
    let escape = |character: char| match character {
        '\n' | '\r' => vec![' '],
        it if it.is_ascii_punctuation() => vec!['\\', it],
        it => vec![it],
    };
    title.chars().flat_map(escape).collect()
}

fn name(title: &str) -> String {
    match title.trim() {
        "" => "Support desk".to_owned(),
        title => title.to_owned(),
    }
}

/// Hugging Face's classes of sizes.
const fn size(rows: u64) -> &'static str {
    match rows {
        ..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        1_000_000..10_000_000 => "1M<n<10M",
        _ => "10M<n<100M",
    }
}

/// Croissant's description (JSON-LD).
fn croissant(report: &Report, title: &str, splits: &[Split], files: &[FileEntry]) -> Value {
    let name = name(title);
    let languages = spoken(report);
    let object = |split: &Split| {
        let path = file(*split);
        let entry = files.iter().find(|entry| entry.path == path);
        json!({
            "@type": "cr:FileObject",
            "@id": format!("{}-file", split.name()),
            "name": path.trim_start_matches("data/"),
            "contentUrl": path,
            "contentSize": format!("{} B", entry.map_or(0, |entry| entry.bytes)),
            "encodingFormat": "application/x-parquet",
            "sha256": entry.map(|entry| entry.sha256.as_str()),
        })
    };
    json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "name": name,
        "description": "Conversations between customers and a support desk.",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "license": "Consent of the customers",
        "url": "https://t.me",
        "version": "1.0.0",
        "datePublished": report.newest,
        "citeAs": format!("{name}, exported by topicvault"),
        "inLanguage": languages,
        "keywords": ["customer support"],
        "creator": {"@type": "sc:Organization", "name": name},
        "distribution": splits.iter().map(object).collect::<Vec<_>>(),
        "recordSet": splits.iter().map(|split| records(*split)).collect::<Vec<_>>(),
    })
}

fn records(split: Split) -> Value {
    let set = split.name();
    let source = |column: &str| {
        json!({
            "fileObject": {"@id": format!("{set}-file")},
            "extract": {"column": column},
        })
    };
    let mut fields: Vec<Value> = COLUMNS
        .iter()
        .map(|(name, kind, what)| {
            json!({
                "@type": "cr:Field",
                "@id": format!("{set}/{name}"),
                "name": name,
                "description": what,
                "dataType": kind,
                "source": source(name),
            })
        })
        .collect();
    let part = |name: &str, what: &str| {
        let mut source = source("messages");
        if let Some(source) = source.as_object_mut() {
            source.insert("transform".to_owned(), json!({"jsonPath": name}));
        }
        json!({
            "@type": "cr:Field",
            "@id": format!("{set}/messages/{name}"),
            "name": name,
            "description": what,
            "dataType": "sc:Text",
            "source": source,
        })
    };
    fields.push(json!({
        "@type": "cr:Field",
        "@id": format!("{set}/messages"),
        "name": "messages",
        "description": "The turns, first to last",
        "isArray": true,
        "arrayShape": "-1",
        "subField": [
            part("role", "system, user or assistant"),
            part("content", "What was said"),
        ],
    }));
    json!({
        "@type": "cr:RecordSet",
        "@id": set,
        "name": set,
        "description": format!("Conversations of the split {set}."),
        "key": {"@id": format!("{set}/id")},
        "field": fields,
    })
}

/// The vocabulary's names, as the specification of Croissant 1.1 lists them.
fn context() -> Value {
    let mut context = json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "description": {"@container": "@language"},
        "name": {"@container": "@language"},
    });
    let terms = [
        "arrayShape",
        "citeAs",
        "column",
        "containedIn",
        "equivalentProperty",
        "extract",
        "field",
        "fileProperty",
        "fileObject",
        "fileSet",
        "format",
        "includes",
        "isArray",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
        "parentField",
        "path",
        "recordSet",
        "references",
        "regex",
        "repeated",
        "replace",
        "samplingRate",
        "separator",
        "source",
        "subField",
        "transform",
    ];
    if let Some(context) = context.as_object_mut() {
        for term in terms {
            context.insert(term.to_owned(), Value::from(format!("cr:{term}")));
        }
    }
    context
}
