//! Logs on stderr.
//!
//! The libraries below us log message texts and request bodies at their finer levels. `-v` is
//! therefore about our own modules only; whoever wants a library's details names it in RUST_LOG.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use super::args::{Color, Global, LogFormat};

/// Starts logging; a second call in one process does nothing.
pub(super) fn start(global: &Global) {
    let filter = std::env::var("RUST_LOG")
        .ok()
        .filter(|directives| !directives.trim().is_empty())
        .and_then(|directives| EnvFilter::try_new(directives).ok())
        .unwrap_or_else(|| EnvFilter::new(directives(global.verbose)));
    let colour = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
    };
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(colour);
    // Only fails where a test has set a subscriber before.
    let _ = match global.log_format {
        LogFormat::Text => logs.with_target(global.verbose > 1).try_init(),
        LogFormat::Json => logs.json().flatten_event(true).try_init(),
    };
}

/// What is logged when RUST_LOG is not set.
fn directives(verbose: u8) -> String {
    let ours = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    // A lost connection is told by us, once and with what it means; grammers tells of each request.
    let theirs = if verbose < 2 { "error" } else { "warn" };
    format!("warn,grammers_mtsender={theirs},topicvault={ours}")
}
