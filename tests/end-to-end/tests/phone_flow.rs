//! The phone's flow, from a code to the end of the tunnel, with everything around it failing in turn:
//! each failure has its own error, changes nothing that is stored, and the phone serves the next code.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::future::Future;
use std::time::Duration;

use latchkey_authenticator::ports::{GateError, PromptKind, UserVerification};
use latchkey_authenticator::testing::{Answer as Says, ScriptedGate};
use latchkey_authenticator::{Cancel, CredentialId};
use latchkey_ctap::Status;
use latchkey_end_to_end::{Hand, Meddler, Plan, Radio, Stage, Upgrade, answer_code};
use latchkey_hybrid::{HybridError, TunnelDomain};
use latchkey_phone::ports::{AdvertError, Step};
use latchkey_phone::tls::TrustError;
use latchkey_phone::tunnel::{TunnelAddress, TunnelError};
use latchkey_phone::{Action, Answer, ErrorId, PhoneError};
use latchkey_scan::CodeError;

const GET_INFO: &[u8] = &[0x04];
const SELECTION: &[u8] = &[0x0B];

/// The phone answers a computer that does what `play` says.
async fn serve<T>(stage: &Stage, computer: &mut Hand, play: impl AsyncFnOnce(&mut Hand) -> T) -> (Served, T) {
    serve_until(stage, computer, &Cancel::new(), play).await
}

type Served = Result<Answer, PhoneError>;

async fn serve_until<T>(
    stage: &Stage,
    computer: &mut Hand,
    cancel: &Cancel,
    play: impl AsyncFnOnce(&mut Hand) -> T,
) -> (Served, T) {
    stage.steps.forget();
    let code = [computer.code.clone()];
    let both = async { tokio::join!(answer_code(&stage.phone, &code, cancel), play(computer)) };
    let served = soon(both).await;
    assert!(stage.air.on_air().is_empty(), "the phone still advertises");
    served
}

/// What hangs fails.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), future).await.expect("hangs")
}

fn create(stage: &Stage) -> Vec<u8> {
    stage.creation(&stage.new_user()).1.request
}

fn get(stage: &Stage, id: &CredentialId) -> Vec<u8> {
    stage.assertion(&[id]).1.request
}

/// Checks that `failing` fails as it should, changes nothing, and leaves a phone that works.
async fn fails(
    stage: &Stage,
    own: &CredentialId,
    expected: impl Fn(&PhoneError) -> bool,
    id: ErrorId,
    failing: impl Future<Output = Served>,
) {
    let before = stage.list();
    let error = soon(failing).await.unwrap_err();
    assert!(expected(&error), "{error:?}");
    assert_eq!(error.id(), id, "{error:?}");
    assert!(stage.list() == before, "something stored has changed");
    assert!(stage.air.on_air().is_empty(), "the phone still advertises");
    stage.sign_in(own).await;
}

async fn approve(stage: &Stage, texts: &[&str]) -> Served {
    stage.steps.forget();
    answer_code(&stage.phone, texts, &Cancel::new()).await
}

