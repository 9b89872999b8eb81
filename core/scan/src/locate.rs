//! Where a symbol lies in the picture: three finder patterns, then size and perspective.

use std::cmp::Reverse;

use crate::contrast::Contrast;
use crate::finder::{Finder, cut};
use crate::homography::{Homography, Point};
use crate::symbol::Version;

/// Three finder patterns that may belong to one symbol, clockwise from its upper left corner.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Triple {
    pub(crate) corner: Finder,
    pub(crate) right: Finder,
    pub(crate) below: Finder,
    /// How far from a square seen straight on; less is better.
    unlikely: f32,
}

impl Triple {
    pub(crate) fn finders(&self) -> [Finder; 3] {
        [self.corner, self.right, self.below]
    }

    /// Whether all three patterns were seen, none was made up.
    pub(crate) fn is_seen(&self) -> bool {
        self.finders().iter().all(|finder| finder.votes > 0)
    }
}

/// All plausible triples, the likeliest first.
pub(crate) fn triples(finders: &[Finder]) -> Vec<Triple> {
    let mut triples = Vec::new();
    for (i, a) in finders.iter().enumerate() {
        for (j, b) in finders.iter().enumerate().skip(i + 1).filter(|(_, b)| alike(a, b)) {
            for c in finders.iter().skip(j + 1).filter(|c| alike(a, c) && alike(b, c)) {
                triples.extend(arrangements([*a, *b, *c]));
            }
        }
    }
    triples.sort_by(|a, b| a.unlikely.total_cmp(&b.unlikely));
    triples
}

fn alike(a: &Finder, b: &Finder) -> bool {
    a.dark == b.dark && a.module < 2.5 * b.module && b.module < 2.5 * a.module
}

/// The ways three patterns can be a symbol's corners. The longest side is the diagonal and the corner lies opposite; in
/// a steep view a leg may look as long, so that there are two ways.
fn arrangements(finders: [Finder; 3]) -> impl Iterator<Item = Triple> {
    let [a, b, c] = finders;
    let turns = [(a, b, c), (b, c, a), (c, a, b)];
    let diagonal = |(_, b, c): (Finder, Finder, Finder)| point(b).minus(point(c)).length();
    let longest = turns.map(diagonal).into_iter().fold(0.0, f32::max);
    turns.into_iter().filter(move |turn| diagonal(*turn) > 0.85 * longest).filter_map(arrangement)
}

fn arrangement((corner, mut right, mut below): (Finder, Finder, Finder)) -> Option<Triple> {
    let turn = point(right).minus(point(corner)).cross(point(below).minus(point(corner)));
    if turn < 0.0 {
        std::mem::swap(&mut right, &mut below);
    }
    let (u, v) = (point(right).minus(point(corner)), point(below).minus(point(corner)));
    let (width, height) = (u.length(), v.length());
    let cosine = u.dot(v) / (width * height).max(f32::EPSILON);
    let stretch = (width / height.max(f32::EPSILON)).ln().abs();
    if cosine.abs() > 0.75 || stretch > 1.1 {
        return None;
    }
    let modules = [corner.module, right.module, below.module];
    let (least, most) =
        (modules.into_iter().fold(f32::MAX, f32::min), modules.into_iter().fold(0.0, f32::max));
    // 14 to 170 modules between the centres, with room for the rough measure.
    let across = (width + height) / 2.0 / ((least + most) / 2.0);
    if !(9.0..=240.0).contains(&across) {
        return None;
    }
    let unlikely = stretch + cosine.abs() + 2.0 * (most / least).ln();
    (unlikely < 2.6).then_some(Triple { corner, right, below, unlikely })
}

fn point(finder: Finder) -> Point {
    Point { x: finder.x, y: finder.y }
}

