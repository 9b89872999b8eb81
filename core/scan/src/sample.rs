//! From a symbol's place to its modules: the colour of each, made independent of light, blur and tilt.

use crate::Frame;
use crate::locate::Place;
use crate::symbol::Modules;

/// Ways to judge the modules, from the cheapest to the most patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judge {
    /// Each module against the mean of its surroundings.
    Plain,
    /// With the blur between neighbours undone by a filter that the function patterns teach.
    Taught,
    /// With a fixed sharpening.
    Sharp,
}

/// The luma of a symbol's modules, row by row, and of a frame of one module around them. Dark is positive.
pub(crate) struct Grid {
    size: usize,
    luma: Vec<f32>,
}

impl Grid {
    pub(crate) fn modules(&self) -> usize {
        self.luma.len()
    }
}

/// Samples the modules; `scale` is the size of `frame` relative to the plane of `place`.
pub(crate) fn sample(frame: Frame<'_>, place: &Place, scale: f32) -> Grid {
    let size = place.version.size() + 2;
    let sign = if place.dark { -1.0 } else { 1.0 };
    // Where a module has room for it, the mean of four points around its centre.
    let points: &[(f32, f32)] = if place.module() * scale >= 2.8 {
        &[(0.3, 0.5), (0.7, 0.5), (0.5, 0.3), (0.5, 0.7)]
    } else {
        &[(0.5, 0.5)]
    };
    let weight = sign / points.len() as f32;
    let mut luma = Vec::with_capacity(size * size);
    for y in 0..size {
        for x in 0..size {
            let sum: f32 = points
                .iter()
                .map(|(dx, dy)| {
                    let p = place.map(x as f32 - 1.0 + dx, y as f32 - 1.0 + dy);
                    frame.at(p.x * scale, p.y * scale)
                })
                .sum();
            luma.push(weight * sum);
        }
    }
    Grid { size, luma }
}

/// Turns luma into modules.
pub(crate) fn judge(grid: &Grid, place: &Place, how: Judge) -> Modules {
    let size = grid.size;
    let values = match how {
        Judge::Plain => level(&grid.luma, size),
        Judge::Sharp => level(&sharpen(&grid.luma, size, 1.2), size),
        Judge::Taught => teach(&level(&grid.luma, size), size, place),
    };
    let inner = values.chunks(size).skip(1).take(size - 2).flat_map(|row| row.iter().skip(1).take(size - 2));
    Modules::new(size - 2, inner.copied().collect())
}

/// Takes the mean of the surroundings off each module and divides by their contrast.
fn level(luma: &[f32], size: usize) -> Vec<f32> {
    const REACH: usize = 5;
    // Integral images of the values and their squares.
    let side = size + 1;
    let mut sums = vec![(0.0_f32, 0.0_f32); side * side];
    let at = |sums: &[(f32, f32)], x: usize, y: usize| sums.get(y * side + x).copied().unwrap_or_default();
    for (y, row) in luma.chunks(size).enumerate() {
        let mut run = (0.0, 0.0);
        for (x, value) in row.iter().enumerate() {
            run = (run.0 + value, run.1 + value * value);
            let above = at(&sums, x + 1, y);
            if let Some(sum) = sums.get_mut((y + 1) * side + x + 1) {
                *sum = (above.0 + run.0, above.1 + run.1);
            }
        }
    }
    let mut levelled = Vec::with_capacity(luma.len());
    for (y, row) in luma.chunks(size).enumerate() {
        for (x, value) in row.iter().enumerate() {
            let (x0, x1) = (x.saturating_sub(REACH), (x + REACH + 1).min(size));
            let (y0, y1) = (y.saturating_sub(REACH), (y + REACH + 1).min(size));
            let count = ((x1 - x0) * (y1 - y0)) as f32;
            let [a, b, c, d] = [at(&sums, x0, y0), at(&sums, x1, y0), at(&sums, x0, y1), at(&sums, x1, y1)];
            let mean = (d.0 - b.0 - c.0 + a.0) / count;
            let variance = ((d.1 - b.1 - c.1 + a.1) / count - mean * mean).max(1.0);
            levelled.push((value - mean) / variance.sqrt());
        }
    }
    levelled
}

