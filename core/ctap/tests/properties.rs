//! Properties that hold for every message.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test may stop at the first surprise")]

use std::cmp::Ordering;

use ciborium::value::Value;
use latchkey_ctap::cbor::{Item, MAX_DEPTH};
use latchkey_ctap::get_assertion::GetAssertionOptions;
use latchkey_ctap::make_credential::MakeCredentialOptions;
use latchkey_ctap::{
    Algorithm, AttestationStatement, AttestedCredentialData, AuthenticatorData, CredProtect,
    CredentialDescriptor, Flags, GetAssertionRequest, GetAssertionResponse, GetInfo, MakeCredentialRequest,
    MakeCredentialResponse, PrfAssertion, PrfRegistration, PrfRegistrationOutput, PrfValues, PublicKey,
    RelyingParty, Request, User,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

// --- Messages ---------------------------------------------------------------------------------

fn bytes(max: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..=max)
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z.]{0,12}", 1 => "\\PC{0,40}", 1 => "[a-z]{250,300}"]
}

/// Identifiers in lists; empty ones do not survive decoding.
fn identifiers() -> impl Strategy<Value = Vec<String>> {
    vec("[a-zA-Z_-]{1,30}", 0..5)
}

fn rp() -> impl Strategy<Value = RelyingParty> {
    (text(), option::of(text())).prop_map(|(id, name)| RelyingParty { id, name })
}

fn user() -> impl Strategy<Value = User> {
    (vec(any::<u8>(), 1..=64), option::of(text()), option::of(text()))
        .prop_map(|(id, name, display_name)| User { id, name, display_name })
}

fn descriptors() -> impl Strategy<Value = Vec<CredentialDescriptor>> {
    vec(bytes(80).prop_map(|id| CredentialDescriptor { id }), 0..30)
}

fn algorithms() -> impl Strategy<Value = Vec<Algorithm>> {
    let common = prop_oneof![Just(-7), Just(-8), Just(-257), -70_000..70_000i64, any::<i64>()];
    vec(common.prop_map(Algorithm), 0..30)
}

fn cred_protect() -> impl Strategy<Value = Option<CredProtect>> {
    option::of(prop_oneof![
        Just(CredProtect::UvOptional),
        Just(CredProtect::UvOptionalWithCredentialIdList),
        Just(CredProtect::UvRequired)
    ])
}

fn prf_values() -> impl Strategy<Value = PrfValues> {
    any::<([u8; 32], Option<[u8; 32]>)>().prop_map(|(first, second)| PrfValues { first, second })
}

fn prf_assertion() -> impl Strategy<Value = PrfAssertion> {
    // In the order of the encoding.
    let ids = btree_map(bytes(80).prop_map(|id| (id.len(), id)), prf_values(), 0..5);
    (option::of(prf_values()), ids).prop_map(|(eval, ids)| PrfAssertion {
        eval,
        eval_by_credential: ids.into_iter().map(|((_, id), salts)| (id, salts)).collect(),
    })
}

fn make_credential() -> impl Strategy<Value = MakeCredentialRequest> {
    let required = (any::<[u8; 32]>(), rp(), user(), algorithms());
    let prf = option::of(option::of(prf_values()).prop_map(|eval| PrfRegistration { eval }));
    let optional = (descriptors(), (cred_protect(), prf), any::<[Option<bool>; 3]>(), option::of(bytes(64)));
    let rare = (option::of(any::<u64>()), option::of(any::<u64>()), identifiers());
    (required, optional, rare).prop_map(|(required, optional, rare)| {
        let (client_data_hash, rp, user, algorithms) = required;
        let (exclude_list, (cred_protect, prf), [rk, up, uv], pin_uv_auth_param) = optional;
        let (pin_uv_auth_protocol, enterprise_attestation, attestation_formats) = rare;
        MakeCredentialRequest {
            client_data_hash,
            rp,
            user,
            algorithms,
            exclude_list,
            cred_protect,
            prf,
            options: MakeCredentialOptions { rk, up, uv },
            pin_uv_auth_param,
            pin_uv_auth_protocol,
            enterprise_attestation,
            attestation_formats,
        }
    })
}

