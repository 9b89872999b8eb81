//! What the service tells about itself. Nothing here identifies a peer: tunnels are numbered in the
//! order in which they were opened, since a tunnel ID is derived from the secret in the QR code.

use std::{fmt, sync::Arc, time::Duration};

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A phone opened a tunnel.
    Opened {
        /// The tunnel's number.
        tunnel: u64,
    },
    /// The client joined the phone.
    Paired {
        /// The tunnel's number.
        tunnel: u64,
        /// How long the phone had waited.
        waited: Duration,
    },
    /// A tunnel is gone.
    Closed {
        /// The tunnel's number.
        tunnel: u64,
        /// Why.
        ending: Ending,
        /// What the phone sent.
        from_phone: Traffic,
        /// What the client sent.
        from_client: Traffic,
    },
    /// A request was answered with an error.
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// A connection ended before it had sent a request: no TLS, or too slow.
    Abandoned,
}

/// How much one peer has sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Messages.
    pub messages: u32,
    /// Bytes in these messages.
    pub bytes: u64,
}

/// Why a tunnel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// The phone closed its connection, or it broke.
    PhoneLeft,
    /// The client closed its connection, or it broke.
    ClientLeft,
    /// No client came in time.
    NobodyCame,
    /// The peers took longer than a tunnel lives.
    Expired,
    /// A peer did not read what the other sent.
    Stalled,
    /// A peer sent an empty message or a text message.
    Violation,
    /// A peer sent a message that is too long.
    TooLong,
    /// A peer sent too many messages.
    TooMany,
    /// The service is shutting down.
    Shutdown,
}

/// Where events go.
#[derive(Clone, Default)]
pub(super) struct Observer(Option<Arc<dyn Fn(Event) + Send + Sync>>);

impl Observer {
    pub(super) fn new(observer: impl Fn(Event) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(observer)))
    }

    pub(super) fn notify(&self, event: Event) {
        if let Some(observer) = &self.0 {
            observer(event);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}
