-- Times are Unix seconds. Of tokens and nonces only the SHA-256 is kept.

-- One row: what device tokens and user handles are derived from.
CREATE TABLE server_key (id INTEGER PRIMARY KEY CHECK (id = 1), value BLOB NOT NULL CHECK (length(value) = 32)) STRICT;

CREATE TABLE users (
    username TEXT PRIMARY KEY,
    account_kind TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE workstations (
    machine_id TEXT PRIMARY KEY,
    machine_name TEXT NOT NULL,
    rp_app_id TEXT NOT NULL,
    public_key BLOB NOT NULL CHECK (length(public_key) = 33),
    token_hash BLOB NOT NULL UNIQUE,
    enrolled_at INTEGER NOT NULL
) STRICT;

-- A phone.
CREATE TABLE registrations (
    device_id TEXT PRIMARY KEY,
    username TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    rp_app_id TEXT NOT NULL,
    device_name TEXT NOT NULL,
    app_version TEXT NOT NULL,
    token_hash BLOB NOT NULL UNIQUE,
    -- The phone has shown that it got its token.
    token_used INTEGER NOT NULL DEFAULT 0,
    registered_at INTEGER NOT NULL
) STRICT;
CREATE INDEX registrations_of_user ON registrations (username);

-- Of a phone, or (without device_id) of a workstation.
CREATE TABLE passkeys (
    credential_id BLOB PRIMARY KEY,
    username TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    device_id TEXT UNIQUE REFERENCES registrations ON DELETE CASCADE,
    rp_id TEXT NOT NULL,
    public_key BLOB NOT NULL,
    sign_count INTEGER NOT NULL,
    backup_eligible INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;
CREATE INDEX passkeys_of_user ON passkeys (username);

-- A phone that may unlock a workstation.
CREATE TABLE pairings (
    machine_id TEXT NOT NULL REFERENCES workstations ON DELETE CASCADE,
    device_id TEXT NOT NULL REFERENCES registrations ON DELETE CASCADE,
    -- The code whose nonce both sides derive their secret from.
    request_id TEXT,
    paired_at INTEGER NOT NULL,
    -- A sign-in code that the phone has claimed: takes the place of the other when it is completed, and
    -- ends by itself.
    claim_id TEXT,
    claim_until INTEGER,
    CHECK (request_id IS NOT NULL OR claim_id IS NOT NULL),
    PRIMARY KEY (machine_id, device_id)
) STRICT;
CREATE INDEX pairings_of_device ON pairings (device_id);

-- What became of a pairing code: completed by a phone, or given up. It stays used when the phone goes.
CREATE TABLE settled (
    request_id TEXT PRIMARY KEY,
    nonce_hash BLOB NOT NULL,
    device_id TEXT REFERENCES registrations ON DELETE SET NULL,
    credential_id BLOB,
    machine_id TEXT,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX settled_of_device ON settled (device_id);

CREATE TABLE settings (rp_app_id TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;

CREATE TABLE install_tokens (token_hash BLOB PRIMARY KEY, rp_app_id TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;

CREATE TABLE magic_links (token_hash BLOB PRIMARY KEY, username TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT;

-- The audit trail. Milliseconds here.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    message TEXT NOT NULL,
    logged_by TEXT NOT NULL,
    time INTEGER NOT NULL,
    rp_app_id TEXT NOT NULL,
    machine_id TEXT,
    -- A reported event's: recognises one that is reported again.
    event_id TEXT UNIQUE
) STRICT;
CREATE INDEX audit_by_time ON audit (rp_app_id, time);