fn get_assertion() -> impl Strategy<Value = GetAssertionRequest> {
    let required = (text(), any::<[u8; 32]>(), option::of(descriptors()), option::of(prf_assertion()));
    let optional = (any::<[Option<bool>; 3]>(), option::of(bytes(64)), option::of(any::<u64>()));
    (required, optional).prop_map(|(required, optional)| {
        let (rp_id, client_data_hash, allow_list, prf) = required;
        let ([rk, up, uv], pin_uv_auth_param, pin_uv_auth_protocol) = optional;
        let options = GetAssertionOptions { rk, up, uv };
        GetAssertionRequest {
            rp_id,
            client_data_hash,
            allow_list,
            prf,
            options,
            pin_uv_auth_param,
            pin_uv_auth_protocol,
        }
    })
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        6 => make_credential().prop_map(|request| Request::MakeCredential(Box::new(request))),
        6 => get_assertion().prop_map(|request| Request::GetAssertion(Box::new(request))),
        1 => Just(Request::GetInfo),
        1 => Just(Request::GetNextAssertion),
        1 => Just(Request::Selection),
    ]
}

fn public_key() -> impl Strategy<Value = PublicKey> {
    prop_oneof![
        any::<([u8; 32], [u8; 32])>().prop_map(|(x, y)| PublicKey::Es256 { x, y }),
        any::<[u8; 32]>().prop_map(|x| PublicKey::EdDsa { x }),
    ]
}

fn authenticator_data() -> impl Strategy<Value = AuthenticatorData> {
    let attested = (any::<[u8; 16]>(), vec(any::<u8>(), 1..=1023), public_key()).prop_map(
        |(aaguid, credential_id, public_key)| AttestedCredentialData { aaguid, credential_id, public_key },
    );
    let flags = prop_oneof![Just(0), Just(Flags::BE.0), Just(Flags::BE.0 | Flags::BS.0)];
    (any::<[u8; 32]>(), flags, 0..8u8, any::<u32>(), option::of(attested), cred_protect()).prop_map(
        |(rp_id_hash, backup, low, sign_count, attested_credential, cred_protect)| AuthenticatorData {
            rp_id_hash,
            flags: Flags(backup | low),
            sign_count,
            attested_credential,
            cred_protect,
        },
    )
}

fn attestation() -> impl Strategy<Value = AttestationStatement> {
    let packed = (any::<i64>(), bytes(80)).prop_map(|(algorithm, signature)| {
        AttestationStatement::PackedSelf { algorithm: Algorithm(algorithm), signature }
    });
    let other = ("[a-z0-9-]{1,32}", value(2)).prop_map(|(format, statement)| {
        let format = if format == "none" || format == "packed" { "tpm".to_owned() } else { format };
        AttestationStatement::Other { format, statement: encode(&canonical(statement)) }
    });
    prop_oneof![Just(AttestationStatement::None), packed, other]
}

fn make_credential_response() -> impl Strategy<Value = MakeCredentialResponse> {
    let prf = (any::<bool>(), option::of(prf_values()))
        .prop_map(|(enabled, results)| PrfRegistrationOutput { enabled, results });
    (attestation(), bytes(300), option::of(prf))
        .prop_map(|(attestation, auth_data, prf)| MakeCredentialResponse { attestation, auth_data, prf })
}

fn get_assertion_response() -> impl Strategy<Value = GetAssertionResponse> {
    let required = (bytes(80), bytes(200), bytes(80));
    let optional = (option::of(user()), option::of(any::<u32>()), any::<bool>(), option::of(prf_values()));
    (required, optional).prop_map(
        |((credential_id, auth_data, signature), (user, number_of_credentials, user_selected, prf))| {
            GetAssertionResponse {
                credential_id,
                auth_data,
                signature,
                user,
                number_of_credentials,
                user_selected,
                prf,
            }
        },
    )
}

