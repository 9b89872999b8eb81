//! The Control Center: pairs phones with workstations, is the FIDO2 server of one RP ID, carries sealed
//! messages between phone and workstation, and keeps the administrator's settings and audit trail.
//!
//! docs/control-center.md lists the calls; `calls.rs` is the same list in code, which the router and
//! `/openapi.json` are made from. What lasts (users, passkeys, pairings, settings, audit trail) is in
//! SQLite; what ends by itself (codes, challenges, out-of-band requests, rates) is in a
//! [`pending`] store, which several nodes may share.

mod account;
mod administrator;
mod audit;
mod body;
mod caller;
mod calls;
mod center;
mod config;
mod database;
mod device_manager;
mod fido2;
mod hold;
mod lookup;
mod openapi;
mod pages;
pub mod pending;
mod phone;
mod qr;
mod refused;
mod registration;
mod requests;
mod server;
mod settings;
mod text;
mod token;
mod workstation;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;

pub use config::{Config, Limits};
pub use database::DatabaseError;
pub use pending::PendingError;
pub use server::Running;

use crate::tunnel::TlsIdentity;
use center::Center;

/// The RP application of websites.
pub const WEB_APP: &str = "HYPRDefaultApplication";
/// The RP application of workstations.
pub const WORKSTATION_APP: &str = "HYPRDefaultWorkstationApplication";

/// Why a Control Center cannot start.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen: {0}")]
    Listen(io::Error),
    /// The folder for the database cannot be used.
    #[error("the state folder cannot be used: {0}")]
    State(io::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The store for what is pending cannot be reached.
    #[error(transparent)]
    Pending(#[from] PendingError),
}

/// A Control Center that is bound to its address.
pub struct ControlCenter {
    listener: TcpListener,
    tls: TlsIdentity,
    center: Arc<Center>,
}

impl ControlCenter {
    /// Binds to `addr` (port 0 lets the system choose one), opens the database and connects to the
    /// store for what is pending.
    ///
    /// # Errors
    /// [`StartError`]
    pub async fn bind(addr: SocketAddr, tls: TlsIdentity, config: Config) -> Result<Self, StartError> {
        let listener = TcpListener::bind(addr).await.map_err(StartError::Listen)?;
        let port = listener.local_addr().map_err(StartError::Listen)?.port();
        let center = Center::open(config, port).await?;
        Ok(ControlCenter { listener, tls, center: Arc::new(center) })
    }

    /// The address that the server listens on.
    ///
    /// # Errors
    /// What the system says about the socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What clients call it by, `https://host:port`; stands in every code.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.center.base_url
    }

    /// The administrator's bearer token. A secret.
    #[must_use]
    pub fn admin_token(&self) -> &str {
        &self.center.admin_token
    }

    /// Serves in the background until the returned handle is dropped or shut down.
    #[must_use]
    pub fn start(self) -> Running {
        server::start(self.listener, self.tls, self.center)
    }
}

#[cfg(test)]
mod tests;
