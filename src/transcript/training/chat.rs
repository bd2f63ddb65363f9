//! JSON Lines of conversations: `OpenAI`'s chat format, `ShareGPT` and TRL's.

use std::io::{self, Write};

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};

use super::sample::Sample;
use crate::transcript::Format;

/// Writes a conversation as one line.
pub(super) fn line(format: Format, sample: &Sample, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Sharegpt => serde_json::to_writer(
            &mut *out,
            &ShareGpt {
                conversations: Turns(sample),
            },
        )?,
        Format::Trl => serde_json::to_writer(
            &mut *out,
            &Trl {
                prompt: Said(sample, true),
                completion: Said(sample, false),
            },
        )?,
        _ => serde_json::to_writer(
            &mut *out,
            &OpenAi {
                messages: All(sample),
            },
        )?,
    }
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct OpenAi<'a> {
    messages: All<'a>,
}

#[derive(Serialize)]
struct ShareGpt<'a> {
    conversations: Turns<'a>,
}

/// All but the last answer, and that.
#[derive(Serialize)]
struct Trl<'a> {
    prompt: Said<'a>,
    completion: Said<'a>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

struct All<'a>(&'a Sample);

impl Serialize for All<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let messages = self.0.messages();
        serializer.collect_seq(messages.map(|(role, content)| Message { role, content }))
    }
}

/// The prompt, or the completion.
struct Said<'a>(&'a Sample, bool);

impl Serialize for Said<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(sample, prompt) = self;
        let last = sample.messages().count().saturating_sub(1);
        let mut list = serializer.serialize_seq(None)?;
        for (place, (role, content)) in sample.messages().enumerate() {
            if (place < last) == *prompt {
                list.serialize_element(&Message { role, content })?;
            }
        }
        list.end()
    }
}

#[derive(Serialize)]
struct Turn<'a> {
    from: &'static str,
    value: &'a str,
}

struct Turns<'a>(&'a Sample);

impl Serialize for Turns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let turns = self.0.messages().map(|(role, value)| {
            let from = match role {
                "user" => "human",
                "assistant" => "gpt",
                other => other,
            };
            Turn { from, value }
        });
        serializer.collect_seq(turns)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::session;
    use super::*;

    fn written(format: Format) -> String {
        let turn = |desk, text: &str| session::Turn {
            desk,
            text: text.to_owned(),
            messages: 1,
        };
        let sample = Sample {
            id: "k7x2q9sb".to_owned(),
            group: crate::model::GroupId::EXAMPLE,
            customer: "zz".to_owned(),
            language: None,
            started: 0,
            system: Some("Be kind.".to_owned()),
            turns: vec![
                turn(false, "Hello\n\"there\""),
                turn(true, "Yes?"),
                turn(false, "It broke"),
                turn(true, "We mend it."),
            ],
            tokens: 0,
        };
        let mut out = Vec::new();
        line(format, &sample, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_format_has_its_names() {
        let lines = [Format::Openai, Format::Sharegpt, Format::Trl].map(written);
        insta::assert_snapshot!(lines.concat());
    }
}
