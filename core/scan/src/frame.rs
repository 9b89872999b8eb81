//! One frame as the camera delivers it: an 8-bit luma plane.

/// The longest side of a frame, in pixels.
pub const MAX_SIDE: usize = 8192;
/// The most pixels a frame may have: 16 Mpx, more than a phone's preview or photo stream delivers.
pub const MAX_PIXELS: usize = 1 << 24;

/// Why a buffer is not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Width or height is zero.
    #[error("the frame is empty")]
    Empty,
    /// A side exceeds [`MAX_SIDE`] or the area exceeds [`MAX_PIXELS`].
    #[error("the frame is too large: {width} x {height}")]
    TooLarge {
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
    },
    /// A row would overlap the next one.
    #[error("the stride {stride} is shorter than the width {width}")]
    StrideTooShort {
        /// Distance of two rows in bytes.
        stride: usize,
        /// Width in pixels.
        width: usize,
    },
    /// The buffer ends before the last pixel.
    #[error("the buffer has {got} bytes, the frame needs {needed}")]
    BufferTooShort {
        /// Bytes up to and including the last pixel.
        needed: usize,
        /// Bytes that were given.
        got: usize,
    },
}

/// A luma plane: `height` rows of `width` bytes, `stride` bytes apart, 0 is black.
///
/// The Y plane of a camera's YUV image is handed over as it is, without a copy.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    width: usize,
    height: usize,
    stride: usize,
    luma: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Takes a luma plane whose rows start `stride` bytes apart; the padding behind the last row may be missing.
    pub fn new(width: usize, height: usize, stride: usize, luma: &'a [u8]) -> Result<Self, FrameError> {
        if width == 0 || height == 0 {
            return Err(FrameError::Empty);
        }
        // Bounded sides first: no product below can overflow after this.
        if width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS {
            return Err(FrameError::TooLarge { width, height });
        }
        if stride < width {
            return Err(FrameError::StrideTooShort { stride, width });
        }
        let needed = stride.checked_mul(height - 1).and_then(|n| n.checked_add(width)).unwrap_or(usize::MAX);
        if luma.len() < needed {
            return Err(FrameError::BufferTooShort { needed, got: luma.len() });
        }
        Ok(Frame { width, height, stride, luma })
    }

    /// A plane of the reader's own, without padding.
    pub(crate) fn packed(width: usize, height: usize, luma: &'a [u8]) -> Self {
        Frame { width, height, stride: width, luma }
    }

    /// The luma at a position where the centre of the upper left pixel is (0.5, 0.5), interpolated between the four
    /// nearest pixels. Outside, the border continues.
    pub(crate) fn at(&self, x: f32, y: f32) -> f32 {
        let (x, y) =
            ((x - 0.5).clamp(0.0, (self.width - 1) as f32), (y - 0.5).clamp(0.0, (self.height - 1) as f32));
        let (left, top) = (x as usize, y as usize);
        let (fx, fy) = (x - left as f32, y - top as f32);
        let (right, bottom) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let pixel = |x: usize, y: usize| self.luma.get(y * self.stride + x).copied().map_or(0.0, f32::from);
        let upper = pixel(left, top) * (1.0 - fx) + pixel(right, top) * fx;
        let lower = pixel(left, bottom) * (1.0 - fx) + pixel(right, bottom) * fx;
        upper * (1.0 - fy) + lower * fy
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The rows from top to bottom, each `width` bytes.
    pub fn rows(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.luma.chunks(self.stride).take(self.height).filter_map(|row| row.get(..self.width))
    }
}

impl std::fmt::Debug for Frame<'_> {
    /// The picture shows somebody's desk: only its size is printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame({} x {})", self.width, self.height)
    }
}

#[cfg(test)]
mod tests;
