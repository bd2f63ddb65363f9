//! Connectors as files: what is taken, what is refused and how that is said, and what becomes of
//! values. How presets behave towards their systems is in `conformance`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

#[cfg(feature = "emulator")]
mod conformance;
#[cfg(feature = "emulator")]
mod login;
#[cfg(feature = "emulator")]
mod money;
#[cfg(feature = "emulator")]
mod presets;
#[cfg(feature = "emulator")]
mod scripted;
#[cfg(feature = "emulator")]
mod support;

use minijinja::value::{Serde, Value as Values};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::build::connector;
use super::json::JsonTemplate;
use super::spot::{Spot, Text};
use super::template::{Place, Template};

fn text(text: &str) -> Text {
    Text {
        text: text.to_owned(),
        spot: Spot {
            file: "x.toml".into(),
            line: 10,
        },
    }
}

fn render(template: &str, place: Place, values: &Value) -> String {
    let template = Template::new(text(template), place).unwrap();
    match template.render(&Values::from(Serde(values))) {
        Ok(text) => text,
        Err(error) => format!("error: {error}"),
    }
}

#[test]
fn each_value_is_escaped_for_where_it_stands() {
    let values = json!({ "v": "a/b?c=d&<e>\"'ü ..", "n": 7, "dots": "..", "list": ["x", 2] });
    for (place, template, shown) in [
        (
            Place::Url,
            "/x/{{ v }}/{{ n }}",
            "/x/a%2Fb%3Fc%3Dd%26%3Ce%3E%22%27%C3%BC%20../7",
        ),
        (
            Place::Html,
            "<b>{{ v }}</b>",
            "<b>a/b?c=d&amp;&lt;e&gt;&quot;'ü ..</b>",
        ),
        (
            Place::JsonPath,
            "$[?@.a == {{ v }}]",
            "$[?@.a == \"a/b?c=d&<e>\\\"'ü ..\"]",
        ),
        (Place::JsonPath, "$[?@.a == {{ n }}]", "$[?@.a == 7]"),
        (Place::Plain, "{{ v }}", "a/b?c=d&<e>\"'ü .."),
        (Place::Plain, "{{ list }}!", "x, 2!"),
    ] {
        assert_eq!(render(template, place, &values), shown, "{template}");
    }
}

#[test]
fn escaping_cannot_be_switched_off() {
    for template in ["{{ v | safe }}", "{{ v | e | safe }}"] {
        let error = Template::new(text(template), Place::Html)
            .map(|template| template.render(&Values::from(Serde(json!({ "v": "<" })))));
        assert!(!matches!(error, Ok(Ok(_))), "{template}");
    }
    let block = "{% autoescape false %}{{ v }}{% endautoescape %}";
    let shown = render(block, Place::Html, &json!({ "v": "<b>" }));
    assert_ne!(shown, "<b>");
}

#[test]
fn a_missing_value_is_named_where_it_is_missing() {
    for (template, name) in [
        ("Hello\n{{ customer.phone }}", "customer.phone"),
        ("\n{{ customer.phone | cut(3) }}", "customer.phone"),
        ("\n{{ customer.none }}", "customer.none"),
    ] {
        let values = json!({ "customer": { "none": null } });
        let said = render(template, Place::Html, &values);
        assert_eq!(
            said,
            format!("error: x.toml:11: there is no value for `{name}`")
        );
    }
    assert_eq!(
        render("{{ a.b | default('-') }}", Place::Html, &json!({ "a": {} })),
        "-"
    );
    assert_eq!(
        render(
            "{{ a.b | default('-') }}",
            Place::Html,
            &json!({ "a": { "b": null } })
        ),
        "-"
    );
}

fn fill(body: &str, values: &Value) -> Value {
    let template = JsonTemplate::new(&text(body)).unwrap();
    template.fill(&Values::from(Serde(values))).unwrap()
}

