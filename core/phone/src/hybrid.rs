//! A hybrid ceremony with everything around it: carries out what [`PhoneCeremony`] asks for and tells
//! it what happened (CTAP 2.3 section 11.5.1).

use core::future::{Future, pending};
use core::pin::Pin;
use core::time::Duration;

use latchkey_authenticator::ports::{GateError, Rng, UserGate, UserVerification};
use latchkey_authenticator::{Cancel, Profile};
use latchkey_ctap::{Command, Request, Status};
use latchkey_hybrid::{
    HybridError, PhoneCeremony, PhoneConfig, PhoneEffect, PhoneEvent, QrPayload, RequestHint, RoutingId,
    Secret, Stage,
};
use latchkey_vault::Vault;
use rand_core::{CryptoRng, RngCore};

use crate::error::PhoneError;
use crate::error_id::{ErrorId, Phase};
use crate::phone::Phone;
use crate::ports::{AdvertError, Advertisement, Step};
use crate::tunnel::{self, Tunnel, TunnelAddress, TunnelError};

/// Time for the radio to start an advert, and for the tunnel service to take one message.
const IO_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a code that was served is remembered at least, in seconds. Computers show a code for less.
const REMEMBERED: u64 = 300;

/// How a computer was answered. Tells where somebody has an account: never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    /// What it asked for.
    pub action: Action,
    /// Where, as the computer says; the phone cannot check it.
    pub rp_id: Option<String>,
    /// The status it was answered with.
    pub status: Status,
    /// What that means to the person, unless it is a success.
    pub error: Option<ErrorId>,
}

impl core::fmt::Debug for Answer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Answer { action, rp_id: _, status, error } = self;
        write!(f, "Answer({action:?}, {status}, {error:?})")
    }
}

/// What a computer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Create a passkey.
    Create,
    /// Sign in.
    SignIn,
    /// A touch, without a passkey.
    Touch,
}

type Running<'a, T> = Option<Pin<Box<dyn Future<Output = T> + Send + 'a>>>;

