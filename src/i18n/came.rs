//! What a command, a button or a trigger came to: a word for the audit log, and how operators read
//! it.

use super::Language;

/// What it came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was done.
    Done,
    /// It was done, and the customer is told.
    Told,
    /// It was done, and could not be said.
    Unsaid,
    /// It was not done, and why was said.
    NotDone,
    /// The operator was asked first.
    Asked,
    /// An operator agreed.
    Agreed,
    /// An operator called it off.
    CalledOff,
    /// It was agreed to too late.
    Late,
    /// A note was posted.
    Noted,
    /// Users were linked.
    Linked,
    /// Users were unlinked.
    Unlinked,
    /// All was shown.
    Complete,
    /// Some parts were missing.
    Partly,
    /// The arguments did not fit.
    Misfit,
    /// A stop of the service broke it off.
    Broken,
    /// It went wrong.
    Failed,
    /// Whoever asked may not.
    Refused,
    /// It was begun.
    Begun,
}

impl Came {
    /// Each one's word, and how it is said in English, German and Russian.
    const ALL: [(Self, &'static str, [&'static str; 3]); 18] = [
        (Self::Done, "done", ["done", "erledigt", "сделано"]),
        (
            Self::Told,
            "done, the customer is told",
            [
                "done, the customer was told",
                "erledigt, dem Kunden mitgeteilt",
                "сделано, клиенту сообщено",
            ],
        ),
        (
            Self::Unsaid,
            "done, not said",
            [
                "done, without an answer here",
                "erledigt, ohne Antwort hier",
                "сделано, без ответа здесь",
            ],
        ),
        (
            Self::NotDone,
            "not done",
            ["not done", "nicht ausgeführt", "не сделано"],
        ),
        (
            Self::Asked,
            "asked",
            ["asked first", "nachgefragt", "задан вопрос"],
        ),
        (
            Self::Agreed,
            "agreed",
            ["agreed", "zugestimmt", "подтверждено"],
        ),
        (
            Self::CalledOff,
            "called off",
            ["called off", "abgebrochen", "отменено"],
        ),
        (
            Self::Late,
            "too late",
            [
                "agreed to too late",
                "zu spät zugestimmt",
                "подтверждено слишком поздно",
            ],
        ),
        (Self::Noted, "noted", ["noted", "vermerkt", "отмечено"]),
        (Self::Linked, "linked", ["linked", "verknüpft", "привязано"]),
        (
            Self::Unlinked,
            "unlinked",
            ["unlinked", "gelöst", "отвязано"],
        ),
        (
            Self::Complete,
            "complete",
            ["complete", "vollständig", "полностью"],
        ),
        (
            Self::Partly,
            "incomplete",
            ["incomplete", "unvollständig", "не всё"],
        ),
        (
            Self::Misfit,
            "wrong arguments",
            ["wrong arguments", "falsche Angaben", "неверные параметры"],
        ),
        (
            Self::Broken,
            "broken off",
            [
                "broken off by a restart",
                "durch einen Neustart abgebrochen",
                "прервано перезапуском",
            ],
        ),
        (
            Self::Failed,
            "failed",
            ["failed", "fehlgeschlagen", "не удалось"],
        ),
        (
            Self::Refused,
            "refused",
            ["not allowed", "nicht erlaubt", "не разрешено"],
        ),
        (Self::Begun, "allowed", ["begun", "begonnen", "начато"]),
    ];

    /// The word that the audit log has for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        let known = Self::ALL.iter().find(|(came, ..)| *came == self);
        known.map_or("", |(_, word, _)| word)
    }

    /// What a word of the audit log means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known, _)| *known == word);
        known.map(|(came, ..)| *came)
    }

    /// How operators read it.
    #[must_use]
    pub fn say(self, language: Language) -> &'static str {
        let known = Self::ALL.iter().find(|(came, ..)| *came == self);
        let Some((_, _, [english, german, russian])) = known else {
            return "";
        };
        match language {
            Language::English => english,
            Language::German => german,
            Language::Russian => russian,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_a_word_of_its_own_and_is_said_in_every_language() {
        for (came, word, said) in Came::ALL {
            assert_eq!(Came::of(word), Some(came));
            assert_eq!(came.word(), word);
            assert!(said.iter().all(|said| !said.is_empty()));
            assert_ne!(came.say(Language::English), came.say(Language::German));
            assert_ne!(came.say(Language::English), came.say(Language::Russian));
        }
    }
}
