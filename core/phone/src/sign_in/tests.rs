use latchkey_authenticator::ports::{PromptKind, UserVerification};
use latchkey_hybrid::{KeyPair, RequestHint, Secret};
use latchkey_offline::State;
use latchkey_unlock::Reason;

use super::*;
use crate::unlock::fixture::{Fixture, MACHINE, Mood, NOW};
use crate::{ErrorId, PinsAfter};

const CLAIM: &str = "POST /rp/api/oob/client/authentication/requests/request-1/claim";

impl Fixture {
    async fn sign_in(&self, code: &ControlCenterCode) -> Result<Unlocked, PhoneError> {
        self.phone().sign_in_with_code(code, &Cancel::new()).await
    }

    /// The code is refused like this, and nobody has heard of it.
    async fn assert_unused(&self, code: &ControlCenterCode, id: ErrorId) {
        assert_eq!(self.sign_in(code).await.unwrap_err().id(), id);
        assert!(self.server.take_lines().is_empty());
        assert!(self.phone.gate.take_prompts().is_empty());
    }

    fn code_with(&self, change: impl FnOnce(&mut ControlCenterCode)) -> ControlCenterCode {
        let mut code = self.sign_in_code();
        change(&mut code);
        code
    }

    /// As if the computer had never been paired with this phone.
    fn forget_computer(&self) {
        self.phone().vault.remove_computer(MACHINE).unwrap();
    }

    async fn request(&self) -> SignInRequest {
        let requests = self.phone().waiting_requests(25, &Cancel::new()).await.unwrap();
        let [request] = &requests[..] else { panic!("{requests:?}") };
        request.clone()
    }
}

fn fido_code() -> String {
    let key = KeyPair::generate(&mut rand_core::OsRng).unwrap();
    let payload = QrPayload::new(*key.public(), Secret::new([7; 16]), RequestHint::GetAssertion);
    payload.to_text().as_str().to_owned()
}

#[tokio::test]
async fn a_computer_whose_code_was_read_is_unlocked_and_in_the_list() {
    let fixture = Fixture::new().await;
    fixture.forget_computer();
    let code = fixture.sign_in_code();
    let unlocked = fixture.sign_in(&code).await.unwrap();
    assert_eq!((unlocked.machine_id.as_str(), fixture.remote().unlocks), (MACHINE, 1));
    assert!(matches!(unlocked.pins, PinsAfter::Replenished));
    assert_eq!(fixture.server.take_lines()[0], CLAIM);
    let [prompt] = &fixture.phone.gate.take_prompts()[..] else { panic!() };
    assert_eq!(prompt.kind, PromptKind::Unlock { computer: "ADAS-LAPTOP".to_owned() });

    let computer = fixture.phone().vault.computer(MACHINE).unwrap().unwrap();
    assert_eq!(computer.pairing_secret, pairing_secret(&code.nonce, "request-1"));
    assert_eq!((computer.name.as_str(), computer.os_user.as_str()), ("ADAS-LAPTOP", "ada@example.com"));
    assert_eq!((computer.paired_at, computer.last_online_at), (NOW, Some(NOW)));
    let pins = fixture.phone().offline_pins().status(MACHINE).unwrap();
    assert_eq!((pins.state, pins.remaining), (State::Ok, 25));
}

#[tokio::test]
async fn a_computer_of_the_list_keeps_its_name_and_takes_the_new_secret() {
    let fixture = Fixture::new().await;
    let code = fixture.sign_in_code();
    fixture.sign_in(&code).await.unwrap();
    let computer = fixture.phone().vault.computer(MACHINE).unwrap().unwrap();
    assert_eq!(computer.name, "Ada's laptop");
    assert_eq!(computer.pairing_secret, pairing_secret(&code.nonce, "request-1"));
    assert_eq!(fixture.phone().computers().list().unwrap().len(), 1);
}

#[tokio::test]
async fn codes_that_are_refused_unasked() {
    let fixture = Fixture::new().await;
    for (code, id) in [
        (fixture.code_with(|code| code.operation = Operation::Register), ErrorId::QrInvalid),
        (fixture.code_with(|code| code.machine_id = None), ErrorId::QrInvalid),
        (fixture.code_with(|code| code.machine_id = Some("../x".to_owned())), ErrorId::QrInvalid),
        (fixture.code_with(|code| code.public_key = None), ErrorId::QrInvalid),
        (fixture.code_with(|code| code.rp_url = "https://10.0.0.1".to_owned()), ErrorId::QrInvalid),
        (fixture.code_with(|code| code.expires_at = NOW), ErrorId::PairingExpired),
        (fixture.code_with(|code| code.request_id = "a/b".to_owned()), ErrorId::QrInvalid),
        // Another organisation, another account, another machine under a known name.
        (
            fixture.code_with(|code| code.rp_url = "https://other.example.org".to_owned()),
            ErrorId::PairingWrongAccount,
        ),
        (
            fixture.code_with(|code| code.user = Some("eve@example.com".to_owned())),
            ErrorId::PairingWrongAccount,
        ),
        (fixture.code_with(|code| code.public_key = Some([2; 33])), ErrorId::HybridHandshakeFailed),
    ] {
        fixture.assert_unused(&code, id).await;
    }
    fixture.phone.surroundings.set_online(false);
    fixture.assert_unused(&fixture.sign_in_code(), ErrorId::HybridNoInternet).await;
    fixture.phone.surroundings.set_online(true);
    fixture.phone.gate.set_user_verification(UserVerification::NotConfigured);
    fixture.assert_unused(&fixture.sign_in_code(), ErrorId::ProviderBiometricsMissing).await;
    let unpaired = Fixture::unpaired().await;
    unpaired.assert_unused(&unpaired.sign_in_code(), ErrorId::PairingWrongAccount).await;
}

