//! The demo on a terminal: what happened, what the Bot API showed a bot, what the archive holds.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::emulator::scenario::{Deed, Step};
use crate::transcript::Role;

/// Width of the first column, in characters.
const WIDTH: usize = 64;

/// Writes to stderr; stdout is for results.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrator;

/// How a step looks from two sides.
#[derive(Clone, Copy, Debug)]
pub struct Sides {
    /// The Bot API showed it to an ordinary bot.
    pub shown_to_bot: bool,
    /// What the archive holds; `None`: not there in time.
    pub archived: Option<Held>,
}

/// How the archive holds a message.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Its role, resolved by the rules.
    pub role: Role,
    /// Versions beside the latest.
    pub versions: usize,
    /// It is marked deleted.
    pub deleted: bool,
}

impl Narrator {
    /// A headline.
    pub fn chapter(self, text: &str) {
        let bold = Style::new().bold();
        line(&format!("\n{bold}{text}{bold:#}"));
    }

    /// A remark below it.
    pub fn remark(self, text: &str) {
        line(&format!("  {text}"));
    }

    /// The heads of the columns.
    pub fn heads(self) {
        let dim = Style::new().dimmed();
        line(&format!(
            "{dim}  {:<64}{:<18}archive{dim:#}",
            "in the group", "Bot API"
        ));
    }

    /// One step and how both sides saw it.
    pub fn step(self, step: &Step, sides: Sides) {
        let who = style_of(step.what);
        let (verb, quoted) = verb(step.what);
        let start = format!("{} {verb}", plain(&step.who));
        let room = WIDTH.saturating_sub(start.chars().count() + if quoted { 3 } else { 1 });
        let text = excerpt(&step.text, room);
        let what = match (text.is_empty(), quoted) {
            (true, _) => start,
            (false, true) => format!("{start} “{text}”"),
            (false, false) => format!("{start} {text}"),
        };
        let padding = 2 + WIDTH.saturating_sub(what.chars().count());
        let bot = if sides.shown_to_bot {
            paint(AnsiColor::Green, "shown")
        } else {
            paint(AnsiColor::Red, "hidden")
        };
        let bot_padding = if sides.shown_to_bot { 5 } else { 4 };
        let archive = match sides.archived {
            None => paint(AnsiColor::Red, "not there"),
            Some(held) => {
                let mut words = vec![name(held.role).to_owned()];
                if held.versions > 0 {
                    words.push(format!("{} earlier", held.versions));
                }
                if held.deleted {
                    words.push("deleted, kept".to_owned());
                }
                paint(
                    AnsiColor::Green,
                    &format!("#{} {}", step.message_id, words.join(", ")),
                )
            }
        };
        line(&format!(
            "  {who}{what}{who:#}{:padding$}{bot}{:bot_padding$}{archive}",
            "", ""
        ));
    }
}

fn verb(deed: Deed) -> (&'static str, bool) {
    match deed {
        Deed::CustomerWrites => ("(customer) writes", true),
        Deed::CustomerSendsFile => ("(customer) sends a file", true),
        Deed::OperatorAnswers => ("answers", true),
        Deed::OperatorSendsFile => ("sends a file", true),
        Deed::OperatorNotes => ("notes", true),
        Deed::OperatorCommands => ("types", false),
        Deed::OtherBotWrites => ("(a bot) writes", true),
        Deed::Edits => ("edits:", true),
        Deed::Deletes => ("deletes", true),
        Deed::OpensTopic => ("opens the topic", true),
        Deed::RenamesTopic => ("renames the topic:", true),
        Deed::ClosesTopic => ("closes the topic", true),
        Deed::ReopensTopic => ("reopens the topic", true),
    }
}

fn style_of(deed: Deed) -> Style {
    match deed {
        Deed::CustomerWrites | Deed::CustomerSendsFile => AnsiColor::Cyan.on_default(),
        Deed::OperatorNotes | Deed::OperatorCommands => AnsiColor::Yellow.on_default(),
        Deed::OperatorAnswers | Deed::OperatorSendsFile => Style::new(),
        _ => Style::new().dimmed(),
    }
}

const fn name(role: Role) -> &'static str {
    match role {
        Role::Customer => "customer",
        Role::Operator => "operator",
        Role::Assistant => "assistant",
        Role::Note => "note",
        Role::Command => "command",
        Role::Service => "service",
    }
}

fn paint(color: AnsiColor, text: &str) -> String {
    let style = color.on_default();
    format!("{style}{text}{style:#}")
}

/// One line of at most `room` characters, without control characters.
fn excerpt(text: &str, room: usize) -> String {
    let flat = plain(text);
    if flat.chars().count() <= room {
        return flat;
    }
    let cut: String = flat.chars().take(room.saturating_sub(1)).collect();
    format!("{}…", cut.trim_end())
}

fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

fn line(text: &str) {
    // When stderr is closed nobody is watching.
    let _ = writeln!(anstream::stderr(), "{text}");
}
