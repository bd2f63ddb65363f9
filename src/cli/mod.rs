//! The command line: clap definitions, one file a command.
