//! Questions at the terminal, or answers from the lines of stdin.

use std::io::{self, BufRead, IsTerminal, Write};
use std::time::Duration;

use crate::capture::LoginPrompt;

/// Whether somebody can be asked.
pub(super) fn is_terminal() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on stderr and reads a line from stdin, without its line feed.
///
/// # Errors
/// When stdin ends.
pub(super) fn ask(question: &str) -> io::Result<String> {
    let mut err = anstream::stderr();
    if is_terminal() {
        write!(err, "{question} ")?;
        err.flush()?;
    }
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            // The question may hold the owner's password hint.
            "stdin ended before everything was answered",
        ));
    }
    Ok(line.trim().to_owned())
}

/// As [`ask`], but on a terminal nothing that is typed is shown.
///
/// # Errors
/// When stdin ends.
pub(super) fn ask_hidden(question: &str) -> io::Result<String> {
    if is_terminal() {
        return rpassword::prompt_password(format!("{question} "));
    }
    ask(question)
}

/// What the userbot's login asks. Not on a terminal, code and password are the lines of stdin.
#[derive(Debug)]
pub(super) struct TerminalLogin {
    /// The phone number from the command line.
    pub(super) phone: Option<String>,
    /// Lines that the last QR code took, to be written over.
    pub(super) shown: usize,
}

impl LoginPrompt for TerminalLogin {
    fn phone(&mut self) -> io::Result<String> {
        match self.phone.take() {
            Some(phone) => Ok(phone),
            None => ask("Phone number in international form, such as +49…:"),
        }
    }

    fn code(&mut self, again: bool) -> io::Result<String> {
        ask(if again {
            "That code was wrong. The code that Telegram sent:"
        } else {
            "The code that Telegram sent (look into your Telegram app first):"
        })
    }

    fn password(&mut self, hint: Option<&str>, again: bool) -> io::Result<String> {
        let hint = hint
            .map(super::output::plain)
            .filter(|hint| !hint.is_empty())
            .map_or_else(String::new, |hint| format!(" (hint: {hint})"));
        let again = if again { "That was wrong. " } else { "" };
        ask_hidden(&format!("{again}Two-step password{hint}:"))
    }

    fn qr(&mut self, link: &str, life: Duration) -> io::Result<()> {
        let mut err = anstream::stderr();
        if self.shown > 0 && io::stderr().is_terminal() {
            write!(err, "\x1b[{}A\x1b[J", self.shown)?;
        }
        let colours = !matches!(err.current_choice(), anstream::ColorChoice::Never);
        let text = format!(
            "{}\nScan it in a Telegram app that is logged in as the userbot's account: Settings, Devices, \
             Link Desktop Device.\nOr open this link there: {link}\nIt is good for {} s; then the next \
             one appears.\n",
            drawn(link, colours)?,
            life.as_secs(),
        );
        self.shown = text.lines().count();
        write!(err, "{text}")?;
        err.flush()
    }
}

/// A QR code of half blocks. With colours it is black on white whatever the terminal's own are;
/// without, filled blocks are taken for light, as they are on a dark terminal.
fn drawn(link: &str, colours: bool) -> io::Result<String> {
    use qrcode::render::unicode::Dense1x2;
    let code = qrcode::QrCode::with_error_correction_level(link, qrcode::EcLevel::L)
        .map_err(|error| io::Error::other(format!("the code cannot be drawn: {error}")))?;
    let mut renderer = code.render::<Dense1x2>();
    if !colours {
        renderer
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark);
    }
    let image = renderer.build();
    let style = anstyle::Style::new()
        .fg_color(Some(anstyle::AnsiColor::Black.into()))
        .bg_color(Some(anstyle::AnsiColor::BrightWhite.into()));
    let lines: Vec<String> = image
        .lines()
        .map(|line| format!("{style}{line}{style:#}"))
        .collect();
    Ok(lines.join("\n"))
}
