//! Progress, to show it.

use std::sync::{Arc, mpsc};
use std::thread;

use latchkey_phone::ports as core;

use super::PortError;

/// Steps that wait for a shell which does not keep up; later ones are left out then.
const WAITING: usize = 64;

/// Told about the progress of a ceremony, in order, on a thread of its own. No step carries personal
/// data.
#[uniffi::export(foreign)]
pub trait Observer: Send + Sync {
    /// A step has been reached.
    fn reached(&self, step: Step) -> Result<(), PortError>;
}

/// The steps of a hybrid ceremony, then those of an unlock, each in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
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
    CommandReceived {
        /// The command byte.
        command: u8,
    },
    /// The command was answered with this CTAP status.
    Answered {
        /// The status byte; 0 is success.
        status: u8,
    },
    /// The tunnel is closed.
    Closed,
    /// A computer is being called through its Control Center, to be unlocked.
    ContactingComputer,
    /// It has not answered for five seconds: the person can have an offline PIN. The wait goes on.
    OfferPin,
    /// It answered and proved that it is the one that was paired.
    ComputerReached,
    /// It is unlocked.
    Unlocked,
    /// New offline PINs are on this phone.
    OfflineSetStored,
    /// Few offline PINs are left, or none.
    OfflinePinsLow,
}

/// Passes steps on without waiting for the shell.
struct Queue(mpsc::SyncSender<Step>);

/// Nobody looks.
struct Nobody;

/// The thread ends with the phone that owns the returned observer.
pub(super) fn adapter(observer: Option<Arc<dyn Observer>>) -> Arc<dyn core::Observer> {
    let Some(observer) = observer else { return Arc::new(Nobody) };
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    let pass_on = move || {
        for step in receiver {
            let _ = observer.reached(step);
        }
    };
    match thread::Builder::new().name("latchkey-observer".to_owned()).spawn(pass_on) {
        Ok(_) => Arc::new(Queue(sender)),
        Err(_) => Arc::new(Nobody),
    }
}

impl core::Observer for Queue {
    fn reached(&self, step: core::Step) {
        if let Some(step) = shown(step) {
            let _ = self.0.try_send(step);
        }
    }
}

impl core::Observer for Nobody {
    fn reached(&self, _: core::Step) {}
}

fn shown(step: core::Step) -> Option<Step> {
    Some(match step {
        core::Step::OpeningTunnel => Step::OpeningTunnel,
        core::Step::TunnelOpen => Step::TunnelOpen,
        core::Step::Advertising => Step::Advertising,
        core::Step::ComputerConnected => Step::ComputerConnected,
        core::Step::CommandReceived(command) => Step::CommandReceived { command },
        core::Step::Answered(status) => Step::Answered { status: status.0 },
        core::Step::Closed => Step::Closed,
        core::Step::ContactingComputer => Step::ContactingComputer,
        core::Step::OfferPin => Step::OfferPin,
        core::Step::ComputerReached => Step::ComputerReached,
        core::Step::Unlocked => Step::Unlocked,
        core::Step::OfflineSetStored => Step::OfflineSetStored,
        core::Step::OfflinePinsLow => Step::OfflinePinsLow,
        _ => return None,
    })
}
