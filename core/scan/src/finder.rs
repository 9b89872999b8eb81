//! Finder patterns: concentric squares whose cut through the centre is 1:1:3:1:1, at any angle.

use crate::contrast::{Contrast, distance};

/// The most patterns that are looked at further; a picture full of them costs no more.
const MAX_FINDERS: usize = 48;
/// The most places per picture where a cut is checked in the other directions.
const MAX_CHECKS: usize = 4000;

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
    fn covers(&self, x: f32, y: f32) -> bool {
        let reach = 2.5 * self.module;
        (self.x - x).abs() < reach && (self.y - y).abs() < reach
    }
}

/// The distances from the centre of a pattern to its edges along one direction, forward and backward.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cut {
    /// Edges at 1.5, 2.5 and 3.5 modules.
    forward: [f32; 3],
    backward: [f32; 3],
}

impl Cut {
    /// Length of a module. Edges of like kind are added, so that it does not matter how much dark bleeds into light.
    pub(crate) fn module(&self) -> f32 {
        (self.forward[1] + self.backward[1] + self.forward[2] + self.backward[2]) / 12.0
    }

    /// How far the middle of the pattern is ahead of where it was cut.
    pub(crate) fn offset(&self) -> f32 {
        (self.forward[0] - self.backward[0] + self.forward[1] - self.backward[1]) / 4.0
    }

    fn is_finder(&self) -> bool {
        let width = |i: usize| {
            self.forward.get(i).copied().unwrap_or(0.0) + self.backward.get(i).copied().unwrap_or(0.0)
        };
        let module = self.module();
        let near = |value: f32, modules: f32, tolerance: f32| (value / module - modules).abs() < tolerance;
        near(width(0), 3.0, 1.2)
            && near(width(1), 5.0, 1.0)
            && near(width(2), 7.0, 1.2)
            && near(self.forward[1] - self.forward[0], 1.0, 0.75)
            && near(self.backward[1] - self.backward[0], 1.0, 0.75)
            && near(self.forward[2] - self.forward[1], 1.0, 0.8)
            && near(self.backward[2] - self.backward[1], 1.0, 0.8)
    }
}

/// Cuts a pattern through `(x, y)` along the unit vector `(dx, dy)`; `reach` bounds the distance in pixels.
pub(crate) fn cut(plane: &Contrast, x: f32, y: f32, dx: f32, dy: f32, reach: f32, dark: bool) -> Option<Cut> {
    let sign = if dark { -1.0 } else { 1.0 };
    let edges = |direction: f32| -> Option<[f32; 3]> {
        let (dx, dy) = (dx * direction, dy * direction);
        let mut edges = [0.0; 3];
        let mut inside = sign * plane.at(x, y);
        if inside <= 0.0 {
            return None;
        }
        let mut walked = 0.0;
        for edge in &mut edges {
            loop {
                let (px, py) = (x + dx * (walked + 1.0), y + dy * (walked + 1.0));
                walked += 1.0;
                if walked > reach {
                    return None;
                }
                // The border of the picture ends a pattern that touches it.
                let next = if plane.contains(px, py) { sign * plane.at(px, py) } else { -inside };
                let crossed = (next > 0.0) != (inside > 0.0);
                let fraction = inside.abs() / (inside.abs() + next.abs()).max(f32::EPSILON);
                inside = next;
                if crossed {
                    *edge = walked - 1.0 + fraction;
                    break;
                }
            }
        }
        Some(edges)
    };
    Some(Cut { forward: edges(1.0)?, backward: edges(-1.0)? })
}

/// Searches every `step`th row for patterns of either polarity.
pub(crate) fn find(plane: &Contrast, step: usize) -> Vec<Finder> {
    let mut finders: Vec<Finder> = Vec::new();
    let mut checks = 0;
    for y in (step / 2..plane.height()).step_by(step) {
        scan_row(plane.row(y), |centre, module, dark| {
            let (x, y) = (centre, y as f32 + 0.5);
            if let Some(known) = finders.iter_mut().find(|known| known.dark == dark && known.covers(x, y)) {
                known.votes += 1;
                return;
            }
            checks += 1;
            if checks > MAX_CHECKS || finders.len() >= 4 * MAX_FINDERS {
                return;
            }
            if let Some(finder) = check(plane, x, y, module, dark)
                && !finders.iter().any(|known| known.dark == dark && known.covers(finder.x, finder.y))
            {
                finders.push(finder);
            }
        });
    }
    finders.sort_by(|a, b| b.votes.cmp(&a.votes));
    finders.truncate(MAX_FINDERS);
    finders
}

