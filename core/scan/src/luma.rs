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
        let mut data = Vec::with_capacity(width * height);
        let mut rows = of.rows();
        while let (Some(upper), Some(lower)) = (rows.next(), rows.next()) {
            let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            data.extend(pairs.map(|(a, b)| match (a, b) {
                (&[a, b], &[c, d]) => {
                    ((u16::from(a) + u16::from(b) + u16::from(c) + u16::from(d) + 2) / 4) as u8
                }
                _ => 0,
            }));
        }
        Some(Luma { width, height, data })
    }

    /// The plane smoothed by a 3 x 3 binomial filter, which closes the gaps of dotted codes and quiets noise.
    pub(crate) fn smooth(of: Frame<'_>) -> Luma {
        let (width, height) = (of.width(), of.height());
        let mut data = Vec::with_capacity(width * height);
        let rows: Vec<&[u8]> = of.rows().collect();
        let mut columns = vec![0_u16; width];
        for (y, middle) in rows.iter().enumerate() {
            let upper = rows.get(y.wrapping_sub(1)).unwrap_or(middle);
            let lower = rows.get(y + 1).unwrap_or(middle);
            for (((sum, a), b), c) in columns.iter_mut().zip(*upper).zip(*middle).zip(*lower) {
                *sum = u16::from(*a) + 2 * u16::from(*b) + u16::from(*c);
            }
            let ends = |sum: Option<&u16>| sum.map_or(0, |sum| (sum / 4) as u8);
            data.push(ends(columns.first()));
            data.extend(columns.windows(3).map(|w| match w {
                &[a, b, c] => ((a + 2 * b + c + 8) / 16) as u8,
                _ => 0,
            }));
            if width > 1 {
                data.push(ends(columns.last()));
            }
        }
        Luma { width, height, data }
    }

    pub(crate) fn frame(&self) -> Frame<'_> {
        Frame::packed(self.width, self.height, &self.data)
    }
}

#[cfg(test)]
mod tests;
