//! The computer of a ceremony: carries out what [`ComputerCeremony`] asks for and tells it what
//! happened. The counterpart of the phone's driver in `core/phone`.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use latchkey_ctap::GetInfo;
use latchkey_hybrid::computer::CodeOptions;
use latchkey_hybrid::{ComputerCeremony, ComputerEffect, ComputerEvent, HybridError, RequestHint, Stage};
use latchkey_phone::ErrorId;
use latchkey_phone::tunnel::{self, Tunnel, TunnelAddress, TunnelError};
use rand_core::OsRng;
use rustls::ClientConfig;
use thiserror::Error;
use tokio::time::timeout;

use crate::air::{ScanError, Scanner};

/// Time for the tunnel service to take one message.
const IO_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the computer got no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ComputerError {
    /// Nobody answered the code.
    #[error("no phone answered the code in time")]
    NoPhone,
    /// The tunnel could not be opened, or broke.
    #[error(transparent)]
    Tunnel(#[from] TunnelError),
    /// Nothing can be heard.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The phone went away without an answer.
    #[error("the phone ended the request")]
    PhoneGone,
    /// The phone was heard and then said nothing more.
    #[error("the phone did not answer in time")]
    NoAnswer,
    /// A message of the phone breaks the rules of the hybrid transport.
    #[error(transparent)]
    Hybrid(HybridError),
}

impl ComputerError {
    /// What this means to the person, in the words of the phone's errors.
    #[must_use]
    pub const fn id(&self) -> ErrorId {
        match self {
            ComputerError::NoPhone => ErrorId::HybridPeerNotNear,
            ComputerError::Tunnel(TunnelError::NameNotResolved) => ErrorId::HybridNoInternet,
            ComputerError::Tunnel(_) => ErrorId::HybridTunnelFailed,
            ComputerError::Scan(_) => ErrorId::HybridBluetoothOff,
            ComputerError::PhoneGone => ErrorId::HybridPeerCanceled,
            ComputerError::NoAnswer => ErrorId::AuthTimeout,
            ComputerError::Hybrid(_) => ErrorId::HybridHandshakeFailed,
        }
    }
}

/// What the computer tells about its progress.
#[derive(Debug)]
pub enum ComputerStep<'a> {
    /// This code must be shown now. It holds the secret of the ceremony.
    Show(&'a str),
    /// The advert of the phone was heard and opened: the phone is near.
    PhoneHeard,
    /// The channel is encrypted; the phone says this about itself.
    Connected(Box<GetInfo>),
    /// The phone answered with this many bytes.
    Answered(usize),
}

/// A computer that can show a code and listen.
pub struct Computer {
    /// Whom to trust.
    pub tls: Arc<ClientConfig>,
    /// Where the tunnel service really listens, if not at the domain's host.
    pub tunnel: Option<TunnelAddress>,
    /// How long to wait for a phone, and then for each of its messages.
    pub patience: Duration,
}

type Running<T> = Option<Pin<Box<dyn Future<Output = T> + Send>>>;

impl Computer {
    /// One ceremony: shows a code, waits for a phone, sends it `request` (command byte and CBOR) and
    /// returns its answer (status byte and CBOR).
    ///
    /// # Errors
    /// [`ComputerError`]
    pub async fn ask(
        &self,
        hint: RequestHint,
        request: Vec<u8>,
        scanner: &mut dyn Scanner,
        mut tell: impl FnMut(ComputerStep<'_>) + Send,
    ) -> Result<Vec<u8>, ComputerError> {
        let options = CodeOptions { hint, client_time: unix_seconds(), accept_link: false };
        let (mut ceremony, code, mut effects) =
            ComputerCeremony::show_code(options, &mut OsRng).map_err(ComputerError::Hybrid)?;
        tell(ComputerStep::Show(&code));

        let mut listening = false;
        let mut opening: Running<Result<Tunnel, TunnelError>> = None;
        let mut tunnel: Option<Tunnel> = None;
        let mut timer: Running<()> = None;
        let mut answer: Option<Vec<u8>> = None;
        let mut cause: Option<ComputerError> = None;

        loop {
            let mut next: Option<ComputerEvent> = None;
            for effect in effects {
                match effect {
                    ComputerEffect::Listen => listening = true,
                    ComputerEffect::StopListening => listening = false,
                    ComputerEffect::OpenTunnel { domain, path, .. } => {
                        tell(ComputerStep::PhoneHeard);
                        let address = self.tunnel.clone();
                        let address = address.unwrap_or_else(|| TunnelAddress::assigned(domain.host()));
                        let tls = Arc::clone(&self.tls);
                        opening =
                            Some(Box::pin(
                                async move { tunnel::connect(&address, &path.to_string(), tls).await },
                            ));
                    }
                    ComputerEffect::SendFrame(frame) => {
                        let sent = match &mut tunnel {
                            Some(tunnel) => timeout(IO_TIMEOUT, tunnel.send(frame)).await,
                            None => Ok(Err(TunnelError::Closed)),
                        };
                        let sent = sent.unwrap_or(Err(TunnelError::Closed));
                        if let Err(error) = sent {
                            cause.get_or_insert(error.into());
                            next = Some(ComputerEvent::Closed);
                        }
                    }
                    ComputerEffect::Ready { get_info } => {
                        tell(ComputerStep::Connected(get_info));
                        next = Some(ComputerEvent::Command(request.clone()));
                    }
                    ComputerEffect::Response(response) => {
                        tell(ComputerStep::Answered(response.len()));
                        answer = Some(response);
                        next = Some(ComputerEvent::Finish);
                    }
                    // This computer keeps no links and its code says so.
                    ComputerEffect::Linked(_) => {}
                    ComputerEffect::SetTimer(duration) => {
                        timer = Some(Box::pin(tokio::time::sleep(duration.min(self.patience))));
                    }
                    ComputerEffect::Close => {
                        opening = None;
                        if let Some(tunnel) = tunnel.take() {
                            // A tunnel that does not take its end is dropped.
                            let _ = timeout(IO_TIMEOUT, tunnel.close()).await;
                        }
                    }
                    ComputerEffect::Done => return answer.ok_or(ComputerError::PhoneGone),
                    // What came after the answer does not undo it.
                    ComputerEffect::Failed(error) => {
                        return answer
                            .ok_or_else(|| cause.unwrap_or_else(|| ComputerError::of_ceremony(error)));
                    }
                }
            }

            let event = match next {
                Some(event) => event,
                None => tokio::select! {
                    opened = finished(&mut opening) => match opened {
                        Ok(opened) => {
                            tunnel = Some(opened);
                            ComputerEvent::TunnelOpened
                        }
                        Err(error) => {
                            cause = Some(error.into());
                            ComputerEvent::Closed
                        }
                    },
                    frame = receive(&mut tunnel) => match frame {
                        Ok(frame) => ComputerEvent::Frame(frame),
                        Err(TunnelError::Closed) => ComputerEvent::Closed,
                        Err(error) => {
                            cause = Some(error.into());
                            ComputerEvent::Closed
                        }
                    },
                    heard = scanner.next(), if listening => match heard {
                        Ok(service_data) => ComputerEvent::Advert(service_data),
                        Err(error) => {
                            cause = Some(error.into());
                            ComputerEvent::Cancel
                        }
                    },
                    () = finished(&mut timer) => ComputerEvent::Timeout,
                },
            };
            effects = ceremony.handle(event);
        }
    }
}

impl ComputerError {
    fn of_ceremony(error: HybridError) -> Self {
        match error {
            HybridError::TimedOut(Stage::Advertising) => ComputerError::NoPhone,
            HybridError::TimedOut(Stage::TunnelOpening) => ComputerError::Tunnel(TunnelError::Unreachable),
            HybridError::TimedOut(_) => ComputerError::NoAnswer,
            HybridError::Closed(Stage::TunnelOpening) => ComputerError::Tunnel(TunnelError::Closed),
            HybridError::Closed(_) => ComputerError::PhoneGone,
            error => ComputerError::Hybrid(error),
        }
    }
}

/// Waits for what is under way, and takes it away once it is finished.
async fn finished<T>(running: &mut Running<T>) -> T {
    let Some(future) = running else { return pending().await };
    let output = future.await;
    *running = None;
    output
}

async fn receive(tunnel: &mut Option<Tunnel>) -> Result<Vec<u8>, TunnelError> {
    match tunnel {
        Some(tunnel) => tunnel.receive().await,
        None => pending().await,
    }
}

fn unix_seconds() -> Option<u64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}
