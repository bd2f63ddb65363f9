//! What a conversation begins with: the system prompt, from a template.

use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior, context};

/// Steps of evaluation that are granted.
const FUEL: u64 = 10_000;
/// Its name inside.
const NAME: &str = "system";

/// A template in Jinja's syntax with the values `group` (the group's title), `language`
/// (ISO 639-1, such as `de`), `language_name` (in English) and `date` (of the conversation,
/// 2026-11-23).
#[derive(Clone, Debug)]
pub struct SystemPrompt(Arc<Environment<'static>>);

impl SystemPrompt {
    /// Reads a template and tries it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(template: &str) -> Result<Self, String> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(FUEL));
        environment
            .add_template_owned(NAME, template.to_owned())
            .map_err(|error| error.to_string())?;
        let prompt = Self(Arc::new(environment));
        prompt.of("Support", Some("de"), "2026-11-23")?;
        Ok(prompt)
    }

    /// The prompt of a conversation.
    pub(super) fn of(
        &self,
        group: &str,
        language: Option<&str>,
        date: &str,
    ) -> Result<String, String> {
        let language = language.unwrap_or_default();
        let values = context! {
            group, language, date,
            language_name => language_name(language),
        };
        let template = self.0.get_template(NAME);
        template
            .and_then(|template| template.render(values))
            .map_err(|error| error.to_string())
    }
}

/// A language in English; one that is rarer keeps its tag, and an unknown one is the customer's.
fn language_name(tag: &str) -> &str {
    match tag {
        "" => "the customer's language",
        "en" => "English",
        "de" => "German",
        "ru" => "Russian",
        "uk" => "Ukrainian",
        "fr" => "French",
        "es" => "Spanish",
        "it" => "Italian",
        "pt" => "Portuguese",
        "pl" => "Polish",
        "nl" => "Dutch",
        "tr" => "Turkish",
        "ar" => "Arabic",
        "zh" => "Chinese",
        "ja" => "Japanese",
        "ko" => "Korean",
        "cs" => "Czech",
        "sv" => "Swedish",
        "bg" => "Bulgarian",
        "kk" => "Kazakh",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn values_are_filled_in_and_mistakes_are_named() {
        let prompt =
            SystemPrompt::parse("You answer for {{ group }} in {{ language_name }}, {{ date }}.")
                .unwrap();
        assert_eq!(
            prompt
                .of("A & B {{ date }}", Some("ru"), "2026-01-02")
                .unwrap(),
            "You answer for A & B {{ date }} in Russian, 2026-01-02."
        );
        assert!(
            SystemPrompt::parse("{{ customer }}")
                .unwrap_err()
                .contains("undefined")
        );
        assert!(SystemPrompt::parse("{{ group").is_err());
        assert!(SystemPrompt::parse("{% for i in range(1000000) %}x{% endfor %}").is_err());
    }
}
