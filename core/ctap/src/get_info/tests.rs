use super::*;
use crate::testing::{Message, array, bytes, hex, map, text, vectors};

fn texts(value: &serde_json::Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What phones sent after the hybrid handshake.
#[test]
fn decodes_what_phones_send() {
    let vectors = vectors();
    let messages = vectors["post_handshake"].as_array().unwrap();
    assert!(messages.len() >= 4);
    for vector in messages {
        let encoded = hex(vector["map"]["1"].as_str().unwrap());
        let info = GetInfo::decode(&encoded).unwrap();
        let expected = &vector["get_info"];
        assert_eq!(info.versions, texts(&expected["1"]));
        assert_eq!(info.extensions, texts(&expected["2"]));
        assert_eq!(info.aaguid.to_vec(), hex(expected["3"].as_str().unwrap()));
        let options = expected["4"].as_object().unwrap();
        assert_eq!(info.options.len(), options.len());
        for (name, value) in options {
            assert_eq!(info.option(name), value.as_bool(), "{name}");
        }
        assert_eq!(info.transports, texts(&expected["9"]));
        assert_eq!(info.max_msg_size, None);
        // Nothing was lost: these phones send no member that is unknown here.
        assert_eq!(info.encode(), encoded, "{}", vector["name"]);
    }
}

fn full() -> GetInfo {
    GetInfo {
        versions: vec!["FIDO_2_0".into(), "FIDO_2_1".into()],
        extensions: vec!["credProtect".into()],
        aaguid: [0xAA; 16],
        options: vec![("rk".into(), true), ("uv".into(), false), ("plat".into(), true)],
        max_msg_size: Some(8192),
        max_credential_count_in_list: Some(64),
        max_credential_id_length: Some(32),
        transports: vec!["internal".into(), "hybrid".into()],
        algorithms: vec![Algorithm::ES256, Algorithm::EDDSA],
        attestation_formats: vec!["packed".into(), "none".into()],
    }
}

#[test]
fn all_members_have_their_number() {
    let parameter = |alg: i64| map([("alg", alg.into()), ("type", text("public-key"))]);
    let expected = Message::new([
        (0x01, array([text("FIDO_2_0"), text("FIDO_2_1")])),
        (0x02, array([text("credProtect")])),
        (0x03, bytes([0xAA; 16])),
        (0x04, map([("rk", true.into()), ("uv", false.into()), ("plat", true.into())])),
        (0x05, 8192.into()),
        (0x07, 64.into()),
        (0x08, 32.into()),
        (0x09, array([text("internal"), text("hybrid")])),
        (0x0A, array([parameter(-7), parameter(-8)])),
        (0x16, array([text("packed"), text("none")])),
    ]);
    assert_eq!(full().encode(), expected.encode());
    assert_eq!(GetInfo::decode(&expected.encode()), Ok(full()));
    // Members that only other authenticators have.
    let more = expected.with(0x06, array([2.into()])).with(0x0D, 4.into()).with(0x1B, true.into());
    assert_eq!(GetInfo::decode(&more.encode()), Ok(full()));
}

#[test]
fn options_come_out_sorted_and_once() {
    let options = [("uv", true), ("plat", false), ("alwaysUv", true), ("rk", true), ("uv", false)];
    let info = GetInfo {
        options: options.map(|(name, value)| (name.to_owned(), value)).into(),
        ..GetInfo::default()
    };
    let decoded = GetInfo::decode(&info.encode()).unwrap();
    let expected = [("rk", true), ("uv", true), ("plat", false), ("alwaysUv", true)];
    assert_eq!(decoded.options, expected.map(|(name, value)| (name.to_owned(), value)));
    for (name, _) in expected {
        assert_eq!(decoded.option(name), info.option(name));
    }
    assert_eq!(decoded.option("ep"), None);
}

#[test]
fn refuses_broken_answers() {
    let good = Message::new([(1, array([text("FIDO_2_0")])), (3, bytes([0; 16]))]);
    assert!(GetInfo::decode(&good.encode()).is_ok());
    let unexpected = DecodeError::Cbor(CborError::UnexpectedType);
    for (message, error) in [
        (good.without(1), DecodeError::MissingParameter("versions")),
        (good.without(3), DecodeError::MissingParameter("aaguid")),
        (good.with(3, bytes([0; 15])), DecodeError::InvalidValue("aaguid")),
        (good.with(1, text("FIDO_2_0")), unexpected),
        (good.with(2, array([1.into()])), unexpected),
        (good.with(4, map([("rk", 1.into())])), unexpected),
        (good.with(5, (-1).into()), unexpected),
        (good.with(0x0A, array([map([])])), DecodeError::MissingParameter("pubKeyCredParams.type")),
    ] {
        assert_eq!(GetInfo::decode(&message.encode()), Err(error));
    }
    assert_eq!(GetInfo::decode(&[]), Err(CborError::Truncated.into()));
}
