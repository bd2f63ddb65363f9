-- What spans groups and is ours alone, latest schema (format 1.1). Migrations under state/ produce
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

-- Work asked of the service, by another process or by itself; it survives both.
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,                 -- backfill, heal
  group_id INTEGER NOT NULL,
  topics TEXT,                        -- JSON array of topic ids; NULL: the whole group
  newest_first INTEGER NOT NULL,
  state TEXT NOT NULL,                -- waiting, running, done, stopped, failed
  position INTEGER,                   -- the last message id done with
  fetched INTEGER NOT NULL,           -- messages so far
  expected INTEGER,                   -- ids to look at in all, where known
  asked_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  problem TEXT                        -- why it failed
) STRICT;
CREATE INDEX job_state ON job (state);
