use ciborium::value::Value;

use super::*;
use crate::testing::{Message, array, bytes, hex, map, text};
use crate::{GetAssertionResponse, MakeCredentialResponse, Request, Status};

fn values(first: u8, second: Option<u8>) -> PrfValues {
    PrfValues { first: [first; 32], second: second.map(|byte| [byte; 32]) }
}

fn salts(first: u8) -> Value {
    map([("first", bytes([first; 32]))])
}

fn make_credential(prf: Value) -> Message {
    Message::new([
        (1, bytes([7; 32])),
        (2, map([("id", text("example.com"))])),
        (3, map([("id", bytes([1]))])),
        (4, array([])),
        (6, map([("prf", prf)])),
    ])
}

fn get_assertion(prf: Value) -> Message {
    Message::new([(1, text("example.com")), (2, bytes([7; 32])), (4, map([("prf", prf)]))])
}

fn registration(prf: Value) -> Result<Option<PrfRegistration>, Status> {
    match Request::decode(&make_credential(prf).request(0x01))? {
        Request::MakeCredential(request) => Ok(request.prf),
        other => panic!("{other:?}"),
    }
}

fn assertion(prf: Value) -> Result<Option<PrfAssertion>, Status> {
    match Request::decode(&get_assertion(prf).request(0x02))? {
        Request::GetAssertion(request) => Ok(request.prf),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_registration_asks_for_support_or_for_outputs() {
    assert_eq!(registration(map([])), Ok(Some(PrfRegistration { eval: None })));
    let eval = Some(values(1, None));
    assert_eq!(registration(map([("eval", salts(1))])), Ok(Some(PrfRegistration { eval })));
    let both = map([("first", bytes([1; 32])), ("second", bytes([2; 32]))]);
    let eval = Some(values(1, Some(2)));
    assert_eq!(registration(map([("eval", both)])), Ok(Some(PrfRegistration { eval })));
}

#[test]
fn an_assertion_has_salts_by_credential() {
    assert_eq!(assertion(map([])), Ok(Some(PrfAssertion::default())));
    let by_credential = Value::Map(vec![(bytes([]), salts(2)), (bytes([0xC1; 32]), salts(3))]);
    let input = assertion(map([("eval", salts(1)), ("evalByCredential", by_credential)])).unwrap().unwrap();
    assert_eq!(input.salts(&[0xC1; 32]), Some(&values(3, None)));
    assert_eq!(input.salts(&[]), Some(&values(2, None)));
    assert_eq!(input.salts(&[0xC1; 31]), Some(&values(1, None)));
    assert_eq!(PrfAssertion { eval: None, ..input }.salts(&[0xC1; 31]), None);
}

#[test]
fn requests_are_canonical() {
    let [one, two] = ["01", "02"].map(|byte| format!("5820 {}", byte.repeat(32)));
    let prf = PrfRegistration { eval: Some(values(1, Some(2))) };
    let mut out = Writer::new();
    prf.write(&mut out);
    assert_eq!(out.finish(), hex(&format!("a1 646576616c a2 656669727374 {one} 667365636f6e64 {two}")));

    // Sorted by length, then bytes; the first of an ID counts.
    let prf = PrfAssertion {
        eval: Some(values(1, None)),
        eval_by_credential: vec![
            (vec![9, 9], values(1, None)),
            (vec![0xFF], values(2, None)),
            (vec![0xFF], values(3, None)),
            (vec![9, 8], values(1, None)),
        ],
    };
    let mut out = Writer::new();
    prf.write(&mut out);
    let by_credential =
        format!("a3 41ff a1 656669727374 {two} 420908 a1 656669727374 {one} 420909 a1 656669727374 {one}");
    let expected =
        format!("a2 646576616c a1 656669727374 {one} 706576616c427943726564656e7469616c {by_credential}");
    assert_eq!(out.finish(), hex(&expected));
}

#[test]
fn both_extensions_of_a_registration_are_in_canonical_order() {
    let message = make_credential(map([])).with(6, map([("prf", map([])), ("credProtect", 2.into())]));
    let request = Request::decode(&message.request(0x01)).unwrap();
    assert_eq!(request.encode(), message.request(0x01));
    let swapped = make_credential(map([])).with(6, map([("credProtect", 2.into()), ("prf", map([]))]));
    assert_eq!(Request::decode(&swapped.request(0x01)), Err(Status::INVALID_CBOR));
}

#[test]
fn wrong_shapes_are_refused() {
    let unexpected = Status::CBOR_UNEXPECTED_TYPE;
    let invalid = Status::INVALID_PARAMETER;
    let value = |value: Value| map([("first", value)]);
    let shapes = [
        (true.into(), unexpected),
        (bytes([1; 32]), unexpected),
        (map([("eval", Value::Null)]), unexpected),
        (map([("eval", bytes([1; 32]))]), unexpected),
        (map([("eval", map([]))]), unexpected),
        (map([("eval", map([("second", bytes([1; 32]))]))]), unexpected),
        (map([("eval", value(text("salt")))]), unexpected),
        (map([("eval", value(array([])))]), unexpected),
        (map([("eval", value(bytes([])))]), invalid),
        (map([("eval", value(bytes([1; 31])))]), invalid),
        (map([("eval", value(bytes([1; 33])))]), invalid),
        (map([("eval", value(bytes([1; 64])))]), invalid),
        (map([("eval", map([("first", bytes([1; 32])), ("second", bytes([1; 31]))]))]), invalid),
    ];
    for (prf, status) in &shapes {
        assert_eq!(registration(prf.clone()), Err(*status), "{prf:?}");
        assert_eq!(assertion(prf.clone()), Err(*status), "{prf:?}");
    }
    let of = |key: Value, salts: Value| map([("evalByCredential", Value::Map(vec![(key, salts)]))]);
    for (prf, status) in [
        (map([("evalByCredential", array([]))]), unexpected),
        (of(text("id"), salts(1)), unexpected),
        (of(1.into(), salts(1)), unexpected),
        (of(bytes([1]), map([])), unexpected),
        (of(bytes([1]), bytes([1; 32])), unexpected),
        (of(bytes([1]), value(bytes([1; 16]))), invalid),
    ] {
        assert_eq!(assertion(prf.clone()), Err(status), "{prf:?}");
        // Not of a registration: passed over there, as any other unknown member.
        assert_eq!(registration(prf), Ok(Some(PrfRegistration::default())));
    }
}

#[test]
fn nothing_nests_deeper_than_salts_by_credential() {
    let deepest = Value::Map(vec![(bytes([1]), salts(1))]);
    assert!(assertion(map([("evalByCredential", deepest)])).is_ok());
    let deeper = Value::Map(vec![(bytes([1]), map([("first", map([]))]))]);
    assert_eq!(assertion(map([("evalByCredential", deeper)])), Err(Status::INVALID_CBOR));
}

#[test]
fn answers_are_canonical() {
    let [one, two] = ["01", "02"].map(|byte| format!("5820 {}", byte.repeat(32)));
    let start = "01 646e6f6e65 02 41ad 03 a0";
    for (output, encoded) in [
        (None, format!("a3 {start}")),
        (
            Some(PrfRegistrationOutput { enabled: true, results: None }),
            format!("a4 {start} 06 a1 63707266 a1 67656e61626c6564 f5"),
        ),
        (
            Some(PrfRegistrationOutput { enabled: true, results: Some(values(1, Some(2))) }),
            format!(
                "a4 {start} 06 a1 63707266 a2 67656e61626c6564 f5 67726573756c7473
                 a2 656669727374 {one} 667365636f6e64 {two}"
            ),
        ),
    ] {
        let response = MakeCredentialResponse {
            attestation: crate::AttestationStatement::None,
            auth_data: vec![0xAD],
            prf: output,
        };
        assert_eq!(response.encode(), hex(&encoded));
        assert_eq!(MakeCredentialResponse::decode(&hex(&encoded)), Ok(response));
    }

    let start = "01 a2 626964 41c1 6474797065 6a7075626c69632d6b6579 02 41ad 03 4151";
    for (results, encoded) in [
        (None, format!("a3 {start}")),
        (
            Some(values(1, None)),
            format!("a4 {start} 08 a1 63707266 a1 67726573756c7473 a1 656669727374 {one}"),
        ),
    ] {
        let response = GetAssertionResponse {
            credential_id: vec![0xC1],
            auth_data: vec![0xAD],
            signature: vec![0x51],
            user: None,
            number_of_credentials: None,
            user_selected: false,
            prf: results,
        };
        assert_eq!(response.encode(), hex(&encoded));
        assert_eq!(GetAssertionResponse::decode(&hex(&encoded), &[]), Ok(response));
    }
}

#[test]
fn broken_answers_are_refused() {
    let make = |prf: Value| {
        let none = Message::new([(1, text("none")), (2, bytes([0xAD])), (3, map([]))]);
        MakeCredentialResponse::decode(&none.with(6, map([("prf", prf)])).encode()).map(|answer| answer.prf)
    };
    assert_eq!(make(map([])), Err(DecodeError::MissingMember("prf.enabled")));
    assert!(make(map([("enabled", 1.into())])).is_err());
    assert!(make(map([("enabled", true.into()), ("results", map([]))])).is_err());
    let get = |prf: Value| {
        let credential = map([("id", bytes([1])), ("type", text("public-key"))]);
        let answer = Message::new([(1, credential), (2, bytes([0xAD])), (3, bytes([0x51]))]);
        let answer = answer.with(8, map([("prf", prf)])).encode();
        GetAssertionResponse::decode(&answer, &[]).map(|answer| answer.prf)
    };
    assert_eq!(get(map([])), Ok(None));
    assert_eq!(
        get(map([("results", map([("first", bytes([1; 31]))]))])),
        Err(DecodeError::InvalidValue("prf"))
    );
}

#[test]
fn debug_shows_no_values() {
    assert_eq!(format!("{:?}", values(1, None)), "PrfValues(redacted)");
    assert_eq!(format!("{:?}", PrfAssertion::default()), "PrfAssertion(redacted)");
    assert_eq!(format!("{:?}", PrfRegistration::default()), "PrfRegistration(redacted)");
}
