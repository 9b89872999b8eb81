-- What a phone knows of its workstations. As with credentials, `lookup` is a keyed hash (16 bytes) of
-- what a row is looked up by, and the rest is sealed. `id` grows with every insertion: it is the
-- order of lists. A damaged row stays where it is and makes room for a new one.

-- One computer a row, looked up by its machine ID; its secret is the pairing secret.
CREATE TABLE computer (
    id      INTEGER PRIMARY KEY,
    damaged INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    lookup  BLOB NOT NULL,
    record  BLOB NOT NULL,
    secret  BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX computer_lookup ON computer (lookup) WHERE damaged = 0;

-- One registration at a Control Center a row, looked up by its device ID; its secret is the token.
CREATE TABLE registration (
    id      INTEGER PRIMARY KEY,
    damaged INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    lookup  BLOB NOT NULL,
    record  BLOB NOT NULL,
    secret  BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX registration_lookup ON registration (lookup) WHERE damaged = 0;

-- One pairing under way a row, looked up by its request ID; its secret is the nonce of the code and
-- the passkey that waits for the server's word.
CREATE TABLE pairing (
    id      INTEGER PRIMARY KEY,
    damaged INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    lookup  BLOB NOT NULL,
    record  BLOB NOT NULL,
    secret  BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX pairing_lookup ON pairing (lookup) WHERE damaged = 0;

-- The offline PINs of one computer a row, looked up by its ID. `revision` is compared when the record
-- is replaced, and stands in the record too.
CREATE TABLE offline_set (
    id       INTEGER PRIMARY KEY,
    damaged  INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    lookup   BLOB NOT NULL,
    revision INTEGER NOT NULL,
    record   BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX offline_set_lookup ON offline_set (lookup) WHERE damaged = 0;

-- Events to be reported. An `id` is never used again: who reports an event forgets it by its number
-- later, when it could be another's. `tenant` is a keyed hash.
CREATE TABLE event (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    damaged INTEGER NOT NULL DEFAULT 0 CHECK (damaged IN (0, 1)),
    tenant  BLOB NOT NULL,
    record  BLOB NOT NULL
) STRICT;
CREATE INDEX event_tenant ON event (tenant, id);

-- QR codes that were served, by a keyed hash of their secret, until the end of a day (Unix seconds).
CREATE TABLE seen_code (
    lookup  BLOB PRIMARY KEY,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
