-- The passkeys of one relying party lie side by side, so that to find one is to read one page of the table, and none of
-- an index. `position` is where: the first 40 bits of `rp`, then a number of 23 bits, one more than the last one there.
-- What a row says, and what its cells are bound to, stays. `id` is called `number` now, still the order of lists; a library
-- from before that has the file open finds no `id`, and can no longer take one row for another.
CREATE TABLE credential_placed (
    position  INTEGER PRIMARY KEY,
    number    INTEGER NOT NULL,
    damaged   INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    lookup    BLOB NOT NULL UNIQUE,
    rp        BLOB NOT NULL,
    account   BLOB NOT NULL,
    record    BLOB NOT NULL,
    secret    BLOB,             -- the secrets; NULL when there are none here
    counter   BLOB NOT NULL,
    last_used BLOB NOT NULL
) STRICT;

-- SQLite has no number of a blob: ten hexadecimal digits are the 40 bits. A cell that damage has made something else than
-- a blob becomes one: this row will be found damaged, and the others are not lost for its sake.
INSERT INTO credential_placed
SELECT (  (instr('123456789ABCDEF', substr(digits, 1, 1)) << 36) | (instr('123456789ABCDEF', substr(digits, 2, 1)) << 32)
        | (instr('123456789ABCDEF', substr(digits, 3, 1)) << 28) | (instr('123456789ABCDEF', substr(digits, 4, 1)) << 24)
        | (instr('123456789ABCDEF', substr(digits, 5, 1)) << 20) | (instr('123456789ABCDEF', substr(digits, 6, 1)) << 16)
        | (instr('123456789ABCDEF', substr(digits, 7, 1)) << 12) | (instr('123456789ABCDEF', substr(digits, 8, 1)) << 8)
        | (instr('123456789ABCDEF', substr(digits, 9, 1)) << 4)  |  instr('123456789ABCDEF', substr(digits, 10, 1))
       ) << 23 | row_number() OVER (PARTITION BY digits ORDER BY id),
       id,
       CASE WHEN damaged IS 0 THEN 0 ELSE 1 END,
       coalesce(CAST(lookup AS BLOB), CAST('lost ' || id AS BLOB)),
       coalesce(CAST(rp AS BLOB), x''),
       coalesce(CAST(account AS BLOB), x''),
       coalesce(CAST(record AS BLOB), x''),
       CAST(secret AS BLOB),
       coalesce(CAST(counter AS BLOB), x''),
       coalesce(CAST(last_used AS BLOB), x'')
FROM (SELECT *, substr(hex(rp) || '0000000000', 1, 10) AS digits FROM credential)
ORDER BY 1;

DROP TABLE credential;
ALTER TABLE credential_placed RENAME TO credential;

-- The last `number`. One row on a page of its own; an index of `number` would be one more tree.
CREATE TABLE credential_count (
    row      INTEGER PRIMARY KEY CHECK (row = 1),
    inserted INTEGER NOT NULL
) STRICT;
INSERT INTO credential_count SELECT 1, coalesce(max(number), 0) FROM credential;
