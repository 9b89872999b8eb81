//! Finder patterns: concentric squares whose cut through the centre is 1:1:3:1:1, at any angle.

use std::cmp::Reverse;

use crate::contrast::{Contrast, distance};

/// The most patterns that are looked at further; a picture full of them costs no more.
const MAX_FINDERS: usize = 48;
/// The most places per picture where a cut is checked in the other directions.
const MAX_CHECKS: usize = 1500;
/// The most rows that may show patterns, counted for each pattern.
const MAX_HITS: usize = 20_000;

/// One finder pattern.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finder {
    pub(crate) x: f32,
    pub(crate) y: f32,
    /// Size of a module in pixels, measured along rows and columns.
    pub(crate) module: f32,
    /// Rows of the picture that showed it.
    pub(crate) votes: u32,
    /// Dark on light, as printed; otherwise light on dark.
    pub(crate) dark: bool,
}

impl Finder {
    /// Whether more than one row showed the pattern.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.votes > 1
    }

    fn covers(&self, x: f32, y: f32) -> bool {
        let reach = 2.5 * self.module;
        (self.x - x).abs() < reach && (self.y - y).abs() < reach
    }
}

/// How a plane is searched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    /// Every which row is scanned.
    pub(crate) step: usize,
    pub(crate) shape: Shape,
    /// Whether rows that change at more than every third pixel are left out: they show noise, not modules.
    pub(crate) skip_noise: bool,
}

/// What counts as a finder pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// All three squares.
    Whole,
    /// The outer square may run into dark surroundings, as it does where the quiet zone is lost.
    Core,
}

/// The distances from the centre of a pattern to its edges along one direction, forward and backward.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// Edges at 1.5 and 2.5 modules.
    forward: [f32; 2],
    backward: [f32; 2],
    /// Width of the outer square, 7 modules, if it has edges on both sides.
    outer: Option<f32>,
    /// Whether the outer square has an edge on one side at least.
    bounded: bool,
}

impl Cut {
    /// Length of a module. Widths of both kinds are added, so that it does not matter how much dark bleeds into light.
    pub(crate) fn module(&self) -> f32 {
        let [centre, ring] = self.widths();
        match self.outer {
            Some(outer) => (ring + outer) / 12.0,
            None => (centre + ring) / 8.0,
        }
    }

    /// How far the middle of the pattern is ahead of where it was cut.
    pub(crate) fn offset(&self) -> f32 {
        (self.forward[0] - self.backward[0] + self.forward[1] - self.backward[1]) / 4.0
    }

    fn widths(&self) -> [f32; 2] {
        [self.forward[0] + self.backward[0], self.forward[1] + self.backward[1]]
    }

    fn is_finder(&self, shape: Shape) -> bool {
        let [centre, ring] = self.widths();
        let module = self.module();
        let near = |value: f32, modules: f32, tolerance: f32| (value / module - modules).abs() < tolerance;
        near(centre, 3.0, 1.2)
            && near(ring, 5.0, 1.0)
            && near(self.forward[1] - self.forward[0], 1.0, 0.75)
            && near(self.backward[1] - self.backward[0], 1.0, 0.75)
            && match self.outer {
                Some(outer) => near(outer, 7.0, 1.2),
                None => shape == Shape::Core,
            }
    }
}

/// Cuts a pattern through `(x, y)` along the unit vector `(dx, dy)`; `reach` bounds the distance in pixels.
pub(crate) fn cut(plane: &Contrast, x: f32, y: f32, dx: f32, dy: f32, reach: f32, dark: bool) -> Option<Cut> {
    let [a, b, c] = edges(plane, x, y, dx, dy, reach, dark);
    let forward = [a?, b?];
    let [d, e, f] = edges(plane, x, y, -dx, -dy, reach, dark);
    let backward = [d?, e?];
    let module = (forward[0] + backward[0] + forward[1] + backward[1]) / 8.0;
    // An outer edge far from where it belongs is somebody else's.
    let outer_edge = |edge: Option<f32>, ring: f32| edge.filter(|edge| (edge - ring) < 1.9 * module);
    let (ahead, behind) = (outer_edge(c, forward[1]), outer_edge(f, backward[1]));
    let outer = ahead.zip(behind).map(|(ahead, behind)| ahead + behind);
    Some(Cut { forward, backward, outer, bounded: ahead.or(behind).is_some() })
}

/// The first three changes between light and dark on the way out of a pattern's centre.
fn edges(plane: &Contrast, x: f32, y: f32, dx: f32, dy: f32, reach: f32, dark: bool) -> [Option<f32>; 3] {
    let sign = if dark { -1.0 } else { 1.0 };
    let value = |x: f32, y: f32| plane.contains(x, y).then(|| sign * plane.at(x, y));
    let mut edges = [None; 3];
    let Some(mut inside) = value(x, y).filter(|value| *value > 0.0) else { return edges };
    let mut walked = 0.0;
    for edge in &mut edges {
        loop {
            walked += 1.0;
            if walked > reach {
                return edges;
            }
            // The border of the picture ends a pattern that touches it.
            let next = value(x + dx * walked, y + dy * walked).unwrap_or(-inside);
            let crossed = (next > 0.0) != (inside > 0.0);
            let fraction = inside.abs() / (inside.abs() + next.abs()).max(f32::EPSILON);
            inside = next;
            if crossed {
                *edge = Some(walked - 1.0 + fraction);
                break;
            }
        }
    }
    edges
}

