-- The workstation's state. Columns that are called sealed hold a nonce, a ciphertext and a tag (sealer.rs).

-- The key of the sealed columns, wrapped by the key file.
CREATE TABLE seal (id INTEGER PRIMARY KEY CHECK (id = 1), wrapped BLOB NOT NULL);

CREATE TABLE identity (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    machine_id TEXT NOT NULL,
    machine_name TEXT NOT NULL,
    sealed_key BLOB NOT NULL
);

CREATE TABLE enrolment (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    base_url TEXT NOT NULL,
    rp_app_id TEXT NOT NULL,
    sealed_token BLOB NOT NULL
);

-- What the Control Center said last.
CREATE TABLE synced (id INTEGER PRIMARY KEY CHECK (id = 1), settings TEXT NOT NULL, clock_offset INTEGER NOT NULL);

-- Pairing codes that were shown and whose outcome is not known yet.
CREATE TABLE codes (
    request_id TEXT PRIMARY KEY,
    username TEXT NOT NULL,
    sealed_nonce BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE accounts (username TEXT PRIMARY KEY, sid TEXT NOT NULL, sealed_secret BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE pairings (
    device_id TEXT PRIMARY KEY,
    device_name TEXT NOT NULL,
    username TEXT NOT NULL REFERENCES accounts,
    sealed_secret BLOB NOT NULL,
    credential_id BLOB NOT NULL,
    public_key BLOB NOT NULL,
    rp_id TEXT NOT NULL,
    sign_count INTEGER NOT NULL,
    paired_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The verifiers of offline PINs.
CREATE TABLE verifiers (
    username TEXT PRIMARY KEY REFERENCES accounts,
    revision INTEGER NOT NULL,
    sealed_record BLOB NOT NULL
) WITHOUT ROWID;

-- No row: locked.
CREATE TABLE session (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    username TEXT NOT NULL REFERENCES accounts,
    how TEXT NOT NULL,
    device_id TEXT,
    since INTEGER NOT NULL
);

-- Requests that a process of this workstation serves or has served.
CREATE TABLE served (request_id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;

-- Whether to offer an account a passkey on this workstation.
CREATE TABLE offers (
    username TEXT PRIMARY KEY REFERENCES accounts,
    created INTEGER NOT NULL,
    declined_at INTEGER,
    sign_ins INTEGER NOT NULL
) WITHOUT ROWID;

-- Events for the audit trail that were not reported yet, as JSON.
CREATE TABLE events (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL);
