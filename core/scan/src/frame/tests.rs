use super::*;

#[test]
fn takes_a_plane_with_padded_rows_and_a_short_last_row() {
    let luma = [1, 2, 0, 0, 3, 4];
    let frame = Frame::new(2, 2, 4, &luma).unwrap();
    assert_eq!(frame.rows().collect::<Vec<_>>(), [[1, 2], [3, 4]]);
    assert_eq!((frame.width(), frame.height()), (2, 2));
    assert_eq!(format!("{frame:?}"), "Frame(2 x 2)");
}

#[test]
fn refuses_every_impossible_combination() {
    let luma = [0; 16];
    let error = |w, h, s| Frame::new(w, h, s, &luma).unwrap_err();
    assert_eq!(error(0, 4, 4), FrameError::Empty);
    assert_eq!(error(4, 0, 4), FrameError::Empty);
    assert_eq!(error(4, 4, 3), FrameError::StrideTooShort { stride: 3, width: 4 });
    assert_eq!(error(4, 5, 4), FrameError::BufferTooShort { needed: 20, got: 16 });
    assert_eq!(error(2, 2, usize::MAX), FrameError::BufferTooShort { needed: usize::MAX, got: 16 });
    for (width, height) in [(usize::MAX, 1), (1, usize::MAX), (usize::MAX, usize::MAX), (8192, 8192)] {
        assert_eq!(error(width, height, width), FrameError::TooLarge { width, height });
    }
}

#[test]
fn takes_the_largest_frame() {
    let luma = vec![0; MAX_PIXELS];
    assert!(Frame::new(4096, 4096, 4096, &luma).is_ok());
    assert!(Frame::new(8192, 2048, 8192, &luma).is_ok());
}
