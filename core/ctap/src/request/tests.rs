use ciborium::value::Value;

use super::*;
use crate::testing::{Message, array, bytes, hex, map, text, vectors};
use crate::{Algorithm, CredProtect};

fn descriptor(id: &[u8], kind: &str) -> Value {
    map([("id", bytes(id)), ("type", text(kind))])
}

fn parameter(algorithm: i64, kind: &str) -> Value {
    map([("alg", algorithm.into()), ("type", text(kind))])
}

fn make_credential() -> Message {
    Message::new([
        (1, bytes([7; 32])),
        (2, map([("id", text("example.com"))])),
        (3, map([("id", bytes([1]))])),
        (4, array([parameter(-7, "public-key")])),
    ])
}

fn get_assertion() -> Message {
    Message::new([(1, text("example.com")), (2, bytes([7; 32]))])
}

fn decode_make_credential(message: &Message) -> Result<MakeCredentialRequest, Status> {
    match Request::decode(&message.request(0x01))? {
        Request::MakeCredential(request) => Ok(*request),
        other => panic!("{other:?}"),
    }
}

fn decode_get_assertion(message: &Message) -> Result<GetAssertionRequest, Status> {
    match Request::decode(&message.request(0x02))? {
        Request::GetAssertion(request) => Ok(*request),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_is_an_invalid_length() {
    assert_eq!(Request::decode(&[]), Err(Status::INVALID_LENGTH));
}

#[test]
fn commands_that_are_not_implemented_are_invalid() {
    let implemented = [0x01, 0x02, 0x04, 0x08, 0x0B];
    for command in 0..=u8::MAX {
        for request in [vec![command], vec![command, 0xA0]] {
            let invalid = Request::decode(&request) == Err(Status::INVALID_COMMAND);
            assert_eq!(invalid, !implemented.contains(&command), "{command:02x}");
        }
        if let Ok(known) = Command::try_from(command) {
            assert_eq!(known as u8, command);
        }
    }
}

#[test]
fn commands_without_parameters_take_none() {
    for (command, request) in
        [(0x04, Request::GetInfo), (0x08, Request::GetNextAssertion), (0x0B, Request::Selection)]
    {
        assert_eq!(request.encode(), [command]);
        assert_eq!(Request::decode(&[command]), Ok(request));
        assert_eq!(Request::decode(&[command, 0xA0]), Err(Status::INVALID_LENGTH));
        assert_eq!(Request::decode(&[command, 0x00]), Err(Status::INVALID_LENGTH));
    }
}

#[test]
fn parameters_are_one_canonical_map() {
    for command in [0x01, 0x02] {
        for (parameters, status) in [
            ("", Status::INVALID_CBOR),
            ("a1", Status::INVALID_CBOR),
            ("bfff", Status::INVALID_CBOR),
            ("a000", Status::INVALID_CBOR),
            ("a0", Status::MISSING_PARAMETER),
            ("80", Status::CBOR_UNEXPECTED_TYPE),
            ("00", Status::CBOR_UNEXPECTED_TYPE),
            ("f6", Status::CBOR_UNEXPECTED_TYPE),
        ] {
            let request = [vec![command], hex(parameters)].concat();
            assert_eq!(Request::decode(&request), Err(status), "{command:02x} {parameters}");
        }
        let good = if command == 1 { make_credential() } else { get_assertion() }.request(command);
        assert!(Request::decode(&good).is_ok());
        for length in 1..good.len() {
            assert_eq!(Request::decode(&good[..length]), Err(Status::INVALID_CBOR));
        }
        assert_eq!(Request::decode(&[&good[..], &[0]].concat()), Err(Status::INVALID_CBOR));
    }
}

#[test]
fn a_required_parameter_must_be_there() {
    for key in 1..=4 {
        let message = make_credential().without(key);
        assert_eq!(decode_make_credential(&message), Err(Status::MISSING_PARAMETER), "{key}");
    }
    for key in 1..=2 {
        let message = get_assertion().without(key);
        assert_eq!(decode_get_assertion(&message), Err(Status::MISSING_PARAMETER), "{key}");
    }
}

#[test]
fn every_parameter_has_its_type() {
    // A value of each type that CTAP knows, and which parameters it suits.
    let values: [(Value, &[u8], &[u8]); 7] = [
        (1.into(), &[0x09, 0x0A], &[0x07]),
        ((-1).into(), &[], &[]),
        (bytes([7; 32]), &[0x01, 0x08], &[0x02, 0x06]),
        (text("example.com"), &[], &[0x01]),
        (array([]), &[0x04, 0x05, 0x0B], &[0x03]),
        (Value::Map(vec![]), &[0x06, 0x07], &[0x04, 0x05]),
        (true.into(), &[], &[]),
    ];
    for (value, suits_make_credential, suits_get_assertion) in values {
        for key in 0x01..=0x0B {
            let outcome = decode_make_credential(&make_credential().with(key, value.clone())).map(drop);
            // An empty map is the right type for these two, but lacks `id`: the same status.
            let expected = match suits_make_credential.contains(&key) {
                true => Ok(()),
                false => Err(Status::CBOR_UNEXPECTED_TYPE),
            };
            assert_eq!(outcome, expected, "makeCredential {key:02x} {value:?}");
        }
        for key in 0x01..=0x07 {
            let outcome = decode_get_assertion(&get_assertion().with(key, value.clone())).map(drop);
            let expected = match suits_get_assertion.contains(&key) {
                true => Ok(()),
                false => Err(Status::CBOR_UNEXPECTED_TYPE),
            };
            assert_eq!(outcome, expected, "getAssertion {key:02x} {value:?}");
        }
    }
}

#[test]
fn client_data_hash_is_32_bytes() {
    for length in [0, 31, 33, 64] {
        let hash = bytes(vec![7; length]);
        let status = Err(Status::INVALID_PARAMETER);
        assert_eq!(decode_make_credential(&make_credential().with(1, hash.clone())).map(drop), status);
        assert_eq!(decode_get_assertion(&get_assertion().with(2, hash)).map(drop), status);
    }
}

#[test]
fn nested_members_are_required_and_typed() {
    let unexpected = Status::CBOR_UNEXPECTED_TYPE;
    for (key, value) in [
        (2, map([("name", text("n"))])),
        (2, map([("id", bytes(b"example.com"))])),
        (2, map([("id", text("example.com")), ("name", bytes(b"n"))])),
        (3, map([("name", text("n"))])),
        (3, map([("id", text("u"))])),
        (3, map([("id", bytes([1])), ("name", 1.into())])),
        (3, map([("id", bytes([1])), ("displayName", Value::Null)])),
        (4, array([text("public-key")])),
        (4, array([map([("alg", text("-7")), ("type", text("public-key"))])])),
        (4, array([map([("alg", (-7).into()), ("type", 1.into())])])),
        (4, array([parameter(-7, "public-key"), Value::Null])),
        (5, array([map([("type", text("public-key"))])])),
        (5, array([map([("id", bytes([1]))])])),
        (5, array([map([("id", text("1")), ("type", text("public-key"))])])),
        (5, array([map([("id", bytes([1])), ("type", bytes(b"public-key"))])])),
        (5, array([bytes([1])])),
        (5, array([map([("id", bytes([1])), ("type", text("public-key")), ("transports", text("usb"))])])),
        (6, map([("credProtect", text("1"))])),
        (7, map([("rk", 1.into())])),
        (7, map([("up", text("true"))])),
        (7, map([("uv", Value::Null)])),
        (0x0B, array([1.into()])),
    ] {
        let outcome = decode_make_credential(&make_credential().with(key, value.clone())).map(drop);
        assert_eq!(outcome, Err(unexpected), "{key} {value:?}");
    }
    for (key, value) in [
        (3, array([map([("type", text("public-key"))])])),
        (3, array([map([("id", bytes([1]))])])),
        (5, map([("up", 0.into())])),
    ] {
        let outcome = decode_get_assertion(&get_assertion().with(key, value.clone())).map(drop);
        assert_eq!(outcome, Err(unexpected), "{key} {value:?}");
    }
}

#[test]
fn an_algorithm_needs_its_type_and_number() {
    for entry in [map([("alg", (-7).into())]), map([("type", text("public-key"))]), Value::Map(vec![])] {
        let message = make_credential().with(4, array([parameter(-7, "public-key"), entry]));
        assert_eq!(decode_make_credential(&message), Err(Status::MISSING_PARAMETER));
    }
}

#[test]
fn values_outside_their_set_are_refused() {
    let invalid = Err(Status::INVALID_PARAMETER);
    for level in [-1, 0, 4, 255] {
        let message = make_credential().with(6, map([("credProtect", level.into())]));
        assert_eq!(decode_make_credential(&message).map(drop), invalid);
    }
    for length in [0, 65] {
        let message = make_credential().with(3, map([("id", bytes(vec![1; length]))]));
        assert_eq!(decode_make_credential(&message).map(drop), invalid);
    }
    for length in [1, 64] {
        let message = make_credential().with(3, map([("id", bytes(vec![1; length]))]));
        assert_eq!(decode_make_credential(&message).unwrap().user.id.len(), length);
    }
}

#[test]
fn unknown_things_are_passed_over() {
    let plain = decode_make_credential(&make_credential()).unwrap();
    let message = make_credential()
        .with(2, map([("id", text("example.com")), ("icon", 1.into())]))
        .with(3, map([("id", bytes([1])), ("icon", text("data:"))]))
        .with(4, array([parameter(-7, "public-key"), parameter(-8, "rot13"), map([("type", text("x"))])]))
        .with(5, array([descriptor(&[1], "rot13"), map([("type", text("x"))])]))
        .with(6, map([("unheardOf", map([("a", 1.into())]))]))
        .with(7, map([("zz", text("not a boolean"))]))
        .with(0x0C, bytes([1]))
        .with(0xFF, Value::Null);
    assert_eq!(decode_make_credential(&message), Ok(plain));

    let plain = decode_get_assertion(&get_assertion()).unwrap();
    let message = get_assertion()
        .with(4, map([("unheardOf", true.into())]))
        .with(5, map([("zz", text("not a boolean"))]))
        .with(8, array([]));
    assert_eq!(decode_get_assertion(&message), Ok(plain));

    // Keys that are not unsigned integers.
    let message = [vec![0x02], hex("a4 01 6161 02 5820"), vec![7; 32], hex("20 00 6161 00")].concat();
    assert!(Request::decode(&message).is_ok());
}

#[test]
fn all_parameters_arrive() {
    let message = make_credential()
        .with(2, map([("id", text("example.com")), ("name", text("Example"))]))
        .with(3, map([("id", bytes([1, 2])), ("name", text("n")), ("displayName", text("d"))]))
        .with(
            4,
            array([parameter(-8, "public-key"), parameter(-7, "public-key"), parameter(-8, "public-key")]),
        )
        .with(
            5,
            array([descriptor(&[3], "public-key"), descriptor(&[4], "rot13"), descriptor(&[], "public-key")]),
        )
        .with(6, map([("credProtect", 2.into())]))
        .with(7, map([("rk", true.into()), ("up", false.into()), ("uv", true.into())]))
        .with(8, bytes([]))
        .with(9, 2.into())
        .with(0x0A, 1.into())
        .with(0x0B, array([text("packed"), text(""), text("none")]));
    let request = decode_make_credential(&message).unwrap();
    assert_eq!(request.client_data_hash, [7; 32]);
    assert_eq!((request.rp.id.as_str(), request.rp.name.as_deref()), ("example.com", Some("Example")));
    assert_eq!(request.user.id, [1, 2]);
    assert_eq!(request.user.name.as_deref(), Some("n"));
    assert_eq!(request.user.display_name.as_deref(), Some("d"));
    assert_eq!(request.algorithms, [Algorithm::EDDSA, Algorithm::ES256, Algorithm::EDDSA]);
    let excluded: Vec<_> = request.exclude_list.iter().map(|entry| entry.id.as_slice()).collect();
    assert_eq!(excluded, [&[3][..], &[]]);
    assert_eq!(request.cred_protect, Some(CredProtect::UvOptionalWithCredentialIdList));
    assert_eq!(
        (request.options.rk, request.options.up, request.options.uv),
        (Some(true), Some(false), Some(true))
    );
    assert_eq!(request.pin_uv_auth_param.as_deref(), Some(&[][..]));
    assert_eq!(request.pin_uv_auth_protocol, Some(2));
    assert_eq!(request.enterprise_attestation, Some(1));
    assert_eq!(request.attestation_formats, ["packed", "none"]);

    let message = get_assertion()
        .with(3, array([descriptor(&[3], "public-key"), descriptor(&[4], "rot13")]))
        .with(5, map([("rk", false.into()), ("up", false.into()), ("uv", true.into())]))
        .with(6, bytes([5; 16]))
        .with(7, 1.into());
    let request = decode_get_assertion(&message).unwrap();
    assert_eq!(request.rp_id, "example.com");
    assert_eq!(request.client_data_hash, [7; 32]);
    let allowed = request.allow_list.unwrap();
    assert_eq!(allowed.iter().map(|entry| entry.id.as_slice()).collect::<Vec<_>>(), [[3]]);
    assert_eq!(
        (request.options.rk, request.options.up, request.options.uv),
        (Some(false), Some(false), Some(true))
    );
    assert_eq!(request.pin_uv_auth_param, Some(vec![5; 16]));
    assert_eq!(request.pin_uv_auth_protocol, Some(1));
}

#[test]
fn lists_may_be_empty_or_long() {
    let request = decode_make_credential(&make_credential().with(4, array([])).with(5, array([]))).unwrap();
    assert_eq!(request.algorithms, []);
    assert!(request.exclude_list.is_empty());
    let long = Value::Array(vec![descriptor(&[9; 64], "public-key"); 1000]);
    let request = decode_make_credential(&make_credential().with(5, long.clone())).unwrap();
    assert_eq!(request.exclude_list.len(), 1000);
    let request = decode_get_assertion(&get_assertion().with(3, long)).unwrap();
    assert_eq!(request.allow_list.unwrap().len(), 1000);
}

#[test]
fn an_allow_list_of_unknown_types_is_not_an_absent_one() {
    let request = decode_get_assertion(&get_assertion().with(3, array([]))).unwrap();
    assert_eq!(request.allow_list, None);
    let request = decode_get_assertion(&get_assertion().with(3, array([descriptor(&[1], "rot13")]))).unwrap();
    assert_eq!(request.allow_list, Some(vec![]));
    // Nor does it become one on the way through a client.
    let encoded = Request::GetAssertion(Box::new(request.clone())).encode();
    assert_eq!(Request::decode(&encoded), Ok(Request::GetAssertion(Box::new(request))));
}

/// The example request of CTAP's own section on makeCredential.
#[test]
fn the_specification_example_decodes_and_encodes() {
    let vector = &vectors()["ctap_frame"];
    let frame = hex(vector["frame"].as_str().unwrap());
    let (&frame_type, message) = frame.split_first().unwrap();
    assert_eq!(u64::from(frame_type), vector["type"].as_u64().unwrap());
    let request = Request::decode(message).unwrap();
    assert_eq!(request.encode(), message);
    assert_eq!(request.command() as u64, vector["command"].as_u64().unwrap());

    let Request::MakeCredential(request) = request else { panic!("{request:?}") };
    let expected = &vector["map"];
    assert_eq!(request.client_data_hash.to_vec(), hex(expected["1"].as_str().unwrap()));
    assert_eq!(request.rp.id, expected["2"]["id"].as_str().unwrap());
    assert_eq!(request.rp.name.as_deref(), expected["2"]["name"].as_str());
    assert_eq!(request.user.id, hex(expected["3"]["id"].as_str().unwrap()));
    assert_eq!(request.user.name.as_deref(), expected["3"]["name"].as_str());
    assert_eq!(request.user.display_name.as_deref(), expected["3"]["displayName"].as_str());
    let algorithms: Vec<_> = expected["4"].as_array().unwrap().iter().map(|e| e["alg"].as_i64()).collect();
    assert_eq!(request.algorithms.iter().map(|a| Some(a.0)).collect::<Vec<_>>(), algorithms);
    assert_eq!(request.options.rk, expected["7"]["rk"].as_bool());
}

#[test]
fn debug_shows_no_personal_data() {
    let request = Request::decode(&make_credential().request(1)).unwrap();
    assert_eq!(format!("{request:?}"), "MakeCredential(MakeCredentialRequest(redacted))");
    let request = Request::decode(&get_assertion().request(2)).unwrap();
    assert_eq!(format!("{request:?}"), "GetAssertion(GetAssertionRequest(redacted))");
}
