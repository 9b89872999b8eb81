//! A camera frame of any size and content: both efforts end, and what the preview reads the photo reads too.
#![no_main]

use latchkey_scan::{Effort, Frame, code_from_texts, read_texts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Width, padding and scale; the rest is the picture. Scaled up, a few bytes make modules of a few pixels.
    let [width, padding, scale, picture @ ..] = bytes else { return };
    let (width, scale) = (usize::from(*width), usize::from(*scale) % 8 + 1);
    let stride = width * scale + usize::from(*padding) % 16;
    if width == 0 {
        assert!(Frame::new(0, 1, stride, picture).is_err());
        return;
    }
    let scaled: Vec<u8> = picture
        .chunks_exact(width)
        .flat_map(|row| {
            let mut scaled: Vec<u8> =
                row.iter().flat_map(|pixel| std::iter::repeat_n(*pixel, scale)).collect();
            scaled.resize(stride, 0);
            scaled.repeat(scale)
        })
        .collect();
    let height = picture.len() / width * scale;
    let Ok(frame) = Frame::new(width * scale, height, stride, &scaled) else { return };
    let preview = read_texts(&frame, Effort::Preview);
    let photo = read_texts(&frame, Effort::Photo);
    assert!(preview.iter().all(|text| photo.contains(text)));
    let _ = code_from_texts(&photo);
});