#[tokio::test]
async fn codes_that_are_not_served() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    let good = Hand::show(&stage, 1).code;
    let other = Hand::show(&stage, 2).code;
    let control_center = format!(
        r#"{{"v":1,"op":"authenticate","rpUrl":"https://cc.example.com","rpAppId":"a","requestId":"r",
        "machineId":"m","pk":"{}","nonce":"{}","exp":4000000000}}"#,
        "A".repeat(44),
        "A".repeat(43)
    );

    let invalid = |error: &PhoneError| matches!(error, PhoneError::Code(CodeError::InvalidQr));
    fails(&stage, &own, invalid, ErrorId::QrInvalid, approve(&stage, &[])).await;
    fails(&stage, &own, invalid, ErrorId::QrInvalid, approve(&stage, &["WIFI:S:home;;"])).await;

    let too_long = "9".repeat(4000);
    let expected = |error: &PhoneError| matches!(error, PhoneError::Code(CodeError::TooLong(4000)));
    fails(&stage, &own, expected, ErrorId::QrInvalid, approve(&stage, &[&too_long])).await;

    let several = |error: &PhoneError| matches!(error, PhoneError::Code(CodeError::Several));
    fails(&stage, &own, several, ErrorId::QrInvalid, approve(&stage, &[&good, &other])).await;
    fails(&stage, &own, several, ErrorId::QrInvalid, approve(&stage, &["x", &good, &control_center])).await;

    let stranger = |error: &PhoneError| matches!(error, PhoneError::OtherAccount);
    fails(&stage, &own, stranger, ErrorId::PairingWrongAccount, approve(&stage, &[&control_center])).await;
    fails(&stage, &own, invalid, ErrorId::QrInvalid, approve(&stage, &["https://example.com/m?t=1"])).await;
    let unknown = |error: &PhoneError| matches!(error, PhoneError::Code(CodeError::Unsupported { .. }));
    fails(&stage, &own, unknown, ErrorId::QrUnsupported, approve(&stage, &[r#"{"v":2,"op":"x"}"#])).await;

    let qr = |error: &PhoneError| matches!(error, PhoneError::Hybrid(HybridError::Qr(_)));
    for damaged in ["FIDO:/", "FIDO:/12345", "FIDO:/x", &good[..good.len() - 1], &good[..good.len() - 17]] {
        fails(&stage, &own, qr, ErrorId::QrInvalid, approve(&stage, &[damaged])).await;
        assert!(!stage.steps.has(Step::Advertising) || stage.air.on_air().is_empty());
    }
}

#[tokio::test]
async fn a_code_is_served_once() {
    let mut stage = Stage::new().await;
    let own = stage.register().await;
    let mut computer = Hand::show(&stage, 1);
    let code = computer.code.clone();
    let request = get(&stage, &own);
    let (answer, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        computer.ask(&request).await;
        computer.shut_down().await;
        computer.until_closed().await;
    })
    .await;
    assert_eq!(answer.unwrap().status, Status::OK);

    let used = |error: &PhoneError| matches!(error, PhoneError::Hybrid(HybridError::CodeAlreadyUsed));
    fails(&stage, &own, used, ErrorId::QrInvalid, approve(&stage, &[&code])).await;
    // Case and a second reading of the same picture make no difference.
    fails(&stage, &own, used, ErrorId::QrInvalid, approve(&stage, &[&code, &code])).await;
    fails(&stage, &own, used, ErrorId::QrInvalid, approve(&stage, &[&code.to_lowercase()])).await;
    // Nor does the end of the app.
    stage.restart();
    fails(&stage, &own, used, ErrorId::QrInvalid, approve(&stage, &[&code])).await;
    stage.clock.advance(Duration::from_secs(300));
    fails(&stage, &own, used, ErrorId::QrInvalid, approve(&stage, &[&code])).await;
}

#[tokio::test]
async fn one_ceremony_at_a_time() {
    let stage = Stage::with(ScriptedGate::scripted([Says::Approve, Says::Ignore]), |_| {}).await;
    let own = stage.register().await;
    for _ in 0..4 {
        stage.gate.push(Says::Approve);
    }
    let other = Hand::show(&stage, 9).code;
    let mut computer = Hand::show(&stage, 1);
    let cancel = Cancel::new();
    let request = create(&stage);
    let before = stage.list();
    let (first, ()) = serve_until(&stage, &mut computer, &cancel, async |computer| {
        // While it opens, advertises, is connected, and prompts.
        for step in [Step::OpeningTunnel, Step::Advertising] {
            stage.steps.until(step).await;
            let second = answer_code(&stage.phone, &[&other], &Cancel::new()).await.unwrap_err();
            assert!(matches!(second, PhoneError::Busy));
            assert_eq!(second.id(), ErrorId::RequestBusy);
        }
        computer.connect(&stage).await;
        computer.command(&request).await;
        stage.steps.until(Step::CommandReceived(1)).await;
        let second = answer_code(&stage.phone, &[&other], &Cancel::new()).await;
        assert!(matches!(second, Err(PhoneError::Busy)));
        cancel.cancel();
    })
    .await;
    assert!(matches!(first, Err(PhoneError::Canceled(_))), "{first:?}");
    assert!(stage.list() == before);
    stage.sign_in(&own).await;
}

#[tokio::test]
async fn no_way_to_the_tunnel_service() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    let code = Hand::show(&stage, 1).code.clone();

    stage.online.set(false);
    let before = stage.list();
    let error = approve(&stage, &[&code]).await.unwrap_err();
    assert!(matches!(error, PhoneError::Offline));
    assert_eq!(error.id(), ErrorId::HybridNoInternet);
    assert!(stage.steps.all().is_empty() && stage.list() == before);
    stage.online.set(true);
    stage.sign_in(&own).await;

    // Phones whose tunnel service is somewhere else. A name with a label of 64 letters never resolves.
    let closed_port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nowhere = format!("{}.invalid", "x".repeat(64));
    for (host, port, expected, id) in [
        (nowhere.as_str(), 443, TunnelError::NameNotResolved, ErrorId::HybridNoInternet),
        ("localhost", closed_port, TunnelError::Unreachable, ErrorId::HybridTunnelFailed),
    ] {
        let stage = Stage::with(ScriptedGate::approving(), |config| {
            config.tunnel = Some(TunnelAddress { host: host.to_owned(), port });
        })
        .await;
        // Twice: the code is still good.
        for _ in 0..2 {
            let error = soon(approve(&stage, &[&code])).await.unwrap_err();
            assert!(matches!(error, PhoneError::Tunnel(found) if found == expected), "{error:?}");
            assert_eq!(error.id(), id);
        }
        assert!(stage.air.all().is_empty());
    }
}