/// Searches a plane for patterns of either polarity, the surest first.
pub(crate) fn find(plane: &Contrast, search: Search) -> Vec<Finder> {
    let Search { step, shape, skip_noise } = search;
    let mut finders: Vec<Finder> = Vec::new();
    let (mut hits, mut checks) = (0, 0);
    for y in (step / 2..plane.height()).step_by(step) {
        let row = plane.row(y);
        if skip_noise && changes(row) * 3 > row.len() {
            continue;
        }
        scan_row(row, shape, |centre, module, dark| {
            hits += 1;
            if hits > MAX_HITS {
                return;
            }
            let (x, y) = (centre, y as f32 + 0.5);
            if let Some(known) = finders.iter_mut().find(|known| known.dark == dark && known.covers(x, y)) {
                known.votes += 1;
                return;
            }
            checks += 1;
            if checks > MAX_CHECKS || finders.len() >= 4 * MAX_FINDERS {
                return;
            }
            if let Some(finder) = check(plane, x, y, module, dark, shape)
                && !finders.iter().any(|known| known.dark == dark && known.covers(finder.x, finder.y))
            {
                finders.push(finder);
            }
        });
    }
    finders.sort_by_key(|finder| Reverse(finder.votes));
    finders.truncate(MAX_FINDERS);
    finders
}

/// How often a row changes between light and dark, give or take one in eight pixels.
fn changes(row: &[u8]) -> usize {
    let signs = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes) & 0x8080_8080_8080_8080;
    let words = row.as_chunks::<8>().0.iter().map(signs);
    words.map(|signs| ((signs ^ signs << 8) & !0xff).count_ones() as usize).sum::<usize>() * 8 / 7
}

/// Calls `hit` with centre, module size and polarity of each 1:1:3:1:1 in a row.
fn scan_row(row: &[u8], shape: Shape, mut hit: impl FnMut(f32, f32, bool)) {
    let mut edges = [0.0_f32; 6];
    let mut seen = 1;
    let mut edge = |position: f32, light_after: bool| {
        let [_, b, c, d, e, f] = edges;
        edges = [b, c, d, e, f, position];
        seen += 1;
        if seen >= 6
            && let Some((centre, module)) = matches(&edges, shape)
        {
            // Five runs ago the same colour began that ends here.
            hit(centre, module, light_after);
        }
    };

    // Eight pixels at a time: bit 7 of each byte tells light from dark.
    let mut last = row.first().copied().unwrap_or(0);
    let mut x = 0;
    for chunk in row.chunks(8) {
        // A short chunk is filled up with its last pixel, so that nothing changes behind it.
        let mut bytes = [chunk.last().copied().unwrap_or(0); 8];
        bytes.iter_mut().zip(chunk).for_each(|(byte, p)| *byte = *p);
        let word = u64::from_le_bytes(bytes);
        let before = word << 8 | u64::from(last);
        let mut changes = (word ^ before) & 0x8080_8080_8080_8080;
        while changes != 0 {
            let bit = changes.trailing_zeros();
            changes &= changes - 1;
            let (from, to) = ((before >> (bit - 7)) as u8, (word >> (bit - 7)) as u8);
            let fraction = distance(from) / (distance(from) + distance(to)).max(1.0);
            edge((x + bit / 8) as f32 - 0.5 + fraction, to & 0x80 != 0);
        }
        last = (word >> 56) as u8;
        x += 8;
    }
    edge(row.len() as f32, last & 0x80 == 0);
}

/// Whether five runs between six edges are 1:1:3:1:1; centre and module size.
fn matches(edges: &[f32; 6], shape: Shape) -> Option<(f32, f32)> {
    let [a, b, c, d, e, f] = *edges;
    // The centre is at least as wide as its neighbours together: most runs of anything else end here.
    let centre = d - c;
    if centre < 1.5 || centre < 0.8 * (c - b + e - d) {
        return None;
    }
    let module = match shape {
        Shape::Whole => (f - a) / 7.0,
        Shape::Core => (e - b) / 5.0,
    };
    if module < 0.9 {
        return None;
    }
    let within = |run: f32, low: f32, high: f32| run > low * module && run < high * module;
    let core = within(centre, 1.8, 4.2)
        && within(c - b, 0.3, 1.9)
        && within(e - d, 0.3, 1.9)
        && within(d - b, 3.0, 5.0)
        && within(e - c, 3.0, 5.0);
    let outside = match shape {
        Shape::Whole => {
            within(b - a, 0.3, 1.9)
                && within(f - e, 0.3, 1.9)
                && within(c - a, 1.2, 2.8)
                && within(f - d, 1.2, 2.8)
        }
        Shape::Core => b - a > 0.5 * module && f - e > 0.5 * module,
    };
    (core && outside).then_some(((c + d) / 2.0, module))
}

/// Cuts a find in the other directions and centres it.
fn check(plane: &Contrast, x: f32, y: f32, module: f32, dark: bool, shape: Shape) -> Option<Finder> {
    const DIAGONAL: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let reach = 8.0 * module + 2.0;
    let cut_if = |x, y, dx, dy| cut(plane, x, y, dx, dy, reach, dark).filter(|cut| cut.is_finder(shape));
    let vertical = cut_if(x, y, 0.0, 1.0)?;
    let y = y + vertical.offset();
    let horizontal = cut_if(x, y, 1.0, 0.0)?;
    let x = x + horizontal.offset();
    let vertical = cut_if(x, y, 0.0, 1.0)?;
    let y = y + vertical.offset();
    let (across, down) = (horizontal.module(), vertical.module());
    // Even where the quiet zone is lost, two sides of a pattern face the symbol.
    if across > 3.0 * down || down > 3.0 * across || !horizontal.bounded || !vertical.bounded {
        return None;
    }
    cut_if(x, y, DIAGONAL, DIAGONAL)?;
    cut_if(x, y, DIAGONAL, -DIAGONAL)?;
    Some(Finder { x, y, module: (across * down).sqrt(), votes: 1, dark })
}

#[cfg(test)]
mod tests;
