use super::*;
use crate::Frame;
use crate::finder::{Search, Shape, find};

/// A symbol of version 2 seen through a homography onto a picture of 320 x 320 pixels, and where its corners are.
fn seen(corners: [Point; 4]) -> (Vec<u8>, Vec<bool>) {
    let code =
        qrcode::QrCode::with_version("locate", qrcode::Version::Normal(2), qrcode::EcLevel::M).unwrap();
    let modules: Vec<bool> = code.to_colors().iter().map(|color| *color == qrcode::Color::Dark).collect();
    let map = Homography::to(corners).unwrap();
    // Paint forwards, finely enough that no pixel is left out.
    let mut luma = vec![230; 320 * 320];
    for i in 0..1500 * 1500 {
        let (u, v) = ((i % 1500) as f32 / 1500.0, (i / 1500) as f32 / 1500.0);
        let p = map.map(u, v);
        if modules[(v * 25.0) as usize * 25 + (u * 25.0) as usize] {
            luma[p.y as usize * 320 + p.x as usize] = 20;
        }
    }
    (luma, modules)
}

fn point(x: f32, y: f32) -> Point {
    Point { x, y }
}

const VIEWS: [[Point; 4]; 3] = [
    [
        Point { x: 60.0, y: 60.0 },
        Point { x: 260.0, y: 60.0 },
        Point { x: 260.0, y: 260.0 },
        Point { x: 60.0, y: 260.0 },
    ],
    [
        Point { x: 90.0, y: 40.0 },
        Point { x: 270.0, y: 100.0 },
        Point { x: 220.0, y: 290.0 },
        Point { x: 30.0, y: 220.0 },
    ],
    [
        Point { x: 50.0, y: 70.0 },
        Point { x: 200.0, y: 30.0 },
        Point { x: 210.0, y: 290.0 },
        Point { x: 40.0, y: 210.0 },
    ],
];

#[test]
fn places_a_symbol_straight_turned_and_tilted() {
    for view in VIEWS {
        let (luma, modules) = seen(view);
        let plane = Contrast::of(Frame::new(320, 320, 320, &luma).unwrap());
        let finders = find(&plane, Search { step: 2, shape: Shape::Whole, skip_noise: false });
        let places = triples(&finders).into_iter().filter_map(|triple| place(&plane, &triple, true));
        let best = places.filter_map(|place| refine(&plane, place)).next().unwrap();
        assert_eq!(best.version.number(), 2);
        for (corner, (x, y)) in view.into_iter().zip([(0.0, 0.0), (25.0, 0.0), (25.0, 25.0), (0.0, 25.0)]) {
            let error = best.map(x, y).minus(corner).length();
            assert!(error < 0.4 * best.module(), "{view:?} {x} {y}: {error}, module {}", best.module());
        }
        let right = (0..625).filter(|i| {
            let p = best.map((i % 25) as f32 + 0.5, (i / 25) as f32 + 0.5);
            (plane.near(p.x, p.y).unwrap() < 0) == modules[*i]
        });
        assert_eq!(right.count(), 625);
        assert!(best.covers(150.0, 150.0) && !best.covers(5.0, 5.0) && !best.covers(315.0, 20.0));
    }
}

#[test]
fn completes_a_square_from_two_patterns() {
    let (luma, _) = seen(VIEWS[0]);
    let plane = Contrast::of(Frame::new(320, 320, 320, &luma).unwrap());
    let finders = find(&plane, Search { step: 2, shape: Shape::Whole, skip_noise: false });
    let [a, b, c] = triples(&finders)[0].finders();
    for two in [[a, b], [b, c], [c, a]] {
        let found = completed(&two).into_iter().filter_map(|triple| place(&plane, &triple, false));
        let corners: Vec<Point> = found.map(|place| place.map(0.0, 0.0)).collect();
        assert!(corners.iter().any(|corner| corner.minus(point(60.0, 60.0)).length() < 8.0), "{corners:?}");
    }
}

#[test]
fn no_triple_out_of_unlike_or_aligned_patterns() {
    let finder = |x, y, module, dark| Finder { x, y, module, votes: 3, dark };
    let corner = finder(50.0, 50.0, 4.0, true);
    let right = finder(150.0, 50.0, 4.0, true);
    let below = finder(50.0, 150.0, 4.0, true);
    assert_eq!(triples(&[corner, right, below]).len(), 1);
    assert!(triples(&[corner, right, finder(50.0, 150.0, 4.0, false)]).is_empty());
    assert!(triples(&[corner, right, finder(50.0, 150.0, 20.0, true)]).is_empty());
    assert!(triples(&[corner, right, finder(250.0, 50.0, 4.0, true)]).is_empty());
    assert!(triples(&[corner, corner, corner]).is_empty());
}
