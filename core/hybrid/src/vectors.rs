//! Every vector of `fixtures/hybrid-vectors.json`.
//!
//! Reading a value marks it as used. What is not used at the end, down to the single field, fails the
//! test; so nothing in the file, and nothing added to it, is left out unnoticed.

use std::cell::RefCell;
use std::collections::BTreeSet;

use latchkey_ctap::cbor::{Item, Kind};
use latchkey_ctap::{GetInfo, Request};
use serde_json::{Map, Value, json};

use crate::derive::{self, EidKey, Purpose, derive};
use crate::digits::{self, DigitsError};
use crate::message::{self, LinkOffer, Linking, Message, PostHandshake};
use crate::noise::{EphemeralKey, Initiator, Responder};
use crate::transport::Transport;
use crate::{
    Channels, ClientPayload, Eid, HybridError, KeyPair, PublicKey, QrError, QrPayload, RequestHint,
    RoutingId, Secret, TunnelDomain, TunnelPath, advert,
};

/// Fields that describe a vector and are not part of it.
const REMARKS: [&str; 4] = ["source", "why", "note", "name"];

/// The file, and what was read of it.
struct Vectors {
    file: Value,
    used: RefCell<BTreeSet<String>>,
}

/// One value in the file.
#[derive(Clone)]
struct Entry<'a> {
    vectors: &'a Vectors,
    pointer: String,
}

impl Vectors {
    fn load() -> Self {
        let file = serde_json::from_str(include_str!("../../../fixtures/hybrid-vectors.json")).unwrap();
        Vectors { file, used: RefCell::default() }
    }

    fn section(&self, name: &str) -> Entry<'_> {
        Entry { vectors: self, pointer: format!("/{name}") }
    }

    fn unused(&self) -> Vec<String> {
        let mut unused = Vec::new();
        self.collect_unused(&self.file, String::new(), &mut unused);
        unused
    }

    fn collect_unused(&self, value: &Value, pointer: String, unused: &mut Vec<String>) {
        if self.used.borrow().contains(&pointer) {
            return;
        }
        match value {
            Value::Object(map) if !map.is_empty() => {
                for (key, value) in map.iter().filter(|(key, _)| !REMARKS.contains(&key.as_str())) {
                    self.collect_unused(value, format!("{pointer}/{key}"), unused);
                }
            }
            Value::Array(list) if !list.is_empty() => {
                for (index, value) in list.iter().enumerate() {
                    self.collect_unused(value, format!("{pointer}/{index}"), unused);
                }
            }
            _ => unused.push(pointer),
        }
    }
}

impl<'a> Entry<'a> {
    fn peek(&self) -> Option<&'a Value> {
        self.vectors.file.pointer(&self.pointer)
    }

    /// The whole value; marks it as used.
    fn value(&self) -> &'a Value {
        self.vectors.used.borrow_mut().insert(self.pointer.clone());
        self.peek().unwrap_or_else(|| panic!("{} is missing", self.pointer))
    }

    fn get(&self, key: &str) -> Entry<'a> {
        Entry { vectors: self.vectors, pointer: format!("{}/{key}", self.pointer) }
    }

    fn find(&self, key: &str) -> Option<Entry<'a>> {
        let entry = self.get(key);
        entry.peek().is_some().then_some(entry)
    }

    fn list(&self) -> Vec<Entry<'a>> {
        let len = self.peek().and_then(Value::as_array).unwrap().len();
        assert!(len > 0, "{} is empty", self.pointer);
        (0..len).map(|index| self.get(&index.to_string())).collect()
    }

    fn text(&self) -> &'a str {
        self.value().as_str().unwrap()
    }

    fn number(&self) -> u64 {
        self.value().as_u64().unwrap()
    }

    fn hex(&self) -> Vec<u8> {
        unhex(self.text())
    }

    fn array<const N: usize>(&self) -> [u8; N] {
        self.hex().try_into().unwrap_or_else(|_| panic!("{} is not {N} bytes", self.pointer))
    }

    fn secret<const N: usize>(&self) -> Secret<N> {
        Secret::new(self.array())
    }

    fn key_pair(&self) -> KeyPair {
        KeyPair::from_secret(&self.secret()).unwrap()
    }

    fn ephemeral(&self) -> EphemeralKey {
        EphemeralKey::fixed(self.secret())
    }
}

