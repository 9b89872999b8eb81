use super::*;

/// Made with Python: hmac.new(hmac.new(b"\0" * 32, secret, "sha256").digest(), info + b"\x01", "sha256").
#[test]
fn follows_the_protocol_byte_by_byte() {
    let secret: [u8; 32] = core::array::from_fn(|i| i as u8);
    let expected = "a3b3c6cbb6304029fc00b0d36742207ecc259bd340216c51a91506b5451ac205";
    assert_eq!(hex(pairing_secret(&secret, "request-1").as_ref()), expected);
    assert_eq!(
        hex(Psk::of_pairing(&secret).secret().expose()),
        "071c6d8ed0a5b45b77e9f23c9fc21d886db3b35192a5970dd5284ee406ec4cd7"
    );
}

#[test]
fn every_input_counts() {
    let secret = pairing_secret(&[1; 32], "a");
    assert_ne!(*secret, *pairing_secret(&[2; 32], "a"));
    assert_ne!(*secret, *pairing_secret(&[1; 32], "b"));
    assert_ne!(Psk::of_pairing(&[1; 32]).secret(), Psk::of_pairing(&[2; 32]).secret());
    assert_eq!(Psk::of_pairing(&[1; 32]).secret(), Psk::of_code(&[1; 32]).secret());
}

#[test]
fn debug_shows_no_secret() {
    assert_eq!(format!("{:?}", Psk::of_pairing(&[1; 32])), "Psk(<redacted>)");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
