//! `/link`, `/unlink` and `/links`: which Telegram users stand for which account of an outside
//! system. Several users may have one account, and one user several.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::act;
use super::command::{Deed, Own};
use super::customer::{self, Known};
use super::request::{CommandError, Request, Shared};
use crate::archive::{Link, State};
use crate::connectors::{Markup, Outcome, Until, escaped};
use crate::i18n::{Came, Phrase};
use crate::model::PersonId;

/// Longest name of an account, in characters.
const LONGEST: usize = 64;

/// What a command is about.
struct Meant {
    account: String,
    users: Vec<PersonId>,
}

/// Links the topic's customer, or the users that are named, to an account.
pub(super) async fn link(
    shared: &Shared,
    request: &Request,
) -> Result<Option<String>, CommandError> {
    let known = customer::known(shared, &request.group, request.topic).await?;
    let mut meant = match meant(&request.arguments, &known) {
        Ok(meant) => meant,
        Err(phrase) => return usage(shared, request, Own::Link, phrase).await,
    };
    meant.account = spelling(shared, meant.account).await?;
    // Where a system can say whether there is such an account, it is asked.
    let described = match check(shared, request, &known, &meant.account).await? {
        Ok(described) => described,
        Err(markup) => {
            request.reply(&markup).await?;
            return Ok(Some(Came::NotDone.word().to_owned()));
        }
    };
    let now = jiff::Timestamp::now().as_second();
    let by = request.person;
    let (account, users) = (meant.account.clone(), meant.users.clone());
    let new = shared.state.with(move |state| {
        let mut new = 0_u64;
        for user in users {
            new += u64::from(state.link(&account, user, by, now)?);
        }
        Ok(new)
    });
    let phrase = match new.await? {
        0 => Phrase::LinkedAlready {
            account: meant.account.clone(),
        },
        users => Phrase::Linked {
            account: meant.account.clone(),
            users,
        },
    };
    let mut markup = Markup::plain(&request.language.say(&phrase));
    if let Some(described) = described {
        markup.append("\n", &described);
    }
    request.reply(&markup).await?;
    Ok(Some(Came::Linked.word().to_owned()))
}

/// Ends links.
pub(super) async fn unlink(
    shared: &Shared,
    request: &Request,
) -> Result<Option<String>, CommandError> {
    let known = customer::known(shared, &request.group, request.topic).await?;
    let mut meant = match meant(&request.arguments, &known) {
        Ok(meant) => meant,
        Err(phrase) => return usage(shared, request, Own::Unlink, phrase).await,
    };
    meant.account = spelling(shared, meant.account).await?;
    let now = jiff::Timestamp::now().as_second();
    let by = request.person;
    let (account, users) = (meant.account.clone(), meant.users);
    let ended = shared.state.with(move |state| {
        let mut ended = 0_u64;
        for user in users {
            ended += u64::from(state.unlink(&account, user, by, now)?);
        }
        Ok(ended)
    });
    let account = meant.account;
    let phrase = match ended.await? {
        0 => Phrase::NotLinked { account },
        users => Phrase::Unlinked { account, users },
    };
    request.say(&[phrase]).await?;
    Ok(Some(Came::Unlinked.word().to_owned()))
}

/// Shows who has an account, or the accounts of the topic's customer, and what was.
pub(super) async fn links(shared: &Shared, request: &Request) -> Result<(), CommandError> {
    let argument = request.arguments.trim().to_owned();
    let (head, links) = if argument.is_empty() {
        let known = customer::known(shared, &request.group, request.topic).await?;
        let Some(user) = known.user() else {
            request
                .say(&[known.trouble.unwrap_or(Phrase::CustomerUnknown)])
                .await?;
            return Ok(());
        };
        let links = shared
            .state
            .with(move |state| state.links_of_user(user))
            .await?;
        (Phrase::LinksOfCustomer, links)
    } else {
        let account = account_of(&argument).unwrap_or_else(|| argument.clone());
        let account = spelling(shared, account).await?;
        let of = account.clone();
        let links = shared
            .state
            .with(move |state| state.links_of_account(&of))
            .await?;
        (Phrase::LinksOfAccount { account }, links)
    };
    if links.is_empty() {
        request.say(&[head, Phrase::LinksNone]).await?;
        return Ok(());
    }
    let names = names(shared, request, &links).await?;
    let mut lines = vec![format!("<b>{}</b>", escaped(&request.language.say(&head)))];
    let rows = links.iter();
    lines.extend(rows.map(|link| row(request, link, argument.is_empty(), &names)));
    request
        .reply(&Markup::read_or_plain(&lines.join("\n")))
        .await?;
    Ok(())
}

/// The names of those who linked, as far as the archive knows them.
async fn names(
    shared: &Shared,
    request: &Request,
    links: &[Link],
) -> Result<HashMap<PersonId, String>, CommandError> {
    let by = links
        .iter()
        .flat_map(|link| [Some(link.linked_by), link.unlinked_by]);
    let people: HashSet<PersonId> = by.flatten().collect();
    let (vault, group) = (shared.vault.clone(), request.group.id);
    let read = move || -> Result<HashMap<PersonId, String>, CommandError> {
        let mut names = HashMap::new();
        if vault.groups()?.contains(&group) {
            let reader = vault.reader(group)?;
            for person in people {
                let known = reader.person(person)?;
                names.extend(known.map(|known| (person, known.name)));
            }
        }
        Ok(names)
    };
    tokio::task::spawn_blocking(read).await?
}