/// Triples of which only two patterns were found: the third is completed in every way that makes a square.
pub(crate) fn completed(finders: &[Finder]) -> Vec<Triple> {
    const PAIRS: usize = 8;
    let mut pairs: Vec<(u32, Finder, Finder)> = Vec::new();
    for (i, a) in finders.iter().enumerate() {
        for b in finders.iter().skip(i + 1) {
            let module = (a.module + b.module) / 2.0;
            let across = point(*a).minus(point(*b)).length() / module;
            let even = a.module < 1.4 * b.module && b.module < 1.4 * a.module;
            if a.dark == b.dark && even && (9.0..=250.0).contains(&across) {
                pairs.push((a.votes.min(b.votes), *a, *b));
            }
        }
    }
    pairs.sort_by_key(|(votes, ..)| Reverse(*votes));
    pairs.truncate(PAIRS);
    pairs.into_iter().flat_map(|(_, a, b)| squares(a, b)).collect()
}

fn squares(a: Finder, b: Finder) -> impl Iterator<Item = Triple> {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let at =
        move |x: f32, y: f32| Finder { x, y, module: (a.module + b.module) / 2.0, votes: 0, dark: a.dark };
    let sides = [(dy, -dx), (-dy, dx)].into_iter().flat_map(move |(nx, ny)| {
        [
            [a, b, at(a.x + nx, a.y + ny)],
            [a, b, at(b.x + nx, b.y + ny)],
            [a, b, at((a.x + b.x + nx) / 2.0, (a.y + b.y + ny) / 2.0)],
        ]
    });
    sides.flat_map(arrangements)
}

/// A symbol's place: the map from its modules to the plane it was searched in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) version: Version,
    pub(crate) dark: bool,
    /// Centres of the three finder patterns and the point that completes the square, clockwise.
    corners: [Point; 4],
    map: Homography,
}

impl Place {
    fn new(version: Version, dark: bool, corners: [Point; 4]) -> Option<Place> {
        Some(Place { version, dark, corners, map: Homography::to(corners)? })
    }

    /// Where a point of the symbol lies; the symbol's upper left corner is (0, 0), a module has size 1.
    pub(crate) fn map(&self, x: f32, y: f32) -> Point {
        let span = self.version.size() as f32 - 7.0;
        self.map.map((x - 3.5) / span, (y - 3.5) / span)
    }

    /// The modules whose colour every symbol of the version has: column, row, dark.
    pub(crate) fn known_modules(&self) -> impl Iterator<Item = (usize, usize, bool)> {
        function_modules(self.version).map(|(x, y, dark)| (x as usize, y as usize, dark))
    }

    /// Size of a module in pixels, on the average.
    pub(crate) fn module(&self) -> f32 {
        let [a, b, c, d] = self.corners;
        let area = (c.minus(a).cross(d.minus(b)) / 2.0).abs();
        area.sqrt() / (self.version.size() as f32 - 7.0)
    }

    /// Whether a point of the picture lies on the symbol.
    pub(crate) fn covers(&self, x: f32, y: f32) -> bool {
        let size = self.version.size() as f32;
        let outline = [(0.0, 0.0), (size, 0.0), (size, size), (0.0, size)].map(|(x, y)| self.map(x, y));
        let next = outline.into_iter().cycle().skip(1);
        outline.into_iter().zip(next).all(|(a, b)| b.minus(a).cross(Point { x, y }.minus(a)) >= 0.0)
    }
}

