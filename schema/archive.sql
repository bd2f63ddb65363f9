-- The archive of one group, latest schema (format 2.0). Migrations under archive/ produce exactly
-- this; a test compares the two. Dates are Unix seconds, message ids are Telegram's.
-- PRAGMA application_id = 0x54566172 ("TVar"); PRAGMA user_version = number of the last migration.

-- Facts about the file: format_major, format_minor, group (bare id), title.
CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Counts kept along with every transaction, so that figures need no scan: seq (highest sequence
-- number of the log), edits (versions beyond the first), hot (messages not sealed yet), around
-- (messages whose deletion or marks were folded in), early (marks that came before their message), runs and segments (highest numbers),
-- first_date, last_date.
CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Where each source stands (pts, watermark), moved in the transaction of the events it goes with.
CREATE TABLE position (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Hot versions of messages, uncompressed. Of a message, the version with the highest
-- (edit_date or 0, seq) is the latest; what is sealed counts as older than any hot row of the
-- same edit_date.
CREATE TABLE version (
  seq INTEGER PRIMARY KEY,            -- the log's sequence number, never reused
  overlay INTEGER NOT NULL,           -- 0: hot message, to be sealed; 1: over a sealed message
  id INTEGER NOT NULL,                -- message id
  topic INTEGER NOT NULL,
  date INTEGER NOT NULL,              -- when the message was sent
  author INTEGER,                     -- marked id; NULL where Telegram does not say
  edit_date INTEGER,                  -- when this version was made; NULL: the first
  reply INTEGER,                      -- plain reply; one with a quote or to elsewhere is in rest
  text TEXT NOT NULL,
  rest TEXT                           -- compact JSON of what is rare; NULL: nothing
) STRICT;
CREATE INDEX version_message ON version (overlay, id);
CREATE INDEX version_topic ON version (topic, id) WHERE overlay = 0;

-- Deletions: rows beside the messages, so that neither deleting nor undeleting rewrites a frame;
-- compaction folds them in. Also of messages that were never captured.
CREATE TABLE "deletion" (
  id INTEGER PRIMARY KEY,             -- message id
  at INTEGER,                         -- when it was observed; NULL: the one in the frame was taken back
  seq INTEGER NOT NULL                -- the log's sequence number
) STRICT;

-- What is known of each message id and who established it, as disjoint, merged ranges; absent ids
-- are unknown. What the userbot confirms is its own, whoever saw it first.
CREATE TABLE coverage (
  first INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,
  state INTEGER NOT NULL,             -- 1 captured, 2 deleted, 3 empty, 4 erased, 5 expired
  source INTEGER NOT NULL DEFAULT 1   -- 1 userbot (live or history), 2 crm, 3 import, 4 bot
) STRICT;

-- What surrounds a message and changes without anybody editing it; the highest seq of a kind is how
-- it stands. Compaction folds in all but pins. Of views only the latest is kept, of everything else each change.
CREATE TABLE mark (
  seq INTEGER PRIMARY KEY,            -- the log's sequence number
  id INTEGER NOT NULL,                -- message id
  kind INTEGER NOT NULL,              -- 1 reactions, 2 pinned, 3 votes, 4 views
  at INTEGER NOT NULL,                -- when it was observed
  source INTEGER NOT NULL,            -- 0 live, 1 history, 2 crm, 3 import, 4 bot
  value TEXT NOT NULL                 -- compact JSON
) STRICT;
CREATE INDEX mark_message ON mark (id, kind, seq);

-- In which message a poll stands: news about votes name the poll only.
CREATE TABLE poll (
  id INTEGER PRIMARY KEY,
  message INTEGER NOT NULL
) STRICT;

-- Where another source said something else about a version than what is held.
CREATE TABLE dispute (
  seq INTEGER PRIMARY KEY,            -- the log's sequence number
  id INTEGER NOT NULL,                -- message id
  source INTEGER NOT NULL,            -- who said it: 0 live, 1 history, 2 crm, 3 import, 4 bot
  at INTEGER NOT NULL,
  held TEXT NOT NULL,                 -- the disputed fields as held, JSON
  said TEXT NOT NULL                  -- the same fields as said, JSON
) STRICT;
CREATE INDEX dispute_message ON dispute (id);

-- Telegram's files that messages carry, by the file_id of their media. Their contents lie beside the
-- archives, see src/archive/store.rs. Files of messages that were archived before format 1.1 are
-- entered by a walk through the archive, after which the position `media_listed` is 1.
CREATE TABLE file (
  id INTEGER PRIMARY KEY,             -- Telegram's id of the photo or document
  kind INTEGER NOT NULL,              -- 0 photo, 1 video, 2 video note, 3 voice, 4 audio, 5 animation, 6 sticker, 7 document
  size INTEGER,                       -- bytes, as announced
  name TEXT,                          -- as sent; hostile text, never a path
  message INTEGER NOT NULL,           -- the message through which it is fetched: the newest that carries it
  topic INTEGER NOT NULL,             -- that message's topic
  state INTEGER NOT NULL,             -- 0 not fetched, 1 stored, 2 gone (Telegram no longer has it)
  hash BLOB,                          -- BLAKE3 of the content, its address in the media directory
  length INTEGER,                     -- bytes, as stored
  tries INTEGER NOT NULL,             -- failures in a row
  next_at INTEGER NOT NULL,           -- not to be tried before, Unix seconds
  reason TEXT                         -- of the last failure
) STRICT;
CREATE INDEX file_wanted ON file (message) WHERE state = 0;

-- Further messages that carry a file which is not stored yet: should one be deleted, another may
-- still lead to it.
CREATE TABLE file_also (
  file INTEGER NOT NULL,
  message INTEGER NOT NULL,
  PRIMARY KEY (file, message)
) STRICT, WITHOUT ROWID;

-- Topics as last observed, see roster. *_from is the message id the fact stems from, so that an older service
-- message read later does not overwrite a newer fact.
CREATE TABLE topic (
  id INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  title_from INTEGER NOT NULL,
  status INTEGER NOT NULL,            -- 0 open, 1 closed, 2 deleted
  status_from INTEGER NOT NULL,
  created INTEGER,
  hidden INTEGER NOT NULL DEFAULT 0,  -- 1: hidden from the list (General only)
  hidden_from INTEGER NOT NULL DEFAULT -1
) STRICT;

-- Authors as last observed, see roster.
CREATE TABLE person (
  id INTEGER PRIMARY KEY,             -- marked id
  kind INTEGER NOT NULL,              -- 0 user, 1 bot, 2 channel
  name TEXT NOT NULL,
  username TEXT,
  source INTEGER NOT NULL             -- 0 live, 1 history, 2 crm, 3 import, 4 bot
) STRICT;

-- Names that authors bore before, oldest first.
CREATE TABLE past_name (
  person INTEGER NOT NULL,
  seq INTEGER NOT NULL,               -- the log's sequence number
  name TEXT NOT NULL,
  username TEXT,
  until INTEGER NOT NULL,             -- when another one was observed
  PRIMARY KEY (person, seq)
) STRICT, WITHOUT ROWID;

-- Who a topic's customer is, who says so, and when it was observed.
CREATE TABLE customer (
  topic INTEGER PRIMARY KEY,
  user_id INTEGER,
  first_name TEXT,
  last_name TEXT,
  username TEXT,
  language TEXT,
  phone TEXT,
  chat_title TEXT,
  source INTEGER NOT NULL,            -- 0 live, 1 history, 2 crm, 3 import
  at INTEGER NOT NULL
) STRICT;

-- Topics and people at rest, a few hundred to a page; see src/archive/roster.rs. A row of topic or
-- person stands before the entry of the same id.
CREATE TABLE roster (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: pages do not change
  kind INTEGER NOT NULL,              -- 1 topics, 2 people
  first INTEGER NOT NULL,             -- lowest and highest id within
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,
  checksum BLOB NOT NULL,             -- BLAKE3 of body
  body BLOB NOT NULL                  -- zstd of a JSON array of columns
) STRICT;
CREATE INDEX roster_first ON roster (kind, first);

-- What frames remember of other text, see src/archive/dictionary.rs: zstd's raw content, compressed.
CREATE TABLE dictionary (
  id INTEGER PRIMARY KEY,
  trained_on INTEGER NOT NULL,        -- bytes of text that the archive held then
  checksum BLOB NOT NULL,             -- BLAKE3 of body
  body BLOB NOT NULL
) STRICT;

-- Sealed frames: many runs of many topics, in columns, compressed; see src/archive/codec. Runs are
-- numbered throughout, so that run n is in the frame with the highest id up to n.
CREATE TABLE "frame" (
  id INTEGER PRIMARY KEY,             -- the number of its first run; never used again
  segment INTEGER NOT NULL,           -- frames that were written together, sorted by topic
  packed INTEGER NOT NULL,            -- the zstd level it was compacted with; 0: sealed quickly
  gone INTEGER NOT NULL,              -- its first so many runs lie elsewhere now
  first_topic INTEGER NOT NULL,       -- of what is not gone
  last_topic INTEGER NOT NULL,
  first_id INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  first_date INTEGER NOT NULL,
  last_date INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  raw_bytes INTEGER NOT NULL,         -- of all columns, before compression
  dictionary INTEGER REFERENCES dictionary (id),
  last_ids BLOB NOT NULL,             -- the highest id of each run, 32 bits, little end first; empty:
                                      -- its runs are not in run_words
  checksum BLOB NOT NULL,             -- BLAKE3 of body
  body BLOB NOT NULL
) STRICT;
CREATE INDEX frame_segment ON frame (segment, id, first_id, last_id);

-- Where to find a topic's messages: a run is up to 256 messages of one topic, ascending, in one
-- frame. Runs of a topic may interleave when older messages arrived later. Clustered by topic, so
-- that one b-tree serves.
CREATE TABLE "run" (
  topic INTEGER NOT NULL,
  last_id INTEGER NOT NULL,
  number INTEGER NOT NULL,            -- see frame
  count INTEGER NOT NULL,             -- messages
  PRIMARY KEY (topic, last_id, number)
) STRICT, WITHOUT ROWID;

-- The words of each run, once and folded, by the number of the run; see src/archive/search. Which
-- message of the run has them, and where, is looked up in the frame.
CREATE VIRTUAL TABLE run_words USING fts5 (
  words, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii'
);