/// Serves the code once, from its text to the end of the tunnel.
pub(crate) async fn serve(phone: &Phone, code: QrPayload, cancel: &Cancel) -> Result<Answer, PhoneError> {
    if !phone.ports.network.is_online() {
        return Err(PhoneError::Offline);
    }
    // The key is never used without verification: without it no passkey is offered at all.
    if phone.gate.user_verification() == UserVerification::NotConfigured {
        return Err(PhoneError::NoUserVerification);
    }
    let tls = phone.tls()?;
    let hint = code.hint;
    let now = phone.ports.clock.unix_seconds();
    let mut admission = Admission::of(&phone.vault, code.secret.clone(), now)?;

    let config = PhoneConfig {
        domain: phone.config.domain,
        get_info: phone.authenticator.get_info(Profile::Hybrid),
        link_offer: None,
    };
    let (mut ceremony, mut effects) = PhoneCeremony::scan(code, config, &mut PortRng(&*phone.ports.rng))?;

    // What is under way. Dropping any of these stops it.
    let mut opening: Running<'_, Result<Tunnel, TunnelError>> = None;
    let mut tunnel: Option<Tunnel> = None;
    let mut advert: Option<Box<dyn Advertisement>> = None;
    let mut command: Running<'_, Vec<u8>> = None;
    let mut timer: Running<'_, ()> = None;
    let mut asked: Option<(Action, Option<String>)> = None;
    // Why the tunnel or the radio failed: more precise than what the ceremony sees of it.
    let mut cause: Option<PhoneError> = None;
    // How a prompt failed: more precise than the status that the computer gets.
    phone.gate.take_failure();
    let mut refusal: Option<GateError> = None;
    let mut answering = false;
    // The answer did not leave, whatever the ceremony makes of it.
    let mut unsent = false;

    loop {
        let mut failure: Option<PhoneEvent> = None;
        for effect in effects {
            match effect {
                PhoneEffect::OpenTunnel { domain, path } => {
                    phone.ports.observer.reached(Step::OpeningTunnel);
                    let address = phone.config.tunnel.clone();
                    let address = address.unwrap_or_else(|| TunnelAddress::assigned(domain.host()));
                    let tls = tls.clone();
                    opening =
                        Some(Box::pin(
                            async move { tunnel::connect(&address, &path.to_string(), tls).await },
                        ));
                }
                PhoneEffect::Advertise(service_data) => {
                    let advertising = phone.ports.advertiser.advertise(&service_data);
                    let started = tokio::select! {
                        biased;
                        () = cancel.cancelled() => None,
                        started = in_time(phone, advertising) => started.or(Some(Err(AdvertError::Failed))),
                    };
                    match started {
                        Some(Ok(advertisement)) => {
                            advert = Some(advertisement);
                            admission.advertised = true;
                            phone.ports.observer.reached(Step::Advertising);
                        }
                        Some(Err(error)) => {
                            cause = Some(error.into());
                            failure = Some(PhoneEvent::Cancel);
                        }
                        None => failure = Some(PhoneEvent::Cancel),
                    }
                }
                PhoneEffect::StopAdvertising => advert = None,
                // A tunnel that failed once is not tried again.
                PhoneEffect::SendFrame(_) if failure.is_some() => {}
                PhoneEffect::SendFrame(frame) => {
                    if let Err(error) = send(phone, tunnel.as_mut(), frame).await {
                        cause.get_or_insert(error.into());
                        failure = Some(PhoneEvent::Closed);
                        unsent |= answering;
                    }
                }
                PhoneEffect::RunCtap(request) => {
                    if let Some(&code) = request.first() {
                        phone.ports.observer.reached(Step::CommandReceived(code));
                    }
                    asked = action_of(&request).or(asked);
                    command = Some(Box::pin(async move {
                        phone.authenticator.handle(Profile::Hybrid, &request, cancel).await
                    }));
                }
                PhoneEffect::CancelCtap => command = None,
                PhoneEffect::SetTimer(duration) => timer = Some(phone.ports.clock.sleep(duration)),
                PhoneEffect::Close => {
                    opening = None;
                    if let Some(tunnel) = tunnel.take() {
                        in_time(phone, tunnel.close()).await;
                    }
                    phone.ports.observer.reached(Step::Closed);
                }
                PhoneEffect::Done { status } => {
                    phone.authenticator.settle().await;
                    if unsent {
                        return Err(cause.unwrap_or(PhoneError::Tunnel(TunnelError::Closed)));
                    }
                    let (action, rp_id) = asked.unwrap_or((Action::Touch, None));
                    let error = error_of(phone, action.phase(), rp_id.as_deref(), status, refusal);
                    return Ok(Answer { action, rp_id, status, error });
                }
                PhoneEffect::Failed(error) => {
                    let phase = asked.map_or_else(|| phase_of(hint), |(action, _)| action.phase());
                    return Err(cause.unwrap_or_else(|| PhoneError::of_ceremony(error, phase)));
                }
            }
        }

        let event = match failure {
            Some(event) => event,
            None => tokio::select! {
                biased;
                () = cancel.cancelled() => PhoneEvent::Cancel,
                // Before everything that others could keep busy.
                () = finished(&mut timer) => PhoneEvent::Timeout,
                opened = finished(&mut opening) => match opened {
                    Ok(opened) => {
                        phone.ports.observer.reached(Step::TunnelOpen);
                        let routing_id = opened.routing_id().and_then(|text| text.parse::<RoutingId>().ok());
                        tunnel = Some(opened);
                        PhoneEvent::TunnelOpened { routing_id }
                    }
                    Err(error) => {
                        cause = Some(error.into());
                        PhoneEvent::Closed
                    }
                },
                response = finished(&mut command) => {
                    if let Some(&status) = response.first() {
                        phone.ports.observer.reached(Step::Answered(Status(status)));
                    }
                    refusal = refusal.or(phone.gate.take_failure());
                    PhoneEvent::CtapResponse(response)
                }
                frame = receive(&mut tunnel) => match frame {
                    Ok(frame) => PhoneEvent::Frame(frame),
                    Err(TunnelError::Closed) => PhoneEvent::Closed,
                    Err(error) => {
                        cause = Some(error.into());
                        PhoneEvent::Closed
                    }
                },
            },
        };
        answering = matches!(event, PhoneEvent::CtapResponse(_));
        let was_advertising = advert.is_some();
        effects = ceremony.handle(event);
        let stopped = effects.iter().any(|effect| matches!(effect, PhoneEffect::StopAdvertising));
        if was_advertising && stopped && !ceremony.is_finished() {
            phone.ports.observer.reached(Step::ComputerConnected);
        }
    }
}

/// A code that is being served, and remembered in the vault before anybody hears of it: neither a restart
/// nor another process serves it again. As long as nothing was advertised no computer has heard of this
/// phone: then the code is as good as before once this is dropped.
struct Admission<'a> {
    vault: &'a Vault,
    secret: Secret<16>,
    advertised: bool,
}