#[tokio::test]
async fn a_service_that_is_not_trusted() {
    let (another_ca, _) = Meddler::certificate();
    // A certificate of an unknown authority.
    let stage = Stage::with(ScriptedGate::approving(), |config| {
        config.extra_ca = Some(another_ca.clone().into_bytes());
    })
    .await;
    let code = Hand::show(&stage, 1).code.clone();
    for _ in 0..2 {
        let error = soon(approve(&stage, &[&code])).await.unwrap_err();
        assert!(matches!(error, PhoneError::Tunnel(TunnelError::Tls)), "{error:?}");
        assert_eq!(error.id(), ErrorId::HybridTunnelFailed);
    }
    assert!(stage.air.all().is_empty());

    // A certificate for another name.
    let stage = Stage::with(ScriptedGate::approving(), |config| {
        config.tunnel.as_mut().unwrap().host = "127.0.0.1".to_owned();
    })
    .await;
    let error = soon(approve(&stage, &[&code])).await.unwrap_err();
    assert!(matches!(error, PhoneError::Tunnel(TunnelError::Tls)), "{error:?}");

    // A CA file that holds none.
    let stage =
        Stage::with(ScriptedGate::approving(), |config| config.extra_ca = Some(b"none".to_vec())).await;
    let error = approve(&stage, &[&code]).await.unwrap_err();
    assert!(matches!(error, PhoneError::Trust(TrustError::BadCertificate)), "{error:?}");
    assert_eq!(error.id(), ErrorId::HybridTunnelFailed);
}

#[tokio::test]
async fn a_radio_that_fails() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    let mut computer = Hand::show(&stage, 1);
    let code = [computer.code.clone()];
    for (radio, expected, id) in [
        (Radio::Refuses(AdvertError::Off), AdvertError::Off, ErrorId::HybridBluetoothOff),
        (Radio::Refuses(AdvertError::NotPermitted), AdvertError::NotPermitted, ErrorId::HybridBluetoothOff),
        (Radio::Refuses(AdvertError::Failed), AdvertError::Failed, ErrorId::AnyInternal),
        (Radio::Hangs, AdvertError::Failed, ErrorId::AnyInternal),
    ] {
        let before = stage.list();
        stage.steps.forget();
        stage.air.set_radio(radio);
        let cancel = Cancel::new();
        let approving = answer_code(&stage.phone, &code, &cancel);
        let error = match radio {
            Radio::Hangs => soon(stage.in_time_after(Step::TunnelOpen, approving)).await,
            _ => soon(approving).await,
        };
        let error = error.unwrap_err();
        assert!(matches!(error, PhoneError::Advert(found) if found == expected), "{error:?}");
        assert_eq!(error.id(), id);
        assert!(!stage.steps.has(Step::Advertising) && stage.list() == before);
        stage.air.set_radio(Radio::On);
        stage.sign_in(&own).await;
    }

    // The owner does not wait for a radio that hangs.
    stage.air.set_radio(Radio::Hangs);
    stage.steps.forget();
    let cancel = Cancel::new();
    let (outcome, ()) = soon(async {
        tokio::join!(answer_code(&stage.phone, &code, &cancel), async {
            stage.steps.until(Step::TunnelOpen).await;
            cancel.cancel();
        })
    })
    .await;
    assert!(matches!(outcome, Err(PhoneError::Canceled(_))), "{outcome:?}");
    stage.air.set_radio(Radio::On);

    // Nobody has heard anything of all that: the code is still good.
    let request = get(&stage, &own);
    let (answer, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        computer.ask(&request).await;
        computer.shut_down().await;
    })
    .await;
    assert_eq!(answer.unwrap().error, None);
}

