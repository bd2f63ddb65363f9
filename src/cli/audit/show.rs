//! An audit as people see it.

use std::io::Write;

use super::super::output;
use super::{End, GroupAudit};
use crate::archive::Witness;
use crate::model::{MessageId, TopicId, message_link};

/// Ranges of unknown ids that are listed.
const LISTED: usize = 10;

/// A last look older than this is worth a word, seconds.
const OLD: i64 = 24 * 3_600;

/// One group; `now` in Unix seconds.
pub(super) fn show(out: &mut Vec<u8>, audit: &GroupAudit, now: i64) -> std::io::Result<()> {
    let bold = anstyle::Style::new().bold();
    let (green, red) = (
        anstyle::AnsiColor::Green.on_default().bold(),
        anstyle::AnsiColor::Red.on_default().bold(),
    );
    let title = audit
        .title
        .as_deref()
        .map_or_else(String::new, output::plain);
    writeln!(out, "{bold}{title}{bold:#} ({})", audit.group.marked())?;
    let ids = &audit.ids;
    if audit.complete {
        write!(
            out,
            "  {green}complete{green:#} up to message {}",
            audit.up_to
        )?;
    } else if audit.up_to == 0 {
        let known = output::count(ids.unknown, "id");
        write!(
            out,
            "  {red}{known} unknown{red:#}, never compared with Telegram"
        )?;
    } else {
        write!(
            out,
            "  {red}{} unknown{red:#} up to message {}",
            output::count(ids.unknown, "id"),
            audit.up_to
        )?;
    }
    match audit.looked_at {
        Some(at) if now.saturating_sub(at) > OLD => writeln!(
            out,
            ", as of {} UTC: nobody has looked since",
            output::date(at)
        )?,
        Some(at) => writeln!(out, ", as of {} UTC", output::date(at))?,
        None => writeln!(out)?,
    }
    for (name, count) in [
        ("captured", ids.captured),
        ("deleted", ids.deleted),
        ("empty", ids.empty),
        ("erased", ids.erased),
        ("expired", ids.expired),
    ] {
        writeln!(out, "  {name:<10} {count:>10}")?;
    }
    let colour = if ids.unknown == 0 {
        anstyle::Style::new()
    } else {
        red
    };
    writeln!(
        out,
        "  {:<10} {colour}{:>10}{colour:#}",
        "unknown", ids.unknown
    )?;
    for [first, last] in audit.unknown.iter().rev().take(LISTED) {
        let link = message_link(audit.group, TopicId::GENERAL, MessageId(*first));
        writeln!(out, "    {first} to {last}  {link}")?;
    }
    if audit.unknown.len() > LISTED {
        writeln!(out, "    and {} more ranges", audit.unknown.len() - LISTED)?;
    }
    for (witness, count) in &audit.sources {
        let name = match witness {
            Witness::Userbot => "by userbot",
            Witness::Crm => "by CRM",
            Witness::Import => "by import",
            Witness::Bot => "by bot",
        };
        writeln!(out, "  {name:<10} {count:>10}")?;
    }
    if let (Some(oldest), Some(newest)) = (audit.oldest, audit.newest) {
        writeln!(
            out,
            "  {:<10} {} to {} UTC",
            "from",
            output::date(oldest),
            output::date(newest)
        )?;
    }
    let media = &audit.media;
    writeln!(
        out,
        "  {:<10} {} stored, {} missing ({} failed before), {} gone, {} left out by policy",
        "files", media.stored, media.wanted, media.missing, media.gone, media.left_out
    )?;
    for file in audit.missing_files.iter().take(LISTED) {
        let link = message_link(audit.group, file.topic, file.message);
        let what = file.kind.unwrap_or("file");
        let why = match &file.reason {
            Some(reason) => output::plain(reason),
            None => "not tried yet".to_owned(),
        };
        writeln!(out, "    {what}: {why}  {link}")?;
    }
    if audit.media.wanted > LISTED as u64 {
        writeln!(out, "    and {} more", audit.media.wanted - LISTED as u64)?;
    }
    show_disputes(out, audit)?;
    show_topics(out, audit)
}

/// Which messages, and about what; not what was said.
fn show_disputes(out: &mut Vec<u8>, audit: &GroupAudit) -> std::io::Result<()> {
    if audit.disputes.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "  {:<10} {:>10}, where another source said something else; both are in --json",
        "disputes",
        audit.disputes.len()
    )?;
    for dispute in audit.disputes.iter().rev().take(LISTED) {
        let fields: Vec<&str> = dispute
            .said
            .as_object()
            .map(|fields| fields.keys().map(String::as_str).collect())
            .unwrap_or_default();
        let link = message_link(audit.group, TopicId::GENERAL, dispute.message);
        writeln!(out, "    {}  {link}", fields.join(", "))?;
    }
    if audit.disputes.len() > LISTED {
        writeln!(out, "    and {} more", audit.disputes.len() - LISTED)?;
    }
    Ok(())
}

fn show_topics(out: &mut Vec<u8>, audit: &GroupAudit) -> std::io::Result<()> {
    if audit.topics.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "  {:>9} {:>9} {:>8} {:>9} {:>7}  {:<16}  {:<16}  title",
        "topic", "captured", "deleted", "unknown≤", "files−", "oldest", "newest"
    )?;
    for topic in &audit.topics {
        let end = |end: Option<End>| end.map_or_else(String::new, |end| output::date(end.date));
        writeln!(
            out,
            "  {:>9} {:>9} {:>8} {:>9} {:>7}  {:<16}  {:<16}  {}",
            topic.topic,
            topic.captured,
            topic.deleted,
            topic.unknown_at_most,
            topic.media_missing,
            end(topic.oldest),
            end(topic.newest),
            output::plain(&topic.title)
        )?;
    }
    Ok(())
}
