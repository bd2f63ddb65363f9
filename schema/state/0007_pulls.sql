CREATE TABLE pull (
  name TEXT NOT NULL,
  group_id INTEGER NOT NULL,
  block INTEGER NOT NULL,
  digests BLOB NOT NULL,
  PRIMARY KEY (name, group_id, block)
) STRICT;