#[test]
fn a_body_keeps_types_and_leaves_out_what_is_to_be_left_out() {
    let body = r#"{
        "id": "{{ id }}", "text": "no {{ id }}", "yes": "{{ id == 5 }}", "none": "{{ none }}",
        "gone": "{{ phone | default(omit) }}", "list": ["{{ phone | default(omit) }}", 1],
        "{{ key }}": true, "{{ off }}": true, "tags": "{{ tags | objects('name') }}",
        "nested": "{{ {'a': omit, 'b': [omit, id]} }}"
    }"#;
    let values = json!({ "id": 5, "key": "My \"key\"", "off": "", "tags": ["a", "b"] });
    assert_eq!(
        fill(body, &values),
        json!({
            "id": 5, "text": "no 5", "yes": true, "none": null, "list": [1], "My \"key\"": true,
            "tags": [{ "name": "a" }, { "name": "b" }], "nested": { "b": [5] },
        })
    );
}

#[test]
fn a_body_s_errors_have_lines() {
    let error =
        JsonTemplate::new(&text("{\n \"a\": \"{{ x }}\",\n \"b\": {{ x }}\n}")).unwrap_err();
    assert!(
        error.to_string().starts_with("x.toml:12: this is no JSON"),
        "{error}"
    );
    let template =
        JsonTemplate::new(&text("{\n \"a\": \"{{ x }}\",\n \"b\": \"{{ y }}\"\n}")).unwrap();
    let error = template
        .fill(&Values::from(Serde(json!({ "x": 1 }))))
        .unwrap_err();
    assert_eq!(error.to_string(), "x.toml:12: there is no value for `y`");
}

#[test]
fn filters_do_what_they_say() {
    let values = json!({
        "ids": [7, "8", null, 9], "tags": ["VIP", "trial"], "row": "'A b'!A5:H5",
        "changes": ["+new", "-Trial", "vip", "-", "+"], "at": 1_795_442_709,
    });
    for (template, shown) in [
        ("{{ ids | position(8) }}", "2"),
        ("{{ ids | position('9') }}", "4"),
        ("{{ ids | position(10) | default(0) }}", "0"),
        ("{{ tags | changed(changes) }}", "VIP, new"),
        ("{{ nothing | changed(['a']) }}", "a"),
        ("{{ row | words(':') | last | digits }}", "5"),
        ("{{ '  a, b,,c ' | words(',') }}", "a, b, c"),
        ("{{ 'äöü' | cut(2) }}", "äö"),
        ("{{ at | day }}", "2026-11-23"),
    ] {
        assert_eq!(render(template, Place::Plain, &values), shown, "{template}");
    }
}

/// A connector's file with one action.
fn file(head: &str, action: &str, step: &str) -> String {
    format!(
        "base_url = \"https://a.example\"\n{head}\n[actions.go]\n{action}\nreply.en = \"done\"\n\
         [[actions.go.steps]]\nname = \"one\"\n{step}\n"
    )
}