/// Measures a triple: version and perspective. `None` when there are no timing patterns between its finder patterns.
///
/// In a steep view the finder patterns are fitted first, which takes a hundred times as long; `steep` allows it.
pub(crate) fn place(plane: &Contrast, triple: &Triple, steep: bool) -> Option<Place> {
    let dark = triple.corner.dark;
    let (corner, right, below) = (point(triple.corner), point(triple.right), point(triple.below));
    let (across, down) = (right.minus(corner), below.minus(corner));
    // The sizes of a module at two patterns along the line between them; one stands for the other where a pattern is
    // damaged.
    let sizes = |ends: [Finder; 2], along: Point| {
        let length = along.length().max(f32::EPSILON);
        let (dx, dy) = (along.x / length, along.y / length);
        let [a, b] = ends.map(|finder| {
            cut(plane, finder.x, finder.y, dx, dy, 12.0 * finder.module + 2.0, dark).map(|cut| cut.module())
        });
        let [c, d] = ends.map(|finder| finder.module);
        (a.or(b).unwrap_or(c), b.or(a).unwrap_or(d))
    };
    let (corner_across, right_across) = sizes([triple.corner, triple.right], across);
    let (corner_down, below_down) = sizes([triple.corner, triple.below], down);
    let (_, right_down) = sizes([triple.corner, triple.right], down);
    let (_, below_across) = sizes([triple.corner, triple.below], across);
    let corner_size = (corner_across, corner_down);
    let right_size = (right_across, right_down);
    let below_size = (below_across, below_down);

    // Along a line in perspective the number of modules is the length over the geometric mean of the sizes at its ends.
    let columns = across.length() / (corner_size.0 * right_size.0).sqrt();
    let rows = down.length() / (corner_size.1 * below_size.1).sqrt();
    let estimate = (columns + rows) / 2.0 + 7.0;

    // Areas shrink with the third power of the depth, and depth is linear in the symbol's plane: that gives the fourth
    // corner before anything is known about the perspective.
    let depth = |(a, b): (f32, f32)| (a * b).max(f32::EPSILON).cbrt().recip();
    let (d0, d1, d3) = (depth(corner_size), depth(right_size), depth(below_size));
    let d2 = d1 + d3 - d0;
    let fourth = |f: fn(Point) -> f32| (f(right) * d1 + f(below) * d3 - f(corner) * d0) / d2;
    let opposite = Point { x: fourth(|p| p.x), y: fourth(|p| p.y) };
    let corners = [corner, right, opposite, below];

    let tolerance = 3.0 + estimate * 0.08;
    let versions = (1..=crate::symbol::MAX_VERSION)
        .filter_map(Version::new)
        .filter(|version| (version.size() as f32 - estimate).abs() <= tolerance);
    let best_of = |places: &mut dyn Iterator<Item = Place>| {
        places.map(|place| (timing(plane, &place), place)).max_by(|a, b| a.0.total_cmp(&b.0))
    };
    let straight = best_of(&mut versions.clone().filter_map(|v| Place::new(v, dark, corners)));
    let best = match straight {
        Some((fit, place)) if fit >= CLEAR || !steep => Some((fit, place)),
        // A steep view: the timing patterns are found only after the finder patterns have been fitted.
        _ => best_of(&mut versions.filter_map(|v| {
            let place = Place::new(v, dark, corners)?;
            Some(climb(plane, place, &finder_modules(v).step_by(2).collect::<Vec<_>>(), &[0.5, 0.25]).1)
        })),
    };
    let (fit, place) = best?;
    if fit < FAINT {
        return None;
    }
    Some(snap_to_alignment(plane, place))
}

/// Agreement of the timing patterns that leaves no doubt about place and version.
const CLEAR: f32 = 0.45;
/// Agreement below which there are no timing patterns.
const FAINT: f32 = 0.3;

/// How well the picture agrees with modules of known colour: 1 is perfectly, 0 not at all.
fn agreement(plane: &Contrast, place: &Place, modules: impl Iterator<Item = (f32, f32, bool)>) -> f32 {
    let (mut agree, mut total) = (0, 1);
    for (x, y, dark) in modules {
        let p = place.map(x, y);
        // What lies outside the picture counts against the place.
        let Some(contrast) = plane.near(p.x, p.y) else {
            total += 8;
            continue;
        };
        // Strong edges do not outvote faint ones by more than this.
        let contrast = contrast.clamp(-40, 40);
        agree += if dark == place.dark { -contrast } else { contrast };
        total += contrast.abs();
    }
    agree as f32 / total as f32
}

/// The two timing patterns between the finder patterns.
fn timing(plane: &Contrast, place: &Place) -> f32 {
    agreement(plane, place, timing_modules(place.version))
}

fn timing_modules(version: Version) -> impl Iterator<Item = (f32, f32, bool)> {
    (8..version.size() - 8).flat_map(|i| {
        let dark = i.is_multiple_of(2);
        let along = i as f32 + 0.5;
        [(along, 6.5, dark), (6.5, along, dark)]
    })
}

/// Concentric squares, one module wide, around a centre; the ring at `light` is light, the others are dark.
fn rings(cx: f32, cy: f32, reach: i32, light: i32) -> impl Iterator<Item = (f32, f32, bool)> {
    (-reach..=reach).flat_map(move |dy| {
        (-reach..=reach).map(move |dx| (cx + dx as f32, cy + dy as f32, dx.abs().max(dy.abs()) != light))
    })
}

