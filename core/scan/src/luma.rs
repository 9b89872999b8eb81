//! Luma planes that the reader makes for itself: smaller and smoother copies of the frame.

use crate::Frame;

/// An owned plane without padding.
pub(crate) struct Luma {
    width: usize,
    height: usize,
    data: Vec<u8>,
}

impl Luma {
    /// The plane at half the size: each pixel is the mean of four, which also halves the noise.
    /// `None` when nothing would be left.
    pub(crate) fn half(of: Frame<'_>) -> Option<Luma> {
        let (width, height) = (of.width() / 2, of.height() / 2);
        if width == 0 || height == 0 {
            return None;
        }
        let mut data = vec![0; width * height];
        let mut sums = vec![0_u16; of.width()];
        let mut rows = of.rows();
        for out in data.chunks_exact_mut(width) {
            let (Some(upper), Some(lower)) = (rows.next(), rows.next()) else { break };
            for ((sum, a), b) in sums.iter_mut().zip(upper).zip(lower) {
                *sum = u16::from(*a) + u16::from(*b);
            }
            for (pixel, pair) in out.iter_mut().zip(sums.as_chunks::<2>().0) {
                *pixel = ((pair[0] + pair[1] + 2) / 4) as u8;
            }
        }
        Some(Luma { width, height, data })
    }

    /// The plane with its edges sharpened: twice each pixel less the mean of its four neighbours. Brings out modules
    /// that are hardly larger than a pixel.
    pub(crate) fn sharp(of: Frame<'_>) -> Luma {
        let (width, height) = (of.width(), of.height());
        let mut data = Vec::with_capacity(width * height);
        let rows: Vec<&[u8]> = of.rows().collect();
        for (y, middle) in rows.iter().enumerate() {
            let upper = rows.get(y.wrapping_sub(1)).unwrap_or(middle);
            let lower = rows.get(y + 1).unwrap_or(middle);
            data.extend(middle.first());
            let inner = middle.windows(3).zip(upper.iter().skip(1)).zip(lower.iter().skip(1));
            data.extend(inner.map(|((row, above), below)| match row {
                &[left, pixel, right] => {
                    let around = i16::from(left) + i16::from(right) + i16::from(*above) + i16::from(*below);
                    (2 * i16::from(pixel) - around / 4).clamp(0, 255) as u8
                }
                _ => 0,
            }));
            data.extend(middle.last().filter(|_| width > 1));
        }
        Luma { width, height, data }
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame::packed(self.width, self.height, &self.data)
    }
}

#[cfg(test)]
mod tests;
