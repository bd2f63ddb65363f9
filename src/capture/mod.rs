//! Telegram in: the userbot's login, live updates, reconciliation, conversion.
//!
//! The way of a message: grammers' sender pool (`link`) → `tap`, which sees what grammers would
//! hide → `news`, which converts (`convert`, pure and total) and commits to the archive through its
//! `target`; and once more → grammers' update state → `live`, which brings what was missed. Beside
//! it `heal` compares the archive with history, id by id, and fills what is missing. `run` holds
//! both together over one connection after the other, with `watchdog` noticing the dead ones and
//! `flood` keeping to the waits that Telegram asks for. `session` is the login on disk,
//! `media` fetches the files that messages carry, `orders` are backfills that were asked for,
//! [`login`](fn@login) makes a login, and `allow` is the only way to ask Telegram anything: it
//! takes nothing but reading methods.
//!
//! # What makes it whole
//!
//! Updates are quick but not reliable, history is reliable but knows neither old versions nor what
//! was deleted. The archive's coverage says of each id whether it is captured, gone or unknown.
//! After every start, reconnection and "too long" the unknown ids are fetched and recent ones
//! looked at again; when there is nothing else to do, a page of old messages is, so that the archive
//! agrees with the group in the end, however old a change is. Progress is told only after the
//! commit, and a kill at any instant leaves nothing to repair.
//!
//! Lost for good are only versions and messages that came and went while we were not connected:
//! Telegram keeps neither.
//!
//! # grammers 0.11 as it is, and our answers
//!
//! | grammers | answer |
//! |---|---|
//! | an update stream made before the login never reconnects | `login` makes none; `run` makes it from a login that exists |
//! | `updateChannelTooLong` with a counter overwrites the known one, and what lies between is lost | `tap` takes the counter out and has the group reconciled; inside differences `live` sees the jump |
//! | `channelDifferenceTooLong` drops what was missed without a word | `live` compares grammers' counter with what was handed out, and has the group reconciled |
//! | `catch_up: false` erases the counters of all channels | it is true |
//! | `download_media` returns before the file is flushed | `media` asks for pieces itself; the vault's store reads back, flushes and then renames |
//! | `iter_messages().reverse(true)` is off by one | raw `messages.getHistory` and `channels.getMessages` |
//! | the saved update state runs ahead of the handler; a difference gives all its messages the last counter | the receiver is used directly and holds nothing back, its state is saved after the commit; completeness rests on message ids, never on counters |
//! | a channel's last difference: the new counter is taken over first, and then its edits and deletions are dropped as old | `missed` asks for the same difference and keeps all of it; reconciliation looks at recent ids after each reconnection, and `heal` at all others by and by |
//! | updates held back while a gap closes are thrown away when it is "too long" | `news` commits every push as it comes; the ordered ones come on top |
//! | a channel without a cached access hash is dropped in silence | dialogs are read once after the login, and again for a group that is not known |
//! | no time-outs | `watchdog`; the first answer has one of its own; a hanging pool is cut off and made anew |
//! | the update channel holds 100 and drops the rest | 10,000, emptied at once by `tap`, which holds 100,000 more and has everything reconciled should that overflow |
//! | the difference of every channel ever seen is asked for at each start | the session keeps the counters of captured groups only |
//! | `UpdateStream::next_raw` loses updates when cancelled | the receiver below it is used, which does not |
//! | it panics on what it does not expect | its parts run in tasks; a panic means a fresh update state, a new connection and a reconciliation |
//! | `sendCode`'s rarer answers panic | the login asks raw and names them |

mod account;
mod accounts;
mod allow;
mod backoff;
mod clock;
mod convert;
mod error;
mod flood;
mod heal;
mod link;
mod live;
mod login;
mod logout;
mod media;
mod missed;
mod news;
mod orders;
mod outgoing;
mod pacer;
mod progress;
mod qr;
mod run;
mod session;
mod supervise;
mod tap;
mod target;
mod trouble;
mod userbot;
mod watchdog;

pub use account::Me;
pub use accounts::{Encryption, SavedLogin, accounts, check, encryption};
pub use allow::{CONNECTION, ELSEWHERE, LEAVING, LOGIN, READING, SENDING};
pub use error::CaptureError;
pub use login::{LoginPrompt, login, session_path};
pub use logout::{LoggedOut, forget, logout};
pub use media::{Full, MediaState};
pub use orders::Orders;
pub use progress::{CaptureState, Down, Progress};
pub use qr::login_by_qr;
pub use session::SessionError;
pub use supervise::{Account, Wanted};
pub use trouble::Trouble;
pub use userbot::Userbot;
