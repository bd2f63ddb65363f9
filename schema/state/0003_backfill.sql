DROP TABLE job;
CREATE TABLE backfill (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id INTEGER NOT NULL,
  topic INTEGER,
  oldest_first INTEGER NOT NULL,
  state INTEGER NOT NULL,
  position INTEGER,
  done INTEGER NOT NULL,
  remaining INTEGER,
  asked_at INTEGER NOT NULL,
  begun_at INTEGER,
  begun_with INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  waiting_until INTEGER,
  problem TEXT
) STRICT;
CREATE INDEX backfill_open ON backfill (id) WHERE state = 0;
