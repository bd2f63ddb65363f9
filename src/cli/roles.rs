//! Who plays which part in a group, for all commands that resolve roles.

use crate::archive::{ArchiveError, Reader};
use crate::config::{Config, GroupConfig, RoleRules};
use crate::model::PersonId;
use crate::transcript::{Candidate, Cast, Known, Origin};

use super::output;

/// A group's rules, completed from its archive.
pub(super) fn cast(reader: &Reader, config: &Config) -> Result<Cast, ArchiveError> {
    let (rules, known) = given(config.group(reader.group()), config);
    let cast = Cast::of(reader, &rules, &known)?;
    // What was looked at is not what is read next.
    reader.let_go_of_frames();
    Ok(cast)
}

/// What the configuration says of a group; one that it does not name (any more) has the defaults.
pub(super) fn given(group: Option<&GroupConfig>, config: &Config) -> (RoleRules, Known) {
    let known = Known {
        bot: config.bot.id(),
        operators: group.map(GroupConfig::answering).unwrap_or_default(),
    };
    let rules = group.map(|group| group.roles.clone()).unwrap_or_default();
    (rules, known)
}

/// Who was found to post customers' messages, or that nobody was and what to do; `None` where the
/// configuration says it.
pub(super) fn note(cast: &Cast) -> Option<String> {
    let relays = &cast.relays;
    let all: Vec<String> = relays.candidates.iter().map(described).collect();
    match relays.origin {
        Origin::Config => None,
        Origin::Found => Some(format!(
            "customers' messages are those of {}; groups.roles.relays = {} settles it",
            all.join(", "),
            ids(relays.candidates.iter().map(|it| it.id)),
        )),
        Origin::Nobody if all.is_empty() => Some(
            "it is not known who posts customers' messages: set groups.roles.relays to the id of \
             the CRM's bot or relay account"
                .to_owned(),
        ),
        Origin::Nobody => Some(format!(
            "it is not known who posts customers' messages: set groups.roles.relays; it may be {}",
            all.join(", or "),
        )),
    }
}

/// Somebody, what was seen of them, and why they were not chosen.
pub(super) fn described(one: &Candidate) -> String {
    let who = named(Some(one.id), &one.name);
    match (one.evidence, one.doubt) {
        _ if one.own => format!("{who}, our own bot"),
        (Some(evidence), None) => format!("{who}, found: {evidence}"),
        (Some(evidence), Some(doubt)) => format!("{who}: {evidence}; {doubt}"),
        (None, _) => who,
    }
}

/// Somebody by name and id.
pub(super) fn named(id: Option<PersonId>, name: &str) -> String {
    match (id, name) {
        (None, _) => "authors whom Telegram does not name".to_owned(),
        (Some(id), "") => id.to_string(),
        (Some(id), name) => format!("{} ({id})", output::plain(name)),
    }
}

/// Ids as the configuration writes them.
pub(super) fn ids(ids: impl Iterator<Item = PersonId>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    format!("[{}]", ids.join(", "))
}