#[tokio::test]
async fn codes_that_the_server_refuses() {
    for (status, code, id) in [
        (404, "not_found", ErrorId::PairingExpired),
        (410, "expired", ErrorId::PairingExpired),
        (409, "wrong_state", ErrorId::QrInvalid),
        (503, "unavailable", ErrorId::AuthUnavailable),
    ] {
        let fixture = Fixture::new().await;
        fixture.forget_computer();
        fixture.remote().refusals.push(("claim", status, code));
        assert_eq!(fixture.sign_in(&fixture.sign_in_code()).await.unwrap_err().id(), id);
        assert!(fixture.phone().computers().list().unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_computer_that_does_not_unlock_does_not_come_into_the_list() {
    for (mood, id) in [
        (Mood::Impostor, ErrorId::HybridHandshakeFailed),
        (Mood::Refuses(Reason::NotVerified), ErrorId::AnySignatureRejected),
        (Mood::Leaves, ErrorId::HybridPeerCanceled),
    ] {
        let fixture = Fixture::new().await;
        fixture.forget_computer();
        fixture.remote().mood = mood;
        assert_eq!(fixture.sign_in(&fixture.sign_in_code()).await.unwrap_err().id(), id);
        assert!(fixture.phone().computers().list().unwrap().is_empty());
        assert_eq!(fixture.remote().ended.as_deref(), Some("CANCELED"));
    }
}

#[tokio::test]
async fn only_sign_ins_of_known_computers_wait_for_the_phone() {
    let fixture = Fixture::new().await;
    let request = fixture.request().await;
    assert_eq!((request.machine_id.as_str(), request.expires_at), (MACHINE, NOW + 120));
    assert_eq!(format!("{request:?}"), "SignInRequest(redacted)");
    fixture.forget_computer();
    assert!(fixture.phone().waiting_requests(25, &Cancel::new()).await.unwrap().is_empty());
    fixture.phone.surroundings.set_online(false);
    assert!(matches!(fixture.phone().waiting_requests(0, &Cancel::new()).await, Err(PhoneError::Offline)));
}

#[tokio::test]
async fn a_server_that_cannot_be_asked_is_no_empty_list() {
    let fixture = Fixture::new().await;
    fixture.remote().refusals.push(("device/requests", 401, "unauthorized"));
    let error = fixture.phone().waiting_requests(0, &Cancel::new()).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::AnySessionExpired);
}

#[tokio::test]
async fn the_session_passkey_answers_a_code_and_says_what_became_of_it() {
    let fixture = Fixture::new().await;
    // The tunnel service is not there.
    fixture.remote().mood = Mood::SignIn(fido_code());
    let error = fixture.phone().answer(&fixture.request().await, &Cancel::new()).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::HybridTunnelFailed, "{error}");
    assert_eq!(fixture.remote().served, Some(SignInOutcome::Failed));
    assert_eq!(
        fixture.phone.surroundings.take_steps()[..3],
        [Step::ContactingComputer, Step::ComputerReached, Step::OpeningTunnel]
    );
    assert_eq!(fixture.remote().unlocks, 0, "nothing is unlocked by this");
}

#[tokio::test]
async fn what_is_no_code_is_not_served() {
    for text in ["", "https://example.com", "FIDO:/1"] {
        let fixture = Fixture::new().await;
        fixture.remote().mood = Mood::SignIn(text.to_owned());
        let error = fixture.phone().answer(&fixture.request().await, &Cancel::new()).await.unwrap_err();
        assert_eq!(error.id(), ErrorId::QrInvalid, "{error}");
        assert_eq!(fixture.remote().served, Some(SignInOutcome::Failed));
    }
}

#[tokio::test]
async fn a_machine_that_is_another_gets_no_session_passkey() {
    let fixture = Fixture::new().await;
    fixture.remote().mood = Mood::Impostor;
    let error = fixture.phone().answer(&fixture.request().await, &Cancel::new()).await.unwrap_err();
    assert_eq!(error.id(), ErrorId::HybridHandshakeFailed);
    assert_eq!(fixture.remote().ended.as_deref(), Some("CANCELED"));
}

#[test]
fn what_the_computer_is_told() {
    let answered = |status, error| Ok(Answer { action: crate::Action::SignIn, rp_id: None, status, error });
    for (served, told) in [
        (answered(Status::OK, None), SignInOutcome::Served),
        (answered(Status::OPERATION_DENIED, Some(ErrorId::AuthNotFoundOrCanceled)), SignInOutcome::Declined),
        (answered(Status::NO_CREDENTIALS, Some(ErrorId::AuthNotFoundOrCanceled)), SignInOutcome::Failed),
        (Err(PhoneError::Canceled(Phase::Get)), SignInOutcome::Declined),
        (Err(PhoneError::NotNearby), SignInOutcome::NotNear),
        (Err(crate::ports::AdvertError::Off.into()), SignInOutcome::NotNear),
        (Err(PhoneError::Busy), SignInOutcome::Failed),
    ] {
        assert_eq!(outcome(&served), told, "{served:?}");
    }
}
