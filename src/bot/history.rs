//! `/history`: what has been done for the topic's customer, and under which names and in which
//! topics they were met before.

use super::customer;
use super::request::{CommandError, Request, Shared};
use crate::archive::{AuditEntry, PastName};
use crate::connectors::{Markup, escaped};
use crate::i18n::{Came, Phrase};
use crate::model::{PersonId, TopicId, topic_link};

/// Deeds shown.
const SHOWN: usize = 15;
/// Other topics shown.
const TOPICS: usize = 10;

/// What the archive and the audit log tell.
#[derive(Default)]
struct Past {
    names: Vec<PastName>,
    topics: Vec<(TopicId, Option<String>)>,
    deeds: Vec<(AuditEntry, Option<String>)>,
}

/// Tells what has been done.
pub(super) async fn run(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let known = customer::known(shared, &request.group, request.topic).await?;
    let user = known.user();
    let past = past(shared, request, user).await?;
    let say = |phrase: &Phrase| escaped(&request.language.say(phrase));
    let mut sections = Vec::new();
    if !past.names.is_empty() {
        let mut lines = vec![format!("<b>{}</b>", say(&Phrase::HistoryNames))];
        for name in &past.names {
            let username = name.username.as_ref().map(|name| format!(" @{name}"));
            lines.push(escaped(&format!(
                "{}{}",
                name.name,
                username.unwrap_or_default()
            )));
        }
        sections.push(lines.join("\n"));
    }
    if !past.topics.is_empty() {
        let mut lines = vec![format!("<b>{}</b>", say(&Phrase::HistoryTopics))];
        for (topic, title) in &past.topics {
            let link = topic_link(request.group.id, *topic);
            let title = title.clone().unwrap_or_else(|| topic.to_string());
            lines.push(format!("<a href=\"{link}\">{}</a>", escaped(&title)));
        }
        sections.push(lines.join("\n"));
    }
    if !past.deeds.is_empty() {
        let mut lines = vec![format!("<b>{}</b>", say(&Phrase::HistoryDeeds))];
        for (deed, name) in &past.deeds {
            let moment = request.language.moment(deed.at, &request.group.zone);
            let who = name.clone().unwrap_or_else(|| deed.person.to_string());
            let result = deed.result.as_deref().and_then(Came::of);
            let result = result.or_else(|| Came::of(&deed.outcome));
            let result = result.unwrap_or(Came::Done).say(request.language);
            lines.push(escaped(&format!(
                "{moment} /{} – {who}: {result}",
                deed.action
            )));
        }
        sections.push(lines.join("\n"));
    }
    if sections.is_empty() {
        request.say(&[Phrase::HistoryNone]).await?;
        return Ok(());
    }
    request
        .reply(&Markup::read_or_plain(&sections.join("\n\n")))
        .await?;
    Ok(())
}

async fn past(
    shared: &Shared,
    request: &Request,
    user: Option<PersonId>,
) -> Result<Past, CommandError> {
    let (group, topic) = (request.group.id, request.topic);
    let deeds = shared
        .state
        .with(move |state| state.deeds_in(group, topic, SHOWN))
        .await?;
    let (vault, mask) = (shared.vault.clone(), request.group.mask);
    let work = move || -> Result<Past, CommandError> {
        if !vault.groups()?.contains(&group) {
            return Ok(Past {
                deeds: deeds.into_iter().map(|deed| (deed, None)).collect(),
                ..Past::default()
            });
        }
        let reader = vault.reader(group)?;
        let mut past = Past::default();
        if let Some(user) = user {
            // Operators who see names in part only would read them here.
            if !mask {
                past.names = reader.past_names(user)?;
            }
            for other in reader.topics_of_customer(user, TOPICS + 1)? {
                if other != topic && past.topics.len() < TOPICS {
                    let title = reader.topic(other)?.map(|topic| topic.title);
                    past.topics.push((other, title));
                }
            }
        }
        for deed in deeds {
            let name = reader.person(deed.person)?.map(|person| person.name);
            past.deeds.push((deed, name));
        }
        Ok(past)
    };
    tokio::task::spawn_blocking(work).await?
}
