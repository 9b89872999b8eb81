use super::*;

#[test]
fn tells_light_from_dark_under_a_slope_of_light() {
    // Stripes of ten grey levels on a slope of two hundred.
    let (width, height) = (200, 60);
    let luma: Vec<u8> = (0..width * height)
        .map(|i| {
            let x = i % width;
            (x + if x / 5 % 2 == 0 { 0 } else { 12 }) as u8
        })
        .collect();
    let contrast = Contrast::of(Frame::new(width, height, width, &luma).unwrap());
    let right = (16..184).filter(|x| (contrast.row(30)[*x] >= 128) == (x / 5 % 2 == 1)).count();
    assert!(right > 150, "{right}");
}

#[test]
fn flat_areas_are_light_and_any_size_works() {
    for (width, height) in [(1, 1), (7, 3), (8, 8), (9, 17), (300, 1), (1, 300)] {
        for value in [0, 3, 128, 255] {
            let luma = vec![value; width * height];
            let contrast = Contrast::of(Frame::new(width, height, width, &luma).unwrap());
            assert_eq!((contrast.row(0).len(), contrast.height()), (width, height));
            assert!((0..height).all(|y| contrast.row(y).iter().all(|p| *p > 128)));
            assert!(contrast.at(0.5, 0.5) > 0.0);
        }
    }
    assert_eq!(distance(128), 0.0);
    assert_eq!(distance(100), 28.0);
}
