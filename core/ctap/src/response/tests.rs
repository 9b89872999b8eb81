use super::*;

#[test]
fn every_status_survives() {
    for byte in 1..=u8::MAX {
        let response = join(Err(Status(byte)));
        assert_eq!(response, [byte]);
        assert_eq!(split(&response), Err(Status(byte)));
        assert_eq!(split(&[byte, 0xA0]), Err(Status(byte)));
    }
}

#[test]
fn success_carries_the_answer() {
    assert_eq!(join(Ok(&[0xA0])), [0x00, 0xA0]);
    assert_eq!(split(&[0x00, 0xA0]), Ok(&[0xA0][..]));
    assert_eq!(join(Ok(&[])), [0x00]);
    assert_eq!(split(&[0x00]), Ok(&[][..]));
}

#[test]
fn an_empty_response_is_a_failure() {
    assert_eq!(split(&[]), Err(Status::INVALID_LENGTH));
}
