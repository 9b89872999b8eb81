//! The port for progress.

use latchkey_ctap::Status;

/// Told about the progress of a ceremony, to show it. No step carries personal data.
pub trait Observer: Send + Sync {
    /// A step has been reached. Called from the ceremony itself: must return quickly.
    fn reached(&self, step: Step);
}

/// The steps of a hybrid ceremony, then those of an unlock, each in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The code was understood; the tunnel service is being called.
    OpeningTunnel,
    /// The tunnel is open on this side; the advert is being started.
    TunnelOpen,
    /// The phone is sending its advert and waits for the computer.
    Advertising,
    /// The computer heard the advert and proved it knows the code; the channel is encrypted.
    ComputerConnected,
    /// The computer sent this CTAP command byte.
    CommandReceived(u8),
    /// The command was answered with this status.
    Answered(Status),
    /// The tunnel is closed.
    Closed,
    /// A computer is being called through its Control Center, to be unlocked.
    ContactingComputer,
    /// It has not answered for five seconds, or cannot be reached at all: the person can have an offline
    /// PIN. In the first case the wait goes on.
    OfferPin,
    /// It answered and proved that it is the one that was paired.
    ComputerReached,
    /// It is unlocked.
    Unlocked,
    /// New offline PINs are on this phone.
    OfflineSetStored,
    /// Few offline PINs are left, or none (`offline.low`, `offline.exhausted`).
    OfflinePinsLow,
}
