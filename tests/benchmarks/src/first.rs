//! The first sign-in of a new process, which is what an extension of the operating system does: it is
//! started, opens the vault, signs once and is gone. Nothing is warm but the disk's pages.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use latchkey_authenticator::ports::{Consent, GateError, Prompt, UserGate, UserVerification};
use latchkey_authenticator::{Cancel, Profile};
use latchkey_ctap::AttestationFormat;
use latchkey_simulator::ports::{AutomaticGate, Choice};

use crate::bare;
use crate::passkeys::{self, Folder, Named};
use crate::process;
use crate::report::Line;
use crate::rounds::{Group, timed};

const PASSKEYS: u32 = 10_000;

pub(crate) fn measure(folder: &Folder) -> Vec<Line> {
    // The steps find the vault where it is put here.
    folder.vault(PASSKEYS, "first");
    let mut group = Group::default();
    let mut add = |what: &str, step: &'static str| {
        group.add(what, move || Duration::from_nanos(process::figure_of(step)))
    };
    let signature = add("first bare signature", "first-signature");
    add("first bare signature, p256 0.13", "first-old-signature");
    let opened = add("vault opened, first get_assertion, answered at once", "first-sign-in");
    let asked = add("the same, from the person's yes on", "first-answer");
    #[cfg(feature = "passkey-rs")]
    let other = add("first passkey-rs 0.6 get_assertion, one passkey in memory", "first-passkey-rs");
    group.compare(opened, signature, None);
    group.compare(asked, signature, None);
    #[cfg(feature = "passkey-rs")]
    {
        group.compare(opened, other, None);
        group.compare(asked, other, None);
    }
    group.measure(Duration::from_secs(4))
}

/// How long a step takes in this process, in nanoseconds; nothing for a step that is not one of these.
pub(crate) fn step(name: &str) -> Option<u64> {
    let time = match name {
        "first-signature" => {
            let scalar = bare::fixed_scalar();
            timed(|| bare::signature(&scalar))
        }
        "first-old-signature" => crate::curve::first_old_signature(),
        "first-sign-in" => {
            let (start, answered) = sign_in(Arc::new(AutomaticGate(Choice::Approve)));
            answered - start
        }
        "first-answer" => {
            let person = Arc::new(Person::default());
            let (_, answered) = sign_in(person.clone());
            answered - *person.agreed.get().unwrap()
        }
        #[cfg(feature = "passkey-rs")]
        "first-passkey-rs" => crate::passkey_rs::PasskeyRs::with_one_passkey().get_assertion(),
        _ => return None,
    };
    u64::try_from(time.as_nanos()).ok()
}

/// Opens the vault and signs in: when that began and when the answer was there.
fn sign_in(gate: Arc<dyn UserGate>) -> (Instant, Instant) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let folder = Folder::open();
    let path = folder.path().join(format!("vault-{PASSKEYS}-first.sqlite"));
    let request = passkeys::get_request(PASSKEYS / 2, Named::Discoverable);
    let start = Instant::now();
    let vault = folder.open_vault(&path).into();
    let authenticator = passkeys::authenticator_asking(gate, &vault, &folder, AttestationFormat::None);
    let cancel = Cancel::new();
    let answer = runtime.block_on(authenticator.handle(Profile::Hybrid, &request, &cancel));
    let answered = Instant::now();
    assert_eq!(answer.first(), Some(&0x00), "refused");
    (start, answered)
}

/// Looks at the prompt for a moment, a very short one, and agrees.
#[derive(Default)]
struct Person {
    agreed: OnceLock<Instant>,
}

#[async_trait]
impl UserGate for Person {
    fn user_verification(&self) -> UserVerification {
        UserVerification::Configured
    }

    async fn ask(&self, prompt: Prompt) -> Result<Consent, GateError> {
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.agreed.set(Instant::now()).unwrap();
        Ok(Consent { verified: prompt.verify, account: 0 })
    }
}
