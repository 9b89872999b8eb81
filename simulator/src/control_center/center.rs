//! What every call has at hand.

use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use latchkey_authenticator::ports::{Clock, Rng};
use tempfile::TempDir;
use tokio::sync::watch;
use zeroize::Zeroizing;

use super::config::{Config, Limits};
use super::database::{Database, DatabaseError, settings};
use super::pending::{InMemory, PendingStore, Redis};
use super::{StartError, token};
use crate::webauthn::relying_party::Verifier;

/// What every call has at hand.
pub(crate) struct Center {
    pub(crate) base_url: String,
    pub(crate) admin_token: Zeroizing<String>,
    pub(crate) tenant_domains: Vec<String>,
    pub(crate) min_app_version: String,
    pub(crate) relying_party: Verifier,
    pub(crate) limits: Limits,
    pub(crate) server_key: Zeroizing<[u8; 32]>,
    pub(crate) database: Database,
    pub(crate) pending: Box<dyn PendingStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    /// Becomes true when the server shuts down: long waits end then.
    pub(crate) stop: watch::Sender<bool>,
    /// The database's folder, when it ends with the server.
    _folder: Option<TempDir>,
}

impl Center {
    pub(crate) async fn open(config: Config, port: u16) -> Result<Self, StartError> {
        let (folder, passing) = folder(config.state).map_err(StartError::State)?;
        let database = Database::open(&folder.join("control-center.db"))?;
        let mut fresh = Zeroizing::new([0; 32]);
        config.rng.fill(fresh.as_mut());
        let key = Zeroizing::new(*fresh);
        let server_key: Zeroizing<[u8; 32]> =
            database.write(move |db| settings::server_key(db, &key).map_err(DatabaseError::from)).await?;
        let pending: Box<dyn PendingStore> = match &config.redis {
            Some(url) => Box::new(Redis::connect(url).await?),
            None => Box::new(InMemory::new(Arc::clone(&config.clock))),
        };
        let admin_token =
            config.admin_token.unwrap_or_else(|| token::random(token::Kind::Administrator, &*config.rng));
        Ok(Center {
            base_url: config.base_url.unwrap_or_else(|| format!("https://localhost:{port}")),
            admin_token,
            tenant_domains: config.tenant_domains.iter().map(|domain| domain.to_lowercase()).collect(),
            min_app_version: config.min_app_version,
            relying_party: Verifier { origin: format!("https://{}", config.rp_id), id: config.rp_id },
            limits: config.limits,
            server_key,
            database,
            pending,
            clock: config.clock,
            rng: config.rng,
            stop: watch::Sender::new(false),
            _folder: passing,
        })
    }

    /// Wall-clock time, Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.clock.unix_seconds()
    }

    /// 32 random bytes for a nonce or challenge.
    pub(crate) fn nonce(&self) -> Vec<u8> {
        let mut nonce = vec![0; 32];
        self.rng.fill(&mut nonce);
        nonce
    }
}

fn folder(state: Option<PathBuf>) -> std::io::Result<(PathBuf, Option<TempDir>)> {
    match state {
        Some(folder) => {
            std::fs::create_dir_all(&folder)?;
            Ok((folder, None))
        }
        None => {
            let folder = tempfile::tempdir()?;
            Ok((folder.path().to_owned(), Some(folder)))
        }
    }
}

/// Bytes as a part of a key or text.
pub(crate) fn written(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