#[tokio::test]
async fn a_computer_that_does_not_come_or_says_nothing() {
    let stage = Stage::new().await;
    let own = stage.register().await;

    let code = Hand::show(&stage, 1).code.clone();
    let near = |error: &PhoneError| matches!(error, PhoneError::NotNearby);
    let cancel = Cancel::new();
    let texts = [code.clone()];
    let approving = stage.in_time_after(Step::Advertising, answer_code(&stage.phone, &texts, &cancel));
    fails(&stage, &own, near, ErrorId::HybridPeerNotNear, approving).await;
    // It was on the air: once is enough.
    let used = |error: &PhoneError| matches!(error, PhoneError::Hybrid(HybridError::CodeAlreadyUsed));
    fails(&stage, &own, used, ErrorId::QrInvalid, approve(&stage, &[&code])).await;
    // Until nobody can have shown that code for a day.
    stage.clock.advance(Duration::from_secs(2 * 86_400));
    let again = stage.in_time_after(Step::Advertising, answer_code(&stage.phone, &texts, &cancel));
    fails(&stage, &own, near, ErrorId::HybridPeerNotNear, again).await;

    // It joins the tunnel and sends no message 1.
    let mut computer = Hand::show(&stage, 2);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.join(&stage).await;
        let closed = async { computer.until_closed().await };
        stage.in_time(closed).await;
    })
    .await;
    fails(&stage, &own, near, ErrorId::HybridPeerNotNear, async { outcome }).await;

    // It connects and asks nothing.
    let silent = |error: &PhoneError| matches!(error, PhoneError::Tunnel(TunnelError::Silent));
    let mut computer = Hand::show(&stage, 3);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        stage.in_time(computer.until_closed()).await;
    })
    .await;
    fails(&stage, &own, silent, ErrorId::HybridTunnelFailed, async { outcome }).await;

    // It only ever asks what needs no answer of the owner: that prolongs nothing.
    let mut computer = Hand::show(&stage, 4);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        for _ in 0..3 {
            assert_eq!(computer.ask(GET_INFO).await[0], 0);
            stage.clock.advance(Duration::from_secs(15));
        }
        assert_eq!(computer.ask(GET_INFO).await[0], 0);
        stage.clock.advance(Duration::from_secs(15));
        computer.until_closed().await;
    })
    .await;
    fails(&stage, &own, silent, ErrorId::HybridTunnelFailed, async { outcome }).await;
}

#[tokio::test]
async fn a_computer_that_leaves() {
    let gate = ScriptedGate::scripted([Says::Approve]);
    let stage = Stage::with(gate, |_| {}).await;
    let own = stage.register().await;
    let left = |error: &PhoneError| matches!(error, PhoneError::PeerCanceled);

    // Once connected, and while the phone prompts; with a word and without.
    for (seed, (prompting, word)) in (1..).zip([(false, true), (false, false), (true, true), (true, false)]) {
        stage.gate.push(if prompting { Says::Ignore } else { Says::Approve });
        if prompting {
            stage.gate.push(Says::Approve);
        }
        let request = create(&stage);
        let mut computer = Hand::show(&stage, seed);
        let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
            computer.connect(&stage).await;
            if prompting {
                computer.command(&request).await;
                stage.steps.until(Step::CommandReceived(1)).await;
            }
            if word {
                computer.shut_down().await;
                computer.until_closed().await;
            } else {
                computer.leave().await;
            }
        })
        .await;
        fails(&stage, &own, left, ErrorId::HybridPeerCanceled, async { outcome }).await;
    }

    // Before the handshake it is the tunnel that was closed.
    stage.gate.push(Says::Approve);
    let closed = |error: &PhoneError| matches!(error, PhoneError::Tunnel(TunnelError::Closed));
    let mut computer = Hand::show(&stage, 20);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.join(&stage).await;
        computer.leave().await;
    })
    .await;
    fails(&stage, &own, closed, ErrorId::HybridTunnelFailed, async { outcome }).await;
}

