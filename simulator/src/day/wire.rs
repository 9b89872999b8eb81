//! The wire between a party and the Control Center.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// No answer is to be lost.
const NONE: i64 = -1;

/// Carries bytes from a port of its own to the Control Center, wherever that is now.
pub(super) struct Wire {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    server: Mutex<SocketAddr>,
    whole: AtomicBool,
    /// Pieces of answers that still arrive before one is lost.
    lose_after: AtomicI64,
    broken: tokio::sync::watch::Sender<u64>,
}

impl Wire {
    pub(super) async fn lay(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            server: Mutex::new(server),
            whole: AtomicBool::new(true),
            lose_after: AtomicI64::new(NONE),
            broken: tokio::sync::watch::Sender::new(0),
        });
        let carrying = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&carrying).carry(client));
            }
        });
        Ok(Wire { port, shared, task })
    }

    /// What a client calls the Control Center by at this wire's end.
    pub(super) fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    pub(super) fn server(&self) -> SocketAddr {
        *self.shared.server.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The Control Center has moved.
    pub(super) fn lead_to(&self, server: SocketAddr) {
        *self.shared.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
    }

    /// Cuts the wire, with all that it carries, or mends it.
    pub(super) fn set_whole(&self, whole: bool) {
        self.shared.whole.store(whole, Ordering::SeqCst);
        if !whole {
            self.shared.broken.send_modify(|times| *times += 1);
        }
    }

    /// After so many pieces of answers one is lost, with its connection: the server has acted, and its
    /// client does not hear of it.
    pub(super) fn lose_answer_after(&self, pieces: usize) {
        self.shared.lose_after.store(i64::try_from(pieces).unwrap_or(NONE), Ordering::SeqCst);
    }

    pub(super) fn lose_nothing(&self) {
        self.shared.lose_after.store(NONE, Ordering::SeqCst);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
        self.set_whole(false);
    }
}

impl Shared {
    /// One connection, until either side closes it or the wire breaks.
    async fn carry(self: Arc<Self>, mut client: TcpStream) -> Option<()> {
        let mut broken = self.broken.subscribe();
        if !self.whole.load(Ordering::SeqCst) {
            return None;
        }
        let address = *self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let mut server = TcpStream::connect(address).await.ok()?;
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let (mut said, mut answered) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
        loop {
            tokio::select! {
                length = client.read(&mut said) => {
                    let length = length.ok().filter(|&length| length > 0)?;
                    server.write_all(said.get(..length)?).await.ok()?;
                }
                length = server.read(&mut answered) => {
                    let length = length.ok().filter(|&length| length > 0)?;
                    if self.loses_this_one() {
                        return None;
                    }
                    client.write_all(answered.get(..length)?).await.ok()?;
                }
                _ = broken.changed() => return None,
            }
        }
    }

    fn loses_this_one(&self) -> bool {
        let count = |left: i64| if left == NONE { None } else { Some(left - 1) };
        self.lose_after.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) == Ok(0)
    }
}
