//! The demo on a terminal: what happened, what the Bot API showed a bot, what the archive holds.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::emulator::scenario::{Deed, Step};
use crate::transcript::Role;

/// Width of the first column; a line then fits into 100 columns.
const WIDTH: usize = 56;
/// Width of the second one.
const BOT_WIDTH: usize = 9;

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

    /// What the bot answers.
    pub fn answer(self, text: &str) {
        let dim = Style::new().dimmed();
        for row in text.lines() {
            line(&format!("    {dim}│{dim:#} {}", plain(row)));
        }
    }

    /// The heads of the columns.
    pub fn heads(self) {
        let dim = Style::new().dimmed();
        line(&format!(
            "{dim}  {:<WIDTH$}  {:<BOT_WIDTH$}archive{dim:#}",
            "in the group", "Bot API"
        ));
    }

    /// One step and how both sides saw it.
    pub fn step(self, step: &Step, sides: Sides) {
        let who = style_of(step.what);
        let (verb, quoted) = verb(step.what);
        let start = format!("{} {verb}", plain(&step.who));
        let room = WIDTH.saturating_sub(width(&start) + if quoted { 3 } else { 1 });
        let text = excerpt(&step.text, room);
        let what = match (text.is_empty(), quoted) {
            (true, _) => start,
            (false, true) => format!("{start} “{text}”"),
            (false, false) => format!("{start} {text}"),
        };
        let padding = 2 + WIDTH.saturating_sub(width(&what));
        let (color, bot) = if sides.shown_to_bot {
            (AnsiColor::Green, "shown")
        } else {
            (AnsiColor::Red, "hidden")
        };
        let bot_padding = BOT_WIDTH.saturating_sub(bot.len());
        let bot = paint(color, bot);
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

/// How many columns a terminal gives a text: emoji get two, what joins and varies them none.
fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

const fn columns(letter: char) -> usize {
    match letter {
        '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' => 0,
        '\u{1f000}'.. => 2,
        _ => 1,
    }
}

/// One line of at most `room` columns, without control characters.
fn excerpt(text: &str, room: usize) -> String {
    let flat = plain(text);
    if width(&flat) <= room {
        return flat;
    }
    let mut left = room.saturating_sub(1);
    let cut: String = flat
        .chars()
        .take_while(|letter| {
            let fits = columns(*letter) <= left;
            left = left.saturating_sub(columns(*letter));
            fits
        })
        .collect();
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
