use super::*;

#[test]
fn every_byte_round_trips() {
    for byte in 0..=u8::MAX {
        let status = Status::from(byte);
        assert_eq!(u8::from(status), byte);
        assert_eq!(status.into_result(), if byte == 0 { Ok(()) } else { Err(Status(byte)) });
        let shown = status.to_string();
        assert!(shown.contains(&format!("0x{byte:02X}")), "{shown}");
        assert_eq!(format!("{status:?}"), shown);
        if let Some(name) = status.name() {
            assert!(shown.starts_with(name));
        }
    }
}

/// The codes of CTAP 2.3 section 8.2 and the values that it has taken back.
#[test]
fn names_are_those_of_the_specification() {
    let named: Vec<u8> = (0..=u8::MAX).filter(|&byte| Status(byte).name().is_some()).collect();
    let mut expected: Vec<u8> = [0x0A, 0x0B, 0x11, 0x12, 0x14, 0x15, 0x17, 0x18, 0x19, 0x7F, 0xDF].into();
    expected.extend(0x00..=0x06);
    expected.extend(0x21..=0x28);
    expected.extend(0x2B..=0x40);
    expected.sort_unstable();
    assert_eq!(named, expected);
    assert_eq!(Status(0x2E).name(), Some("NO_CREDENTIALS"));
    assert_eq!(Status(0xE1).to_string(), "0xE1");
}