fn row(request: &Request, link: &Link, of_user: bool, names: &HashMap<PersonId, String>) -> String {
    let name = |person: PersonId| {
        let known = names.get(&person).filter(|name| !name.is_empty());
        known.cloned().unwrap_or_else(|| person.to_string())
    };
    let day = |seconds: i64| {
        let moment = jiff::Timestamp::from_second(seconds).unwrap_or_default();
        let zone = request.group.zone.clone();
        request.language.day(moment.to_zoned(zone).date())
    };
    let who = if of_user {
        link.account.clone()
    } else {
        link.user.to_string()
    };
    let phrase = match link.unlinked_at {
        None => Phrase::LinkSince {
            day: day(link.linked_at),
            by: name(link.linked_by),
        },
        Some(until) => Phrase::LinkWas {
            since: day(link.linked_at),
            until: day(until),
            by: name(link.unlinked_by.unwrap_or(link.linked_by)),
        },
    };
    format!(
        "<code>{}</code> – {}",
        escaped(&who),
        escaped(&request.language.say(&phrase))
    )
}

async fn usage(
    shared: &Shared,
    request: &Request,
    own: Own,
    phrase: Option<Phrase>,
) -> Result<Option<String>, CommandError> {
    let command = shared.table.name_of(own).to_owned();
    let mut phrases: Vec<Phrase> = phrase.into_iter().collect();
    phrases.push(Phrase::LinkUsage { command });
    request.say(&phrases).await?;
    Ok(Some(Came::Misfit.word().to_owned()))
}

/// N005 is n005: an operator types as they like.
async fn spelling(shared: &Shared, account: String) -> Result<String, CommandError> {
    let spelling = move |state: &mut State| state.spelling(&account);
    shared.state.with(spelling).await
}

/// The account and the users that a command names; without users, the topic's customer.
fn meant(arguments: &str, known: &Known) -> Result<Meant, Option<Phrase>> {
    let mut words = arguments.split_whitespace();
    let account = words.next().ok_or(None)?;
    let account = account_of(account).ok_or_else(|| {
        Some(Phrase::UnknownWord {
            word: account.chars().take(40).collect(),
        })
    })?;
    let mut users = Vec::new();
    for word in words {
        let id = word.parse().ok().filter(|id| *id > 0);
        let id: i64 = id.ok_or_else(|| {
            Some(Phrase::NotAUser {
                word: word.chars().take(40).collect(),
            })
        })?;
        users.push(PersonId(id));
    }
    if users.is_empty() {
        let user = known.user();
        let missing = || Some(known.trouble.clone().unwrap_or(Phrase::CustomerUnknown));
        users.push(user.ok_or_else(missing)?);
    }
    Ok(Meant { account, users })
}

/// An account's name: letters, digits and what systems put between them.
fn account_of(word: &str) -> Option<String> {
    let fits = (1..=LONGEST).contains(&word.chars().count())
        && word.chars().all(|letter| {
            letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '#' | '@')
        })
        && word.chars().any(char::is_alphanumeric);
    fits.then(|| word.to_owned())
}

/// Asks the system that knows accounts; an error is what the operator is told instead.
async fn check(
    shared: &Shared,
    request: &Request,
    known: &Known,
    account: &str,
) -> Result<Result<Option<Markup>, Markup>, CommandError> {
    let deed = shared.connectors.iter().find_map(|live| {
        let actions = live.connector.actions.values();
        let action = actions.into_iter().find(|action| action.link)?;
        Some(Deed {
            live: Arc::clone(live),
            action: Arc::clone(action),
        })
    });
    let Some(deed) = deed else {
        return Ok(Ok(None));
    };
    // Who may not see what the system tells of an account learns that it is there, no more.
    let shown = request
        .group
        .allows(&shared.table, &deed, &request.standing);
    let mut context = act::context(request, known, &deed);
    context
        .arguments
        .insert("account".to_owned(), account.into());
    Ok(
        match deed.live.run(&deed.action, &context, Until::End).await {
            Ok(Outcome::Done { reply, .. }) => Ok(shown.then(|| Markup::read_or_plain(&reply))),
            Ok(Outcome::Refused { reply } | Outcome::Ask { question: reply }) => {
                Err(Markup::read_or_plain(&reply))
            }
            Err(failure) => {
                let group = request.group.id;
                tracing::error!(%group, connector = %deed.live.connector.name, error = %failure, "the account could not be looked up");
                let system = &deed.live.connector.title;
                let phrases = [
                    act::explain(&failure, system, known),
                    Phrase::SystemUnchanged,
                ];
                let said = phrases.map(|phrase| request.language.say(&phrase));
                Err(Markup::plain(&said.join(" ")))
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Customer;

    fn known(user: Option<i64>) -> Known {
        Known {
            customer: user.map(|id| Customer {
                user_id: Some(PersonId(id)),
                ..Customer::default()
            }),
            ..Known::default()
        }
    }

    #[test]
    fn an_account_and_users_are_read() {
        let read =
            |text: &str, user| meant(text, &known(user)).map(|meant| (meant.account, meant.users));
        let people = |ids: &[i64]| ids.iter().copied().map(PersonId).collect::<Vec<_>>();
        assert_eq!(read("N005", Some(7)), Ok(("N005".to_owned(), people(&[7]))));
        assert_eq!(
            read("N005 5 6", Some(7)),
            Ok(("N005".to_owned(), people(&[5, 6])))
        );
        assert_eq!(read("", Some(7)), Err(None));
        assert_eq!(read("N005", None), Err(Some(Phrase::CustomerUnknown)));
        let word = |word: &str| word.to_owned();
        assert_eq!(
            read("N005 anna", None),
            Err(Some(Phrase::NotAUser { word: word("anna") }))
        );
        assert_eq!(
            read("N/5", Some(7)),
            Err(Some(Phrase::UnknownWord { word: word("N/5") }))
        );
        assert_eq!(
            read("..", Some(7)),
            Err(Some(Phrase::UnknownWord { word: word("..") }))
        );
    }
}
