//! The projective map from a symbol's plane to the picture.

/// A point of the picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Point {
    pub(crate) fn minus(self, other: Point) -> Point {
        Point { x: self.x - other.x, y: self.y - other.y }
    }

    pub(crate) fn length(self) -> f32 {
        self.x.hypot(self.y)
    }

    pub(crate) fn cross(self, other: Point) -> f32 {
        self.x * other.y - self.y * other.x
    }

    pub(crate) fn dot(self, other: Point) -> f32 {
        self.x * other.x + self.y * other.y
    }
}

/// Maps the unit square to a quadrilateral.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Homography {
    x: [f32; 3],
    y: [f32; 3],
    w: [f32; 2],
}

impl Homography {
    /// From the images of (0,0), (1,0), (1,1) and (0,1). `None` when they are no convex quadrilateral.
    pub(crate) fn to(corners: [Point; 4]) -> Option<Homography> {
        let [p0, p1, p2, p3] = corners;
        let sum = Point { x: p0.x - p1.x + p2.x - p3.x, y: p0.y - p1.y + p2.y - p3.y };
        let (d1, d2) = (p1.minus(p2), p3.minus(p2));
        let denominator = d1.cross(d2);
        let (g, h) = (sum.cross(d2) / denominator, d1.cross(sum) / denominator);
        // The horizon must not run through the square; this also sorts out what is not a number.
        if !(g > -0.9 && h > -0.9 && g + h > -0.9 && g.is_finite() && h.is_finite()) {
            return None;
        }
        Some(Homography {
            x: [p1.x - p0.x + g * p1.x, p3.x - p0.x + h * p3.x, p0.x],
            y: [p1.y - p0.y + g * p1.y, p3.y - p0.y + h * p3.y, p0.y],
            w: [g, h],
        })
    }

    pub(crate) fn map(&self, u: f32, v: f32) -> Point {
        let w = 1.0 / (self.w[0] * u + self.w[1] * v + 1.0);
        Point {
            x: (self.x[0] * u + self.x[1] * v + self.x[2]) * w,
            y: (self.y[0] * u + self.y[1] * v + self.y[2]) * w,
        }
    }
}

#[cfg(test)]
mod tests;
