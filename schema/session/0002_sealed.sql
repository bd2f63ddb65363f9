-- Logins encrypted at rest, where `telegram.session_key` is set. Then all of account, datacentre,
-- peer and channel_state is empty, and what stood there stands in `entry`, sealed.

-- One row where the file is encrypted; none where it is not.
CREATE TABLE sealing (
    id     INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    kdf    INTEGER NOT NULL,            -- 1: BLAKE3 of a 256-bit key, 2: Argon2id of a passphrase
    salt   BLOB NOT NULL CHECK (length(salt) = 16),
    memory INTEGER NOT NULL,            -- Argon2id: KiB, passes and lanes; 0 otherwise
    passes INTEGER NOT NULL,
    lanes  INTEGER NOT NULL,
    proof  BLOB NOT NULL,               -- a known text, sealed: tells a wrong key
    clean  INTEGER NOT NULL             -- 0: what stood here in plain may still lie in free pages
) STRICT;

-- nonce (24 bytes) followed by XChaCha20-Poly1305 of the value as JSON, bound to its name; the name
-- is a keyed hash, so that it tells nothing either.
CREATE TABLE entry (
    name  BLOB NOT NULL PRIMARY KEY CHECK (length(name) = 32),
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Display name of the account, so that lists need not ask Telegram.
ALTER TABLE account ADD COLUMN name TEXT;
