//! The same sign-in by passkey-rs, an authenticator that others wrote: from CTAP bytes to CTAP bytes, with
//! its default cryptography, one passkey in memory and a person who approves at once.

use std::time::Duration;

use async_trait::async_trait;
use passkey_authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey_crypto::AvailableBackend;
use passkey_crypto::coset::{CoseKeyBuilder, iana};
use passkey_types::ctap2::{Aaguid, Ctap2Error, get_assertion};
use passkey_types::{CredentialExtensions, Passkey};

use crate::passkeys::{self, Named};
use crate::rounds::timed;

pub(crate) struct PasskeyRs {
    authenticator: Authenticator<Option<Passkey>, Approves, AvailableBackend>,
    request: Vec<u8>,
}

impl PasskeyRs {
    /// The key is put together from its parts: making it would warm up what the first sign-in of a process
    /// finds cold.
    pub(crate) fn with_one_passkey() -> Self {
        let (x, y, d) = (vec![8; 32], vec![9; 32], vec![7; 32]);
        let key = CoseKeyBuilder::new_ec2_priv_key(iana::EllipticCurve::P_256, x, y, d)
            .algorithm(iana::Algorithm::ES256)
            .build();
        let passkey = Passkey {
            key,
            credential_id: vec![7; 32].into(),
            rp_id: passkeys::rp_id(0),
            user_handle: Some(vec![7; 32].into()),
            username: Some("ada.lovelace@example.com".to_owned()),
            user_display_name: Some("Ada Lovelace".to_owned()),
            counter: None,
            extensions: CredentialExtensions::default(),
        };
        PasskeyRs {
            authenticator: Authenticator::new(Aaguid::new_empty(), Some(passkey), Approves, AvailableBackend),
            request: passkeys::get_request(0, Named::Discoverable),
        }
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
