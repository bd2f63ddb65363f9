//! `audit`: whether anything is missing, and what.

mod heal;
mod show;

use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::ops::{ControlFlow, RangeInclusive};

use self::heal::heal;
use self::show::show;
use super::args::WhichGroup;
use super::context::{self, Context};
use super::failure::Failure;
use super::{exit, output};
use crate::archive::{Dispute, Known, MediaTotals, Order, Reader, Selection, Vault, Witness};
use crate::config::Loaded;
use crate::model::{GroupId, MediaPolicy, MessageId, TopicId};

/// Missing files that are listed; how many there are in all is counted besides.
const MISSING: usize = 1_000;

/// Options of `audit`.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Which group.
    #[command(flatten)]
    pub group: WhichGroup,
    /// Also each topic
    #[arg(long)]
    pub topics: bool,
    /// Only this topic, by its id; may be given several times
    #[arg(long = "topic", value_name = "ID")]
    pub topic: Vec<i32>,
    /// First fetch from Telegram what is unknown, and look again at what may have changed
    #[arg(long)]
    pub heal: bool,
}

/// What is known of a group's ids.
#[derive(Debug, Default, Serialize)]
struct Ids {
    captured: u64,
    deleted: u64,
    empty: u64,
    erased: u64,
    expired: u64,
    unknown: u64,
}

/// A message at an end.
#[derive(Clone, Copy, Debug, Serialize)]
struct End {
    id: MessageId,
    date: i64,
}

/// One group's audit.
#[derive(Debug, Serialize)]
struct GroupAudit {
    /// Bare id.
    group: GroupId,
    title: Option<String>,
    /// Nothing is unknown.
    complete: bool,
    /// Ids up to this one were looked at; 0: nobody ever looked.
    up_to: i32,
    /// When they were last compared with the group, Unix seconds.
    looked_at: Option<i64>,
    ids: Ids,
    /// Ids by who established what is known of them.
    sources: BTreeMap<Witness, u64>,
    oldest: Option<i64>,
    newest: Option<i64>,
    /// Ranges of ids of which nothing is known.
    unknown: Vec<[i32; 2]>,
    media: MediaTotals,
    /// Files that are wanted and not stored, of the newest messages first, [`MISSING`] at most.
    missing_files: Vec<MissingFile>,
    /// Where another source said something else than the userbot; its word counts.
    disputes: Vec<Dispute>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    topics: Vec<TopicAudit>,
}

impl GroupAudit {
    /// A group that nobody has captured yet.
    fn nothing(group: GroupId) -> Self {
        Self {
            group,
            title: None,
            complete: false,
            up_to: 0,
            looked_at: None,
            ids: Ids::default(),
            sources: BTreeMap::new(),
            oldest: None,
            newest: None,
            unknown: Vec::new(),
            media: MediaTotals::default(),
            missing_files: Vec::new(),
            disputes: Vec::new(),
            topics: Vec::new(),
        }
    }
}

/// A file that is missing.
#[derive(Debug, Serialize)]
struct MissingFile {
    /// Telegram's id.
    file: i64,
    message: MessageId,
    topic: TopicId,
    kind: Option<&'static str>,
    /// Bytes, as announced.
    size: Option<u64>,
    /// Failures in a row; 0: not tried yet.
    tries: u32,
    /// Why it failed last.
    reason: Option<String>,
}

/// One topic's audit.
#[derive(Debug, Serialize)]
struct TopicAudit {
    topic: TopicId,
    title: String,
    captured: u64,
    deleted: u64,
    /// How many unknown ids could belong to it: a topic's messages come after the one that began it.
    unknown_at_most: u64,
    oldest: Option<End>,
    newest: Option<End>,
    media_missing: u64,
}

pub(super) fn run(context: &Context, args: &AuditArgs) -> Result<(), Failure> {
    let loaded = context.config()?;
    if args.heal {
        heal(context, &loaded, args.group.group.as_deref())?;
    }
    let vault = context.vault(&loaded)?;
    let policy = loaded.config.media.policy();
    // A topic's id means something in one group only.
    let readers = if args.group.group.is_some() || !args.topic.is_empty() {
        vec![context::reader(&vault, args.group.group.as_deref())?]
    } else {
        context::readers(&vault, None)?
    };
    let mut audits = Vec::new();
    for reader in &readers {
        audits.push(audit(reader, args, &policy)?);
    }
    let absent = absent(&loaded, &vault, args)?;
    audits.extend(absent.iter().map(|group| GroupAudit::nothing(*group)));
    if context.global.json {
        output::print_json(&audits)?;
    } else {
        let now = jiff::Timestamp::now().as_second();
        output::print(|out| {
            for audit in &audits {
                show(out, audit, now)?;
            }
            Ok(())
        })?;
    }
    if let Some(group) = absent.first() {
        return Err(Failure::new(
            exit::INCOMPLETE,
            match absent.len() {
                1 => format!("group {} has no archive yet", group.marked()),
                several => format!(
                    "group {} and {} more have no archive yet",
                    group.marked(),
                    several - 1
                ),
            },
        )
        .help("`topicvault run` captures it; `audit --heal` reads what there is and ends"));
    }
    let unknown: u64 = audits.iter().map(|audit| audit.ids.unknown).sum();
    let unseen = audits.iter().any(|audit| audit.up_to == 0);
    if unknown == 0 && !unseen {
        return Ok(());
    }
    let what = if unknown > 0 {
        output::count(unknown, "message id") + " unknown"
    } else {
        "a group was never compared with Telegram".to_owned()
    };
    Err(Failure::new(exit::INCOMPLETE, what).help("`topicvault audit --heal` fetches them"))
}

