use latchkey_ctap::{Algorithm, AttestationFormat};

use super::*;
use crate::Policy;
use crate::fixture::Phone;

#[test]
fn over_hybrid_it_is_what_every_client_takes() {
    let info = Phone::new().authenticator.get_info(Profile::Hybrid);
    assert_eq!(info.versions, ["FIDO_2_0", "FIDO_2_1"]);
    assert_eq!(info.extensions, ["prf", "credProtect"]);
    assert_eq!(info.aaguid, Policy::default().aaguid);
    assert_eq!((info.option("rk"), info.option("uv")), (Some(true), Some(true)));
    assert_eq!(info.options.len(), 2, "no plat, no clientPin, no pinUvAuthToken");
    assert_eq!(info.max_msg_size, Some(8192));
    assert_eq!(info.max_credential_count_in_list, Some(64));
    assert_eq!(info.transports, ["internal", "hybrid"]);
    assert_eq!(info.algorithms, [Algorithm::ES256, Algorithm::EDDSA]);
    assert_eq!(info.attestation_formats, ["packed", "none"]);
}

#[test]
fn on_the_device_it_is_a_platform_authenticator() {
    let info = Phone::new().authenticator.get_info(Profile::Provider);
    assert_eq!(info.option("plat"), Some(true));
}

#[test]
fn uv_is_listed_as_false_while_nobody_can_be_verified() {
    let phone = Phone::new().without_verification();
    assert_eq!(phone.authenticator.get_info(Profile::Hybrid).option("uv"), Some(false));
}

#[test]
fn it_follows_the_policy() {
    let policy = Policy {
        attestation_formats: vec![AttestationFormat::None],
        max_message_size: 2048,
        max_credentials_in_list: 8,
        aaguid: [7; 16],
        ..Policy::default()
    };
    let info = Phone::with_policy(policy).authenticator.get_info(Profile::Provider);
    assert_eq!(info.attestation_formats, ["none"]);
    assert_eq!((info.max_msg_size, info.max_credential_count_in_list), (Some(2048), Some(8)));
    assert_eq!(info.aaguid, [7; 16]);
}
