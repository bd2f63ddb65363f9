//! Dialogues: what people say, as data.

use std::sync::LazyLock;

use super::random::Random;

/// Who does what in a line of a dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The customer writes.
    Customer,
    /// The customer answers the operator's last message.
    CustomerReplies,
    /// The customer sends a picture.
    CustomerPhoto,
    /// The customer sends a voice message.
    CustomerVoice,
    /// The customer sends a document.
    CustomerDocument,
    /// The customer forwards somebody's words.
    CustomerForwards,
    /// The operator writes.
    Operator,
    /// The operator answers the customer's last message.
    OperatorReplies,
    /// The operator sends a document.
    OperatorDocument,
    /// The operator writes a note.
    Note,
    /// The parcel bot tells something, as a note.
    Parcel,
}

/// One line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) turn: Turn,
    /// Text with slots such as `{name}`; `file|caption` for documents.
    pub(super) text: &'static str,
}

/// One conversation about one thing.
pub(super) type Dialogue = Vec<Line>;

/// Read once: a large past asks for them thousands of times.
static DIALOGUES: LazyLock<[Vec<Dialogue>; 3]> = LazyLock::new(|| {
    [
        include_str!("dialogues/en.txt"),
        include_str!("dialogues/de.txt"),
        include_str!("dialogues/ru.txt"),
    ]
    .map(|source| {
        source
            .split("\n\n")
            .map(|block| block.lines().filter_map(line).collect())
            .collect()
    })
});

/// All dialogues of a language (`en`, `de`, `ru`).
pub(super) fn dialogues(language: &str) -> &'static [Dialogue] {
    let [english, german, russian] = &*DIALOGUES;
    match language {
        "de" => german,
        "ru" => russian,
        _ => english,
    }
}

fn line(source: &'static str) -> Option<Line> {
    let (mark, text) = source.split_once(' ').unwrap_or((source, ""));
    let turn = match mark {
        "c" => Turn::Customer,
        "cr" => Turn::CustomerReplies,
        "cp" => Turn::CustomerPhoto,
        "cv" => Turn::CustomerVoice,
        "cd" => Turn::CustomerDocument,
        "cf" => Turn::CustomerForwards,
        "o" => Turn::Operator,
        "or" => Turn::OperatorReplies,
        "od" => Turn::OperatorDocument,
        "n" => Turn::Note,
        "p" => Turn::Parcel,
        _ => return None,
    };
    Some(Line { turn, text })
}

/// What the slots of one conversation stand for: the same order number throughout.
#[derive(Clone, Debug)]
pub(super) struct Slots(Vec<(&'static str, String)>);

const CITIES: [(&str, &[&str]); 3] = [
    ("en", &["Leeds", "Bristol", "Cardiff", "Glasgow", "York"]),
    ("de", &["Kassel", "Graz", "Lübeck", "Würzburg", "Erfurt"]),
    ("ru", &["Казань", "Томск", "Псков", "Самара", "Тула"]),
];

impl Slots {
    pub(super) fn draw(random: &mut Random, language: &str, name: &str, operator: &str) -> Self {
        let cities = CITIES
            .iter()
            .find(|(of, _)| *of == language)
            .map_or(&["Leeds"][..], |(_, cities)| cities);
        let order = 10_000 + random.below(89_999);
        let (day, month) = (1 + random.below(28), 1 + random.below(12));
        let date = match language {
            "en" => format!("{day}/{month}"),
            "de" => format!("{day:02}.{month:02}."),
            _ => format!("{day:02}.{month:02}"),
        };
        let phone = match language {
            "de" => format!("+49 1515 {:07}", random.below(10_000_000)),
            "ru" => format!(
                "+7 900 {:03}-{:02}-{:02}",
                random.below(1000),
                random.below(100),
                random.below(100)
            ),
            _ => format!("+44 7700 900{:03}", random.below(1000)),
        };
        let amount = 9 + random.below(240);
        let cents = random
            .pick(&["00", "50", "90", "99"])
            .copied()
            .unwrap_or("00");
        let amount = match language {
            "en" => format!("{amount}.{cents}"),
            "de" => format!("{amount},{cents}"),
            _ => format!("{}", amount * 100),
        };
        let tariff = random.pick(&["Start", "Team", "Studio", "Pro"]).copied();
        Self(vec![
            ("{order}", order.to_string()),
            ("{date}", date),
            ("{phone}", phone),
            ("{amount}", amount),
            ("{name}", name.to_owned()),
            ("{op}", operator.to_owned()),
            ("{tariff}", tariff.unwrap_or("Start").to_owned()),
            (
                "{email}",
                format!("customer{}@mail.example", random.below(10_000)),
            ),
            (
                "{link}",
                format!("https://shop.example/help/{}", 100 + random.below(900)),
            ),
            ("{track}", format!("RX{:09}DE", random.below(1_000_000_000))),
            (
                "{city}",
                random.pick(cities).copied().unwrap_or("Leeds").to_owned(),
            ),
        ])
    }

    /// Fills a text.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (slot, value) in &self.0 {
            if filled.contains(slot) {
                filled = filled.replace(slot, value);
            }
        }
        // A German date ends with a full stop of its own.
        filled.replace("..", ".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood_and_every_slot_known() {
        for language in ["en", "de", "ru"] {
            let source = dialogues(language);
            assert!(source.len() >= 11, "{language}: {}", source.len());
            for dialogue in source {
                assert!(dialogue.len() >= 5, "{language}: {dialogue:?}");
            }
            let lines: usize = source.iter().map(Vec::len).sum();
            let file = match language {
                "de" => include_str!("dialogues/de.txt"),
                "ru" => include_str!("dialogues/ru.txt"),
                _ => include_str!("dialogues/en.txt"),
            };
            assert_eq!(lines, file.lines().filter(|line| !line.is_empty()).count());
            let slots = Slots::draw(&mut Random::new(1), language, "Anna", "Olga");
            for line in source.iter().flatten() {
                let filled = slots.fill(line.text);
                assert!(!filled.contains(['{', '}']), "{filled}");
                assert!(!filled.contains(".."), "{filled}");
                assert!(!filled.starts_with('/'), "notes get their mark later");
            }
        }
    }
}
