//! Numbers, sizes, spans of time and counted nouns as each language writes them.

use super::language::Language;

/// Stands between a number and its unit, and groups digits in Russian: a line never breaks there.
const NBSP: char = '\u{a0}';

/// A noun that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// Messages.
    Message,
    /// Topics.
    Topic,
    /// Message ids.
    Id,
}

impl Noun {
    /// All of them.
    #[cfg(test)]
    pub(super) const ALL: [Self; 3] = [Self::Message, Self::Topic, Self::Id];
}

impl Language {
    /// A whole number with its digits grouped: `12,345`, `12.345`, `12 345`.
    #[must_use]
    pub fn number(self, number: u64) -> String {
        let separator = match self {
            Self::English => ',',
            Self::German => '.',
            Self::Russian => NBSP,
        };
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// A number and its noun: `1 message`, `2 Nachrichten`, `5 сообщений`.
    #[must_use]
    pub fn count(self, number: u64, noun: Noun) -> String {
        let [one, few, many] = self.forms(noun);
        let form = match self {
            Self::English | Self::German => {
                if number == 1 {
                    one
                } else {
                    many
                }
            }
            Self::Russian => match (number % 10, number % 100) {
                (_, 11..=14) => many,
                (1, _) => one,
                (2..=4, _) => few,
                _ => many,
            },
        };
        format!("{}{NBSP}{form}", self.number(number))
    }

    /// Forms for one, few (Russian 2 to 4) and many.
    const fn forms(self, noun: Noun) -> [&'static str; 3] {
        match (self, noun) {
            (Self::English, Noun::Message) => ["message", "messages", "messages"],
            (Self::English, Noun::Topic) => ["topic", "topics", "topics"],
            (Self::English, Noun::Id) => ["message id", "message ids", "message ids"],
            (Self::German, Noun::Message) => ["Nachricht", "Nachrichten", "Nachrichten"],
            (Self::German, Noun::Topic) => ["Thema", "Themen", "Themen"],
            (Self::German, Noun::Id) => [
                "Nachrichtennummer",
                "Nachrichtennummern",
                "Nachrichtennummern",
            ],
            (Self::Russian, Noun::Message) => ["сообщение", "сообщения", "сообщений"],
            (Self::Russian, Noun::Topic) => ["тема", "темы", "тем"],
            (Self::Russian, Noun::Id) => {
                ["номер сообщения", "номера сообщений", "номеров сообщений"]
            }
        }
    }

    /// A size in decimal units, as Telegram's limits are given: `512 B`, `3.4 MB`, `3,4 МБ`.
    #[must_use]
    pub fn size(self, bytes: u64) -> String {
        let units = match self {
            Self::English | Self::German => ["B", "kB", "MB", "GB", "TB"],
            Self::Russian => ["Б", "кБ", "МБ", "ГБ", "ТБ"],
        };
        // Tenths in whole numbers, each rounded from the bytes themselves: a size passes through
        // no float and is not rounded twice.
        let tenths_of = |divisor: u128| (u128::from(bytes) * 10 + divisor / 2) / divisor;
        let (mut unit, mut divisor) = (0, 1);
        while tenths_of(divisor) >= 10_000 && unit + 1 < units.len() {
            divisor *= 1000;
            unit += 1;
        }
        let tenths = tenths_of(divisor);
        let name = units.get(unit).copied().unwrap_or_default();
        let whole = self.number(u64::try_from(tenths / 10).unwrap_or(u64::MAX));
        match (unit, tenths % 10) {
            (0, _) | (_, 0) => format!("{whole}{NBSP}{name}"),
            (_, tenth) => format!("{whole}{}{tenth}{NBSP}{name}", self.decimal_mark()),
        }
    }

    const fn decimal_mark(self) -> char {
        match self {
            Self::English => '.',
            Self::German | Self::Russian => ',',
        }
    }

    /// A span of time, roughly, in its largest unit: `45 s`, `12 min`, `3 h`, `2 d`.
    #[must_use]
    pub fn span(self, seconds: u64) -> String {
        let units = match self {
            Self::English => ["s", "min", "h", "d"],
            Self::German => ["s", "min", "Std.", "Tg."],
            Self::Russian => ["с", "мин", "ч", "дн."],
        };
        let [second, minute, hour, day] = units;
        let (number, unit) = match seconds {
            0..120 => (seconds, second),
            120..7_200 => (seconds / 60, minute),
            7_200..172_800 => (seconds / 3_600, hour),
            _ => (seconds / 86_400, day),
        };
        format!("{}{NBSP}{unit}", self.number(number))
    }
}
