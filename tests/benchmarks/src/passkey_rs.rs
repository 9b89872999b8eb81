//! The same sign-in by passkey-rs, an authenticator that others wrote: from CTAP bytes to CTAP bytes, with
//! its default cryptography, one passkey in memory and a person who approves at once.

use std::time::Duration;

use async_trait::async_trait;
use passkey_authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey_crypto::AvailableBackend;
use passkey_types::Passkey;
use passkey_types::ctap2::{Aaguid, Ctap2Error, get_assertion, make_credential};

use crate::passkeys::{self, Named};
use crate::rounds::timed;

pub(crate) struct PasskeyRs {
    authenticator: Authenticator<Option<Passkey>, Approves, AvailableBackend>,
    request: Vec<u8>,
}

impl PasskeyRs {
    pub(crate) fn with_one_passkey() -> Self {
        let mut authenticator = Authenticator::new(Aaguid::new_empty(), None, Approves, AvailableBackend);
        let make = passkeys::make_request();
        let request: make_credential::Request = ciborium::from_reader(&make[1..]).unwrap();
        passkeys::now(authenticator.make_credential(request)).unwrap();
        PasskeyRs { authenticator, request: passkeys::get_request(0, Named::Discoverable) }
    }

    pub(crate) fn get_assertion(&mut self) -> Duration {
        timed(|| {
            let request: get_assertion::Request = ciborium::from_reader(&self.request[1..]).unwrap();
            let response = passkeys::now(self.authenticator.get_assertion(request)).unwrap();
            let mut answer = vec![0x00];
            ciborium::into_writer(&response, &mut answer).unwrap();
            answer
        })
    }
}

struct Approves;

#[async_trait]
impl UserValidationMethod for Approves {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _: UiHint<'a, Passkey>,
        presence: bool,
        verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}