fn get_info() -> impl Strategy<Value = GetInfo> {
    let numbers = any::<[Option<u64>; 3]>();
    let options = btree_map(("[a-zA-Z]{0,30}").prop_map(|name| (name.len(), name)), any::<bool>(), 0..8);
    let lists = (identifiers(), identifiers(), identifiers(), identifiers());
    (lists, any::<[u8; 16]>(), options, numbers, algorithms()).prop_map(
        |(lists, aaguid, options, [max_msg_size, max_count, max_length], algorithms)| GetInfo {
            versions: lists.0,
            extensions: lists.1,
            aaguid,
            options: options.into_iter().map(|((_, name), value)| (name, value)).collect(),
            max_msg_size,
            max_credential_count_in_list: max_count,
            max_credential_id_length: max_length,
            transports: lists.2,
            algorithms,
            attestation_formats: lists.3,
        },
    )
}

// --- CBOR, as ciborium sees it ----------------------------------------------------------------

/// Values of at most `depth` levels of arrays and maps, with everything that CBOR has; maps are in
/// no particular order.
fn value(depth: u32) -> BoxedStrategy<Value> {
    let integers = prop_oneof![0..30i64, -30..0i64, -70_000..70_000i64, any::<i64>()];
    let leaf = prop_oneof![
        integers.prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        bytes(30).prop_map(Value::Bytes),
        text().prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
    ];
    if depth == 0 {
        return leaf.boxed();
    }
    let inner = value(depth - 1);
    let key = prop_oneof![leaf.clone(), value(0)];
    prop_oneof![
        2 => leaf,
        1 => vec(inner.clone(), 0..6).prop_map(Value::Array),
        1 => vec((key, inner), 0..6).prop_map(Value::Map),
    ]
    .boxed()
}

/// With what CTAP does not allow: more depth, tags, floating point.
fn wild_value() -> impl Strategy<Value = Value> {
    let wild = prop_oneof![
        any::<f64>().prop_map(Value::Float),
        (any::<u64>(), value(1)).prop_map(|(tag, value)| Value::Tag(tag, Box::new(value))),
        value(5),
    ];
    (value(5), wild, 0..4u8).prop_map(|(tame, wild, kind)| match kind {
        0 => Value::Array(vec![tame, wild]),
        1 => Value::Map(vec![(Value::from(1), tame), (Value::from(2), wild)]),
        2 => Value::Map(vec![(wild, tame)]),
        _ => tame,
    })
}

fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a vector takes everything");
    bytes
}

/// Sorts the maps and drops repeated keys.
fn canonical(value: Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.into_iter().map(canonical).collect()),
        Value::Map(entries) => {
            let mut entries: Vec<_> =
                entries.into_iter().map(|(key, value)| (canonical(key), canonical(value))).collect();
            entries.sort_by(|(a, _), (b, _)| order(a, b));
            entries.dedup_by(|(a, _), (b, _)| order(a, b) == Ordering::Equal);
            Value::Map(entries)
        }
        other => other,
    }
}

