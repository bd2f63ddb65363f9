//! The `topicvault` binary: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    topicvault::memory::share_arenas();
    topicvault::cli::main()
}
