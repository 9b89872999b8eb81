//! A tunnel that does harm, at every step: each message in each direction, on either leg, meets each
//! fault. Both sides end with the error that belongs to it, nothing wrong is accepted, and the phone
//! serves the next code.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::time::Duration;

use latchkey_authenticator::policy::Counter;
use latchkey_authenticator::testing::ScriptedGate;
use latchkey_authenticator::{Cancel, CredentialId};
use latchkey_ctap::Status;
use latchkey_end_to_end::{
    Direction, FAULTS, Fault, Hand, Meddler, Outcome, Plan, Stage, Upgrade, answer_code,
};
use latchkey_hybrid::HybridError;
use latchkey_phone::ports::Step;
use latchkey_phone::tunnel::TunnelError;
use latchkey_phone::{ErrorId, PhoneError};
use latchkey_simulator::computer::ComputerError;

use Direction::{ToComputer, ToPhone};

/// How a side may end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With the answer, which is right.
    Answered,
    /// The other side was never there.
    NotNearby,
    /// The other side left.
    Left,
    /// The tunnel was closed.
    Closed,
    /// Nothing came in time.
    Silent,
    /// The tunnel delivered what is no message.
    BadMessage,
    /// The handshake does not hold.
    Handshake,
    /// A frame does not decrypt.
    Decrypt,
}

use End::{Answered, BadMessage, Closed, Decrypt, Handshake, Left, NotNearby, Silent};

/// What a fault comes down to for who receives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Harmless,
    /// Nothing arrives any more.
    Lost,
    /// The next message arrives in its place.
    Displaced,
    /// Something else arrives in its place.
    Damaged,
    /// It arrives, and then something that does not belong.
    Followed,
    /// Something arrives that is no message of a tunnel.
    Improper,
    /// The connection is gone.
    Gone,
}

fn effect(direction: Direction, index: usize, fault: Fault, direct: bool) -> Effect {
    match fault {
        Fault::Late => Effect::Harmless,
        Fault::Stall => Effect::Lost,
        // The phone's second message follows the first without being asked for; every other message
        // is answered before the next one is sent.
        Fault::Drop | Fault::Swap if (direction, index) == (ToComputer, 0) => Effect::Displaced,
        Fault::Drop | Fault::Swap => Effect::Lost,
        Fault::Truncate | Fault::Extend | Fault::Flip | Fault::Garbage | Fault::Inject => Effect::Damaged,
        Fault::Duplicate => Effect::Followed,
        Fault::Empty | Fault::Text | Fault::Huge if direct => Effect::Improper,
        // The tunnel service does not carry these: it ends the tunnel.
        Fault::Empty | Fault::Text | Fault::Huge => Effect::Gone,
        Fault::Close | Fault::Abort | Fault::HalfFrame => Effect::Gone,
    }
}

/// How the phone and the computer may end.
fn allowed(direction: Direction, index: usize, effect: Effect) -> (&'static [End], &'static [End]) {
    // A side that is sending when the other goes away sees a broken tunnel, one that is waiting sees
    // that the other left.
    const GONE: &[End] = &[Left, Closed];
    match (direction, index, effect) {
        (.., Effect::Harmless) => (&[Answered], &[Answered]),
        // The end of the ceremony: nothing can take the answer away any more.
        (ToPhone, 2, _) => (&[Answered], &[Answered]),

        // Message 1.
        (ToPhone, 0, Effect::Lost) => (&[NotNearby], GONE),
        (ToPhone, 0, Effect::Damaged) => (&[Handshake], GONE),
        (ToPhone, 0, Effect::Followed) => (&[Decrypt], GONE),
        (ToPhone, 0, Effect::Improper) => (&[BadMessage], GONE),
        (ToPhone, 0, Effect::Gone) => (&[Closed], GONE),
        // The command.
        (ToPhone, 1, Effect::Lost) => (&[Silent], GONE),
        (ToPhone, 1, Effect::Damaged) => (&[Decrypt], GONE),
        (ToPhone, 1, Effect::Followed) => (&[Answered, Decrypt], &[Answered, Left, Closed]),
        (ToPhone, 1, Effect::Improper) => (&[BadMessage], GONE),
        (ToPhone, 1, Effect::Gone) => (&[Left], GONE),

        // Message 2.
        (ToComputer, 0, Effect::Lost) => (&[Silent], GONE),
        (ToComputer, 0, Effect::Displaced | Effect::Damaged) => (GONE, &[Handshake]),
        (ToComputer, 0, Effect::Followed) => (GONE, &[Decrypt]),
        (ToComputer, 0, Effect::Improper) => (GONE, &[BadMessage]),
        (ToComputer, 0, Effect::Gone) => (GONE, GONE),
        // The introduction.
        (ToComputer, 1, Effect::Lost) => (&[Silent], GONE),
        (ToComputer, 1, Effect::Damaged) => (GONE, &[Decrypt]),
        // The command may be on its way already.
        (ToComputer, 1, Effect::Followed) => (&[Answered, Left, Closed], &[Decrypt]),
        (ToComputer, 1, Effect::Improper) => (GONE, &[BadMessage]),
        (ToComputer, 1, Effect::Gone) => (GONE, GONE),
        // The answer. It has left the phone.
        (ToComputer, 2, Effect::Lost | Effect::Gone) => (&[Answered], GONE),
        (ToComputer, 2, Effect::Damaged) => (&[Answered], &[Decrypt]),
        (ToComputer, 2, Effect::Followed) => (&[Answered], &[Answered]),
        (ToComputer, 2, Effect::Improper) => (&[Answered], &[BadMessage]),
        other => panic!("not thought of: {other:?}"),
    }
}

