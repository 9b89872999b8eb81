//! The tunnel service: two peers that know the same tunnel ID meet here and exchange messages that
//! the service cannot read (CTAP 2.3 section 11.5.1).
//!
//! | who | path | answer |
//! |-----|------|--------|
//! | phone | `/cable/new/<tunnel ID>` | 101 with `X-caBLE-Routing-ID`; 409 when the tunnel ID is in use |
//! | client | `/cable/connect/<routing ID>/<tunnel ID>` | 101; 404 without a waiting phone, 403 when the tunnel is taken |
//! | linked client | `/cable/contact/<contact ID>` | 410: this service cannot wake phones, so no contact ID is valid |
//!
//! Hexadecimal digits may be of either case. Both peers must ask for the subprotocol `fido.cable`. A
//! message is one binary WebSocket message that is not empty; anything else ends the tunnel.

mod connection;
mod event;
mod registry;
mod relay;
mod request;
mod tls;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;

pub use event::{Ending, Event, Traffic};
pub use tls::{TlsError, TlsIdentity};

use event::Observer;
use registry::Registry;

/// How much a tunnel, a peer and all of them together may use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the TCP connection to the answer to the HTTP request, TLS included.
    pub handshake: Duration,
    /// How long a phone waits for its client.
    pub unpaired: Duration,
    /// How long two peers may talk.
    pub paired: Duration,
    /// How long a peer may take to accept one message, and to answer the closing of its connection.
    pub stalled: Duration,
    /// Bytes of the HTTP request.
    pub request_bytes: usize,
    /// Bytes of one message. A browser refuses more than 1 MiB.
    pub message_bytes: usize,
    /// Messages that one peer may send.
    pub messages: u32,
    /// Messages of a phone that are kept until its client comes.
    pub backlog: usize,
    /// TCP connections at a time; the others wait to be accepted.
    pub connections: usize,
    /// Tunnels at a time; a phone that wants one more is answered 503.
    pub tunnels: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            unpaired: Duration::from_secs(180),
            paired: Duration::from_secs(180),
            stalled: Duration::from_secs(5),
            request_bytes: 8 * 1024,
            message_bytes: 1024 * 1024,
            messages: 64,
            backlog: 10,
            connections: 1024,
            tunnels: 256,
        }
    }
}

/// A tunnel service that is bound to its address.
pub struct TunnelService {
    listener: TcpListener,
    shared: Arc<Shared>,
}

/// What every connection needs.
struct Shared {
    acceptor: TlsAcceptor,
    limits: Limits,
    registry: Registry,
    observer: Observer,
}

impl TunnelService {
    /// Binds the service to `addr`; port 0 lets the system choose one.
    ///
    /// # Errors
    /// What the system says about the address.
    pub async fn bind(addr: SocketAddr, tls: TlsIdentity, limits: Limits) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let registry = Registry::new(limits.tunnels);
        let acceptor = TlsAcceptor::from(tls.into_server_config());
        let shared = Shared { acceptor, limits, registry, observer: Observer::default() };
        Ok(Self { listener, shared: Arc::new(shared) })
    }

    /// Calls `observer` for everything that happens from now on. It runs between the messages of the
    /// peers, so it must not block.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Fn(Event) + Send + Sync + 'static) -> Self {
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            shared.observer = Observer::new(observer);
        }
        self
    }

    /// The address that the service listens on.
    ///
    /// # Errors
    /// What the system says about the socket.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the future is dropped, which drops every connection.
    pub async fn serve(self) {
        let (_stop, stopped) = watch::channel(false);
        self.run(stopped).await;
    }

    /// Serves in the background until the returned handle is dropped or shut down.
    #[must_use]
    pub fn start(self) -> RunningTunnelService {
        let (stop, stopped) = watch::channel(false);
        RunningTunnelService { stop, task: tokio::spawn(self.run(stopped)) }
    }

    async fn run(self, mut stopped: watch::Receiver<bool>) {
        let slots = Arc::new(Semaphore::new(self.shared.limits.connections));
        let mut connections = JoinSet::new();
        loop {
            let slot = tokio::select! {
                slot = Arc::clone(&slots).acquire_owned() => slot,
                _ = stopped.wait_for(|stopped| *stopped) => break,
            };
            let Ok(slot) = slot else { break };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                _ = stopped.wait_for(|stopped| *stopped) => break,
            };
            while connections.try_join_next().is_some() {}
            let Ok((stream, _)) = accepted else {
                // Out of file descriptors, most likely: connections that end give some back.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (shared, stopped) = (Arc::clone(&self.shared), stopped.clone());
            connections.spawn(async move {
                connection::handle(stream, &shared, stopped).await;
                drop(slot);
            });
        }
        drop(self.listener);
        while connections.join_next().await.is_some() {}
    }
}

/// A tunnel service that runs in the background; dropping it ends it at once.
pub struct RunningTunnelService {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl RunningTunnelService {
    /// Stops accepting connections, closes every tunnel (WebSocket code 1001) and waits for that.
    pub async fn shutdown(mut self) {
        let _ = self.stop.send(true);
        let _ = (&mut self.task).await;
    }
}

impl Drop for RunningTunnelService {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests;