/// Leaving after the answer is the ordinary end, in whatever way.
#[tokio::test]
async fn what_was_answered_stays_answered() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    for ending in 0..5 {
        let request = create(&stage);
        let mut computer = Hand::show(&stage, ending);
        let before = stage.list().len();
        let cancel = Cancel::new();
        let (outcome, ()) = serve_until(&stage, &mut computer, &cancel, async |computer| {
            computer.connect(&stage).await;
            assert_eq!(computer.ask(&request).await[0], 0);
            match ending {
                0 => computer.shut_down().await,
                1 => computer.leave().await,
                2 => computer.send_raw(vec![0x55; 100]).await,
                3 => cancel.cancel(),
                _ => stage.in_time(computer.until_closed()).await,
            }
        })
        .await;
        let answer = outcome.unwrap_or_else(|error| panic!("{ending}: {error}"));
        assert_eq!((answer.action, answer.status, answer.error), (Action::Create, Status::OK, None));
        assert_eq!(answer.rp_id.as_deref(), Some("example.com"));
        assert_eq!(stage.list().len(), before + 1);
        stage.sign_in(&own).await;
    }
}

#[tokio::test]
async fn a_computer_that_talks_nonsense() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    let handshake = |error: &PhoneError| {
        matches!(
            error,
            PhoneError::Hybrid(
                HybridError::HandshakeLength(_) | HybridError::HandshakePoint | HybridError::HandshakeTag
            )
        )
    };
    for (seed, nonsense) in (1..).zip([vec![0], vec![4; 81], vec![0xFF; 81], vec![4; 82], vec![4; 70_000]]) {
        let mut computer = Hand::show(&stage, seed);
        let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
            computer.join(&stage).await;
            computer.send_raw(nonsense).await;
            computer.until_closed().await;
        })
        .await;
        fails(&stage, &own, handshake, ErrorId::HybridHandshakeFailed, async { outcome }).await;
    }

    // Message 1 of another ceremony, from somebody who joined the same tunnel.
    let mut stranger = Hand::show(&stage, 50);
    let (_, foreign) = serve_until(&stage, &mut stranger, &Cancel::new(), async |stranger| {
        let message1 = stranger.join(&stage).await;
        stranger.leave().await;
        message1
    })
    .await;
    let mut computer = Hand::show(&stage, 51);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.join(&stage).await;
        computer.send_raw(foreign).await;
        computer.until_closed().await;
    })
    .await;
    fails(&stage, &own, handshake, ErrorId::HybridHandshakeFailed, async { outcome }).await;

    let decrypt = |error: &PhoneError| matches!(error, PhoneError::Hybrid(HybridError::Decrypt));
    for (seed, prompting) in [(60, false), (61, true)] {
        let request = create(&stage);
        let mut computer = Hand::show(&stage, seed);
        let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
            computer.connect(&stage).await;
            if prompting {
                // A prompt that is open is closed.
                stage.gate.push(Says::Ignore);
                computer.command(&request).await;
                stage.steps.until(Step::CommandReceived(1)).await;
            }
            computer.send_raw(vec![0x55; 64]).await;
            computer.until_closed().await;
        })
        .await;
        fails(&stage, &own, decrypt, ErrorId::HybridHandshakeFailed, async { outcome }).await;
    }

    let too_many = |error: &PhoneError| matches!(error, PhoneError::Hybrid(HybridError::TooManyCommands));
    let mut computer = Hand::show(&stage, 70);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        for _ in 0..16 {
            assert_eq!(computer.ask(&[0x40]).await, [Status::INVALID_COMMAND.0]);
        }
        computer.command(GET_INFO).await;
        computer.until_closed().await;
    })
    .await;
    fails(&stage, &own, too_many, ErrorId::HybridHandshakeFailed, async { outcome }).await;
}