fn neighbour(values: &[f32], size: usize, x: usize, y: usize, dx: isize, dy: isize) -> f32 {
    let clamp = |v: usize, d: isize| v.saturating_add_signed(d).min(size - 1);
    values.get(clamp(y, dy) * size + clamp(x, dx)).copied().unwrap_or(0.0)
}

fn sharpen(values: &[f32], size: usize, amount: f32) -> Vec<f32> {
    let mut sharp = Vec::with_capacity(values.len());
    for y in 0..size {
        for x in 0..size {
            let at = |dx, dy| neighbour(values, size, x, y, dx, dy);
            let around = (at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1)) / 4.0;
            sharp.push(at(0, 0) + amount * (at(0, 0) - around));
        }
    }
    sharp
}

/// How firmly the taught filter is held near the plain one, in modules that would say so.
const RIDGE: f32 = 4.0;
/// Coefficients of the taught filter: 3 x 3 neighbours and a constant.
const TAPS: usize = 10;

fn taps(values: &[f32], size: usize, x: usize, y: usize) -> [f32; TAPS] {
    let at = |dx, dy| neighbour(values, size, x, y, dx, dy);
    [at(0, 0), at(-1, 0), at(1, 0), at(0, -1), at(0, 1), at(-1, -1), at(1, -1), at(-1, 1), at(1, 1), 1.0]
}

/// Finds the linear filter that turns the function patterns, whose colours are known, into what they should be, and
/// applies it to all modules: it undoes blur and shake of any direction.
fn teach(values: &[f32], size: usize, place: &Place) -> Vec<f32> {
    // Normal equations of least squares, held near the plain centre tap where the patterns say too little.
    let mut matrix = [[0.0_f32; TAPS + 1]; TAPS];
    for (i, row) in matrix.iter_mut().enumerate() {
        if let Some(diagonal) = row.get_mut(i) {
            *diagonal = RIDGE;
        }
    }
    matrix[0][TAPS] = RIDGE;
    for (x, y, dark) in place.known_modules() {
        // One further in: the frame around the symbol.
        let input = taps(values, size, x + 1, y + 1);
        let wanted = if dark { 1.0 } else { -1.0 };
        for (row, a) in matrix.iter_mut().zip(input) {
            for (cell, b) in row.iter_mut().zip(input.into_iter().chain([wanted])) {
                *cell += a * b;
            }
        }
    }
    let Some(filter) = solve(matrix) else { return values.to_vec() };
    let apply = |i: usize| {
        let input = taps(values, size, i % size, i / size);
        input.iter().zip(filter).map(|(value, weight)| value * weight).sum()
    };
    (0..size * size).map(apply).collect()
}

/// Gaussian elimination; the matrix is symmetric and positive definite, so no pivoting is needed.
fn solve(mut matrix: [[f32; TAPS + 1]; TAPS]) -> Option<[f32; TAPS]> {
    for i in 0..TAPS {
        let pivot_row = *matrix.get(i)?;
        let pivot = *pivot_row.get(i)?;
        if pivot.is_nan() || pivot < 1e-6 {
            return None;
        }
        for row in matrix.iter_mut().skip(i + 1) {
            let factor = row.get(i)? / pivot;
            row.iter_mut().zip(pivot_row).for_each(|(cell, p)| *cell -= factor * p);
        }
    }
    let mut solution = [0.0; TAPS];
    for (i, row) in matrix.iter().enumerate().rev() {
        let known: f32 = row.iter().zip(solution).skip(i + 1).map(|(cell, value)| cell * value).sum();
        *solution.get_mut(i)? = (row.get(TAPS)? - known) / row.get(i)?;
    }
    Some(solution)
}

#[cfg(test)]
mod tests;