fn alignment_modules(x: f32, y: f32) -> impl Iterator<Item = (f32, f32, bool)> {
    rings(x, y, 2, 1)
}

fn finder_modules(version: Version) -> impl Iterator<Item = (f32, f32, bool)> {
    let far = version.size() as f32 - 3.5;
    [(3.5, 3.5), (far, 3.5), (3.5, far)].into_iter().flat_map(|(x, y)| rings(x, y, 3, 2))
}

fn function_modules(version: Version) -> impl Iterator<Item = (f32, f32, bool)> {
    let centres = version.alignment_centres();
    finder_modules(version)
        .chain(timing_modules(version))
        .chain(centres.flat_map(|(x, y)| alignment_modules(x as f32 + 0.5, y as f32 + 0.5)))
}

/// Moves the fourth corner so that the lower right alignment pattern is where the picture shows one.
fn snap_to_alignment(plane: &Contrast, place: Place) -> Place {
    if place.version.number() < 2 {
        return place;
    }
    let centre = place.version.size() as f32 - 6.5;
    let reach = (2.0 + place.version.size() as f32 * 0.06).min(7.0);
    let steps = (reach * 2.0) as i32;
    let offsets =
        (-steps..=steps).flat_map(|dy| (-steps..=steps).map(move |dx| (dx as f32 / 2.0, dy as f32 / 2.0)));
    let best = offsets
        .map(|(dx, dy)| {
            let fit = agreement(plane, &place, alignment_modules(centre + dx, centre + dy));
            // Of equals the nearest: data modules look like the pattern now and then.
            (fit - 0.03 * dx.hypot(dy), dx, dy)
        })
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let Some((fit, dx, dy)) = best else { return place };
    if fit < 0.45 {
        return place;
    }
    let target = place.map(centre + dx, centre + dy);
    let mut snapped = place;
    for _ in 0..4 {
        let error = target.minus(snapped.map(centre, centre));
        let mut corners = snapped.corners;
        corners[2] = Point { x: corners[2].x + error.x * 1.1, y: corners[2].y + error.y * 1.1 };
        match Place::new(snapped.version, snapped.dark, corners) {
            Some(next) => snapped = next,
            None => return place,
        }
    }
    snapped
}

/// Function modules that are looked at while refining.
const PROBES: usize = 260;

/// Fits a place to all function patterns. `None` when they do not agree even then.
pub(crate) fn refine(plane: &Contrast, place: Place) -> Option<Place> {
    let all = function_modules(place.version).count();
    // Towards the four corners of a module in turn: a large module's centre stays its colour half a module off.
    let towards = [(0.3, 0.3), (-0.3, -0.3), (0.3, -0.3), (-0.3, 0.3)].into_iter().cycle();
    let modules: Vec<_> = function_modules(place.version)
        .step_by(all.div_ceil(PROBES))
        .zip(towards)
        .map(|((x, y, dark), (dx, dy))| (x + dx, y + dy, dark))
        .collect();
    let (fit, place) = climb(plane, place, &modules, &[0.5, 0.25, 0.12]);
    (fit > 0.6).then_some(place)
}

/// Shifts the four corners by ever smaller steps, in modules, to where known modules agree most with the picture.
fn climb(plane: &Contrast, mut place: Place, modules: &[(f32, f32, bool)], steps: &[f32]) -> (f32, Place) {
    let fit_of = |place: &Place| agreement(plane, place, modules.iter().copied());
    let mut best = fit_of(&place);
    let module = place.module();
    for step in steps {
        for _ in 0..2 {
            let before = best;
            for corner in [2, 0, 1, 3] {
                for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                    let mut corners = place.corners;
                    if let Some(p) = corners.get_mut(corner) {
                        *p = Point { x: p.x + dx * step * module, y: p.y + dy * step * module };
                    }
                    let Some(moved) = Place::new(place.version, place.dark, corners) else { continue };
                    let fit = fit_of(&moved);
                    if fit > best {
                        (best, place) = (fit, moved);
                    }
                }
            }
            if best <= before {
                break;
            }
        }
    }
    (best, place)
}

#[cfg(test)]
mod tests;