/// Without a fingerprint, face or code nobody can be verified, so no computer is called at all.
#[tokio::test]
async fn a_phone_without_a_screen_lock_offers_nothing() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    stage.gate.set_user_verification(UserVerification::NotConfigured);
    let code = Hand::show(&stage, 1).code.clone();
    let expected = |error: &PhoneError| matches!(error, PhoneError::NoUserVerification);
    let outcome = answer_code(&stage.phone, &[&code], &Cancel::new()).await;
    assert!(!stage.steps.has(Step::OpeningTunnel) || stage.air.on_air().is_empty());
    stage.gate.set_user_verification(UserVerification::Configured);
    fails(&stage, &own, expected, ErrorId::ProviderBiometricsMissing, async { outcome }).await;
}

/// Refusals are answers: the computer gets a status, the owner an id, and nothing is stored.
#[tokio::test]
async fn what_the_owner_says() {
    let stage = Stage::with(ScriptedGate::scripted([Says::Approve]), |_| {}).await;
    let own = stage.register().await;
    for (seed, (says, created, status, get_id, create_id)) in (1..).zip([
        (
            Says::Fail(GateError::Denied),
            false,
            Status::OPERATION_DENIED,
            ErrorId::AuthNotFoundOrCanceled,
            ErrorId::RegCanceled,
        ),
        (
            Says::Fail(GateError::TimedOut),
            false,
            Status::USER_ACTION_TIMEOUT,
            ErrorId::AuthTimeout,
            ErrorId::RegTimeout,
        ),
        (Says::Ignore, false, Status::USER_ACTION_TIMEOUT, ErrorId::AuthTimeout, ErrorId::RegTimeout),
        (
            Says::Consent { verified: false, account: 0 },
            false,
            Status::PUAT_REQUIRED,
            ErrorId::AuthUvFailed,
            ErrorId::AuthUvFailed,
        ),
        (
            Says::Fail(GateError::LockedOut),
            false,
            Status::UV_BLOCKED,
            ErrorId::AuthUvFailed,
            ErrorId::AuthUvFailed,
        ),
        // The computer learns less than the owner does.
        (
            Says::Fail(GateError::VerificationFailed),
            false,
            Status::OPERATION_DENIED,
            ErrorId::AuthUvFailed,
            ErrorId::AuthUvFailed,
        ),
        (
            Says::Fail(GateError::Unavailable),
            false,
            Status::PUAT_REQUIRED,
            ErrorId::ProviderLocked,
            ErrorId::ProviderLocked,
        ),
    ]) {
        for creating in [true, false] {
            let request = if creating { create(&stage) } else { get(&stage, &own) };
            let before = stage.list();
            stage.gate.push(says);
            let mut computer = Hand::show(&stage, seed * 2 + u64::from(creating));
            let (outcome, answer) = serve(&stage, &mut computer, async |computer| {
                computer.connect(&stage).await;
                computer.command(&request).await;
                let answer = match says {
                    Says::Ignore => {
                        stage.steps.until(Step::CommandReceived(request[0])).await;
                        stage.in_time(computer.answer()).await
                    }
                    _ => computer.answer().await,
                };
                computer.shut_down().await;
                computer.until_closed().await;
                answer.unwrap()
            })
            .await;
            assert_eq!(answer, [status.0], "{says:?}");
            let outcome = outcome.unwrap();
            assert_eq!(outcome.status, status);
            assert_eq!(outcome.error, Some(if creating { create_id } else { get_id }), "{says:?}");
            assert_eq!(stage.list().len(), before.len() + usize::from(created));
            stage.gate.push(Says::Approve);
            stage.sign_in(&own).await;
        }
    }
}

