use ciborium_ll::{Decoder, Encoder, Header, simple};
use proptest::prelude::*;

use super::*;

/// What the header is to ciborium, which reads all of CBOR, and what is not canonical about it.
fn oracle(bytes: &[u8]) -> Result<(u8, u64, usize), CborError> {
    let mut decoder = Decoder::from(bytes);
    let header = decoder.pull().map_err(|error| match error {
        ciborium_ll::Error::Io(_) => CborError::Truncated,
        ciborium_ll::Error::Syntax(_) => CborError::Malformed,
    })?;
    let (major, argument) = match header {
        Header::Positive(number) => (0, number),
        Header::Negative(number) => (1, number),
        Header::Bytes(Some(len)) => (2, len as u64),
        Header::Text(Some(len)) => (3, len as u64),
        Header::Array(Some(len)) => (4, len as u64),
        Header::Map(Some(len)) => (5, len as u64),
        Header::Simple(value @ (simple::FALSE | simple::TRUE | simple::NULL)) => (7, value.into()),
        Header::Bytes(None) | Header::Text(None) | Header::Array(None) | Header::Map(None) => {
            return Err(CborError::Indefinite);
        }
        Header::Tag(_) => return Err(CborError::Tag),
        Header::Break => return Err(CborError::Malformed),
        Header::Simple(_) | Header::Float(_) => return Err(CborError::Simple),
    };
    let mut shortest = Vec::new();
    Encoder::from(&mut shortest).push(header).unwrap();
    if shortest.len() == decoder.offset() {
        Ok((major, argument, shortest.len()))
    } else {
        Err(CborError::NotShortest)
    }
}

fn agrees(bytes: &[u8]) {
    let read = Head::read(bytes).map(|head| (head.major as u8, head.argument, head.len));
    assert_eq!(read, oracle(bytes), "{bytes:02x?}");
    if let Ok(Head { major, argument, len }) = Head::read(bytes) {
        let mut written = Vec::new();
        Head::write(major, argument, &mut written);
        assert_eq!(written, bytes[..len]);
    }
}

/// Every first byte, with every second byte, and cut off at every length.
#[test]
fn every_header_reads_as_ciborium_reads_it() {
    for initial in 0..=0xFF {
        for second in 0..=0xFF {
            for following in [0x00, 0x01, 0x80, 0xFF] {
                let mut bytes = [following; 9];
                bytes[0] = initial;
                bytes[1] = second;
                (0..=bytes.len()).for_each(|len| agrees(&bytes[..len]));
            }
        }
    }
}

proptest! {
    #[test]
    fn any_number_is_written_and_read(number: u64, bits in 0..64) {
        let number = number >> bits;
        for major in [Major::Unsigned, Major::Negative, Major::Bytes, Major::Array] {
            let mut out = Vec::new();
            Head::write(major, number, &mut out);
            agrees(&out);
            let head = Head::read(&out).unwrap();
            prop_assert!(head.major == major && head.argument == number && head.len == out.len());
        }
    }
}