fn unhex(text: &str) -> Vec<u8> {
    base16ct::mixed::decode_vec(text).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

/// CBOR as the file writes it: byte strings in hex, keys as text.
fn cbor_as_json(item: Item<'_>) -> Value {
    match item.kind() {
        Kind::Integer => json!(item.integer().unwrap()),
        Kind::Bytes => json!(hex(item.bytes().unwrap())),
        Kind::Text => json!(item.text().unwrap()),
        Kind::Bool => json!(item.boolean().unwrap()),
        Kind::Null => Value::Null,
        Kind::Array => item.array().unwrap().map(cbor_as_json).collect(),
        Kind::Map => {
            let entries = item.map().unwrap().map(|(key, value)| {
                let key = key.text().map_or_else(|_| key.integer().unwrap().to_string(), str::to_owned);
                (key, cbor_as_json(value))
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

#[test]
fn every_vector() {
    let vectors = Vectors::load();
    vectors.section("about").value();
    digit_encoding(&vectors.section("digit_encoding"));
    qr(&vectors.section("qr"));
    tunnel_domains(&vectors.section("tunnel_domains"));
    hkdf(&vectors.section("hkdf"));
    eid(&vectors.section("eid"));
    state_assisted(&vectors.section("state_assisted"));
    noise_kn_iphone(&vectors.section("noise_kn_iphone"));
    noise_kn_generated(&vectors.section("noise_kn_generated"));
    noise_nk_generated(&vectors.section("noise_nk_generated"));
    linking(&vectors.section("linking"));
    transport(&vectors.section("transport"));
    post_handshake(&vectors.section("post_handshake"));
    ctap_frame(&vectors.section("ctap_frame"));
    urls(&vectors.section("urls"));
    assert_eq!(vectors.unused(), Vec::<String>::new(), "vectors that nothing exercised");
}

#[test]
fn an_unused_vector_is_noticed() {
    let vectors = Vectors::load();
    vectors.section("about").value();
    let all = vectors.unused();
    digit_encoding(&vectors.section("digit_encoding"));
    let rest = vectors.unused();
    assert!(all.len() > 300 && rest.len() < all.len(), "{} of {}", rest.len(), all.len());
    assert!(rest.contains(&"/qr/valid/0/url".to_owned()));
}

fn digit_encoding(section: &Entry<'_>) {
    for vector in section.get("valid").list() {
        let (bytes, digits) = (vector.get("bytes").hex(), vector.get("digits").text());
        assert_eq!(digits::encode(&bytes), digits);
        assert_eq!(*digits::decode(digits).unwrap(), bytes);
    }
    for vector in section.get("invalid").list() {
        let digits = vector.get("digits").text();
        let expected = match digits {
            "00a" | "+12" | "\u{661}\u{662}\u{663}" => DigitsError::NotADigit,
            "999" | "99999999999999999" | "65536" => DigitsError::Overflow,
            _ => DigitsError::Length,
        };
        assert_eq!(digits::decode(digits).unwrap_err(), expected, "{digits}");
    }
}

fn qr(section: &Entry<'_>) {
    for vector in section.get("valid").list() {
        let name = vector.get("name").text();
        let text = vector.get("url").text();
        let payload = QrPayload::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(QrPayload::parse(&payload.to_text()).unwrap(), payload, "{name}");
        if let Some(cbor) = vector.find("cbor") {
            let cbor = cbor.hex();
            assert_eq!(*digits::decode(&text[6..]).unwrap(), cbor, "{name}");
            assert_eq!(QrPayload::from_cbor(&cbor).unwrap(), payload, "{name}");
            if ["Chrome desktop", "Safari", "CTAP 2.3 channel list", "pre-2.3 boolean under key 6"]
                .contains(&name)
            {
                assert_eq!(*payload.to_cbor(), cbor, "{name}");
                assert_eq!(*payload.to_text(), text, "{name}");
            }
        }
        if let Some(map) = vector.find("map") {
            check_qr_map(&payload, map.value().as_object().unwrap());
        }
        match name {
            "minimal (only keys 0 and 1)" | "lower case scheme" => {
                let QrPayload { known_domains, client_time, linking, hint, channels, .. } = payload;
                assert_eq!((known_domains, client_time, linking), (0, None, None));
                assert_eq!((hint, channels), (RequestHint::GetAssertion, Channels::Default));
            }
            "unknown hint is treated as ga" => assert_eq!(payload.hint, RequestHint::GetAssertion),
            "unknown keys are ignored" => assert_eq!(payload.client_time, Some(1_700_000_000)),
            "CTAP 2.3 channel list" => {
                assert_eq!(payload.channels, Channels::List(vec![0, 1]));
                assert!(payload.channels.bluetooth());
            }
            "pre-2.3 boolean under key 6" => {
                assert_eq!(payload.channels, Channels::NonDiscoverable(true));
                assert!(!payload.channels.bluetooth());
            }
            _ => assert!(vector.find("map").is_some(), "{name} is not looked at"),
        }
    }

    for vector in section.get("invalid").list() {
        let name = vector.get("name").text();
        let error = QrPayload::parse(vector.get("url").text()).unwrap_err();
        use latchkey_ctap::cbor::CborError::{TrailingBytes, Truncated};
        let expected = match name {
            "point not on curve" => QrError::PublicKeyNotOnCurve,
            "32-byte key" | "uncompressed point" => QrError::PublicKeyLength,
            "15-byte secret" => QrError::SecretLength,
            "missing secret" => QrError::MissingMember(1),
            "missing key" => QrError::MissingMember(0),
            "not a map" => QrError::NotAMap,
            "trailing byte" => QrError::Cbor(TrailingBytes),
            "truncated" | "empty payload" => QrError::Cbor(Truncated),
            "key 2 is text" => QrError::WrongType(2),
            "key 4 is int" => QrError::WrongType(4),
            "wrong scheme slash count" => QrError::Digits(DigitsError::NotADigit),
            "no slash" => QrError::NotFido,
            other => panic!("what is expected of {other}?"),
        };
        assert_eq!(error, expected, "{name}");
        if let Some(cbor) = vector.find("cbor") {
            assert_eq!(QrPayload::from_cbor(&cbor.hex()).unwrap_err(), expected, "{name}");
        }
    }

    let check = section.get("public_key_check");
    let (valid, invalid): ([u8; 33], [u8; 33]) =
        (check.get("valid_compressed_point").array(), check.get("invalid_compressed_point").array());
    assert_eq!(PublicKey::from_compressed(&valid).unwrap().compressed(), valid);
    assert_eq!(PublicKey::from_compressed(&invalid), Err(HybridError::InvalidPublicKey));
    assert_eq!(check.get("invalid_rule").text(), "valid point with last byte XOR 0x03");
    let mut by_rule = valid;
    by_rule[32] ^= 3;
    assert_eq!(by_rule, invalid);
}

fn check_qr_map(payload: &QrPayload, map: &Map<String, Value>) {
    for (key, value) in map {
        let read = match key.as_str() {
            "0" => json!(hex(&payload.public_key.compressed())),
            "1" => json!(hex(payload.secret.expose())),
            "2" => json!(payload.known_domains),
            "3" => json!(payload.client_time),
            "4" => json!(payload.linking),
            "5" => json!(payload.hint.as_str()),
            "6" => match &payload.channels {
                Channels::List(list) => json!(list),
                Channels::NonDiscoverable(can) => json!(can),
                Channels::Default => Value::Null,
            },
            // GREASE: ignored.
            "65535" => continue,
            other => panic!("key {other}"),
        };
        assert_eq!(read, *value, "key {key}");
    }
}

fn tunnel_domains(section: &Entry<'_>) {
    for vector in section.get("valid").list() {
        let number = u16::try_from(vector.get("id").number()).unwrap();
        assert_eq!(TunnelDomain::new(number).unwrap().host(), vector.get("domain").text());
    }
    for number in section.get("invalid_ids").list() {
        let number = u16::try_from(number.number()).unwrap();
        assert_eq!(TunnelDomain::new(number), Err(HybridError::UnassignedDomain(number)));
    }
}

fn hkdf(section: &Entry<'_>) {
    for vector in section.list() {
        let purpose = match vector.get("purpose").number() {
            1 => Purpose::EidKey,
            2 => Purpose::TunnelId,
            3 => Purpose::Psk,
            4 => Purpose::PairedSecret,
            5 => Purpose::IdentityKeySeed,
            6 => Purpose::PerContactSecret,
            other => panic!("purpose {other}"),
        };
        let (ikm, salt) = (vector.get("ikm").hex(), vector.get("salt").hex());
        let out = match vector.get("length").number() {
            16 => derive::<16>(&ikm, &salt, purpose).expose().to_vec(),
            32 => derive::<32>(&ikm, &salt, purpose).expose().to_vec(),
            64 => derive::<64>(&ikm, &salt, purpose).expose().to_vec(),
            other => panic!("length {other}"),
        };
        assert_eq!(out, vector.get("out").hex());
    }
}

fn eid(section: &Entry<'_>) {
    for vector in section.get("valid").list() {
        let key = EidKey(vector.get("eid_key").secret());
        if let Some(secret) = vector.find("qr_secret") {
            assert_eq!(EidKey::of_qr(&secret.secret()), key);
        }
        let (data, plaintext) = (vector.get("advert").hex(), vector.get("plaintext").array());
        let eid = key.open(&data).unwrap();
        assert_eq!(*eid.as_bytes(), plaintext);
        assert_eq!(key.seal(&eid), data[..20]);
        if let Some(nonce) = vector.find("nonce") {
            let routing_id = RoutingId::new(vector.get("routing_id").array());
            let domain = TunnelDomain::new(vector.get("domain_id").number().try_into().unwrap()).unwrap();
            assert_eq!((eid.routing_id(), eid.domain()), (routing_id, domain));
            assert_eq!(Eid::new(nonce.array(), routing_id, domain), eid);
        }
        let psm = vector.find("psm").map(|psm| u16::try_from(psm.number()).unwrap());
        assert_eq!(advert::channel_psm(&data), Ok(psm));
        let suffix = vector.find("suffix").map(|suffix| suffix.hex()).unwrap_or_default();
        assert_eq!(data[20..], suffix);
    }
    for vector in section.get("invalid").list() {
        let error = EidKey(vector.get("eid_key").secret()).open(&vector.get("advert").hex()).unwrap_err();
        let expected = match vector.get("why").text() {
            "reserved byte 0 is not zero" => HybridError::AdvertReserved,
            "unassigned domain id 2" => HybridError::UnassignedDomain(2),
            "MAC mismatch" => HybridError::AdvertForeign,
            "short" => HybridError::AdvertTooShort,
            other => panic!("what is expected of {other}?"),
        };
        assert_eq!(error, expected);
    }
}

fn state_assisted(section: &Entry<'_>) {
    let (link_secret, client_nonce) =
        (section.get("link_secret").secret(), section.get("client_nonce").array());
    let key = EidKey::of_link(&link_secret, &client_nonce);
    assert_eq!(key, EidKey(section.get("eid_key").secret()));
    let eid = Eid::from_bytes(section.get("plaintext").array()).unwrap();
    assert_eq!(key.seal(&eid).to_vec(), section.get("advert").hex());
    assert_eq!(key.open(&section.get("advert").hex()), Ok(eid.clone()));
    assert_eq!(derive::psk(&link_secret, &eid), section.get("psk").secret());

    let cbor = section.get("client_payload_cbor").hex();
    let header = section.get("client_payload_header").text();
    let payload = ClientPayload::from_header(header).unwrap();
    assert_eq!(hex(&cbor), header);
    assert_eq!(payload.to_header(), header);
    assert_eq!(payload.link_id, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!((payload.client_nonce, payload.hint), (client_nonce, RequestHint::GetAssertion));
}

/// Two transports hold the same keys when each direction of one is the other direction of the other.
fn same_keys(mut computer: Transport, section: &Entry<'_>) {
    let (write, read) = (section.get("client_write_key").secret(), section.get("client_read_key").secret());
    let mut phone = Transport::new(&read, &write);
    assert_eq!(phone.open(computer.seal(b"to phone").unwrap()).unwrap(), b"to phone");
    assert_eq!(computer.open(phone.seal(b"to computer").unwrap()).unwrap(), b"to computer");
}

fn noise_kn_iphone(section: &Entry<'_>) {
    assert_eq!(section.get("noise_name").text(), "Noise_KNpsk0_P256_AESGCM_SHA256");
    let secret = section.get("qr_secret").secret();
    let eid = Eid::from_bytes(section.get("eid_plaintext").array()).unwrap();
    let psk = derive::psk(&secret, &eid);
    assert_eq!(psk, section.get("psk").secret());
    assert_eq!(derive::tunnel_id(&secret).to_bytes().to_vec(), section.get("tunnel_id").hex());
    let code_key = section.get("client_static_private").key_pair();
    assert_eq!(code_key.public().compressed(), section.get("client_static_public_compressed").array());

    // The computer that spoke with a real iPhone, as far as the capture goes.
    let handshake = || {
        let ephemeral = section.get("client_ephemeral_private").ephemeral();
        let initiator = Initiator::qr(&code_key, &psk, &ephemeral).unwrap();
        let (message1, initiated) = initiator.start().unwrap();
        assert_eq!(message1.to_vec(), section.get("message1").hex());
        assert_eq!(initiated.handshake_hash().to_vec(), section.get("h_after_message1").hex());
        let established = initiated.finish(&section.get("message2").hex()).unwrap();
        assert_eq!(established.handshake_hash, section.get("handshake_hash").array());
        established.transport
    };
    same_keys(handshake(), section);
    let mut computer = handshake();

    let introduction = section.get("post_handshake");
    assert_eq!(introduction.get("counter").number(), 0);
    let message = computer.open(introduction.get("ciphertext").hex()).unwrap();
    assert_eq!(message, introduction.get("plaintext").hex());
    assert!(PostHandshake::decode(&message).unwrap().features.contains(&"dc".to_owned()));

    let request = section.get("get_assertion_request");
    assert_eq!(request.get("counter").number(), 0);
    let message = request.get("plaintext_unpadded").hex();
    assert_eq!(Transport::pad(&message), request.get("plaintext_padded").hex());
    assert_eq!(computer.seal(&message).unwrap(), request.get("ciphertext").hex());
    let Message::Ctap(command) = Message::decode(&message).unwrap() else { panic!("not CTAP") };
    assert!(matches!(Request::decode(command), Ok(Request::GetAssertion(_))));

    let response = section.get("get_assertion_response");
    assert_eq!(response.get("counter").number(), 1);
    let message = computer.open(response.get("ciphertext").hex()).unwrap();
    assert_eq!(message, response.get("plaintext").hex());
    assert!(matches!(Message::decode(&message), Ok(Message::Ctap([0, ..]))));
}

/// Both sides of a handshake whose keys are all given.
fn both_directions(
    section: &Entry<'_>,
    initiator: &dyn Fn() -> Initiator,
    responder: &dyn Fn() -> Responder,
) {
    let handshake = || {
        let (message1, initiated) = initiator().start().unwrap();
        assert_eq!(message1.to_vec(), section.get("message1").hex());
        assert_eq!(initiated.handshake_hash().to_vec(), section.get("h_after_message1").hex());
        let (message2, phone) = responder().respond(&message1).unwrap();
        assert_eq!(message2.to_vec(), section.get("message2").hex());
        let computer = initiated.finish(&message2).unwrap();
        assert_eq!(computer.handshake_hash, section.get("handshake_hash").array());
        assert_eq!(phone.handshake_hash, computer.handshake_hash);
        (computer.transport, phone.transport)
    };
    same_keys(handshake().0, section);
    let (mut computer, mut phone) = handshake();
    assert_eq!(phone.open(computer.seal(b"hello").unwrap()).unwrap(), b"hello");
    assert_eq!(computer.open(phone.seal(b"hello back").unwrap()).unwrap(), b"hello back");
}

fn noise_kn_generated(section: &Entry<'_>) {
    assert_eq!(section.get("noise_name").text(), "Noise_KNpsk0_P256_AESGCM_SHA256");
    assert_eq!(section.get("prologue").hex(), [1]);
    assert_eq!(section.get("static_owner").text(), "client (initiator)");
    let code_key = section.get("static_private").key_pair();
    assert_eq!(code_key.public().uncompressed().to_vec(), section.get("static_public").hex());
    let psk = section.get("psk").secret();
    both_directions(
        section,
        &|| Initiator::qr(&code_key, &psk, &section.get("client_ephemeral_private").ephemeral()).unwrap(),
        &|| {
            Responder::qr(code_key.public(), &psk, &section.get("phone_ephemeral_private").ephemeral())
                .unwrap()
        },
    );
}

fn noise_nk_generated(section: &Entry<'_>) {
    assert_eq!(section.get("noise_name").text(), "Noise_NKpsk0_P256_AESGCM_SHA256");
    assert_eq!(section.get("prologue").hex(), [0]);
    assert_eq!(section.get("static_owner").text(), "phone (responder)");
    let identity = section.get("static_private").key_pair();
    assert_eq!(identity.public().uncompressed().to_vec(), section.get("static_public").hex());
    let psk = section.get("psk").secret();
    both_directions(
        section,
        &|| {
            let ephemeral = section.get("client_ephemeral_private").ephemeral();
            Initiator::linked(identity.public(), &psk, &ephemeral).unwrap()
        },
        &|| Responder::linked(&identity, &psk, &section.get("phone_ephemeral_private").ephemeral()).unwrap(),
    );
}

fn linking(section: &Entry<'_>) {
    let identity = section.get("phone_identity_private").key_pair();
    let code_key = section.get("client_qr_private").key_pair();
    assert_eq!(identity.public().uncompressed().to_vec(), section.get("phone_identity_public").hex());
    let shared = section.get("shared_x").secret();
    assert_eq!(identity.diffie_hellman(code_key.public()), Ok(shared.clone()));
    assert_eq!(code_key.diffie_hellman(identity.public()), Ok(shared));

    let handshake_hash = section.get("handshake_hash").array();
    let linking = Linking::decode(&section.get("linking_map").hex()).unwrap();
    assert_eq!(linking.signature, section.get("signature").array());
    assert_eq!(linking.phone_key, *identity.public());
    assert_eq!(linking.encode(), section.get("linking_map").hex());
    linking.verify(&code_key, &handshake_hash).unwrap();
    let offer = LinkOffer {
        contact_id: linking.contact_id.clone(),
        link_id: linking.link_id,
        link_secret: linking.link_secret.clone(),
        identity,
        phone_name: linking.phone_name.clone(),
    };
    assert_eq!(offer.sign(code_key.public(), &handshake_hash), Ok(linking.clone()));

    let message = section.get("update_message_unpadded").hex();
    let Message::Update(body) = Message::decode(&message).unwrap() else { panic!("not an update") };
    assert_eq!(message::decode_update(body), Ok(Some(linking)));
}

fn transport(section: &Entry<'_>) {
    for vector in section.get("valid").list() {
        let key = vector.get("key").secret();
        let counter = u32::try_from(vector.get("counter").number()).unwrap();
        let transport = || {
            let mut transport = Transport::new(&key, &key);
            transport.set_counters(counter);
            transport
        };
        let (unpadded, padded) =
            (vector.get("plaintext_unpadded").hex(), vector.get("plaintext_padded").hex());
        let ciphertext = vector.get("ciphertext").hex();
        let nonce = vector.find("nonce").map(|nonce| nonce.hex());
        assert_eq!(Transport::unpad(padded.clone()).unwrap(), unpadded);
        match vector.get("construction").text() {
            "new" => {
                assert!(vector.get("aad").hex().is_empty());
                let expected_nonce = [[0; 8].as_slice(), &counter.to_be_bytes()].concat();
                assert!(nonce.is_none_or(|nonce| nonce == expected_nonce));
                assert_eq!(transport().open(ciphertext.clone()).unwrap(), unpadded);
                // One vector has the type byte in front of a padded message; it is only ever received.
                if padded.len().is_multiple_of(32) {
                    assert_eq!(Transport::pad(&unpadded), padded);
                    assert_eq!(transport().seal(&unpadded).unwrap(), ciphertext);
                }
            }
            // Peers of 2021 and 2022. Not spoken here: such a frame must be refused.
            "old (protocol revision 0)" => {
                assert_eq!(vector.get("aad").hex(), [2]);
                assert_eq!(nonce.unwrap()[..4], counter.to_le_bytes());
                assert_eq!(transport().open(ciphertext), Err(HybridError::Decrypt));
            }
            other => panic!("construction {other}"),
        }
    }
    for vector in section.get("invalid").list() {
        let key = vector.get("key").secret();
        let mut transport = Transport::new(&key, &key);
        transport.set_counters(vector.get("counter").number().try_into().unwrap());
        let expected = match vector.get("why").text() {
            "padding byte 5 larger than the message" | "empty plaintext has no padding byte" => {
                HybridError::Padding
            }
            "wrong counter (replay)" => HybridError::Decrypt,
            other => panic!("what is expected of {other}?"),
        };
        assert_eq!(transport.open(vector.get("ciphertext").hex()), Err(expected));
        assert_eq!(transport.seal(b"after"), Err(HybridError::TransportClosed));
    }
}

fn post_handshake(section: &Entry<'_>) {
    for vector in section.list() {
        let cbor = vector.get("cbor").hex();
        let message = PostHandshake::decode(&cbor).unwrap();
        assert_eq!(&cbor_as_json(Item::parse(&cbor).unwrap()), vector.get("map").value());

        let bytes = message.get_info.clone().unwrap();
        assert_eq!(json!(hex(&bytes)), vector.get("map").value()["1"]);
        let features = vector.get("map").value().get("3").cloned().unwrap_or_else(|| json!(["ctap"]));
        assert_eq!(json!(message.features), features);
        if vector.get("map").value().get("3").is_some() {
            assert_eq!(message.encode(), cbor);
        }

        let expected = vector.get("get_info").value();
        assert_eq!(&cbor_as_json(Item::parse(&bytes).unwrap()), expected);
        let get_info = GetInfo::decode(&bytes).unwrap();
        assert_eq!(json!(get_info.versions), expected["1"]);
        assert_eq!(json!(hex(&get_info.aaguid)), expected["3"]);
        assert_eq!(get_info.option("rk").zip(get_info.option("uv")), Some((true, true)));
    }
}

fn ctap_frame(section: &Entry<'_>) {
    let frame = section.get("frame").hex();
    let message = Message::decode(&frame).unwrap();
    assert_eq!(u64::from(message.kind()), section.get("type").number());
    assert_eq!(message.encode(), frame);
    let Message::Ctap(command) = message else { panic!("not CTAP") };
    assert_eq!(u64::from(command[0]), section.get("command").number());
    assert_eq!(&cbor_as_json(Item::parse(&command[1..]).unwrap()), section.get("map").value());
    assert!(matches!(Request::decode(command), Ok(Request::MakeCredential(_))));
}

fn urls(section: &Entry<'_>) {
    // Of the first advert vector, and the contact ID of the linking vector.
    let tunnel =
        derive::tunnel_id(&Secret::new(unhex("01fea6f7c4807493dc256f9eacf756c9").try_into().unwrap()));
    let routing: RoutingId = "026555".parse().unwrap();
    for (name, path) in [
        ("new", TunnelPath::New(tunnel)),
        ("connect", TunnelPath::Connect(routing, tunnel)),
        ("contact", TunnelPath::Contact(b"contact-id-example".to_vec())),
    ] {
        let url = section.get(name).text();
        assert_eq!(format!("wss://{}{path}", TunnelDomain::GOOGLE.host()), url);
        let written = url.strip_prefix("wss://cable.ua5v.com").unwrap();
        assert_eq!(written.parse(), Ok(path.clone()));
        if name != "contact" {
            let lower = format!("/cable/{}", written.strip_prefix("/cable/").unwrap().to_ascii_lowercase());
            assert_eq!(lower.parse(), Ok(path));
        }
    }
}
