//! Backfills as people see them.

use std::io::Write;

use super::super::output;
use crate::archive::{Backfill, BackfillState};
use crate::model::GroupId;

/// Lines that are shown besides the open ones; all of them are in the JSON.
const SHOWN: usize = 20;

/// A table, a line each, the newest last.
pub(super) fn table(
    out: &mut Vec<u8>,
    backfills: &[Backfill],
    title: impl Fn(GroupId) -> Option<String>,
) -> std::io::Result<()> {
    if backfills.is_empty() {
        return writeln!(out, "no backfill was asked for");
    }
    let bold = anstyle::Style::new().bold();
    writeln!(
        out,
        "{bold}{:>4}  {:<24} {:<12} {:<12} {:<8} {:>10} {:>10} {:>8} {:>9}{bold:#}",
        "no.", "group", "what", "order", "state", "read", "left", "a second", "time left"
    )?;
    let newest = backfills.len().saturating_sub(SHOWN);
    let mut older = 0;
    for (at, it) in backfills.iter().enumerate() {
        if at < newest && it.state != BackfillState::Open {
            older += 1;
            continue;
        }
        let group = title(it.wish.group).map_or_else(
            || it.wish.group.marked().to_string(),
            |title| output::plain(&title),
        );
        let group: String = group.chars().take(24).collect();
        let what = match it.wish.topic {
            Some(topic) => format!("topic {}", topic.0),
            None => "all unknown".to_owned(),
        };
        let order = match it.wish.oldest_first {
            true => "oldest first",
            false => "newest first",
        };
        let (name, colour) = state(it.state);
        let open = it.state == BackfillState::Open;
        let left = it
            .remaining
            .map_or_else(String::new, |left| left.to_string());
        let rate = it
            .rate()
            .map_or_else(String::new, |rate| format!("{rate:.0}"));
        let time = it.seconds_left().filter(|_| open);
        let time = time.map_or_else(String::new, duration);
        writeln!(
            out,
            "{:>4}  {group:<24} {what:<12} {order:<12} {colour}{name:<8}{colour:#} {:>10} {left:>10} {rate:>8} {time:>9}",
            it.id, it.done
        )?;
        if let Some(until) = it.waiting_until.filter(|_| open) {
            writeln!(
                out,
                "      Telegram asks to wait until {} UTC",
                output::moment(until)
            )?;
        }
        if let Some(problem) = &it.problem {
            writeln!(out, "      {}", output::plain(problem))?;
        }
    }
    if older > 0 {
        writeln!(out, "and {older} older")?;
    }
    Ok(())
}

fn state(state: BackfillState) -> (&'static str, anstyle::Style) {
    let colour = |colour: anstyle::AnsiColor| colour.on_default().bold();
    match state {
        BackfillState::Open => ("open", colour(anstyle::AnsiColor::Yellow)),
        BackfillState::Done => ("done", colour(anstyle::AnsiColor::Green)),
        BackfillState::Stopped => ("stopped", anstyle::Style::new()),
        BackfillState::InPart => ("in part", colour(anstyle::AnsiColor::Red)),
        BackfillState::Failed => ("failed", colour(anstyle::AnsiColor::Red)),
    }
}

/// Seconds for people: `40 s`, `12 min`, `3 h 5 min`.
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..=99 => format!("{seconds} s"),
        100..=5_999 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::archive::BackfillWish;
    use crate::model::TopicId;

    #[test]
    fn the_table_shows_how_far_each_is() {
        let group = GroupId::from_bare(2_101_424_779).unwrap();
        let open = Backfill {
            id: 1,
            wish: BackfillWish {
                group,
                topic: Some(TopicId(12)),
                oldest_first: true,
            },
            state: BackfillState::Open,
            position: Some(400),
            done: 1_200,
            remaining: Some(3_400),
            asked_at: 1_700_000_000,
            begun_at: Some(1_700_000_000),
            begun_with: 0,
            changed_at: 1_700_000_020,
            waiting_until: Some(1_700_000_050),
            problem: None,
        };
        let failed = Backfill {
            id: 12,
            wish: BackfillWish {
                topic: None,
                ..open.wish
            },
            state: BackfillState::Failed,
            remaining: None,
            begun_at: None,
            problem: Some("Telegram answered\u{1b}[31m SOMETHING".to_owned()),
            ..open.clone()
        };
        let mut out = Vec::new();
        table(&mut out, &[open, failed], |_| {
            Some("Support\u{7}".to_owned())
        })
        .unwrap();
        let text = anstream::adapter::strip_str(std::str::from_utf8(&out).unwrap()).to_string();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn durations_are_for_people() {
        assert_eq!(duration(40), "40 s");
        assert_eq!(duration(601), "11 min");
        assert_eq!(duration(11_100), "3 h 5 min");
    }
}
