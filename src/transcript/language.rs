//! In which language people write.
//!
//! Trigrams over a few hundred letters, by the whatlang crate; a short greeting says little, so
//! all that a customer wrote in a conversation is looked at together.

use whatlang::{Detector, Lang, Script};

/// Letters that are looked at: more change nothing.
const ENOUGH: usize = 600;
/// Fewer letters than this say nothing.
const TOO_FEW: usize = 12;

/// Text of one side, collected until there is enough.
#[derive(Debug, Default)]
pub(super) struct Sample(String);

impl Sample {
    /// Takes in what somebody wrote.
    pub(super) fn push(&mut self, text: &str) {
        if self.0.len() >= ENOUGH {
            return;
        }
        // Addresses and numbers are in no language.
        for word in text.split_whitespace() {
            let letters = word
                .chars()
                .all(|it| it.is_alphabetic() || "'’-.,!?;:()«»„“”\"…".contains(it));
            if letters {
                self.0.push_str(word);
                self.0.push(' ');
            }
            if self.0.len() >= ENOUGH {
                return;
            }
        }
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The language, ISO 639-1; `known` is what the CRM says, which counts where too little was
    /// written to tell.
    pub(super) fn language(&self, known: Option<&str>) -> Option<String> {
        let known = || known.map(primary).filter(|tag| !tag.is_empty());
        if self.0.chars().filter(|it| it.is_alphabetic()).count() < TOO_FEW {
            return known();
        }
        let detector = Detector::with_denylist(excluded(&self.0));
        let Some(info) = detector.detect(&self.0) else {
            return known();
        };
        let found = tag(info.lang());
        let possible = |known: &String| is_cyrillic(known) == (info.script() == Script::Cyrillic);
        match known().filter(possible) {
            Some(known) if !info.is_reliable() => Some(known),
            _ => Some(found.to_owned()),
        }
    }
}

/// `de` of `de-AT`.
pub(super) fn primary(tag: &str) -> String {
    let main = tag.split(['-', '_']).next().unwrap_or_default();
    main.to_lowercase()
}

/// Languages that a text in Cyrillic cannot be in, by its letters: trigrams alone take short
/// Russian texts for Bulgarian.
fn excluded(text: &str) -> Vec<Lang> {
    let has = |letters: &[char]| text.contains(letters);
    let mut excluded = Vec::new();
    if has(&['ы', 'э', 'ё', 'Ы', 'Э', 'Ё']) {
        excluded.extend([Lang::Bul, Lang::Mkd, Lang::Srp, Lang::Ukr]);
    }
    if has(&['і', 'ї', 'є', 'ґ', 'І', 'Ї', 'Є', 'Ґ']) {
        excluded.extend([Lang::Bul, Lang::Mkd, Lang::Srp, Lang::Rus]);
    }
    // Bulgarian softens nothing but an o.
    let soft = text.split('ь').skip(1);
    if soft.into_iter().any(|after| !after.starts_with('о')) {
        excluded.extend([Lang::Bul, Lang::Mkd, Lang::Srp]);
    }
    excluded
}

/// Whether a language is written in Cyrillic letters.
fn is_cyrillic(tag: &str) -> bool {
    ["ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "tg", "mn"].contains(&tag)
}

/// ISO 639-1 where there is such a code, else ISO 639-3.
fn tag(language: Lang) -> &'static str {
    match language {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn language(texts: &[&str], known: Option<&str>) -> Option<String> {
        let mut sample = Sample::default();
        for text in texts {
            sample.push(text);
        }
        sample.language(known)
    }

    #[test]
    fn what_was_written_counts() {
        for (text, expected) in [
            (
                "Hello, I was charged twice for my subscription this month and I would like a refund please",
                "en",
            ),
            (
                "Guten Tag, ich kann mich seit gestern nicht mehr anmelden, können Sie mir bitte helfen?",
                "de",
            ),
            (
                "Здравствуйте, у меня не проходит оплата картой, что делать? Деньги списались, а тариф не включился",
                "ru",
            ),
        ] {
            assert_eq!(language(&[text], Some("fr")).as_deref(), Some(expected));
        }
    }

    #[test]
    fn where_little_was_written_the_crm_counts() {
        assert_eq!(language(&["ok"], Some("de-AT")).as_deref(), Some("de"));
        assert_eq!(language(&["ok"], None), None);
        let numbers = "https://a.example/x 12345 67890 user@mail.example";
        assert_eq!(language(&[numbers], Some("ru")).as_deref(), Some("ru"));
    }
}
