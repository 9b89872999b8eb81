use super::*;

fn point(x: f32, y: f32) -> Point {
    Point { x, y }
}

#[test]
fn maps_corners_to_corners_and_diagonals_to_diagonals() {
    let corners = [point(10.0, 20.0), point(90.0, 10.0), point(80.0, 100.0), point(5.0, 60.0)];
    let map = Homography::to(corners).unwrap();
    for ((u, v), corner) in [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].into_iter().zip(corners) {
        assert!(map.map(u, v).minus(corner).length() < 1e-3);
    }
    let centre = map.map(0.5, 0.5);
    let [a, b, c, d] = corners;
    assert!(c.minus(a).cross(centre.minus(a)).abs() < 0.1);
    assert!(d.minus(b).cross(centre.minus(b)).abs() < 0.1);
}

#[test]
fn refuses_what_has_no_inside() {
    let p = point(3.0, 3.0);
    assert!(Homography::to([p; 4]).is_none());
    assert!(Homography::to([point(0.0, 0.0), point(1.0, 1.0), point(2.0, 2.0), point(3.0, 3.0)]).is_none());
    assert!(Homography::to([point(f32::NAN, 0.0), p, p, p]).is_none());
    // The third corner lies within the triangle of the others.
    assert!(Homography::to([point(0.0, 0.0), point(10.0, 0.0), point(1.0, 1.0), point(0.0, 10.0)]).is_none());
}
