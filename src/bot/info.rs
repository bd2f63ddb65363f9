//! `/info`: who the customer is, what outside systems know of them, and what we know ourselves.
//!
//! Every system is asked at the same time, each with a time of its own; what does not come is said
//! to be missing, and keeps nobody waiting for the rest.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::act;
use super::command::Deed;
use super::customer::{self, Known};
use super::request::{CommandError, Request, Shared};
use super::turns::Turns;
use crate::archive::{Order, Selection};
use crate::connectors::{Failure, Markup, Outcome, Until, escaped};
use crate::crm::Status;
use crate::i18n::{Came, Phrase};
use crate::model::{Customer, TopicId};
use crate::transcript::{Role, Roles};

/// How long a system may take; operators wait for the slowest.
const PATIENCE: Duration = Duration::from_secs(12);

/// What the archive tells of a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    /// When the customer wrote first.
    first_contact: Option<i64>,
    messages: u64,
    from_customer: u64,
    /// When they were last answered.
    last_answer: Option<i64>,
    /// Since when they wait.
    waiting_since: Option<i64>,
}

/// Tells all that is known of the topic's customer.
pub(super) async fn run(
    shared: &Arc<Shared>,
    request: &Request,
) -> Result<Option<String>, CommandError> {
    let known = customer::known(shared, &request.group, request.topic).await?;
    let mut asked = JoinSet::new();
    for (place, deed) in deeds(shared, request).into_iter().enumerate() {
        let context = act::context(request, &known, &deed);
        asked.spawn(async move {
            let work = deed.live.run(&deed.action, &context, Until::End);
            let outcome = tokio::time::timeout(PATIENCE, work).await;
            (place, deed, outcome.ok())
        });
    }
    let figures = figures(shared, request).await?;
    let mut answers = Vec::new();
    while let Some(answer) = asked.join_next().await {
        answers.push(answer?);
    }
    answers.sort_by_key(|(place, ..)| *place);

    let mut sections = vec![head(request, &known, figures)];
    // General is nobody's.
    if request.topic != TopicId::GENERAL {
        sections.push(own(request, figures));
    }
    let mut missing = Vec::new();
    if let Some(trouble) = &known.trouble {
        missing.push(request.language.say(trouble));
    }
    for (_, deed, outcome) in answers {
        let title = escaped(&deed.live.connector.title);
        match outcome {
            Some(Ok(Outcome::Done { reply, .. } | Outcome::Refused { reply })) => {
                let reply = reply.trim();
                if !reply.is_empty() {
                    sections.push(format!("<b>{title}</b>\n{reply}"));
                }
            }
            Some(Ok(Outcome::Ask { .. })) => {}
            Some(Err(failure)) => {
                missing.push(said(request, &deed, &failure, &known));
            }
            None => {
                let system = deed.live.connector.title.clone();
                missing.push(request.language.say(&Phrase::SystemTimedOut { system }));
            }
        }
    }
    let came = match missing.len() {
        0 => Came::Complete,
        _ => Came::Partly,
    };
    if !missing.is_empty() {
        let head = escaped(&request.language.say(&Phrase::InfoMissing));
        let lines: Vec<String> = missing.iter().map(|line| escaped(line)).collect();
        sections.push(format!("<b>{head}</b>\n{}", lines.join("\n")));
    }
    let html = sections.join("\n\n");
    request.reply(&Markup::read_or_plain(&html)).await?;
    Ok(Some(came.word().to_owned()))
}

/// What is to be shown of outside systems, as far as this operator may see it.
fn deeds(shared: &Shared, request: &Request) -> Vec<Deed> {
    let of = |live: &Arc<crate::connectors::Live>| {
        let actions = live.connector.actions.values();
        let shown: Vec<Deed> = actions
            .filter(|action| action.info)
            .map(|action| Deed {
                live: Arc::clone(live),
                action: Arc::clone(action),
            })
            .collect();
        shown
    };
    let may = |deed: &Deed| {
        let (group, standing) = (&request.group, &request.standing);
        group.allows(&shared.table, deed, standing)
    };
    let all = shared.connectors.iter().flat_map(of);
    all.filter(may).collect()
}

fn said(request: &Request, deed: &Deed, failure: &Failure, known: &Known) -> String {
    let (group, topic) = (request.group.id, request.topic);
    let connector = &deed.live.connector.name;
    tracing::warn!(%group, %topic, %connector, error = %failure, "a part of /info is missing");
    let phrase = act::explain(failure, &deed.live.connector.title, known);
    request.language.say(&phrase)
}