impl<'a> Admission<'a> {
    fn of(vault: &'a Vault, secret: Secret<16>, now: u64) -> Result<Self, PhoneError> {
        if !vault.admit_code(secret.expose(), now, REMEMBERED)? {
            return Err(HybridError::CodeAlreadyUsed.into());
        }
        Ok(Admission { vault, secret, advertised: false })
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if !self.advertised {
            // If that fails the person needs a new code: that is safe.
            let _ = self.vault.readmit_code(self.secret.expose());
        }
    }
}

/// Waits for what is under way, and takes it away once it is finished.
async fn finished<T>(running: &mut Running<'_, T>) -> T {
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

async fn send(phone: &Phone, tunnel: Option<&mut Tunnel>, frame: Vec<u8>) -> Result<(), TunnelError> {
    let tunnel = tunnel.ok_or(TunnelError::Closed)?;
    in_time(phone, tunnel.send(frame)).await.unwrap_or(Err(TunnelError::Closed))
}

/// What `future` gives, or nothing once [`IO_TIMEOUT`] has passed.
async fn in_time<T>(phone: &Phone, future: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        output = future => Some(output),
        () = phone.ports.clock.sleep(IO_TIMEOUT) => None,
    }
}

/// What a command asks for; `None` for one that the authenticator will refuse unread.
fn action_of(request: &[u8]) -> Option<(Action, Option<String>)> {
    match Request::decode(request) {
        Ok(Request::MakeCredential(request)) => Some((Action::Create, Some(request.rp.id))),
        Ok(Request::GetAssertion(request)) => Some((Action::SignIn, Some(request.rp_id))),
        _ => match Command::try_from(*request.first()?) {
            Ok(Command::MakeCredential) => Some((Action::Create, None)),
            Ok(Command::GetAssertion) => Some((Action::SignIn, None)),
            // A touch that follows a refusal does not change what was asked.
            _ => None,
        },
    }
}

impl Action {
    const fn phase(self) -> Phase {
        match self {
            Action::Create => Phase::Create,
            Action::SignIn | Action::Touch => Phase::Get,
        }
    }
}

/// What the computer said it would ask for, before it asked.
const fn phase_of(hint: RequestHint) -> Phase {
    if matches!(hint, RequestHint::MakeCredential) { Phase::Create } else { Phase::Get }
}

/// What a status means to the person, who was asked with this outcome. `None` for success.
fn error_of(
    phone: &Phone,
    phase: Phase,
    rp_id: Option<&str>,
    status: Status,
    refusal: Option<GateError>,
) -> Option<ErrorId> {
    let single = |rp_id| phone.config.policy.insert_limits(rp_id).per_rp.is_some();
    match (ErrorId::of_status(status, phase)?, refusal) {
        (_, Some(GateError::VerificationFailed | GateError::LockedOut)) => Some(ErrorId::AuthUvFailed),
        (_, Some(GateError::Unavailable)) => Some(ErrorId::ProviderLocked),
        (ErrorId::RegLimitReached, _) if rp_id.is_some_and(single) => {
            Some(ErrorId::ProviderEntraPasskeyExists)
        }
        (error, _) => Some(error),
    }
}

impl PhoneError {
    fn of_ceremony(error: HybridError, phase: Phase) -> Self {
        match error {
            HybridError::Cancelled => PhoneError::Canceled(phase),
            HybridError::TimedOut(Stage::Command) => PhoneError::TimedOut(phase),
            HybridError::CancelledByComputer | HybridError::Closed(Stage::Connected | Stage::Command) => {
                PhoneError::PeerCanceled
            }
            HybridError::TimedOut(Stage::Advertising) => PhoneError::NotNearby,
            HybridError::TimedOut(Stage::TunnelOpening) => PhoneError::Tunnel(TunnelError::Unreachable),
            HybridError::TimedOut(Stage::Connected) => PhoneError::Tunnel(TunnelError::Silent),
            HybridError::Closed(_) => PhoneError::Tunnel(TunnelError::Closed),
            HybridError::NoRoutingId => PhoneError::Tunnel(TunnelError::NoRoutingId),
            error => PhoneError::Hybrid(error),
        }
    }
}

/// The phone's random source in the form that the hybrid crate draws from.
pub(crate) struct PortRng<'a>(pub(crate) &'a dyn Rng);

impl RngCore for PortRng<'_> {
    fn next_u32(&mut self) -> u32 {
        rand_core::impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        rand_core::impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(bytes);
        Ok(())
    }
}

impl CryptoRng for PortRng<'_> {}

#[cfg(test)]
mod tests;
