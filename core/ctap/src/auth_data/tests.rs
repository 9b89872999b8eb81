use super::*;
use crate::cbor::CborError;
use crate::testing::hex;

fn assertion() -> AuthenticatorData {
    AuthenticatorData {
        rp_id_hash: [0xAB; 32],
        flags: Flags(0x1D),
        sign_count: 0x0102_0304,
        attested_credential: None,
        cred_protect: None,
    }
}

fn registration() -> AuthenticatorData {
    AuthenticatorData {
        flags: Flags(0x05),
        attested_credential: Some(AttestedCredentialData {
            aaguid: [0xCC; 16],
            credential_id: vec![0xDD; 32],
            public_key: PublicKey::Es256 { x: [1; 32], y: [2; 32] },
        }),
        ..assertion()
    }
}

#[test]
fn an_assertion_is_37_bytes() {
    let bytes = assertion().encode();
    assert_eq!(bytes, [vec![0xAB; 32], hex("1d 01020304")].concat());
    assert_eq!(AuthenticatorData::decode(&bytes), Ok(assertion()));
}

#[test]
fn a_registration_carries_the_credential() {
    let bytes = registration().encode();
    let expected = [
        vec![0xAB; 32],
        hex("45 01020304"),
        vec![0xCC; 16],
        hex("0020"),
        vec![0xDD; 32],
        PublicKey::Es256 { x: [1; 32], y: [2; 32] }.to_cose(),
    ];
    assert_eq!(bytes, expected.concat());
    assert_eq!(AuthenticatorData::decode(&bytes), Ok(registration()));
}

#[test]
fn cred_protect_follows_the_key() {
    for level in
        [CredProtect::UvOptional, CredProtect::UvOptionalWithCredentialIdList, CredProtect::UvRequired]
    {
        let data = AuthenticatorData { cred_protect: Some(level), ..registration() };
        let bytes = data.encode();
        assert_eq!(bytes[32], 0xC5);
        let output = [hex("a1 6b"), b"credProtect".to_vec(), vec![level as u8]].concat();
        assert!(bytes.ends_with(&output));
        assert_eq!(AuthenticatorData::decode(&bytes), Ok(data));
    }
}

#[test]
fn flags_follow_the_content() {
    let data = AuthenticatorData { flags: Flags(0xC5), ..assertion() };
    assert_eq!(data.encode()[32], 0x05);
}

#[test]
fn unknown_extension_outputs_are_passed_over() {
    let bytes = [vec![0xAB; 32], hex("81 00000000 a1 6b 686d61632d736563726574 f5")].concat();
    let data = AuthenticatorData::decode(&bytes).unwrap();
    assert_eq!(data.flags, Flags::UP);
    assert_eq!(data.cred_protect, None);
}

#[test]
fn every_length_but_the_right_one_is_refused() {
    let data = AuthenticatorData { cred_protect: Some(CredProtect::UvRequired), ..registration() };
    for data in [assertion(), registration(), data] {
        let bytes = data.encode();
        for length in 0..bytes.len() {
            let error = AuthenticatorData::decode(&bytes[..length]).unwrap_err();
            assert!(
                matches!(
                    error,
                    DecodeError::AuthenticatorDataTruncated | DecodeError::Cbor(CborError::Truncated)
                ),
                "{length}: {error:?}"
            );
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(AuthenticatorData::decode(&longer), Err(DecodeError::AuthenticatorDataTrailing));
    }
}

#[test]
fn flags_must_fit_the_content() {
    let mut bytes = registration().encode();
    bytes[32] &= !0x40;
    assert_eq!(AuthenticatorData::decode(&bytes), Err(DecodeError::AuthenticatorDataTrailing));
    let mut bytes = assertion().encode();
    bytes[32] |= 0x40;
    assert_eq!(AuthenticatorData::decode(&bytes), Err(DecodeError::AuthenticatorDataTruncated));
    let mut bytes = assertion().encode();
    bytes[32] |= 0x80;
    assert_eq!(AuthenticatorData::decode(&bytes), Err(DecodeError::AuthenticatorDataTruncated));
}

#[test]
fn a_backup_of_what_cannot_be_backed_up_is_refused() {
    for flags in 0..=0x3F {
        let data = AuthenticatorData { flags: Flags(flags), ..assertion() };
        let backed_up_only = flags & 0x18 == 0x10;
        assert_eq!(AuthenticatorData::decode(&data.encode()).is_err(), backed_up_only, "{flags:02x}");
    }
}

#[test]
fn credential_ids_are_1_to_1023_bytes() {
    for (length, good) in
        [(0, false), (1, true), (1023, true), (1024, false), (65535, false), (65536, false), (70_000, false)]
    {
        let mut data = registration();
        data.attested_credential.as_mut().unwrap().credential_id = vec![7; length];
        let decoded = AuthenticatorData::decode(&data.encode());
        let expected = if good { Ok(data) } else { Err(DecodeError::InvalidValue("credentialIdLength")) };
        assert_eq!(decoded, expected, "{length}");
    }
}

#[test]
fn extension_outputs_are_a_canonical_map() {
    for (output, error) in [
        ("80", CborError::UnexpectedType.into()),
        ("a161", CborError::Truncated.into()),
        ("a2616200616100", CborError::KeyOrder.into()),
        ("bfff", CborError::Indefinite.into()),
        ("a16b6372656450726f746563740 4", DecodeError::InvalidValue("credProtect")),
        ("a16b6372656450726f7465637400", DecodeError::InvalidValue("credProtect")),
        ("a16b6372656450726f74656374f5", CborError::UnexpectedType.into()),
    ] {
        let bytes = [vec![0; 32], hex("81 00000000"), hex(output)].concat();
        assert_eq!(AuthenticatorData::decode(&bytes), Err(error), "{output}");
    }
}

#[test]
fn debug_shows_no_content() {
    assert_eq!(format!("{:?}", registration()), "AuthenticatorData(redacted)");
}