/// Who it is.
fn head(request: &Request, known: &Known, figures: Option<Figures>) -> String {
    let say = |phrase: &Phrase| escaped(&request.language.say(phrase));
    let Some(customer) = &known.customer else {
        return format!("<b>{}</b>", say(&Phrase::CustomerUnknown));
    };
    let customer = if request.group.mask {
        customer.masked()
    } else {
        customer.clone()
    };
    let mut lines = vec![name(&customer, known)];
    let mut facts = Vec::new();
    if let Some(id) = customer.user_id {
        facts.push(format!("id <code>{id}</code>"));
    }
    facts.extend(customer.language.iter().map(|language| escaped(language)));
    facts.extend(
        customer
            .phone
            .iter()
            .map(|phone| format!("<code>{}</code>", escaped(phone))),
    );
    if customer.chat_title.is_some() {
        facts.push(say(&Phrase::InfoChat));
    }
    if !facts.is_empty() {
        lines.push(facts.join(" · "));
    }
    // Whose turn it is we know better: what the CRM said may be minutes old.
    let closed = |status: &Status| figures.is_none() || *status == Status::Closed;
    let status = known.info.as_ref().and_then(|info| info.status);
    if let Some(status) = status.filter(closed) {
        lines.push(say(&match status {
            Status::WaitsForUs => Phrase::InfoWaitsForUs,
            Status::WaitsForCustomer => Phrase::InfoWaitsForCustomer,
            Status::Closed => Phrase::InfoClosed,
        }));
    }
    if !known.accounts.is_empty() {
        let accounts: Vec<String> = known
            .accounts
            .iter()
            .map(|account| format!("<code>{}</code>", escaped(account)))
            .collect();
        lines.push(format!(
            "{} {}",
            say(&Phrase::InfoAccounts),
            accounts.join(", ")
        ));
    }
    lines.join("\n")
}

fn name(customer: &Customer, known: &Known) -> String {
    let name = customer.display_name().or_else(|| known.title.clone());
    let mut line = format!(
        "<b>{}</b>",
        escaped(&name.unwrap_or_else(|| "–".to_owned()))
    );
    if let Some(username) = &customer.username {
        line.push_str(&format!(" @{}", escaped(username)));
    }
    line
}

/// Our own figures.
fn own(request: &Request, figures: Option<Figures>) -> String {
    let language = request.language;
    let Some(figures) = figures else {
        return escaped(&language.say(&Phrase::NothingCaptured));
    };
    let moment = |seconds| language.moment(seconds, &request.group.zone);
    let mut phrases = Vec::new();
    phrases.extend(
        figures
            .first_contact
            .map(|at| Phrase::InfoFirstContact { moment: moment(at) }),
    );
    phrases.push(Phrase::InfoMessages {
        messages: figures.messages,
        from_customer: figures.from_customer,
    });
    phrases.extend(
        figures
            .last_answer
            .map(|at| Phrase::InfoLastAnswer { moment: moment(at) }),
    );
    phrases.extend(
        figures
            .waiting_since
            .map(|at| Phrase::InfoWaitingSince { moment: moment(at) }),
    );
    let lines = phrases.iter().map(|phrase| escaped(&language.say(phrase)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Goes through the topic's messages; `None`: nothing of the group is captured.
async fn figures(shared: &Shared, request: &Request) -> Result<Option<Figures>, CommandError> {
    let (vault, group, topic) = (shared.vault.clone(), request.group.id, request.topic);
    let rules = request.group.rules();
    let abandon = shared.abandon.clone();
    let mut turns = Turns::of(shared, group).await?;
    let work = move || -> Result<Option<Figures>, CommandError> {
        if !vault.groups()?.contains(&group) {
            return Ok(None);
        }
        let reader = vault.reader(group)?;
        let roles = Roles::new(&reader, rules)?;
        let mut figures = Figures::default();
        if topic == TopicId::GENERAL {
            return Ok(Some(figures));
        }
        let selection = Selection {
            topics: vec![topic],
            ..Selection::default()
        };
        reader.read(&selection, Order::Id, &mut |snapshot| {
            let message = &snapshot.message;
            let role = roles.of(message);
            turns.take(&snapshot, role);
            match role {
                Role::Customer => {
                    figures.messages += 1;
                    figures.from_customer += 1;
                    figures.first_contact.get_or_insert(message.date);
                }
                Role::Operator | Role::Assistant => {
                    figures.messages += 1;
                    if !turns.is_automatic(message.id) {
                        figures.last_answer = Some(message.date);
                    }
                }
                Role::Note | Role::Command | Role::Service => {}
            }
            if abandon.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        figures.waiting_since = turns.since(topic);
        Ok(Some(figures))
    };
    tokio::task::spawn_blocking(work).await?
}
