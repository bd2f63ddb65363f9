//! The report for people: one page with plots, nothing in it runs or loads.

use std::fmt::Write as _;
use std::io::Write;

use super::tally::{Class, Report};
use crate::transcript::export::{Layout, Out};
use crate::transcript::html::{Escaped, POLICY};
use crate::transcript::{Options, TranscriptError};

/// Writes the report as JSON and as a page.
pub(super) fn write(
    report: &Report,
    title: &str,
    layout: &Layout,
    options: &Options,
    out: &mut Out<'_>,
) -> Result<(), TranscriptError> {
    // Beside a file both are named after it.
    let stem = match layout {
        Layout::File(name) => format!("{name}.report"),
        Layout::ByTopic | Layout::Folder => "report".to_owned(),
    };
    let mut json = serde_json::to_string_pretty(report).map_err(std::io::Error::other)?;
    json.push('\n');
    out.begin(&format!("{stem}.json"))?
        .write_all(json.as_bytes())?;
    let page = page(report, title, options);
    out.begin(&format!("{stem}.html"))?
        .write_all(page.as_bytes())?;
    Ok(())
}

fn page(report: &Report, title: &str, options: &Options) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"robots\" content=\"noindex, nofollow\">\n\
         <title>{title} – training data</title>\n<style>\n{}</style>\n</head>\n<body>\n\
         <header><p>Training data, {}</p><h1 dir=\"auto\">{title}</h1></header>\n<main>\n",
        include_str!("page.css"),
        options.format.name(),
        title = Escaped(if title.is_empty() {
            "Support desk"
        } else {
            title
        }),
    );
    figures(&mut html, report);
    splits(&mut html, report);
    let languages = report
        .languages
        .iter()
        .map(|(tag, count)| (tag.clone(), *count));
    let mut languages: Vec<(String, u64)> = languages.collect();
    languages.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    languages.truncate(12);
    bars(&mut html, "Languages", "sessions", &languages);
    bars(
        &mut html,
        "Turns a session",
        "sessions",
        &lengths(&report.turns_per_session),
    );
    let title = format!("Tokens a session, by {}", report.tokenizer);
    bars(
        &mut html,
        &title,
        "sessions",
        &lengths(&report.tokens_per_session),
    );
    let left: Vec<(String, u64)> = (report.left_out.sessions.iter())
        .map(|(why, count)| (words(why), *count))
        .collect();
    bars(&mut html, "Sessions left out", "sessions", &left);
    let left: Vec<(String, u64)> = (report.left_out.messages.iter())
        .map(|(why, count)| (words(why), *count))
        .collect();
    bars(&mut html, "Messages left out", "messages", &left);
    let redacted = report
        .redacted
        .iter()
        .map(|(kind, count)| (words(kind), *count));
    let redacted: Vec<(String, u64)> = redacted.collect();
    bars(&mut html, "Personal data replaced", "places", &redacted);
    html.push_str("</main>\n<footer>topicvault</footer>\n</body>\n</html>\n");
    html
}

fn figures(html: &mut String, report: &Report) {
    html.push_str("<dl>");
    for (name, value) in [
        ("Sessions", report.sessions),
        ("Turns", report.turns),
        ("Messages", report.messages),
        ("Customers", report.customers),
        ("Tokens", report.tokens),
    ] {
        let _ = write!(
            html,
            "<div><dt>{name}</dt><dd>{}</dd></div>",
            grouped(value)
        );
    }
    html.push_str("</dl>\n");
}

fn splits(html: &mut String, report: &Report) {
    if report.splits.is_empty() {
        return;
    }
    html.push_str(
        "<section><h2>Splits</h2><p>No customer is in two.</p><table><thead><tr><th>Split</th>\
         <th>Sessions</th><th>Turns</th><th>Tokens</th><th>Customers</th></tr></thead><tbody>",
    );
    for name in ["train", "validation", "test"] {
        if let Some(split) = report.splits.get(name) {
            let _ = write!(
                html,
                "<tr><th>{name}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                grouped(split.sessions),
                grouped(split.turns),
                grouped(split.tokens),
                grouped(split.customers)
            );
        }
    }
    html.push_str("</tbody></table></section>\n");
}

/// A plot of bars, one below the other; each says its value, so that no axis is needed.
fn bars(html: &mut String, title: &str, unit: &str, values: &[(String, u64)]) {
    let most = values.iter().map(|(_, value)| *value).max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let total: u64 = values.iter().map(|(_, value)| value).sum();
    let _ = write!(
        html,
        "<section><h2>{}</h2><table class=\"bars\">",
        Escaped(title)
    );
    for (name, value) in values {
        #[expect(clippy::cast_precision_loss, reason = "a length on a screen")]
        let (width, share) = (
            100.0 * *value as f64 / most as f64,
            100.0 * *value as f64 / total as f64,
        );
        let _ = write!(
            html,
            "<tr><th>{}</th><td><svg role=\"img\" aria-label=\"{value} {unit}\" \
             viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\"><rect width=\"{width:.2}\" \
             height=\"10\" rx=\"1\"/></svg></td><td>{}</td><td>{share:.1} %</td></tr>",
            Escaped(name),
            grouped(*value)
        );
    }
    html.push_str("</table></section>\n");
}

fn lengths(classes: &[Class]) -> Vec<(String, u64)> {
    let last = classes.iter().rposition(|class| class.sessions > 0);
    let shown = classes.get(..=last.unwrap_or(0)).unwrap_or_default();
    let name = |class: &Class| match class.to {
        Some(to) if to == class.from => to.to_string(),
        Some(to) => format!("{}–{}", grouped(class.from), grouped(to)),
        None => format!("{} or more", grouped(class.from)),
    };
    shown
        .iter()
        .map(|class| (name(class), class.sessions))
        .collect()
}

/// `near_duplicate` as words.
fn words(key: &str) -> String {
    key.replace('_', " ")
}

/// `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }
}
