-- What spans groups and is ours alone, latest schema (format 1.0). Migrations under state/ produce
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