fn of_hybrid(error: &HybridError) -> Option<End> {
    match error {
        HybridError::HandshakeLength(_) | HybridError::HandshakePoint | HybridError::HandshakeTag => {
            Some(Handshake)
        }
        HybridError::Decrypt => Some(Decrypt),
        _ => None,
    }
}

fn phone_end(outcome: &Outcome) -> Option<End> {
    match &outcome.phone {
        Ok(answer) => (answer.status == Status::OK && answer.error.is_none()).then_some(Answered),
        Err(PhoneError::NotNearby) => Some(NotNearby),
        Err(PhoneError::PeerCanceled) => Some(Left),
        Err(PhoneError::Tunnel(TunnelError::Closed)) => Some(Closed),
        Err(PhoneError::Tunnel(TunnelError::Silent)) => Some(Silent),
        Err(PhoneError::Tunnel(TunnelError::BadMessage)) => Some(BadMessage),
        Err(PhoneError::Hybrid(error)) => of_hybrid(error),
        Err(_) => None,
    }
}

fn computer_end(outcome: &Outcome) -> Option<End> {
    match outcome.computer.as_ref()? {
        Ok(_) => Some(Answered),
        Err(ComputerError::PhoneGone) => Some(Left),
        Err(ComputerError::Tunnel(TunnelError::Closed)) => Some(Closed),
        Err(ComputerError::Tunnel(TunnelError::BadMessage)) => Some(BadMessage),
        Err(ComputerError::Hybrid(error)) => of_hybrid(error),
        Err(_) => None,
    }
}

