//! Steps and arguments, from what is written to what is done.

use regex::RegexBuilder;
use reqwest::Method;
use toml::Spanned;

use super::arguments::{Argument, Form, Grammar, Many};
use super::build::Builder;
use super::definition::{Body, Into, Pages, Request, Step};
use super::json::JsonTemplate;
use super::problem::{Problem, hint};
use super::template::{Condition, Place};
use super::written::{WrittenArgument, WrittenPages, WrittenStep};

/// Pages that are asked for unless the step says otherwise.
const PAGES: u32 = 10;

/// Reads a step.
pub(super) fn build(builder: &mut Builder<'_>, written: &Spanned<WrittenStep>) -> Option<Step> {
    let spot = builder.spot(written);
    let step = written.get_ref();
    let name = step.name.get_ref().clone();
    if !is_name(&name) {
        builder.wrong(
            builder.spot(&step.name),
            format!("`{name}` cannot name a step"),
            "use letters, digits and _",
        );
        return None;
    }
    let when = step.when.as_ref().and_then(|when| {
        let text = builder.text(when);
        builder.keep(Condition::new(text))
    });
    let each = step
        .each
        .as_ref()
        .and_then(|each| builder.template(each, Place::Plain));
    if let Some(each) = step.each.as_ref().filter(|it| !it.get_ref().contains("{{")) {
        let written = each.get_ref();
        builder.wrong(
            builder.spot(each),
            "`each` is one fixed text, no list".to_owned(),
            format!("write \"{{{{ {written} }}}}\""),
        );
    }
    let request = step.url.as_ref().and_then(|_| request(builder, step));
    if step.url.is_none() && (step.method.is_some() || step.json.is_some()) {
        builder.wrong(
            spot.clone(),
            format!("the step `{name}` has no `url`"),
            "add url = \"/path\" below the connector's base_url",
        );
    }
    let pages = step
        .pages
        .as_ref()
        .and_then(|pages| self::pages(builder, pages, request.as_ref()));
    let refuse = step.refuse.as_ref().and_then(|refuse| {
        let text = builder.text(&refuse.when);
        let when = builder.keep(Condition::new(text))?;
        Some((when, builder.say(&refuse.say, Place::Html)))
    });
    Some(Step {
        extract: builder.templates(&step.extract, Place::JsonPath),
        collect: builder.templates(&step.collect, Place::JsonPath),
        set: builder.templates(&step.set, Place::Plain),
        name,
        spot,
        when,
        each,
        request,
        pages,
        refuse,
    })
}

fn request(builder: &mut Builder<'_>, step: &WrittenStep) -> Option<Request> {
    let url = builder.template(step.url.as_ref()?, Place::Url)?;
    let has_body = step.json.is_some() || !step.form.is_empty();
    let method = match step.method.as_ref() {
        None if has_body => Method::POST,
        None => Method::GET,
        Some(method) => match method.get_ref().as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            other => {
                let known = ["GET", "POST", "PUT", "PATCH", "DELETE"];
                let help = hint(&other.to_uppercase(), &known);
                builder.wrong(
                    builder.spot(method),
                    format!("unknown method `{other}`"),
                    help,
                );
                return None;
            }
        },
    };
    let body = match &step.json {
        Some(json) => {
            let text = builder.text(json);
            Body::Json(builder.keep(JsonTemplate::new(&text))?)
        }
        None if step.form.is_empty() => Body::None,
        None => Body::Form(builder.templates(&step.form, Place::Plain)),
    };
    let is_get = method == Method::GET;
    let repeats = matches!(method, Method::PUT | Method::PATCH | Method::DELETE);
    Some(Request {
        url,
        query: builder.templates(&step.query, Place::Plain),
        headers: builder.templates(&step.headers, Place::Plain),
        body,
        reads: step.reads.unwrap_or(is_get),
        repeatable: step.repeatable.unwrap_or(repeats),
        idempotency_header: step
            .idempotency_header
            .as_ref()
            .map(|name| name.get_ref().clone()),
        accept: step.accept.iter().map(|status| *status.get_ref()).collect(),
        text: step.text.unwrap_or(false),
        method,
    })
}

fn pages(
    builder: &mut Builder<'_>,
    written: &Spanned<WrittenPages>,
    request: Option<&Request>,
) -> Option<Pages> {
    let pages = written.get_ref();
    let next = builder.template(&pages.next, Place::JsonPath)?;
    let into = match pages.into.get_ref().split_once('.') {
        None if pages.into.get_ref() == "url" => Some(Into::Url),
        Some(("query", name)) => Some(Into::Query(name.to_owned())),
        Some(("json", name))
            if matches!(request.map(|request| &request.body), Some(Body::Json(_))) =>
        {
            Some(Into::Json(name.to_owned()))
        }
        _ => None,
    };
    if into.is_none() {
        builder.wrong(
            builder.spot(&pages.into),
            "`into` says where the next page's cursor goes",
            "use \"url\", \"query.NAME\", or \"json.NAME\" where the step has a `json` body",
        );
    }
    Some(Pages {
        next,
        into: into?,
        most: pages
            .most
            .as_ref()
            .map_or(PAGES, |most| (*most.get_ref()).clamp(1, 100)),
    })
}

/// Reads what a command takes.
pub(super) fn grammar(builder: &mut Builder<'_>, written: &[Spanned<WrittenArgument>]) -> Grammar {
    let mut arguments = Vec::with_capacity(written.len());
    for (index, spanned) in written.iter().enumerate() {
        let argument = spanned.get_ref();
        let name = argument.name.get_ref().clone();
        let is_last = index + 1 == written.len();
        let many = match (argument.rest, argument.list) {
            (false, false) => Many::Word,
            (_, true) => Many::List,
            (true, false) => Many::Rest,
        };
        if !is_name(&name) {
            builder.wrong(
                builder.spot(&argument.name),
                format!("`{name}` cannot name an argument"),
                "use letters, digits and _",
            );
        }
        if many != Many::Word && !is_last {
            builder.wrong(
                builder.spot(spanned),
                format!("after `{name}`, which takes all that is left, nothing can follow"),
                "put it last",
            );
        }
        let form = match &argument.pattern {
            Some(pattern) => {
                let whole = format!("^(?:{})$", pattern.get_ref());
                let made = RegexBuilder::new(&whole).size_limit(1 << 20).build();
                let made = made.map_err(|error| {
                    let error = error.to_string();
                    let last = error.lines().last().unwrap_or_default().to_owned();
                    Problem::new(builder.spot(pattern), format!("this is no pattern: {last}"))
                        .help("such as \"[dmy][0-9]+\"")
                });
                builder.keep(made).map_or(Form::Any, Form::Pattern)
            }
            None if argument.one_of.is_empty() => Form::Any,
            None => Form::OneOf(argument.one_of.clone()),
        };
        let argument = Argument {
            name,
            form,
            optional: argument.optional,
            many,
            example: argument.example.clone(),
        };
        let sample = argument.sample();
        if let (Form::Pattern(pattern), Some(sample)) = (&argument.form, &sample)
            && !sample.split_whitespace().all(|word| pattern.is_match(word))
        {
            builder.wrong(
                builder.spot(spanned),
                format!(
                    "`{}` needs an example that its pattern takes",
                    argument.name
                ),
                "add example = \"…\": operators are shown it",
            );
        }
        arguments.push(argument);
    }
    Grammar { arguments }
}

fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
