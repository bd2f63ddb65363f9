//! A connector's action, asked for by a command: arguments, question, result, and words for the
//! customer.

use super::command::{Command, Deed};
use super::customer::{self, Known};
use super::note::Note;
use super::question;
use super::queue::Post;
use super::request::{CommandError, Request, Shared};
use crate::config::Delivery;
use crate::connectors::{Cause, Context, Failure, Markup, Misfit, Outcome, Until};
use crate::i18n::{Language, Phrase};

/// Serves a command; the text is for the audit log.
pub(super) async fn run(
    shared: &Shared,
    request: &Request,
    command: &Command,
    deed: &Deed,
) -> Result<Option<String>, CommandError> {
    let arguments = match deed.action.grammar.parse(&request.arguments) {
        Ok(arguments) => arguments,
        Err(misfit) => {
            let example = format!("/{} {}", command.shown, deed.action.grammar.example());
            let usage = Phrase::ActUsage {
                usage: command.usage(),
                example: example.trim_end().to_owned(),
            };
            request.say(&[explain_misfit(misfit), usage]).await?;
            return Ok(Some("wrong arguments".to_owned()));
        }
    };
    let known = customer::known(shared, &request.group, request.topic).await?;
    let mut context = context(request, &known);
    context.arguments = arguments;
    let until = match deed.action.confirm {
        Some(_) => Until::Question,
        None => Until::End,
    };
    match deed.live.run(&deed.action, &context, until).await {
        Ok(Outcome::Ask { question }) => {
            question::ask(shared, request, deed, &question).await?;
            Ok(Some("asked".to_owned()))
        }
        Ok(outcome) => {
            let (markup, result) = finish(shared, request, deed, &known, outcome).await?;
            request.reply(&markup).await?;
            Ok(Some(result))
        }
        Err(failure) => {
            let markup = apology(deed, &failure, &known, request.language);
            request.reply(&markup).await?;
            Err(CommandError::Connector {
                connector: deed.live.connector.name.to_string(),
                failure: Box::new(failure),
            })
        }
    }
}

/// What an action is told, without arguments.
pub(super) fn context(request: &Request, known: &Known) -> Context {
    customer::context(
        &request.group,
        request.topic,
        known,
        request.operator.clone(),
        request.language,
        key(request),
    )
}

/// The same for the same command, however often it is served.
pub(super) fn key(request: &Request) -> String {
    let (group, message) = (request.group.id.bare(), request.message);
    let edit = blake3::hash(request.arguments.as_bytes()).to_hex();
    let edit = edit.get(..8).unwrap_or_default();
    format!("topicvault-{group}-{message}-{edit}")
}

/// What the operator reads at the end; what the customer is to be told is put into the outbox
/// before that. Also: a word for the audit log.
pub(super) async fn finish(
    shared: &Shared,
    request: &Request,
    deed: &Deed,
    known: &Known,
    outcome: Outcome,
) -> Result<(Markup, String), CommandError> {
    let (reply, notice) = match outcome {
        Outcome::Done { reply, notice } => (reply, notice),
        Outcome::Refused { reply } => {
            return Ok((Markup::read_or_plain(&reply), "not done".to_owned()));
        }
        Outcome::Ask { question } => {
            return Ok((Markup::read_or_plain(&question), "asked".to_owned()));
        }
    };
    let mut markup = Markup::read_or_plain(&reply);
    let mut result = "done".to_owned();
    if let Some(notice) = notice.filter(|notice| !notice.trim().is_empty()) {
        let told = tell(shared, request, deed, known, &notice).await?;
        markup.add(&format!("\n{}", request.language.say(&told)));
        if matches!(told, Phrase::NoticeQueued { .. }) {
            result.push_str(", the customer is told");
        }
    }
    Ok((markup, result))
}