/// Calls `hit` with centre, module size and polarity of each 1:1:3:1:1 in a row.
fn scan_row(row: &[u8], mut hit: impl FnMut(f32, f32, bool)) {
    let mut edges = [0.0_f32; 6];
    let mut seen = 1;
    let mut edge = |position: f32, light_after: bool| {
        edges.rotate_left(1);
        edges[5] = position;
        seen += 1;
        if seen >= 6
            && let Some((centre, module)) = matches(&edges)
        {
            // Five runs ago the same colour began that ends here.
            hit(centre, module, light_after);
        }
    };

    // Eight pixels at a time: bit 7 of each byte tells light from dark.
    let mut last = row.first().copied().unwrap_or(0);
    let mut x = 0;
    for chunk in row.chunks(8) {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(chunk).for_each(|(byte, p)| *byte = *p);
        let word = u64::from_le_bytes(bytes);
        let signs = word & 0x8080_8080_8080_8080;
        let changes = signs ^ (signs << 8 | u64::from(last & 0x80));
        if changes != 0 {
            let mut previous = last;
            for (i, p) in chunk.iter().enumerate() {
                if (p ^ previous) & 0x80 != 0 {
                    let (before, after) = (distance(previous), distance(*p));
                    let fraction = before / (before + after).max(1.0);
                    edge((x + i) as f32 - 0.5 + fraction, p & 0x80 != 0);
                }
                previous = *p;
            }
        }
        last = chunk.last().copied().unwrap_or(last);
        x += 8;
    }
    edge(row.len() as f32, last & 0x80 == 0);
}

/// Whether five runs between six edges are 1:1:3:1:1; centre and module size.
fn matches(edges: &[f32; 6]) -> Option<(f32, f32)> {
    let [a, b, c, d, e, f] = *edges;
    let module = (f - a) / 7.0;
    if module < 0.9 {
        return None;
    }
    let within = |run: f32, low: f32, high: f32| run > low * module && run < high * module;
    let ratio = within(d - c, 1.8, 4.2)
        && within(b - a, 0.3, 1.9)
        && within(c - b, 0.3, 1.9)
        && within(e - d, 0.3, 1.9)
        && within(f - e, 0.3, 1.9)
        && within(c - a, 1.2, 2.8)
        && within(f - d, 1.2, 2.8)
        && within(d - b, 3.0, 5.0)
        && within(e - c, 3.0, 5.0);
    ratio.then_some(((c + d) / 2.0, module))
}

/// Cuts a find in the other directions and centres it.
fn check(plane: &Contrast, x: f32, y: f32, module: f32, dark: bool) -> Option<Finder> {
    const DIAGONAL: f32 = std::f32::consts::FRAC_1_SQRT_2;
    let reach = 12.0 * module + 2.0;
    let cut_if = |x, y, dx, dy| cut(plane, x, y, dx, dy, reach, dark).filter(Cut::is_finder);
    let vertical = cut_if(x, y, 0.0, 1.0)?;
    let y = y + vertical.offset();
    let horizontal = cut_if(x, y, 1.0, 0.0)?;
    let x = x + horizontal.offset();
    let vertical = cut_if(x, y, 0.0, 1.0)?;
    let y = y + vertical.offset();
    let (across, down) = (horizontal.module(), vertical.module());
    if across > 3.0 * down || down > 3.0 * across {
        return None;
    }
    cut_if(x, y, DIAGONAL, DIAGONAL)?;
    cut_if(x, y, DIAGONAL, -DIAGONAL)?;
    Some(Finder { x, y, module: (across * down).sqrt(), votes: 1, dark })
}

#[cfg(test)]
mod tests;
