-- What spans groups and is ours alone, latest schema (format 1.3). Migrations under state/ produce
-- exactly this; a test compares the two. Dates are Unix seconds.
-- PRAGMA application_id = 0x54567374 ("TVst"); PRAGMA user_version = number of the last migration.

-- Facts about the file: format_major, format_minor.
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who asked the bot for what, in the order it happened.
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  group_id INTEGER NOT NULL,          -- bare id
  topic INTEGER NOT NULL,
  person INTEGER NOT NULL,            -- marked id
  action TEXT NOT NULL,               -- a command's name
  outcome TEXT NOT NULL               -- allowed, refused, served, failed
) STRICT;

-- What is to be read from Telegram first, and how far that is. What was read is in the archive.
CREATE TABLE backfill (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id INTEGER NOT NULL,          -- bare id
  topic INTEGER,                      -- NULL: whatever is unknown in the group
  oldest_first INTEGER NOT NULL,      -- 0: from the newest back
  state INTEGER NOT NULL,             -- 0 open, 1 done, 2 stopped, 3 failed, 4 in part
  position INTEGER,                   -- the message id read last in the topic
  done INTEGER NOT NULL,              -- messages read, or ids that became known
  remaining INTEGER,                  -- about how many are left; NULL: not known yet
  asked_at INTEGER NOT NULL,
  begun_at INTEGER,                   -- when a process last began to work on it
  begun_with INTEGER NOT NULL,        -- `done` at that time
  changed_at INTEGER NOT NULL,
  waiting_until INTEGER,              -- a wait that Telegram asks for
  problem TEXT                        -- why it is not what was hoped for
) STRICT;
CREATE INDEX backfill_open ON backfill (id) WHERE state = 0;

-- The last of the refresh tokens that replace one another, where a system gives them so.
CREATE TABLE refresh_token (
  connector TEXT NOT NULL PRIMARY KEY,
  origin TEXT NOT NULL,               -- BLAKE3 of the configured token that it goes back to
  token TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