/// The order of section 3 of the protocol notes, told from values instead of bytes.
fn order(a: &Value, b: &Value) -> Ordering {
    let major = |value: &Value| match value {
        Value::Integer(integer) if i128::from(*integer) >= 0 => 0,
        Value::Integer(_) => 1,
        Value::Bytes(_) => 2,
        Value::Text(_) => 3,
        Value::Array(_) => 4,
        Value::Map(_) => 5,
        Value::Tag(..) => 6,
        _ => 7,
    };
    let within = || match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => {
            i128::from(*a).unsigned_abs().cmp(&i128::from(*b).unsigned_abs())
        }
        (Value::Bytes(a), Value::Bytes(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => {
            a.len().cmp(&b.len()).then_with(|| a.as_bytes().cmp(b.as_bytes()))
        }
        _ => {
            let (a, b) = (encode(a), encode(b));
            a.len().cmp(&b.len()).then_with(|| a.cmp(&b))
        }
    };
    major(a).cmp(&major(b)).then_with(within)
}

/// Whether a value is one that CTAP allows, with `depth` levels left.
fn allowed(value: &Value, depth: usize) -> bool {
    match value {
        // Beyond 64 bits it was a tagged bignum.
        Value::Integer(integer) => {
            let limit = 1i128 << 64;
            (-limit..limit).contains(&i128::from(*integer))
        }
        Value::Bytes(_) | Value::Text(_) | Value::Bool(_) | Value::Null => true,
        Value::Array(items) => depth > 0 && items.iter().all(|item| allowed(item, depth - 1)),
        Value::Map(entries) => {
            depth > 0
                && entries.iter().all(|(key, value)| allowed(key, depth - 1) && allowed(value, depth - 1))
                && entries.is_sorted_by(|(a, _), (b, _)| order(a, b) == Ordering::Less)
        }
        _ => false,
    }
}

/// What ciborium reads and writes back to the same bytes is shortest, definite and complete.
fn oracle(bytes: &[u8]) -> bool {
    let value: Result<Value, _> = ciborium::from_reader(bytes);
    value.is_ok_and(|value| allowed(&value, MAX_DEPTH) && encode(&value) == bytes)
}

fn agrees(bytes: &[u8]) -> Result<(), TestCaseError> {
    let outcome = Item::parse(bytes);
    prop_assert_eq!(outcome.is_ok(), oracle(bytes), "{:?}", outcome);
    if let Ok(item) = outcome {
        prop_assert_eq!(item.raw(), bytes);
        visit(item);
    }
    Ok(())
}

/// Reads everything there is to read.
fn visit(item: Item<'_>) {
    let _ = (item.kind(), item.integer(), item.unsigned(), item.bytes(), item.text(), item.boolean());
    let _ = (item.byte_array::<16>(), item.named(["id", "type"]), item.numbered([1, 2, -1]));
    item.array().into_iter().flatten().for_each(visit);
    item.map().into_iter().flatten().for_each(|(key, value)| {
        visit(key);
        visit(value);
    });
}

/// Every decoder; what one accepts, it writes in a form that it reads the same.
fn decode_everything(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(request) = Request::decode(bytes) {
        prop_assert_eq!(Request::decode(&request.encode()), Ok(request));
    }
    for command in [0x01, 0x02] {
        if let Ok(request) = Request::decode(&[&[command], bytes].concat()) {
            prop_assert_eq!(Request::decode(&request.encode()), Ok(request));
        }
    }
    if let Ok(response) = MakeCredentialResponse::decode(bytes) {
        prop_assert_eq!(MakeCredentialResponse::decode(&response.encode()), Ok(response));
    }
    if let Ok(response) = GetAssertionResponse::decode(bytes, &[]) {
        prop_assert_eq!(GetAssertionResponse::decode(&response.encode(), &[]), Ok(response));
    }
    if let Ok(info) = GetInfo::decode(bytes) {
        prop_assert_eq!(GetInfo::decode(&info.encode()), Ok(info));
    }
    if let Ok(data) = AuthenticatorData::decode(bytes) {
        prop_assert_eq!(AuthenticatorData::decode(&data.encode()), Ok(data));
    }
    if let Ok(key) = PublicKey::from_cose(bytes) {
        prop_assert_eq!(key.to_cose(), bytes);
    }
    Ok(())
}

/// One change to a message.
#[derive(Clone, Debug)]
enum Mutation {
    Set(Index, u8),
    Flip(Index, u8),
    Remove(Index),
    Insert(Index, u8),
    Cut(Index),
    Repeat(Index, Index),
}

fn mutations() -> impl Strategy<Value = Vec<Mutation>> {
    // Bytes that start something, more often than others.
    let byte = prop_oneof![
        any::<u8>(),
        proptest::sample::select(vec![
            0x18, 0x1B, 0x20, 0x40, 0x58, 0x5F, 0x60, 0x80, 0x9B, 0x9F, 0xA0, 0xBF, 0xC0, 0xF4, 0xF7, 0xFB,
            0xFF
        ])
    ];
    let index = any::<Index>;
    let one = prop_oneof![
        (index(), byte.clone()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        (index(), 0..8u8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        index().prop_map(Mutation::Remove),
        (index(), byte).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        index().prop_map(Mutation::Cut),
        (index(), index()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
    ];
    vec(one, 1..4)
}

fn mutate(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        if bytes.is_empty() {
            break;
        }
        let len = bytes.len();
        match mutation {
            Mutation::Set(at, byte) => bytes[at.index(len)] = *byte,
            Mutation::Flip(at, bit) => bytes[at.index(len)] ^= 1 << bit,
            Mutation::Remove(at) => drop(bytes.remove(at.index(len))),
            Mutation::Insert(at, byte) => bytes.insert(at.index(len + 1), *byte),
            Mutation::Cut(at) => bytes.truncate(at.index(len)),
            Mutation::Repeat(from, to) => {
                let piece: Vec<u8> = bytes[from.index(len)..].iter().copied().take(40).collect();
                let to = to.index(len + 1);
                bytes.splice(to..to, piece);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn requests_round_trip(request in request()) {
        let encoded = request.encode();
        if encoded.len() > 1 {
            agrees(&encoded[1..])?;
        }
        prop_assert_eq!(Request::decode(&encoded), Ok(request));
    }

    #[test]
    fn make_credential_responses_round_trip(response in make_credential_response()) {
        let encoded = response.encode();
        agrees(&encoded)?;
        agrees(&response.attestation_object())?;
        prop_assert_eq!(MakeCredentialResponse::decode(&encoded), Ok(response));
    }

    #[test]
    fn get_assertion_responses_round_trip(response in get_assertion_response()) {
        let encoded = response.encode();
        agrees(&encoded)?;
        prop_assert_eq!(GetAssertionResponse::decode(&encoded, &[]), Ok(response));
    }

    #[test]
    fn get_info_round_trips(info in get_info()) {
        let encoded = info.encode();
        agrees(&encoded)?;
        prop_assert_eq!(GetInfo::decode(&encoded), Ok(info));
    }

    #[test]
    fn authenticator_data_round_trips(data in authenticator_data()) {
        prop_assert_eq!(AuthenticatorData::decode(&data.encode()), Ok(data));
    }

    #[test]
    fn public_keys_round_trip(key in public_key()) {
        let encoded = key.to_cose();
        agrees(&encoded)?;
        prop_assert_eq!(PublicKey::from_cose(&encoded), Ok(key));
    }

    #[test]
    fn canonical_values_are_accepted(value in value(5)) {
        let encoded = encode(&canonical(value));
        prop_assert!(oracle(&encoded));
        prop_assert_eq!(Item::parse(&encoded).map(Item::raw), Ok(&encoded[..]));
    }

    #[test]
    fn any_value_is_judged_as_by_the_oracle(value in wild_value()) {
        agrees(&encode(&value))?;
    }

    #[test]
    fn mutated_values_are_judged_as_by_the_oracle(value in wild_value(), mutations in mutations()) {
        agrees(&mutate(encode(&canonical(value)), &mutations))?;
    }

    #[test]
    fn any_bytes_are_judged_as_by_the_oracle(bytes in bytes(64)) {
        agrees(&bytes)?;
        decode_everything(&bytes)?;
    }

    #[test]
    fn mutated_requests_are_handled(request in request(), mutations in mutations()) {
        let bytes = mutate(request.encode(), &mutations);
        if let Some((_, parameters)) = bytes.split_first() {
            agrees(parameters)?;
        }
        decode_everything(&bytes)?;
    }

    #[test]
    fn mutated_responses_are_handled(
        make_credential in make_credential_response(),
        get_assertion in get_assertion_response(),
        info in get_info(),
        mutations in mutations(),
    ) {
        for bytes in [make_credential.encode(), get_assertion.encode(), info.encode()] {
            let bytes = mutate(bytes, &mutations);
            agrees(&bytes)?;
            decode_everything(&bytes)?;
        }
    }

    #[test]
    fn mutated_authenticator_data_is_handled(data in authenticator_data(), mutations in mutations()) {
        decode_everything(&mutate(data.encode(), &mutations))?;
    }
}