/// Groups of the configuration without an archive.
fn absent(loaded: &Loaded, vault: &Vault, args: &AuditArgs) -> Result<Vec<GroupId>, Failure> {
    if args.group.group.is_some() {
        return Ok(Vec::new());
    }
    let present = vault.groups()?;
    let wanted = loaded.config.groups.iter();
    Ok(wanted
        .filter_map(|group| group.group().ok())
        .filter(|group| !present.contains(group))
        .collect())
}

fn audit(reader: &Reader, args: &AuditArgs, policy: &MediaPolicy) -> Result<GroupAudit, Failure> {
    let stats = reader.stats()?;
    let position = |name: &str| -> Result<Option<i64>, Failure> { Ok(reader.position(name)?) };
    let watermark = position("watermark")?
        .and_then(|id| i32::try_from(id).ok())
        .unwrap_or(0);
    let top = stats.ids.map_or(0, |(_, last)| last).max(watermark);
    let mut ids = Ids::default();
    let mut sources = BTreeMap::new();
    for covered in reader.coverage(1..=top)? {
        let count = length(&covered.ids);
        let place = match covered.known {
            Known::Captured => &mut ids.captured,
            Known::Deleted => &mut ids.deleted,
            Known::Empty => &mut ids.empty,
            Known::Erased => &mut ids.erased,
            Known::Expired => &mut ids.expired,
        };
        *place += count;
        *sources.entry(covered.witness).or_default() += count;
    }
    let unknown = reader.unknown(1..=top)?;
    ids.unknown = unknown.iter().map(length).sum();
    let topics = if args.topics || !args.topic.is_empty() {
        context::known_topics(reader, &args.topic)?;
        topics(reader, args, &unknown, policy)?
    } else {
        Vec::new()
    };
    Ok(GroupAudit {
        group: reader.group(),
        title: reader.title()?,
        complete: ids.unknown == 0 && watermark > 0,
        up_to: if watermark > 0 { top } else { 0 },
        looked_at: position("looked_at")?,
        ids,
        sources,
        oldest: stats.dates.map(|(first, _)| first),
        newest: stats.dates.map(|(_, last)| last),
        unknown: unknown
            .iter()
            .map(|range| [*range.start(), *range.end()])
            .collect(),
        media: reader.media_totals(policy)?,
        missing_files: missing_files(reader, policy)?,
        disputes: reader.disputes()?,
        topics,
    })
}

fn missing_files(reader: &Reader, policy: &MediaPolicy) -> Result<Vec<MissingFile>, Failure> {
    let files = reader.missing_files(policy, MISSING)?.into_iter();
    Ok(files
        .map(|file| MissingFile {
            file: file.id,
            message: file.message,
            topic: file.topic,
            kind: file.kind.file_name(),
            size: file.size,
            tries: file.tries,
            reason: file.reason,
        })
        .collect())
}

fn length(range: &RangeInclusive<i32>) -> u64 {
    u64::try_from(i64::from(*range.end()) - i64::from(*range.start()) + 1).unwrap_or(0)
}

/// Counts topic by topic; reads every message of them once.
fn topics(
    reader: &Reader,
    args: &AuditArgs,
    unknown: &[RangeInclusive<i32>],
    policy: &MediaPolicy,
) -> Result<Vec<TopicAudit>, Failure> {
    let wanted: Vec<TopicId> = args.topic.iter().copied().map(TopicId).collect();
    let media = reader.media_totals_by_topic(policy)?;
    let mut audits: BTreeMap<TopicId, TopicAudit> = reader
        .topics()?
        .into_iter()
        .filter(|topic| wanted.is_empty() || wanted.contains(&topic.id))
        .map(|topic| {
            let above = |range: &RangeInclusive<i32>| {
                let first = (*range.start()).max(topic.id.0.saturating_add(1));
                if first > *range.end() {
                    0
                } else {
                    length(&(first..=*range.end()))
                }
            };
            let audit = TopicAudit {
                topic: topic.id,
                title: topic.title,
                captured: 0,
                deleted: 0,
                unknown_at_most: unknown.iter().map(above).sum(),
                oldest: None,
                newest: None,
                media_missing: media.get(&topic.id).map_or(0, |totals| totals.wanted),
            };
            (topic.id, audit)
        })
        .collect();
    let selection = Selection {
        topics: wanted,
        ..Selection::default()
    };
    reader.read(&selection, Order::Topic, &mut |snapshot| {
        if let Some(audit) = audits.get_mut(&snapshot.message.topic) {
            let end = End {
                id: snapshot.message.id,
                date: snapshot.message.date,
            };
            audit.oldest.get_or_insert(end);
            audit.newest = Some(end);
            if snapshot.deleted_at.is_some() {
                audit.deleted += 1;
            } else {
                audit.captured += 1;
            }
        }
        ControlFlow::Continue(())
    })?;
    Ok(audits.into_values().collect())
}
