//! The control port: programs outside ask what really happened, play along, and let things go
//! wrong. HTTP with JSON, no authorisation: whoever reaches it owns the world.
//!
//! | request | does |
//! |---|---|
//! | `GET /` | lists the routes |
//! | `GET /facts` | what the emulator printed when it started |
//! | `POST /actions` | someone does something |
//! | `GET /world/messages?group=&topic=&format=` | ground truth of a group (the first unless named) or of one topic, every message ever, ascending by id: JSON Lines, or one array with `format=json` |
//! | `GET /world/groups`, `GET /world/users` | groups with topics and members; accounts |
//! | `GET /world/delivered` | what the CRM passed on to customers |
//! | `GET /world/journal` | MTProto connections, what was told over which, and the methods called by each account |
//! | `GET /world/presses/<id>` | `{"press", "answer"}`: what a bot answered to a press of its button; `null` before |
//! | `GET /bots/<id>/received` | the updates that a bot (its id or username) was handed |
//! | `GET`, `POST`, `DELETE /faults` | what goes wrong; lets more go wrong; lets nothing go wrong any more |
//! | `GET`, `POST /clock` | `{"now", "offset"}`: the world's time and how far it is ahead, seconds; moves it to `{"now": unix}` or by `{"forward": seconds}` |
//!
//! Errors are status 400 (404 for another path, 405 for another method) with
//! `{"error": NAME, "description": words}`; the name is Telegram's where it has one. Unknown keys
//! are refused, with the nearest right one.
//!
//! # Actions
//!
//! One object, or a list of up to 1,000, which is done in order until the first that is refused:
//! then the status is 400 and the refusal the last of the answers. A list in which one is malformed
//! is not begun. Each is done whole or not at all.
//!
//! `as` is who acts: a user or bot id, or a username. `group` is an id, bare or with -100 in
//! front, the first group unless given. What is not marked `?` has to be there.
//!
//! | `do` | besides `as`, `group?` | answers |
//! |---|---|---|
//! | `post` | `topic?` (General), `text?`, `entities?`, `reply_to?`, `quote?` `{text, offset?}`, `media?`, `album?` (a number its messages share), `silent?`, `buttons?` (rows of `{text, data or url}`) | `{"topic", "message"}` |
//! | `edit` | `message`, `text?`, `entities?`, `media?` (a file), `buttons?` | `{"message"}` |
//! | `delete` | `message` or `messages` | `{"messages"}`, and `"message"` if given: those that existed |
//! | `react` | `message`, `reaction?`: an emoji, a list of them; `null` or nothing takes it back | `{"message"}` |
//! | `topic` | `title`, `customer?`: begins one | `{"topic", "message"}` |
//! | `topic` | `topic` and `title?`, `closed?`; or `hidden` (General); or `pinned`; or `deleted` | `{"topic"}`, with the notice's `"message"` or the `"messages"` deleted |
//! | `press` | `message`, `data` | `{"press"}` |
//! | `vote` | `message`, `options` (counted from 0; none takes the vote back) | `{"message"}` |
//! | `pin` | `message`, `silent?` | `{"message", "notice"}`: the service message, or `null` |
//! | `unpin` | `message?`, or `topic?`, or neither: everything | `{"message"}` or `{"messages"}` |
//! | `forward` | `message`, `from?` (its group), `topic?` (where to) | `{"topic", "message"}` |
//! | `member` | `user`, `standing`: `member`, `left`, `administrator`, `restricted`, `banned`; without `as` the owner does it | `{"user"}` |
//! | `customer` | no `group`; `text?`, `entities?`, `media?`, `album?`, `reply_to?`: a customer (the first unless named) writes, and the CRM posts it in their topic, which it opens or reopens | `{"topic", "message"}` |
//!
//! `entities` are those of the ground truth: `{type, offset, length, href?, language?, user_id?}`,
//! counted in UTF-16 units; commands, links and mentions are found by themselves.
//!
//! `media` has a `kind`. Files (`photo`, `video`, `animation`, `audio`, `voice`, `video_note`,
//! `sticker`, `document`) take `name?`, `mime_type?`, one of `content?` (text), `base64?` and
//! `size?` (so many bytes, up to 64 MiB, that follow from the seed) or else a small sample, `width?`,
//! `height?`, `duration?`, `title?`, `performer?`, `emoji?`. Anything else: `contact` (`phone`,
//! `first_name`, `last_name?`, `user_id?`), `location` (`latitude`, `longitude`), `venue` (also
//! `title`, `address`), `poll` (`question`, `options`, `anonymous?`, `multiple?`, `correct?` counted
//! from 0, `closed?`), `dice` (`emoji?`, `value?`).
//!
//! # Faults
//!
//! `POST /faults` adds to what is in force; every answer says what that is now. Whatever is left to
//! chance follows from the seed: the same requests meet the same faults.
//!
//! | key | value |
//! |---|---|
//! | `mtproto` | one or a list of `{method, error, times?, probability?, code?}`: the method (`*`: any) answers with the error's name, `times` (1 unless there is a probability) or for a part of all calls; the code follows from the name (`FLOOD_WAIT_3`: 420, `…_MIGRATE_4`: 303, `SESSION_REVOKED`: 401, `RPC_CALL_FAIL`: 500, …) |
//! | `bot_api` | one or a list of `{method, code?, description?, retry_after?, plain?, times?, probability?}`: 500 unless there is a `code`, 429 with `retry_after`; `plain` is a body without JSON, as a proxy would give, and comes before the others |
//! | `flood` | `{every?: {rate, burst}, families?: {NAME: {rate, burst}}, cap?}`: each account has a bucket a family of methods, `rate` calls a second, `burst` at once; who calls too early is told to wait (`FLOOD_WAIT_X`, 429), and who calls while told to wait is told to wait twice as long, up to `cap` seconds (86,400). Families: `history`, `differences`, `posting`, `topics`, `files`, `login`, `contacts`, `other`; `help.*`, `getMe` and `getUpdates` are free. `null` ends it. Counted in `flood_record`: `{account, family, permitted, punished, impatient, seconds, rate, wait}` |
//! | `connections` | `drop: true` ends all; `half_open: true` lets all that are open fall silent without ending; `drop_probability` ends them for a part of all frames; `refuse_seconds` closes new ones at once for so long. MTProto only |
//! | `pushes` | `mute`, `lose`, `duplicate`, `reorder` (one comes after the next; parts of all, 0 to 1), `delay_ms`, `too_long` (so many of the next say only that the channel has changed too much). MTProto only |
//! | `differences` | `too_long`: so many of the next channel differences are; `limit`: how far behind, in pts, a client may be (2,000) |
//! | `latency` | `ms` and up to `jitter_ms` more, before every answer of both faces |
//! | `revoke` | an account or a list: all its keys are logged out |
//! | `migrate` | `{user, dc}` or a list: the account lives in that datacentre (2 or 4) from now on |
//!
//! `DELETE /faults` ends half-open connections too; what was revoked stays so. A clock moved
//! forward lets flood waits and `refuse_seconds` pass.

mod action;
mod clock;
mod faults;
mod media;
mod perform;
mod refused;
mod routes;
mod views;

pub(super) use media::{Made, Media};
pub use routes::Control;

#[cfg(test)]
mod tests;
