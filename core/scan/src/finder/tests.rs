use super::*;
use crate::Frame;

fn whole(step: usize) -> Search {
    Search { step, shape: Shape::Whole, skip_noise: false }
}

/// A finder pattern of `module` pixels a module around `(cx, cy)`, turned by `angle`.
fn draw(luma: &mut [u8], width: usize, (cx, cy): (f32, f32), module: f32, angle: f32, dark: bool) {
    let (sin, cos) = angle.sin_cos();
    for (i, p) in luma.iter_mut().enumerate() {
        let (x, y) = ((i % width) as f32 + 0.5 - cx, (i / width) as f32 + 0.5 - cy);
        let ring = (x * cos + y * sin).abs().max((y * cos - x * sin).abs()) / module;
        if ring < 3.5 {
            let ink = !(1.5..=2.5).contains(&ring);
            *p = if ink == dark { 30 } else { 220 };
        }
    }
}

#[test]
fn finds_patterns_of_either_polarity_at_any_angle() {
    for (dark, paper) in [(true, 220), (false, 30)] {
        for angle in [0.0, 0.2, 0.5, 0.785, 1.2] {
            for module in [2.2, 3.0, 5.5] {
                let mut luma = vec![paper; 160 * 120];
                draw(&mut luma, 160, (60.3, 50.7), module, angle, dark);
                let found = find(&Contrast::of(Frame::new(160, 120, 160, &luma).unwrap()), whole(1));
                let [finder] = found[..] else { panic!("{dark} {angle} {module}: {found:?}") };
                assert_eq!(finder.dark, dark);
                assert!((finder.x - 60.3).abs() < 0.8 && (finder.y - 50.7).abs() < 0.8, "{finder:?}");
                let axis = module / angle.cos().abs().max(angle.sin().abs());
                assert!((finder.module / axis - 1.0).abs() < 0.15, "{finder:?} {axis}");
            }
        }
    }
}

#[test]
fn finds_a_pattern_at_the_border() {
    let mut luma = vec![220; 100 * 100];
    draw(&mut luma, 100, (10.5, 89.5), 3.0, 0.0, true);
    assert_eq!(find(&Contrast::of(Frame::new(100, 100, 100, &luma).unwrap()), whole(2)).len(), 1);
}

#[test]
fn a_field_of_patterns_is_cut_short() {
    let mut luma = vec![220; 640 * 480];
    for (i, p) in luma.iter_mut().enumerate() {
        let (x, y) = ((i % 640) % 16, (i / 640) % 16);
        let ring = (x as i32 - 7).abs().max((y as i32 - 7).abs());
        if ring <= 3 || ring > 5 && ring <= 7 {
            *p = 20;
        }
    }
    assert_eq!(find(&Contrast::of(Frame::new(640, 480, 640, &luma).unwrap()), whole(1)).len(), MAX_FINDERS);
}
