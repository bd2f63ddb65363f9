-- A login of the userbot: one file an account, `<sessions>/<account>.session`, mode 0600.
-- Whoever holds this file is logged in as that account: never commit or copy it.

-- Marks the file as ours ('tvSE'); anything else is refused.
PRAGMA application_id = 1953911621;

-- One row: where the account lives and how far the account-wide updates were handled.
CREATE TABLE account (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    home_dc INTEGER NOT NULL,           -- datacentre of the account
    pts     INTEGER NOT NULL DEFAULT 0, -- account-wide update counter, 0: unknown
    qts     INTEGER NOT NULL DEFAULT 0, -- second counter (bots, secret chats)
    date    INTEGER NOT NULL DEFAULT 0, -- server time of the last update, Unix seconds
    seq     INTEGER NOT NULL DEFAULT 0  -- counter of update containers
) STRICT;

-- Datacentres whose address differs from the built-in list or that we have a key for.
CREATE TABLE datacentre (
    id       INTEGER NOT NULL PRIMARY KEY,
    ipv4     TEXT NOT NULL,             -- address:port
    ipv6     TEXT NOT NULL,             -- [address]:port
    auth_key BLOB CHECK (auth_key IS NULL OR length(auth_key) = 256)
) STRICT;

-- Access hashes: without them Telegram answers nothing about a peer.
CREATE TABLE peer (
    id      INTEGER NOT NULL PRIMARY KEY, -- marked as the Bot API does: users > 0, groups < 0, -100… channels
    hash    INTEGER,                      -- access hash; NULL: not known
    bot     INTEGER,                      -- users: 1 for bots
    is_self INTEGER,                      -- users: 1 for the account itself
    kind    INTEGER                       -- channels: 1 broadcast, 2 supergroup, 3 gigagroup, 4 community
) STRICT;

-- How far each captured group's updates were handled.
CREATE TABLE channel_state (
    id  INTEGER NOT NULL PRIMARY KEY,   -- bare channel id
    pts INTEGER NOT NULL
) STRICT;
