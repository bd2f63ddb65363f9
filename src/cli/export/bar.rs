//! A bar on stderr where that is a terminal, else nothing.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::transcript::Group;

/// Counts messages.
pub(super) fn messages(groups: &[Group]) -> ProgressBar {
    let total = groups.iter().try_fold(
        0,
        |sum,
         Group {
             reader,
             options,
             pull,
         }| {
            let selection = &options.selection;
            let whole = selection.topics.is_empty()
                && selection.since.is_none()
                && selection.until.is_none()
                && options.filter.is_everything()
                && pull.is_none();
            let stats = whole.then(|| reader.stats().ok()).flatten()?;
            let all = stats.messages + stats.deleted;
            Some(sum + options.last.map_or(all, |last| all.min(last as u64)))
        },
    );
    match total {
        Some(total) => drawn(
            ProgressBar::new(total),
            "{bar:40} {human_pos}/{human_len} messages {eta}",
        ),
        None => drawn(ProgressBar::new_spinner(), "{spinner} {human_pos} messages"),
    }
}

/// Counts bytes.
pub(super) fn bytes(total: u64) -> ProgressBar {
    let template = "{bar:40} {bytes}/{total_bytes} {eta}";
    drawn(ProgressBar::new(total), template)
}

fn drawn(bar: ProgressBar, template: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
