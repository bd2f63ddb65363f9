CREATE TABLE dictionary (
  id INTEGER PRIMARY KEY,
  trained_on INTEGER NOT NULL,
  checksum BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE new_frame (
  id INTEGER PRIMARY KEY,
  segment INTEGER NOT NULL,
  packed INTEGER NOT NULL,
  gone INTEGER NOT NULL,
  first_topic INTEGER NOT NULL,
  last_topic INTEGER NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  first_date INTEGER NOT NULL,
  last_date INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,
  dictionary INTEGER REFERENCES dictionary (id),
  last_ids BLOB NOT NULL,
  checksum BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE new_run (
  topic INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (topic, last_id, number)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE numbering AS
  SELECT frame, count(*) AS runs, min(topic) AS first_topic,
    max(topic) AS last_topic,
    1 + sum(count(*)) OVER (ORDER BY frame) - count(*) AS number
  FROM run GROUP BY frame;
INSERT INTO new_frame
  SELECT number, frame.id, 0, 0, first_topic, last_topic, first_id, last_id, first_date, last_date, runs,
    messages, raw_bytes, NULL, x'', checksum, body
  FROM frame JOIN numbering ON numbering.frame = frame.id ORDER BY frame.id;
INSERT INTO new_run
  SELECT topic, last_id, number + slot, count
  FROM run JOIN numbering ON numbering.frame = run.frame;
INSERT OR REPLACE INTO counter (name, value)
  SELECT 'runs', coalesce(max(number + runs - 1), 0) FROM numbering;
INSERT OR REPLACE INTO counter (name, value)
  SELECT 'segments', coalesce(max(frame), 0) FROM numbering;
DROP TABLE numbering;
DROP TABLE run;
DROP TABLE frame;
ALTER TABLE new_frame RENAME TO frame;
ALTER TABLE new_run RENAME TO run;
CREATE INDEX frame_segment ON frame (segment, id, first_id, last_id);

CREATE TABLE new_deletion (
  id INTEGER PRIMARY KEY,
  at INTEGER,
  seq INTEGER NOT NULL
) STRICT;
INSERT INTO new_deletion SELECT id, at, seq FROM deletion;
DROP TABLE deletion;
ALTER TABLE new_deletion RENAME TO deletion;

CREATE VIRTUAL TABLE run_words USING fts5 (
  words, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii'
);

CREATE TABLE roster (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  checksum BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX roster_first ON roster (kind, first);
