-- The key of this vault, as the operating system wrapped it, and something sealed with it by which
-- a wrong key is recognised. One row.
CREATE TABLE vault_key (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    wrapped BLOB NOT NULL,
    proof   BLOB NOT NULL
) STRICT;

-- One credential a row. `id` grows with every insertion: it is the order of lists. `lookup`, `rp`
-- and `account` are keyed hashes (16 bytes) of credential ID, RP ID, and RP ID with user handle.
-- The rest is sealed: what changes together is one cell.
CREATE TABLE credential (
    id        INTEGER PRIMARY KEY,
    damaged   INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    lookup    BLOB NOT NULL UNIQUE,
    rp        BLOB NOT NULL,
    account   BLOB NOT NULL,
    record    BLOB NOT NULL,
    secret    BLOB,             -- the private key; NULL when it is in hardware
    counter   BLOB NOT NULL,
    last_used BLOB NOT NULL
) STRICT;

CREATE INDEX credential_rp_account ON credential (rp, account);
