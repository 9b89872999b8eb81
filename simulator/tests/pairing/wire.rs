//! The wire between a phone and its server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the wire does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mood {
    /// It carries everything.
    Sound,
    /// It carries what the phone says, and breaks when the server answers.
    AnswersLost,
    /// It breaks when the phone says something.
    Cut,
}

/// Carries bytes from a port of its own to the server.
#[derive(Clone)]
pub(crate) struct Wire(Arc<AtomicU8>);

impl Wire {
    /// A wire from `listener` to `server`.
    pub(crate) fn lay(listener: TcpListener, server: SocketAddr) -> Self {
        let wire = Wire(Arc::new(AtomicU8::new(Mood::Sound as u8)));
        let shared = wire.clone();
        tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                tokio::spawn(shared.clone().carry(phone, server));
            }
        });
        wire
    }

    pub(crate) fn set(&self, mood: Mood) {
        self.0.store(mood as u8, Ordering::SeqCst);
    }

    fn is(&self, mood: Mood) -> bool {
        self.0.load(Ordering::SeqCst) == mood as u8
    }

    /// One connection, until either side closes it or the wire breaks.
    async fn carry(self, mut phone: TcpStream, server: SocketAddr) -> Option<()> {
        let mut server = TcpStream::connect(server).await.ok()?;
        let (mut said, mut answered) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
        loop {
            tokio::select! {
                length = phone.read(&mut said) => {
                    let length = length.ok().filter(|&length| length > 0)?;
                    if self.is(Mood::Cut) {
                        return None;
                    }
                    server.write_all(&said[..length]).await.ok()?;
                }
                length = server.read(&mut answered) => {
                    let length = length.ok().filter(|&length| length > 0)?;
                    if !self.is(Mood::Sound) {
                        return None;
                    }
                    phone.write_all(&answered[..length]).await.ok()?;
                }
            }
        }
    }
}
