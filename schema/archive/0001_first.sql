CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE position (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE version (
  seq INTEGER PRIMARY KEY,
  overlay INTEGER NOT NULL,
  id INTEGER NOT NULL,
  topic INTEGER NOT NULL,
  date INTEGER NOT NULL,
  author INTEGER,
  edit_date INTEGER,
  reply INTEGER,
  text TEXT NOT NULL,
  rest TEXT
) STRICT;
CREATE INDEX version_message ON version (overlay, id);
CREATE INDEX version_topic ON version (topic, id) WHERE overlay = 0;

CREATE TABLE deletion (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  seq INTEGER NOT NULL
) STRICT;

CREATE TABLE coverage (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  state INTEGER NOT NULL
) STRICT;

CREATE TABLE topic (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  title_from INTEGER NOT NULL,
  status INTEGER NOT NULL,
  status_from INTEGER NOT NULL,
  created INTEGER
) STRICT;

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  username TEXT,
  source INTEGER NOT NULL
) STRICT;

CREATE TABLE customer (
  topic INTEGER PRIMARY KEY,
  user_id INTEGER,
  first_name TEXT,
  last_name TEXT,
  username TEXT,
  language TEXT,
  phone TEXT,
  chat_title TEXT,
  source INTEGER NOT NULL,
  at INTEGER NOT NULL
) STRICT;

CREATE TABLE frame (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  first_date INTEGER NOT NULL,
  last_date INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  checksum BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX frame_ids ON frame (first_id, last_id);

CREATE TABLE run (
  topic INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  frame INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  first_id INTEGER NOT NULL,
  first_date INTEGER NOT NULL,
  last_date INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (topic, last_id, frame)
) STRICT, WITHOUT ROWID;