#[tokio::test]
async fn one_request_for_each_code() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    let (first, second) = (create(&stage), create(&stage));
    let before = stage.list().len();
    let mut computer = Hand::show(&stage, 1);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        assert_eq!(computer.ask(GET_INFO).await[0], 0);
        assert_eq!(computer.ask(&first).await[0], 0);
        assert_eq!(computer.ask(&second).await, [Status::NOT_ALLOWED.0]);
        assert_eq!(computer.ask(&get(&stage, &own)).await, [Status::NOT_ALLOWED.0]);
        computer.shut_down().await;
    })
    .await;
    assert_eq!(outcome.unwrap().error, None);
    assert_eq!(stage.list().len(), before + 1);
    stage.sign_in(&own).await;

    // A request that cannot be read is the one request, too.
    let mut computer = Hand::show(&stage, 2);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        assert_eq!(computer.ask(&[0x01, 0xFF]).await, [Status::INVALID_CBOR.0]);
        assert_eq!(computer.ask(&first).await, [Status::NOT_ALLOWED.0]);
        computer.shut_down().await;
    })
    .await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.action, outcome.rp_id), (Action::Create, None));
    assert_eq!(outcome.error, Some(ErrorId::RequestMalformed));
    assert_eq!(stage.list().len(), before + 1);

    // Too long a request is refused unread.
    let mut computer = Hand::show(&stage, 3);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        let long = [vec![1], vec![0; 8192]].concat();
        assert_eq!(computer.ask(&long).await, [Status::REQUEST_TOO_LARGE.0]);
        assert_eq!(computer.ask(&get(&stage, &own)).await[0], 0);
        computer.shut_down().await;
    })
    .await;
    assert_eq!(outcome.unwrap().error, None);
}

/// Browsers ask for a touch before they report that there is no algorithm in common; others ask for
/// one before the request.
#[tokio::test]
async fn a_touch_around_the_request() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    // An algorithm that nobody has: -7 becomes -20 in the list of parameters.
    let unknown: Vec<u8> = {
        let request = create(&stage);
        let at = request.windows(5).position(|at| at == b"\x63alg\x26").unwrap();
        [&request[..at + 4], &[0x33], &request[at + 5..]].concat()
    };
    drop(stage.gate.take_prompts());
    let before = stage.list();
    let mut computer = Hand::show(&stage, 1);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        assert_eq!(computer.ask(&unknown).await, [Status::UNSUPPORTED_ALGORITHM.0]);
        assert_eq!(computer.ask(SELECTION).await, [0]);
        computer.shut_down().await;
    })
    .await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.action, outcome.error), (Action::Create, Some(ErrorId::AnyNotSupported)));
    let prompts: Vec<_> = stage.gate.take_prompts().into_iter().map(|prompt| prompt.kind).collect();
    assert_eq!(prompts, [PromptKind::Select]);
    assert!(stage.list() == before);

    // A touch alone.
    let mut computer = Hand::show(&stage, 2);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        assert_eq!(computer.ask(SELECTION).await, [0]);
        computer.shut_down().await;
    })
    .await;
    let outcome = outcome.unwrap();
    assert_eq!((outcome.action, outcome.rp_id, outcome.error), (Action::Touch, None, None));

    // A touch says nothing about a request that was never answered.
    let request = create(&stage);
    let mut computer = Hand::show(&stage, 3);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        assert_eq!(computer.ask(SELECTION).await, [0]);
        stage.gate.push(Says::Ignore);
        computer.command(&request).await;
        stage.steps.until(Step::CommandReceived(1)).await;
        computer.leave().await;
    })
    .await;
    let left = |error: &PhoneError| matches!(error, PhoneError::PeerCanceled);
    fails(&stage, &own, left, ErrorId::HybridPeerCanceled, async { outcome }).await;
    assert!(stage.list().len() == before.len());
}

const STEPS: [Step; 6] = [
    Step::OpeningTunnel,
    Step::TunnelOpen,
    Step::Advertising,
    Step::ComputerConnected,
    Step::CommandReceived(1),
    Step::Answered(Status::OK),
];