/// Puts words for the customer into the outbox, where the group has a way to them.
async fn tell(
    shared: &Shared,
    request: &Request,
    deed: &Deed,
    known: &Known,
    notice: &str,
) -> Result<Phrase, CommandError> {
    let text = notice.trim().to_owned();
    let delivery = match request.group.delivery {
        Delivery::None => return Ok(Phrase::NoticeOff { text }),
        Delivery::Bot => "bot",
        Delivery::Userbot => "userbot",
        Delivery::CrmApi => "crm_api",
    };
    if known.customer.is_none() {
        return Ok(Phrase::NoticeOff { text });
    }
    let (group, topic) = (request.group.id, request.topic);
    let origin = format!("{} {}", key(request), deed.action.name);
    let words = text.clone();
    let at = jiff::Timestamp::now().as_second();
    shared
        .state
        .with(move |state| state.send_out(group, topic, &origin, delivery, &words, at))
        .await?;
    shared.outbox.notify_one();
    Ok(Phrase::NoticeQueued { text })
}

/// What an operator reads where an action failed: what went wrong, and what had been done by then.
pub(super) fn apology(deed: &Deed, failure: &Failure, known: &Known, language: Language) -> Markup {
    let system = &deed.live.connector.title;
    let mut lines = vec![explain(failure, system, known)];
    if failure.uncertain {
        lines.push(Phrase::SystemUncertain {
            step: failure.step.clone().unwrap_or_default(),
        });
    }
    if !failure.done.is_empty() {
        lines.push(Phrase::SystemDone {
            steps: failure.done.join(", "),
        });
    } else if !failure.uncertain && deed.action.changes() {
        lines.push(Phrase::SystemUnchanged);
    }
    let lines: Vec<String> = lines.iter().map(|line| language.say(line)).collect();
    Markup::plain(&lines.join(" "))
}

/// One sentence about what went wrong.
pub(super) fn explain(failure: &Failure, system: &str, known: &Known) -> Phrase {
    let system = system.to_owned();
    match &failure.cause {
        Cause::NoSecret { .. } | Cause::NoSetting { .. } | Cause::Setup => {
            Phrase::SystemSetup { system }
        }
        Cause::Missing { name } if name.starts_with("customer") => {
            // Who the customer is may be unknown because the CRM did not say so.
            match &known.trouble {
                Some(trouble) if known.customer.is_none() => trouble.clone(),
                _ if known.customer.is_none() => Phrase::CustomerUnknown,
                _ => Phrase::CustomerLacks {
                    value: name.clone(),
                },
            }
        }
        Cause::Missing { name } => Phrase::SystemLacks {
            system,
            value: name.clone(),
        },
        Cause::Unreachable => Phrase::SystemUnreachable { system },
        Cause::TimedOut => Phrase::SystemTimedOut { system },
        Cause::Unauthorised => Phrase::SystemUnauthorised { system },
        Cause::Forbidden => Phrase::SystemForbidden { system },
        Cause::NotFound => Phrase::SystemNotFound { system },
        Cause::Busy { wait } => Phrase::SystemBusy {
            system,
            seconds: wait.map(|wait| wait.as_secs()),
        },
        Cause::Failed { status } => Phrase::SystemFailed {
            system,
            status: *status,
        },
        Cause::Rejected { status, message } => Phrase::SystemRejected {
            system,
            status: *status,
            message: message.clone(),
        },
        Cause::NotJson | Cause::Malformed => Phrase::SystemUnreadable { system },
        Cause::TooLarge => Phrase::SystemTooLarge { system },
        Cause::Redirected => Phrase::SystemRedirected { system },
    }
}

fn explain_misfit(misfit: Misfit) -> Phrase {
    match misfit {
        Misfit::Missing { name } => Phrase::ArgumentMissing { name },
        Misfit::Wrong { name, word } => Phrase::ArgumentWrong { name, word },
        Misfit::TooMuch { word } => Phrase::UnknownWord { word },
    }
}

/// A reply in the topic, with buttons.
pub(super) fn post(request: &Request, markup: &Markup, buttons: Vec<super::queue::Button>) -> Post {
    Post::Text {
        topic: request.topic,
        note: Note::marked(&request.group.prefix, markup),
        buttons,
    }
}