/// What people are told about an end.
fn told(end: End) -> ErrorId {
    match end {
        Answered => panic!("not an error"),
        NotNearby => ErrorId::HybridPeerNotNear,
        Left => ErrorId::HybridPeerCanceled,
        Closed | Silent | BadMessage => ErrorId::HybridTunnelFailed,
        Handshake | Decrypt => ErrorId::HybridHandshakeFailed,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leg {
    Phone,
    Computer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    Create,
    Get,
}

/// Every message in both directions meets every fault on one leg.
async fn every_fault(leg: Leg, request: Request) {
    // Counters count, so that one that goes back shows at the relying party.
    let stage = Stage::with(ScriptedGate::approving(), |config| {
        config.policy.counter = Counter::PerCredential;
    })
    .await;
    let own = stage.register().await;
    let meddler = match leg {
        Leg::Phone => &stage.phone_leg,
        Leg::Computer => &stage.computer_leg,
    };
    for direction in [ToPhone, ToComputer] {
        for index in 0..3 {
            for fault in FAULTS {
                let case = format!("{request:?} {leg:?} leg, {direction:?} message {index}: {fault:?}");
                let direct = (leg == Leg::Phone) == (direction == ToPhone);
                let effect = effect(direction, index, fault, direct);
                one_fault(&stage, meddler, request, &own, direction, index, fault, effect, &case).await;
                stage.sign_in(&own).await;
            }
        }
    }
}

#[allow(clippy::too_many_arguments)]
async fn one_fault(
    stage: &Stage,
    meddler: &Meddler,
    request: Request,
    own: &CredentialId,
    direction: Direction,
    index: usize,
    fault: Fault,
    effect: Effect,
    case: &str,
) {
    let user = stage.new_user();
    let (challenge, pending) = match request {
        Request::Create => stage.creation(&user),
        Request::Get => stage.assertion(&[own]),
    };
    let before = stage.list();
    meddler.plan(Plan::Message(direction, index, fault));
    let mut ears = stage.air.listen();
    let meeting = stage.meet(pending.request.clone(), &mut ears);
    let outcome = if effect == Effect::Lost {
        tokio::select! {
            biased;
            outcome = meeting => outcome,
            () = async {
                meddler.fired().await;
                stage.pass_time().await;
            } => unreachable!(),
        }
    } else {
        meeting.await
    };
    assert!(!meddler.is_planning(), "{case}: the message was never sent");

    let (phone, computer) = allowed(direction, index, effect);
    let phone_end = phone_end(&outcome).unwrap_or_else(|| panic!("{case}: {outcome:?}"));
    let computer_end = computer_end(&outcome).unwrap_or_else(|| panic!("{case}: {outcome:?}"));
    assert!(phone.contains(&phone_end), "{case}: {outcome:?}");
    assert!(computer.contains(&computer_end), "{case}: {outcome:?}");
    assert!(phone_end == Answered || computer_end != Answered, "{case}: an answer that nobody gave");

    let after = stage.list();
    match &outcome.phone {
        Ok(_) if request == Request::Create => {
            assert_eq!(after.len(), before.len() + 1, "{case}");
            assert!(after.iter().any(|key| key.user.id == user.id), "{case}");
        }
        Ok(_) => assert_eq!(after.len(), before.len(), "{case}"),
        Err(error) => {
            assert_eq!(error.id(), told(phone_end), "{case}");
            assert!(after == before, "{case}: something stored has changed");
        }
    }
    if let Some(Ok(answer)) = outcome.computer {
        let mut relying_party = stage.relying_party.lock().unwrap();
        match request {
            Request::Create => {
                let response = pending.created(&answer).unwrap();
                relying_party.register(&user.id, &challenge, &response).unwrap();
            }
            Request::Get => {
                let response = pending.asserted(&answer).unwrap();
                relying_party.authenticate(&challenge, &response).unwrap();
            }
        }
    }
}

#[tokio::test]
async fn between_phone_and_service_while_a_passkey_is_created() {
    every_fault(Leg::Phone, Request::Create).await;
}

#[tokio::test]
async fn between_phone_and_service_while_a_passkey_is_used() {
    every_fault(Leg::Phone, Request::Get).await;
}

#[tokio::test]
async fn between_computer_and_service_while_a_passkey_is_created() {
    every_fault(Leg::Computer, Request::Create).await;
}

#[tokio::test]
async fn between_computer_and_service_while_a_passkey_is_used() {
    every_fault(Leg::Computer, Request::Get).await;
}

const HALF_AN_ANSWER: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upg";

/// What a service can do wrong when it is asked for a tunnel, and what it comes down to.
const UPGRADES: &[(Upgrade, TunnelError)] = &[
    (Upgrade::CloseBeforeTls, TunnelError::Closed),
    (Upgrade::StallBeforeTls, TunnelError::Unreachable),
    (Upgrade::NotTls, TunnelError::Tls),
    (Upgrade::CloseAfterTls, TunnelError::Closed),
    (Upgrade::StallAfterRequest, TunnelError::Unreachable),
    (Upgrade::Answer(""), TunnelError::Closed),
    (Upgrade::Answer(HALF_AN_ANSWER), TunnelError::Closed),
    (Upgrade::AnswerAndStall(HALF_AN_ANSWER), TunnelError::Unreachable),
    (Upgrade::Answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), TunnelError::Http(404)),
    (Upgrade::Answer("HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops"), TunnelError::Http(500)),
    (Upgrade::Answer("HTTP/1.1 409 Conflict\r\n\r\n"), TunnelError::Http(409)),
    (Upgrade::Answer("HTTP/1.1 410 Gone\r\n\r\n"), TunnelError::Http(410)),
    (Upgrade::Answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), TunnelError::Http(200)),
    (Upgrade::Answer("HTTP/1.1 302 Found\r\nLocation: wss://127.0.0.1:1/\r\n\r\n"), TunnelError::Http(302)),
    (Upgrade::Answer("\0\0\0\0 nonsense \r\n\r\n"), TunnelError::Protocol),
    (Upgrade::EndlessHeaders, TunnelError::Protocol),
    (Upgrade::WrongAccept, TunnelError::Protocol),
    (Upgrade::Headers("X-caBLE-Routing-ID: 010203"), TunnelError::Protocol),
    (Upgrade::Headers("Sec-WebSocket-Protocol: chat\nX-caBLE-Routing-ID: 010203"), TunnelError::Protocol),
];

