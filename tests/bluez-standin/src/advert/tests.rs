use std::collections::HashMap;

use dbus::arg::Variant;

use super::*;

const FIDO: &str = "0000fff9-0000-1000-8000-00805f9b34fb";

fn properties(entries: Vec<(&str, Box<dyn RefArg>)>) -> PropMap {
    entries.into_iter().map(|(name, value)| (name.to_owned(), Variant(value))).collect()
}

fn broadcast(service_data: usize) -> Vec<(&'static str, Box<dyn RefArg>)> {
    let data = HashMap::from([("FFF9".to_owned(), Variant(vec![7_u8; service_data]))]);
    vec![("Type", Box::new("broadcast".to_owned())), ("ServiceData", Box::new(data))]
}

fn with(
    mut entries: Vec<(&'static str, Box<dyn RefArg>)>,
    name: &'static str,
    value: Box<dyn RefArg>,
) -> Result<Content, Refusal> {
    entries.retain(|(other, _)| *other != name);
    entries.push((name, value));
    Content::parse(&properties(entries))
}

#[test]
fn service_data_is_read() {
    let content = Content::parse(&properties(broadcast(20))).unwrap();
    assert_eq!(content.service_data, BTreeMap::from([(FIDO.to_owned(), vec![7; 20])]));
    assert!(!content.discoverable && content.service_uuids.is_empty() && content.local_name.is_none());
}

#[test]
fn what_fits_an_advert_is_31_bytes() {
    // 2 bytes of header and 2 of UUID.
    assert!(Content::parse(&properties(broadcast(27))).is_ok());
    assert_eq!(Content::parse(&properties(broadcast(28))), Err(Refusal::TOO_LONG));

    // A list of one 16-bit UUID takes 4 bytes more, the flags take 3.
    let uuids = || -> Box<dyn RefArg> { Box::new(vec!["fff9".to_owned()]) };
    assert!(with(broadcast(23), "ServiceUUIDs", uuids()).is_ok());
    assert_eq!(with(broadcast(24), "ServiceUUIDs", uuids()), Err(Refusal::TOO_LONG));
    let discoverable = |length| {
        let mut entries = broadcast(length);
        entries.retain(|(name, _)| *name != "Type");
        entries.push(("Type", Box::new("peripheral".to_owned())));
        with(entries, "Discoverable", Box::new(true))
    };
    assert!(discoverable(24).unwrap().discoverable);
    assert_eq!(discoverable(25), Err(Refusal::TOO_LONG));

    // A UUID of 128 bits takes 18 bytes.
    let uuids: Vec<String> = vec!["f0debc9a-7856-3412-7856-341278563412".to_owned()];
    assert!(with(broadcast(9), "ServiceUUIDs", Box::new(uuids.clone())).is_ok());
    assert_eq!(with(broadcast(10), "ServiceUUIDs", Box::new(uuids)), Err(Refusal::TOO_LONG));

    let company = |length: usize| -> Box<dyn RefArg> {
        Box::new(HashMap::from([(0x1234_u16, Variant(vec![1_u8; length]))]))
    };
    assert!(with(broadcast(0), "ManufacturerData", company(23)).is_ok());
    assert_eq!(with(broadcast(0), "ManufacturerData", company(24)), Err(Refusal::TOO_LONG));
    // The name is not in the advert.
    assert!(with(broadcast(27), "LocalName", Box::new("x".repeat(100))).is_ok());
}

#[test]
fn properties_that_are_wrong_are_refused() {
    assert_eq!(Content::parse(&PropMap::new()), Err(Refusal::INVALID));
    let refused: Vec<(&'static str, Box<dyn RefArg>)> = vec![
        ("Type", Box::new("beacon".to_owned())),
        ("Type", Box::new(1_u32)),
        // "This property shall not be set when Type is set to broadcast."
        ("Discoverable", Box::new(false)),
        ("MinInterval", Box::new(19_u32)),
        ("MaxInterval", Box::new(10_485_001_u32)),
        ("MinInterval", Box::new(100_i32)),
        ("ServiceUUIDs", Box::new("fff9".to_owned())),
        ("ServiceUUIDs", Box::new(vec!["fido".to_owned()])),
        ("ServiceData", Box::new(vec![1_u8])),
        ("ServiceData", Box::new(HashMap::from([("fff9".to_owned(), Variant("text".to_owned()))]))),
        ("ServiceData", Box::new(HashMap::from([("ff-f9".to_owned(), Variant(vec![1_u8]))]))),
    ];
    for (name, value) in refused {
        let shown = format!("{name} {value:?}");
        assert_eq!(with(broadcast(20), name, value), Err(Refusal::INVALID), "{shown}");
    }
    let mut entries = broadcast(20);
    entries.push(("MinInterval", Box::new(200_u32)));
    assert_eq!(with(entries, "MaxInterval", Box::new(100_u32)), Err(Refusal::INVALID));
}

#[test]
fn a_filter_looks_at_the_list_of_services_only() {
    let content = Content::parse(&properties(broadcast(20))).unwrap();
    let filter = |uuids: &[&str]| {
        let uuids: Vec<String> = uuids.iter().map(|uuid| (*uuid).to_owned()).collect();
        Filter::parse(&properties(vec![("UUIDs", Box::new(uuids)), ("DuplicateData", Box::new(true))]))
            .unwrap()
    };
    assert!(filter(&[]).matches(&content) && filter(&[]).duplicate_data);
    assert!(!filter(&[FIDO]).matches(&content));
    let listed = with(broadcast(20), "ServiceUUIDs", Box::new(vec![FIDO.to_owned()])).unwrap();
    assert!(filter(&[FIDO]).matches(&listed));
    assert_eq!(Filter::parse(&PropMap::new()), None);
}