/// The owner cancels, or the app drops the ceremony, at every step.
#[tokio::test]
async fn the_owner_stops_it() {
    let stage = Stage::with(ScriptedGate::scripted([Says::Approve]), |_| {}).await;
    let own = stage.register().await;
    for (seed, step) in (1..).zip(STEPS) {
        for dropped in [false, true] {
            let request = create(&stage);
            let before = stage.list();
            let answered = step == Step::Answered(Status::OK);
            match step {
                Step::CommandReceived(_) => stage.gate.push(Says::Ignore),
                Step::Answered(_) => stage.gate.push(Says::Approve),
                _ => {}
            }
            let mut computer = Hand::show(&stage, seed * 2 + u64::from(dropped));
            let code = [computer.code.clone()];
            let cancel = Cancel::new();
            stage.steps.forget();
            let computing = async {
                computer.connect(&stage).await;
                computer.command(&request).await;
                computer.until_closed().await;
            };
            let phoning = async {
                let approving = answer_code(&stage.phone, &code, &cancel);
                if dropped {
                    tokio::select! {
                        biased;
                        () = stage.steps.until(step) => None,
                        outcome = approving => panic!("{step:?} was never reached: {outcome:?}"),
                    }
                } else {
                    let (outcome, ()) = tokio::join!(approving, async {
                        stage.steps.until(step).await;
                        cancel.cancel();
                    });
                    Some(outcome)
                }
            };
            let outcome = soon(async {
                tokio::select! {
                    outcome = phoning => outcome,
                    () = async { computing.await; std::future::pending().await } => unreachable!(),
                }
            })
            .await;
            assert!(stage.air.on_air().is_empty(), "{step:?}: the phone still advertises");
            match outcome {
                // The answer was there already; whether it still left, nobody asks when dropped.
                Some(Ok(answer)) => assert!(answered && answer.status == Status::OK, "{step:?}"),
                Some(Err(error)) => {
                    assert!(!answered && matches!(error, PhoneError::Canceled(_)), "{step:?}: {error:?}");
                    assert_eq!(error.id(), ErrorId::RegCanceled, "{step:?}");
                    assert!(stage.list() == before, "{step:?}: something stored has changed");
                }
                None if answered => assert_eq!(stage.list().len(), before.len() + 1),
                None => assert!(stage.list() == before, "{step:?}: something stored has changed"),
            }

            stage.gate.push(Says::Approve);
            stage.sign_in(&own).await;
        }
    }
}

/// A tunnel that keeps the phone busy with pings does not keep it for ever.
#[tokio::test]
async fn a_flood_of_pings() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    stage.phone_leg.plan(Plan::Upgrade(Upgrade::PingFlood));
    let code = Hand::show(&stage, 1).code.clone();
    let near = |error: &PhoneError| matches!(error, PhoneError::NotNearby);
    let approving = async {
        let texts = [code];
        let cancel = Cancel::new();
        let (outcome, ()) = tokio::join!(answer_code(&stage.phone, &texts, &cancel), async {
            stage.steps.until(Step::Advertising).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            stage.clock.advance(Duration::from_secs(60));
        });
        outcome
    };
    stage.steps.forget();
    fails(&stage, &own, near, ErrorId::HybridPeerNotNear, approving).await;
}

/// The app is suspended: the database is closed under a ceremony.
#[tokio::test]
async fn a_closed_database() {
    let stage = Stage::new().await;
    let request = create(&stage);
    let mut computer = Hand::show(&stage, 1);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        stage.phone.close();
        assert_eq!(computer.ask(&request).await, [Status::OTHER.0]);
        computer.shut_down().await;
    })
    .await;
    assert_eq!(outcome.unwrap().error, Some(ErrorId::AnyInternal));
}

#[tokio::test]
async fn limits_are_told_as_what_they_are() {
    let stage = Stage::with(ScriptedGate::approving(), |config| {
        config.policy.single_passkey_rp_ids.push("example.com".to_owned());
    })
    .await;
    stage.register().await;
    let request = create(&stage);
    let mut computer = Hand::show(&stage, 1);
    let (outcome, ()) = serve(&stage, &mut computer, async |computer| {
        computer.connect(&stage).await;
        assert_eq!(computer.ask(&request).await, [Status::KEY_STORE_FULL.0]);
        computer.shut_down().await;
    })
    .await;
    assert_eq!(outcome.unwrap().error, Some(ErrorId::ProviderEntraPasskeyExists));
    assert_eq!(stage.list().len(), 1);
}

/// A phone with an own tunnel domain says so in its advert.
#[tokio::test]
async fn the_domain_is_the_phones_choice() {
    let stage = Stage::with(ScriptedGate::approving(), |config| {
        config.domain = TunnelDomain::new(266).unwrap();
    })
    .await;
    let own = stage.register().await;
    stage.sign_in(&own).await;
}
