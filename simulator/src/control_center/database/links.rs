//! Install tokens and Magic Links: what an administrator hands out, by hash and with an end.

use rusqlite::{Connection, OptionalExtension, params};

use super::{DatabaseError, loaded, stored};

/// Keeps an install token.
pub(crate) fn add_install_token(
    db: &Connection,
    hash: &[u8; 32],
    rp_app_id: &str,
    expires_at: u64,
    now: u64,
) -> Result<(), DatabaseError> {
    db.execute("DELETE FROM install_tokens WHERE expires_at <= ?1", [stored(now)])?;
    db.execute(
        "INSERT INTO install_tokens (token_hash, rp_app_id, expires_at) VALUES (?1, ?2, ?3)",
        params![hash, rp_app_id, stored(expires_at)],
    )?;
    Ok(())
}

/// The RP application of an install token that has not ended.
pub(crate) fn install_token(
    db: &Connection,
    hash: &[u8; 32],
    now: u64,
) -> Result<Option<String>, DatabaseError> {
    Ok(db
        .query_row(
            "SELECT rp_app_id FROM install_tokens WHERE token_hash = ?1 AND expires_at > ?2",
            params![hash, stored(now)],
            |row| row.get(0),
        )
        .optional()?)
}

/// Keeps a Magic Link. Those that ended more than a day ago are forgotten.
pub(crate) fn add_magic_link(
    db: &Connection,
    hash: &[u8; 32],
    username: &str,
    expires_at: u64,
    now: u64,
) -> Result<(), DatabaseError> {
    db.execute("DELETE FROM magic_links WHERE expires_at <= ?1", [stored(now.saturating_sub(86_400))])?;
    db.execute(
        "INSERT INTO magic_links (token_hash, username, expires_at) VALUES (?1, ?2, ?3)",
        params![hash, username, stored(expires_at)],
    )?;
    Ok(())
}

/// The owner of a Magic Link, and its end.
pub(crate) fn magic_link(db: &Connection, hash: &[u8; 32]) -> Result<Option<(String, u64)>, DatabaseError> {
    Ok(db
        .query_row(
            "SELECT username, expires_at FROM magic_links WHERE token_hash = ?1",
            params![hash],
            |row| Ok((row.get(0)?, row.get::<_, i64>(1)?)),
        )
        .optional()?
        .map(|(username, expires_at)| (username, loaded(expires_at))))
}
