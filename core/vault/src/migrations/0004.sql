-- The passkeys of one relying party lie side by side, so that to find one is to read one page of the table, and none of
-- an index. `position` is where: the first 40 bits of `rp`, then a number of 23 bits that grows with every insertion there.
-- What a row says, and what its cells are bound to, stays: `id` is still the order of lists, counted in a table of its own.
CREATE TABLE credential_placed (
    position  INTEGER PRIMARY KEY,
    id        INTEGER NOT NULL,
    damaged   INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    lookup    BLOB NOT NULL UNIQUE,
    rp        BLOB NOT NULL,
    account   BLOB NOT NULL,
    record    BLOB NOT NULL,
    secret    BLOB,             -- the secrets; NULL when there are none here
    counter   BLOB NOT NULL,
    last_used BLOB NOT NULL
) STRICT;

-- SQLite has no number of a blob: ten hexadecimal digits are the 40 bits.
INSERT INTO credential_placed
SELECT (  (instr('123456789ABCDEF', substr(digits, 1, 1)) << 36) | (instr('123456789ABCDEF', substr(digits, 2, 1)) << 32)
        | (instr('123456789ABCDEF', substr(digits, 3, 1)) << 28) | (instr('123456789ABCDEF', substr(digits, 4, 1)) << 24)
        | (instr('123456789ABCDEF', substr(digits, 5, 1)) << 20) | (instr('123456789ABCDEF', substr(digits, 6, 1)) << 16)
        | (instr('123456789ABCDEF', substr(digits, 7, 1)) << 12) | (instr('123456789ABCDEF', substr(digits, 8, 1)) << 8)
        | (instr('123456789ABCDEF', substr(digits, 9, 1)) << 4)  |  instr('123456789ABCDEF', substr(digits, 10, 1))
       ) << 23 | row_number() OVER (PARTITION BY digits ORDER BY id),
       id, damaged, lookup, rp, account, record, secret, counter, last_used
FROM (SELECT *, substr(hex(rp) || '0000000000', 1, 10) AS digits FROM credential)
ORDER BY 1;

DROP TABLE credential;
ALTER TABLE credential_placed RENAME TO credential;

-- How many there have been: the last `id`. One row on a page of its own; an index of `id` would be one more tree.
CREATE TABLE credential_count (
    row      INTEGER PRIMARY KEY CHECK (row = 1),
    inserted INTEGER NOT NULL
) STRICT;
INSERT INTO credential_count SELECT 1, coalesce(max(id), 0) FROM credential;
