//! Exit codes: stable, so that scripts can tell what happened.
//!
//! | code | means |
//! |---|---|
//! | 0 | done; also a search without hits, an export of an empty range, and a service that ended on SIGINT or SIGTERM |
//! | 1 | something unexpected: an error of the operating system, or of ours |
//! | 2 | the command line is wrong |
//! | 3 | the configuration is wrong or lacks something, or names a group that the userbot is not in or that is no forum |
//! | 4 | the userbot is not logged in, a login failed, its session was revoked or is used twice |
//! | 5 | the network, Telegram or the CRM failed or refused |
//! | 6 | a vault or archive cannot be opened, read or written |
//! | 7 | the vault has no such group, topic or archive |
//! | 8 | `doctor` found something that needs attention |
//! | 9 | `audit` found ids of which nothing is known, or `backfill` could not be told everything |
//! | 10 | a file to import cannot be read, is none, or holds a record that cannot be read |
//! | 11 | `export --verify` found a file that is not as the manifest says |
//! | 130 | interrupted by Ctrl-C before it was done |

/// Everything went as asked.
pub const OK: u8 = 0;
/// An error nobody foresaw.
pub const UNEXPECTED: u8 = 1;
/// The command line is wrong (clap's own code too).
pub const USAGE: u8 = 2;
/// The configuration is wrong or lacks something.
pub const CONFIG: u8 = 3;
/// Not logged in.
pub const LOGIN: u8 = 4;
/// The network, Telegram or the CRM failed or refused.
pub const NETWORK: u8 = 5;
/// A vault or archive cannot be used.
pub const ARCHIVE: u8 = 6;
/// What was named does not exist in the vault.
pub const NOT_FOUND: u8 = 7;
/// A check of `doctor` failed.
pub const CHECK: u8 = 8;
/// `audit` found something unknown.
pub const INCOMPLETE: u8 = 9;
/// A file to import cannot be used.
pub const DATA: u8 = 10;
/// A file is not as its manifest says.
pub const DIFFERS: u8 = 11;
/// Interrupted by Ctrl-C.
pub const INTERRUPTED: u8 = 130;

/// The table above, for `topicvault --help`.
pub(super) const HELP: &str = "\
Exit codes:
    0  done        1  unexpected error   2  wrong command line   3  configuration
    4  login       5  network, Telegram  6  vault or archive     7  no such group or topic
    8  doctor found something            9  audit found something unknown
    10  file to import                   11  an export is not as its manifest says
    130 interrupted
";
