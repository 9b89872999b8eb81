use super::*;

#[test]
fn half_is_the_mean_of_four() {
    let luma = [0, 4, 9, 8, 4, 9, 1, 1, 1, 1];
    let half = Luma::half(Frame::new(4, 2, 6, &luma).unwrap()).unwrap();
    assert_eq!(half.frame().rows().collect::<Vec<_>>(), [[2, 5]]);
    let odd = Luma::half(Frame::new(3, 3, 3, &luma).unwrap()).unwrap();
    assert_eq!(odd.frame().rows().collect::<Vec<_>>(), [[4]]);
    assert!(Luma::half(Frame::new(1, 8, 1, &luma).unwrap()).is_none());
}

#[test]
fn filters_keep_size_and_flat_areas() {
    for (width, height) in [(1, 1), (2, 1), (1, 3), (5, 4)] {
        let luma = vec![77; width * height];
        let frame = Frame::new(width, height, width, &luma).unwrap();
        assert_eq!(Luma::sharp(frame).data, luma);
        assert_eq!(Luma::smooth(frame).data, luma);
    }
    let mut dot = vec![40; 25];
    dot[12] = 80;
    let frame = Frame::new(5, 5, 5, &dot).unwrap();
    assert_eq!(Luma::sharp(frame).data[10..15], [40, 30, 120, 30, 40]);
    assert_eq!(Luma::smooth(frame).data[10..15], [40, 45, 50, 45, 40]);
}
