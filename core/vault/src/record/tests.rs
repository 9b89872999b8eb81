use latchkey_authenticator::store_contract::{self, credential, image};
use latchkey_authenticator::testing::SeededRng;
use proptest::prelude::*;
use zeroize::Zeroizing;

use super::*;
use crate::payload::BUCKET;

fn software() -> Credential {
    credential(1, "example.com", b"alice")
}

fn hardware() -> Credential {
    let public_key = PublicKey::Es256 { x: [1; 32], y: [2; 32] };
    Credential { key: CredentialKey::Hardware(HardwareKey { handle: vec![9; 16], public_key }), ..software() }
}

fn secrets(credential: &Credential) -> Secrets {
    Record::from(credential).open_secrets(&Secrets::of(credential).unwrap_or_default()).unwrap()
}

fn round_trip(credential: &Credential) {
    let payload = Record::from(credential).encode();
    let mut record = Record::decode(&payload).unwrap();
    assert_eq!(record.encode(), payload);
    record.summary.last_used_at = credential.last_used_at;
    let back = record.into_credential(secrets(credential), credential.sign_count).unwrap();
    assert_eq!(image(&back), image(credential));
}

#[test]
fn both_kinds_of_keys_come_back() {
    round_trip(&software());
    round_trip(&hardware());
    let public_key = PublicKey::EdDsa { x: [3; 32] };
    let key = CredentialKey::Hardware(HardwareKey { handle: vec![], public_key });
    round_trip(&Credential { key, ..software() });
}

#[test]
fn the_payload_holds_no_secret() {
    let key = store_contract::software_key(Algorithm::ES256, 0x5A);
    let prf_secret = Some(PrfSecret::unseal(Zeroizing::new([0x5A; 32])));
    let payload = Record::from(&Credential { key, prf_secret, ..software() }).encode();
    assert!(!payload.windows(8).any(|window| window == [0x5A; 8]));
}

#[test]
fn a_private_key_belongs_to_a_software_key_alone() {
    let record = |credential: &Credential| Record::from(credential);
    assert_eq!(record(&software()).into_credential(Secrets::default(), None).unwrap_err(), Damaged);
    assert_eq!(record(&hardware()).into_credential(secrets(&software()), None).unwrap_err(), Damaged);
    let zero = Secrets { key: Some(Zeroizing::new([0; 32])), prf: None };
    assert_eq!(record(&software()).into_credential(zero, None).unwrap_err(), Damaged);
}

#[test]
fn the_length_of_a_name_does_not_show() {
    let named = |length: usize| {
        let label = Some("x".repeat(length));
        Record::from(&Credential { label, ..software() }).encode().len()
    };
    let empty = named(0);
    assert_eq!(empty % BUCKET, 0);
    assert_eq!(named(20), empty);
    assert_eq!(named(20 + BUCKET), empty + BUCKET);
}

#[test]
fn padding_is_checked() {
    let payload = Record::from(&software()).encode();
    let end = payload.iter().rposition(|byte| *byte != 0).unwrap();
    for (index, byte) in [(end, 0x81), (end, 0), (payload.len() - 1, 1)] {
        let mut changed = payload.clone();
        changed[index] = byte;
        assert_eq!(Record::decode(&changed).unwrap_err(), Damaged);
    }
    assert_eq!(Record::decode(&payload[..payload.len() - 1]).unwrap_err(), Damaged);
    assert_eq!(Record::decode(&[]).unwrap_err(), Damaged);
    assert_eq!(Record::decode(&[0; BUCKET]).unwrap_err(), Damaged);
}

#[test]
fn missing_unknown_and_foreign_entries_are_refused() {
    let payload = Record::from(&hardware()).encode();
    let end = payload.iter().rposition(|byte| *byte != 0).unwrap();
    let entries: Vec<_> = Item::parse(&payload[..end]).unwrap().map().unwrap().collect();
    let optional = [3, 5, 6, 14, 17];
    for (removed, (key, _)) in entries.iter().enumerate() {
        let mut rest = entries.clone();
        rest.remove(removed);
        let sound = optional.contains(&key.unsigned().unwrap());
        assert_eq!(Record::decode(&padded(&rest)).is_ok(), sound, "without {key:?}");
    }
    let (extra_key, extra) = ([0x12], [0xF5]);
    let extra = (Item::parse(&extra_key).unwrap(), Item::parse(&extra).unwrap());
    assert_eq!(Record::decode(&padded(&[&entries[..], &[extra]].concat())).unwrap_err(), Damaged);

    // Another version, credProtect level, algorithm, and a public key of another length.
    for (key, value) in [
        (0, &[0x02][..]),
        (11, &[0x00]),
        (11, &[0x04]),
        (7, &[0x27]),
        (7, &[0x18, 0x63]),
        (9, &[0x41, 0x00]),
        (17, &[0xF4]),
        (17, &[0x01]),
    ] {
        let mut changed = entries.clone();
        changed.iter_mut().find(|entry| entry.0.unsigned() == Ok(key)).unwrap().1 =
            Item::parse(value).unwrap();
        assert_eq!(Record::decode(&padded(&changed)).unwrap_err(), Damaged, "{key}");
    }
}

fn padded(entries: &[(Item<'_>, Item<'_>)]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(entries.len());
    for (key, value) in entries {
        writer.raw(key.raw()).raw(value.raw());
    }
    payload::pad(writer.finish())
}

proptest! {
    #[test]
    fn any_credential_comes_back(
        id in prop::collection::vec(any::<u8>(), 0..80),
        texts in prop::array::uniform5(prop::option::of(".{0,90}")),
        user in prop::collection::vec(any::<u8>(), 0..70),
        flags in prop::array::uniform5(any::<bool>()),
        created_at in any::<u64>(),
        sign_count in any::<Option<u32>>(),
        prf in any::<Option<[u8; 32]>>(),
    ) {
        let [rp_id, rp_name, name, display_name, label] = texts;
        let [discoverable, hidden, backup_eligible, backed_up, eddsa] = flags;
        let algorithm = if eddsa { Algorithm::EDDSA } else { Algorithm::ES256 };
        round_trip(&Credential {
            id: CredentialId(id),
            rp_id: rp_id.unwrap_or_default(),
            rp_name,
            user: User { id: user, name, display_name },
            key: CredentialKey::Software(SoftwareKey::generate(algorithm, &SeededRng::new(created_at)).unwrap()),
            prf_secret: prf.map(|secret| PrfSecret::unseal(Zeroizing::new(secret))),
            discoverable,
            hidden,
            cred_protect: CredProtect::UvRequired,
            sign_count,
            backup_eligible,
            backed_up,
            label,
            created_at,
            last_used_at: None,
        });
    }

    #[test]
    fn nonsense_is_refused_not_fatal(payload in prop::collection::vec(any::<u8>(), 0..BUCKET * 2)) {
        let _ = Record::decode(&payload);
        let _ = Record::decode(&payload::pad(payload));
    }
}
