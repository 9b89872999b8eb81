//! The tunnels that exist.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use rand_core::{OsRng, RngCore};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::http::StatusCode;

use super::{
    connection::Peer,
    request::{Refusal, RoutingId, TunnelId},
};

/// The tunnels by their ID.
pub(super) struct Registry {
    capacity: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    opened: u64,
    tunnels: HashMap<TunnelId, Tunnel>,
}

struct Tunnel {
    routing_id: RoutingId,
    /// Takes the client's connection to the phone's task; `None` once a client has it.
    door: Option<oneshot::Sender<Peer>>,
}

/// A phone's claim to its tunnel, which ends with it.
pub(super) struct Claim<'a> {
    registry: &'a Registry,
    tunnel_id: TunnelId,
    pub(super) number: u64,
    pub(super) routing_id: RoutingId,
    /// Yields the client, or an error when the client's connection broke before it was there.
    pub(super) client: oneshot::Receiver<Peer>,
}

impl Registry {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, inner: Mutex::default() }
    }

    /// Opens a tunnel for a phone.
    pub(super) fn open(&self, tunnel_id: TunnelId) -> Result<Claim<'_>, Refusal> {
        let mut inner = self.lock();
        let full = inner.tunnels.len() >= self.capacity;
        let Entry::Vacant(entry) = inner.tunnels.entry(tunnel_id) else {
            return Err(Refusal::new(StatusCode::CONFLICT));
        };
        if full {
            return Err(Refusal::new(StatusCode::SERVICE_UNAVAILABLE));
        }
        let mut routing_id = RoutingId::default();
        OsRng.fill_bytes(&mut routing_id);
        let (door, client) = oneshot::channel();
        entry.insert(Tunnel { routing_id, door: Some(door) });
        inner.opened = inner.opened.wrapping_add(1);
        Ok(Claim { registry: self, tunnel_id, number: inner.opened, routing_id, client })
    }

    /// Lets a client through to the phone that waits; nobody else gets through afterwards.
    pub(super) fn join(
        &self,
        routing_id: RoutingId,
        tunnel_id: TunnelId,
    ) -> Result<oneshot::Sender<Peer>, Refusal> {
        match self.lock().tunnels.get_mut(&tunnel_id) {
            Some(tunnel) if tunnel.routing_id == routing_id => {
                tunnel.door.take().ok_or(Refusal::new(StatusCode::FORBIDDEN))
            }
            _ => Err(Refusal::new(StatusCode::NOT_FOUND)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing under the lock can leave the map half changed.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.registry.lock().tunnels.remove(&self.tunnel_id);
    }
}
