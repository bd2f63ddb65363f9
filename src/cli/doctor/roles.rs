//! Who plays which part in each group, and what stays unsure.

use super::check::{Check, State};
use crate::archive::{Reader, Vault};
use crate::cli::{output, roles};
use crate::config::{Config, GroupConfig};
use crate::model::PersonKind;
use crate::transcript::{Cast, Origin, Part};

/// Authors of unsure messages that are named.
const NAMED: usize = 3;

/// Checks each group that is configured.
pub(super) fn checks(config: &Config) -> Vec<Check> {
    let vault = Vault::open(&config.vault.dir).ok();
    let groups = config.groups.iter();
    groups
        .flat_map(|group| {
            let id = group.group().ok();
            let reader = vault.as_ref().zip(id).and_then(|(vault, id)| {
                // What is wrong with an archive is said elsewhere.
                let held = vault.groups().ok()?.contains(&id);
                held.then(|| vault.reader(id).ok()).flatten()
            });
            match reader {
                Some(reader) => examined(config, group, &reader),
                None => vec![without_archive(group)],
            }
        })
        .collect()
}

/// Nothing is archived yet.
fn without_archive(group: &GroupConfig) -> Check {
    let ids = &group.roles.relays;
    if !ids.is_empty() {
        let said = format!(
            "{}: customers' messages come from {ids:?}, as configured",
            group.id
        );
        return Check::new("roles", State::Ok, said);
    }
    let said = format!("{}: nobody is said to post customers' messages", group.id);
    Check::new("roles", State::Warning, said).help(
        "set groups.roles.relays to the id of the CRM's bot or relay account; else it is looked for \
         in the group once there is an archive",
    )
}

fn examined(config: &Config, group: &GroupConfig, reader: &Reader) -> Vec<Check> {
    let (rules, known) = roles::given(Some(group), config);
    let cast = match Cast::examined(reader, &rules, &known) {
        Ok(cast) => cast,
        Err(error) => return vec![Check::failed("roles", error.into())],
    };
    let mut checks = vec![relays(group, &cast), assistants(group, &cast)];
    checks.extend(unsure(group, &cast));
    checks
}

fn relays(group: &GroupConfig, cast: &Cast) -> Check {
    let part = &cast.relays;
    match part.origin {
        Origin::Config | Origin::Found => {
            let said = format!(
                "{}: customers' messages come from {}",
                group.id,
                players(part)
            );
            let check = Check::new("roles", State::Ok, said);
            if part.origin == Origin::Config {
                return check;
            }
            let ids = roles::ids(part.candidates.iter().map(|one| one.id));
            check.help(format!("groups.roles.relays = {ids} settles it"))
        }
        Origin::Nobody => {
            let maybe: Vec<String> = part.candidates.iter().map(roles::described).collect();
            let mut said = format!(
                "{}: nobody was found in {} who posts customers' messages",
                group.id,
                output::count(u64::from(cast.topics), "topic")
            );
            if !maybe.is_empty() {
                said = format!("{said}; it may be {}", maybe.join(", or "));
            }
            let help = match part.candidates.as_slice() {
                [one] => format!(
                    "if that is the CRM's bot or relay account, set groups.roles.relays = {}",
                    roles::ids([one.id].into_iter())
                ),
                _ => {
                    "set groups.roles.relays to the id of the CRM's bot or relay account".to_owned()
                }
            };
            Check::new("roles", State::Warning, said).help(help)
        }
    }
}

fn assistants(group: &GroupConfig, cast: &Cast) -> Check {
    let part = &cast.assistants;
    let said = match part.origin {
        Origin::Nobody => "no bot is known to answer".to_owned(),
        Origin::Config | Origin::Found => format!("assistants are {}", players(part)),
    };
    Check::new("roles", State::Ok, format!("{}: {said}", group.id))
}

/// Those who play a part, and where that is known from.
fn players(part: &Part) -> String {
    let sure = part.candidates.iter().filter(|one| one.is_sure());
    let sure: Vec<String> = sure
        .map(|one| match part.origin {
            Origin::Config => roles::named(Some(one.id), &one.name),
            Origin::Found | Origin::Nobody => roles::described(one),
        })
        .collect();
    match part.origin {
        Origin::Config => format!("{}, as configured", sure.join("; ")),
        Origin::Found | Origin::Nobody => sure.join("; "),
    }
}

/// Messages that the rules do not settle.
fn unsure(group: &GroupConfig, cast: &Cast) -> Option<Check> {
    let unsure = cast.unsure();
    if unsure == 0 {
        return None;
    }
    let mut authors: Vec<String> = cast
        .unsettled
        .iter()
        .take(NAMED)
        .map(|one| {
            let who = roles::named(one.id, &one.name);
            format!("{who}: {}", one.messages)
        })
        .collect();
    if cast.unsettled.len() > NAMED {
        authors.push(format!("{} more", cast.unsettled.len() - NAMED));
    }
    let said = format!(
        "{}: the role of {unsure} of {} looked at is unsure ({})",
        group.id,
        output::count(cast.messages, "message"),
        authors.join("; ")
    );
    let check = Check::new("roles", State::Warning, said);
    let bots: Vec<_> = cast
        .unsettled
        .iter()
        .filter(|one| one.kind == Some(PersonKind::Bot))
        .filter_map(|one| one.id)
        .collect();
    Some(if cast.relays.origin == Origin::Nobody {
        check.help("it is settled once it is known who posts customers' messages")
    } else if bots.is_empty() {
        let others: Vec<String> = cast
            .unsettled
            .iter()
            .filter_map(|one| one.id)
            .map(|id| id.to_string())
            .collect();
        match others.as_slice() {
            [] => check,
            ids => check.help(format!(
                "if they answer customers: groups.roles.operators = [{}]",
                ids.join(", ")
            )),
        }
    } else {
        let configured = &group.roles.assistants;
        let named = cast.rules().assistants.iter().chain(configured);
        let mut all: Vec<_> = named
            .copied()
            .map(crate::model::PersonId)
            .chain(bots)
            .collect();
        all.sort_unstable();
        all.dedup();
        let ids = roles::ids(all.into_iter());
        check.help(format!(
            "where these bots answer customers, set groups.roles.assistants = {ids}"
        ))
    })
}
