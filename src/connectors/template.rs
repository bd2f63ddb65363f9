//! Templates: Jinja's syntax, by minijinja. Each value is escaped for where it stands.
//!
//! Values come from customers, operators and other systems, so none of them may become markup, a
//! piece of an address, or an expression of its own. Where a template stands decides how its values
//! are written: percent-encoded in an address, as entities in a reply, as a literal in a JSONPath
//! expression, and as they are where no text is put together (headers, and leaves of JSON).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use serde_json_path::JsonPath;

use super::filters;
use super::spot::{Spot, Text};

/// Steps of a template's evaluation that are granted: a reply of some thousand lines.
const FUEL: u64 = 200_000;
/// What stands for itself in an address: RFC 3986's unreserved characters.
const COMPONENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// Names that templates may use besides what a connector declares; see [`super::context`].
const WITHOUT_ROOT: &[&str] = &["omit", "true", "false", "none", "loop"];

/// Where a template's values stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere that has a syntax of its own.
    Plain,
    /// In an address.
    Url,
    /// In a reply.
    Html,
    /// In a JSONPath expression.
    JsonPath,
}

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Url => "url",
            Self::Html => "html",
            Self::JsonPath => "jsonpath",
        }
    }
}

/// What is wrong with a template or its values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A value that is not there.
    #[error("{spot}: there is no value for `{name}`")]
    Missing {
        /// Where.
        spot: Spot,
        /// The expression without a value.
        name: String,
    },
    /// Anything else.
    #[error("{spot}: {problem}")]
    Wrong {
        /// Where.
        spot: Spot,
        /// What, without values.
        problem: String,
    },
}

/// A template that was found to be well-formed.
#[derive(Clone, Debug)]
pub(super) struct Template {
    text: Text,
    place: Place,
}

impl Template {
    /// Checks a template's syntax.
    pub(super) fn new(text: Text, place: Place) -> Result<Self, TemplateError> {
        let template = Self { text, place };
        ENVIRONMENT
            .template_from_named_str(place.name(), &template.text.text)
            .map_err(|error| template.wrong(&error))?;
        filters_are_known(&template.text)?;
        if place == Place::JsonPath {
            template.is_path()?;
        }
        Ok(template)
    }

    /// Whatever its values are: each of them is a literal.
    fn is_path(&self) -> Result<(), TemplateError> {
        if self.text.text.contains("{%") {
            return Ok(());
        }
        let path = EXPRESSION.replace_all(&self.text.text, "\"x\"");
        JsonPath::parse(&path)
            .map(drop)
            .map_err(|error| TemplateError::Wrong {
                spot: self.text.spot.clone(),
                problem: format!(
                    "this is no JSONPath: {error}; such as \"$.items[0].id\" (RFC 9535)"
                ),
            })
    }

    pub(super) const fn spot(&self) -> &Spot {
        &self.text.spot
    }

    /// As it was written.
    pub(super) fn source(&self) -> &str {
        &self.text.text
    }

    /// Fills in values.
    pub(super) fn render(&self, values: &Value) -> Result<String, TemplateError> {
        ENVIRONMENT
            .template_from_named_str(self.place.name(), &self.text.text)
            .and_then(|template| template.render(values))
            .map_err(|error| self.wrong(&error))
    }

    /// The value that a template stands for: of its own type where it is a single expression, else
    /// a text. `None`: it says that it is to be left out.
    pub(super) fn value(&self, values: &Value) -> Result<Option<serde_json::Value>, TemplateError> {
        let Some(expression) = single(&self.text.text) else {
            return self.render(values).map(|text| Some(text.into()));
        };
        let value = ENVIRONMENT
            .compile_expression(expression)
            .and_then(|expression| expression.eval(values))
            .map_err(|error| self.wrong(&error))?;
        if filters::is_omit(&value) {
            return Ok(None);
        }
        if value.is_undefined() {
            return Err(self.missing(expression));
        }
        filters::without_omitted(&value)
            .map(Some)
            .map_err(|error| self.wrong(&error))
    }

    /// Names of values that it uses, dotted.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = match single(&self.text.text) {
            Some(expression) => ENVIRONMENT
                .compile_expression(expression)
                .map(|expression| expression.undeclared_variables(true)),
            None => ENVIRONMENT
                .template_from_named_str(self.place.name(), &self.text.text)
                .map(|template| template.undeclared_variables(true)),
        };
        own(names.unwrap_or_default())
    }

    fn missing(&self, expression: &str) -> TemplateError {
        TemplateError::Missing {
            spot: self.text.spot.clone(),
            name: name_in(expression),
        }
    }

    fn wrong(&self, error: &Error) -> TemplateError {
        wrong(&self.text, error)
    }
}

/// An expression that is true or false; what has no value is false.
#[derive(Clone, Debug)]
pub(super) struct Condition(Text);

impl Condition {
    /// Checks an expression's syntax.
    pub(super) fn new(text: Text) -> Result<Self, TemplateError> {
        LENIENT
            .compile_expression(&text.text)
            .map_err(|error| wrong(&text, &error))?;
        filters_are_known(&text)?;
        Ok(Self(text))
    }

