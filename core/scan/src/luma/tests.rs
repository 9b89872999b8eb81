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
fn smoothing_keeps_size_and_flat_areas() {
    for (width, height) in [(1, 1), (2, 1), (1, 3), (5, 4)] {
        let luma = vec![77; width * height];
        let smooth = Luma::smooth(Frame::new(width, height, width, &luma).unwrap());
        assert_eq!(smooth.data, luma);
    }
    let mut dot = vec![0; 9];
    dot[4] = 160;
    assert_eq!(Luma::smooth(Frame::new(3, 3, 3, &dot).unwrap()).data[3..6], [0, 40, 0]);
}
