use super::*;
use crate::fixture::set;

#[test]
fn it_is_the_mac_of_the_vectors() {
    // From `tests/vectors.py`.
    let expected = "d5c0070f17ded845556ac9a35c5299de3abdaba7af1cd75905859d70023c8c69";
    let mac = set().acknowledgement().mac;
    assert_eq!(mac.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), expected);
}

#[test]
fn it_survives_the_wire_and_nothing_else_does() {
    let acknowledgement = set().acknowledgement();
    let bytes = acknowledgement.encode();
    assert_eq!(Acknowledgement::decode(&bytes), Ok(acknowledgement.clone()));
    for end in 0..bytes.len() {
        assert!(Acknowledgement::decode(&bytes[..end]).is_err());
    }
    let set_id = acknowledgement.set_id.0;
    let message = |version: u64, generation: u64, mac: &[u8], more: bool| {
        let mut map = MapWriter::new();
        map.number(1).unsigned(version);
        map.number(2).unsigned(generation);
        map.number(3).bytes(&set_id);
        map.number(4).bytes(mac);
        if more {
            map.number(5).boolean(true);
        }
        Acknowledgement::decode(&map.finish()).unwrap_err()
    };
    let mac = &acknowledgement.mac;
    assert_eq!(message(2, 1, mac, false), OfflineError::UnknownVersion(2));
    assert_eq!(message(1, 0, mac, false), OfflineError::InvalidGeneration);
    assert_eq!(message(1, 1 << 32, mac, false), OfflineError::Inconsistent);
    assert!(matches!(message(1, 1, &mac[1..], false), OfflineError::Malformed(_)));
    assert_eq!(message(1, 1, mac, true), OfflineError::UnexpectedEntries);
}

#[test]
fn it_does_not_print() {
    assert_eq!(format!("{:?}", set().acknowledgement()), "Acknowledgement(generation 1, redacted)");
}
