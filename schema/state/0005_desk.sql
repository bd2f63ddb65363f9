ALTER TABLE audit ADD COLUMN result TEXT;

CREATE TABLE link (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  linked_at INTEGER NOT NULL,
  linked_by INTEGER NOT NULL,
  unlinked_at INTEGER,
  unlinked_by INTEGER
) STRICT;
CREATE UNIQUE INDEX link_now ON link (account, user_id) WHERE unlinked_at IS NULL;
CREATE INDEX link_user ON link (user_id);

CREATE TABLE question (
  token TEXT NOT NULL PRIMARY KEY,
  group_id INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  command INTEGER NOT NULL,
  message INTEGER,
  person INTEGER NOT NULL,
  connector TEXT NOT NULL,
  action TEXT NOT NULL,
  arguments TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  answered_by INTEGER,
  answered_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX question_doing ON question (token) WHERE state = 1;

CREATE TABLE served (
  group_id INTEGER NOT NULL,
  message INTEGER NOT NULL,
  text BLOB NOT NULL,
  edits INTEGER NOT NULL,
  done INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (group_id, message)
) STRICT, WITHOUT ROWID;

CREATE TABLE fired (
  group_id INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  trigger TEXT NOT NULL,
  about INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (group_id, topic, trigger)
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  group_id INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  origin TEXT NOT NULL UNIQUE,
  delivery TEXT NOT NULL,
  text TEXT NOT NULL,
  state INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  begun_at INTEGER,
  attempts INTEGER NOT NULL,
  message INTEGER,
  problem TEXT,
  told INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX outbox_untold ON outbox (id) WHERE state = 3 AND told = 0;
CREATE INDEX outbox_open ON outbox (id) WHERE state < 2;
