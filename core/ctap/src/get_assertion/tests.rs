use super::*;
use crate::cbor::CborError;
use crate::testing::{Message, bytes, hex, map, text};

fn response() -> GetAssertionResponse {
    GetAssertionResponse {
        credential_id: vec![0xC1],
        auth_data: vec![0xAD],
        signature: vec![0x51],
        user: None,
        number_of_credentials: None,
        user_selected: false,
        prf: None,
    }
}

fn user() -> User {
    User { id: vec![1], name: None, display_name: None }
}

const START: &str = "01 a2 626964 41c1 6474797065 6a7075626c69632d6b6579 02 41ad 03 4151";

#[test]
fn answers_are_canonical() {
    let named = User { name: Some(String::new()), display_name: Some("d".into()), ..user() };
    for (response, encoded) in [
        (response(), format!("a3 {START}")),
        (GetAssertionResponse { user: Some(user()), ..response() }, format!("a4 {START} 04 a1 626964 4101")),
        (
            GetAssertionResponse {
                user: Some(named),
                number_of_credentials: Some(300),
                user_selected: true,
                ..response()
            },
            format!(
                "a6 {START} 04 a3 626964 4101 646e616d65 60 6b646973706c61794e616d65 6164 05 19012c 06 f5"
            ),
        ),
    ] {
        let encoded = hex(&encoded);
        assert_eq!(response.encode(), encoded);
        assert_eq!(GetAssertionResponse::decode(&encoded, &[]), Ok(response));
    }
}

fn message() -> Message {
    Message::new([
        (1, map([("id", bytes([0xC1])), ("type", text("public-key"))])),
        (2, bytes([0xAD])),
        (3, bytes([0x51])),
    ])
}

#[test]
fn the_credential_may_be_absent_after_a_list_of_one() {
    let without = message().without(1).encode();
    let [a, b] = [0xA1, 0xB1].map(|byte| CredentialDescriptor { id: vec![byte] });
    let decoded = GetAssertionResponse::decode(&without, std::slice::from_ref(&a)).unwrap();
    assert_eq!(decoded, GetAssertionResponse { credential_id: vec![0xA1], ..response() });
    let missing = Err(DecodeError::MissingParameter("credential"));
    assert_eq!(GetAssertionResponse::decode(&without, &[]), missing);
    assert_eq!(GetAssertionResponse::decode(&without, &[a.clone(), b]), missing);
    // What the authenticator says comes first.
    assert_eq!(GetAssertionResponse::decode(&message().encode(), &[a]), Ok(response()));
}

#[test]
fn unknown_members_are_passed_over() {
    let message = message().with(6, false.into()).with(7, bytes([0; 32])).with(8, map([]));
    assert_eq!(GetAssertionResponse::decode(&message.encode(), &[]), Ok(response()));
}

#[test]
fn refuses_broken_answers() {
    let unexpected = DecodeError::Cbor(CborError::UnexpectedType);
    for (message, error) in [
        (message().without(2), DecodeError::MissingParameter("authData")),
        (message().without(3), DecodeError::MissingParameter("signature")),
        (message().with(1, map([("type", text("public-key"))])), DecodeError::MissingMember("descriptor.id")),
        (message().with(1, map([("id", bytes([1]))])), DecodeError::MissingMember("descriptor.type")),
        (
            message().with(1, map([("id", bytes([1])), ("type", text("rot13"))])),
            DecodeError::InvalidValue("credential.type"),
        ),
        (message().with(2, text("")), unexpected),
        (message().with(3, text("")), unexpected),
        (message().with(4, map([])), DecodeError::MissingMember("user.id")),
        (message().with(4, map([("id", bytes([]))])), DecodeError::InvalidValue("user.id")),
        (message().with(5, u64::MAX.into()), DecodeError::InvalidValue("numberOfCredentials")),
        (message().with(5, (-1).into()), unexpected),
        (message().with(6, 1.into()), unexpected),
    ] {
        assert_eq!(GetAssertionResponse::decode(&message.encode(), &[]), Err(error));
    }
}

#[test]
fn debug_shows_no_personal_data() {
    assert_eq!(format!("{:?}", response()), "GetAssertionResponse(redacted)");
    assert_eq!(format!("{:?}", user()), "User(redacted)");
}
