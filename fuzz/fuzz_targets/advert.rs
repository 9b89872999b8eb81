//! Service data that any radio nearby may send: only what was sealed opens, and it opens to the same.
#![no_main]

use latchkey_hybrid::derive::EidKey;
use latchkey_hybrid::{Eid, HybridError, Secret, advert};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let key = EidKey::of_qr(&Secret::new([7; 16]));

    // Straight off the air.
    let _ = advert::channel_psm(bytes);
    assert!(matches!(key.open(bytes), Err(HybridError::AdvertTooShort | HybridError::AdvertForeign)));

    // As a plaintext that the right phone seals, with a suffix behind it.
    let Some((plaintext, suffix)) = bytes.split_first_chunk::<16>() else { return };
    let Ok(eid) = Eid::from_bytes(*plaintext) else { return };
    let mut data = key.seal(&eid).to_vec();
    data.extend(suffix);
    assert_eq!(key.open(&data), Ok(eid));
    let _ = advert::channel_psm(&data);
    if let Some(&bit) = suffix.first() {
        let bit = usize::from(bit) % (advert::ADVERT_LEN * 8);
        data[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.open(&data), Err(HybridError::AdvertForeign));
    }
});
