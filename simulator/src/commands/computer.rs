//! `latchkey-sim computer`

use std::time::Duration;

use latchkey_ctap::{Algorithm, RelyingParty, User};
use latchkey_hybrid::RequestHint;
use rand_core::{OsRng, RngCore};

use crate::cli::{self, Alg, Attestation, Ceremony};
use crate::computer::{Computer, ComputerError, ComputerStep};
use crate::exit;
use crate::picture::{self, QrPicture};
use crate::webauthn::client::{self, Assertion, ClientError, Creation};
use crate::webauthn::json::Base64Url;
use crate::webauthn::prf::{PrfInput, PrfInputs};
use crate::webauthn::relying_party;

use super::{Failure, print_json, progress};

/// Runs one of the computer's ceremonies and prints its WebAuthn JSON.
///
/// # Errors
/// [`Failure`]
pub async fn run(command: cli::Computer) -> Result<(), Failure> {
    match command {
        cli::Computer::Create(arguments) => create(arguments).await,
        cli::Computer::Get(arguments) => get(arguments).await,
    }
}

async fn create(arguments: cli::Create) -> Result<(), Failure> {
    let ceremony = arguments.ceremony;
    let pending = client::create(&Creation {
        origin: origin(&ceremony),
        rp: RelyingParty { id: ceremony.rp_id.clone(), name: Some(ceremony.rp_id.clone()) },
        user: User {
            id: arguments.user_id.unwrap_or_else(random_handle).0,
            name: Some(arguments.user.clone()),
            display_name: Some(arguments.user),
        },
        challenge: challenge(&ceremony),
        algorithms: arguments.algorithms.into_iter().map(Algorithm::from).collect(),
        exclude: arguments.exclude.into_iter().map(|id| id.0).collect(),
        discoverable: !arguments.non_discoverable,
        attestation: arguments.attestation == Attestation::Direct,
        prf: prf(&ceremony),
    })?;
    let answer = ask(&ceremony, RequestHint::MakeCredential, pending.request.clone()).await?;
    print_json(&pending.created(&answer)?)
}

async fn get(arguments: cli::Get) -> Result<(), Failure> {
    let ceremony = arguments.ceremony;
    let pending = client::get(&Assertion {
        origin: origin(&ceremony),
        rp_id: ceremony.rp_id.clone(),
        challenge: challenge(&ceremony),
        allow: arguments.allow.into_iter().map(|id| id.0).collect(),
        prf: prf(&ceremony),
    })?;
    let answer = ask(&ceremony, RequestHint::GetAssertion, pending.request.clone()).await?;
    print_json(&pending.asserted(&answer)?)
}

/// Shows the code and waits for the phone's answer.
async fn ask(ceremony: &Ceremony, hint: RequestHint, request: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let extra_ca = ceremony.link.extra_ca()?;
    let tls = latchkey_phone::tls::client_config(extra_ca.as_deref())
        .map_err(|error| Failure::new(exit::USAGE, format!("--ca-file: {error}")))?;
    let patience = Duration::from_secs(ceremony.timeout);
    let computer = Computer { tls, tunnel: ceremony.link.tunnel()?, patience };
    let mut scanner = ceremony.link.scanner().await.map_err(ComputerError::from)?;

    let mut shown = Ok(());
    let answer = computer
        .ask(hint, request, &mut *scanner, |step| match step {
            ComputerStep::Show(code) => shown = show(code, ceremony),
            ComputerStep::PhoneHeard => progress("phone heard nearby"),
            ComputerStep::Connected(_) => progress("phone connected: waiting for its answer"),
            ComputerStep::Answered(_) => progress("phone answered"),
        })
        .await;
    // A code that nobody could see is the reason why nobody answered.
    shown?;
    Ok(answer?)
}

fn show(code: &str, ceremony: &Ceremony) -> Result<(), Failure> {
    let picture = QrPicture::new(code).map_err(|error| Failure::new(1, error))?;
    if let Some(path) = &ceremony.qr {
        picture::write_file(path, code).map_err(|error| Failure::file(path, error))?;
    }
    if !ceremony.no_terminal_qr {
        progress(picture.terminal());
    }
    progress("scan this code with the phone");
    Ok(())
}

fn origin(ceremony: &Ceremony) -> String {
    ceremony.origin.clone().unwrap_or_else(|| format!("https://{}", ceremony.rp_id))
}

fn challenge(ceremony: &Ceremony) -> Vec<u8> {
    ceremony.challenge.clone().map_or_else(relying_party::challenge, |challenge| challenge.0)
}

fn prf(ceremony: &Ceremony) -> Option<PrfInputs> {
    let first = Base64Url(ceremony.prf.as_ref()?.as_bytes().to_vec());
    Some(PrfInputs { eval: Some(PrfInput { first, second: None }), eval_by_credential: None })
}

fn random_handle() -> Base64Url {
    let mut handle = vec![0; 16];
    OsRng.fill_bytes(&mut handle);
    Base64Url(handle)
}

impl From<Alg> for Algorithm {
    fn from(alg: Alg) -> Self {
        match alg {
            Alg::Es256 => Algorithm::ES256,
            Alg::EdDsa => Algorithm::EDDSA,
        }
    }
}

impl From<ComputerError> for Failure {
    fn from(error: ComputerError) -> Self {
        let status = match error {
            // Of the other device; on the phone the same id is an answer that refuses.
            ComputerError::NoAnswer => exit::NO_PEER,
            _ => exit::status(error.id()),
        };
        Failure { status, ..Failure::of(error.id(), &error) }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::OriginMismatch { .. } | ClientError::Prf(_) => Failure::new(exit::USAGE, error),
            ClientError::Refused(_) => Failure::new(exit::REFUSED, error),
            _ => Failure::new(exit::CHANNEL, error),
        }
    }
}
