use ciborium::value::Value;

use super::*;
use crate::cbor::CborError;
use crate::testing::{Message, bytes, cbor, hex, map, text};

fn response(attestation: AttestationStatement) -> MakeCredentialResponse {
    MakeCredentialResponse { attestation, auth_data: vec![0xAD; 3], prf: None }
}

fn packed() -> AttestationStatement {
    AttestationStatement::PackedSelf { algorithm: Algorithm::ES256, signature: vec![0x30, 0x00] }
}

#[test]
fn none_has_an_empty_statement() {
    let response = response(AttestationStatement::None);
    let encoded = hex("a3 01 646e6f6e65 02 43adadad 03 a0");
    assert_eq!(response.encode(), encoded);
    assert_eq!(MakeCredentialResponse::decode(&encoded), Ok(response));
}

#[test]
fn packed_has_algorithm_and_signature() {
    let response = response(packed());
    let encoded = hex("a3 01 667061636b6564 02 43adadad 03 a2 63616c67 26 63736967 423000");
    assert_eq!(response.encode(), encoded);
    assert_eq!(MakeCredentialResponse::decode(&encoded), Ok(response));
}

#[test]
fn the_attestation_object_is_canonical() {
    let fmt = |name| (text("fmt"), text(name));
    let auth_data = || (text("authData"), bytes([0xAD; 3]));
    let statement = map([("alg", (-7).into()), ("sig", bytes([0x30, 0x00]))]);
    assert_eq!(
        response(packed()).attestation_object(),
        cbor(&Value::Map(vec![fmt("packed"), (text("attStmt"), statement), auth_data()]))
    );
    let object = response(AttestationStatement::None).attestation_object();
    assert_eq!(
        object,
        cbor(&Value::Map(vec![fmt("none"), (text("attStmt"), Value::Map(vec![])), auth_data()]))
    );
    assert!(Item::parse(&object).is_ok());
}

#[test]
fn an_attestation_object_reads_as_it_was_written() {
    for attestation in [packed(), AttestationStatement::None] {
        let response = response(attestation);
        let object = response.attestation_object();
        assert_eq!(MakeCredentialResponse::from_attestation_object(&object), Ok(response));
    }
    for missing in ["fmt", "attStmt", "authData"] {
        let members = [("fmt", text("none")), ("attStmt", map([])), ("authData", bytes([0xAD; 3]))];
        let rest: Vec<_> = members.into_iter().filter(|(name, _)| *name != missing).collect();
        let object = cbor(&Value::Map(rest.into_iter().map(|(name, value)| (text(name), value)).collect()));
        let read = MakeCredentialResponse::from_attestation_object(&object);
        assert_eq!(read.map(|_| ()), Err(DecodeError::MissingParameter(missing)));
    }
}

fn message(format: &str, statement: Value) -> Message {
    Message::new([(1, text(format)), (2, bytes([0xAD; 3])), (3, statement)])
}

#[test]
fn other_formats_are_passed_on_unread() {
    let certificate = ("x5c", Value::Array(vec![bytes([0x30])]));
    for (format, statement) in [
        ("packed", map([("alg", (-7).into()), ("sig", bytes([0x30])), certificate.clone()])),
        ("fido-u2f", map([("sig", bytes([0x30])), certificate])),
        ("apple", map([])),
        ("", map([])),
    ] {
        let encoded = message(format, statement.clone()).encode();
        let response = MakeCredentialResponse::decode(&encoded).unwrap();
        let expected = AttestationStatement::Other { format: format.to_owned(), statement: cbor(&statement) };
        assert_eq!(response.attestation, expected);
        assert_eq!(response.encode(), encoded);
        assert!(Item::parse(&response.attestation_object()).is_ok());
    }
}

#[test]
fn a_none_statement_may_be_absent() {
    let message = message("none", map([])).without(3);
    let decoded = MakeCredentialResponse::decode(&message.encode());
    assert_eq!(decoded, Ok(response(AttestationStatement::None)));
}

#[test]
fn unknown_members_are_passed_over() {
    let message = message("none", map([])).with(4, false.into()).with(6, map([("other", map([]))]));
    assert!(MakeCredentialResponse::decode(&message.encode()).is_ok());
}

#[test]
fn refuses_broken_answers() {
    let unexpected = DecodeError::Cbor(CborError::UnexpectedType);
    let good = message("packed", map([("alg", (-7).into()), ("sig", bytes([1]))]));
    assert!(MakeCredentialResponse::decode(&good.encode()).is_ok());
    for (message, error) in [
        (good.without(1), DecodeError::MissingParameter("fmt")),
        (good.without(2), DecodeError::MissingParameter("authData")),
        (good.without(3), DecodeError::MissingParameter("attStmt")),
        (good.with(1, 1.into()), unexpected),
        (good.with(2, text("a")), unexpected),
        (good.with(3, bytes([])), unexpected),
        (good.with(3, map([("alg", text("x")), ("sig", bytes([1]))])), unexpected),
        (
            good.with(3, map([("alg", (-7).into()), ("gis", bytes([1]))])),
            DecodeError::MissingMember("attStmt.sig"),
        ),
        (message("none", map([("alg", (-7).into())])), DecodeError::InvalidValue("attStmt")),
    ] {
        assert_eq!(MakeCredentialResponse::decode(&message.encode()), Err(error));
    }
    assert_eq!(MakeCredentialResponse::decode(&[]), Err(CborError::Truncated.into()));
}