    /// Whether it holds.
    pub(super) fn holds(&self, values: &Value) -> Result<bool, TemplateError> {
        LENIENT
            .compile_expression(&self.0.text)
            .and_then(|expression| expression.eval(values))
            .map(|value| value.is_true())
            .map_err(|error| wrong(&self.0, &error))
    }

    pub(super) const fn spot(&self) -> &Spot {
        &self.0.spot
    }

    /// As it was written.
    pub(super) fn source(&self) -> &str {
        &self.0.text
    }

    /// Names of values that it uses, dotted.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = LENIENT
            .compile_expression(&self.0.text)
            .map(|expression| expression.undeclared_variables(true));
        own(names.unwrap_or_default())
    }
}

/// Names without those that are always there.
fn own(names: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let known = |name: &String| WITHOUT_ROOT.contains(&name.as_str());
    names.into_iter().filter(|name| !known(name)).collect()
}

/// The expression of a template that consists of nothing else.
fn single(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let plain = !inner.contains("{{") && !inner.contains("}}") && !inner.contains("{%");
    plain.then(|| inner.trim())
}

/// The part of an expression that names its value.
fn name_in(expression: &str) -> String {
    let name = expression.split('|').next().unwrap_or_default().trim();
    name.trim_start_matches("{{")
        .trim_end_matches("}}")
        .trim()
        .to_owned()
}

/// minijinja notices an unknown filter when it gets there, which may be never: all are tried.
fn filters_are_known(text: &Text) -> Result<(), TemplateError> {
    for (at, name) in FILTER.captures_iter(&text.text).filter_map(|found| {
        let name = found.name("name")?;
        Some((name.start(), name.as_str()))
    }) {
        let tried = LENIENT.compile_expression_owned(format!("0 | {name}"));
        let outcome = tried.and_then(|expression| expression.eval(()));
        if outcome.is_err_and(|error| error.kind() == ErrorKind::UnknownFilter) {
            let before = text.text.get(..at).unwrap_or_default();
            return Err(TemplateError::Wrong {
                spot: text.spot.below(before.matches('\n').count()),
                problem: format!("unknown filter `{name}`"),
            });
        }
    }
    Ok(())
}

/// A filter's name; what stands in quotes is none.
static FILTER: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#""[^"]*"|'[^']*'|[|]\s*(?P<name>[A-Za-z_]+)"#;
    #[expect(clippy::unwrap_used, reason = "a constant, which the tests compile")]
    Regex::new(pattern).unwrap()
});

/// An expression of a template.
static EXPRESSION: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "a constant, which the tests compile")]
    Regex::new(r"\{\{.*?\}\}").unwrap()
});

/// The expression around a place.
fn around(source: &str, at: usize) -> &str {
    let before = source.get(..at).unwrap_or(source);
    let begin = before.rfind("{{").map_or(0, |begin| begin + 2);
    let expression = source.get(begin..).unwrap_or(source);
    expression.split("}}").next().unwrap_or(expression)
}

fn wrong(text: &Text, error: &Error) -> TemplateError {
    let line = error.line().unwrap_or(1).saturating_sub(1);
    let spot = text.spot.below(line);
    if error.kind() == ErrorKind::UndefinedError {
        let source = error.template_source().unwrap_or(&text.text);
        let at = error.range().map_or(0, |range| range.start);
        return TemplateError::Missing {
            spot,
            name: name_in(around(source, at)),
        };
    }
    // Neither the kind nor the detail of a syntax error, an unknown filter or a type that does not
    // fit quotes a value; what filters of ours say does not either.
    let kind = error.kind().to_string();
    let problem = match error.detail() {
        Some(detail) => format!("{kind}: {detail}"),
        None => kind,
    };
    TemplateError::Wrong { spot, problem }
}

static ENVIRONMENT: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::SemiStrict));
static LENIENT: LazyLock<Environment<'static>> =
    LazyLock::new(|| environment(UndefinedBehavior::Chainable));

fn environment(undefined: UndefinedBehavior) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    environment.set_fuel(Some(FUEL));
    // Errors tell which expression they are about.
    environment.set_debug(true);
    // Lines of tags alone leave nothing behind.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    if let Ok(syntax) = syntax {
        environment.set_syntax(syntax);
    }
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_formatter(format);
    // It would switch the escaping off.
    environment.remove_filter("safe");
    environment.remove_filter("escape");
    environment.remove_filter("e");
    filters::add(&mut environment);
    environment
}

/// Writes a value as its place demands.
fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_undefined() || value.is_none() || filters::is_omit(value) {
        return Err(Error::from(ErrorKind::UndefinedError));
    }
    let text = filters::written(value)?;
    // Not what the template says of escaping counts, but where it stands.
    let written = match state.name() {
        "url" => {
            // However it is written, an address takes it for a step upwards (WHATWG URL, 4.4).
            if text == "." || text == ".." {
                let problem = "a value that is only dots cannot stand in an address";
                return Err(Error::new(ErrorKind::InvalidOperation, problem));
            }
            let text = utf8_percent_encode(&text, &COMPONENT).to_string();
            out.write_str(&text)
        }
        "jsonpath" => {
            let literal = filters::literal(value)?;
            out.write_str(&literal)
        }
        "html" => out.write_str(&filters::escaped(&text)),
        _ => out.write_str(&text),
    };
    written.map_err(|_| {
        Error::new(
            ErrorKind::WriteFailure,
            "the text could not be put together",
        )
    })
}
