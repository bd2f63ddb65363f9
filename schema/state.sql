-- What spans groups and is ours alone, latest schema (format 1.6). Migrations under state/ produce
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
  outcome TEXT NOT NULL,              -- allowed, refused, served, failed
  result TEXT                         -- what came of it: nothing secret, nothing about the customer
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

-- Which Telegram users stand for which account of an outside system. What was is kept.
CREATE TABLE link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  linked_at INTEGER NOT NULL,
  linked_by INTEGER NOT NULL,         -- marked id of the operator
  unlinked_at INTEGER,
  unlinked_by INTEGER
) STRICT;
CREATE UNIQUE INDEX link_now ON link (account, user_id) WHERE unlinked_at IS NULL;
CREATE INDEX link_user ON link (user_id);

-- Questions with buttons: what is to be done once an operator agrees.
CREATE TABLE question (
  token TEXT NOT NULL PRIMARY KEY,    -- what the buttons carry
  group_id INTEGER NOT NULL,          -- bare id
  topic INTEGER NOT NULL,
  command INTEGER NOT NULL,           -- the command's message
  message INTEGER,                    -- the question's message, once it is there
  person INTEGER NOT NULL,            -- who gave the command, marked id
  connector TEXT NOT NULL,
  action TEXT NOT NULL,
  arguments TEXT NOT NULL,            -- what followed the command
  asked_at INTEGER NOT NULL,
  state INTEGER NOT NULL,             -- 0 open, 1 being done, 2 done, 3 called off
  answered_by INTEGER,
  answered_at INTEGER,
  agreed BLOB                         -- BLAKE3 of what is to be done: the connector, for whom, with what
) STRICT, WITHOUT ROWID;
CREATE INDEX question_doing ON question (token) WHERE state = 1;

-- Commands of the last days, so that an edit runs one again once at most.
CREATE TABLE served (
  group_id INTEGER NOT NULL,          -- bare id
  message INTEGER NOT NULL,
  text BLOB NOT NULL,                 -- BLAKE3 of the text that was served
  edits INTEGER NOT NULL,             -- how often it ran because it was edited
  done INTEGER NOT NULL,              -- 1: it came to its end
  at INTEGER NOT NULL,
  topic INTEGER NOT NULL DEFAULT 1,
  person INTEGER NOT NULL DEFAULT 0,  -- who gave it
  command TEXT NOT NULL DEFAULT '',   -- its name
  PRIMARY KEY (group_id, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX served_open ON served (group_id, message) WHERE done = 0;

-- What triggers have done in a topic: each does a thing once.
CREATE TABLE fired (
  group_id INTEGER NOT NULL,          -- bare id
  topic INTEGER NOT NULL,
  trigger TEXT NOT NULL,
  about INTEGER NOT NULL,             -- the message that it was about
  at INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 1,    -- 1: it came to its end
  PRIMARY KEY (group_id, topic, trigger)
) STRICT, WITHOUT ROWID;
CREATE INDEX fired_open ON fired (group_id, topic) WHERE done = 0;

-- What is to reach customers. A row goes from 0 to 1 before it is sent and to 2 when it was.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id INTEGER NOT NULL,          -- bare id
  topic INTEGER NOT NULL,
  origin TEXT NOT NULL UNIQUE,        -- what it comes from: the same thing is not said twice
  delivery TEXT NOT NULL,             -- bot, userbot, crm_api
  text TEXT NOT NULL,
  state INTEGER NOT NULL,             -- 0 waits, 1 being sent, 2 sent, 3 given up
  created_at INTEGER NOT NULL,
  begun_at INTEGER,                   -- when it was last being sent
  attempts INTEGER NOT NULL,
  message INTEGER,                    -- its id in the group, once sent
  problem TEXT,                       -- why it was given up
  told INTEGER NOT NULL DEFAULT 0     -- 1: operators know that it was given up
) STRICT;
CREATE INDEX outbox_untold ON outbox (id) WHERE state = 3 AND told = 0;
CREATE INDEX outbox_open ON outbox (id) WHERE state < 2;

-- What incremental exports have had: of each message a digest of 32 bits, little end first, 0 where
-- it was not exported.
CREATE TABLE pull (
  name TEXT NOT NULL,                 -- as `export --since-last` has it
  group_id INTEGER NOT NULL,          -- bare id
  block INTEGER NOT NULL,             -- message ids from block * 1024 on
  digests BLOB NOT NULL,              -- of 1024 ids
  PRIMARY KEY (name, group_id, block)
) STRICT;
