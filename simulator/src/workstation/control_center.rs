//! The calls of a workstation to its Control Center (docs/control-center.md, section "Calls").

use std::sync::Arc;

use latchkey_phone::control_center::client::path_of;
use latchkey_phone::control_center::wire::{
    AssertionOptionsRequest, AssertionResultRequest, AssertionResultResponse, AttestationOptionsRequest,
    AttestationResultRequest, CreateQrRequest, CreateQrResponse, CreateSignInQrRequest,
    CreateSignInQrResponse, CreationOptions, EnrollRequest, EnrollResponse, Messages, OpenRequest,
    OpenRequestResponse, PostMessage, QrStateResponse, ReportedEvent, ReportedEvents, RequestOptions,
    RequestState, StateEntry, WaitingRequests, WorkstationResponse, path,
};
use latchkey_phone::control_center::{Address, Client, ControlCenterError};
use rustls::ClientConfig;
use serde::de::IgnoredAny;
use zeroize::Zeroizing;

use super::store::{Enrolment, Identity};
use crate::webauthn::json::{AuthenticationResponse, Base64Url, RegistrationResponse};

/// How long a call may be held, in seconds: the longest that the contract allows.
const WAIT: u64 = 25;

/// The Control Center of an enrolled workstation. Clones share their connections.
#[derive(Clone)]
pub struct ControlCenter {
    client: Client,
    rp_app_id: String,
}

type Answer<T> = Result<T, ControlCenterError>;

/// Makes a machine known, with an administrator's install token.
///
/// # Errors
/// [`ControlCenterError`]
pub async fn enroll(
    tls: Arc<ClientConfig>,
    address: &Address,
    identity: &Identity,
    install_token: &str,
) -> Answer<Enrolment> {
    let request = EnrollRequest {
        install_token: install_token.to_owned(),
        machine_id: identity.machine_id.clone(),
        machine_name: identity.machine_name.clone(),
        public_key: Base64Url(identity.key.public().compressed().to_vec()),
    };
    let answer: EnrollResponse = Client::new(tls, address)?.post(path::ENROLL, &request).await?;
    Ok(Enrolment {
        base_url: address.base().to_owned(),
        rp_app_id: answer.rp_app_id,
        token: Zeroizing::new(answer.workstation_token),
    })
}

impl ControlCenter {
    /// Calls nothing yet.
    ///
    /// # Errors
    /// [`ControlCenterError`]
    pub fn new(tls: Arc<ClientConfig>, address: &Address, enrolment: &Enrolment) -> Answer<Self> {
        let client = Client::new(tls, address)?.with_token(&enrolment.token);
        Ok(ControlCenter { client, rp_app_id: enrolment.rp_app_id.clone() })
    }

    /// The settings and the pairings.
    pub(super) async fn sync(&self) -> Answer<WorkstationResponse> {
        self.client.get(path::WORKSTATION).await
    }

    /// Hands events over; ones that were reported before are recognised.
    pub(super) async fn report(&self, events: Vec<ReportedEvent>) -> Answer<()> {
        self.posted(path::WORKSTATION_EVENTS, &ReportedEvents { events }).await
    }

    /// A code to pair a phone with.
    pub(super) async fn create_pairing_code(
        &self,
        username: &str,
        kind: latchkey_phone::control_center::wire::AccountKind,
        typed: bool,
    ) -> Answer<CreateQrResponse> {
        let request = CreateQrRequest {
            rp_app_id: self.rp_app_id.clone(),
            username: Some(username.to_owned()),
            account_kind: Some(kind),
            include_qr_fallback_code: typed,
        };
        self.client.post(path::CREATE_QR, &request).await
    }

    /// What became of a pairing code; waits a while for news.
    pub(super) async fn code_state(&self, request_id: &str) -> Answer<QrStateResponse> {
        self.client.get_waiting(&path_of(path::QR_STATE, request_id)?, WAIT).await
    }

    /// A code to sign in with.
    pub(super) async fn create_sign_in_code(&self, typed: bool) -> Answer<CreateSignInQrResponse> {
        let request =
            CreateSignInQrRequest { rp_app_id: self.rp_app_id.clone(), include_qr_fallback_code: typed };
        self.client.post(path::CREATE_SIGN_IN_QR, &request).await
    }

    /// Requests that wait for this workstation; waits a while for the first one if asked to.
    pub(super) async fn waiting_requests(&self, patient: bool) -> Answer<WaitingRequests> {
        match patient {
            true => self.client.get_waiting(path::WORKSTATION_REQUESTS, WAIT).await,
            false => self.client.get(path::WORKSTATION_REQUESTS).await,
        }
    }

    /// Opens a request to a phone.
    pub(super) async fn open_request(&self, request: &OpenRequest) -> Answer<OpenRequestResponse> {
        self.client.post(path::REQUESTS, request).await
    }

    /// The phone's messages after this number; waits a while for the next one.
    pub(super) async fn messages(&self, request_id: &str, after: u32) -> Answer<Messages> {
        let path = path_of(path::REQUEST_MESSAGES, request_id)?;
        self.client.get_waiting(&format!("{path}?after={after}"), WAIT).await
    }

    /// Posts a message for the phone.
    pub(super) async fn post_message(&self, request_id: &str, body: Vec<u8>) -> Answer<()> {
        let path = path_of(path::REQUEST_MESSAGES, request_id)?;
        self.posted(&path, &PostMessage { body: Base64Url(body) }).await
    }

    /// Ends a request.
    pub(super) async fn end_request(&self, request_id: &str, state: RequestState) -> Answer<()> {
        let path = path_of(path::REQUEST_STATE, request_id)?;
        self.posted(&path, &StateEntry { value: state }).await
    }

    /// What to ask a passkey of any account for.
    pub(super) async fn assertion_options(&self) -> Answer<RequestOptions> {
        self.client.post(path::ASSERTION_OPTIONS, &AssertionOptionsRequest { username: None }).await
    }

    /// Has an assertion verified.
    pub(super) async fn assertion_result(
        &self,
        credential: AuthenticationResponse,
    ) -> Answer<AssertionResultResponse> {
        self.client.post(path::ASSERTION_RESULT, &AssertionResultRequest { credential }).await
    }

    /// What to make a passkey on this workstation from.
    pub(super) async fn attestation_options(&self, username: &str) -> Answer<CreationOptions> {
        let request =
            AttestationOptionsRequest { request_id: None, nonce: None, username: Some(username.to_owned()) };
        self.client.post(path::ATTESTATION_OPTIONS, &request).await
    }

    /// Registers that passkey.
    pub(super) async fn attestation_result(
        &self,
        username: &str,
        credential: RegistrationResponse,
    ) -> Answer<()> {
        let request = AttestationResultRequest { username: username.to_owned(), credential };
        self.posted(path::ATTESTATION_RESULT, &request).await
    }

    /// POST whose answer says nothing.
    async fn posted<B: serde::Serialize>(&self, path: &str, body: &B) -> Answer<()> {
        self.client.post::<_, IgnoredAny>(path, body).await.map(drop)
    }
}
