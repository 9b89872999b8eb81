use proptest::prelude::*;

use super::*;

fn pair() -> (Transport, Transport) {
    let (a, b) = (Secret::new([1; 32]), Secret::new([2; 32]));
    (Transport::new(&a, &b), Transport::new(&b, &a))
}

proptest! {
    #[test]
    fn messages_come_back_in_order(messages: Vec<Vec<u8>>) {
        let (mut here, mut there) = pair();
        for message in messages {
            let frame = here.seal(&message).unwrap();
            prop_assert_eq!((frame.len() - TAG_LEN) % BLOCK, 0);
            prop_assert!(frame.len() > message.len() + TAG_LEN && frame.len() <= message.len() + BLOCK + TAG_LEN);
            prop_assert_eq!(there.open(frame).unwrap(), message);
        }
    }

    #[test]
    fn padding_comes_off(message: Vec<u8>) {
        let padded = Transport::pad(&message);
        prop_assert_eq!(padded.len() % BLOCK, 0);
        prop_assert_eq!(usize::from(*padded.last().unwrap()), padded.len() - message.len() - 1);
        prop_assert_eq!(Transport::unpad(padded).unwrap(), message);
    }

    /// The last byte alone decides, as other implementations pad in other ways.
    #[test]
    fn any_padding_comes_off_or_is_refused(padded: Vec<u8>) {
        let zeros = padded.last().map(|&zeros| usize::from(zeros));
        match Transport::unpad(padded.clone()) {
            Ok(message) => prop_assert_eq!(message.len() + zeros.unwrap() + 1, padded.len()),
            Err(error) => {
                prop_assert_eq!(error, HybridError::Padding);
                prop_assert!(zeros.is_none_or(|zeros| zeros + 1 > padded.len()));
            }
        }
    }

    #[test]
    fn any_flipped_bit_is_fatal(message in proptest::collection::vec(any::<u8>(), 0..40)) {
        let (mut here, _) = pair();
        let frame = here.seal(&message).unwrap();
        let next = here.seal(b"next").unwrap();
        for bit in 0..frame.len() * 8 {
            let (_, mut there) = pair();
            let mut changed = frame.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(there.open(changed), Err(HybridError::Decrypt));
            prop_assert_eq!(there.open(frame.clone()), Err(HybridError::TransportClosed));
            prop_assert_eq!(there.open(next.clone()), Err(HybridError::TransportClosed));
            prop_assert_eq!(there.seal(&[]), Err(HybridError::TransportClosed));
        }
    }

    #[test]
    fn a_truncated_frame_is_refused(message: Vec<u8>, len: usize) {
        let (mut here, mut there) = pair();
        let mut frame = here.seal(&message).unwrap();
        frame.truncate(len % frame.len());
        prop_assert_eq!(there.open(frame), Err(HybridError::Decrypt));
    }

    #[test]
    fn garbage_is_refused(frame: Vec<u8>) {
        prop_assert_eq!(pair().1.open(frame), Err(HybridError::Decrypt));
    }
}

#[test]
fn order_matters() {
    let frames = |here: &mut Transport| (here.seal(b"first").unwrap(), here.seal(b"second").unwrap());

    let (mut here, mut there) = pair();
    let (first, second) = frames(&mut here);
    assert_eq!(there.open(second), Err(HybridError::Decrypt), "swapped");
    assert_eq!(there.open(first), Err(HybridError::TransportClosed));

    let (mut here, mut there) = pair();
    let (first, _) = frames(&mut here);
    there.open(first.clone()).unwrap();
    assert_eq!(there.open(first), Err(HybridError::Decrypt), "repeated");

    let (mut here, _) = pair();
    let (first, _) = frames(&mut here);
    assert_eq!(here.open(first), Err(HybridError::Decrypt), "reflected");
}

#[test]
fn a_key_seals_two_to_the_24_frames() {
    let (mut here, mut there) = pair();
    here.set_counters(MAX_COUNTER);
    there.set_counters(MAX_COUNTER);
    let last = here.seal(b"last").unwrap();
    assert_eq!(there.open(last.clone()).unwrap(), b"last");
    assert_eq!(here.seal(b"one more"), Err(HybridError::TransportClosed));
    assert_eq!(there.open(last), Err(HybridError::TransportClosed));
}

#[test]
fn messages_are_bounded() {
    let (mut here, mut there) = pair();
    let longest = vec![7; MAX_MESSAGE_SIZE - BLOCK - 1];
    let frame = here.seal(&longest).unwrap();
    assert_eq!(frame.len(), MAX_MESSAGE_SIZE - BLOCK + TAG_LEN);
    assert_eq!(there.open(frame).unwrap(), longest);
    assert_eq!(here.seal(&vec![7; longest.len() + 1]), Err(HybridError::MessageTooLong(longest.len() + 1)));
    let too_long = vec![0; MAX_MESSAGE_SIZE + 1];
    assert_eq!(there.open(too_long), Err(HybridError::MessageTooLong(MAX_MESSAGE_SIZE + 1)));
    // What this side refuses to send leaves the connection as it was.
    assert_eq!(here.seal(b"short").map(|frame| frame.len()), Ok(48));
}