fn problems(file: &str) -> Vec<String> {
    match connector("x", "x.toml", file) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_small_file_is_enough() {
    let file = file(
        "",
        "command = \"go\"",
        "url = \"/v1/{{ customer.user_id }}\"",
    );
    assert_eq!(problems(&file), Vec::<String>::new());
}

#[test]
fn whatever_is_wrong_is_said_with_its_line_and_what_is_right() {
    let cases = [
        (
            file("titel = \"X\"", "", "url = \"/\""),
            "x.toml:2: unknown key `titel`; did you mean `title`?",
        ),
        (
            file("", "", "url = \"/\"\nmethd = \"GET\""),
            "x.toml:9: unknown key `methd`; did you mean `method`?",
        ),
        (
            file("", "", "url = \"/{{ customer.phon }}\""),
            "x.toml:8: there is no value `customer.phon`; did you mean `customer.phone`?",
        ),
        (
            file("", "", "url = \"/{{ custmer.phone }}\""),
            "x.toml:8: `custmer` is unknown; did you mean `customer`?",
        ),
        (
            file("", "", "url = \"/\"\neach = \"args.tags\""),
            "x.toml:9: `each` is one fixed text, no list; write \"{{ args.tags }}\"",
        ),
        (
            file("", "", "url = \"/{{ customer.phone\""),
            "x.toml:8: syntax error",
        ),
        (
            file("", "", "url = \"/{{ customer.phone | upcase }}\""),
            "x.toml:8: unknown filter",
        ),
        (
            file("", "", "url = \"/{{ steps.two.id }}\""),
            "x.toml:8: there is no step before `steps.two`",
        ),
        (
            file("", "", "url = \"/{{ args.plan }}\""),
            "x.toml:8: there is no argument `args.plan`",
        ),
        (
            file("", "", "url = \"/{{ settings.plan }}\""),
            "x.toml:8: there is no setting `settings.plan`",
        ),
        (
            file("", "", "url = \"/\"\nextract.id = \"$.[id\""),
            "x.toml:9: this is no JSONPath",
        ),
        (
            file("", "", "url = \"/\"\njson = '''\n{\n  \"a\": }\n'''"),
            "x.toml:11: this is no JSON",
        ),
        (
            file("", "", "url = \"/\"\nmethod = \"FETCH\""),
            "x.toml:9: unknown method `FETCH`",
        ),
        (
            file(
                "",
                "",
                "url = \"/\"\npages = { next = \"$.n\", into = \"body.x\" }",
            ),
            "x.toml:9: `into` says where",
        ),
        (
            file("", "command = \"Go!\"", "url = \"/\""),
            "x.toml:4: `Go!` cannot be a command",
        ),
        (
            file("", "reply.de = \"<h1>x</h1>\"", "url = \"/\""),
            "x.toml:4: <h1> is no tag that Telegram knows",
        ),
        (
            file(
                "",
                "arguments = [{ name = \"a\", pattern = \"[\" }]",
                "url = \"/\"",
            ),
            "x.toml:4: this is no pattern",
        ),
        (
            file(
                "",
                "arguments = [{ name = \"a\", pattern = \"[0-9]+\" }]",
                "url = \"/\"",
            ),
            "x.toml:4: `a` needs an example",
        ),
        (
            file(
                "",
                "arguments = [{ name = \"a\", list = true }, { name = \"b\" }]",
                "url = \"/\"",
            ),
            "x.toml:4: after `a`",
        ),
        (
            file("", "info = true", "url = \"/\"\nmethod = \"POST\""),
            "x.toml:3: the action `go` may only read",
        ),
        (
            file(
                "[auth]\ntype = \"bearer\"\nsecret = \"token\"",
                "",
                "url = \"/\"",
            ),
            "x.toml: the secret `token` has no place",
        ),
        (
            file("[auth]\ntype = \"bearer\"", "", "url = \"/\""),
            "x.toml:3: authentication of type \"bearer\" needs `secret`",
        ),
        (
            file("[secrets]\ntoken = {}", "", "url = \"/\""),
            "x.toml:3: the secret `token` needs one place",
        ),
        (
            file("[limits]\nper_second = -1.0", "", "url = \"/\""),
            "x.toml:3: `per_second` is out of range",
        ),
        ("base_url = 7".to_owned(), "x.toml:1: invalid type: integer"),
        ("base_url = \"x".to_owned(), "x.toml:1: "),
        (
            "[actions.go]\nreply.en = \"x\"".to_owned(),
            "x.toml: `base_url` is missing",
        ),
        (
            "preset = \"notoin\"".to_owned(),
            "x.toml:1: there is no preset `notoin`; did you mean `notion`?",
        ),
        (
            "preset = \"notion\"\n[settings]\ndatabse = \"x\"".to_owned(),
            "x.toml:3: the preset has no setting `databse`; did you mean `database`?",
        ),
        (
            "preset = \"notion\"\n[actions.recrd]\ncommand = \"x\"".to_owned(),
            "x.toml:2: the preset has no action `recrd`; did you mean `record`?",
        ),
    ];
    for (file, wanted) in cases {
        let problems = problems(&file);
        assert!(
            problems.iter().any(|problem| problem.starts_with(wanted)),
            "{wanted}\n{file}\n{problems:#?}"
        );
    }
}

#[test]
fn a_preset_takes_the_names_and_words_of_its_file() {
    let file = "preset = \"notion\"\ntitle = \"Our CRM\"\n[settings]\ndatabase = \"abc\"\n\
                [actions.info]\noff = true\n\
                [actions.record]\ncommand = \"card\"\npermission = [\"sales\"]\n";
    let made = connector("crm", "crm.toml", file).unwrap();
    assert_eq!((&*made.name, made.title.as_str()), ("crm", "Our CRM"));
    let actions: Vec<&str> = made.actions.keys().map(String::as_str).collect();
    assert_eq!(actions, ["record"]);
    let record = &made.actions["record"];
    assert_eq!(record.command.as_deref(), Some("card"));
    assert_eq!(record.permission, Some(vec!["sales".to_owned()]));
    assert!(!record.steps.is_empty());
}

#[test]
fn arguments_are_checked_against_their_grammar() {
    let action = "arguments = [\n  { name = \"tariff\", one_of = [\"t1\", \"t2\"] },\n  \
                  { name = \"period\", pattern = \"[dmy][0-9]+\", example = \"m6\" },\n  \
                  { name = \"account\", pattern = \"N[0-9]+\", example = \"N005\", optional = true },\n  \
                  { name = \"comment\", rest = true, optional = true },\n]";
    let made = connector("x", "x.toml", &file("", action, "url = \"/\"")).unwrap();
    let grammar = &made.actions["go"].grammar;
    assert_eq!(grammar.usage(), "<t1|t2> <period> [account] [comment…]");
    assert_eq!(grammar.example(), "t1 m6 N005");
    let read = |text: &str| grammar.parse(text).map(Value::from);
    assert_eq!(
        read("T1  m6"),
        Ok(json!({ "tariff": "t1", "period": "m6" }))
    );
    assert_eq!(
        read("t2 y1 N7 by phone, urgent"),
        Ok(
            json!({ "tariff": "t2", "period": "y1", "account": "N7", "comment": "by phone, urgent" })
        )
    );
    assert_eq!(
        read("t2 y1 by phone"),
        Ok(json!({ "tariff": "t2", "period": "y1", "comment": "by phone" }))
    );
    for (text, misfit) in [
        ("", "Missing { name: \"tariff\" }"),
        ("t1", "Missing { name: \"period\" }"),
        ("t9 m6", "Wrong { name: \"tariff\", word: \"t9\" }"),
        ("t1 6m", "Wrong { name: \"period\", word: \"6m\" }"),
    ] {
        assert_eq!(format!("{:?}", read(text).unwrap_err()), misfit, "{text}");
    }
}

proptest! {
    #[test]
    fn whatever_a_value_is_the_address_keeps_its_shape(value in ".{1,40}|[.]{1,3}") {
        let shown = render("/a/{{ v }}/b", Place::Url, &json!({ "v": value }));
        if value == "." || value == ".." {
            prop_assert!(shown.starts_with("error: "), "{}", shown);
            return Ok(());
        }
        let url = reqwest::Url::parse(&format!("https://x.example{shown}")).unwrap();
        prop_assert_eq!(url.path_segments().unwrap().count(), 3);
        prop_assert!(url.query().is_none() && url.fragment().is_none());
    }

    #[test]
    fn whatever_a_value_is_the_path_finds_it_and_nothing_else(value in ".{0,40}", other in ".{0,40}") {
        let shown = render("$[?@.v == {{ v }}].id", Place::JsonPath, &json!({ "v": value }));
        let path = serde_json_path::JsonPath::parse(&shown).unwrap();
        let document = json!([{ "v": value, "id": 1 }, { "v": other, "id": 2 }]);
        let found = path.query(&document).all();
        let wanted = if value == other { 2 } else { 1 };
        prop_assert_eq!(found.len(), wanted);
    }

    #[test]
    fn whatever_a_value_is_the_body_holds_it(value in ".{0,60}") {
        let body = fill(r#"{"a": "{{ v }}", "b": "x{{ v }}y"}"#, &json!({ "v": value }));
        prop_assert_eq!(&body["a"], &json!(value));
        prop_assert_eq!(&body["b"], &json!(format!("x{value}y")));
    }

    #[test]
    fn no_file_is_too_strange(file in "(?s).{0,200}") {
        let _ = connector("x", "x.toml", &file);
    }

    #[test]
    fn no_arguments_are_too_strange(text in "(?s).{0,100}") {
        let billing = crate::connectors::presets::named("billing").unwrap();
        let made = connector("billing", "x.toml", billing).unwrap();
        for action in made.actions.values() {
            let _ = action.grammar.parse(&text);
        }
    }
}