/// What only a phone minds.
const ROUTING_IDS: &[&str] = &[
    "Sec-WebSocket-Protocol: fido.cable",
    "Sec-WebSocket-Protocol: fido.cable\nX-caBLE-Routing-ID:",
    "Sec-WebSocket-Protocol: fido.cable\nX-caBLE-Routing-ID: 01020",
    "Sec-WebSocket-Protocol: fido.cable\nX-caBLE-Routing-ID: 01020304",
    "Sec-WebSocket-Protocol: fido.cable\nX-caBLE-Routing-ID: zzzzzz",
    "Sec-WebSocket-Protocol: fido.cable\nX-caBLE-Routing-ID: +10203",
];

/// A phone that gets no tunnel was not heard by anybody: the code on the screen is still good.
#[tokio::test]
async fn a_tunnel_that_does_not_open_for_the_phone() {
    let stage = Stage::new().await;
    let own = stage.register().await;
    let routing_ids = ROUTING_IDS.iter().map(|headers| (Upgrade::Headers(headers), TunnelError::NoRoutingId));
    for (seed, (upgrade, expected)) in (0..).zip(UPGRADES.iter().copied().chain(routing_ids)) {
        let before = stage.list();
        let mut computer = Hand::show(&stage, seed);
        stage.steps.forget();
        stage.phone_leg.plan(Plan::Upgrade(upgrade));
        let cancel = Cancel::new();
        let code = [computer.code.clone()];
        let approving = answer_code(&stage.phone, &code, &cancel);
        let outcome = if expected == TunnelError::Unreachable {
            stage.in_time(approving).await
        } else {
            approving.await
        };
        let error = outcome.unwrap_err();
        assert!(matches!(error, PhoneError::Tunnel(found) if found == expected), "{upgrade:?}: {error:?}");
        assert_eq!(error.id(), ErrorId::HybridTunnelFailed);
        assert!(!stage.steps.has(Step::Advertising), "{upgrade:?}");
        assert!(stage.list() == before, "{upgrade:?}");

        // The same code again.
        let (answer, ()) = tokio::join!(answer_code(&stage.phone, &code, &cancel), async {
            computer.connect(&stage).await;
            let (_, pending) = stage.assertion(&[&own]);
            assert_eq!(computer.ask(&pending.request).await[0], 0, "{upgrade:?}");
            computer.shut_down().await;
        });
        assert_eq!(answer.unwrap().error, None);
    }
}

/// The phone has advertised and cannot know what became of the computer.
#[tokio::test]
async fn a_tunnel_that_does_not_open_for_the_computer() {
    let mut stage = Stage::new().await;
    let own = stage.register().await;
    for &(upgrade, expected) in UPGRADES {
        if expected == TunnelError::Unreachable {
            stage.computer.patience = Duration::from_millis(1500);
        }
        let before = stage.list();
        let (_, pending) = stage.creation(&stage.new_user());
        stage.computer_leg.plan(Plan::Upgrade(upgrade));
        let outcome = {
            let mut ears = stage.air.listen();
            let meeting = stage.meet(pending.request, &mut ears);
            tokio::select! {
                biased;
                outcome = meeting => outcome,
                () = async {
                    stage.computer_leg.fired().await;
                    stage.pass_time().await;
                } => unreachable!(),
            }
        };
        assert!(matches!(outcome.phone, Err(PhoneError::NotNearby)), "{upgrade:?}: {outcome:?}");
        match outcome.computer {
            Some(Err(ComputerError::Tunnel(found))) => assert_eq!(found, expected, "{upgrade:?}"),
            other => panic!("{upgrade:?}: {other:?}"),
        }
        assert!(stage.list() == before);
        stage.computer.patience = Duration::from_secs(60);
        stage.sign_in(&own).await;
    }
}
