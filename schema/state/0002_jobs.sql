CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  group_id INTEGER NOT NULL,
  topics TEXT,
  newest_first INTEGER NOT NULL,
  state TEXT NOT NULL,
  position INTEGER,
  fetched INTEGER NOT NULL,
  expected INTEGER,
  asked_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  problem TEXT
) STRICT;
CREATE INDEX job_state ON job (state);
