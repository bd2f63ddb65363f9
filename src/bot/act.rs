//! A connector's action, asked for by a command: arguments, question, result, and words for the
//! customer.

use super::command::{Command, Deed};
use super::customer::{self, Known};
use super::error::causes;
use super::note::{ForCustomer, Note};
use super::question;
use super::queue::Post;
use super::request::{CommandError, Request, Shared};
use crate::archive::State;
use crate::config::Delivery;
use crate::connectors::{Cause, Context, Failure, Markup, Misfit, Outcome, Until};
use crate::i18n::{Came, Language, Phrase};

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
            return Ok(Some(Came::Misfit.word().to_owned()));
        }
    };
    let known = customer::known(shared, &request.group, request.topic).await?;
    let mut context = context(request, &known, deed);
    context.arguments = arguments;
    let until = match deed.action.confirm {
        Some(_) => Until::Question,
        None => Until::End,
    };
    match deed.live.run(&deed.action, &context, until).await {
        Ok(Outcome::Ask { question }) => {
            question::ask(shared, request, deed, &context, &question).await?;
            Ok(Some(Came::Asked.word().to_owned()))
        }
        Ok(outcome) => {
            let (markup, came) = finish(shared, request, &context, outcome).await;
            // It was done, whether or not it could be said; why it could not is logged where it was.
            match request.reply(&markup).await {
                Ok(_) => Ok(Some(came.word().to_owned())),
                Err(_) => Ok(Some(Came::Unsaid.word().to_owned())),
            }
        }
        Err(failure) => {
            let markup = apology(deed, &failure, &known, request.language);
            // Why it was dropped is logged where it was; the failure must not be lost with it.
            let _ = request.reply(&markup).await;
            Err(CommandError::Connector {
                connector: deed.live.connector.name.to_string(),
                failure: Box::new(failure),
            })
        }
    }
}

/// What an action is told, without arguments.
pub(super) fn context(request: &Request, known: &Known, deed: &Deed) -> Context {
    customer::context(
        &request.group,
        request.topic,
        known,
        request.operator.clone(),
        request.language,
        key(request, deed),
    )
}

/// The same for what the same command does, however often it is served, and for nothing else.
fn key(request: &Request, deed: &Deed) -> String {
    let (group, message) = (request.group.id.bare(), request.message);
    let (connector, action) = (&deed.live.connector.name, &deed.action.name);
    let edit = blake3::hash(request.arguments.as_bytes()).to_hex();
    let edit = edit.get(..8).unwrap_or_default();
    format!("topicvault-{group}-{message}-{edit}-{connector}-{action}")
}

/// What the operator reads at the end; what the customer is to be told is put into the outbox
/// before that, once for a context's key. Also: what it came to.
pub(super) async fn finish(
    shared: &Shared,
    request: &Request,
    context: &Context,
    outcome: Outcome,
) -> (Markup, Came) {
    let (reply, notice) = match outcome {
        Outcome::Done { reply, notice } => (reply, notice),
        Outcome::Refused { reply } => {
            return (Markup::read_or_plain(&reply), Came::NotDone);
        }
        Outcome::Ask { question } => {
            return (Markup::read_or_plain(&question), Came::Asked);
        }
    };
    let mut markup = Markup::read_or_plain(&reply);
    let mut came = Came::Done;
    if let Some(notice) = notice
        && let Some(told) = tell(shared, request, context, &notice).await
    {
        markup.add(&format!("\n{}", request.language.say(&told)));
        if matches!(told, Phrase::NoticeQueued { .. }) {
            came = Came::Told;
        }
    }
    (markup, came)
}

/// Puts words for the customer into the outbox, where the group has a way to them.
async fn tell(
    shared: &Shared,
    request: &Request,
    context: &Context,
    notice: &str,
) -> Option<Phrase> {
    let words = ForCustomer::new(&request.group.prefix, notice)?;
    let words = words.text().to_owned();
    let text = context.shown_words(&words);
    let delivery = match request.group.delivery {
        Delivery::None => return Some(Phrase::NoticeOff { text }),
        Delivery::Bot => "bot",
        Delivery::Userbot => "userbot",
        Delivery::CrmApi => "crm_api",
    };
    if context.customer.is_none() {
        return Some(Phrase::NoticeOff { text });
    }
    let (group, topic) = (request.group.id, request.topic);
    let origin = context.key.clone();
    let at = jiff::Timestamp::now().as_second();
    let put = move |state: &mut State| state.send_out(group, topic, &origin, delivery, &words, at);
    match shared.state.with(put).await {
        Ok(_) => {
            shared.outbox.notify_waiters();
            Some(Phrase::NoticeQueued { text })
        }
        Err(error) => {
            tracing::error!(%group, error = causes(&error), "words for a customer cannot be kept");
            Some(Phrase::NoticeFailed { text })
        }
    }
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
        Cause::TooMany { most } => Phrase::SystemTooMany {
            system,
            most: *most,
        },
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
